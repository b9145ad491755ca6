"""Whether a confidence, or a belief, of .8 means right eight times in ten; and how often each extractor errs.

Every lineage claim that was read is judged by the gold record of its review: right when the record has the two
works in this direction and sign, whatever the relation. The reliability diagram (DeGroot and Fienberg 1983) groups
claims by what was believed and compares with the share that is right; its one number is the expected calibration
error, the mean gap weighted by claims (Naeini et al. 2015).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from filmgraph.belief import ErrorRate, believe, misread
from filmgraph.extractor import Extraction, LinkedText
from filmgraph.matching import LINEAGE, Record, claims_of, same_pair_and_sign, share
from filmgraph.model import Evidence
from filmgraph.reader import Reader
from filmgraph.records import entity_record, object_record

__all__ = [
    "Bin", "JudgedClaim", "Measured", "Reliability", "diagram", "error_rates", "judge_claims", "rates_record",
    "reliability",
]  # fmt: skip

BINS = 10
Z = 1.96
"""Standard deviations of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A claim that was read in one review, its evidence there, and whether the gold record has it too."""

    evidence: tuple[Evidence, ...]
    right: bool

    @property
    def confidence(self) -> float:
        return max(item.confidence for item in self.evidence)

    @property
    def belief(self) -> float:
        """Of the reading alone: one voice, taken at its word, denials included."""
        found = believe([(item, "one voice") for item in self.evidence])
        return max(found.support, found.dissent)

    @property
    def extractors(self) -> frozenset[str]:
        return frozenset(item.provenance.extractor for item in self.evidence)


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims between two bounds: what was said of them in the mean, and the share that is right, with its 95 %
    interval (Wilson 1927)."""

    low: float
    high: float
    count: int
    said: float
    right: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """An extractor's error rate, and over how many claims it was measured."""

    rate: ErrorRate
    claims: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """`confidence` and `belief` in bins; per extractor the error rate that explains its claims best; `curve` is
    (least confidence, precision, recall, F1) of lineage. `gold` is the number of claims to be found."""

    confidence: Sequence[Bin]
    belief: Sequence[Bin]
    rates: Mapping[str, Measured]
    curve: Sequence[tuple[float, float, float, float]]
    claims: int
    gold: int

    def to_json(self) -> dict[str, Any]:
        """Every figure, rounded to three places."""
        names = ("least_confidence", "precision", "recall", "f1")
        return {
            "claims": self.claims,
            "gold": self.gold,
            "confidence": [_bin_record(item) for item in self.confidence],
            "belief": [_bin_record(item) for item in self.belief],
            "calibration_error": {"confidence": _gap(self.confidence), "belief": _gap(self.belief)},
            "curve": [dict(zip(names, (round(x, 3) for x in row), strict=True)) for row in self.curve],
            "error_rates": rates_record(self.rates),
        }

    def __str__(self) -> str:
        lines = [f"{self.claims} lineage claims read, {self.gold} to be found"]
        for name, bins in (("confidence", self.confidence), ("belief in one reading", self.belief)):
            lines += ["", f"{name:22s} claims   said  right   95% interval"]
            lines += [
                f"  {b.low:.1f} to {b.high:.1f}          {b.count:6d}   {b.said:.3f}  {b.right:.3f}   "
                f"[{b.interval[0]:.2f}, {b.interval[1]:.2f}]  {'█' * round(20 * b.right)}"
                for b in bins
            ]
            lines.append(f"  calibration error {_gap(bins):.3f}")
        lines += ["", "least confidence   precision  recall  F1"]
        lines += [
            f"  {least:.2f}             {p:.3f}      {r:.3f}   {f1:.3f}" for least, p, r, f1 in self.curve
        ]
        lines += ["", "error rates"]
        lines += [
            f"  {name}: systematic {item.rate.systematic:.2f}, random {item.rate.random:.2f} ({item.claims} claims)"
            for name, item in self.rates.items()
        ]
        return "\n".join(lines)


def reliability(judged: Sequence[JudgedClaim], gold: int) -> Reliability:
    """The tables over claims that were judged; `gold` is how many there were to be found."""
    return Reliability(
        confidence=_binned((claim.confidence, claim.right) for claim in judged),
        belief=_binned((claim.belief, claim.right) for claim in judged),
        rates=error_rates(judged),
        curve=[_at(least / 100, judged, gold) for least in (*range(10, 100, 10), 95)],
        claims=len(judged),
        gold=gold,
    )


def judge_claims(
    reader: Reader, texts: Iterable[tuple[LinkedText, Sequence[Extraction], Record]]
) -> Iterator[JudgedClaim]:
    """The lineage claims of reviews that were read, each with its gold record."""
    for text, extractions, gold in texts:
        groups: dict[tuple[str, bool], list[Evidence]] = defaultdict(list)
        for item in reader.reading(text, extractions).evidence:
            if item.claim.relation.is_lineage:
                groups[item.claim.id, item.polarity == "negated"].append(item)
        wanted = claims_of(gold, LINEAGE, typed=True)
        for items in groups.values():
            record = _record(items[0], text)
            yield JudgedClaim(tuple(items), any(same_pair_and_sign(claim, record) for claim in wanted))


def _record(item: Evidence, text: LinkedText) -> Record:
    return {
        "subject": entity_record(text.entity(item.claim.subject)),
        "object": object_record(text.entity(item.claim.object), text),
        "relation": item.claim.relation.value,
        "polarity": item.polarity.value,
    }


# ── bins and the curve ──────────────────────────────────────────────────────────────────────


