"""What was read as plain data: the lines that `filmgraph extract` prints and `evaluate` scores."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard

from filmgraph.catalog import Catalog
from filmgraph.explain import say
from filmgraph.extractor import LinkedText
from filmgraph.facts import medium_of
from filmgraph.findings import Found
from filmgraph.linking import Linking
from filmgraph.model import Entity, Film, Influence, Link, Polarity, Provenance, Work, is_provisional

__all__ = ["claim_record", "distinct", "entity_record", "film_records", "mention_records", "object_record"]

_NAMING = frozenset(["name", "title", "provisional", "short", "reviewed", "emphasis", "alias", "version"])
"""Ways of finding a mention that name the film itself, if only by its year; the others describe it."""


def entity_record(entity: Entity) -> dict[str, Any]:
    """An entity as a claim's subject or object: kind, name, year and the catalogue's own id.

    >>> entity_record(Film("film:tt0073195", "Jaws", 1975))
    {'kind': 'film', 'name': 'Jaws', 'year': 1975, 'id': 'tt0073195'}
    """
    kind = entity.id.partition(":")[0]
    return {
        "kind": kind,
        "name": entity.name,
        "year": None if kind in ("person", "franchise") else entity.year,
        "id": _public_id(entity),
    }


def _public_id(entity: Entity) -> str | None:
    return None if is_provisional(entity.id) else entity.id.partition(":")[2]


def object_record(entity: Entity, text: LinkedText) -> dict[str, Any]:
    """As `entity_record`; an Influence is written as what it originates in."""
    if isinstance(entity, Influence) and entity.origin:
        origin = text.new.get(entity.origin) or text.catalog.get(entity.origin)
        if origin is not None:
            return entity_record(origin)
    return entity_record(entity)


def film_records(linking: Linking, catalog: Catalog) -> list[dict[str, Any]]:
    """The distinct films that a review names, each with its first surface."""
    films: dict[str, dict[str, Any]] = {}
    new = {entity.id: entity for entity in linking.entities}
    for link in linking.links:
        entity = (new.get(link.entity) or catalog.get(link.entity)) if link.entity else None
        if _is_on_screen(entity) and link.how in _NAMING and entity.id not in films:
            films[entity.id] = {
                "surface": link.mention.surface,
                "title": entity.name,
                "year": entity.year,
                "id": _public_id(entity),
            }
    return list(films.values())


def _is_on_screen(entity: Entity | None) -> TypeGuard[Film | Work]:
    """Whether it is a film or a television show, which the catalogues of films have as a work."""
    return isinstance(entity, Film) or (isinstance(entity, Work) and medium_of(entity.form) == "tv")


def claim_record(
    found: Found, subject: Entity, object_: Entity, text: LinkedText, by: Provenance, *, explain: bool
) -> dict[str, Any]:
    """A claim with its quote, its offsets and its confidence; who read it, unless the rules did."""
    record: dict[str, Any] = {
        "subject": entity_record(subject),
        "relation": found.relation.value,
        "object": object_record(object_, text),
        "polarity": found.polarity.value,
        "stance": found.stance.value,
        "quote": text.document.text[found.start : found.end],
        "start": found.start,
        "end": found.end,
        "confidence": found.confidence,
    }
    if isinstance(object_, Influence):
        record["influence"] = object_.name
    if by.extractor != "rules" or explain:
        record["extractor"] = by.extractor
    if explain:
        record["version"] = by.version
        record["reasons"] = _reasons(found.reasons)
        record["relation_reasons"] = _reasons(found.relation_reasons)
    return record


def _reasons(weighed: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"feature": name, "weight": weight, "words": say(name)} for name, weight in weighed]


def distinct(claims: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The surest of each (subject, relation, object, polarity), in text order; none of a thing with itself."""
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for claim in claims:
        ends = [
            (end["kind"], end["name"], end["year"], end["id"]) for end in (claim["subject"], claim["object"])
        ]
        key = (ends[0], claim["relation"], ends[1], claim["polarity"] == Polarity.NEGATED)
        if ends[0] != ends[1] and (key not in best or best[key]["confidence"] < claim["confidence"]):
            best[key] = claim
    return sorted(best.values(), key=lambda claim: (claim["start"], claim["end"]))


def mention_records(text: LinkedText) -> list[dict[str, Any]]:
    """Each mention in text order: what it was taken for, what else it might have meant and why it does not."""
    linking = text.linking
    links = sorted(
        (*linking.links, *linking.rejected), key=lambda link: (link.mention.start, -link.mention.end)
    )
    return [_mention_record(link, text) for link in links]


def _mention_record(link: Link, text: LinkedText) -> dict[str, Any]:
    mention = link.mention
    return {
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "entity": link.entity,
        "name": _label(link.entity, text) if link.entity else None,
        "how": link.how,
        "score": round(link.score, 3),
        "why": _why(link, text),
        "candidates": [
            {
                "entity": candidate.entity,
                "name": _label(candidate.entity, text),
                "score": round(candidate.score, 3),
                "reasons": dict(candidate.reasons),
            }
            for candidate in link.candidates
        ],
    }


def _why(link: Link, text: LinkedText) -> str:
    """Why a mention was linked as it was, in words."""
    if link.entity is not None:
        return _WHY.get(link.how, f"found as {link.how}")
    mention = link.mention
    for other in text.linking.links:
        if other.mention.start < mention.end and mention.start < other.mention.end:
            return f"part of “{other.mention.surface}”"
    if len(link.candidates) > 1:
        return "none of the candidates is likely enough"
    return "the only candidate is not likely enough: these words are rarely that title here"


_WHY = {
    "name": "by its name",
    "short": "a short form of a title that the review spells out",
    "series": "words for a series follow, or it is one's own name",
    "emphasis": "set apart as a title; no catalogue knows it",
    "title": "a year follows it; no catalogue knows it",
    "anaphor": "described, not named: worked out from the reviewed film and what was named before",
    "epithet": "an adjective made of a name",
    "source": "described as the source",
    "influence": "a named pattern",
}


def _label(id: str, text: LinkedText) -> str:
    entity = text.new.get(id) or text.catalog.get(id)
    if entity is None:
        return id
    return f"{entity.name} ({entity.year})" if entity.year else entity.name
