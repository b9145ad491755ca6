"""The store over one SQLite file: one writer, any number of readers beside it.

Write-ahead log with `synchronous=FULL`: what a method has written survives a power cut. No mmap and no
ANALYZE: either has been seen to do harm. Everything derived (claims, beliefs, the names of provisional
entities) is recomputed in the transaction that changes what it is derived from.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from rapidfuzz import fuzz

from filmgraph.belief import Belief, believe
from filmgraph.errors import NotFoundError, StoreBusyError, StoreError, StoreVersionError
from filmgraph.model import (
    Claim,
    Credit,
    Entity,
    EntityKind,
    Evidence,
    Film,
    FilmFormat,
    Franchise,
    Influence,
    Judgement,
    JudgementAction,
    Person,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    Stance,
    Work,
    claim_id,
    kind_of,
    slug,
    voice_of,
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

__all__ = ["SqliteStore"]

TYPES: dict[str, type[Entity]] = {
    "film": Film,
    "work": Work,
    "person": Person,
    "franchise": Franchise,
    "influence": Influence,
}
RELATIONS = tuple(Relation)
MAX_VARIABLES = 900
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
    def _transaction(self) -> Iterator[_Changes]:
        """One transaction; the revision moves if `changes` says that anything did."""
        if self.readonly:
            raise StoreError(f"{self.path} was opened for reading only")
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            changes = _Changes(self.revision() + 1)
            yield changes
            if changes.any:
                self._set("revision", str(changes.revision))
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

    def _get(self, name: str) -> str:
        (value,) = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(value)

    def _set(self, name: str, value: str) -> None:
        self._db.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))

    def revision(self) -> int:
        return int(self._get("revision"))

    def catalogue_digest(self) -> str:
        return f"{int(self._get('catalogue')):032x}"

    # ── entities ────────────────────────────────────────────────────────────────────────────

    def import_entities(self, entities: Iterable[Entity], *, source: str) -> ImportReport:
        added = updated = unchanged = 0
        with self._transaction() as changes:
            total = int(self._get("catalogue"))
            stream = iter(entities)
            new: list[Entity] = []
            while batch := list(islice(stream, MAX_VARIABLES)):
                known = {
                    id: (key, data, catalogued)
                    for key, id, data, catalogued in self._select(
                        "SELECT key, id, data, catalogued FROM entities WHERE id IN", [e.id for e in batch]
                    )
                }
                for entity in batch:
                    data = _dump(entity)
                    key, old, catalogued = known.get(entity.id, (None, None, 0))
                    if old == data and catalogued:
                        unchanged += 1
                        continue
                    total += _hash(data) - (_hash(old) if old and catalogued else 0)
                    if key is None:
                        added += 1
                        new.append(entity)
                    else:
                        updated += 1
                    key = self._write_entity(key, entity, data, catalogued=True)
                    known[entity.id] = (key, data, 1)
            if added or updated:
                changes.any = True
                self._set("catalogue", str(total % (1 << 128)))
                self._redate(changes)
            merged = self._merge_known(new, source, changes)
        return ImportReport(added, updated, unchanged, merged)

    def _write_entity(self, key: int | None, entity: Entity, data: str, *, catalogued: bool) -> int:
        row = (entity.id, kind_of(entity.id).value, entity.name, entity.year, entity.origin, catalogued, data)
        if key is None:
            cursor = self._db.execute(
                "INSERT INTO entities (id, kind, name, year, origin, catalogued, data)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            key = int(cursor.lastrowid or 0)
        else:
            self._db.execute(
                "UPDATE entities SET id=?, kind=?, name=?, year=?, origin=?, catalogued=?, data=?"
                " WHERE key=?",
                (*row, key),
            )
            self._db.execute("DELETE FROM names WHERE rowid BETWEEN ? AND ?", (key * 64, key * 64 + 63))
        self._db.executemany(
            "INSERT INTO names (rowid, name, entity) VALUES (?, ?, ?)",
            [(key * 64 + n, folded, key) for n, folded in enumerate(_names(entity)[:64])],
        )
        return key

    def _redate(self, changes: _Changes) -> None:
        """Years may have changed with the catalogue, and with them what is anachronistic."""
        rows = self._db.execute(
            "SELECT e.key, e.claim, e.anachronistic, s.year, o.year FROM evidence e"
            " JOIN claims c ON c.key = e.claim JOIN entities s ON s.key = c.subject"
            " JOIN entities o ON o.key = c.object WHERE s.kind = 'film' AND o.kind = 'film'"
        ).fetchall()
        touched = set()
        for key, claim, flag, subject, object in rows:
            now = _anachronistic(subject, object)
            if now != bool(flag):
                self._db.execute("UPDATE evidence SET anachronistic = ? WHERE key = ?", (now, key))
                touched.add(claim)
        self._settle(touched, changes)

    def entity(self, id: str) -> Entity | None:
        return self.entities([id]).get(id)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        wanted = list(dict.fromkeys(ids))
        rows = self._select("SELECT id, data FROM entities WHERE id IN", wanted)
        found = {id: _load(id, data) for id, data in rows}
        return {id: found[id] for id in wanted if id in found}

    def iter_entities(
        self, kind: EntityKind | None = None, *, catalogued_only: bool = False
    ) -> Iterator[Entity]:
        rows = self._db.execute(
            "SELECT id, data FROM entities WHERE (? IS NULL OR kind = ?) AND catalogued >= ? ORDER BY id",
            (kind, kind, int(catalogued_only)),
        )
        return (_load(id, data) for id, data in rows)

    def search(
        self, query: str, kinds: Sequence[EntityKind] | None = None, limit: int = 20
    ) -> list[tuple[Entity, float]]:
        folded = _fold(query)
        if not folded:
            return []
        allowed = {kind.value for kind in kinds} if kinds else set(TYPES)
        found: dict[int, float] = {}
        for name, key in self._names_like(folded):
            score = fuzz.WRatio(folded, name) / 100 if name != folded else 1.01
            if name.startswith(folded):
                score = max(score, 0.95)
            found[key] = max(found.get(key, 0.0), score)
        best = sorted(found, key=lambda key: (-found[key], key))[: max(limit * 4, 50)]
        rows = self._select("SELECT key, id, data FROM entities WHERE key IN", best)
        ranked = [(_load(id, data), found[key]) for key, id, data in rows if id.partition(":")[0] in allowed]
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
        written = 0
        with self._transaction() as changes:
            touched: set[int] = set()
            marks: Sequence[str | None] = fingerprints or [None] * len(readings)
            for reading, mark in zip(readings, marks, strict=True):
                written += self._put_one(reading, pipeline, touched, changes)
                if mark:
                    self._db.execute(
                        "INSERT OR IGNORE INTO documents SELECT ?, key FROM reviews WHERE id = ?",
                        (mark, reading.review.id),
                    )
            self._settle(touched, changes)
        return PutReport(written, changes.any)

    def _put_one(self, reading: Reading, pipeline: str, touched: set[int], changes: _Changes) -> bool:
        """Write one reading unless it is there already or gives way; claims to settle go to `touched`."""
        review = reading.review
        data = _dump(review)
        row = self._db.execute(
            "SELECT key, data, pipeline FROM reviews WHERE id = ?", (review.id,)
        ).fetchone()
        if row and row[1] < data and row[2] == pipeline:
            return False
        if row and row[1] == data and self._same_evidence(row[0], reading):
            if row[2] != pipeline:
                self._db.execute("UPDATE reviews SET pipeline = ? WHERE key = ?", (pipeline, row[0]))
            return False
        changes.any = True
        if row:
            self._forget(row[0], touched, changes)
        published = review.published.isoformat() if review.published else None
        key = row[0] if row else None
        self._db.execute(
            "INSERT INTO reviews (key, id, film, voice, published, pipeline, data) VALUES (?,?,?,?,?,?,?)"
            " ON CONFLICT (key) DO UPDATE SET film=excluded.film, voice=excluded.voice,"
            " published=excluded.published, pipeline=excluded.pipeline, data=excluded.data",
            (key, review.id, review.film, voice_of(review), published, pipeline, data),
        )
        (key,) = self._db.execute("SELECT key FROM reviews WHERE id = ?", (review.id,)).fetchone()
        for entity in reading.entities:
            self._name(key, entity, changes)
        for item in _unique(reading.evidence):
            touched.add(self._write_evidence(key, item, changes))
        return True

    def _same_evidence(self, review: int, reading: Reading) -> bool:
        columns = "id, stance, confidence, extractor, version"
        old = self._db.execute(f"SELECT {columns} FROM evidence WHERE review = ?", (review,)).fetchall()
        new = [
            (item.id, item.stance.value, item.confidence, item.provenance.extractor, item.provenance.version)
            for item in _unique(reading.evidence)
        ]
        named = self._db.execute("SELECT data FROM named WHERE review = ?", (review,)).fetchall()
        return sorted(old) == sorted(new) and sorted(row[0] for row in named) == sorted(
            _dump(entity) for entity in reading.entities if not self._is_catalogued(entity.id)
        )

    def _is_catalogued(self, id: str) -> bool:
        row = self._db.execute("SELECT catalogued FROM entities WHERE id = ?", (id,)).fetchone()
        return bool(row and row[0])

    def _name(self, review: int, entity: Entity, changes: _Changes) -> None:
        """Record what a review says of an entity that no catalogue knows."""
        row = self._db.execute("SELECT key, catalogued FROM entities WHERE id = ?", (entity.id,)).fetchone()
        if row and row[1]:
            return
        data = _dump(entity)
        key = row[0] if row else self._write_entity(None, entity, data, catalogued=False)
        self._db.execute("INSERT OR IGNORE INTO named VALUES (?, ?, ?)", (review, key, data))
        changes.entities.add(key)

    def _write_evidence(self, review: int, item: Evidence, changes: _Changes) -> int:
        subject, object = self._survivor(item.claim.subject), self._survivor(item.claim.object)
        claim = self._claim_key(subject, item.claim.relation, object, changes)
        years = self._years(subject, object)
        recorded = item.provenance.recorded or datetime.now(UTC)
        self._db.execute(
            'INSERT INTO evidence (id, claim, review, subject, relation, object, start, "end", quote,'
            " polarity, stance, confidence, extractor, version, recorded, anachronistic)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                item.id, claim, review, item.claim.subject, item.claim.relation.value, item.claim.object,
                item.start, item.end, item.quote, item.polarity.value, item.stance.value, item.confidence,
                item.provenance.extractor, item.provenance.version, recorded.isoformat(timespec="seconds"),
                item.anachronistic or _anachronistic(*years),
            ),
        )  # fmt: skip
        return claim

    def _years(self, subject: str, object: str) -> tuple[int | None, int | None]:
        if not subject.startswith("film:") or not object.startswith("film:"):
            return None, None
        found = dict(self._select("SELECT id, year FROM entities WHERE id IN", [subject, object]))
        return found.get(subject), found.get(object)

    def _claim_key(self, subject: str, relation: Relation, object: str, changes: _Changes) -> int:
        id = claim_id(subject, relation, object)
        row = self._db.execute("SELECT key FROM claims WHERE id = ?", (id,)).fetchone()
        if row:
            return int(row[0])
        keys = dict(self._select("SELECT id, key FROM entities WHERE id IN", [subject, object]))
        for end in (subject, object):
            if end not in keys:
                raise StoreError(
                    f"evidence names {end}, which is neither catalogued nor among the reading's entities"
                )
        cursor = self._db.execute(
            "INSERT INTO claims (id, subject, relation, object, belief, support, dissent, voices_for,"
            " voices_against, explanation, anachronistic, revision)"
            " VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, '', 0, ?)",
            (id, keys[subject], relation.value, keys[object], changes.revision),
        )
        self._db.execute("DELETE FROM removed WHERE claim = ?", (id,))
        return int(cursor.lastrowid or 0)

    def _forget(self, review: int, touched: set[int], changes: _Changes) -> None:
        """Delete what a review says; its claims and entities are settled later."""
        touched.update(
            row[0] for row in self._db.execute("SELECT claim FROM evidence WHERE review = ?", (review,))
        )
        changes.entities.update(
            row[0] for row in self._db.execute("SELECT entity FROM named WHERE review = ?", (review,))
        )
        self._db.execute("DELETE FROM evidence WHERE review = ?", (review,))
        self._db.execute("DELETE FROM named WHERE review = ?", (review,))

    def retract(self, review: str) -> bool:
        with self._transaction() as changes:
            row = self._db.execute("SELECT key FROM reviews WHERE id = ?", (review,)).fetchone()
            if not row:
                return False
            changes.any = True
            touched: set[int] = set()
            self._forget(row[0], touched, changes)
            self._db.execute("DELETE FROM documents WHERE review = ?", (row[0],))
            self._db.execute("DELETE FROM reviews WHERE key = ?", (row[0],))
            self._settle(touched, changes)
        return True

    # ── what is derived ─────────────────────────────────────────────────────────────────────

    def _settle(self, claims: Iterable[int], changes: _Changes) -> None:
        """Bring beliefs of `claims` and names of provisional entities up to what now supports them."""
        touched = sorted(set(claims))
        weighed = self._weigh(touched)
        for key in touched:
            if key not in weighed:
                self._db.execute(
                    "INSERT INTO removed SELECT id, ? FROM claims WHERE key = ?", (changes.revision, key)
                )
                self._db.execute("DELETE FROM claims WHERE key = ?", (key,))
                continue
            belief, anachronistic = weighed[key]
            self._db.execute(
                "UPDATE claims SET belief=?, support=?, dissent=?, voices_for=?, voices_against=?,"
                " explanation=?, anachronistic=?, revision=? WHERE key=?",
                (*dataclasses.astuple(belief), anachronistic, changes.revision, key),
            )
        changes.any = changes.any or bool(touched)
        for key in sorted(changes.entities):
            self._settle_entity(key)
        changes.entities.clear()

    def _settle_entity(self, key: int) -> None:
        """A provisional entity is what the first of its descriptions says, and is gone with the last."""
        row = self._db.execute("SELECT id, data, catalogued FROM entities WHERE key = ?", (key,)).fetchone()
        if row is None or row[2]:
            return
        (data,) = self._db.execute("SELECT min(data) FROM named WHERE entity = ?", (key,)).fetchone()
        if data is None:
            self._db.execute("DELETE FROM names WHERE rowid BETWEEN ? AND ?", (key * 64, key * 64 + 63))
            self._db.execute("DELETE FROM merges WHERE loser = ?", (row[0],))
            self._db.execute("DELETE FROM entities WHERE key = ?", (key,))
        elif data != row[1]:
            self._write_entity(key, _load(row[0], data), data, catalogued=False)

    def _weigh(self, claims: Sequence[int], as_of: date | None = None) -> dict[int, tuple[Belief, bool]]:
        """Claim key → its belief, and whether all its evidence is anachronistic; none without evidence."""
        items: dict[int, list[tuple[Evidence, str]]] = {}
        query = (
            f"SELECT e.claim, {EVIDENCE_COLUMNS}, r.id, r.voice FROM evidence e"
            " JOIN reviews r ON r.key = e.review WHERE "
        )
        until = as_of.isoformat() if as_of else None
        dated = "(r.published <= ?) AND " if until else ""
        for chunk in _chunks(claims, MAX_VARIABLES):
            marks = ",".join("?" * len(chunk))
            values = [until, *chunk] if until else list(chunk)
            for claim, *row in self._db.execute(f"{query}{dated}e.claim IN ({marks})", values):
                items.setdefault(claim, []).append((_evidence(row[:-1]), row[-1]))
        verdicts = self._verdicts(items)
        return {
            claim: (
                believe(sorted(found, key=lambda pair: pair[0].id), judgement=verdicts.get(claim)),
                all(item.anachronistic for item, _ in found),
            )
            for claim, found in items.items()
        }

    def _verdicts(self, claims: Iterable[int]) -> dict[int, JudgementAction]:
        """Claim key → the last accept or reject that has not been undone."""
        standing = [
            judgement
            for judgement in self._standing()
            if judgement.action in (JudgementAction.ACCEPT, JudgementAction.REJECT)
        ]
        if not standing:
            return {}
        last = {judgement.target: judgement.action for judgement in standing}
        rows = self._select("SELECT key, id FROM claims WHERE key IN", list(claims))
        return {key: last[id] for key, id in rows if id in last}

    # ── reviews, claims, evidence ───────────────────────────────────────────────────────────

    def review(self, id: str) -> Review | None:
        return self.reviews([id]).get(id)

    def reviews(self, ids: Iterable[str]) -> dict[str, Review]:
        wanted = list(dict.fromkeys(ids))
        found = dict(self._select("SELECT id, data FROM reviews WHERE id IN", wanted))
        return {id: _load_review(id, found[id]) for id in wanted if id in found}

    def iter_reviews(
        self, *, film: str | None = None, after: str = "", limit: int | None = None
    ) -> Iterator[Review]:
        rows = self._db.execute(
            "SELECT id, data FROM reviews WHERE id > ? AND (? IS NULL OR film = ?) ORDER BY id LIMIT ?",
            (after, film, film, -1 if limit is None else limit),
        )
        return (_load_review(id, data) for id, data in rows)

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
            f"SELECT c.id, {EVIDENCE_COLUMNS}, r.id, r.voice, r.data FROM evidence e"
            " JOIN claims c ON c.key = e.claim JOIN reviews r ON r.key = e.review WHERE c.id IN",
            wanted,
        )
        found: dict[str, list[EvidenceRecord]] = {id: [] for id in wanted}
        for claim, *row, voice, data in rows:
            review = _load_review(row[-1], data)
            found[claim].append(
                EvidenceRecord(
                    _evidence(row),
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
                db.execute("SELECT claim FROM removed WHERE revision > ?", (since,)).fetchall()
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
                weighed = self._weigh([row[1] for row in rows], as_of)
                rows = [
                    (*row[:5], weighed[row[1]][0].value)
                    for row in rows
                    if row[1] in weighed and weighed[row[1]][0].support
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

    # ── judgements ──────────────────────────────────────────────────────────────────────────

    def judge(self, judgement: Judgement) -> None:
        with self._transaction() as changes:
            self._log(judgement)
            changes.any = True
            if judgement.action is JudgementAction.MERGE:
                self._merge(judgement.target, judgement.value, judgement.id, changes)
            elif judgement.action is JudgementAction.SPLIT:
                self._unmerge(judgement.target, changes)
            else:
                self._settle(self._keys_of([judgement.target]), changes)

    def undo(self, judgement: str) -> None:
        with self._transaction() as changes:
            known = {entry.id: entry for entry in self.judgements()}
            if judgement not in known:
                raise NotFoundError(f"there is no judgement {judgement}")
            taken_back = known[judgement]
            if judgement in {entry.undoes for entry in known.values()}:
                raise StoreError(f"judgement {judgement} is undone already")
            self._log(
                Judgement(
                    f"{judgement}/undone",
                    taken_back.action,
                    taken_back.target,
                    at=datetime.now(UTC),
                    undoes=judgement,
                )
            )
            changes.any = True
            if taken_back.action is JudgementAction.MERGE:
                self._unmerge(taken_back.target, changes)
            elif taken_back.action is JudgementAction.SPLIT:
                earlier = [e for e in self._standing() if e.target == taken_back.target and e.value]
                if earlier:
                    self._merge(taken_back.target, earlier[-1].value, earlier[-1].id, changes)
            else:
                self._settle(self._keys_of([taken_back.target]), changes)

    def judgements(self) -> list[Judgement]:
        rows = self._db.execute(
            "SELECT id, action, target, value, by, at, note, undoes FROM judgements ORDER BY seq"
        )
        return [
            Judgement(
                id,
                JudgementAction(action),
                target,
                value,
                by,
                datetime.fromisoformat(at) if at else None,
                note,
                undoes,
            )
            for id, action, target, value, by, at, note, undoes in rows
        ]

    def _standing(self) -> list[Judgement]:
        """Judgements in force: neither undone nor undoing."""
        log = self.judgements()
        undone = {entry.undoes for entry in log}
        return [entry for entry in log if entry.undoes is None and entry.id not in undone]

    def _log(self, judgement: Judgement) -> None:
        at = (judgement.at or datetime.now(UTC)).isoformat(timespec="seconds")
        try:
            self._db.execute(
                "INSERT INTO judgements (id, action, target, value, by, at, note, undoes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    judgement.id, judgement.action.value, judgement.target, judgement.value, judgement.by, at,
                    judgement.note, judgement.undoes,
                ),
            )  # fmt: skip
        except sqlite3.IntegrityError as error:
            raise StoreError(f"there is a judgement {judgement.id} already") from error

    def _merge_known(self, entities: Sequence[Entity], source: str, changes: _Changes) -> int:
        """Merge provisional entities with the one newly catalogued entity of the same kind, name and year."""
        provisional: dict[tuple[str, str, int | None], str] = {}
        merged = {row[0] for row in self._db.execute("SELECT loser FROM merges")}
        for id, kind, name, year in self._db.execute(
            "SELECT id, kind, name, year FROM entities WHERE NOT catalogued ORDER BY id"
        ):
            if id not in merged:
                provisional[kind, slug(name), year] = id
        if not provisional:
            return 0
        fits: dict[str, list[str]] = {}
        for entity in entities:
            kind = kind_of(entity.id).value
            for name in {slug(entity.name), *map(slug, entity.aliases)}:
                if (kind, name, entity.year) in provisional and (entity.year or kind != "film"):
                    fits.setdefault(provisional[kind, name, entity.year], []).append(entity.id)
        count = 0
        for loser, survivors in sorted(fits.items()):
            if len(survivors) == 1:
                id = f"merge:{loser}>{survivors[0]}@{changes.revision}"
                note = f"recognised in the catalogue {source}"
                self._log(
                    Judgement(id, JudgementAction.MERGE, loser, survivors[0], by="catalogue", note=note)
                )
                self._merge(loser, survivors[0], id, changes)
                count += 1
        return count

    def _merge(self, loser: str, survivor: str | None, judgement: str, changes: _Changes) -> None:
        if survivor is None or loser == survivor or {loser, survivor} - set(self.entities([loser, survivor])):
            raise StoreError(f"cannot merge {loser} into {survivor}: both must be in the store, and differ")
        if self._survivor(survivor) == loser:
            raise StoreError(f"cannot merge {loser} into {survivor}, which has been merged into it")
        self._db.execute("INSERT OR REPLACE INTO merges VALUES (?, ?, ?)", (loser, survivor, judgement))
        changes.any = True
        self._relink([loser], changes)

    def _unmerge(self, loser: str, changes: _Changes) -> None:
        self._db.execute("DELETE FROM merges WHERE loser = ?", (loser,))
        changes.any = True
        self._relink([loser], changes)

    def _survivor(self, id: str) -> str:
        row = self._db.execute("SELECT survivor FROM merges WHERE loser = ?", (id,)).fetchone()
        return self._survivor(row[0]) if row else id

    def _relink(self, ids: Sequence[str], changes: _Changes) -> None:
        """Move the evidence that names `ids`, or what was merged into them, to the claims it is now for."""
        losers = set(ids)
        for loser, survivor in self._db.execute(
            "SELECT loser, survivor FROM merges ORDER BY loser"
        ).fetchall():
            if survivor in losers:
                losers.add(loser)
        touched: set[int] = set()
        for id in sorted(losers):
            rows = self._db.execute(
                "SELECT key, claim, subject, relation, object FROM evidence WHERE subject = ? OR object = ?",
                (id, id),
            ).fetchall()
            for key, old, subject, relation, object in rows:
                ends = self._survivor(subject), self._survivor(object)
                new = self._claim_key(ends[0], Relation(relation), ends[1], changes)
                flag = _anachronistic(*self._years(*ends))
                self._db.execute("UPDATE evidence SET claim=?, anachronistic=? WHERE key=?", (new, flag, key))
                touched.update((old, new))
        self._settle(touched, changes)

    def _keys_of(self, claims: Sequence[str]) -> list[int]:
        return [row[0] for row in self._select("SELECT key FROM claims WHERE id IN", claims)]

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
            "SELECT key, id, belief, support, dissent, voices_for, voices_against, explanation, anachronistic"
            " FROM claims"
        ).fetchall()
        weighed = self._weigh([row[0] for row in rows])
        for key, id, *stored in rows:
            if key not in weighed:
                problems.append(f"{id}: a claim without evidence")
                continue
            belief, anachronistic = weighed[key]
            if [*dataclasses.astuple(belief), int(anachronistic)] != stored:
                problems.append(f"{id}: its belief is {stored[0]}, its evidence says {belief.value}")
        problems += [
            f"{row[0]}: a provisional entity that no review names"
            for row in db.execute(
                "SELECT id FROM entities e WHERE NOT catalogued"
                " AND NOT EXISTS (SELECT 1 FROM named n WHERE n.entity = e.key)"
            )
        ]
        total = sum(_hash(row[0]) for row in db.execute("SELECT data FROM entities WHERE catalogued"))
        if total % (1 << 128) != int(self._get("catalogue")):
            problems.append("the catalogue's digest is not that of its entities")
        return problems

    def _select(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Rows of `query`, which ends in IN, for all of `values`."""
        rows: list[Any] = []
        for chunk in _chunks(values, MAX_VARIABLES):
            rows += self._db.execute(f"{query} ({','.join('?' * len(chunk))})", list(chunk)).fetchall()
        return rows


