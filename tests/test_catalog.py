"""Public catalogues are read by the names of their files and columns; a bad row is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from filmgraph.catalog import Catalog, enriched, load_catalog, plain_title
from filmgraph.errors import CatalogError
from filmgraph.model import Film, Franchise, Work

BASICS = (
    "tconst\ttitleType\tprimaryTitle\toriginalTitle\tstartYear\truntimeMinutes\tgenres\n"
    "tt1\tmovie\tThe Iron Swan\tDer eiserne Schwan\t1980\t90\tDrama,Horror\n"
    "tt2\ttvEpisode\tPilot\tPilot\t1981\t\\N\t\\N\n"
    "tt3\tshort\tSwan, The\t\\N\t\\N\t\\N\t\\N\n"
)
PEOPLE = "nconst\tprimaryName\tbirthYear\tprimaryProfession\nnm1\tAda Hawk\t1950\tdirector\n"
PRINCIPALS = "tconst\tnconst\tcategory\ntt1\tnm1\tdirector\ntt1\tnm9\tactor\n"


def directory(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name.replace('_', '.')}.tsv").write_text(text, encoding="utf-8")
    return path


def test_the_imdb_datasets(tmp_path: Path) -> None:
    place = directory(tmp_path, title_basics=BASICS, name_basics=PEOPLE, title_principals=PRINCIPALS)
    catalog = load_catalog(place)
    swan = catalog.get("film:tt1")
    assert isinstance(swan, Film)
    assert (swan.name, swan.original_name, swan.year, swan.genres) == (
        "The Iron Swan", "Der eiserne Schwan", 1980, ("Drama", "Horror"),
    )  # fmt: skip
    assert [(credit.name, credit.role) for credit in swan.credits] == [("Ada Hawk", "director")]
    assert [film.name for film in catalog.films] == ["The Iron Swan", "The Swan"]
    assert "film:tt2" not in catalog


def test_a_name_that_runs_on_into_the_next_sentence_is_cut(tmp_path: Path) -> None:
    people = (
        "nconst\tprimaryName\nnm1\tAda Hawk\nwn1\tAda Hawk. It\nwn2\tOle Crane. The\nwn3\tOle Crane. Its\n"
        "nm4\tJ. Bo Mill\nnm5\tSamuel L. Reed\nnm6\tBo St. Mill\nnm7\tSam Hill Jr. Reed\n"
    )
    credits = "tconst\tnconst\tcategory\ntt1\twn1\tdirector\ntt1\twn3\tactor\ntt3\tnm1\tactor\n"
    place = directory(tmp_path, title_basics=BASICS, name_basics=people, title_principals=credits)
    catalog = load_catalog(place)
    swan = catalog.get("film:tt1")
    assert isinstance(swan, Film)
    assert [(credit.person, credit.name) for credit in swan.credits] == [
        ("person:nm1", "Ada Hawk"), ("person:wn2", "Ole Crane"),
    ]  # fmt: skip
    assert sorted(person.name for person in catalog.people) == [
        "Ada Hawk", "Bo St. Mill", "J. Bo Mill", "Ole Crane", "Sam Hill Jr. Reed", "Samuel L. Reed",
    ]  # fmt: skip


def test_zipped_files_are_the_same(tmp_path: Path) -> None:
    plain = load_catalog(directory(tmp_path, title_basics=BASICS))
    zipped = tmp_path / "zipped"
    zipped.mkdir()
    (zipped / "title.basics.tsv.gz").write_bytes(gzip.compress(BASICS.encode()))
    assert list(load_catalog(zipped)) == list(plain)


def test_movielens(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text(
        'movieId,title,genres\n1,"Matrix, The (1999)",Action|Sci-Fi\n', encoding="utf-8"
    )
    (tmp_path / "links.csv").write_text("movieId,imdbId,tmdbId\n1,0133093,603\n", encoding="utf-8")
    (film,) = load_catalog(tmp_path).films
    assert (film.id, film.name, film.year, film.genres) == (
        "film:tt0133093",
        "The Matrix",
        1999,
        ("Action", "Sci-Fi"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BASICS.replace("tt1", ""), "line 2, column tconst"),
        (BASICS.replace("1980", "soon"), "line 2, column startYear: 'soon' is no whole number"),
        (BASICS.replace("primaryTitle", "name"), "column primaryTitle is missing"),
        (BASICS.replace("The Iron Swan", ""), "line 2, column primaryTitle"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CatalogError, match=told):
        load_catalog(directory(tmp_path, title_basics=text))


def test_a_place_that_holds_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="holds none of the catalogue files"):
        load_catalog(tmp_path)
    with pytest.raises(CatalogError, match="no such file or directory"):
        load_catalog(tmp_path / "nowhere")


def test_a_lexicon_adds_what_is_no_film() -> None:
    own = Catalog([Film("film:tt1", "The Iron Swan", 1980)])
    lexicon = Catalog(
        [
            Film("film:tt1", "Iron Swan", 1980),
            Film("film:tt9", "Another"),
            Work("work:swan", "The Iron Swan", 1970, "novel", adapted=("film:tt1", "film:tt9")),
            Franchise("franchise:swan", "Swan", members=("film:tt1", "film:tt9"), origin="film:tt9"),
        ]
    )
    both = enriched(own, lexicon)
    assert both.get("film:tt1") == Film(
        "film:tt1", "The Iron Swan", 1980, aliases=("Iron Swan",), franchises=("franchise:swan",)
    )
    assert "film:tt9" not in both
    assert [work.adapted for work in both.works] == [("film:tt1",)]
    assert [(series.members, series.origin) for series in both.franchises] == [(("film:tt1",), None)]


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Matrix, The", "The Matrix"),
        ("Swan, Der", "Der Swan"),
        ("Avventura, L'", "L'Avventura"),
        ("Oh, God!", "Oh, God!"),
        ("Up (2009 film)", "Up"),
    ],
)
def test_titles_as_they_are_spoken(title: str, plain: str) -> None:
    assert plain_title(title) == plain
