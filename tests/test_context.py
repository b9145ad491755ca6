"""What surrounds a mention speaks for or against its being a title, and for one of its films."""

from __future__ import annotations

import pytest

from filmgraph.catalog import Catalog
from filmgraph.context import Context
from filmgraph.counts import Statistics
from filmgraph.looks import look_at, mention_features
from filmgraph.mentions import scan
from filmgraph.model import Document, Film, Person
from filmgraph.names import Names
from filmgraph.scoring import title_features

FILMS = [
    Film("film:1", "The Iron Swan", 1950),
    Film("film:2", "Paper Moose", 1955),
    Film("film:3", "Lantern", 1953),
    Film("film:4", "Lantern", 1999),
    Film("film:5", "Lantern", 2019),
]
PERSON = Person("person:1", "Orla Quist")
SHARES = {"lantern": {"film:4": 0.8, "film:5": 0.1}}
NAMES = Names(Catalog([*FILMS, PERSON]), Statistics({}, {}, {"lantern": (40, 0.6)}, SHARES))


def context(text: str, **known: int) -> Context:
    document = Document("test", text, **known)  # type: ignore[arg-type]
    return Context.of(document, scan(document, NAMES), NAMES, None)


def features(text: str, prefix: str, **known: int) -> dict[str, list[str]]:
    """Candidate → its features that begin so."""
    _, candidates = title_features(context(text, **known), 0)
    return {id: [name for name in shown if name.startswith(prefix)] for id, shown in candidates}


def test_years_of_the_films_beside() -> None:
    found = context("I liked Lantern, The Iron Swan and Paper Moose. Paper Moose it is.")
    assert found.years_beside(0, "lantern") == [1950, 1955]
    assert found.years_beside(0, "iron swan") == [1955]
    assert found.years_beside(1, "paper moose") == []


def test_words_around_count_each_on_its_side_and_in_the_sentence() -> None:
    found = context("He slept. She saw Lantern twice with Orla.")
    shown = mention_features(found, look_at(found, 0))
    assert [name for name in shown if name[:2] in ("a:", "b:")] == ["b:saw,1", "a:twice,1", "a:with,1"]


def test_what_words_are_elsewhere_counts() -> None:
    shown = mention_features(found := context("I liked Lantern."), look_at(found, 0))
    assert [name for name in shown if name.startswith("prior:")] == ["prior:6,2,False", "prior:6,all,1"]


def test_namesakes_are_judged_by_what_was_out_then() -> None:
    shown = features("Lantern and The Iron Swan.", "then:", year=2001)
    assert shown == {"film:3": ["then:0,1"], "film:4": ["then:0,1"], "film:5": ["then:later,1"]}


def test_namesakes_are_judged_by_what_is_meant_elsewhere() -> None:
    shown = features("I liked Lantern.", "elsewhere:")
    assert shown == {"film:3": ["elsewhere:0"], "film:4": ["elsewhere:5"], "film:5": ["elsewhere:2"]}


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("He likes Orla Quist (Lantern) a lot.", "credit:0"),
        ("He likes Lantern's Orla Quist a lot.", "owner"),
        ("He likes it.\n\n_Lantern_ (8:15pm)\nShe does not.", "line:True"),
    ],
)
def test_what_stands_beside_a_title_is_seen(text: str, feature: str) -> None:
    found, other = context(text), context("Lantern it is (Orla Quist).")
    assert feature in mention_features(found, look_at(found, 0))
    assert feature not in mention_features(other, look_at(other, 0))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I saw Lantern (1999).", ["film:4"]),
        ("I saw Lantern (1998).", ["film:4"]),
        ("I saw Lantern (1971).", ["film:3", "film:4", "film:5"]),
        ("I saw the 1999 remake of Lantern.", ["film:3", "film:4", "film:5"]),
    ],
)
def test_a_year_behind_a_title_leaves_the_films_of_that_year(text: str, left: list[str]) -> None:
    assert sorted(features(text, "year:")) == left


def test_namesakes_are_judged_by_their_company() -> None:
    shown = features("Lantern and The Iron Swan.", "era:")
    assert shown == {"film:3": ["era:1,0"], "film:4": ["era:5,0"], "film:5": ["era:5,0"]}


@pytest.mark.parametrize(
    ("text", "year", "place"),
    [
        ("I saw Lantern (1953).", 1953, "after"),
        ("I saw Lantern from 1953.", 1953, "after"),
        ("I saw Lantern, 1953, and slept.", 1953, "after"),
        ("I saw the 1953 classic, Lantern.", 1953, "before"),
        ("I saw the 1999 remake of Lantern.", 1999, "remake"),
        ("I saw Lantern.", None, ""),
    ],
)
def test_the_year_beside_a_title(text: str, year: int | None, place: str) -> None:
    look = look_at(context(text), 0)
    assert (look.year, look.year_place if look.year else "") == (year, place)