@dataclasses.dataclass(slots=True)
class _Changes:
    """What a transaction has changed so far, and the revision it will make."""

    revision: int
    any: bool = False
    entities: set[int] = dataclasses.field(default_factory=set)


EVIDENCE_COLUMNS = (
    'e.subject, e.relation, e.object, e.start, e."end", e.quote, e.polarity, e.stance, e.confidence,'
    " e.extractor, e.version, e.recorded, e.anachronistic"
)
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


def _evidence(row: Sequence[Any]) -> Evidence:
    subject, relation, object, start, end, quote, polarity, stance, confidence = row[:9]
    extractor, version, recorded, anachronistic, review = row[9:]
    return Evidence(
        claim=Claim(subject, Relation(relation), object),
        review=review,
        start=start,
        end=end,
        quote=quote,
        polarity=Polarity(polarity),
        stance=Stance(stance),
        confidence=confidence,
        provenance=Provenance(extractor, version, datetime.fromisoformat(recorded) if recorded else None),
        anachronistic=bool(anachronistic),
    )


def _unique(evidence: Iterable[Evidence]) -> list[Evidence]:
    return list({item.id: item for item in evidence}.values())


def _anachronistic(subject: int | None, object: int | None) -> bool:
    """A film cannot descend from a later one."""
    return subject is not None and object is not None and subject < object


