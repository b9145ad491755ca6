"""An evaluation directory: read whole, or refused by file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from filmgraph.errors import DocumentError
from filmgraph.evaluation import Evaluation
from filmgraph.reader import Reader

TEXT = "Orca is a shameless rip-off of Jaws."
JAWS = {"kind": "film", "name": "Jaws", "year": 1975, "id": "tt0073195"}
ORCA = {"kind": "film", "name": "Orca", "year": 1977, "id": "tt0076504"}
TOLD = {"subject": ORCA, "relation": "imitates", "object": JAWS, "polarity": "asserted", "stance": "negative",
        "quote": TEXT}  # fmt: skip


def directory(place: Path, docs: object, gold: object) -> Path:
    for name, records in (("docs", docs), ("gold", gold)):
        text = records if isinstance(records, str) else "\n".join(map(json.dumps, records))  # type: ignore[call-overload]
        (place / f"{name}.jsonl").write_text(text)
    return place


def test_a_directory_is_read_and_measured(tmp_path: Path, seed_reader: Reader) -> None:
    docs = [{"id": "1", "title": "Orca", "year": 1977, "text": TEXT}, {"id": "2", "text": "Fine."}]
    gold = [{"id": "1", "films": [], "claims": [TOLD]}]
    found = Evaluation.of(directory(tmp_path, docs, gold))
    report = found.report(seed_reader)
    assert report.tallies["typed"].f1 == 1 and report.links is None and report.speed
    assert [stage.reached for stage in found.stages(seed_reader, ["all"])] == [1, 1, 1, 1]
    table = found.reliability(seed_reader)
    assert (table.claims, table.gold) == (1, 1) and table.confidence[0].right == 1


@pytest.mark.parametrize(
    ("docs", "place"), [('{"id": "1"}\n{oops', "docs.jsonl:2"), ("[]", "docs.jsonl:1"), ('{"text": "x"}', "docs.jsonl:1")]
)  # fmt: skip
def test_a_bad_line_is_refused_by_its_number(tmp_path: Path, docs: str, place: str) -> None:
    with pytest.raises(DocumentError, match=place):
        Evaluation.of(directory(tmp_path, docs, []))


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"docs\.jsonl: cannot be read"):
        Evaluation.of(tmp_path)
