"""How well reviews are read: extracted claims against those that careful readers wrote down.

Gold and predicted records are `{"id", "films": [...], "claims": [...]}` as `filmgraph extract` prints them.
A gold document that was not predicted counts as predicted empty.

    lineage      pairs (subject, object) joined by any influence or derivation, right direction, right sign
    family       the same, and influence against derivation agrees
    typed        the same, and the relation is the same
    resembles    compared pairs, in either direction
    membership   part_of pairs
    films        distinct films linked per document, the reviewed one left out

Over the lineage hits: how often hedging and stance agree, and how often the quotes overlap.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from filmgraph.model import Family, Polarity, Relation

__all__ = ["Report", "Tally", "evaluate", "format_report", "same_entity"]

Record: TypeAlias = Mapping[str, Any]
Judge: TypeAlias = Callable[[Record, Record], bool]

MEASURES = ("lineage", "family", "typed", "resembles", "membership", "films")
LINEAGE = frozenset(relation.value for relation in Relation if relation.is_lineage)
RESAMPLES = 200
_SERIES_WORD = re.compile(r"\b(?:franchise|series|saga|universe|films|movies|trilogy|cycle)\b")
_SEQUEL_MARK = re.compile(
    r"\d+|[ivx]+|part|chapter|returns|reloaded|revolutions|resurrection|covenant|two|three|four"
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts that add up, and the rates they give.

    >>> (Tally(1, 0, 1) + Tally(2, 1, 0)).f1
    0.75
    """

    hits: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return _share(self.hits, self.hits + self.extra)

    @property
    def recall(self) -> float:
        return _share(self.hits, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return _share(2 * self.hits, 2 * self.hits + self.extra + self.missed)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A lineage claim that is wrongly there (`extra`) or wrongly not (`missed`), and why."""

    extra: bool
    document: str
    cause: str
    claim: Record


@dataclass(frozen=True, slots=True)
class Report:
    """What `evaluate` found. `interval` is the 95 % bootstrap interval of lineage F1 over documents;
    `agreement` maps hedged, stance and quote to (agreeing, lineage hits)."""

    documents: int
    tallies: Mapping[str, Tally]
    relations: Mapping[str, Tally]
    sources: Mapping[str, Tally]
    agreement: Mapping[str, tuple[int, int]]
    interval: tuple[float, float]
    mistakes: Sequence[Mistake] = field(repr=False, default=())

    @property
    def causes(self) -> Counter[str]:
        return Counter(f"{'extra' if m.extra else 'missed'}: {m.cause}" for m in self.mistakes)

    def to_json(self) -> dict[str, Any]:
        def row(tally: Tally) -> dict[str, float]:
            return {
                "precision": round(tally.precision, 3),
                "recall": round(tally.recall, 3),
                "f1": round(tally.f1, 3),
                "hits": tally.hits,
                "extra": tally.extra,
                "missed": tally.missed,
            }

        return {
            "documents": self.documents,
            **{name: row(tally) for name, tally in self.tallies.items()},
            "interval": [round(bound, 3) for bound in self.interval],
            "relations": {name: row(tally) for name, tally in self.relations.items()},
            "sources": {name: row(tally) for name, tally in self.sources.items()},
            "agreement": {name: round(_share(*pair), 3) for name, pair in self.agreement.items()},
            "causes": dict(self.causes.most_common()),
        }


def evaluate(gold: Iterable[Record], predicted: Iterable[Record], docs: Iterable[Record] = ()) -> Report:
    """Score `predicted` against `gold`; `docs` tell which film each document reviews, and its source."""
    found = {record["id"]: record for record in predicted}
    known = {record["id"]: record for record in docs}
    scores = [
        _score_document(record, found.get(record["id"], {}), known.get(record["id"], {})) for record in gold
    ]
    return Report(
        documents=len(scores),
        tallies={name: sum((s.tallies[name] for s in scores), Tally()) for name in MEASURES},
        relations=_grouped((relation, tally) for s in scores for relation, tally in s.relations.items()),
        sources=_grouped((s.source, s.tallies["lineage"]) for s in scores),
        agreement={
            name: (sum(s.agreement[name] for s in scores), sum(s.tallies["lineage"].hits for s in scores))
            for name in ("hedged", "stance", "quote")
        },
        interval=_bootstrap([s.tallies["lineage"] for s in scores]),
        mistakes=[mistake for s in scores for mistake in s.mistakes],
    )


def format_report(report: Report, errors: int = 0) -> str:
    """The report as text for a terminal; with the first `errors` mistakes."""
    lines = [_row(name, report.tallies[name]) for name in MEASURES]
    low, high = report.interval
    lines[0] += f"   95% interval of F1 {low:.3f} to {high:.3f}"
    shares = (f"{name} {_share(*pair):.3f}" for name, pair in report.agreement.items())
    lines.append(f"on lineage hits: {', '.join(shares)}; {report.documents} documents")
    lines += ["", "per relation", *(_row(name, tally) for name, tally in sorted(report.relations.items()))]
    if len(report.sources) > 1:
        lines += ["", "lineage per source", *(_row(name, t) for name, t in sorted(report.sources.items()))]
    lines += ["", "causes", *(f"{count:5d}  {cause}" for cause, count in report.causes.most_common())]
    return "\n".join(lines + [_mistake_line(mistake) for mistake in report.mistakes[:errors]])


# ── one document ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Score:
    source: str
    tallies: dict[str, Tally]
    relations: dict[str, Tally]
    agreement: dict[str, int]
    mistakes: list[Mistake]


def _score_document(gold: Record, predicted: Record, document: Record) -> _Score:
    pairs, typed = _lineage_pairs(gold, predicted), _lineage_pairs(gold, predicted, typed=True)
    hits, extra, missed = _match(*pairs, _same_pair_and_sign)
    tallies = {
        "lineage": Tally(len(hits), len(extra), len(missed)),
        "family": _tally(*pairs, lambda a, b: _same_pair_and_sign(a, b) and _family(a) == _family(b)),
        "typed": _tally(*typed, _same_typed),
        "resembles": _tally(*_of(gold, predicted, {Relation.RESEMBLES}), _same_pair_either_way),
        "membership": _tally(*_of(gold, predicted, {Relation.PART_OF}), _same_pair),
        "films": _tally(_films(gold, document), _films(predicted, document), same_entity),
    }
    return _Score(
        source=str(document.get("source", "")),
        tallies=tallies,
        relations=_per_relation(*typed),
        agreement={
            "hedged": sum(_is(a, Polarity.HEDGED) == _is(b, Polarity.HEDGED) for a, b in hits),
            "stance": sum(a["stance"] == b.get("stance") for a, b in hits),
            "quote": sum(_quotes_overlap(a["quote"], b.get("quote") or "") for a, b in hits),
        },
        mistakes=[Mistake(True, gold["id"], _why_extra(claim, gold), claim) for claim in extra]
        + [Mistake(False, gold["id"], _why_missed(claim, predicted), claim) for claim in missed],
    )


def _lineage_pairs(gold: Record, predicted: Record, typed: bool = False) -> tuple[list[Record], list[Record]]:
    return _of(gold, predicted, LINEAGE, typed)


def _of(
    gold: Record, predicted: Record, relations: Iterable[str], typed: bool = False
) -> tuple[list[Record], list[Record]]:
    wanted = frozenset(relations)
    first, second = (
        _distinct((claim for claim in record.get("claims", ()) if claim["relation"] in wanted), typed)
        for record in (gold, predicted)
    )
    return first, second


def _distinct(claims: Iterable[Record], typed: bool) -> list[Record]:
    same = _same_typed if typed else _same_pair_and_sign
    kept: list[Record] = []
    for claim in claims:
        if not any(same(other, claim) for other in kept):
            kept.append(claim)
    return kept


def _match(
    gold: Sequence[Record], predicted: Iterable[Record], same: Judge
) -> tuple[list[tuple[Record, Record]], list[Record], list[Record]]:
    """Hits as pairs, extra predictions, missed gold: each predicted item takes the first gold one it fits."""
    left, hits, extra = list(gold), [], []
    for item in predicted:
        place = next((n for n, wanted in enumerate(left) if same(wanted, item)), None)
        if place is None:
            extra.append(item)
        else:
            hits.append((left.pop(place), item))
    return hits, extra, left


def _tally(gold: Sequence[Record], predicted: Iterable[Record], same: Judge) -> Tally:
    hits, extra, missed = _match(gold, predicted, same)
    return Tally(len(hits), len(extra), len(missed))


def _per_relation(gold: Sequence[Record], predicted: Sequence[Record]) -> dict[str, Tally]:
    hits, extra, missed = _match(gold, predicted, _same_typed)
    counts: dict[str, list[int]] = {}
    for place, claims in enumerate(([pair[0] for pair in hits], extra, missed)):
        for claim in claims:
            counts.setdefault(claim["relation"], [0, 0, 0])[place] += 1
    return {relation: Tally(*row) for relation, row in counts.items()}


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


# ── when two things are the same ────────────────────────────────────────────────────────────


def same_entity(gold: Record, predicted: Record) -> bool:
    """Whether two entity records mean the same thing: by id, or by name and year within one.

    >>> film = {"kind": "film", "name": "Jaws", "year": 1975}
    >>> same_entity(film, {"kind": "film", "name": "JAWS", "year": 1976})
    True
    >>> same_entity(film, {"kind": "franchise", "name": "The Jaws series"})
    True
    """
    kinds = {gold["kind"], predicted["kind"]}
    if "person" in kinds:
        return kinds == {"person"} and _same_person(_folded(gold["name"]), _folded(predicted["name"]))
    if "franchise" in kinds:
        return _same_series(_folded(gold["name"]), _folded(predicted["name"]))
    years = gold.get("year"), predicted.get("year")
    apart = all(years) and abs(int(years[0]) - int(years[1])) > 1  # type: ignore[arg-type]
    ids = gold.get("id"), predicted.get("id")
    if all(ids) and ids[0] == ids[1]:
        return True
    return not apart and _same_title(_folded(gold["name"]), _folded(predicted["name"]))


def _same_person(a: str, b: str) -> bool:
    short = min(len(a.split()), len(b.split())) == 1
    return a == b or (short and a.split()[-1:] == b.split()[-1:])


def _same_series(a: str, b: str) -> bool:
    a, b = (_SERIES_WORD.sub("", name).strip() for name in (a, b))
    return bool(a) and (a == b or a.startswith(b + " ") or b.startswith(a + " "))


def _same_title(a: str, b: str) -> bool:
    """Equal, or one the beginning of the other ("Star Wars"), but never a film and its numbered sequel."""
    short, long = sorted((a, b), key=len)
    if short == long:
        return True
    rest = long[len(short) + 1 :].split()
    return len(short) >= 5 and long.startswith(short + " ") and not _SEQUEL_MARK.fullmatch(rest[0])


@lru_cache(maxsize=65_536)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).lower().replace("&", " and ")
    words = " ".join(re.sub(r"[^\w ]+", " ", plain).split())
    return re.sub(r"^(?:the|a|an) ", "", words)


def _same_pair(gold: Record, predicted: Record) -> bool:
    return same_entity(gold["subject"], predicted["subject"]) and same_entity(
        gold["object"], predicted["object"]
    )


def _same_pair_either_way(gold: Record, predicted: Record) -> bool:
    return _same_pair(gold, predicted) or _same_pair(gold, _turned(predicted))


def _same_pair_and_sign(gold: Record, predicted: Record) -> bool:
    same_sign = _is(gold, Polarity.NEGATED) == _is(predicted, Polarity.NEGATED)
    return same_sign and _same_pair(gold, predicted)


def _same_typed(gold: Record, predicted: Record) -> bool:
    same_relation: bool = gold["relation"] == predicted["relation"]
    return same_relation and _same_pair_and_sign(gold, predicted)


def _turned(claim: Record) -> Record:
    return {**claim, "subject": claim["object"], "object": claim["subject"]}


def _is(claim: Record, polarity: Polarity) -> bool:
    return bool(claim["polarity"] == polarity)


def _family(claim: Record) -> Family:
    return Relation(claim["relation"]).family


def _quotes_overlap(a: str, b: str) -> bool:
    first, second = set(_folded(a).split()), set(_folded(b).split())
    return bool(first and second) and 2 * len(first & second) >= min(len(first), len(second))


# ── why it went wrong ───────────────────────────────────────────────────────────────────────


def _why_extra(claim: Record, gold: Record) -> str:
    claims = gold.get("claims", ())
    for cause, matches in _NEAR_MISSES.items():
        if any(matches(other, claim) for other in claims):
            return cause
    return "nothing said"


def _why_missed(claim: Record, predicted: Record) -> str:
    claims = predicted.get("claims", ())
    for cause, matches in _NEAR_MISSES.items():
        if any(matches(claim, other) for other in claims):
            return cause
    named = [
        {"kind": "film", "name": f["title"], "year": f.get("year"), "id": f.get("id")}
        for f in predicted.get("films", ())
    ] + [end for other in claims for end in (other["subject"], other["object"])]
    if any(same_entity(claim["object"], entity) for entity in named):
        return "both known, no claim"
    return f"object not found ({claim['object']['kind']})"


def _lineage(claim: Record) -> bool:
    return claim["relation"] in LINEAGE


_NEAR_MISSES: Mapping[str, Judge] = {
    "wrong sign": lambda gold, pred: _lineage(gold) and _lineage(pred) and _same_pair(gold, pred),
    "resembles against lineage": lambda gold, pred: (
        Relation.RESEMBLES in (gold["relation"], pred["relation"]) and _same_pair_either_way(gold, pred)
    ),
    "membership against lineage": lambda gold, pred: (
        Relation.PART_OF in (gold["relation"], pred["relation"]) and _same_pair(gold, pred)
    ),
    "backwards": lambda gold, pred: _lineage(gold) and _lineage(pred) and _same_pair(gold, _turned(pred)),
    "wrong subject": lambda gold, pred: (
        _lineage(gold)
        and _lineage(pred)
        and same_entity(gold["object"], pred["object"])
        and _quotes_overlap(gold["quote"], pred.get("quote") or "")
    ),
    "wrong object": lambda gold, pred: (
        _lineage(gold)
        and _lineage(pred)
        and same_entity(gold["subject"], pred["subject"])
        and _quotes_overlap(gold["quote"], pred.get("quote") or "")
    ),
}


# ── sums and text ───────────────────────────────────────────────────────────────────────────


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _grouped(items: Iterable[tuple[str, Tally]]) -> dict[str, Tally]:
    groups: dict[str, Tally] = {}
    for name, tally in items:
        groups[name] = groups.get(name, Tally()) + tally
    return groups


def _bootstrap(tallies: Sequence[Tally]) -> tuple[float, float]:
    if not tallies:
        return 0.0, 0.0
    rng = random.Random(0)
    scores = sorted(
        sum((tallies[rng.randrange(len(tallies))] for _ in tallies), Tally()).f1 for _ in range(RESAMPLES)
    )
    return scores[round(0.025 * RESAMPLES) - 1], scores[round(0.975 * RESAMPLES) - 1]


def _row(name: str, tally: Tally) -> str:
    rates = f"P {tally.precision:.3f}  R {tally.recall:.3f}  F1 {tally.f1:.3f}"
    return f"{name:24s} {rates}   hits {tally.hits} extra {tally.extra} missed {tally.missed}"


def _mistake_line(mistake: Mistake) -> str:
    def name(entity: Record) -> str:
        return f"{entity['name']} ({entity.get('year')})"

    claim = mistake.claim
    return (
        f"{'extra ' if mistake.extra else 'missed'} {mistake.document} [{mistake.cause}]: "
        f"{name(claim['subject'])} --{claim['relation']}/{claim['polarity']}--> {name(claim['object'])}  "
        f"“{(claim.get('quote') or '')[:140]}”"
    )
