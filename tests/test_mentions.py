"""Every span that may name something is spotted, and nothing across a sentence's end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmgraph.catalog import Catalog
from filmgraph.counts import Statistics, Use
from filmgraph.mentions import scan
from filmgraph.model import Document, Film, Person
from filmgraph.names import Names

CATALOG = Catalog(
    [
        Film("film:1", "The Iron Swan", 1980),
        Film("film:2", "Iron Swan Rising", 1985),
        Film("film:3", "Harbour", 1990),
        Film("film:4", "Innerspace", 1987),
        Film("film:5", "Lanterns", 1991),
        Film("film:6", "Lantern", 1971),
        Film("film:7", "What Is It?", 2005),
        Film("film:8", "Lantern 3", 1979),
        Person("person:1", "Orla Finch"),
    ]
)
NAMES = Names(CATALOG, Statistics({}, {}))


def titles(text: str, **known: str) -> list[str]:
    document = Document("test", text, **known)  # type: ignore[arg-type]
    return [text[mention.start : mention.end] for mention in scan(document, NAMES).titles]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I liked The Iron Swan a lot.", ["The Iron Swan"]),
        ("the Iron Swan is back", ["Iron Swan"]),
        ("Iron Swan Rising beats it.", ["Iron Swan Rising"]),
        ("The iron swan sank.", ["The iron swan"]),
        ("a harbour at night", []),
        ('a "harbour" at night', ["harbour"]),
        ("Harbour's end", ["Harbour"]),
        ("Lantern's end and Lanterns", ["Lantern", "Lanterns"]),
        ("Inner Space, they called it", ["Inner Space"]),
        ("Iron. Swan songs", []),
        ("Iron\nSwan", []),
        ("1. Harbour 2. Lanterns", ["Harbour", "Lanterns"]),
        ("1.Harbour 2.Lantern 3.Lanterns 4.Innerspace", ["Harbour", "Lantern", "Lanterns", "Innerspace"]),
        ("1. A view. It is no Lantern 3. The rest is worse.", ["Lantern 3"]),
        ("HARBOUR", ["HARBOUR"]),
        (
            "Its plot owes a very good deal to all that was to be seen in Iron\nSwan Rising before.",
            ["Iron\nSwan Rising"],
        ),
    ],
)
def test_titles_are_spotted(text: str, expected: list[str]) -> None:
    assert titles(text) == expected


@pytest.mark.parametrize(("lower", "expected"), [(1, ["innerspace"]), (9, [])])
def test_a_title_that_is_hardly_a_word_is_spotted_in_lower_case(lower: int, expected: list[str]) -> None:
    names = Names(CATALOG, Statistics({"innerspace": Use(marked=2, capital=8, lower=lower)}, {}))
    text = "i saw innerspace, in a harbour."
    found = scan(Document("test", text), names).titles
    assert [text[mention.start : mention.end] for mention in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He made The Glas Carousell in his youth.", ["The Glas Carousell"]),
        ("It is no Carnivall.", ["Carnivall"]),
        ("Carnivall it is not.", []),
        ("Glass Carnivals are rare.", []),
        ("After The Glass Carousel, I slept.", ["The Glass Carousel"]),
        ("The Glas Carousell 2 is worse.", ["The Glas Carousell"]),
        ('He made "the glas, carousel" in his youth.', ["the glas, carousel"]),
        ("He made The Glass Ca-rousel in his youth.", ["The Glass Ca-rousel"]),
    ],
)
def test_misspelt_titles_are_spotted_by_their_capitals(text: str, expected: list[str]) -> None:
    films = [
        Film("film:1", "The Glass Carousel", 1980, renown=9.0),
        Film("film:2", "Carnival", 1990, renown=9.0),
    ]
    found = scan(Document("test", text), Names(Catalog(films), Statistics({}, {}))).titles
    assert [text[mention.start : mention.end] for mention in found] == expected


def test_the_reviewed_films_title_is_spotted_though_no_catalogue_has_it() -> None:
    assert titles("So The Paper Moose it is.", title="The Paper Moose") == ["The Paper Moose"]


def test_what_is_skipped_names_nothing() -> None:
    document = Document("test", "Harbour. Harbour.", skip=((0, 8),))
    assert [mention.start for mention in scan(document, NAMES).titles] == [9]


@pytest.mark.parametrize(
    ("text", "italic"),
    [
        ("_Harbour_", True),
        ("*Harbour*", True),
        ("“Harbour,”", False),
        ("‘Harbour’", False),
        ("<i>Harbour</i>", True),
        ("_Harbour (1950)_", True),
        ("**Harbour (20:15)**", True),
    ],
)
def test_marks(text: str, italic: bool) -> None:
    found = scan(Document("test", f"She saw {text} twice."), NAMES)
    (mark,) = found.marks
    assert (found.text[mark.start : mark.end].strip(","), mark.italic) == ("Harbour", italic)
    (mention,) = found.titles
    assert found.marked(mention.start, mention.end) == (mark, False)


@pytest.mark.parametrize("text", ["Orla Finch made it.", "It is Orla Finch's best.", "ORLA FINCH"])
def test_people_by_full_name(text: str) -> None:
    (person,) = scan(Document("test", text), NAMES).people
    assert person.person == "person:1"
    assert text[person.start : person.end].lower() == "orla finch"


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["The Iron Swan", "Harbour", "Orla Finch", "saw", ".", ",", '"', "\n", "_", "é"])
    )
)
def test_mentions_lie_in_the_text_in_order(words: list[str]) -> None:
    text = " ".join(words)
    found = scan(Document("test", text), NAMES)
    spans = [(mention.start, mention.end) for mention in found.titles]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))


def test_a_text_that_is_skipped_altogether_names_nothing() -> None:
    text = "Lanterrns and The Irom Swan"
    assert scan(Document("test", text, skip=((0, len(text)),)), NAMES).titles == []
