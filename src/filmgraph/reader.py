"""The whole pure path: a document in, all that was read in it out.

    links  = mentions found by the catalogue's names, and what each means
    claims = pairs of linked works, weighed sentence by sentence

`Reader.read` gives what the store keeps, `Reader.extract` one plain record for a line of JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from filmgraph.candidates import Passage, Span, passage
from filmgraph.catalog import Catalog
from filmgraph.claims import Found, Models, extract_claims, load_models
from filmgraph.linking import Linker, Linking
from filmgraph.model import (
    Claim,
    Document,
    Entity,
    EntityKind,
    Evidence,
    Film,
    Franchise,
    Influence,
    Link,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    is_provisional,
    provisional_id,
    review_id,
    sorted_entities,
)
from filmgraph.settings import data_dir
from filmgraph.text import normalise, sentences

__all__ = ["Reader", "entity_record"]

EXTRACTOR = "filmgraph"
_PARTS = ("text", "names", "mentions", "linking", "cues", "polarity", "candidates", "claims", "reader")


class Reader:
    """Reads reviews over one catalogue. The same document always gives the same reading; a reader may be
    pickled and sent to other processes.

    Raises FilmgraphError when the package's trained weights are missing.
    """

    def __init__(self, catalog: Catalog, models: Models | None = None) -> None:
        self.catalog = catalog
        self._linker = Linker(catalog)
        self._models = models or load_models()

    @cached_property
    def version(self) -> str:
        """Names the code and the weights that read: different whenever a reading might be."""
        here = Path(__file__).parent
        files = [here / f"{part}.py" for part in _PARTS] + sorted(data_dir().iterdir())
        digest = hashlib.blake2b(digest_size=6)
        for file in files:
            if file.is_file():
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()

    def read(self, document: Document) -> Reading:
        """The review with its links, its evidence and the entities that arose from its text."""
        linking, text = self._linked(document)
        review = _review(document, linking.reviewed)
        provenance = Provenance(EXTRACTOR, self.version)
        new: dict[str, Entity] = {entity.id: entity for entity in linking.entities}
        evidence: dict[str, Evidence] = {}
        for found in extract_claims(text, self._models):
            item = self._evidence(found, document, review, provenance, new)
            known = evidence.get(item.id)
            if item.claim.subject != item.claim.object and (not known or known.confidence < item.confidence):
                evidence[item.id] = item
        named = {end for item in evidence.values() for end in (item.claim.subject, item.claim.object)}
        named |= {link.entity for link in linking.links if link.entity}
        if review.film:
            named.add(review.film)
        return Reading(
            review=review,
            links=tuple(linking.links),
            evidence=tuple(evidence.values()),
            entities=tuple(sorted_entities(entity for id, entity in new.items() if id in named)),
        )

    def extract(
        self, document: Document, *, min_confidence: float | None = None, explain: bool = False
    ) -> dict[str, Any]:
        """What was read as plain data: films and claims, with ids of the catalogue, null for what it lacks.

        `min_confidence` (0..1) replaces the trained thresholds; `explain` adds what decided each claim, and
        the candidates of each mention.
        """
        linking, text = self._linked(document)
        new: dict[str, Entity] = {entity.id: entity for entity in linking.entities}
        found = extract_claims(text, self._models, min_confidence=min_confidence, explain=explain)
        record: dict[str, Any] = {
            "id": document.id or document.place,
            "films": self._films(linking, new),
            "claims": _distinct(self._claim_record(claim, document, new, explain) for claim in found),
        }
        if explain:
            record["mentions"] = [_link_record(link) for link in linking.links]
        return record

    def passage(self, document: Document) -> tuple[Passage, Linking]:
        """The document cut into sentences with linked spans: what claims are drawn from."""
        linking, text = self._linked(document)
        return text, linking

    def films(self, linking: Linking) -> list[dict[str, Any]]:
        """The distinct films that are named, as `extract` writes them."""
        return self._films(linking, {entity.id: entity for entity in linking.entities})

    def span_record(self, span: Span, linking: Linking) -> dict[str, Any]:
        """The entity of a span as `extract` writes it."""
        return self._end(span, {entity.id: entity for entity in linking.entities})

    def _linked(self, document: Document) -> tuple[Linking, Passage]:
        linking = self._linker.link(document)
        new = {entity.id: entity for entity in linking.entities}
        ids = {link.entity for link in linking.links if link.entity} | {linking.reviewed or ""}
        entities = {id: entity for id in ids if (entity := new.get(id) or self.catalog.get(id))}
        bounds = sentences(normalise(document.text), skip=document.skip)
        return linking, passage(document.text, bounds, linking.links, entities, linking.reviewed)

    # ── evidence ────────────────────────────────────────────────────────────────────────────

    def _evidence(
        self,
        found: Found,
        document: Document,
        review: Review,
        provenance: Provenance,
        new: dict[str, Entity],
    ) -> Evidence:
        subject, object_ = self._ends(found, document, new)
        return Evidence(
            claim=Claim(subject.id, found.relation, object_.id),
            review=review.id,
            start=found.start,
            end=found.end,
            quote=document.text[found.start : found.end],
            polarity=found.polarity,
            stance=found.stance,
            confidence=found.confidence,
            provenance=provenance,
            anachronistic=found.relation.is_lineage and self._is_later(object_, subject, new),
        )

    def _ends(self, found: Found, document: Document, new: dict[str, Entity]) -> tuple[Entity, Entity]:
        subject, object_ = self._entity(found.subject, new), self._entity(found.object, new)
        if found.subject.how == "namesake":
            subject = self._namesake(subject, object_, document, new)
        if found.relation is Relation.PART_OF:
            object_ = self._series(object_, new)
        return subject, object_

    def _entity(self, span: Span, new: Mapping[str, Entity]) -> Entity:
        entity = new.get(span.entity) or self.catalog.get(span.entity)
        if entity is None:
            raise KeyError(span.entity)
        return entity

    def _is_later(self, object_: Entity, subject: Entity, new: Mapping[str, Entity]) -> bool:
        """Whether the source came after what is said to descend from it."""
        if object_.origin is not None:
            object_ = new.get(object_.origin) or self.catalog.get(object_.origin) or object_
        dated = object_.id.startswith(("film:", "work:")) and subject.id.startswith(("film:", "work:"))
        return bool(dated and object_.year and subject.year and object_.year > subject.year)

    def _series(self, entity: Entity, new: dict[str, Entity]) -> Entity:
        """The franchise that an entity stands for when something is part of it."""
        if isinstance(entity, Franchise):
            return entity
        if isinstance(entity, Film):
            for id in entity.franchises:
                franchise = self.catalog.get(id)
                if franchise is not None:
                    return franchise
        franchise = Franchise(
            provisional_id(EntityKind.FRANCHISE, entity.name), entity.name, origin=entity.origin or entity.id
        )
        return new.setdefault(franchise.id, franchise)

    def _namesake(self, titled: Entity, source: Entity, document: Document, new: dict[str, Entity]) -> Entity:
        """Another film of the same title: of the source's series, else the next one after the review."""
        others = [
            film
            for film in self._linker.films_titled(titled.name)
            if film.id != titled.id and (film.year or 0) >= (titled.year or 0)
        ]
        series = {source.id, *getattr(source, "franchises", ()), source.origin}
        kin = [film for film in others if series.intersection(film.franchises)]
        if kin or others:
            return min(kin or others, key=lambda film: (film.year or 9999, film.id))
        film = Film(provisional_id(EntityKind.FILM, f"{titled.name} {source.name}"), titled.name)
        return new.setdefault(film.id, film)

    # ── plain records ───────────────────────────────────────────────────────────────────────

    def _films(self, linking: Linking, new: Mapping[str, Entity]) -> list[dict[str, Any]]:
        films: dict[str, dict[str, Any]] = {}
        for link in linking.links:
            entity = (new.get(link.entity) or self.catalog.get(link.entity)) if link.entity else None
            if isinstance(entity, Film) and link.how in _NAMING and entity.id not in films:
                films[entity.id] = {
                    "surface": link.mention.surface,
                    "title": entity.name,
                    "year": entity.year,
                    "id": _public_id(entity),
                }
        return list(films.values())

    def _claim_record(
        self, found: Found, document: Document, new: dict[str, Entity], explain: bool
    ) -> dict[str, Any]:
        subject, object_ = self._ends(found, document, new)
        record: dict[str, Any] = {
            "subject": entity_record(subject),
            "relation": found.relation.value,
            "object": self._object_record(object_, new),
            "polarity": found.polarity.value,
            "stance": found.stance.value,
            "quote": document.text[found.start : found.end],
            "start": found.start,
            "end": found.end,
            "confidence": found.confidence,
        }
        if isinstance(object_, Influence):
            record["influence"] = object_.name
        if explain:
            record["reasons"] = [{"feature": name, "weight": weight} for name, weight in found.reasons]
        return record

    def _object_record(self, entity: Entity, new: Mapping[str, Entity]) -> dict[str, Any]:
        """An Influence is written as what it originates in."""
        if isinstance(entity, Influence) and entity.origin:
            origin = new.get(entity.origin) or self.catalog.get(entity.origin)
            if origin is not None:
                return entity_record(origin)
        return entity_record(entity)

    def _end(self, span: Span, new: Mapping[str, Entity]) -> dict[str, Any]:
        return self._object_record(self._entity(span, new), new)


