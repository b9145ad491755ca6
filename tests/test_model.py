"""Ids are made of content, so that work done twice changes nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgraph.model import (
    EntityKind,
    Polarity,
    Relation,
    canonical_text,
    claim_id,
    evidence_id,
    is_provisional,
    kind_of,
    provisional_id,
    review_id,
)

ids = st.text(min_size=1, max_size=20)


@given(st.text(max_size=200))
def test_copies_of_a_review_are_one_review(text: str) -> None:
    spaced = f"\n {text.replace(' ', '  ')}\t"
    assert review_id(spaced) == review_id(text) == review_id(unicodedata.normalize("NFD", text))
    assert canonical_text(canonical_text(text)) == canonical_text(text)


@given(st.tuples(ids, st.sampled_from(Relation), ids), st.tuples(ids, st.sampled_from(Relation), ids))
def test_claims_differ_exactly_when_a_part_does(
    one: tuple[str, Relation, str], other: tuple[str, Relation, str]
) -> None:
    assert (claim_id(*one) == claim_id(*other)) == (one == other)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_evidence_differs_by_place_polarity_and_reader(start: int, end: int) -> None:
    made = {
        evidence_id("claim:a", "review:b", a, b, polarity, extractor)
        for a, b in {(start, end), (end, start)}
        for polarity in Polarity
        for extractor in ("rules", "llm/some-model")
    }
    assert len(made) == len({(start, end), (end, start)}) * len(Polarity) * 2


@given(st.sampled_from(EntityKind), st.text(max_size=60), st.none() | st.integers(1890, 2100))
def test_a_provisional_id_tells_its_kind(kind: EntityKind, name: str, year: int | None) -> None:
    made = provisional_id(kind, name, year)
    assert is_provisional(made) and kind_of(made) is kind
    assert made == provisional_id(kind, name, year)


def test_an_id_without_a_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="tt0073195"):
        kind_of("tt0073195")


def test_every_relation_has_a_verb_of_its_own() -> None:
    assert len({relation.verb for relation in Relation}) == len(Relation)
