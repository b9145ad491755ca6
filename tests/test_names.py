"""Names are found by any of their forms, best known first."""

from __future__ import annotations

import pytest

from filmgraph.catalog import Catalog
from filmgraph.counts import Statistics, Use
from filmgraph.facts import medium_of
from filmgraph.forms import Form, series_key, skeleton, surface_forms
from filmgraph.model import Credit, Film, Person, Work
from filmgraph.names import Names

HAWK = Credit("person:hawk", "director", "Ada Hawk")
CATALOG = Catalog(
    [
        Film("film:heat", "The Heat", 1950, renown=2.0),
        Film("film:heat-2", "The Heat", 1999, renown=9.0, credits=(HAWK,)),
        Film("film:owl", "Night of the Owl", 1970, renown=5.0, credits=(HAWK,)),
        Film("film:owl-2", "Night of the Owl 2", 1973, renown=3.0, credits=(HAWK,)),
        Film("film:owl-3", "Night of the Owl: The Return", 1976, renown=3.0),
        Film("film:casablanca", "Casablanca", 1942, renown=9.0),
        Work("work:owl", "Night of the Owl", 1960, "novel", "Ivy Marsh", adapted=("film:owl",)),
        Work("work:owl-tv", "Night of the Owl", 1985, "tv series"),
        Person("person:hawk", "Ada Maria Hawk"),
    ]
)


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(CATALOG, Statistics({"heat": Use(3, 4, 90)}, {}))


def test_titles_best_known_first(names: Names) -> None:
    assert [id for id, _ in names.titles["heat"]] == ["film:heat-2", "film:heat"]
    assert [film.id for film in names.films_titled("the HEAT")] == ["film:heat-2", "film:heat"]
    assert names.films_titled("Cold") == []


def test_works_by_medium_author_and_film(names: Names) -> None:
    assert [names.work_titled("Night of the Owl", form).id for form in ("novel", "tv show")] == [  # type: ignore[union-attr]
        "work:owl",
        "work:owl-tv",
    ]
    assert names.work_titled("The Heat") is None
    assert [work.id for work in names.works_by("Ivy Marsh")] == ["work:owl"]
    assert [work.id for work in names.works_behind("film:owl")] == ["work:owl"]
    assert names.works_behind("film:heat") == []


@pytest.mark.parametrize("spelt", ["ada maria hawk", "ada hawk"])
def test_people_with_and_without_their_middle_name(names: Names, spelt: str) -> None:
    assert names.people[spelt] == "person:hawk"
    assert names.surnames["hawk"] == "person:hawk"


def test_a_third_part_is_known_by_its_number(names: Names) -> None:
    assert names.titles["night of the owl 3"] == (("film:owl-3", Form.ALIAS),)
    assert names.titles["night of the owl 1"] == (("film:owl", Form.ALIAS),)


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ("casablanka", "film:casablanca"),
        ("casa blanca", "film:casablanca"),
        ("night of the owll 2", "film:owl-2"),
        ("night of the long knives", None),
        ("owl", None),
    ],
)
def test_misspelt_titles(names: Names, spelt: str, meant: str | None) -> None:
    assert names.spelt_like(spelt) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("two harvests and a wedding", "film:harvests"),
        ("three harvests and wedding", "film:harvests"),
        ("three harvests and a wedding 2", None),
        ("one funeral", None),
        ("ferryman", None),
    ],
)
def test_well_known_titles_that_are_nearly_what_is_written(written: str, meant: str | None) -> None:
    films = [
        Film("film:harvests", "Three Harvests and a Wedding", 1994, renown=9.0),
        Film("film:obscure", "One Funerals", 1994, renown=0.0),
        Film("film:ferry", "Ferrymen", 1994, renown=9.0),
    ]
    assert Names(Catalog(films), Statistics({}, {})).nearest(written) == meant


def test_a_part_of_no_series_in_particular_is_nobodys_name() -> None:
    names = Names(Catalog([Film("film:1", "The Owl: Part Two", 1980)]), Statistics({}, {}))
    assert "part two" not in names.titles
    assert "owl part two" in names.titles


