"""Reliability: bins, intervals, the curve and error rates, on claims whose truth is made up."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from filmgraph.belief import ErrorRate, load_error_rates, read_error_rates
from filmgraph.errors import SettingsError
from filmgraph.model import Claim, Document, Evidence, Polarity, Provenance, Relation, Stance
from filmgraph.reader import Reader
from filmgraph.reliability import (
    JudgedClaim,
    Measured,
    diagram,
    error_rates,
    judge_claims,
    rates_record,
    reliability,
    wilson,
)

CLAIM = Claim("film:tt0076504", Relation.IMITATES, "film:tt0073195")


def judged(right: bool, *confidences: float, extractor: str = "rules") -> JudgedClaim:
    items = tuple(
        Evidence(CLAIM, "review:1", n, n + 1, f"quote {n}", Polarity.ASSERTED, Stance.NEUTRAL, confidence,
                 Provenance(extractor, "1"))
        for n, confidence in enumerate(confidences)
    )  # fmt: skip
    return JudgedClaim(items, right)


def test_bins_compare_what_was_said_with_what_is_right() -> None:
    found = reliability([judged(n < 8, 0.85) for n in range(10)] + [judged(False, 0.12)], gold=16)
    low, high = found.confidence
    assert (low.count, low.right) == (1, 0) and (high.count, high.right) == (10, 0.8)
    assert high.said == pytest.approx(0.85) and high.interval == wilson(8, 10)
    assert found.to_json()["calibration_error"]["confidence"] == pytest.approx(
        (10 * 0.05 + 0.12) / 11, abs=0.001
    )


def test_the_curve_trades_recall_for_precision() -> None:
    claims = [judged(True, 0.92)] * 4 + [judged(True, 0.4)] * 2 + [judged(False, 0.4)] * 4
    curve = {least: (p, r) for least, p, r, _ in reliability(claims, gold=8).curve}
    assert curve[0.1] == (0.6, 0.75) and curve[0.9] == (1.0, 0.5)


def test_error_rates_are_found_again() -> None:
    rng = random.Random(1)
    truth = ErrorRate(systematic=0.10, random=0.30)
    claims = []
    for _ in range(6000):
        quotes = rng.choice([1, 1, 2, 3])
        wrong = rng.random() < truth.systematic or all(rng.random() < truth.random for _ in range(quotes))
        claims.append(judged(not wrong, *[1.0] * quotes))
    found = error_rates(claims)["rules"].rate
    assert found.systematic == pytest.approx(0.10, abs=0.03) and found.random == pytest.approx(0.30, abs=0.04)


def test_each_extractor_has_its_own_rate_and_few_claims_have_none() -> None:
    claims = [judged(n % 2 == 0, 1.0) for n in range(40)] + [judged(True, 1.0, extractor="llm/m")] * 40
    claims += [judged(True, 1.0, extractor="llm/other")] * 5
    rates = error_rates(claims)
    assert set(rates) == {"rules", "llm/m"} and rates["rules"].rate != rates["llm/m"].rate == ErrorRate(
        0.0, 0.0
    )
    assert rates["rules"].claims == 40


def test_measured_rates_are_what_belief_reads(tmp_path: Path) -> None:
    file = tmp_path / "rates.json"
    file.write_text(json.dumps(rates_record({"llm/m": Measured(ErrorRate(0.2, 0.1), 50)})))
    assert read_error_rates(file) == {"llm/m": ErrorRate(0.2, 0.1)}


@pytest.mark.parametrize("text", ["", "[]", '{"rules": 1}', '{"rules": {"systematic": 2, "random": 0}}'])
def test_what_are_no_rates_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "rates.json").write_text(text)
    with pytest.raises(SettingsError, match=r"rates\.json"):
        read_error_rates(tmp_path / "rates.json")


def test_the_package_has_measured_the_rules() -> None:
    assert "rules" in load_error_rates()


def test_claims_of_a_review_are_judged_by_its_gold_record(seed_reader: Reader) -> None:
    text = seed_reader.link(Document("x", "Orca is a shameless rip-off of Jaws.", title="Orca", year=1977))
    extractions = seed_reader.extractor.extract([text])[0]
    told = {
        "subject": {"kind": "film", "name": "Orca", "year": 1977, "id": "tt0076504"},
        "relation": "inspired_by", "polarity": "asserted",
        "object": {"kind": "film", "name": "Jaws", "year": 1975, "id": "tt0073195"},
    }  # fmt: skip
    for claims, right in (([told], True), ([], False), ([told | {"polarity": "negated"}], False)):
        [claim] = judge_claims(seed_reader, [(text, extractions, {"claims": claims})])
        assert claim.right is right and claim.extractors == {"rules"}


def test_the_diagram_is_an_svg_with_a_dot_a_bin() -> None:
    found = reliability([judged(True, 0.9), judged(False, 0.3)], gold=2)
    root = ET.fromstring(diagram(found))
    dots = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(dots) == len(found.confidence) + len(found.belief)