def _binned(said: Iterable[tuple[float, bool]]) -> list[Bin]:
    groups: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for value, right in said:
        groups[min(int(value * BINS), BINS - 1)].append((value, right))
    return [_bin(number, items) for number, items in sorted(groups.items())]


def _bin(number: int, items: Sequence[tuple[float, bool]]) -> Bin:
    count, right = len(items), sum(right for _, right in items)
    said = sum(value for value, _ in items) / count
    return Bin(number / BINS, (number + 1) / BINS, count, said, right / count, wilson(right, count))


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927, Journal of the American Statistical Association 22:209).

    >>> [round(bound, 2) for bound in wilson(8, 10)]
    [0.49, 0.94]
    """
    p, shrink = right / count, 1 + Z**2 / count
    middle = (p + Z**2 / (2 * count)) / shrink
    half = Z * math.sqrt(p * (1 - p) / count + Z**2 / (4 * count**2)) / shrink
    return max(0.0, middle - half), min(1.0, middle + half)


def _gap(bins: Sequence[Bin]) -> float:
    total = sum(item.count for item in bins)
    return round(share(sum(item.count * abs(item.said - item.right) for item in bins), total), 3)


def _bin_record(item: Bin) -> dict[str, Any]:
    return {
        "from": item.low, "to": item.high, "claims": item.count, "said": round(item.said, 3),
        "right": round(item.right, 3), "interval": [round(bound, 3) for bound in item.interval],
    }  # fmt: skip


def _at(least: float, judged: Sequence[JudgedClaim], gold: int) -> tuple[float, float, float, float]:
    kept = [claim.right for claim in judged if claim.confidence >= least]
    precision, recall = share(sum(kept), len(kept)), share(sum(kept), gold)
    return least, precision, min(1.0, recall), share(2 * precision * recall, precision + recall)


# ── how often an extractor errs ─────────────────────────────────────────────────────────────


def error_rates(judged: Sequence[JudgedClaim]) -> dict[str, Measured]:
    """For each extractor the rate under which what it read alone is likeliest, on a grid of fiftieths.

    O(grid x claims). Too few claims (under 30) give no rate.
    """
    alone: dict[str, list[JudgedClaim]] = defaultdict(list)
    for claim in judged:
        if len(claim.extractors) == 1:
            alone[next(iter(claim.extractors))].append(claim)
    return {
        name: Measured(_likeliest(claims), len(claims))
        for name, claims in sorted(alone.items())
        if len(claims) >= LEAST_CLAIMS
    }


def rates_record(rates: Mapping[str, Measured]) -> dict[str, dict[str, float]]:
    """The rates as `belief` reads them from a file."""
    return {
        name: {"systematic": item.rate.systematic, "random": item.rate.random, "claims": item.claims}
        for name, item in rates.items()
    }


LEAST_CLAIMS = 30
_GRID = tuple(n / 100 for n in range(0, 61, 2))


def _likeliest(claims: Sequence[JudgedClaim]) -> ErrorRate:
    def likelihood(rate: ErrorRate) -> float:
        total = 0.0
        for claim in claims:
            error = min(0.999, max(0.001, misread(rate, claim.evidence)))
            total += math.log(1 - error if claim.right else error)
        return total

    rates = [ErrorRate(systematic, random) for systematic in _GRID for random in _GRID]
    return max(rates, key=lambda rate: (likelihood(rate), -rate.systematic))


# ── the diagram ─────────────────────────────────────────────────────────────────────────────

SIDE = 320
MARGIN = 48


def diagram(found: Reliability) -> str:
    """The reliability diagram as an SVG: what was said across, the share that is right upwards, the diagonal
    where both agree; a dot's area tells how many claims it stands for, its line the 95 % interval."""

    def x(value: float) -> float:
        return round(MARGIN + value * SIDE, 1)

    def y(value: float) -> float:
        return round(MARGIN / 2 + (1 - value) * SIDE, 1)

    parts = [f'<path d="M{x(0)} {y(0)}H{x(1)}M{x(0)} {y(0)}V{y(1)}" stroke="#333" fill="none"/>',
             f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#999" stroke-dasharray="4 4"/>']  # fmt: skip
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        parts.append(f'<text x="{x(tick)}" y="{y(0) + 16}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{x(0) - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:g}</text>')
    for colour, name, bins in (
        ("#b5651d", "confidence", found.confidence),
        ("#1f5f8b", "belief", found.belief),
    ):
        for item in bins:
            low, high = item.interval
            parts.append(f'<path d="M{x(item.said)} {y(low)}V{y(high)}" stroke="{colour}"/>')
            title = f"{name} {item.low:.1f} to {item.high:.1f}: {item.count} claims, {item.right:.2f} right"
            radius = round(min(12.0, 2 + math.sqrt(item.count) / 3), 1)
            parts.append(f'<circle cx="{x(item.said)}" cy="{y(item.right)}" r="{radius}" fill="{colour}" '
                         f'fill-opacity=".7"><title>{title}</title></circle>')  # fmt: skip
    parts.append(f'<text x="{x(0.5)}" y="{y(0) + 34}" text-anchor="middle">said: <tspan fill="#b5651d">confidence'
                 '</tspan>, <tspan fill="#1f5f8b">belief</tspan></text>')  # fmt: skip
    parts.append(f'<text transform="translate(14 {y(0.5)}) rotate(-90)" text-anchor="middle">right</text>')
    size = f"{SIDE + MARGIN + 24} {SIDE + 2 * MARGIN}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="12">'
        "<title>Reliability of lineage claims</title>" + "".join(parts) + "</svg>\n"
    )
