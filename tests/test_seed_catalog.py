"""The seed's catalogue: films, people, series, patterns and sources whose facts agree with each other."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from filmgraph.text import title_key

SEED = Path(__file__).parents[1] / "seed"
EVALUATION = SEED.parents[1] / "shared" / "eval" / "catalog"


@cache
def rows(name: str) -> list[dict[str, str]]:
    with (SEED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def years() -> dict[str, int]:
    return {f"film:{row['tconst']}": int(row["startYear"]) for row in rows("catalog/title.basics.tsv")}


def ids(bars: str) -> list[str]:
    return [id for id in bars.split("|") if id]


def repeated(values: list[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def test_there_is_as_much_as_the_demo_needs() -> None:
    assert len(years()) >= 600
    assert min(years().values()) <= 1925
    assert max(years().values()) >= 2025
    assert len(rows("franchises.tsv")) >= 60
    assert len(rows("influences.tsv")) >= 40


def test_every_id_and_every_person_stands_once() -> None:
    people = rows("catalog/name.basics.tsv")
    assert repeated([row["tconst"] for row in rows("catalog/title.basics.tsv")]) == []
    assert repeated([row["nconst"] for row in people]) == []
    namesakes = {"Tom Holland"}
    assert set(repeated([row["primaryName"] for row in people])) <= namesakes


def test_names_are_names() -> None:
    """No first word of the sentence after a credit has stuck to it, and nobody is called "Voices of"."""
    stuck = re.compile(r"[a-zé]{3,}\. |\.$|^the |\b(?:de|of)$")
    proper = re.compile(r"(?:Jr|Sr)\.$")
    names = [row["primaryName"] for row in rows("catalog/name.basics.tsv")]
    assert [name for name in names if stuck.search(name) and not proper.search(name)] == []


def test_every_film_has_a_director_and_every_credit_a_film() -> None:
    films = {id.partition(":")[2] for id in years()}
    people = {row["nconst"] for row in rows("catalog/name.basics.tsv")}
    roles = defaultdict(set)
    for row in rows("catalog/title.principals.tsv"):
        assert row["nconst"] in people, row
        roles[row["tconst"]].add(row["category"])
    assert set(roles) == films
    assert [film for film in sorted(films) if "director" not in roles[film]] == []


def test_an_aka_is_another_title_of_a_film() -> None:
    titles = {row["tconst"]: row["primaryTitle"] for row in rows("catalog/title.basics.tsv")}
    assert [row for row in rows("catalog/title.akas.tsv") if titles[row["titleId"]] == row["title"]] == []


def test_a_series_begins_with_its_first_film() -> None:
    for row in rows("franchises.tsv"):
        members = ids(row["members"])
        assert repeated(members) == [], row["id"]
        assert row["origin"] in members, row["id"]
        assert years()[row["origin"]] == min(years()[id] for id in members), row["id"]


def test_a_pattern_originates_in_something_known() -> None:
    known = set(years())
    known |= {f"person:{row['nconst']}" for row in rows("catalog/name.basics.tsv")}
    known |= {f"franchise:{row['id']}" for row in rows("franchises.tsv")}
    for row in rows("influences.tsv"):
        assert row["origin"] in known, row["id"]
        assert ids(row["patterns"]), row["id"]
    assert repeated([p.casefold() for row in rows("influences.tsv") for p in ids(row["patterns"])]) == []


def test_a_source_is_no_later_than_its_films() -> None:
    for row in rows("works.tsv"):
        for film in filter(years().get, ids(row["adapted"])):
            assert row["year"] == r"\N" or int(row["year"]) <= years()[film], (row["name"], film)


def test_titles_and_years_are_those_of_a_public_catalogue() -> None:
    """An id stands for the same title, give or take the year between festival and release."""
    if not EVALUATION.exists():
        pytest.skip(f"no catalogue at {EVALUATION}")
    with gzip.open(EVALUATION / "title.basics.tsv.gz", "rt", encoding="utf-8") as file:
        public = {row["tconst"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    ours = defaultdict(set)
    for row in rows("catalog/title.akas.tsv"):
        ours[row["titleId"]].add(letters(row["title"]))
    for row in rows("catalog/title.basics.tsv"):
        other = public.get(row["tconst"])
        if other is None or WORKING_TITLE.search(other["primaryTitle"]):
            continue
        assert abs(int(row["startYear"]) - int(other["startYear"])) <= 2, row
        names = ours[row["tconst"]] | {letters(row["primaryTitle"]), letters(row["originalTitle"])}
        assert letters(other["primaryTitle"]) in names or letters(other["originalTitle"]) in names, row


def letters(title: str) -> str:
    return re.sub(r"\W+", "", title_key(title))


WORKING_TITLE = re.compile(r"^Untitled|Infinity War - Part|^Star Wars: Episode VII")
"""Names that a film bore before it came out, or bears in other catalogues only."""