def _dump(value: Entity | Review) -> str:
    """Canonical JSON without the id and without empty fields."""
    fields = {
        field.name: getattr(value, field.name)
        for field in dataclasses.fields(value)
        if field.init and field.name != "id"
    }
    for name, item in fields.items():
        if name == "credits":
            fields[name] = [dataclasses.astuple(credit) for credit in item]
        elif isinstance(item, date):
            fields[name] = item.isoformat()
    return json.dumps(
        {name: item for name, item in fields.items() if item not in (None, (), [], "")},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def _load(id: str, data: str) -> Entity:
    fields = json.loads(data)
    for name, value in fields.items():
        if name == "credits":
            fields[name] = tuple(Credit(*credit) for credit in value)
        elif isinstance(value, list):
            fields[name] = tuple(value)
        elif name == "format":
            fields[name] = FilmFormat(value)
    return TYPES[id.partition(":")[0]](id=id, **fields)


def _load_review(id: str, data: str) -> Review:
    fields = json.loads(data)
    if "published" in fields:
        fields["published"] = date.fromisoformat(fields["published"])
    return Review(id=id, **fields)


def _hash(data: str) -> int:
    return int.from_bytes(hashlib.blake2b(data.encode(), digest_size=16).digest(), "big")


def _fold(name: str) -> str:
    """The name as search compares it: plain lower-case words, no leading article."""
    folded = slug(name).replace("-", " ") if re.search(r"\w", name) else ""
    return re.sub(r"^(the|an?) (?=.)", "", folded)


def _names(entity: Entity) -> list[str]:
    names = [entity.name, *entity.aliases]
    if isinstance(entity, Film) and entity.original_name:
        names.append(entity.original_name)
    return list(dict.fromkeys(_fold(name) for name in names if _fold(name)))


def _renown(entity: Entity) -> float:
    return entity.renown if isinstance(entity, Film) else 0.0


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _chunks(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))


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
