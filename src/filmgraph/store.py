"""Where facts live: the `Store` protocol, what it returns, and `open_store`.

`sqlite_store` implements it over one file. A store is a context manager; methods that write are durable when
they return, and a method that fails has written nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from filmgraph.belief import Belief
from filmgraph.errors import StoreError
from filmgraph.model import (
    Claim,
    Entity,
    EntityKind,
    Evidence,
    Judgement,
    Polarity,
    Reading,
    Relation,
    Review,
    Stance,
)

__all__ = [
    "ALL_CLAIMS",
    "ClaimFilter",
    "ClaimRecord",
    "EdgeBatch",
    "EvidenceRecord",
    "ImportReport",
    "PutReport",
    "Store",
    "open_store",
]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import of a catalogue did; `merged` provisional entities were recognised in it."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    merged: int = 0

    def __add__(self, other: ImportReport) -> ImportReport:
        return ImportReport(
            self.added + other.added,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.merged + other.merged,
        )


@dataclass(frozen=True, slots=True)
class PutReport:
    """What a put left behind: reviews written, and whether anything changed."""

    reviews: int = 0
    changed: bool = False


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim with its belief; `anachronistic` when all of its evidence is."""

    id: str
    claim: Claim
    belief: Belief
    anachronistic: bool


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """Evidence with who says it."""

    evidence: Evidence
    voice: str
    reviewer: str | None
    outlet: str | None
    published: date | None
    film: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class EdgeBatch:
    """Claims as columns, one row each, sorted by claim id; strings are objects in numpy arrays.

    `subject` and `object` index `nodes`. All claims with support are here (comparison and membership too);
    those whose evidence is all anachronistic are not. `removed` are claim ids gone since the revision asked
    for; a full batch (since 0) has none.
    """

    revision: int
    nodes: tuple[str, ...]
    years: NDArray[np.int32]  # 0 where unknown
    origins: tuple[str | None, ...]
    claims: NDArray[np.object_]
    subject: NDArray[np.int32]
    object: NDArray[np.int32]
    relation: NDArray[np.int8]  # index into tuple(Relation)
    belief: NDArray[np.float64]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What claims to list; None asks for no restriction."""

    subject: str | None = None
    object: str | None = None
    entity: str | None = None
    relations: tuple[Relation, ...] = ()
    polarity: Polarity | None = None
    stance: Stance | None = None
    min_belief: float = 0.0
    review: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    written_from: date | None = None
    written_to: date | None = None


ALL_CLAIMS = ClaimFilter()


class Store(Protocol):
    """Facts: entities, reviews, claims with their evidence, human judgements."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def close(self) -> None: ...

    def revision(self) -> int:
        """Moves when, and only when, the content does."""

    def catalogue_digest(self) -> str:
        """Equal for equal sets of catalogued entities, in whatever order they came."""

    def import_entities(self, entities: Iterable[Entity], *, source: str) -> ImportReport:
        """Add or update catalogued entities; merge provisional ones that are now known for certain."""

    def put(
        self, readings: Sequence[Reading], fingerprints: Sequence[str] = (), *, pipeline: str = ""
    ) -> PutReport:
        """Store readings, each in place of what the same review said before, in one durable transaction.

        Of two readings of one text by the same pipeline, the one whose review sorts first as JSON stays.
        """

    def seen(self, fingerprints: Sequence[str]) -> set[str]:
        """Those documents that were put before."""

    def retract(self, review: str) -> bool:
        """Take a review back with all that only it said; False when there is no such review."""

    def entity(self, id: str) -> Entity | None: ...
    def entities(self, ids: Iterable[str]) -> dict[str, Entity]: ...
    def iter_entities(
        self, kind: EntityKind | None = None, *, catalogued_only: bool = False
    ) -> Iterator[Entity]:
        """Entities by id."""

    def search(
        self, query: str, kinds: Sequence[EntityKind] | None = None, limit: int = 20
    ) -> list[tuple[Entity, float]]:
        """Entities whose name or alias is like `query`, the best first, with a score 0..1."""

    def review(self, id: str) -> Review | None: ...
    def reviews(self, ids: Iterable[str]) -> dict[str, Review]: ...
    def iter_reviews(
        self, *, film: str | None = None, after: str = "", limit: int | None = None
    ) -> Iterator[Review]:
        """Reviews by id, those after `after`."""

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]: ...
    def find_claims(
        self, where: ClaimFilter = ALL_CLAIMS, *, after: str = "", limit: int = 50
    ) -> list[ClaimRecord]:
        """Claims by id, those after `after`."""

    def count_claims(self, where: ClaimFilter = ALL_CLAIMS) -> int:
        """How many claims `find_claims` would give in all."""

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        """Claim id → its evidence, the most confident first."""

    def edges(self, since: int = 0, *, as_of: date | None = None) -> EdgeBatch:
        """Claims as columns: all, or those changed after revision `since`; O(claims).

        With `as_of`, belief is computed from reviews published by that date; undated ones are left out.
        """

    def judge(self, judgement: Judgement) -> None: ...
    def undo(self, judgement: str) -> None:
        """Take a judgement back; NotFoundError when there is none, StoreError when it is undone already."""

    def judgements(self) -> list[Judgement]: ...
    def stats(self) -> dict[str, int]: ...
    def verify(self) -> list[str]:
        """Problems found, each a sentence; none when the store is sound."""


def open_store(url: str, *, readonly: bool = False) -> Store:
    """The store at `url`: a file's path, or sqlite:///PATH.

    Raises StoreBusyError when another process writes to it, StoreVersionError when it is newer than this
    program, StoreError when the address is of no known kind.
    """
    scheme, colon, rest = url.partition("://")
    if not colon:
        scheme, rest = "sqlite", "/" + url
    if scheme == "sqlite":
        from filmgraph.sqlite_store import SqliteStore

        return SqliteStore(rest.removeprefix("/"), readonly=readonly)
    raise StoreError(f"{url!r} is no store: give a file's path, or sqlite:///PATH")
