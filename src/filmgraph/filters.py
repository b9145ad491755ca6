"""What may be asked of a list: filters and orders as the schema has them, for those of the store."""

from __future__ import annotations

from datetime import date

import strawberry

from filmgraph.model import EntityKind, FilmFormat, JudgementAction, Polarity, Relation, Stance
from filmgraph.store import (
    ClaimFilter,
    ClaimOrder,
    EntityFilter,
    EntityOrder,
    ReviewFilter,
    ReviewOrder,
)

__all__ = [
    "ClaimFilterInput",
    "ClaimOrder",
    "EntityFilterInput",
    "EntityOrder",
    "FilmFilterInput",
    "ReviewFilterInput",
    "ReviewOrder",
]

ID = strawberry.ID
for _enum in (EntityKind, FilmFormat, JudgementAction, Polarity, Relation, Stance):
    strawberry.enum(_enum)
for _order in (EntityOrder, ReviewOrder, ClaimOrder):
    strawberry.enum(_order, description=(_order.__doc__ or "").strip())


@strawberry.input(name="FilmFilter", description="What films to list; a film must meet all that is given.")
class FilmFilterInput:
    year_from: int | None = None
    year_to: int | None = None
    genres: list[str] | None = strawberry.field(default=None, description="One of these.")
    countries: list[str] | None = strawberry.field(default=None, description="One of these.")
    formats: list[FilmFormat] | None = strawberry.field(default=None, description="One of these.")
    person: ID | None = strawberry.field(default=None, description="Somebody who is credited.")
    role: str | None = strawberry.field(default=None, description="As what the person is credited.")
    franchise: ID | None = None
    provisional: bool | None = None

    def where(self) -> EntityFilter:
        lists = {name: tuple(getattr(self, name) or ()) for name in ("genres", "countries", "formats")}
        return EntityFilter(**vars(self) | lists | {"kind": EntityKind.FILM})


@strawberry.input(name="EntityFilter", description="What to list; it must meet all that is given.")
class EntityFilterInput:
    year_from: int | None = strawberry.field(default=None, description="For a person, that of birth.")
    year_to: int | None = None
    provisional: bool | None = None

    def where(self, kind: EntityKind) -> EntityFilter:
        return EntityFilter(kind=kind, **vars(self))


@strawberry.input(
    name="ReviewFilter", description="What reviews to list; a review must meet all that is given."
)
class ReviewFilterInput:
    film: ID | None = None
    reviewer: str | None = None
    outlet: str | None = None
    written_from: date | None = None
    written_to: date | None = None

    def where(self) -> ReviewFilter:
        return ReviewFilter(**vars(self))


@strawberry.input(name="ClaimFilter", description="What claims to list; a claim must meet all that is given.")
class ClaimFilterInput:
    subject: ID | None = None
    object: ID | None = None
    entity: ID | None = strawberry.field(default=None, description="Either end.")
    relations: list[Relation] | None = None
    polarity: Polarity | None = strawberry.field(default=None, description="Some evidence speaks so.")
    stance: Stance | None = None
    min_belief: float = 0.0
    review: ID | None = None
    reviewer: str | None = None
    outlet: str | None = None
    written_from: date | None = None
    written_to: date | None = None
    disputed: bool | None = strawberry.field(default=None, description="Critics speak for it and against it.")
    anachronistic: bool | None = strawberry.field(
        default=None, description="Would make a film descend from a later one."
    )

    def where(self) -> ClaimFilter:
        return ClaimFilter(**vars(self) | {"relations": tuple(self.relations or ())})
