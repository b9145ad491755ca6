"""Where facts live: the `Store` protocol, what it returns, and `open_store`.

`sqlite_store` implements it over one file, `neo4j_store` over a database that many share. A store is a context
manager; methods that write are durable when they return, and a method that fails has written nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
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
    FilmFormat,
    Judgement,
    Polarity,
    Reading,
    Relation,
    Review,
    Stance,
)
from filmgraph.settings import Settings

__all__ = [
    "ALL_CLAIMS",
    "ALL_ENTITIES",
    "ALL_REVIEWS",
    "Change",
    "ClaimFilter",
    "ClaimOrder",
    "ClaimRecord",
    "EdgeBatch",
    "EntityFilter",
    "EntityOrder",
    "EvidenceRecord",
    "ImportReport",
    "NameBatch",
    "PutReport",
    "ReviewFilter",
    "ReviewOrder",
    "Store",
    "StoredReading",
    "open_store",
]

NEO4J_SCHEMES = frozenset(
    scheme + security for scheme in ("neo4j", "bolt") for security in ("", "+s", "+ssc")
)


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
class StoredReading:
    """A reading as it was put, by which pipeline and as which documents; its links are not kept."""

    reading: Reading
    pipeline: str
    fingerprints: tuple[str, ...]


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
    claim: str = ""
    """The id of the claim it now speaks for; after a merge not that of `evidence.claim`."""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody did to the graph: ingest, retract, judge or undo, to a review or by a judgement. Ids sort
    as they were made."""

    id: str
    at: datetime
    by: str
    action: str
    target: str
    revision: int


