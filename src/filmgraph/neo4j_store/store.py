"""The store's answers and writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any, LiteralString, Self, TypeVar

from filmgraph.errors import StoreError
from filmgraph.model import Entity, EntityKind, Judgement, Reading, Review
from filmgraph.neo4j_store import migrations
from filmgraph.neo4j_store.columns import read_edges, read_names
from filmgraph.neo4j_store.connection import Connection, Row
from filmgraph.neo4j_store.lists import CLAIMS, ENTITIES, REVIEWS, Page
from filmgraph.neo4j_store.rows import (
    CLAIM,
    SAID,
    WHO,
    claim_record,
    evidence_record,
    review_from_properties,
)
from filmgraph.neo4j_store.tables import JUDGEMENTS, Neo4jTables, judgement_from
from filmgraph.neo4j_store.verify import problems
from filmgraph.settings import Settings
from filmgraph.store import (
    ALL_CLAIMS,
    ALL_ENTITIES,
    ALL_REVIEWS,
    Change,
    ClaimFilter,
    ClaimOrder,
    ClaimRecord,
    EdgeBatch,
    EntityFilter,
    EntityOrder,
    EvidenceRecord,
    ImportReport,
    NameBatch,
    PutReport,
    ReviewFilter,
    ReviewOrder,
    StoredReading,
)
from filmgraph.stored import entity_from, fold
from filmgraph.transaction import Transaction, stored_readings
from neo4j import ManagedTransaction

__all__ = ["Neo4jStore"]

T = TypeVar("T")
IMPORTED = 10_000
"""Entities of a catalogue that are written in one transaction."""
PAGE = 5_000
"""Rows of a long list that are read at a time."""


class Neo4jStore:
    """See `filmgraph.store.Store`. It may be used by several threads, and beside any number of other processes.

    Writers take turns, a transaction each. Raises StoreError when the database cannot be reached.
    """

    def __init__(self, url: str, settings: Settings, *, readonly: bool = False) -> None:
        self.readonly = readonly
        self._connection = Connection(url, settings)
        try:
            if readonly:
                migrations.check(self._connection)
            else:
                migrations.migrate(self._connection)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def _write(self, work: Callable[[Transaction, Neo4jTables], T]) -> tuple[T, bool]:
        """What `work` gives, and whether the content is now another."""
        if self.readonly:
            raise StoreError(f"{self._connection.place} was opened for reading only")

        def attempt(tx: ManagedTransaction, revision: int) -> tuple[tuple[T, bool], bool]:
            tables = Neo4jTables(tx, revision)
            transaction = Transaction(tables)
            result = work(transaction, tables)
            return (result, transaction.changed), transaction.changed

        return self._connection.write(attempt)

    def revision(self) -> int:
        return int(self._state("revision"))

    def catalogue_digest(self) -> str:
        return f"{int(self._state('catalogue')):032x}"

    def _state(self, name: str) -> Any:
        query: LiteralString = "MATCH (g:Graph {name: 'filmgraph'}) RETURN g[$name]"
        return self._connection.rows(query, name=name)[0][0]

    # ── entities ────────────────────────────────────────────────────────────────────────────

    def import_entities(self, entities: Iterable[Entity], *, source: str) -> ImportReport:
        report = ImportReport()
        stream = iter(entities)
        while batch := list(islice(stream, IMPORTED)):
            report += self._import(batch)
        return dataclasses.replace(report, merged=self._merge_newcomers(source))

    def _import(self, batch: Sequence[Entity]) -> ImportReport:
        def work(transaction: Transaction, tables: Neo4jTables) -> ImportReport:
            report, new = transaction.import_entities(batch)
            tables.mark_newcomers([entity.id for entity in new])
            return report

        return self._write(work)[0]

    def _merge_newcomers(self, source: str) -> int:
        """Merge provisional entities with newcomers, which may be those of an import that was interrupted."""
        newcomers = list(self._entities("MATCH (e:Newcomer) WHERE e.id > $after RETURN e.id, e.data"))
        if not newcomers:
            return 0
        merged, _ = self._write(lambda transaction, _: transaction.merge_known(newcomers, source))
        for batch in _batches([entity.id for entity in newcomers], IMPORTED):
            self._connection.execute(
                "UNWIND $ids AS id MATCH (e:Entity {id: id}) REMOVE e:Newcomer", ids=batch
            )
        return merged

    def entity(self, id: str) -> Entity | None:
        return self.entities([id]).get(id)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        query: LiteralString = "UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN e.id, e.data"
        return {id: entity_from(id, row[1]) for id, row in self._by_id(query, ids).items()}

    def iter_entities(
        self, kind: EntityKind | None = None, *, catalogued_only: bool = False
    ) -> Iterator[Entity]:
        query: LiteralString = (
            "MATCH (e:Entity) WHERE e.id > $after AND e.id STARTS WITH $kind AND (e.catalogued OR $any)"
            " RETURN e.id, e.data"
        )
        return self._entities(query, kind=f"{kind}:" if kind else "", any=not catalogued_only)

    def _entities(self, query: LiteralString, **parameters: Any) -> Iterator[Entity]:
        pages = self._pages(query + " ORDER BY e.id LIMIT $limit", **parameters)
        return (entity_from(id, data) for id, data in pages)

    def _by_id(self, query: LiteralString, ids: Iterable[str]) -> dict[str, Row]:
        """Rows of a query, whose first column is an id, in the order of `ids`."""
        wanted = list(dict.fromkeys(ids))
        found = {row[0]: row for row in self._connection.rows(query, ids=wanted)} if wanted else {}
        return {id: found[id] for id in wanted if id in found}

    def _pages(self, query: LiteralString, **parameters: Any) -> Iterator[list[Any]]:
        """Rows of a query that goes on after an id, which is their first column."""
        after = ""
        while rows := self._connection.rows(query, after=after, limit=PAGE, **parameters):
            yield from rows
            after = rows[-1][0]

    def named(self, name: str, kinds: Sequence[EntityKind] | None = None) -> list[Entity]:
        folded = fold(name)
        if not folded:
            return []
        query: LiteralString = (
            "CALL db.index.fulltext.queryNodes('folded', $words) YIELD node AS e WITH e WHERE $name IN e.names"
            " RETURN e.id, e.data ORDER BY -e.renown, e.id"
        )
        rows = self._connection.rows(query, name=folded, words=_phrase(folded))
        return [entity_from(id, data) for id, data in rows if not kinds or id.partition(":")[0] in kinds]

    def names(self, since: int = 0) -> NameBatch:
        return self._connection.read(lambda tx: read_names(tx, since))

    def find_entities(
        self,
        where: EntityFilter = ALL_ENTITIES,
        *,
        order: EntityOrder = EntityOrder.ID,
        after: str = "",
        before: str = "",
        limit: int = 50,
        last: bool = False,
    ) -> list[Entity]:
        rows = ENTITIES.find(self._connection, where, order, Page(after, before, limit, last))
        return [entity_from(id, data) for id, data in rows]

    def count_entities(self, where: EntityFilter = ALL_ENTITIES) -> int:
        return ENTITIES.count(self._connection, where)

    # ── reviews ─────────────────────────────────────────────────────────────────────────────

    def seen(self, fingerprints: Sequence[str]) -> set[str]:
        query: LiteralString = "UNWIND $marks AS mark MATCH (d:Document {fingerprint: mark}) RETURN mark"
        return {row[0] for row in self._connection.rows(query, marks=list(fingerprints))}

    def put(
        self,
        readings: Sequence[Reading],
        fingerprints: Sequence[str] = (),
        *,
        pipeline: str = "",
        by: str = "",
    ) -> PutReport:
        written, changed = self._write(
            lambda transaction, _: transaction.put(readings, fingerprints, pipeline, by)
        )
        return PutReport(written, changed)

    def retract(self, review: str, *, by: str = "") -> bool:
        return self._write(lambda transaction, _: transaction.retract(review, by))[0]

    def readings(self, *, after: str = "", limit: int = 50) -> list[StoredReading]:
        return self._connection.read(lambda tx: _readings(tx, after, limit))

    def review(self, id: str) -> Review | None:
        return self.reviews([id]).get(id)

    def reviews(self, ids: Iterable[str]) -> dict[str, Review]:
        query: LiteralString = "UNWIND $ids AS id MATCH (r:Review {id: id}) RETURN r.id, properties(r)"
        return {id: review_from_properties(row[1]) for id, row in self._by_id(query, ids).items()}

    def iter_reviews(self) -> Iterator[Review]:
        query: LiteralString = (
            "MATCH (r:Review) WHERE r.id > $after RETURN r.id, properties(r) ORDER BY r.id LIMIT $limit"
        )
        return (review_from_properties(properties) for _, properties in self._pages(query))

    def find_reviews(
        self,
        where: ReviewFilter = ALL_REVIEWS,
        *,
        order: ReviewOrder = ReviewOrder.ID,
        after: str = "",
        before: str = "",
        limit: int = 50,
        last: bool = False,
    ) -> list[Review]:
        rows = REVIEWS.find(self._connection, where, order, Page(after, before, limit, last))
        return [review_from_properties(properties) for _, properties in rows]

    def count_reviews(self, where: ReviewFilter = ALL_REVIEWS) -> int:
        return REVIEWS.count(self._connection, where)

    # ── claims and evidence ─────────────────────────────────────────────────────────────────

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]:
        query: LiteralString = "UNWIND $ids AS id MATCH (c:Claim {id: id}) " + CLAIM
        return {id: claim_record(row) for id, row in self._by_id(query, ids).items()}

    def find_claims(
        self,
        where: ClaimFilter = ALL_CLAIMS,
        *,
        order: ClaimOrder = ClaimOrder.ID,
        after: str = "",
        before: str = "",
        limit: int = 50,
        last: bool = False,
    ) -> list[ClaimRecord]:
        rows = CLAIMS.find(self._connection, where, order, Page(after, before, limit, last))
        return [claim_record(row) for row in rows]

    def count_claims(self, where: ClaimFilter = ALL_CLAIMS) -> int:
        return CLAIMS.count(self._connection, where)

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        wanted = list(dict.fromkeys(claims))
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (c:Claim {id: id})<-[:ABOUT]-(e:Evidence)<-[:SAYS]-(r:Review) "
            + SAID
            + WHO
        )
        found: dict[str, list[EvidenceRecord]] = {id: [] for id in wanted}
        for record in map(evidence_record, self._connection.rows(query, ids=wanted)):
            found[record.claim].append(record)
        for records in found.values():
            records.sort(key=lambda record: (-record.evidence.confidence, record.evidence.id))
        return {id: records for id, records in found.items() if records}

    def evidence_items(self, ids: Iterable[str]) -> dict[str, EvidenceRecord]:
        wanted = list(dict.fromkeys(ids))
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (e:Evidence {id: id})-[:ABOUT]->(c:Claim)"
            " MATCH (r:Review)-[:SAYS]->(e) " + SAID + WHO
        )
        rows = self._connection.rows(query, ids=wanted)
        found = {record.evidence.id: record for record in map(evidence_record, rows)}
        return {id: found[id] for id in wanted if id in found}

    def edges(self, since: int = 0, *, as_of: date | None = None) -> EdgeBatch:
        return self._connection.read(lambda tx: read_edges(tx, since, as_of))

    # ── people's decisions ──────────────────────────────────────────────────────────────────

    def judge(self, judgement: Judgement) -> None:
        self._write(lambda transaction, _: transaction.judge(judgement))

    def undo(self, judgement: str, *, by: str = "") -> None:
        self._write(lambda transaction, _: transaction.undo(judgement, by))

    def judgements(self) -> list[Judgement]:
        return [judgement_from(row) for row in self._connection.rows(JUDGEMENTS)]

    def replay(self, judgements: Sequence[Judgement]) -> None:
        self._write(lambda transaction, _: transaction.replay(judgements))

    def changes(self, *, after: str = "", limit: int = 50) -> list[Change]:
        number = after.partition(":")[2]
        query: LiteralString = (
            "MATCH (c:Change) WHERE $seq IS NULL OR c.seq < $seq"
            " RETURN c.seq, c.at, c.by, c.action, c.target, c.revision ORDER BY c.seq DESC LIMIT $limit"
        )
        seq = int(number) if number.isdecimal() else 0 if after else None
        rows = self._connection.rows(query, seq=seq, limit=limit)
        return [Change(f"change:{seq:012d}", at.to_native(), *row) for seq, at, *row in rows]

    # ── the whole ───────────────────────────────────────────────────────────────────────────

    def stats(self) -> dict[str, int]:
        query: LiteralString = (
            "CALL () { MATCH (n:Film) RETURN count(n) AS films }"
            " CALL () { MATCH (n:Person) RETURN count(n) AS people }"
            " CALL () { MATCH (n:Work) RETURN count(n) AS works }"
            " CALL () { MATCH (n:Franchise) RETURN count(n) AS franchises }"
            " CALL () { MATCH (n:Influence) RETURN count(n) AS influences }"
            " CALL () { MATCH (n:Review) RETURN count(n) AS reviews }"
            " CALL () { MATCH (n:Claim) RETURN count(n) AS claims }"
            " CALL () { MATCH (n:Evidence) RETURN count(n) AS evidence }"
            " MATCH (g:Graph {name: 'filmgraph'})"
            " RETURN films, people, works, franchises, influences, reviews, claims, evidence, g.revision"
        )
        names = (
            "films",
            "people",
            "works",
            "franchises",
            "influences",
            "reviews",
            "claims",
            "evidence",
            "revision",
        )
        return dict(zip(names, self._connection.rows(query)[0], strict=True))

    def verify(self) -> list[str]:
        return self._connection.read(problems)


def _readings(tx: ManagedTransaction, after: str, limit: int) -> list[StoredReading]:
    page: LiteralString = (
        "MATCH (r:Review) WHERE r.id > $after RETURN properties(r) ORDER BY r.id LIMIT $limit"
    )
    held: LiteralString = "UNWIND $ids AS id MATCH (:Review {id: id})<-[:HOLDS]-(d) RETURN id, d.fingerprint"
    rows = [properties for (properties,) in tx.run(page, after=after, limit=limit).values()]
    ids = [properties["id"] for properties in rows]
    reviews = [(review_from_properties(properties), properties["pipeline"]) for properties in rows]
    marks = [(review, mark) for review, mark in tx.run(held, ids=ids).values()]
    tables = Neo4jTables(tx, 0)
    return stored_readings(reviews, tables.said_in(ids), tables.descriptions(ids), marks)


def _phrase(words: str) -> str:
    """`words` as one phrase of Lucene's query language."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _batches(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
