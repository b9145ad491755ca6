"""Remakes, sequels and entries of other films: words that name two works at once."""

from __future__ import annotations

import pytest

from filmgraph.catalog import Catalog
from filmgraph.documents import document_from_record
from filmgraph.extractor import Rules
from filmgraph.model import Film, Franchise
from filmgraph.reader import Reader

CATALOG = Catalog(
    [
        Film("film:tt0055824", "Cape Fear", 1962, renown=6.0),
        Film("film:tt0101540", "Cape Fear", 1991, renown=7.0),
        Film("film:tt0338564", "Infernal Affairs", 2002, renown=6.0),
        Film("film:tt0407887", "The Departed", 2006, renown=9.0),
        Film("film:tt0117128", "Mulholland Falls", 1996, renown=4.0),
        Film("film:tt0073195", "Jaws", 1975, renown=9.0),
        Film("film:tt0077766", "Jaws 2", 1978, renown=6.0),
        Film("film:tt0058150", "Goldfinger", 1964, renown=8.0, franchises=("franchise:james-bond",)),
        Franchise("franchise:james-bond", "James Bond", members=("film:tt0058150",)),
    ]
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(CATALOG)


def remakes(
    reader: Reader, text: str, title: str, year: int, relation: str = "remake_of"
) -> set[tuple[str, int, int]]:
    found = reader.extract(document_from_record({"text": text, "title": title, "year": year}, "x"))
    return {
        (claim["subject"]["name"], claim["subject"]["year"], claim["object"]["year"])
        for claim in found["claims"]
        if claim["relation"] == relation
    }


@pytest.mark.parametrize(
    "text",
    [
        "The hat alone put me in mind of the remake of Cape Fear, and of nothing since.",
        'Nick Nolte was sweatier in Scorsese\'s remake of "Cape Fear" than he is here.',
        "I would sooner sit through the 1991 remake of Cape Fear again.",
        "Nolte had a better hat in the Cape Fear remake and wore it less.",
    ],
)
def test_the_remake_of_another_title_is_a_film_of_its_own(reader: Reader, text: str) -> None:
    assert remakes(reader, text, "Mulholland Falls", 1996) == {("Cape Fear", 1991, 1962)}


def test_a_remake_that_a_film_is_likened_to_is_none(reader: Reader) -> None:
    text = "It feels like Lee Tamahori's Jaws or a remake of Cape Fear with fewer hats."
    assert ("Cape Fear", 1991, 1962) not in remakes(reader, text, "Mulholland Falls", 1996)


def test_the_reviewed_film_may_be_the_remake(reader: Reader) -> None:
    text = "The Departed is the remake of Infernal Affairs, moved to Boston."
    assert remakes(reader, text, "The Departed", 2006) == {("The Departed", 2006, 2002)}


def test_the_quote_stands_in_the_text(reader: Reader) -> None:
    text = "Fine hats. The hat alone put me in mind of the remake of Cape Fear, and of nothing since."
    record = reader.extract(
        document_from_record({"text": text, "title": "Mulholland Falls", "year": 1996}, "x")
    )
    (claim,) = (claim for claim in record["claims"] if claim["relation"] == "remake_of")
    assert text[claim["start"] : claim["end"]] == claim["quote"] and "remake of Cape Fear" in claim["quote"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I would sooner swim through the sequel to Jaws again.", {("Jaws 2", 1978, 1975)}),
        ("It is the sequel to Jaws that nobody had dreamt of.", set()),
        ("It is Martin Scorsese's long awaited sequel to Jaws, some said.", set()),
        ("I liked the follow-up to Cape Fear.", set()),
    ],
)
def test_the_sequel_to_another_title(reader: Reader, text: str, expected: set[tuple[str, int, int]]) -> None:
    found = remakes(reader, text, "Mulholland Falls", 1996, "sequel_to")
    assert {claim for claim in found if claim[0] != "Mulholland Falls"} == expected


def test_an_entry_is_of_the_series_the_catalogue_has_it_in(reader: Reader) -> None:
    text = "The gold is that of an earlier entry, _Goldfinger_."
    found = reader.extract(
        document_from_record({"text": text, "title": "Mulholland Falls", "year": 1996}, "x")
    )
    (claim,) = (claim for claim in found["claims"] if claim["relation"] == "part_of")
    assert (claim["subject"]["name"], claim["object"]["name"]) == ("Goldfinger", "James Bond")


def test_they_are_left_out_where_more_certainty_is_asked_for() -> None:
    text = "The hat alone put me in mind of the remake of Cape Fear, and of nothing since."
    strict = Reader(CATALOG, Rules(min_confidence=0.95))
    assert remakes(strict, text, "Mulholland Falls", 1996) == set()
