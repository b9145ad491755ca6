"""The review desk: what would be read in a review, marked in its text before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from filmgraph.belief import believe
from filmgraph.documents import checked, document_from_record, read
from filmgraph.errors import DocumentError, QueryError
from filmgraph.model import Document, Entity, Evidence, Link, Polarity, Reading, voice_of
from filmgraph.settings import Settings
from filmgraph.web.quotes import Quote, Said, anchor, marked
from filmgraph.web.views import Graph
from filmgraph.wording import name_of

__all__ = ["FIELDS", "Mentioned", "document_of", "read_review"]

FIELDS = ("text", "url", "title", "year", "reviewer", "outlet", "published")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A mention with what it was linked to, and why."""

    surface: str
    start: int
    entity: Entity | None
    score: float
    how: str
    others: tuple[Entity, ...]


def document_of(form: Mapping[str, str], settings: Settings, *, may_fetch: bool) -> Document:
    """The review that a form holds, pasted or by its URL; DocumentError or QueryError say what is wrong with it."""
    given = {name: form.get(name, "").strip() for name in FIELDS}
    text, url = given.pop("text"), given.pop("url")
    known = {name: value for name, value in given.items() if value}
    if text:
        document = checked(
            document_from_record({**known, "text": text, **({"url": url} if url else {})}, "the review"),
            settings,
        )
    elif url:
        document = _fetched(url, settings, may_fetch=may_fetch)
    else:
        raise QueryError("paste a review, or give the address of one")
    return document


def may_fetch(settings: Settings, *, writer: bool) -> bool:
    """Addresses are fetched for whoever has the token, and on a server that only this machine reaches."""
    return writer or settings.host in LOOPBACK


def _fetched(url: str, settings: Settings, *, may_fetch: bool) -> Document:
    if not may_fetch:
        raise QueryError(
            "this server fetches addresses only for those who have its token; paste the text instead"
        )
    if not re.match(r"https?://", url):
        raise QueryError(f"{url[:80]!r} is no address of the web; it begins with https://")
    refused: list[DocumentError] = []
    documents = list(read([url], settings, on_error=refused.append))
    if refused:
        raise refused[0]
    if len(documents) != 1:
        raise QueryError(f"{url[:80]} holds {len(documents)} reviews; the desk takes one")
    return documents[0]


def read_review(graph: Graph, document: Document) -> dict[str, Any]:
    """The values of the desk's page for a review: its text with marks, its mentions and claims; nothing is stored."""
    reading = graph.service.reader().read(document)
    ids = {link.entity for link in reading.links if link.entity}
    ids |= {end for item in reading.evidence for end in (item.claim.subject, item.claim.object)}
    ids |= {reading.review.film or ""}
    names = graph.store.entities(ids) | {entity.id: entity for entity in reading.entities}
    candidates = {candidate.entity for link in reading.links for candidate in link.candidates[:4]}
    others = graph.store.entities(candidates - set(names)) | names
    places = {anchor(item.id): (item.start, item.end) for item in reading.evidence}
    links = sorted(reading.links, key=lambda link: link.mention.start)
    return {
        "document": document,
        "review": reading.review,
        "film": names.get(reading.review.film or ""),
        "known": graph.store.review(reading.review.id) is not None,
        "paragraphs": marked(
            document.text, places, [(link.mention.start, link.mention.end) for link in links]
        ),
        "mentions": [_mentioned(link, names, others) for link in links],
        "said": _said(reading, names),
    }


def _mentioned(link: Link, names: Mapping[str, Entity], others: Mapping[str, Entity]) -> Mentioned:
    rest = [others[c.entity] for c in link.candidates[:4] if c.entity != link.entity and c.entity in others]
    return Mentioned(
        link.mention.surface,
        link.mention.start,
        names.get(link.entity or ""),
        link.score,
        link.how,
        tuple(rest),
    )


def _said(reading: Reading, names: Mapping[str, Entity]) -> list[Said]:
    """The review's claims, in the order of the text, with the belief that this review alone would give."""
    voice = voice_of(reading.review)
    by_claim: dict[str, list[Evidence]] = {}
    for item in sorted(reading.evidence, key=lambda item: (item.start, item.id)):
        by_claim.setdefault(item.claim.id, []).append(item)
    said = []
    for id, items in by_claim.items():
        claim, belief = items[0].claim, believe([(item, voice) for item in items])
        ends = (name_of(end, names, dated=True) for end in (claim.subject, claim.object))
        quotes = [_quote(item, reading) for item in items]
        said.append(
            Said(
                id,
                f" {claim.relation.verb} ".join(ends),
                claim.relation,
                claim.subject,
                claim.object,
                belief.value,
                belief.sentence,
                all(item.anachronistic for item in items),
                tuple(quote for quote in quotes if quote.polarity is not Polarity.NEGATED),
                tuple(quote for quote in quotes if quote.polarity is Polarity.NEGATED),
            )
        )
    return said


def _quote(item: Evidence, reading: Reading) -> Quote:
    by = ", ".join(part for part in (reading.review.reviewer, reading.review.outlet) if part) or "This review"
    return Quote(
        " ".join(item.quote.split()),
        by,
        reading.review.published,
        f"#{anchor(item.id)}",
        None,
        item.stance,
        item.polarity,
        item.confidence,
    )
