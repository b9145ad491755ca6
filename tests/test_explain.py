"""Explanations: every claim says what decided, every mention what it might have meant and why not."""

from __future__ import annotations

import gzip
import json

import pytest

from filmgraph.explain import explain, say
from filmgraph.model import Document
from filmgraph.reader import Reader
from filmgraph.settings import data_dir

TEXT = "Orca is a shameless rip-off of Jaws. Speed is of the essence."


@pytest.fixture(scope="module")
def record(seed_reader: Reader) -> dict:  # type: ignore[type-arg]
    return seed_reader.extract(Document("orca", TEXT, title="Orca", year=1977), explain=True)


def test_a_claim_names_the_features_that_decided(record: dict) -> None:  # type: ignore[type-arg]
    [claim] = record["claims"]
    for reasons in (claim["reasons"], claim["relation_reasons"]):
        assert reasons and all({"feature", "weight", "words"} == reason.keys() for reason in reasons)
        sizes = [abs(reason["weight"]) for reason in reasons]
        assert sizes == sorted(sizes, reverse=True)
    assert any("copy" in reason["words"] for reason in claim["reasons"])
    assert claim["extractor"] == "rules" and claim["version"]


def test_a_rejected_mention_keeps_its_candidates_and_the_reason(record: dict) -> None:  # type: ignore[type-arg]
    mentions = {mention["surface"]: mention for mention in record["mentions"]}
    assert mentions["Jaws"]["name"] == "Jaws (1975)" and mentions["Jaws"]["why"] == "by its name"
    rejected = mentions["Speed"]
    assert rejected["entity"] is None and "not likely enough" in rejected["why"]
    assert all(candidate["reasons"] for candidate in rejected["candidates"])


def test_explaining_changes_nothing_else(record: dict, seed_reader: Reader) -> None:  # type: ignore[type-arg]
    plain = seed_reader.extract(Document("orca", TEXT, title="Orca", year=1977))
    assert record["films"] == plain["films"]
    extra = {"extractor", "version", "reasons", "relation_reasons"}
    assert [{k: v for k, v in claim.items() if k not in extra} for claim in record["claims"]] == plain[
        "claims"
    ]


def test_it_reads_as_text(record: dict) -> None:  # type: ignore[type-arg]
    text = explain(record)
    assert "Orca: The Killer Whale (1977) → imitates → Jaws (1975)" in text
    assert "“Speed” → nothing" in text and "rejected Speed (1994)" in text


@pytest.mark.parametrize(
    ("file", "table"),
    [("claims.json.gz", "decision"), ("claims.json.gz", "relation"), ("linking.json.gz", "titles")],
)
def test_nearly_every_trained_feature_has_words(file: str, table: str) -> None:
    trained = json.loads(gzip.decompress((data_dir() / file).read_bytes()))[table]
    names = list(trained.get("weights", trained))
    unsaid = [name for name in names if say(name) == f"“{name}”"]
    assert len(unsaid) < 0.05 * len(names), unsaid[:20]
