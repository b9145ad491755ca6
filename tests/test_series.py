"""Series of films: named, named after the reviewed film, or only spoken of."""

from __future__ import annotations

import pytest

from filmgraph.linking import Linker
from linked import linked

ALIEN, TERMINATOR = "franchise:alien", "franchise:terminator"


@pytest.mark.parametrize(
    ("title", "year", "text", "expected"),
    [
        ("Alien 3", 1992, "The weakest of the franchise.", [f"franchise = {ALIEN}"]),
        ("Alien 3", 1992, "It nearly killed the long-running series.", [f"series = {ALIEN}"]),
        ("Alien 3", 1992, "Not bad for an Alien movie.", [f"Alien = {ALIEN}"]),
        ("Alien 3", 1992, "I like all three alien films.", [f"alien = {ALIEN}"]),
        ("Terminator 3: Rise of the Machines", 2003, "Another Terminator flick.", [f"Terminator = {TERMINATOR}"]),
        ("Halloween II", 1981, "The saga goes on.", ["saga = franchise:halloween"]),
        ("The Amityville Lamp", 2031, "The point of this series is location.", ["series = franchise:amityville"]),
        ("Quiet Ferryman 3: Upstream", 2031, "Low even for the franchise.", ["franchise = franchise:~quiet-ferryman"]),
        ("Nobody", 2021, "A poor and odd Sherlock Holmes movie.", ["Sherlock Holmes = franchise:sherlock-holmes"]),
        ("Nobody", 2021, "Not as silly as the last Bond movie.", ["Bond = franchise:james-bond"]),
    ],
)  # fmt: skip
def test_series(seed_linker: Linker, title: str, year: int, text: str, expected: list[str]) -> None:
    assert linked(seed_linker, text, title, year) == expected


@pytest.mark.parametrize(
    ("title", "year", "text"),
    [
        ("The Quiet Ferryman", 2021, "The franchise begins here."),
        ("Alien 3", 1992, "It is a series of murders in the series of my life."),
        ("Alien 3", 1992, "I know the comic series."),
        ("Alien 3", 1992, "I prefer the Alien movie."),
    ],
)
def test_no_series_is_made_up(seed_linker: Linker, title: str, year: int, text: str) -> None:
    assert [link for link in linked(seed_linker, text, title, year) if "franchise:" in link] == []


def test_a_series_that_no_catalogue_has_is_named_after_its_first_film(seed_linker: Linker) -> None:
    (link,) = linked(seed_linker, "A low for the franchise.", "Nobody 2", 2025)
    assert link == "franchise = franchise:~nobody"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("It borrows from _Harry Potter_.", "film:tt0241527"),
        ("It borrows from the _Harry Potter_ films.", "franchise:harry-potter"),
    ],
)
def test_the_name_of_a_series_set_apart_as_a_title_is_its_first_film(
    seed_linker: Linker, text: str, meant: str
) -> None:
    assert linked(seed_linker, text) == [f"Harry Potter = {meant}"]


def test_a_first_name_is_no_series(seed_linker: Linker) -> None:
    found = linked(seed_linker, "Jason Statham punches, and Jason Voorhees stabs.")
    assert "Jason = franchise:friday-the-13th" not in found
