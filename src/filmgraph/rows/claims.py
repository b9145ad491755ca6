"""Claims, the evidence they rest on and the reviews that it stands in, as the API gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any, cast

import strawberry

from filmgraph import model
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.filters import ClaimOrder, ReviewOrder
from filmgraph.history import claims_by, claims_finder
from filmgraph.model import Polarity, Relation, Stance
from filmgraph.paging import (
    MAX_PAGE,
    After,
    Before,
    Connection,
    Last,
    Window,
    check,
    connection,
    field,
    slice_of,
)
from filmgraph.request import Context, Info
from filmgraph.rows.entities import Entity, Film, Node, entity_rows
from filmgraph.store import ClaimFilter, ClaimRecord, EvidenceRecord, ReviewFilter

__all__ = [
    "Claim",
    "Evidence",
    "Review",
    "claim_pages",
    "claim_rows",
    "evidence_of",
    "evidence_rows",
    "review_page",
    "review_rows",
]

ID = strawberry.ID
COUNTED = 1_000_000
"""Claims as of a day that are counted one by one, at most."""


@strawberry.type(description="Subject, relation, object: the subject is the later, derived thing.")
class Claim(Node):
    subject: Entity
    relation: Relation
    object: Entity
    belief: float = strawberry.field(description="0 to 1, computed from all evidence for and against.")
    support: float = strawberry.field(description="Belief from the voices for it.")
    dissent: float = strawberry.field(description="Belief from the voices against it.")
    voices_for: int
    voices_against: int
    explanation: str = strawberry.field(description="Why the belief is what it is, in a sentence.")
    anachronistic: bool = strawberry.field(
        description="Would make a film descend from a later one; left out of lineage."
    )
    as_of: strawberry.Private[date | None]

    @field
    def evidence(self, info: Info, first: int = 10) -> list[Evidence]:
        """The most confident first."""
        check("first", first, 1, MAX_PAGE)
        return self._evidence(info)[:first]

    @field
    def evidence_connection(
        self,
        info: Info,
        polarity: Polarity | None = None,
        stance: Stance | None = None,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Evidence]:
        """All of it in pages, the most confident first."""
        window = Window.of("evidence", first, after, last, before)
        rows = [
            row
            for row in self._evidence(info)
            if polarity in (None, row.polarity) and stance in (None, row.stance)
        ]
        return slice_of(window, rows)

    def _evidence(self, info: Info) -> list[Evidence]:
        context = info.context
        found = context.group(self.id).fetch("evidence", lambda ids: evidence_rows(context, ids))
        return [row for row in found.get(self.id, ()) if row.review.was_written_by(self.as_of)]


@strawberry.type(description="One quoted span for or against a claim.")
class Evidence(Node):
    quote: str
    start: int = strawberry.field(description="Where the quote begins in the review's text, in code points.")
    end: int
    polarity: Polarity
    stance: Stance = strawberry.field(description="How the critic feels about the relation itself.")
    confidence: float
    anachronistic: bool
    extractor: str
    version: str
    recorded: datetime | None
    review: Review
    claim_id: strawberry.Private[str]
    parts: strawberry.Private[dict[int, Any]]
    """What was built of its plain attributes for answers (see `graphql.projection`)."""

    @field
    def claim(self, info: Info) -> Claim | None:
        context = info.context
        found = context.group(self.claim_id).fetch("claim", lambda ids: claim_rows(context, ids))
        return found.get(self.claim_id)


@strawberry.type(description="A stored review.")
class Review(Node):
    reviewer: str | None
    outlet: str | None
    published: date | None
    url: str | None
    film_id: strawberry.Private[str | None]

    @field
    def film(self, info: Info) -> Film | None:
        """The reviewed film, when it is known."""
        if self.film_id is None:
            return None
        context = info.context
        found = context.group(self.film_id).fetch("rows", lambda ids: entity_rows(context, ids))
        return cast("Film | None", found.get(self.film_id))

    @field
    def text(self, info: Info) -> str:
        """The text that all offsets count in."""
        return self._whole(info).text

    @field
    def rating(self, info: Info) -> float | None:
        return self._whole(info).rating

    @field
    def rating_scale(self, info: Info) -> float | None:
        """What the rating is out of."""
        return self._whole(info).rating_scale

    @field
    def verdict(self, info: Info) -> str | None:
        return self._whole(info).verdict

    @field
    def licence(self, info: Info) -> str | None:
        return self._whole(info).licence

    @field
    def claims(
        self,
        info: Info,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Claim]:
        """What this review speaks for or against."""
        window = Window.of("claims", first, after, last, before)

        def fetch(ids: Sequence[str]) -> Mapping[str, Connection[Claim]]:
            return claim_pages(info.context, {id: ClaimFilter(review=id) for id in ids}, window)

        return info.context.group(self.id).fetch(("claims", window), fetch)[self.id]

    def was_written_by(self, day: date | None) -> bool:
        return day is None or (self.published is not None and self.published <= day)

    def _whole(self, info: Info) -> model.Review:
        found = info.context.group(self.id).fetch("whole", info.context.store.reviews)
        if self.id not in found:
            raise NotFoundError(f"{self.id} is gone: its review was taken back just now")
        return found[self.id]


def claim_rows(context: Context, ids: Iterable[str], as_of: date | None = None) -> dict[str, Claim]:
    """Id → row, for those of `ids` that the store knows, or knew by a day."""
    records = list(context.store.claims(ids).values())
    records = claims_by(context.store, records, as_of) if as_of else records
    return {str(row.id): row for row in _claims(context, records, as_of)}


def _claims(context: Context, records: Sequence[ClaimRecord], as_of: date | None = None) -> list[Claim]:
    context.load_together([record.id for record in records])
    ends = entity_rows(context, (end for r in records for end in (r.claim.subject, r.claim.object)))
    return [
        Claim(
            id=ID(record.id),
            subject=ends[record.claim.subject],
            relation=record.claim.relation,
            object=ends[record.claim.object],
            belief=record.belief.value,
            support=record.belief.support,
            dissent=record.belief.dissent,
            voices_for=record.belief.voices_for,
            voices_against=record.belief.voices_against,
            explanation=record.belief.sentence,
            anachronistic=record.anachronistic,
            as_of=as_of,
        )
        for record in records
        if record.claim.subject in ends and record.claim.object in ends
    ]


def claim_pages(
    context: Context,
    asked: Mapping[str, ClaimFilter],
    window: Window,
    order: ClaimOrder = ClaimOrder.ID,
    as_of: date | None = None,
) -> dict[str, Connection[Claim]]:
    """A page of claims for every filter: one indexed lookup each, then one store call for all their ends."""
    if as_of and order is not ClaimOrder.ID:
        raise QueryError("orderBy: claims as of a day stand by ID; leave out orderBy, or asOf")
    store = context.store

    def finder(where: ClaimFilter) -> Callable[..., list[ClaimRecord]]:
        if as_of:
            return claims_finder(store, where, as_of)
        return lambda **page: store.find_claims(where, order=order, **page)

    def count(where: ClaimFilter) -> int:
        return len(finder(where)(limit=COUNTED)) if as_of else store.count_claims(where)

    found = {key: window.rows(finder(where)) for key, where in asked.items()}
    records = list({record.id: record for record in chain(*found.values())}.values())
    rows = {str(row.id): row for row in _claims(context, records, as_of)}
    return {
        key: connection(
            window,
            [rows[record.id] for record in found[key] if record.id in rows],
            lambda where=where: count(where),  # type: ignore[misc]
        )
        for key, where in asked.items()
    }


def evidence_rows(context: Context, claims: Iterable[str]) -> dict[str, list[Evidence]]:
    """Claim id → its evidence, the most confident first: one store call at most."""

    def load(missing: list[str]) -> dict[str, list[Evidence]]:
        found = context.store.evidence(missing)
        return {claim: [_evidence(claim, record) for record in records] for claim, records in found.items()}

    rows: dict[str, list[Evidence]] = context.service.evidence_rows.read(list(claims), load)
    context.load_together(rows)
    _load_reviews_together(context, lambda: (row.review for found in rows.values() for row in found))
    return rows


def evidence_of(context: Context, pairs: Iterable[tuple[str, EvidenceRecord]]) -> list[Evidence]:
    """Rows for pairs of claim id and evidence, in order."""
    rows = [_evidence(claim, record) for claim, record in pairs]
    context.load_together(row.claim_id for row in rows)
    _load_reviews_together(context, lambda: (row.review for row in rows))
    return rows


def _evidence(claim: str, record: EvidenceRecord) -> Evidence:
    item = record.evidence
    return Evidence(
        id=ID(item.id),
        quote=item.quote,
        start=item.start,
        end=item.end,
        polarity=item.polarity,
        stance=item.stance,
        confidence=item.confidence,
        anachronistic=item.anachronistic,
        extractor=item.provenance.extractor,
        version=item.provenance.version,
        recorded=item.provenance.recorded,
        review=Review(
            id=ID(item.review),
            reviewer=record.reviewer,
            outlet=record.outlet,
            published=record.published,
            url=record.url,
            film_id=record.film,
        ),
        claim_id=claim,
        parts={},
    )


def review_page(
    context: Context, where: ReviewFilter, window: Window, order: ReviewOrder
) -> Connection[Review]:
    """A page of reviews: one store call."""
    store = context.store
    rows = _reviews(context, window.rows(lambda **page: store.find_reviews(where, order=order, **page)))
    return connection(window, rows, lambda: store.count_reviews(where))


def review_rows(context: Context, ids: Iterable[str]) -> dict[str, Review]:
    """Id → row, for those of `ids` that the store knows."""
    return {str(row.id): row for row in _reviews(context, context.store.reviews(ids).values())}


def _reviews(context: Context, reviews: Iterable[model.Review]) -> list[Review]:
    rows = [
        Review(
            id=ID(review.id),
            reviewer=review.reviewer,
            outlet=review.outlet,
            published=review.published,
            url=review.url,
            film_id=review.film,
        )
        for review in reviews
    ]
    _load_reviews_together(context, lambda: rows)
    return rows


def _load_reviews_together(context: Context, reviews: Callable[[], Iterable[Review]]) -> None:
    """What is fetched for one of them, or for the film of one, is for all; nobody looks before that is asked."""
    context.load_together(review.id for review in reviews())
    context.load_together(review.film_id for review in reviews() if review.film_id)
