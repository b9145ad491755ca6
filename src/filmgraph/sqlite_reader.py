"""Reading the SQLite store: everything in `filmgraph.store.Store` that changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

import numpy as np

from filmgraph.belief import Belief
from filmgraph.errors import NotFoundError
from filmgraph.judgements import verdicts
from filmgraph.model import Claim, Entity, EntityKind, Judgement, Relation, Review
from filmgraph.sqlite_file import SqliteFile
from filmgraph.sqlite_lists import (
    CLAIM_KEYS,
    ENTITY_KEYS,
    REVIEW_KEYS,
    Where,
    claims_where,
    entities_where,
    page,
    reviews_where,
)
from filmgraph.sqlite_tables import EVIDENCE, SAID, SqliteTables, evidence_from, statement_from
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
    NameBatch,
    ReviewFilter,
    ReviewOrder,
    StoredReading,
)
from filmgraph.stored import entity_from, fold, review_from
from filmgraph.transaction import stored_readings, weigh

__all__ = ["SqliteReader"]

RELATIONS = tuple(Relation)
CLAIM_QUERY = (
    "SELECT c.id, s.id, c.relation, o.id, c.belief, c.support, c.dissent, c.voices_for, c.voices_against,"
    " c.explanation, c.anachronistic FROM claims c JOIN entities s ON s.key = c.subject"
    " JOIN entities o ON o.key = c.object"
)
GONE = (
    "SELECT DISTINCT entity FROM gone WHERE revision > ?"
    " AND NOT EXISTS (SELECT 1 FROM entities WHERE id = gone.entity)"
)
EVIDENCE_QUERY = (
    f"SELECT c.id, {EVIDENCE}, r.voice, r.data FROM evidence e"
    " JOIN claims c ON c.key = e.claim JOIN reviews r ON r.key = e.review"
)


class SqliteReader(SqliteFile):
    """The store's answers."""

    @property
    def _tables(self) -> SqliteTables:
        return SqliteTables(self._db, self.revision())

    def catalogue_digest(self) -> str:
        return f"{int(self._get('catalogue')):032x}"

    # ── entities ────────────────────────────────────────────────────────────────────────────

    def entity(self, id: str) -> Entity | None:
        return self.entities([id]).get(id)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        wanted = list(dict.fromkeys(ids))
        rows = self._select("SELECT id, data FROM entities WHERE id IN", wanted)
        found = {id: entity_from(id, data) for id, data in rows}
        return {id: found[id] for id in wanted if id in found}

    def iter_entities(
        self, kind: EntityKind | None = None, *, catalogued_only: bool = False
    ) -> Iterator[Entity]:
        rows = self._db.execute(
            "SELECT id, data FROM entities WHERE (? IS NULL OR kind = ?) AND catalogued >= ? ORDER BY id",
            (kind, kind, int(catalogued_only)),
        )
        return (entity_from(id, data) for id, data in rows)

    def named(self, name: str, kinds: Sequence[EntityKind] | None = None) -> list[Entity]:
        rows = self._db.execute(
            "SELECT e.id, e.data FROM names n JOIN entities e ON e.key = n.entity WHERE n.name = ?"
            " ORDER BY -e.renown, e.id",
            (fold(name),),
        )
        return [entity_from(id, data) for id, data in rows if not kinds or id.partition(":")[0] in kinds]

    def names(self, since: int = 0) -> NameBatch:
        db = self._db
        db.execute("BEGIN")
        try:
            revision = self.revision()
            rows = db.execute(
                "SELECT e.id, n.name, e.renown, e.key FROM entities e JOIN names n ON n.entity = e.key"
                " WHERE e.revision > ? ORDER BY e.id, n.name"
                if since
                else "SELECT e.id, n.name, e.renown, e.key FROM names n JOIN entities e ON e.key = n.entity",
                (since,) if since else (),
            ).fetchall()
            counts = {row[3]: 0 for row in rows}
            for end in ("subject", "object"):
                for key, number in db.execute(f"SELECT {end}, count(*) FROM claims GROUP BY {end}"):
                    if key in counts:
                        counts[key] += number
            gone = db.execute(GONE, (since,)).fetchall() if since else []
        finally:
            db.execute("COMMIT")
        rows.sort()
        named = np.fromiter((counts[row[3]] for row in rows), np.float64, len(rows))
        return NameBatch(
            revision=revision,
            entities=tuple(row[0] for row in rows),
            names=tuple(row[1] for row in rows),
            renown=np.fromiter((row[2] for row in rows), np.float64, len(rows)) + np.log1p(named),
            removed=tuple(sorted(row[0] for row in gone)),
        )

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
        query = "SELECT e.id, e.data FROM entities e WHERE"
        source = (ENTITY_KEYS[order], "entities e", "e.id")
        rows = self._page(query, entities_where(where), source, after, before, limit, last)
        return [entity_from(id, data) for id, data in rows]

    def count_entities(self, where: EntityFilter = ALL_ENTITIES) -> int:
        return self._count("entities e", entities_where(where))

    # ── reviews ─────────────────────────────────────────────────────────────────────────────

    def seen(self, fingerprints: Sequence[str]) -> set[str]:
        return {
            row[0]
            for row in self._select("SELECT fingerprint FROM documents WHERE fingerprint IN", fingerprints)
        }

    def readings(self, *, after: str = "", limit: int = 50) -> list[StoredReading]:
        query = "SELECT id, data, pipeline FROM reviews WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._db.execute(query, (after, limit)).fetchall()
        ids = [row[0] for row in rows]
        marks = self._select(
            "SELECT r.id, d.fingerprint FROM documents d JOIN reviews r ON r.key = d.review WHERE r.id IN",
            ids,
        )
        reviews = ((review_from(id, data), pipeline) for id, data, pipeline in rows)
        tables = self._tables
        return stored_readings(reviews, tables.said_in(ids), tables.descriptions(ids), marks)

    def review(self, id: str) -> Review | None:
        return self.reviews([id]).get(id)

    def reviews(self, ids: Iterable[str]) -> dict[str, Review]:
        wanted = list(dict.fromkeys(ids))
        found = dict(self._select("SELECT id, data FROM reviews WHERE id IN", wanted))
        return {id: review_from(id, found[id]) for id in wanted if id in found}

    def iter_reviews(self) -> Iterator[Review]:
        rows = self._db.execute("SELECT id, data FROM reviews ORDER BY id")
        return (review_from(id, data) for id, data in rows)

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
        query = "SELECT r.id, r.data FROM reviews r WHERE"
        source = (REVIEW_KEYS[order], "reviews r", "r.id")
        rows = self._page(query, reviews_where(where), source, after, before, limit, last)
        return [review_from(id, data) for id, data in rows]

    def count_reviews(self, where: ReviewFilter = ALL_REVIEWS) -> int:
        return self._count("reviews r", reviews_where(where))

    # ── claims and evidence ─────────────────────────────────────────────────────────────────

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]:
        wanted = list(dict.fromkeys(ids))
        rows = self._select(f"{CLAIM_QUERY} WHERE c.id IN", wanted)
        found = {row[0]: _claim_record(row) for row in rows}
        return {id: found[id] for id in wanted if id in found}

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
        source = (CLAIM_KEYS[order], "claims c", "c.id")
        rows = self._page(f"{CLAIM_QUERY} WHERE", claims_where(where), source, after, before, limit, last)
        return [_claim_record(row) for row in rows]

    def count_claims(self, where: ClaimFilter = ALL_CLAIMS) -> int:
        return self._count("claims c", claims_where(where))

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        wanted = list(dict.fromkeys(claims))
        found: dict[str, list[EvidenceRecord]] = {id: [] for id in wanted}
        for row in self._select(f"{EVIDENCE_QUERY} WHERE c.id IN", wanted):
            found[row[0]].append(_evidence_record(row))
        for records in found.values():
            records.sort(key=lambda record: (-record.evidence.confidence, record.evidence.id))
        return {id: records for id, records in found.items() if records}

    def evidence_items(self, ids: Iterable[str]) -> dict[str, EvidenceRecord]:
        wanted = list(dict.fromkeys(ids))
        rows = self._select(f"{EVIDENCE_QUERY} WHERE e.id IN", wanted)
        found = {record.evidence.id: record for record in map(_evidence_record, rows)}
        return {id: found[id] for id in wanted if id in found}

    def edges(self, since: int = 0, *, as_of: date | None = None) -> EdgeBatch:
        db = self._db
        db.execute("BEGIN")
        try:
            revision = self.revision()
            rows = db.execute(
                "SELECT id, key, subject, relation, object, belief FROM claims"
                " WHERE revision > ? AND support > 0 AND NOT anachronistic",
                (since,),
            ).fetchall()
            gone = (
                db.execute(
                    "SELECT claim FROM removed WHERE revision > ?"
                    " AND claim NOT IN (SELECT id FROM claims WHERE revision > ?)",
                    (since, since),
                ).fetchall()
                if since
                else []
            )
            silent = (
                db.execute(
                    "SELECT id FROM claims WHERE revision > ? AND (support = 0 OR anachronistic)", (since,)
                ).fetchall()
                if since
                else []
            )
            if as_of:
                heard = self._heard_by(as_of)
                rows = [
                    (*row[:5], heard[row[0]].value)
                    for row in rows
                    if row[0] in heard and heard[row[0]].support
                ]
            nodes = self._nodes(since, {row[n] for row in rows for n in (2, 4)})
            lost = db.execute(GONE, (since,)).fetchall() if since else []
        finally:
            db.execute("COMMIT")
        nodes.sort(key=itemgetter(1))
        place = np.zeros(max((row[0] for row in nodes), default=0) + 1, dtype=np.int32)
        place[[row[0] for row in nodes]] = np.arange(len(nodes), dtype=np.int32)
        code = {relation.value: number for number, relation in enumerate(RELATIONS)}
        return EdgeBatch(
            revision=revision,
            nodes=tuple(row[1] for row in nodes),
            years=np.array([row[2] or 0 for row in nodes], dtype=np.int32),
            origins=tuple(row[3] for row in nodes),
            claims=np.array([row[0] for row in rows], dtype=object),
            subject=place[np.array([row[2] for row in rows], dtype=np.int64)],
            object=place[np.array([row[4] for row in rows], dtype=np.int64)],
            relation=np.array([code[row[3]] for row in rows], dtype=np.int8),
            belief=np.array([row[5] for row in rows], dtype=np.float64),
            removed=tuple(sorted({row[0] for row in gone} | {row[0] for row in silent})),
            gone=tuple(row[0] for row in lost),
        )

    def _nodes(self, since: int, keys: set[int]) -> list[Any]:
        """All entities, or those with `keys` and those written after revision `since`."""
        rows = self._db.execute(
            "SELECT key, id, year, origin FROM entities WHERE revision > ?", (since or -1,)
        ).fetchall()
        if since:
            there = {row[0] for row in rows}
            rows += self._select("SELECT key, id, year, origin FROM entities WHERE key IN", keys - there)
        return rows

    def _heard_by(self, day: date) -> dict[str, Belief]:
        """Claim id → its belief from what critics had published by `day`."""
        rows = self._db.execute(f"{SAID} WHERE r.published <= ?", (day.isoformat(),))
        weighed = weigh(map(statement_from, rows), verdicts(self.judgements()))
        return {id: belief for id, (belief, _) in weighed.items()}

    # ── people's decisions ──────────────────────────────────────────────────────────────────

    def judgements(self) -> list[Judgement]:
        return self._tables.judgements()

    def changes(self, *, after: str = "", limit: int = 50) -> list[Change]:
        number = after.partition(":")[2]
        rows = self._db.execute(
            "SELECT seq, at, by, action, target, revision FROM changes WHERE ? = '' OR seq < ?"
            " ORDER BY seq DESC LIMIT ?",
            (after, int(number) if number.isdecimal() else 0, limit),
        )
        return [
            Change(f"change:{seq:012d}", datetime.fromisoformat(at), by, action, target, revision)
            for seq, at, by, action, target, revision in rows
        ]

    # ── the whole ───────────────────────────────────────────────────────────────────────────

    def stats(self) -> dict[str, int]:
        counts = dict(self._db.execute("SELECT kind, count(*) FROM entities GROUP BY kind").fetchall())

        def count(table: str) -> int:
            return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

        return {
            "films": counts.get("film", 0),
            "people": counts.get("person", 0),
            "works": counts.get("work", 0),
            "franchises": counts.get("franchise", 0),
            "influences": counts.get("influence", 0),
            "reviews": count("reviews"),
            "claims": count("claims"),
            "evidence": count("evidence"),
            "revision": self.revision(),
        }

    # ── pages of lists ──────────────────────────────────────────────────────────────────────

    def _page(
        self,
        query: str,
        where: Where,
        source: tuple[str, str, str],
        after: str,
        before: str,
        limit: int,
        last: bool,
    ) -> list[Any]:
        """Rows of `query` that meet `where`; `source` is (key that orders them, table, id)."""
        key, _, id = source
        bounds = [(self._key_at(source, at), at, way) for at, way in ((after, True), (before, False)) if at]
        within, order = page(key, id, bounds, last=last)
        rows = self._db.execute(
            f"{query} {within.test} AND {where.test} ORDER BY {order} LIMIT ?",
            [*within.values, *where.values, limit],
        ).fetchall()
        return rows[::-1] if last else rows

    def _key_at(self, source: tuple[str, str, str], at: str) -> Any:
        key, table, id = source
        if key == id:
            return at
        row = self._db.execute(f"SELECT {key} FROM {table} WHERE {id} = ?", (at,)).fetchone()
        if row is None:
            raise NotFoundError(f"{at!r} is gone, and with it the place in the list; begin again")
        return row[0]

    def _count(self, table: str, where: Where) -> int:
        query = f"SELECT count(*) FROM {table} WHERE {where.test}"
        return int(self._db.execute(query, where.values).fetchone()[0])


def _claim_record(row: Sequence[Any]) -> ClaimRecord:
    id, subject, relation, object, *belief, anachronistic = row
    return ClaimRecord(id, Claim(subject, Relation(relation), object), Belief(*belief), bool(anachronistic))


def _evidence_record(row: Sequence[Any]) -> EvidenceRecord:
    """A row of EVIDENCE_QUERY."""
    claim, *columns, voice, data = row
    review = review_from(columns[-1], data)
    return EvidenceRecord(
        evidence_from(columns),
        voice,
        review.reviewer,
        review.outlet,
        review.published,
        review.film,
        review.url,
        claim,
    )
