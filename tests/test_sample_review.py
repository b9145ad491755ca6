"""The review that the project started from, read, kept, and asked for over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from filmgraph.catalog import Catalog
from filmgraph.documents import read
from filmgraph.ingest import ingest
from filmgraph.reader import Reader
from filmgraph.settings import Settings
from filmgraph.store import open_store
from servers import serving

HEIRS = {"Nobody", "Sisu", "Kate", "Violent Night", "Atomic Blonde", "Ballerina"}
QUERY = """{
  film(title: "Ballerina", year: 2023) {
    claims(first: 20) {
      nodes {
        relation
        object { __typename name ... on Influence { origin { name } } }
        evidence(first: 9) { quote review { reviewer published } }
      }
    }
  }
  lineage(of: "film:tt2911666", direction: DESCENDANTS, depth: 1) {
    edges { subject { name year } relation evidence(first: 9) { polarity } }
  }
  recommendations(liked: ["film:tt2911666"], first: 10) { film { name } reason { sentence quotes } }
}"""


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory,
    evaluation_data: Path,
    seed_catalog: Catalog,
    seed_reader: Reader,
) -> Iterator[httpx.Client]:
    path = str(tmp_path_factory.mktemp("sample") / "graph.db")
    source = str(evaluation_data / "seed" / "ballerina.txt")
    with open_store(path) as store:
        store.import_entities(seed_catalog, source="seed")
        ingest(read([source], Settings(), on_error=lambda error: pytest.fail(str(error))), store, seed_reader)
    with serving(Settings(store=path)) as client:
        yield client


@pytest.fixture(scope="module")
def answer(client: httpx.Client) -> Any:
    found = client.post("/graphql", json={"query": QUERY}).json()
    assert "errors" not in found, found
    return found["data"]


def test_ballerina_follows_the_john_wick_formula(answer: Any) -> None:
    (claim,) = (c for c in answer["film"]["claims"]["nodes"] if c["relation"] == "FOLLOWS_FORMULA_OF")
    assert claim["object"] == {
        "__typename": "Influence", "name": "John Wick formula", "origin": {"name": "John Wick"},
    }  # fmt: skip
    (said,) = claim["evidence"]
    assert "John Wick formula" in said["quote"]
    assert said["review"] == {"reviewer": "Rob Stewart", "published": "2023-10-12"}


def test_john_wicks_heirs_are_hedged_but_for_those_the_critic_asserts(answer: Any) -> None:
    edges = answer["lineage"]["edges"]
    assert {edge["subject"]["name"] for edge in edges} >= HEIRS
    hedged = {e["subject"]["name"] for e in edges if {"polarity": "HEDGED"} in e["evidence"]}
    assert hedged >= HEIRS - {"Ballerina"}


def test_they_are_recommended_with_his_words(answer: Any) -> None:
    found = {item["film"]["name"]: item["reason"] for item in answer["recommendations"]}
    assert set(found) >= HEIRS
    assert all(found[name]["quotes"] and "John Wick" in found[name]["sentence"] for name in HEIRS)


def test_a_careful_reader_agrees(tmp_path: Path, evaluation_data: Path) -> None:
    text = (evaluation_data / "seed" / "ballerina.txt").read_text(encoding="utf-8")
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "ballerina", "text": text}), encoding="utf-8")
    command = ["extract", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out.jsonl")]
    subprocess.run([sys.executable, "-m", "filmgraph", *command], check=True, capture_output=True)
    checked = subprocess.run(
        [sys.executable, str(evaluation_data / "check_seed.py"), str(tmp_path / "out.jsonl")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout
