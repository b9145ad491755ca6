"""Values as properties of nodes, and back.

An entity's node keeps its canonical form as `data`, and beside it what people look for when they browse. A review's
node and a piece of evidence have the fields of the value.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString

from filmgraph.belief import Belief
from filmgraph.model import (
    Claim,
    Evidence,
    Film,
    Judgement,
    Polarity,
    Provenance,
    Relation,
    Review,
    Stance,
    kind_of,
    voice_of,
)
from filmgraph.store import ClaimRecord, EvidenceRecord
from filmgraph.stored import fold, folded_names, renown
from filmgraph.tables import EntityRow, Statement

__all__ = [
    "CLAIM",
    "SAID",
    "WHO",
    "Row",
    "claim_properties",
    "claim_record",
    "entity_properties",
    "evidence_properties",
    "evidence_record",
    "is_drawn",
    "judgement_properties",
    "review_from_properties",
    "review_properties",
    "statement_from",
]

Row = Sequence[Any]
SAID: LiteralString = (
    "RETURN e.subject, e.relation, e.object, e.start, e.end, e.quote, e.polarity, e.stance, e.confidence,"
    " e.extractor, e.version, e.recorded, e.anachronistic, r.id, c.subject, c.object, r.voice"
)
"""Returns what `statement_from` makes a statement of."""
CLAIM: LiteralString = (
    "RETURN c.id, c.subject, c.relation, c.object, c.belief, c.support, c.dissent, c.voices_for,"
    " c.voices_against, c.explanation, c.anachronistic"
)
"""Returns what `claim_record` reads."""
WHO: LiteralString = ", r.reviewer, r.outlet, r.published, r.film, r.url"
"""Follows `SAID` for `evidence_record`."""
_REVIEW_FIELDS = tuple(field.name for field in dataclasses.fields(Review))


def entity_properties(row: EntityRow, revision: int) -> dict[str, Any]:
    """An entity as {id, labels, properties}."""
    entity = row.entity
    properties: dict[str, Any] = {
        "id": row.id,
        "name": entity.name,
        "year": row.year,
        "aliases": list(entity.aliases),
        "folded": fold(entity.name),
        "names": folded_names(entity),
        "renown": float(renown(entity)),
        "origin": entity.origin,
        "catalogued": row.catalogued,
        "revision": revision,
        "data": row.data,
    }
    if isinstance(entity, Film):
        properties |= {
            "format": entity.format.value,
            "genres": list(entity.genres),
            "countries": list(entity.countries),
            "runtime": entity.runtime,
            "imdb": entity.imdb_id,
            "franchises": list(entity.franchises),
            "people": list(dict.fromkeys(credit.person for credit in entity.credits)),
            "parts": list(dict.fromkeys(f"{credit.person} {credit.role}" for credit in entity.credits)),
        }
    labels = [kind_of(row.id).value.capitalize(), *([] if row.catalogued else ["Provisional"])]
    return {"id": row.id, "labels": labels, "properties": properties}


def review_properties(review: Review, pipeline: str) -> dict[str, Any]:
    """A review's fields, its voice and its pipeline."""
    return {name: getattr(review, name) for name in _REVIEW_FIELDS} | {
        "voice": voice_of(review),
        "pipeline": pipeline,
    }


def review_from_properties(properties: dict[str, Any]) -> Review:
    fields = {name: properties.get(name) for name in _REVIEW_FIELDS}
    if fields["published"] is not None:
        fields["published"] = fields["published"].to_native()
    return Review(**fields)  # type: ignore[arg-type]


def evidence_properties(item: Statement) -> dict[str, Any]:
    """A piece of evidence as {claim, review, properties}."""
    said = item.evidence
    return {
        "claim": item.claim.id,
        "review": said.review,
        "properties": {
            "id": said.id,
            "subject": said.claim.subject,
            "relation": said.claim.relation.value,
            "object": said.claim.object,
            "start": said.start,
            "end": said.end,
            "quote": said.quote,
            "polarity": said.polarity.value,
            "stance": said.stance.value,
            "confidence": float(said.confidence),
            "extractor": said.provenance.extractor,
            "version": said.provenance.version,
            "recorded": _second(said.provenance.recorded),
            "anachronistic": said.anachronistic,
        },
    }


def _second(time: datetime | None) -> datetime | None:
    return time.replace(microsecond=0) if time else None


def statement_from(row: Row) -> Statement:
    """A row of `SAID` as a statement."""
    subject, relation, object, start, end, quote, polarity, stance, confidence = row[:9]
    extractor, version, recorded, anachronistic, review, claim_subject, claim_object, voice = row[9:17]
    evidence = Evidence(
        claim=Claim(subject, Relation(relation), object),
        review=review,
        start=start,
        end=end,
        quote=quote,
        polarity=Polarity(polarity),
        stance=Stance(stance),
        confidence=confidence,
        provenance=Provenance(extractor, version, recorded.to_native() if recorded else None),
        anachronistic=anachronistic,
    )
    return Statement(evidence, Claim(claim_subject, Relation(relation), claim_object), voice)


def evidence_record(row: Row) -> EvidenceRecord:
    """A row of `SAID` and `WHO` as evidence with who says it."""
    item = statement_from(row)
    reviewer, outlet, published, film, url = row[17:22]
    day = published.to_native() if published else None
    return EvidenceRecord(item.evidence, item.voice, reviewer, outlet, day, film, url, item.claim.id)


def claim_record(row: Row) -> ClaimRecord:
    """A row of `CLAIM` as a claim with its belief."""
    id, subject, relation, object, *belief, anachronistic = row
    return ClaimRecord(id, Claim(subject, Relation(relation), object), Belief(*belief), anachronistic)


def claim_properties(claim: Claim, belief: Belief, anachronistic: bool, revision: int) -> dict[str, Any]:
    """A claim with its belief."""
    return {
        "id": claim.id,
        "subject": claim.subject,
        "relation": claim.relation.value,
        "object": claim.object,
        "belief": belief.value,
        "support": belief.support,
        "dissent": belief.dissent,
        "voices_for": belief.voices_for,
        "voices_against": belief.voices_against,
        "explanation": belief.sentence,
        "anachronistic": anachronistic,
        "revision": revision,
    }


def is_drawn(claim: dict[str, Any]) -> bool:
    """Whether a claim, by its properties, is also a relationship between its ends."""
    return bool(claim["belief"] > 0 and claim["support"] > 0 and not claim["anachronistic"])


def judgement_properties(judgement: Judgement) -> dict[str, Any]:
    """A judgement's fields."""
    return dataclasses.asdict(judgement) | {"action": judgement.action.value}
