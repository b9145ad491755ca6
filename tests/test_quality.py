"""The quality gate: reading must not get worse than the floors in `quality_floors.json`.

The floors hold for one state of the reviews and their gold records, named by a digest. To lower one is a visible
act: it changes that file. `python tests/test_quality.py` prints what is reached now, and floors a little below.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from filmgraph.catalog import load_catalog
from filmgraph.evaluate import Report
from filmgraph.evaluation import Evaluation
from filmgraph.reader import Reader

MARGIN = 0.03
GUARDED = (
    "lineage.precision", "lineage.recall", "lineage.f1", "family.f1", "typed.f1", "resembles.f1", "membership.f1",
    "films.precision", "films.recall", "films.f1", "agreement.hedged", "agreement.stance", "agreement.quote",
    "links.accuracy",
)  # fmt: skip
FLOORS = json.loads((Path(__file__).parent / "quality_floors.json").read_text(encoding="utf-8"))


def digest_of(directory: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for name in ("docs.jsonl", "gold.jsonl"):
        digest.update((directory / name).read_bytes())
    return digest.hexdigest()


def reached(report: Report) -> dict[str, float]:
    """The figures that have a floor, by name."""
    record = report.to_json()
    figures = {
        f"{name}.{rate}": record[name][rate]
        for name in report.tallies
        for rate in ("precision", "recall", "f1")
    }
    figures |= {f"agreement.{name}": value for name, value in record["agreement"].items()}
    return figures | ({"links.accuracy": record["links"]["accuracy"]} if "links" in record else {})


@pytest.fixture(scope="module")
def evaluation(evaluation_data: Path) -> Evaluation:
    return Evaluation.of(evaluation_data / "dev")


@pytest.fixture(scope="module")
def reader(evaluation_data: Path) -> Reader:
    return Reader(load_catalog(evaluation_data / "catalog"))


@pytest.fixture(scope="module")
def report(evaluation: Evaluation, reader: Reader) -> Report:
    return evaluation.report(reader)


def test_the_gold_records_are_those_the_floors_were_set_for(evaluation: Evaluation) -> None:
    assert digest_of(evaluation.directory) == FLOORS["gold"], (
        "the gold has changed: measure anew, set the floors anew"
    )


def test_no_figure_is_below_its_floor(report: Report) -> None:
    figures = reached(report)
    assert set(FLOORS["floors"]) == set(GUARDED)
    below = {
        name: (figures[name], floor) for name, floor in FLOORS["floors"].items() if figures[name] < floor
    }
    assert not below, f"(reached, floor): {below}"


def test_what_is_read_scores_the_same_with_the_reference_scorer(
    evaluation: Evaluation, reader: Reader, report: Report, evaluation_data: Path
) -> None:
    score = _reference(evaluation_data / "score.py")
    predicted = {record["id"]: record for record in evaluation.predicted(reader)}
    reviewed = {
        record["id"]: {
            "kind": "film",
            "name": record["title"],
            "year": record["year"],
            "id": record["imdb_id"],
        }
        for record in evaluation.records
    }
    pairs = [({**gold, "reviewed": reviewed[gold["id"]]}, predicted[gold["id"]]) for gold in evaluation.gold]
    expected = score.evaluate(pairs)
    assert {name: [t.hits, t.extra, t.missed] for name, t in report.tallies.items()} == expected["tally"]
    assert {name: list(pair) for name, pair in report.agreement.items()} == expected["side"]


def _reference(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location("reference_score", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    shared = Path(__file__).parents[2] / "shared" / "eval"
    found = reached(Evaluation.of(shared / "dev").report(Reader(load_catalog(shared / "catalog"))))
    floors = {name: round(max(0.0, value - MARGIN), 2) for name, value in found.items() if name in GUARDED}
    print(json.dumps({"gold": digest_of(shared / "dev"), "floors": floors, "reached": found}, indent=2))