def test_no_title_is_shortened_to_a_common_word() -> None:
    films = Catalog([Film("film:1", "Beyond: The Owl", 1980), Film("film:2", "Wolfgar: The Owl", 1985)])
    names = Names(films, Statistics({"beyond": Use(1, 9, 300), "wolfgar": Use(1, 9, 3)}, {}))
    assert "wolfgar" in names.titles
    assert "beyond" not in names.titles


def test_titles_that_differ_by_a_space_share_their_films() -> None:
    films = [Film("film:1", "The Howling Wolf", 1980), Film("film:2", "Howlingwolf", 1990)]
    names = Names(Catalog(films), Statistics({}, {}))
    for key, own in (("howling wolf", "film:1"), ("howlingwolf", "film:2")):
        assert dict(names.titles[key]).keys() == {"film:1", "film:2"}
        assert dict(names.titles[key])[own] < Form.ALIAS


@pytest.mark.parametrize(
    ("year", "credits", "candidates"),
    [
        (1981, (), {"film:tt1": Form.TITLE}),
        (1981, (HAWK,), {"film:tt1": Form.TITLE}),
        (1981, (Credit("person:other", "director", "Orla Finch"),), {"film:tt1": Form.TITLE, "film:wp1": Form.TITLE}),
        (1991, (), {"film:tt1": Form.TITLE, "film:wp1": Form.TITLE}),
    ],
)  # fmt: skip
def test_a_film_that_is_listed_twice_is_one_candidate(
    year: int, credits: tuple[Credit, ...], candidates: dict[str, Form]
) -> None:
    films = [
        Film("film:tt1", "Wolf Moon", 1980, credits=(HAWK,)),
        Film("film:wp1", "Wolf Moon", year, credits=credits),
    ]
    names = Names(Catalog(films), Statistics({}, {}))
    assert dict(names.titles["wolf moon"]) == candidates


def test_a_film_that_is_listed_twice_has_the_better_of_its_forms() -> None:
    films = [
        Film("film:tt1", "Moon Saga: Episode V - The Wolf Comes Home", 1980, credits=(HAWK,)),
        Film("film:wp1", "The Wolf Comes Home", 1980, credits=(HAWK,)),
    ]
    names = Names(Catalog(films), Statistics({}, {}))
    assert dict(names.titles["wolf comes home"]) == {"film:tt1": Form.ALIAS}


def test_use_and_facts(names: Names) -> None:
    assert names.use("heat") == Use(3, 4, 90)
    assert names.use("never seen") == Use()
    facts = names.facts("film:heat-2")
    assert (facts.name, facts.year, facts.article, facts.director_surnames) == (
        "The Heat",
        1999,
        True,
        {"hawk"},
    )
    with pytest.raises(KeyError):
        names.facts("film:unknown")


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("Wolf Moon: The Howl of Winter", "The Howl of Winter"),
        ("Wolf Moon: The Howl of Winter", "Wolf Moon"),
        ("Ada Hawk's Tower", "Tower"),
        ("Wolf Moon (Director's Cut)", "Wolf Moon"),
        ("Wolf Moon Part Two", "Wolf Moon 2"),
        ("Count Wolf, Hunter", "Count Wolf"),
        ("Wolf 9 from Under Ground", "Wolf 9"),
        ("Ada Hawk and the Tower of Wolves", "Tower of Wolves"),
        ("W.M. the Wolf", "W.M."),
    ],
)
def test_short_forms(title: str, form: str) -> None:
    assert form in [surface for surface, _ in surface_forms(title)]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Wolf Moon IV", "wolf moon"),
        ("Wolf Moon 3-D", "wolf moon"),
        ("Wolf Moon: Dusk", "wolf moon"),
        ("Wolf", "wolf"),
    ],
)
def test_series_share_a_key(title: str, key: str) -> None:
    assert series_key(title) == key


def test_skeletons_keep_what_misspellings_keep() -> None:
    assert skeleton("mullholland falls") == skeleton("mulholland falls")
    assert skeleton("heat") != skeleton("hunt")


def test_media() -> None:
    assert [medium_of(form) for form in ("video game", "manga", "musical", "memoir")] == [
        "game",
        "comic",
        "stage",
        "book",
    ]
