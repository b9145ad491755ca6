"""Texts that nobody wrote to be read take a time that grows as they do, not as their square or worse."""

from __future__ import annotations

import pytest

from filmgraph.documents import document_from_record
from filmgraph.reader import Reader
from filmgraph.text import sentences

LENGTH = 50_000
"""Long enough that a pass which is quadratic, run character by character, is missed by nobody."""


@pytest.mark.parametrize("unit", [" ", "\n", "A ", "A.", "A-B-", "Share\n", "the original ", '"', "(1975) "])
def test_a_unit_without_end(seed_reader: Reader, unit: str) -> None:
    text = f"Piranha is a rip-off of Jaws.\n\n{unit * (LENGTH // len(unit))} foo (1975)"
    found = seed_reader.extract(document_from_record({"text": text, "title": "Piranha", "year": 1978}, "x"))
    assert all(text[claim["start"] : claim["end"]] == claim["quote"] for claim in found["claims"])


def test_sentences_without_end_are_cut_between_words() -> None:
    text = "no full stop " * 500
    found = sentences(text)
    assert all(end - start <= 1_000 for start, end in found)
    assert " ".join(text[start:end] for start, end in found) == text.strip()


def test_what_is_skipped_is_in_no_sentence() -> None:
    text = "One here. SKIP Two here. SKIP SKIP Three."
    skip = [(10, 14), (25, 29), (30, 34)]
    assert [text[a:b] for a, b in sentences(text, skip)] == ["One here.", "Two here.", "Three."]
