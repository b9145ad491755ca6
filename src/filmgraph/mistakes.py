"""Why a lineage claim is wrongly there, or wrongly not: the nearest thing that the other side says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from filmgraph.matching import (
    LINEAGE,
    Judge,
    Record,
    quotes_overlap,
    same_entity,
    same_pair,
    same_pair_either_way,
    turned,
)
from filmgraph.model import Relation

__all__ = ["Mistake", "mistakes"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A lineage claim that is wrongly there (`extra`) or wrongly not (`missed`), and why."""

    extra: bool
    document: str
    cause: str
    claim: Record

    def __str__(self) -> str:
        claim = self.claim
        return (
            f"{'extra ' if self.extra else 'missed'} {self.document} [{self.cause}]: {_name(claim['subject'])} "
            f"--{claim['relation']}/{claim['polarity']}--> {_name(claim['object'])}  "
            f"“{(claim.get('quote') or '')[:140]}”"
        )


def mistakes(gold: Record, predicted: Record, extra: list[Record], missed: list[Record]) -> list[Mistake]:
    """The extra and missed claims of one document, each with its cause."""
    return [Mistake(True, gold["id"], _why_extra(claim, gold), claim) for claim in extra] + [
        Mistake(False, gold["id"], _why_missed(claim, predicted), claim) for claim in missed
    ]


def _name(entity: Record) -> str:
    return f"{entity['name']} ({entity.get('year')})"


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


def _same_words(gold: Record, pred: Record) -> bool:
    return _lineage(gold) and _lineage(pred) and quotes_overlap(gold["quote"], pred.get("quote") or "")


_NEAR_MISSES: Mapping[str, Judge] = {
    "wrong sign": lambda gold, pred: _lineage(gold) and _lineage(pred) and same_pair(gold, pred),
    "resembles against lineage": lambda gold, pred: (
        Relation.RESEMBLES in (gold["relation"], pred["relation"]) and same_pair_either_way(gold, pred)
    ),
    "membership against lineage": lambda gold, pred: (
        Relation.PART_OF in (gold["relation"], pred["relation"]) and same_pair(gold, pred)
    ),
    "backwards": lambda gold, pred: _lineage(gold) and _lineage(pred) and same_pair(gold, turned(pred)),
    "wrong subject": lambda gold, pred: (
        same_entity(gold["object"], pred["object"]) and _same_words(gold, pred)
    ),
    "wrong object": lambda gold, pred: (
        same_entity(gold["subject"], pred["subject"]) and _same_words(gold, pred)
    ),
}