_NAMING = frozenset(["name", "title", "provisional", "short", "reviewed", "emphasis", "alias"])


def entity_record(entity: Entity) -> dict[str, Any]:
    """An entity as a claim's subject or object: kind, name, year and the catalogue's own id.

    >>> entity_record(Film("film:tt0073195", "Jaws", 1975))
    {'kind': 'film', 'name': 'Jaws', 'year': 1975, 'id': 'tt0073195'}
    """
    kind = entity.id.partition(":")[0]
    person = kind == "person"
    return {
        "kind": kind,
        "name": entity.name,
        "year": None if person or kind == "franchise" else entity.year,
        "id": _public_id(entity),
    }


def _public_id(entity: Entity) -> str | None:
    return None if is_provisional(entity.id) else entity.id.partition(":")[2]


def _review(document: Document, film: str | None) -> Review:
    return Review(
        id=review_id(document.text),
        text=document.text,
        film=film,
        reviewer=document.reviewer,
        outlet=document.outlet,
        published=document.published,
        rating=document.rating,
        rating_scale=document.rating_scale,
        verdict=document.verdict,
        url=document.url,
        licence=document.licence,
    )


def _distinct(claims: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
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


def _link_record(link: Link) -> dict[str, Any]:
    mention = link.mention
    return {
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "entity": link.entity,
        "how": link.how,
        "score": round(link.score, 3),
        "candidates": [
            {"entity": c.entity, "score": round(c.score, 3), "reasons": dict(c.reasons)}
            for c in link.candidates
        ],
    }
