"""Patterns that films follow: known by a surface form, or named after a film in the text."""

from __future__ import annotations

import pytest

from filmgraph.linking import Linker
from filmgraph.model import Influence
from linked import linked, review


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is Die Hard on a ferry.", "Die Hard on a = influence:die-hard-on-an-x"),
        ("And then comes the John Wick formula.", "John Wick formula = influence:john-wick-formula"),
        ("A Hitchcockian thriller.", "Hitchcockian = influence:hitchcockian-suspense"),
        ("Tarantino-esque talk all night.", "Tarantino-esque = influence:tarantinoesque-talk"),
    ],
)
def test_known_influences(seed_linker: Linker, text: str, expected: str) -> None:
    assert expected in linked(seed_linker, text)


def test_a_film_inside_an_influence_keeps_its_link(seed_linker: Linker) -> None:
    assert "Die Hard = film:tt0095016" in linked(seed_linker, "This is Die Hard on a ferry.")


def test_a_formula_of_a_named_film_is_a_new_influence(seed_linker: Linker) -> None:
    found = seed_linker.link(review("It repeats the _Dark City_ template beat by beat."))
    assert {link.how for link in found.links} == {"name", "influence"}
    (made,) = (entity for entity in found.entities if isinstance(entity, Influence))
    assert made.origin == "film:tt0118929"


def test_the_reviewed_films_own_formula_is_none(seed_linker: Linker) -> None:
    found = seed_linker.link(review("The Nobody formula is a joke."))
    assert not any(isinstance(entity, Influence) for entity in found.entities)
