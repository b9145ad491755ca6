"""Scores are right on made-up reviews, and equal to the reference scorer's where that is present."""

import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest

from filmgraph.evaluate import Tally, evaluate, format_report, same_entity

EVAL = Path(__file__).parents[2] / "shared" / "eval"


def film(name: str, year: int | None = None, id: str | None = None) -> dict[str, Any]:
    return {"kind": "film", "name": name, "year": year, "id": id}


def claim(subject: Any, relation: str, object: Any, polarity: str = "asserted", quote: str = "a b") -> Any:
    return {
        "subject": subject, "relation": relation, "object": object,
        "polarity": polarity, "stance": "neutral", "quote": quote,
    }  # fmt: skip


def record(*claims: Any, films: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {"id": "1", "films": list(films), "claims": list(claims)}


ORCA, JAWS, PIRANHA = film("Orca", 1977), film("Jaws", 1975), film("Piranha", 1978)


@pytest.mark.parametrize(
    ("found", "lineage", "typed", "cause"),
    [
        (claim(ORCA, "imitates", JAWS), Tally(1, 0, 0), Tally(1, 0, 0), None),
        (claim(ORCA, "inspired_by", JAWS), Tally(1, 0, 0), Tally(0, 1, 1), None),
        (claim(JAWS, "imitates", ORCA), Tally(0, 1, 1), Tally(0, 1, 1), "backwards"),
        (claim(ORCA, "imitates", JAWS, "negated"), Tally(0, 1, 1), Tally(0, 1, 1), "wrong sign"),
        (claim(PIRANHA, "imitates", JAWS), Tally(0, 1, 1), Tally(0, 1, 1), "wrong subject"),
        (claim(ORCA, "resembles", JAWS), Tally(0, 0, 1), Tally(0, 0, 1), "resembles against lineage"),
    ],
)
def test_each_mistake_is_counted_and_named(
    found: Any, lineage: Tally, typed: Tally, cause: str | None
) -> None:
    report = evaluate([record(claim(ORCA, "imitates", JAWS))], [record(found)])
    assert (report.tallies["lineage"], report.tallies["typed"]) == (lineage, typed)
    assert {mistake.cause for mistake in report.mistakes} == ({cause} if cause else set())


def test_a_review_that_was_not_read_counts_as_empty() -> None:
    report = evaluate([record(claim(ORCA, "imitates", JAWS))], [])
    assert report.tallies["lineage"] == Tally(0, 0, 1)


def test_the_reviewed_film_is_no_find() -> None:
    films = ({"title": "Orca", "year": 1977, "id": None}, {"title": "Jaws", "year": 1975, "id": None})
    docs = [{"id": "1", "title": "Orca", "year": 1977}]
    report = evaluate([record(films=films)], [record(films=films)], docs)
    assert report.tallies["films"] == Tally(1, 0, 0)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (film("Halloween"), film("Halloween II"), False),
        (film("Star Wars"), film("Star Wars: A New Hope"), True),
        (film("Jaws", 1975), film("Jaws", 1978), False),
        (film("Jaws", 1975, "tt1"), film("Der weiße Hai", 1975, "tt1"), True),
        ({"kind": "person", "name": "Alfred Hitchcock"}, {"kind": "person", "name": "Hitchcock"}, True),
        ({"kind": "person", "name": "Jaws"}, film("Jaws"), False),
    ],
)
def test_same_entity(a: Any, b: Any, same: bool) -> None:
    assert same_entity(a, b) is same


def test_the_report_prints_every_measure() -> None:
    text = format_report(evaluate([record(claim(ORCA, "imitates", JAWS))], []), errors=1)
    assert "lineage" in text and "missed 1 [object not found (film)]" in text


def test_agrees_with_the_reference_scorer() -> None:
    if not EVAL.is_dir():
        pytest.skip("../shared/eval is absent")
    spec = importlib.util.spec_from_file_location("reference_score", EVAL / "score.py")
    assert spec and spec.loader
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    gold, docs = (
        [json.loads(line) for line in (EVAL / "dev" / name).read_text("utf-8").strip().split("\n")]
        for name in ("gold.jsonl", "docs.jsonl")
    )
    predicted = [_disturbed(record, random.Random(n)) for n, record in enumerate(gold)]
    report = evaluate(gold, predicted, docs)
    reviewed = [film(d["title"], d["year"], d["imdb_id"]) for d in docs]
    pairs = [({**g, "reviewed": r}, p) for g, r, p in zip(gold, reviewed, predicted, strict=True)]
    expected = reference.evaluate(pairs)
    found = {name: [t.hits, t.extra, t.missed] for name, t in report.tallies.items()}
    assert found == expected["tally"]
    assert {name: list(pair) for name, pair in report.agreement.items()} == expected["side"]


def _disturbed(record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    def disturb(claim: dict[str, Any]) -> dict[str, Any]:
        turned = {**claim, "subject": claim["object"], "object": claim["subject"]}
        return rng.choice([claim, claim, turned, claim | {"relation": "imitates"}, claim | {"quote": "x"}])

    return {**record, "films": record["films"][1:], "claims": [disturb(c) for c in record["claims"]]}
