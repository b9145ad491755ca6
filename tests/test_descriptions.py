"""What critics describe and do not name is worked out from the reviewed film."""

from __future__ import annotations

import pytest

from filmgraph import descriptions
from filmgraph.linking import Linker
from linked import linked
from phrases import check_found_everywhere


@pytest.mark.parametrize("name", ["_ANAPHOR", "_NTH", "_PRIOR"])
def test_phrases_are_tried_wherever_they_may_match(name: str) -> None:
    check_found_everywhere(getattr(descriptions, name), "Its previous movie, the prior film.")


@pytest.mark.parametrize(
    ("title", "year", "text", "expected"),
    [
        ("Terminator 3: Rise of the Machines", 2003, "The original was colder.", "The original = film:tt0088247"),
        ("Terminator 3: Rise of the Machines", 2003, "Its predecessor never blinked.", "Its predecessor = film:tt0103064"),
        ("Terminator 3: Rise of the Machines", 2003, "It forgets part two.", "part two = film:tt0103064"),
        ("Terminator 3: Rise of the Machines", 2003, "The second film had heart.", "The second film = film:tt0103064"),
        ("Terminator 3: Rise of the Machines", 2003, "It apes the prior film.", "the prior film = film:tt0103064"),
        ("Terminator 2: Judgment Day", 1991, "The sequel is better.", "The sequel = film:tt0088247"),
        ("Terminator 3: Rise of the Machines", 2003, "This sequel is loud.", "This sequel = film:tt0088247"),
        ("Terminator 3: Rise of the Machines", 2003, "This sequel shouts where _Terminator 2_ spoke.", "This sequel = film:tt0103064"),
        ("The Thing", 1982, "The original hid its monster.", "The original = film:tt0044121"),
        ("Before Sunset", 2004, "This sequel talks as well.", "This sequel = film:tt0112471"),
        ("Solaris", 1972, "The remake is half as long.", "The remake = film:tt0307479"),
        ("Terminator 2: Judgment Day", 1991, "Its sequel is worse.", "Its sequel = film:tt0181852"),
        ("The Terminator", 1984, "It got a sequel.", "a sequel = film:tt0103064"),
        ("The Terminator", 1984, "They made the sequel to this film soon.", "the sequel = film:tt0103064"),
        ("Halloween II", 1981, "The first film had fewer knives.", "The first film = film:tt0077651"),
        ("Nosferatu", 2024, "A remake of _Nosferatu_ that looks back.", "Nosferatu = film:tt0013442"),
        ("Prometheus", 2012, "It is no sequel to _Alien_.", "Alien = film:tt0078748"),
        ("Alien: Covenant", 2017, "Another sequel to _Alien_.", "Alien = film:tt0078748"),
        ("Nosferatu", 2024, "The 1922 version is still the better one.", "1922 version = film:tt0013442"),
        ("Nosferatu", 2024, "Murnau's original has more dread.", "original = film:tt0013442"),
        ("Blade Runner", 1982, "Philip K. Dick's novel asks more.", "novel = work:do-androids-dream-of-electric-sheep"),
        ("Blade Runner", 1982, "It is loosely based on the novel.", "novel = work:do-androids-dream-of-electric-sheep"),
        ("Mission: Impossible", 1996, "The original series had more wit.", "The original series = work:mission-impossible"),
    ],
)  # fmt: skip
def test_descriptions(seed_linker: Linker, title: str, year: int, text: str, expected: str) -> None:
    assert expected in linked(seed_linker, text, title, year)


@pytest.mark.parametrize(
    ("title", "year", "text"),
    [
        ("Nobody", 2021, "The original idea was better."),
        ("Nobody", 2021, "The first film I ever saw was louder."),
        ("Jaws", 1975, "Part two of the evening was dinner."),
        ("Jaws", 1975, "This sequel to everything tires."),
        ("Alien", 1979, "The novel twist surprises."),
        ("Terminator 2: Judgment Day", 1991, "They left room for another sequel."),
        ("The Terminator", 1984, "I hope that they will make a sequel."),
        ("The Terminator", 1984, "We would love to see another sequel."),
        ("Solaris", 1972, "Please, do not make a remake."),
        ("Solaris", 1972, "He wants to remake his life."),
        ("Halloween", 1978, "The original was scarier."),
    ],
)  # fmt: skip
def test_nothing_is_made_up(seed_linker: Linker, title: str, year: int, text: str) -> None:
    assert linked(seed_linker, text, title, year) == []


def test_the_original_book_is_no_film(seed_linker: Linker) -> None:
    found = linked(seed_linker, "It has little of the original novella.", "The Thing", 1982)
    assert not [link for link in found if "film:" in link]
