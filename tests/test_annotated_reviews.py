"""The reviews annotated for training: labels keep the rules, offsets stand, and nothing is measured on them."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from filmgraph.model import EntityKind, Polarity, Relation, Stance

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "seed" / "training").glob("reviews-*.jsonl"))
EVALUATION = ROOT.parent / "shared" / "eval"

sys.path.insert(0, str(ROOT / "training"))
from labelled import annotated, given, read_lines  # noqa: E402


@pytest.fixture(scope="module")
def labels() -> list[dict[str, Any]]:
    return [label for file in FILES for label in read_lines(file)]


def test_each_review_is_annotated_once(labels: list[dict[str, Any]]) -> None:
    assert len(labels) > 1000
    assert max(Counter(label["review"] for label in labels).values()) == 1


def test_labels_keep_the_rules(labels: list[dict[str, Any]]) -> None:
    for label in labels:
        for work in label["works"]:
            EntityKind(work["kind"])
            assert 0 <= work.get("start", 0) < work.get("end", 1), label["review"]
        for claim in label["claims"]:
            Relation(claim["relation"]), Polarity(claim["polarity"]), Stance(claim["stance"])
            assert claim["subject"] != claim["object"], label["review"]
            for end in (claim["subject"], claim["object"]):
                assert end == "reviewed" or 0 <= end < len(label["works"]), label["review"]


def test_no_text_of_anybody_else_is_kept(labels: list[dict[str, Any]]) -> None:
    names = [work["name"] for label in labels for work in label["works"]]
    assert max(len(name.split()) for name in names) < 25
    assert all(set(label) == {"review", "works", "claims"} for label in labels)


@pytest.mark.skipif(not EVALUATION.exists(), reason="the evaluation data (../shared/eval) is not there")
def test_offsets_stand_in_reviews_that_nothing_is_measured_on() -> None:
    measured = [
        record for part in ("train", "dev") for record in read_lines(EVALUATION / part / "docs.jsonl")
    ]
    longest = max(len(r["text"]) for r in measured if r["source"].startswith("aclImdb"))
    reviews = list(annotated(EVALUATION, FILES))
    assert {review.record["id"] for review in reviews}.isdisjoint(record["id"] for record in measured)
    for review in reviews:
        assert len(review.record["text"]) > longest
        assert all(claim["quote"].strip() for claim in review.gold["claims"])
        assert all(film["surface"].strip() for film in review.gold["films"])
    assert len(list(given(EVALUATION))) == 1297
