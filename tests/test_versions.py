"""Which of several films of one title is meant, where that can be told."""

from __future__ import annotations

import pytest

from filmgraph.catalog import Catalog
from filmgraph.linking import Linker
from filmgraph.model import Film, Work
from linked import linked, review


@pytest.fixture(scope="module")
def linker() -> Linker:
    """Knows two films of one title, and nothing that would tell them apart."""
    titles = {"film:tt9900001": 1984, "film:tt9900002": 1986}
    return Linker(Catalog(Film(id, "The Lantern Keeper", year) for id, year in titles.items()))


def test_a_title_whose_version_is_unsure_is_a_film_without_year(linker: Linker) -> None:
    found = linker.link(review("It borrows from _The Lantern Keeper_."))
    (link,) = found.links
    assert link.entity == "film:~the-lantern-keeper"
    assert {candidate.entity for candidate in link.candidates} == {"film:tt9900001", "film:tt9900002"}
    assert Film("film:~the-lantern-keeper", "The Lantern Keeper") in found.entities


def test_a_year_tells_the_version(linker: Linker) -> None:
    assert linked(linker, "It borrows from _The Lantern Keeper_ (1986).") == [
        "The Lantern Keeper = film:tt9900002"
    ]


@pytest.mark.parametrize("year", [1984, 1986])
def test_the_title_of_the_reviewed_film_is_left_to_those_who_know_its_kin(linker: Linker, year: int) -> None:
    text = "_The Lantern Keeper_ is a slow film."
    (link,) = linker.link(review(text, "The Lantern Keeper", year)).links
    assert link.entity in ("film:tt9900001", "film:tt9900002")


def test_a_show_is_a_version_of_a_title_too(monkeypatch: pytest.MonkeyPatch) -> None:
    film, show = (
        Film("film:tt9900003", "The Tin Harbour", 1984),
        Work("work:tin", "The Tin Harbour", form="tv series"),
    )
    linker, text = Linker(Catalog([film, show])), "It borrows from _The Tin Harbour_."
    assert linked(linker, text) == ["The Tin Harbour = work:tin"]
    monkeypatch.setattr("filmgraph.versions.SURE", 0.99)
    assert linked(linker, text) == ["The Tin Harbour = film:~the-tin-harbour"]


def test_a_show_is_not_meant_where_a_movie_is_spoken_of() -> None:
    film, show = (
        Film("film:tt9900003", "The Tin Harbour", 1984),
        Work("work:tin", "The Tin Harbour", form="tv series"),
    )
    (entity,) = linked(Linker(Catalog([film, show])), "It copies the _Tin Harbour_ movie.")
    assert "film:" in entity