@dataclass(frozen=True, slots=True)
class EdgeBatch:
    """Claims as columns, one row each, in any order; strings are objects in numpy arrays.

    `subject` and `object` index `nodes`, which stand by id. All claims with support are here (comparison and
    membership too); those whose evidence is all anachronistic are not.

    A full batch (since 0) has all entities as nodes. The feed since a revision has those written since and the
    ends of its claims, and tells of what is gone: `removed` claims and `gone` entities. `feed.updated` makes a
    full batch of an earlier one and the feed.
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
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameBatch:
    """Names and aliases as columns, one row each, by entity id; `names` are folded (`stored.fold`).

    `renown` is the catalogue's, plus the natural logarithm of 1 + the number of claims that name the entity.
    `removed` are entities gone since the revision asked for; a full batch (since 0) has none.
    """

    revision: int
    entities: tuple[str, ...]
    names: tuple[str, ...]
    renown: NDArray[np.float64]
    removed: tuple[str, ...] = ()


# ── lists ───────────────────────────────────────────────────────────────────────────────────


class EntityOrder(StrEnum):
    """How entities may be listed; ties by id, unknown years last."""

    ID = "id"
    RENOWN = "renown"
    NAME = "name"
    OLDEST = "oldest"
    NEWEST = "newest"


class ReviewOrder(StrEnum):
    """How reviews may be listed, by the day they were published; ties by id, undated ones last."""

    ID = "id"
    OLDEST = "oldest"
    NEWEST = "newest"


class ClaimOrder(StrEnum):
    """How claims may be listed: by id, or the most believed first, ties by id."""

    ID = "id"
    BELIEF = "belief"


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """What entities to list; None asks for no restriction.

    One of `genres`, `countries` (their case does not matter) and `formats` is enough. `person` (in `role`, when
    that is given) and `franchise` are ids; only films can meet them.
    """

    kind: EntityKind | None = None
    year_from: int | None = None
    year_to: int | None = None
    genres: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    formats: tuple[FilmFormat, ...] = ()
    person: str | None = None
    role: str | None = None
    franchise: str | None = None
    provisional: bool | None = None


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What reviews to list; None asks for no restriction."""

    film: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    written_from: date | None = None
    written_to: date | None = None


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What claims to list; None asks for no restriction. `disputed` claims have voices for and against."""

    subject: str | None = None
    object: str | None = None
    entity: str | None = None
    relations: tuple[Relation, ...] = ()
    polarity: Polarity | None = None
    stance: Stance | None = None
    min_belief: float = 0.0
    disputed: bool | None = None
    anachronistic: bool | None = None
    review: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    written_from: date | None = None
    written_to: date | None = None


ALL_ENTITIES = EntityFilter()
ALL_REVIEWS = ReviewFilter()
ALL_CLAIMS = ClaimFilter()


class Store(Protocol):
    """Facts: entities, reviews, claims with their evidence, human judgements.

    The lists (`find_…`) stand in a given order and are read in pages: the first `limit` rows after the one with
    the id `after` and before `before`, or with `last` the last `limit` of them, in the list's own order.
    NotFoundError when an order other than by id is asked to go on from a row that is gone.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def close(self) -> None: ...

    def revision(self) -> int:
        """Moves when, and only when, the content does."""

    def catalogue_digest(self) -> str:
        """Equal for equal sets of catalogued entities, in whatever order they came."""

    # ── entities ────────────────────────────────────────────────────────────────────────────

    def import_entities(self, entities: Iterable[Entity], *, source: str) -> ImportReport:
        """Add or update catalogued entities; merge provisional ones that are now known for certain.

        A shared store does so in steps, each durable; one that was interrupted is finished by importing again.
        """

    def entity(self, id: str) -> Entity | None: ...
    def entities(self, ids: Iterable[str]) -> dict[str, Entity]: ...
    def iter_entities(
        self, kind: EntityKind | None = None, *, catalogued_only: bool = False
    ) -> Iterator[Entity]:
        """Entities by id."""

    def named(self, name: str, kinds: Sequence[EntityKind] | None = None) -> list[Entity]:
        """Entities with a name or alias that folds to the same as `name` (`stored.fold`), best known first."""

    def names(self, since: int = 0) -> NameBatch:
        """All names as columns, or those of entities written after revision `since`; O(names)."""

    def find_entities(
        self,
        where: EntityFilter = ALL_ENTITIES,
        *,
        order: EntityOrder = EntityOrder.ID,
        after: str = "",
        before: str = "",
        limit: int = 50,
        last: bool = False,
    ) -> list[Entity]: ...
    def count_entities(self, where: EntityFilter = ALL_ENTITIES) -> int: ...

    # ── reviews ─────────────────────────────────────────────────────────────────────────────

    def put(
        self,
        readings: Sequence[Reading],
        fingerprints: Sequence[str] = (),
        *,
        pipeline: str = "",
        by: str = "",
    ) -> PutReport:
        """Store readings, each in place of what the same review said before, in one durable transaction.

        Of two readings of one text by the same pipeline, the one whose review sorts first as JSON stays. What
        somebody did (`by`) goes into the log of changes.
        """

    def seen(self, fingerprints: Sequence[str]) -> set[str]:
        """Those documents that were put before."""

    def retract(self, review: str, *, by: str = "") -> bool:
        """Take a review back with all that only it said; False when there is no such review."""

    def readings(self, *, after: str = "", limit: int = 50) -> list[StoredReading]:
        """What was put, by review id: the first `limit` after `after`."""

    def review(self, id: str) -> Review | None: ...
    def reviews(self, ids: Iterable[str]) -> dict[str, Review]: ...
    def iter_reviews(self) -> Iterator[Review]:
        """Reviews by id."""

    def find_reviews(
        self,
        where: ReviewFilter = ALL_REVIEWS,
        *,
        order: ReviewOrder = ReviewOrder.ID,
        after: str = "",
        before: str = "",
        limit: int = 50,
        last: bool = False,
    ) -> list[Review]: ...
    def count_reviews(self, where: ReviewFilter = ALL_REVIEWS) -> int: ...

    # ── claims and evidence ─────────────────────────────────────────────────────────────────

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]: ...
    def find_claims(
        self,
        where: ClaimFilter = ALL_CLAIMS,
        *,
        order: ClaimOrder = ClaimOrder.ID,
        after: str = "",
        before: str = "",
        limit: int = 50,
        last: bool = False,
    ) -> list[ClaimRecord]: ...
    def count_claims(self, where: ClaimFilter = ALL_CLAIMS) -> int: ...

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        """Claim id → its evidence, the most confident first."""

    def evidence_items(self, ids: Iterable[str]) -> dict[str, EvidenceRecord]:
        """Evidence id → that piece of evidence, for those that there are."""

    def edges(self, since: int = 0, *, as_of: date | None = None) -> EdgeBatch:
        """Claims as columns: all, or those changed after revision `since`; O(claims).

        With `as_of`, belief is computed from reviews published by that date; undated ones are left out.
        """

    # ── people's decisions ──────────────────────────────────────────────────────────────────

    def judge(self, judgement: Judgement) -> None: ...
    def undo(self, judgement: str, *, by: str = "") -> None:
        """Take a judgement back; NotFoundError when there is none, StoreError when it is undone already."""

    def judgements(self) -> list[Judgement]: ...
    def replay(self, judgements: Sequence[Judgement]) -> None:
        """Take over another store's log of judgements; what is in this one's already is passed over."""

    def changes(self, *, after: str = "", limit: int = 50) -> list[Change]:
        """The log of what was done by somebody, newest first: the first `limit` entries after `after`."""

    # ── the whole ───────────────────────────────────────────────────────────────────────────

    def stats(self) -> dict[str, int]: ...
    def verify(self) -> list[str]:
        """Problems found, each a sentence; none when the store is sound."""


def open_store(url: str, *, readonly: bool = False) -> Store:
    """The store at `url`: a file's path, sqlite:///PATH, or the address of a Neo4j database.

    A database is neo4j://HOST:PORT/NAME, or bolt:// for one server alone, with +s or +ssc for TLS; PORT is 7687
    and NAME the server's default database unless given. The environment has its password (`Settings`).

    Raises StoreBusyError when another process writes to the file, StoreVersionError when the store is newer
    than this program, StoreError when the address is of no known kind, or nobody answers there.
    """
    scheme, colon, rest = url.partition("://")
    if not colon:
        scheme, rest = "sqlite", "/" + url
    if scheme == "sqlite":
        from filmgraph.sqlite_store import SqliteStore

        return SqliteStore(rest.removeprefix("/"), readonly=readonly)
    if scheme in NEO4J_SCHEMES:
        from filmgraph.neo4j_store import Neo4jStore

        return Neo4jStore(url, Settings.from_environment(), readonly=readonly)
    raise StoreError(f"{url!r} is no store: give a file's path, sqlite:///PATH or neo4j://HOST")
