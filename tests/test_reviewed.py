"""Which film a review is about: by its record, else by its text."""

from __future__ import annotations

import pytest

from filmgraph.linking import Linker
from linked import review


@pytest.mark.parametrize(
    ("title", "year", "expected"),
    [
        ("Nosferatu", 1922, "film:tt0013442"),
        ("Nosferatu", 2024, "film:tt5040012"),
        ("nosferatu the vampyre", 1979, "film:tt0079641"),
        ("The Quiet Ferryman", 2022, "film:~the-quiet-ferryman-2022"),
    ],
)
def test_by_title_and_year(seed_linker: Linker, title: str, year: int, expected: str) -> None:
    assert seed_linker.link(review("It is short.", title, year)).reviewed == expected


def test_by_public_id(seed_linker: Linker) -> None:
    assert (
        seed_linker.link(review("It is short.", None, None, imdb_id="tt0073195")).reviewed == "film:tt0073195"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Review: Jaws (1975)\n\nThe shark still bites.", "film:tt0073195"),
        ("Jaws Movie Review\n\nThe shark still bites.", "film:tt0073195"),
        ("# The Quiet Ferryman (2022)\n\nA ferry, a fog, a fine.", "film:~the-quiet-ferryman-2022"),
        ("JAWS\n\nDirector: S. Spielberg\n\nCast: R. Scheider\n\nThe shark still bites.", "film:tt0073195"),
        ("### The Quiet Ferryman\n\n_Director Ann Owen_\n\nA ferry, a fog.", "film:~the-quiet-ferryman"),
        ("_Jaws_ is the one to see. Nothing after _Jaws_ came near; _Orca_ tried.", "film:tt0073195"),
        (
            "_The Quiet Ferryman_ is a slow delight, and no _Jaws_. Ann Owen gives us fog. "
            "_The Quiet Ferryman_ takes its time, and _The Quiet Ferryman_ has it.",
            "film:~the-quiet-ferryman",
        ),
    ],
)
def test_by_headline_or_by_what_reads_like_the_subject(seed_linker: Linker, text: str, expected: str) -> None:
    assert seed_linker.link(review(text, None, None)).reviewed == expected


@pytest.mark.parametrize(
    "text",
    [
        "I had soup and went home early.",
        "What a bore. It wants so much to be like Jaws, with half the teeth. I had soup after it.",
        "The studio spoke. _Jaws_ is back in May, and _Jaws_ has a new print. _Psycho_ is back in June, and _Psycho_ has"
        " a new print too.",
    ],
)
def test_a_review_about_nothing_for_certain_reviews_nothing(seed_linker: Linker, text: str) -> None:
    assert seed_linker.link(review(text, None, None)).reviewed is None
