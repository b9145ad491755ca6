"""The store over one SQLite file: one writer, any number of readers beside it.

Write-ahead log with `synchronous=FULL`: what a method has written survives a power cut. No mmap and no
ANALYZE: either has been seen to do harm. Everything derived (claims, beliefs, the names of provisional
entities) is recomputed in the transaction that changes what it is derived from.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from rapidfuzz import fuzz

from filmgraph.belief import Belief
from filmgraph.errors import StoreBusyError, StoreError, StoreVersionError
from filmgraph.model import Claim, Entity, EntityKind, Film, Judgement, Reading, Relation, Review
from filmgraph.sqlite_tables import (
    EVIDENCE,
    MAX_VARIABLES,
    SAID,
    SqliteTables,
    evidence_from,
    select,
    statement_from,
)
from filmgraph.store import (
    ALL_CLAIMS,
    ClaimFilter,
    ClaimRecord,
    EdgeBatch,
    EvidenceRecord,
    ImportReport,
    PutReport,
)
from filmgraph.stored import ENTITY_TYPES, digest, entity_from, fold, review_from
from filmgraph.transaction import Transaction, verdicts, weigh

__all__ = ["SqliteStore"]

RELATIONS = tuple(Relation)
FEW = 2_000


class SqliteStore:
    """See `filmgraph.store.Store`. Reading is safe from several threads; each has its own connection."""

    def __init__(self, path: str, *, readonly: bool = False) -> None:
        self.path = Path(path)
        self.readonly = readonly
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock: IO[str] | None = None
        if readonly and not self.path.exists():
            raise StoreError(f"there is no store at {self.path}; `filmgraph ingest` makes one")
        if not readonly:
            self._lock = _writer_lock(self.path)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._local = threading.local()
        if self._lock:
            self._lock.close()
            self._lock = None

    # ── connections and transactions ────────────────────────────────────────────────────────

    @property
    def _db(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = sqlite3.connect(
                    self.path, timeout=30, isolation_level=None, check_same_thread=False
                )
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.Error as error:
                raise StoreError(f"{self.path} cannot be opened: {error}") from error
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA mmap_size=0")
            connection.execute("PRAGMA cache_size=-65536")
            if self.readonly:
                connection.execute("PRAGMA query_only=ON")
            self._local.connection = connection
            self._open.append(connection)
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        """One transaction; the revision moves if it changes anything."""
        if self.readonly:
            raise StoreError(f"{self.path} was opened for reading only")
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            tables = SqliteTables(db, self.revision() + 1)
            transaction = Transaction(tables)
            yield transaction
            if transaction.changed:
                db.execute("UPDATE meta SET value = ? WHERE name = 'revision'", (str(tables.revision),))
            db.execute("COMMIT")
        except BaseException:
            db.execute("ROLLBACK")
            raise

    def _migrate(self) -> None:
        files = sorted(_schema_dir().glob("[0-9]*.sql"))
        newest = int(files[-1].name[:3])
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > newest:
            raise StoreVersionError(
                f"{self.path} has schema {version}, this filmgraph knows {newest}: use a newer filmgraph"
            )
        if self.readonly and version < newest:
            raise StoreVersionError(
                f"{self.path} has schema {version}, this filmgraph wants {newest}: open it for writing once"
            )
        for file in files[version:]:
            script = file.read_text(encoding="utf-8")
            self._db.executescript(f"BEGIN;\n{script}\nPRAGMA user_version={int(file.name[:3])};\nCOMMIT;")

    @property
    def _tables(self) -> SqliteTables:
        return SqliteTables(self._db, self.revision())

    def _get(self, name: str) -> str:
        (value,) = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(value)

    def revision(self) -> int:
        return int(self._get("revision"))

    def catalogue_digest(self) -> str:
        return f"{int(self._get('catalogue')):032x}"

    # ── entities ────────────────────────────────────────────────────────────────────────────

    def import_entities(self, entities: Iterable[Entity], *, source: str) -> ImportReport:
        report, newcomers = ImportReport(), []
        stream = iter(entities)
        with self._transaction() as transaction:
            while batch := list(islice(stream, MAX_VARIABLES)):
                done, new = transaction.import_entities(batch)
                report += done
                newcomers += new
            merged = transaction.merge_known(newcomers, source) if newcomers else 0
        return dataclasses.replace(report, merged=merged)

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

    def search(
        self, query: str, kinds: Sequence[EntityKind] | None = None, limit: int = 20
    ) -> list[tuple[Entity, float]]:
        folded = fold(query)
        if not folded:
            return []
        allowed = {kind.value for kind in kinds} if kinds else set(ENTITY_TYPES)
        found: dict[int, float] = {}
        for name, key in self._names_like(folded):
            score = fuzz.WRatio(folded, name) / 100 if name != folded else 1.01
            if name.startswith(folded):
                score = max(score, 0.95)
            found[key] = max(found.get(key, 0.0), score)
        best = sorted(found, key=lambda key: (-found[key], key))[: max(limit * 4, 50)]
        rows = self._select("SELECT key, id, data FROM entities WHERE key IN", best)
        ranked = [
            (entity_from(id, data), found[key]) for key, id, data in rows if id.partition(":")[0] in allowed
        ]
        ranked = [(entity, score) for entity, score in ranked if score >= 0.6]
        ranked.sort(key=lambda pair: (-round(pair[1], 2), -_renown(pair[0]), pair[0].id))
        return [(entity, min(score, 1.0)) for entity, score in ranked[:limit]]

    def _names_like(self, folded: str) -> list[tuple[str, int]]:
        """Names that share enough trigrams with `folded`; short queries match by prefix."""
        if len(folded) < 3:
            return self._db.execute(
                "SELECT lower(name), key FROM entities WHERE name LIKE ? || '%' LIMIT 200", (folded,)
            ).fetchall()
        exact = self._db.execute(
            "SELECT name, entity FROM names WHERE names MATCH ? LIMIT 400", (_phrase(folded),)
        ).fetchall()
        if len(exact) >= 20 or any(name == folded for name, _ in exact):
            return exact
        grams = [folded[i : i + 3] for i in range(len(folded) - 2)]
        size = 1 if len(grams) < 8 else 2
        parts = [" ".join(map(_phrase, grams[i : i + size])) for i in range(0, len(grams), size)]
        loose = self._db.execute(
            "SELECT name, entity FROM names WHERE names MATCH ? ORDER BY rank LIMIT 300",
            (" OR ".join(f"({part})" for part in parts),),
        ).fetchall()
        return exact + loose

    # ── readings ────────────────────────────────────────────────────────────────────────────

    def seen(self, fingerprints: Sequence[str]) -> set[str]:
        return {
            row[0]
            for row in self._select("SELECT fingerprint FROM documents WHERE fingerprint IN", fingerprints)
        }

    def put(
        self, readings: Sequence[Reading], fingerprints: Sequence[str] = (), *, pipeline: str = ""
    ) -> PutReport:
        with self._transaction() as transaction:
            written = transaction.put(readings, fingerprints, pipeline)
        return PutReport(written, transaction.changed)

    def retract(self, review: str) -> bool:
        with self._transaction() as transaction:
            return transaction.retract(review)

    # ── reviews, claims, evidence ───────────────────────────────────────────────────────────

    def review(self, id: str) -> Review | None:
        return self.reviews([id]).get(id)

    def reviews(self, ids: Iterable[str]) -> dict[str, Review]:
        wanted = list(dict.fromkeys(ids))
        found = dict(self._select("SELECT id, data FROM reviews WHERE id IN", wanted))
        return {id: review_from(id, found[id]) for id in wanted if id in found}

    def iter_reviews(
        self, *, film: str | None = None, after: str = "", limit: int | None = None
    ) -> Iterator[Review]:
        rows = self._db.execute(
            "SELECT id, data FROM reviews WHERE id > ? AND (? IS NULL OR film = ?) ORDER BY id LIMIT ?",
            (after, film, film, -1 if limit is None else limit),
        )
        return (review_from(id, data) for id, data in rows)

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]:
        wanted = list(dict.fromkeys(ids))
        rows = self._select(f"{CLAIM_QUERY} WHERE c.id IN", wanted)
        found = {row[0]: _claim_record(row) for row in rows}
        return {id: found[id] for id in wanted if id in found}

    def find_claims(
        self, where: ClaimFilter = ALL_CLAIMS, *, after: str = "", limit: int = 50
    ) -> list[ClaimRecord]:
        test, values = _where(where)
        query = f"{CLAIM_QUERY} WHERE c.id > ? AND {test} ORDER BY c.id LIMIT ?"
        return [_claim_record(row) for row in self._db.execute(query, [after, *values, limit])]

    def count_claims(self, where: ClaimFilter = ALL_CLAIMS) -> int:
        test, values = _where(where)
        return int(self._db.execute(f"SELECT count(*) FROM claims c WHERE {test}", values).fetchone()[0])

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        wanted = list(dict.fromkeys(claims))
        rows = self._select(
            f"SELECT c.id, {EVIDENCE}, r.voice, r.data FROM evidence e"
            " JOIN claims c ON c.key = e.claim JOIN reviews r ON r.key = e.review WHERE c.id IN",
            wanted,
        )
        found: dict[str, list[EvidenceRecord]] = {id: [] for id in wanted}
        for claim, *row, voice, data in rows:
            review = review_from(row[-1], data)
            found[claim].append(
                EvidenceRecord(
                    evidence_from(row),
                    voice,
                    review.reviewer,
                    review.outlet,
                    review.published,
                    review.film,
                    review.url,
                )
            )
        for records in found.values():
            records.sort(key=lambda record: (-record.evidence.confidence, record.evidence.id))
        return {id: records for id, records in found.items() if records}

    def edges(self, since: int = 0, *, as_of: date | None = None) -> EdgeBatch:
        db = self._db
        db.execute("BEGIN")
        try:
            revision = self.revision()
            rows = db.execute(
                "SELECT id, key, subject, relation, object, belief FROM claims"
                " WHERE revision > ? AND support > 0 AND NOT anachronistic ORDER BY id",
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
            if len(rows) > FEW or not since:
                nodes = db.execute("SELECT key, id, year, origin FROM entities ORDER BY id").fetchall()
            else:
                keys = sorted({row[n] for row in rows for n in (2, 4)})
                nodes = self._select("SELECT key, id, year, origin FROM entities WHERE key IN", keys)
        finally:
            db.execute("COMMIT")
        place = np.zeros(max((row[0] for row in nodes), default=0) + 1, dtype=np.int32)
        place[[row[0] for row in nodes]] = np.arange(len(nodes), dtype=np.int32)
        code = {relation.value: number for number, relation in enumerate(RELATIONS)}
        return EdgeBatch(
            revision=revision,
            nodes=tuple(row[1] for row in nodes),
            years=np.fromiter((row[2] or 0 for row in nodes), np.int32, len(nodes)),
            origins=tuple(row[3] for row in nodes),
            claims=np.array([row[0] for row in rows], dtype=object),
            subject=place[np.fromiter((row[2] for row in rows), np.int64, len(rows))],
            object=place[np.fromiter((row[4] for row in rows), np.int64, len(rows))],
            relation=np.fromiter((code[row[3]] for row in rows), np.int8, len(rows)),
            belief=np.fromiter((row[5] for row in rows), np.float64, len(rows)),
            removed=tuple(sorted({row[0] for row in gone} | {row[0] for row in silent})),
        )

    def _heard_by(self, day: date) -> dict[str, Belief]:
        """Claim id → its belief from what critics had published by `day`."""
        rows = self._db.execute(f"{SAID} WHERE r.published <= ?", (day.isoformat(),))
        weighed = weigh(map(statement_from, rows), verdicts(self.judgements()))
        return {id: belief for id, (belief, _) in weighed.items()}

    # ── judgements ──────────────────────────────────────────────────────────────────────────

    def judge(self, judgement: Judgement) -> None:
        with self._transaction() as transaction:
            transaction.judge(judgement)

    def undo(self, judgement: str) -> None:
        with self._transaction() as transaction:
            transaction.undo(judgement)

    def judgements(self) -> list[Judgement]:
        return self._tables.judgements()

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

    def verify(self) -> list[str]:
        db = self._db
        problems = [
            f"the file is damaged: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"
        ]
        problems += [
            f"{row[0]} refers to a missing row of {row[2]}" for row in db.execute("PRAGMA foreign_key_check")
        ]
        texts: dict[str, str] = {}
        for id, review, start, end, quote in db.execute(
            'SELECT e.id, r.id, e.start, e."end", e.quote FROM evidence e JOIN reviews r ON r.key = e.review'
            " ORDER BY e.review"
        ):
            if review not in texts:
                texts = {review: found.text if (found := self.review(review)) else ""}
            if texts[review][start:end] != quote:
                problems.append(f"{id}: its quote does not stand at {start}:{end} of {review}")
        rows = db.execute(
            "SELECT id, belief, support, dissent, voices_for, voices_against, explanation, anachronistic"
            " FROM claims"
        ).fetchall()
        weighed = weigh(map(statement_from, db.execute(SAID)), verdicts(self.judgements()))
        for id, *stored in rows:
            if id not in weighed:
                problems.append(f"{id}: a claim without evidence")
                continue
            belief, anachronistic = weighed[id]
            if [*dataclasses.astuple(belief), int(anachronistic)] != stored:
                problems.append(f"{id}: its belief is {stored[0]}, its evidence says {belief.value}")
        problems += [
            f"{row[0]}: a provisional entity that no review names"
            for row in db.execute(
                "SELECT id FROM entities e WHERE NOT catalogued"
                " AND NOT EXISTS (SELECT 1 FROM named n WHERE n.entity = e.key)"
                " AND NOT EXISTS (SELECT 1 FROM merges m WHERE m.survivor = e.id)"
            )
        ]
        total = sum(digest(row[0]) for row in db.execute("SELECT data FROM entities WHERE catalogued"))
        if total % (1 << 128) != int(self._get("catalogue")):
            problems.append("the catalogue's digest is not that of its entities")
        return problems

    def _select(self, query: str, values: Collection[Any]) -> list[Any]:
        return select(self._db, query, values)


CLAIM_QUERY = (
    "SELECT c.id, s.id, c.relation, o.id, c.belief, c.support, c.dissent, c.voices_for, c.voices_against,"
    " c.explanation, c.anachronistic FROM claims c JOIN entities s ON s.key = c.subject"
    " JOIN entities o ON o.key = c.object"
)


ENTITY_KEY = "(SELECT key FROM entities WHERE id = ?)"


def _where(where: ClaimFilter) -> tuple[str, list[Any]]:
    """What is asked of a row `c` of claims: an SQL condition and its values."""
    tests: list[tuple[str, list[Any]]] = [("c.belief >= ?", [where.min_belief])]
    if where.subject:
        tests.append((f"c.subject = {ENTITY_KEY}", [where.subject]))
    if where.object:
        tests.append((f"c.object = {ENTITY_KEY}", [where.object]))
    if where.entity:
        ends = (f"SELECT key FROM claims WHERE {end} = {ENTITY_KEY}" for end in ("subject", "object"))
        tests.append((f"c.key IN ({' UNION '.join(ends)})", [where.entity, where.entity]))
    if where.relations:
        marks = ",".join("?" * len(where.relations))
        tests.append((f"c.relation IN ({marks})", [relation.value for relation in where.relations]))
    if where.review:
        of_review = "SELECT claim FROM evidence WHERE review = (SELECT key FROM reviews WHERE id = ?)"
        tests.append((f"c.key IN ({of_review})", [where.review]))
    inner: list[tuple[str, Any]] = [
        ("e.polarity = ?", where.polarity and where.polarity.value),
        ("e.stance = ?", where.stance and where.stance.value),
        ("r.id = ?", where.review),
        ("json_extract(r.data, '$.reviewer') = ?", where.reviewer),
        ("json_extract(r.data, '$.outlet') = ?", where.outlet),
        ("r.published >= ?", where.written_from and where.written_from.isoformat()),
        ("r.published <= ?", where.written_to and where.written_to.isoformat()),
    ]
    asked = [(test, value) for test, value in inner if value is not None]
    if asked:
        joined = " AND ".join(test for test, _ in asked)
        tests.append((
            f"EXISTS (SELECT 1 FROM evidence e JOIN reviews r ON r.key = e.review WHERE e.claim = c.key"
            f" AND {joined})",
            [value for _, value in asked],
        ))  # fmt: skip
    return " AND ".join(test for test, _ in tests), [value for _, values in tests for value in values]


def _claim_record(row: Sequence[Any]) -> ClaimRecord:
    id, subject, relation, object, *belief, anachronistic = row
    return ClaimRecord(id, Claim(subject, Relation(relation), object), Belief(*belief), bool(anachronistic))


def _renown(entity: Entity) -> float:
    return entity.renown if isinstance(entity, Film) else 0.0


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _schema_dir() -> Path:
    packaged = Path(__file__).parent / "schema" / "sqlite"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "schema" / "sqlite"


def _writer_lock(path: Path) -> IO[str]:
    """The lock that makes this process the one writer; the system drops it with the process."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.with_name(path.name + ".lock").open("a+")
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise StoreBusyError(
            f"{path} is being written by {holder}; wait for it, or open the store for reading"
        ) from None
    file.seek(0)
    file.truncate()
    file.write(f"process {os.getpid()}")
    file.flush()
    return file
