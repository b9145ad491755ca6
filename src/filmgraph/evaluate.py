"""How well reviews are read: extracted claims against those that careful readers wrote down.

Gold and predicted records are `{"id", "films": [...], "claims": [...]}` as `filmgraph extract` prints them.
A gold document that was not predicted counts as predicted empty.

    lineage      pairs (subject, object) joined by any influence or derivation, right direction, right sign
    family       the same, and influence against derivation agrees
    typed        the same, and the relation is the same
    resembles    compared pairs, in either direction
    membership   part_of pairs
    films        distinct films linked per document, the reviewed one left out

Over the lineage hits: how often hedging and stance agree, and how often the quotes overlap. `stages` looks at
each step of the reading by itself, `reliability` at whether confidence means what it says.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from filmgraph.matching import (
    LINEAGE,
    Record,
    Tally,
    claims_of,
    family_of,
    match,
    polarity_is,
    quotes_overlap,
    same_entity,
    same_pair,
    same_pair_and_sign,
    same_pair_either_way,
    same_typed,
    share,
    tally,
)
from filmgraph.mistakes import Mistake, mistakes
from filmgraph.model import Polarity, Relation

__all__ = ["MEASURES", "Report", "Tally", "evaluate", "film_tally", "format_report", "same_entity"]

MEASURES = ("lineage", "family", "typed", "resembles", "membership", "films")
AGREEMENTS = ("hedged", "stance", "quote")
RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What `evaluate` found. `intervals` are 95 % bootstrap intervals of F1 over documents;
    `agreement` maps hedged, stance and quote to (agreeing, lineage hits); `speed` is in reviews per second."""

    documents: int
    tallies: Mapping[str, Tally]
    relations: Mapping[str, Tally]
    sources: Mapping[str, Tally]
    agreement: Mapping[str, tuple[int, int]]
    intervals: Mapping[str, tuple[float, float]]
    mistakes: Sequence[Mistake] = field(repr=False, default=())
    links: Mapping[str, int] | None = None
    speed: float | None = None

    @property
    def causes(self) -> Counter[str]:
        return Counter(f"{'extra' if m.extra else 'missed'}: {m.cause}" for m in self.mistakes)

    def to_json(self) -> dict[str, Any]:
        """Every figure, rates rounded to three places."""
        record = {
            "documents": self.documents,
            **{name: _rates(tally) for name, tally in self.tallies.items()},
            "intervals": {name: [round(x, 3) for x in pair] for name, pair in self.intervals.items()},
            "relations": {name: _rates(tally) for name, tally in self.relations.items()},
            "sources": {name: _rates(tally) for name, tally in self.sources.items()},
            "agreement": {name: round(share(*pair), 3) for name, pair in self.agreement.items()},
            "causes": dict(self.causes.most_common()),
        }
        if self.links is not None:
            record["links"] = dict(self.links) | {"accuracy": round(_accuracy(self.links), 3)}
        if self.speed is not None:
            record["reviews_per_second"] = round(self.speed, 1)
        return record


def evaluate(gold: Iterable[Record], predicted: Iterable[Record], docs: Iterable[Record] = ()) -> Report:
    """Score `predicted` against `gold`; `docs` tell which film each document reviews, and its source."""
    found = {record["id"]: record for record in predicted}
    known = {record["id"]: record for record in docs}
    scores = [
        _score_document(record, found.get(record["id"], {}), known.get(record["id"], {})) for record in gold
    ]
    hits = sum(score.tallies["lineage"].hits for score in scores)
    return Report(
        documents=len(scores),
        tallies={name: sum((s.tallies[name] for s in scores), Tally()) for name in MEASURES},
        relations=_grouped((relation, tally) for s in scores for relation, tally in s.relations.items()),
        sources=_grouped((s.source, s.tallies["lineage"]) for s in scores),
        agreement={name: (sum(s.agreement[name] for s in scores), hits) for name in AGREEMENTS},
        intervals=_intervals(scores),
        mistakes=[mistake for s in scores for mistake in s.mistakes],
    )


def format_report(report: Report, errors: int = 0) -> str:
    """The report as text for a terminal; with the first `errors` mistakes."""
    lines = [_row(name, report.tallies[name], report.intervals[name]) for name in MEASURES]
    shares = (f"{name} {share(*pair):.3f}" for name, pair in report.agreement.items())
    lines.append(f"on lineage hits: {', '.join(shares)}; {report.documents} documents")
    if report.links is not None:
        counts = ", ".join(f"{name} {count}" for name, count in report.links.items())
        lines.append(f"reviewers' own links: {_accuracy(report.links):.3f} right ({counts})")
    if report.speed is not None:
        lines.append(f"speed: {report.speed:.0f} reviews a second")
    lines += ["", "per relation", *(_row(name, tally) for name, tally in sorted(report.relations.items()))]
    if len(report.sources) > 1:
        lines += ["", "lineage per source", *(_row(name, t) for name, t in sorted(report.sources.items()))]
    lines += ["", "causes", *(f"{count:5d}  {cause}" for cause, count in report.causes.most_common())]
    return "\n".join([*lines, *map(str, report.mistakes[:errors])])


