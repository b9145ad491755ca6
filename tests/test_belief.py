"""Belief: more voices believe more, copies count once, and order does not matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgraph.belief import ErrorRate, believe
from filmgraph.model import Claim, Evidence, JudgementAction, Polarity, Provenance, Relation, Stance

CLAIM = Claim("film:tt0076504", Relation.IMITATES, "film:tt0073195")


def quoted(
    quote: str, polarity: Polarity = Polarity.ASSERTED, confidence: float = 0.9, extractor: str = "rules"
) -> Evidence:
    provenance = Provenance(extractor, "1")
    return Evidence(
        CLAIM, f"review:{quote}", 0, len(quote), quote, polarity, Stance.NEUTRAL, confidence, provenance
    )


items = st.lists(
    st.tuples(
        st.builds(
            quoted, st.text("abc ", min_size=1, max_size=4), st.sampled_from(Polarity), st.floats(0, 1)
        ),
        st.sampled_from(["ann", "bob", "cem"]),
    ),
    max_size=6,
)


@given(items)
def test_bounds_and_order(found: list[tuple[Evidence, str]]) -> None:
    belief = believe(found)
    assert 0 <= belief.value <= belief.support <= 1 and 0 <= belief.dissent <= 1
    assert believe(found[::-1]) == belief
    assert believe(found + found) == belief


@given(items, st.floats(0.1, 1))
def test_a_new_voice_for_it_never_lowers_belief(found: list[tuple[Evidence, str]], confidence: float) -> None:
    more = [*found, (quoted("entirely new words", confidence=confidence), "dee")]
    assert believe(more).value >= believe(found).value


def test_syndicated_text_counts_once() -> None:
    once = believe([(quoted("a rip-off"), "ann")])
    twice = believe([(quoted("a rip-off"), "ann"), (quoted("A  rip-off"), "bob")])
    assert (twice.value, twice.voices_for) == (once.value, 1)
    assert believe([(quoted("a rip-off"), "ann"), (quoted("a copy"), "bob")]).voices_for == 2


def test_two_readers_of_one_quote_are_surer_than_one_and_are_one_voice() -> None:
    rates = {"rules": ErrorRate(0.0, 0.4), "llm": ErrorRate(0.1, 0.0)}
    rules, model = quoted("x", confidence=1.0), quoted("x", confidence=1.0, extractor="llm/some-model")
    both = believe([(rules, "ann"), (model, "ann")], error_rates=rates)
    assert believe([(rules, "ann")], error_rates=rates).value == pytest.approx(0.6)
    assert believe([(model, "ann")], error_rates=rates).value == pytest.approx(0.9)
    assert (both.value, both.voices_for) == (pytest.approx(1 - 0.4 * 0.1), 1)


def test_a_model_may_have_a_rate_of_its_own() -> None:
    rates = {"llm": ErrorRate(0.3, 0.0), "llm/good-one": ErrorRate(0.1, 0.0)}
    item = quoted("x", confidence=1.0, extractor="llm/good-one")
    assert believe([(item, "ann")], error_rates=rates).value == pytest.approx(0.9)


def test_hedging_weighs_half_and_denial_lowers() -> None:
    plain = believe([(quoted("x"), "ann")])
    assert 0 < believe([(quoted("x", Polarity.HEDGED), "ann")]).value < plain.value
    disputed = believe([(quoted("x"), "ann"), (quoted("y", Polarity.NEGATED), "bob")])
    assert disputed.value < plain.value == disputed.support
    assert disputed.sentence == "One critic says so; one critic denies it."


def test_a_judgement_overrides() -> None:
    assert believe([(quoted("x"), "ann")], judgement=JudgementAction.REJECT).value == 0
    accepted = believe([(quoted("x"), "ann")], judgement=JudgementAction.ACCEPT)
    assert accepted.value == 1 and accepted.sentence.startswith("Accepted by a person.")


def test_nobody() -> None:
    assert believe([]).value == 0 and believe([]).sentence == "Nobody says so."
