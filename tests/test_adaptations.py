"""Works that critics describe and do not name are worked out from the reviewed film, or from the one named before."""

from __future__ import annotations

import pytest

from filmgraph.adaptations import _SOURCE
from filmgraph.catalog import Catalog
from filmgraph.linking import Linker
from filmgraph.model import Credit, Film, Person, Work
from linked import linked
from phrases import check_found_everywhere

CATALOG = Catalog(
    [
        Film("film:1", "Ashes of Ebony", 1990, credits=(Credit("person:1", "writer", "Ruth Calloway"),)),
        Film("film:2", "The Long Thaw", 1995),
        Film("film:3", "The Salt Road", 2002),
        Person("person:1", "Ruth Calloway"),
        Person("person:2", "Otto Brandweer"),
        Work("work:wolf", "Wolf and Son", 1970, "comic", adapted=("film:3",)),
        Work("work:salt", "The Salt Road", 1998, "comic", adapted=("film:3",)),
        Work("work:thaw", "The Long Thaw", 1981, "novel", "Otto Brandweer", adapted=("film:2",)),
    ]
)


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(CATALOG)


@pytest.mark.parametrize(
    ("title", "year", "text", "expected"),
    [
        ("The Long Thaw", 1995, "It is a faithful version of the novel.", "novel = work:thaw"),
        ("The Long Thaw", 1995, "An adaptation of Otto Brandweer that nobody asked for.", "adaptation = work:thaw"),
        ("The Long Thaw", 1995, "At heart it is an Otto Brandweer story.", "story = work:thaw"),
        ("Ashes of Ebony", 1990, "I liked the Ruth Calloway story more.", "story = work:~ashes-of-ebony"),
        ("Ashes of Ebony", 1990, "They cut two songs from the stage version.", "stage version = work:~ashes-of-ebony"),
        ("Ashes of Ebony", 1990, "It is based on a comic-strip by a friend.", "comic-strip = work:~ashes-of-ebony"),
        ("Ashes of Ebony", 1990, "Based on a hit Broadway play.", "Broadway play = work:~ashes-of-ebony"),
        ("Ashes of Ebony", 1990, "It is lifted from a story by Somebody Else.", "story = work:~ashes-of-ebony"),
        ("The Salt Road", 2002, "I am a fan of the graphic novel that it is based on.", "graphic novel = work:salt"),
        ("Ashes of Ebony", 1990, "_The Long Thaw_, from the novel of the same name, is better.", "novel = work:thaw"),
        ("Ashes of Ebony", 1990, "The 1995 film _The Long Thaw_ was as slow as the novel it was based on.", "novel = work:thaw"),
        ("Ashes of Ebony", 1990, "Its source, a 1980 novel, was a classic.", "novel = work:~ashes-of-ebony"),
        ("Ashes of Ebony", 1990, "It is based on the old books.", "books = work:~ashes-of-ebony"),
        ("Ashes of Ebony", 1990, "As an adaptation it is a failure.", "adaptation = work:~ashes-of-ebony"),
        ("The Long Thaw", 1995, "Yet another Otto Brandweer adaptation.", "adaptation = work:thaw"),
        ("Ashes of Ebony", 1990, 'Based on a novel called "The Black Hive", it keeps little of the book.', "book = work:~the-black-hive"),
        ("The Long Thaw", 1995, 'Unlike the novel "The Black Hive", the book it is based on is short.', "book = work:thaw"),
    ],
)  # fmt: skip
def test_sources(linker: Linker, title: str, year: int, text: str, expected: str) -> None:
    assert expected in linked(linker, text, title, year)


@pytest.mark.parametrize(
    "text",
    [
        "It tells a story by the numbers.",
        "It uses every trick in the book twice.",
        "The original story beats are gone.",
        "An adaptation of Otto Brandweer's old habits.",
        "He plays on the stage of his mind.",
        "A game of cat and mouse.",
        "It shows the adaptation of a species.",
        "Like most films that are based on books, it is long.",
        "So many books were adapted that year.",
        "It might have been drawn for a comic book.",
        "She reads an old book in the attic.",
        "Comic book geeks who read the reviews will stay away.",
    ],
)
def test_no_source_is_made_up(linker: Linker, text: str) -> None:
    assert not [link for link in linked(linker, text, "The Long Thaw", 1995) if "= work:" in link]


def test_sources_are_looked_for_wherever_they_may_stand() -> None:
    told = "The novel's comics, a comic-strip, a hit Broadway play, the original story, an epic poem, stories by Ann."
    check_found_everywhere(_SOURCE, told)