# ── one document ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Score:
    source: str
    tallies: dict[str, Tally]
    relations: dict[str, Tally]
    agreement: dict[str, int]
    mistakes: list[Mistake]


def _score_document(gold: Record, predicted: Record, document: Record) -> _Score:
    pairs = _both(gold, predicted, LINEAGE)
    typed = claims_of(gold, LINEAGE, typed=True), claims_of(predicted, LINEAGE, typed=True)
    hits, extra, missed = match(*pairs, same_pair_and_sign)
    tallies = {
        "lineage": Tally(len(hits), len(extra), len(missed)),
        "family": tally(*pairs, lambda a, b: same_pair_and_sign(a, b) and family_of(a) == family_of(b)),
        "typed": tally(*typed, same_typed),
        "resembles": tally(*_both(gold, predicted, [Relation.RESEMBLES]), same_pair_either_way),
        "membership": tally(*_both(gold, predicted, [Relation.PART_OF]), same_pair),
        "films": film_tally(gold, predicted, document),
    }
    return _Score(
        source=str(document.get("source", "")),
        tallies=tallies,
        relations=_per_relation(*typed),
        agreement={
            "hedged": sum(
                polarity_is(a, Polarity.HEDGED) == polarity_is(b, Polarity.HEDGED) for a, b in hits
            ),
            "stance": sum(a["stance"] == b.get("stance") for a, b in hits),
            "quote": sum(quotes_overlap(a["quote"], b.get("quote") or "") for a, b in hits),
        },
        mistakes=mistakes(gold, predicted, extra, missed),
    )


def _both(gold: Record, predicted: Record, relations: Iterable[str]) -> tuple[list[Record], list[Record]]:
    wanted = frozenset(relations)
    return claims_of(gold, wanted), claims_of(predicted, wanted)


def _per_relation(gold: Sequence[Record], predicted: Sequence[Record]) -> dict[str, Tally]:
    hits, extra, missed = match(gold, predicted, same_typed)
    counts: dict[str, list[int]] = {}
    for place, claims in enumerate(([pair[0] for pair in hits], extra, missed)):
        for claim in claims:
            counts.setdefault(claim["relation"], [0, 0, 0])[place] += 1
    return {relation: Tally(*row) for relation, row in counts.items()}


def film_tally(gold: Record, predicted: Record, document: Record) -> Tally:
    """The films of two records of a document counted, the reviewed one left out."""
    return tally(_films(gold, document), _films(predicted, document), same_entity)


def _films(record: Record, document: Record) -> list[Record]:
    title = document.get("title")
    reviewed = {
        "kind": "film", "name": title, "year": document.get("year"), "id": document.get("imdb_id"),
    } if title else None  # fmt: skip
    films: list[Record] = [
        {"kind": "film", "name": film["title"], "year": film.get("year"), "id": film.get("id")}
        for film in record.get("films", ())
    ]
    return [film for film in films if not (reviewed and same_entity(reviewed, film))]


# ── sums and text ───────────────────────────────────────────────────────────────────────────


def _grouped(items: Iterable[tuple[str, Tally]]) -> dict[str, Tally]:
    groups: dict[str, Tally] = {}
    for name, counts in items:
        groups[name] = groups.get(name, Tally()) + counts
    return groups


def _intervals(scores: Sequence[_Score]) -> dict[str, tuple[float, float]]:
    """Percentile bootstrap (Efron 1979): F1 over documents drawn with replacement, the middle 95 %."""
    if not scores:
        return dict.fromkeys(MEASURES, (0.0, 0.0))
    rng = random.Random(0)
    drawn = np.array([[rng.randrange(len(scores)) for _ in scores] for _ in range(RESAMPLES)])
    return {name: _middle(np.array([_counts(s.tallies[name]) for s in scores])[drawn]) for name in MEASURES}


def _middle(samples: np.ndarray[Any, Any]) -> tuple[float, float]:
    """`samples[n, d]` are hits, extra and missed of document d of resample n."""
    hits, extra, missed = samples.sum(axis=1).T.tolist()
    scores = sorted(Tally(*row).f1 for row in zip(hits, extra, missed, strict=True))
    return scores[round(0.025 * RESAMPLES) - 1], scores[round(0.975 * RESAMPLES) - 1]


def _counts(tally: Tally) -> tuple[int, int, int]:
    return tally.hits, tally.extra, tally.missed


def _rates(tally: Tally) -> dict[str, float]:
    rates = {"precision": tally.precision, "recall": tally.recall, "f1": tally.f1}
    counts = {"hits": tally.hits, "extra": tally.extra, "missed": tally.missed}
    return {name: round(rate, 3) for name, rate in rates.items()} | counts


def _accuracy(links: Mapping[str, int]) -> float:
    return share(links.get("right", 0), sum(links.values()))


def _row(name: str, tally: Tally, interval: tuple[float, float] | None = None) -> str:
    rates = f"P {tally.precision:.3f}  R {tally.recall:.3f}  F1 {tally.f1:.3f}"
    within = f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else ""
    return f"{name:24s} {rates}{within}   hits {tally.hits} extra {tally.extra} missed {tally.missed}"
