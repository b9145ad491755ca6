"""The glossary holds every word of the model."""

import re
from pathlib import Path

import pytest

from filmgraph import model

GLOSSARY = (Path(__file__).parents[1] / "docs" / "glossary.md").read_text(encoding="utf-8")
DEFINED = set(re.findall(r"\*\*(.+?)\*\*|`(.+?)`", GLOSSARY))
WORDS = {word.lower() for pair in DEFINED for word in pair if word}
TYPES = [name for name in model.__all__ if isinstance(getattr(model, name), type)]
VALUES = [
    value.value
    for kind in (model.Relation, model.Family, model.Polarity, model.Stance, model.JudgementAction)
    for value in kind
]


@pytest.mark.parametrize("name", [*TYPES, *VALUES])
def test_every_word_is_explained(name: str) -> None:
    assert name.lower() in WORDS


def test_every_relation_has_a_row() -> None:
    rows = re.findall(r"^\|[^|]*\| `(\w+)` \|", GLOSSARY, re.MULTILINE)
    assert sorted(rows) == sorted(relation.value for relation in model.Relation)
