"""The tables of a write transaction, many rows at a time: what a store must offer for `transaction` to write to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from filmgraph.belief import Belief
from filmgraph.model import Claim, Entity, Evidence, Judgement, Review
from filmgraph.stored import canonical, entity_from

__all__ = ["Description", "EntityRow", "ReviewRow", "Statement", "Tables"]


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity as it is kept: `data` is its canonical form; `catalogued` when a catalogue knows it."""

    id: str
    data: str
    year: int | None
    catalogued: bool
    made_of: Entity | None = field(default=None, compare=False, repr=False)

    @property
    def entity(self) -> Entity:
        return self.made_of or entity_from(self.id, self.data)

    @classmethod
    def of(cls, entity: Entity, *, catalogued: bool) -> EntityRow:
        return cls(entity.id, canonical(entity), entity.year, catalogued, entity)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A review as it is kept: its canonical form and what read it."""

    id: str
    data: str
    pipeline: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Evidence, the claim it now counts for (after a merge not the one it was read for), and who speaks."""

    evidence: Evidence
    claim: Claim
    voice: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a review says of an entity that no catalogue knows, in canonical form."""

    review: str
    entity: str
    data: str


class Tables(Protocol):
    """One write transaction of a store. What is asked for and not there is left out of an answer."""

    revision: int
    """The revision that this transaction makes."""

    def entity_rows(self, ids: Collection[str]) -> dict[str, EntityRow]: ...
    def review_rows(self, ids: Collection[str]) -> dict[str, ReviewRow]: ...
    def said_in(self, reviews: Collection[str]) -> list[Statement]: ...
    def said_for(self, claims: Collection[str]) -> list[Statement]: ...
    def said_of(self, entities: Collection[str]) -> list[Statement]:
        """What was read with one of `entities` as subject or object."""

    def descriptions(self, reviews: Collection[str]) -> list[Description]: ...
    def first_descriptions(self, entities: Collection[str]) -> dict[str, str]:
        """Entity id → the least of its descriptions."""

    def provisional(self) -> Iterable[EntityRow]: ...
    def merges(self, ids: Collection[str]) -> list[tuple[str, str]]:
        """(loser, survivor) where either is among `ids`."""

    def judgements(self) -> list[Judgement]: ...
    def catalogue(self) -> int:
        """The sum of the digests of all catalogued entities, modulo 2^128."""

    def set_catalogue(self, total: int) -> None: ...
    def write_entities(self, rows: Sequence[EntityRow]) -> None: ...
    def delete_entities(self, ids: Collection[str]) -> None:
        """Delete entities, and merges that they lost."""

    def write_reviews(self, reviews: Sequence[tuple[Review, ReviewRow]]) -> None: ...
    def set_pipeline(self, reviews: Collection[str], pipeline: str) -> None: ...
    def delete_reviews(self, ids: Collection[str]) -> None:
        """Delete reviews that say nothing any more, and the marks of their documents."""

    def mark(self, fingerprints: Mapping[str, str]) -> None:
        """Document's fingerprint → the id of the review it holds."""

    def write_descriptions(self, rows: Sequence[Description]) -> None: ...
    def write_claims(self, weighed: Sequence[tuple[Claim, Belief, bool]]) -> None: ...
    def write_evidence(self, statements: Sequence[Statement]) -> None: ...
    def move_evidence(self, statements: Sequence[Statement]) -> None:
        """Let evidence count for another claim, or be anachronistic or not."""

    def forget(self, reviews: Collection[str]) -> None:
        """Delete the evidence and the descriptions of `reviews`."""

    def remove_claims(self, ids: Collection[str]) -> None:
        """Delete claims without evidence; the feed of edges tells."""

    def add_judgement(self, judgement: Judgement) -> None: ...
    def add_change(self, by: str, action: str, target: str) -> None:
        """Append to the log of changes, with the time and the revision."""

    def write_merge(self, loser: str, survivor: str, judgement: str) -> None: ...
    def delete_merge(self, loser: str) -> None: ...
