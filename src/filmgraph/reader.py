"""The whole pure path: a document in, all that was read in it out.

    text = reader.link(document)         mentions found by the catalogue's names, and what each means
    reader.extractor.extract([text])     who descends from whom, sentence by sentence

`Reader.read` gives what the store keeps, `Reader.extract` one plain record for a line of JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count, islice
from typing import Any

from filmgraph.catalog import Catalog
from filmgraph.columns import Section, sections
from filmgraph.extractor import Extraction, Extractor, LinkedText, Rules, code_digest, entities_meant
from filmgraph.findings import Found
from filmgraph.forms import series_title
from filmgraph.linking import Linker, Linking
from filmgraph.memory import use_large_pages
from filmgraph.model import (
    Claim,
    Document,
    Entity,
    EntityKind,
    Evidence,
    Film,
    Franchise,
    Provenance,
    Reading,
    Relation,
    Review,
    provisional_id,
    review_id,
    sorted_entities,
)
from filmgraph.passages import passage
from filmgraph.records import claim_record, distinct, film_records, mention_records
from filmgraph.scoring import Weights

__all__ = ["Reader"]

BATCH = 64
"""How many reviews an extractor is given at once: one prompt may ask about several."""
LONG_RUN = 16
"""After how many batches large pages are worth what they cost, which twenty to fifty more save again."""


class Reader:
    """Reads reviews over one catalogue. With the rules, which read unless another extractor is given, the
    same document always gives the same reading, and the reader may be pickled and sent to other processes.

    Raises FilmgraphError when the package's trained weights are missing. `linking` are weights other than those.
    """

    def __init__(
        self, catalog: Catalog, extractor: Extractor | None = None, linking: Weights | None = None
    ) -> None:
        self.catalog = catalog
        self.extractor: Extractor = extractor or Rules()
        self._linker = Linker(catalog, weights=linking)

    @cached_property
    def version(self) -> str:
        """Names the code, the weights and the settings that read: different whenever a reading might be."""
        own, extractor = code_digest(), self.extractor.version
        return extractor if extractor.startswith(own) else f"{own} {extractor}"

    def link(self, document: Document, *, explain: bool = False) -> LinkedText:
        """The document cut into sentences with linked spans: what claims are drawn from.

        `explain` keeps the mentions that mean nothing, and says for every candidate what speaks for it.
        """
        return self._linked(document, self._linker.link(document, explain=explain))

    def _linked(self, document: Document, linking: Linking) -> LinkedText:
        new = {entity.id: entity for entity in linking.entities}
        entities = entities_meant(linking.links, linking.reviewed, new, self.catalog)
        cut = passage(document.text, linking.sentences, linking.links, entities, linking.reviewed)
        return LinkedText(document, linking, cut, self.catalog, self._linker.names, new)

    # ── for the store ───────────────────────────────────────────────────────────────────────

    def read(self, document: Document) -> Reading:
        """The review with its links, its evidence and the entities that arose from its text."""
        return next(self.read_all([document]))

    def read_all(self, documents: Iterable[Document]) -> Iterator[Reading]:
        """The readings of many documents, in order."""
        for text, extractions in self._extracted(documents):
            yield self.reading(text, extractions)

    def _extracted(
        self, documents: Iterable[Document], *, explain: bool = False
    ) -> Iterator[tuple[LinkedText, list[Extraction]]]:
        stream, batches = iter(documents), count()
        while batch := [self._parts(document, explain) for document in islice(stream, BATCH)]:
            if next(batches) == LONG_RUN:
                use_large_pages()
            texts = [text for _, parts in batch for _, text in parts]
            extractions = iter(self.extractor.extract(texts, explain=explain))
            for document, parts in batch:
                read = [(start, text, next(extractions)) for start, text in parts]
                yield self._joined(document, read) if len(read) > 1 else read[0][1:]

    # ── columns ─────────────────────────────────────────────────────────────────────────────

    def _parts(self, document: Document, explain: bool) -> tuple[Document, list[tuple[int, LinkedText]]]:
        """What is read by itself, with where it begins: the sections of a column, else the document as a whole."""
        column = sections(document, self._linker.names)
        if not column:
            return document, [(0, self.link(document, explain=explain))]
        return document, [(section.start, self._section(section, explain)) for section in column]

    def _section(self, section: Section, explain: bool) -> LinkedText:
        part = section.document
        return self._linked(part, self._linker.link(part, explain=explain, infer=section.reviewed))

    def _joined(
        self, document: Document, parts: Sequence[tuple[int, LinkedText, list[Extraction]]]
    ) -> tuple[LinkedText, list[Extraction]]:
        """A column whose sections were read: the links and claims of all, by their places in the whole text.

        It reviews no film as a whole.
        """
        linkings = [text.linking.moved(start) for start, text, _ in parts]
        entities = {entity.id: entity for linking in linkings for entity in linking.entities}
        linking = Linking(
            links=tuple(link for linking in linkings for link in linking.links),
            entities=tuple(sorted_entities(entities.values())),
            rejected=tuple(link for linking in linkings for link in linking.rejected),
            sentences=tuple(bounds for linking in linkings for bounds in linking.sentences),
        )
        whole = self._linked(document, linking)
        for _, text, _ in parts:
            whole.new.update(text.new)
        return whole, [
            replace(one, found=tuple(found.moved(start) for found in one.found))
            for start, _, extractions in parts
            for one in extractions
        ]

    def reading(self, text: LinkedText, extractions: Sequence[Extraction]) -> Reading:
        """What the store keeps of a review and of what was read in it."""
        review = _review(text.document, text.linking.reviewed)
        evidence: dict[str, Evidence] = {}
        for extraction in extractions:
            for found in extraction.found:
                item = self._evidence(found, text, review, extraction.by)
                known = evidence.get(item.id)
                if item.claim.subject != item.claim.object and (
                    not known or known.confidence < item.confidence
                ):
                    evidence[item.id] = item
        named = {end for item in evidence.values() for end in (item.claim.subject, item.claim.object)}
        named |= {link.entity for link in text.linking.links if link.entity}
        if review.film:
            named.add(review.film)
        return Reading(
            review=review,
            links=tuple(text.linking.links),
            evidence=tuple(evidence.values()),
            entities=tuple(sorted_entities(entity for id, entity in text.new.items() if id in named)),
            complete=all(extraction.complete for extraction in extractions),
        )

    def _evidence(self, found: Found, text: LinkedText, review: Review, by: Provenance) -> Evidence:
        subject, object_ = self._ends(found, text)
        return Evidence(
            claim=Claim(subject.id, found.relation, object_.id),
            review=review.id,
            start=found.start,
            end=found.end,
            quote=text.document.text[found.start : found.end],
            polarity=found.polarity,
            stance=found.stance,
            confidence=found.confidence,
            provenance=by,
            anachronistic=found.relation.is_lineage and _is_later(object_, subject, text),
        )

    # ── for a line of JSON ──────────────────────────────────────────────────────────────────

    def extract(self, document: Document, *, explain: bool = False) -> dict[str, Any]:
        """What was read as plain data: films and claims, with ids of the catalogue, null for what it lacks.

        `explain` adds what decided each claim, and each mention with the candidates it might have meant.
        """
        return next(self.extract_all([document], explain=explain))

    def extract_all(
        self, documents: Iterable[Document], *, explain: bool = False
    ) -> Iterator[dict[str, Any]]:
        """`extract` over many documents, in order."""
        for text, extractions in self._extracted(documents, explain=explain):
            yield self.record(text, extractions, explain=explain)

    def record(
        self, text: LinkedText, extractions: Sequence[Extraction], *, explain: bool = False
    ) -> dict[str, Any]:
        """The plain record of a review and of what was read in it."""
        claims = [
            claim_record(found, *self._ends(found, text), text, extraction.by, explain=explain)
            for extraction in extractions
            for found in extraction.found
        ]
        record: dict[str, Any] = {
            "id": text.document.id or text.document.place,
            "films": film_records(text.linking, text.catalog),
            "claims": distinct(claims),
        }
        if not all(extraction.complete for extraction in extractions):
            record["incomplete"] = True
        return record | ({"mentions": mention_records(text)} if explain else {})

    # ── what a claim is about ───────────────────────────────────────────────────────────────

    def _ends(self, found: Found, text: LinkedText) -> tuple[Entity, Entity]:
        subject, object_ = text.entity(found.subject.entity), text.entity(found.object.entity)
        if found.subject.how == "namesake":
            subject = self._namesake(subject, object_, text)
        if found.relation is Relation.PART_OF:
            object_ = _series(object_, text)
        return subject, object_

    def _namesake(self, titled: Entity, source: Entity, text: LinkedText) -> Entity:
        """Another film of the same title: of the source's series, else the next one after the review."""
        series = (source.id, *getattr(source, "franchises", ()), source.origin or "")
        after = (titled.year or 1) - 1
        other = self._linker.names.version(titled.name, after=after, series=series, other_than=titled.id)
        if other:
            return other
        name = f"{titled.name} {source.name}"
        return text.keep(Film(provisional_id(EntityKind.FILM, name), titled.name))


def _series(entity: Entity, text: LinkedText) -> Entity:
    """The franchise that an entity stands for when something is part of it."""
    if isinstance(entity, Franchise):
        return entity
    if isinstance(entity, Film):
        for id in entity.franchises:
            franchise = text.catalog.get(id)
            if franchise is not None:
                return franchise
    name = series_title(entity.name) if isinstance(entity, Film) else entity.name
    id = provisional_id(EntityKind.FRANCHISE, name)
    return text.keep(Franchise(id, name, origin=entity.origin or entity.id))


def _is_later(object_: Entity, subject: Entity, text: LinkedText) -> bool:
    """Whether the source came after what is said to descend from it."""
    if object_.origin is not None:
        object_ = text.new.get(object_.origin) or text.catalog.get(object_.origin) or object_
    dated = object_.id.startswith(("film:", "work:")) and subject.id.startswith(("film:", "work:"))
    return bool(dated and object_.year and subject.year and object_.year > subject.year)


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
