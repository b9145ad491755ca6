"""How a critic feels about a relation: words lean, and what they lean to is seen."""

import random

import pytest

from filmgraph import stance
from filmgraph.model import Polarity, Relation
from filmgraph.stance import Tone, leaning, stance_features
from passages import mentioned


def shown(text: str) -> list[str]:
    return stance_features(Tone(mentioned(text)), 0, Relation.IMITATES, Polarity.ASSERTED)


@pytest.mark.parametrize(
    ("text", "praises"),
    [
        ("A wonderful, loving homage to Jaws.", True),
        ("An excellent and amazing copy of Jaws.", True),
        ("A boring, awful copy of Jaws.", False),
        ("The worst waste of time since Jaws.", False),
    ],
)
def test_words_lean_to_praise_or_scorn(text: str, praises: bool) -> None:
    lean = leaning(mentioned(text).sentences[0])
    assert (lean > 0.05) if praises else (lean < -0.05)


def test_the_rest_of_the_review_is_seen() -> None:
    good = shown("It copies Jaws. I loved it, a great, perfect film.")
    bad = shown("It copies Jaws. I hated it, an awful, boring mess.")
    assert "review=+:imitates" in good
    assert "review=-:imitates" in bad and "review=-:imitates" not in good


def test_mentions_are_no_words_of_the_critic() -> None:
    assert not [name for name in shown("It copies Jaws.") if "@" in name]


def test_words_lean_the_same_in_any_order() -> None:
    words = sorted(stance._leanings())[:400]
    sums = set()
    for seed in range(20):
        random.Random(seed).shuffle(words)
        sums.add(stance._together(words))
    assert len(sums) == 1
