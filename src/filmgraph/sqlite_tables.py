"""A write transaction's tables in SQLite: what `tables.Tables` asks for, each a statement or two."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from filmgraph.belief import Belief
from filmgraph.model import (
    Claim,
    Evidence,
    Judgement,
    JudgementAction,
    Polarity,
    Provenance,
    Relation,
    Review,
    Stance,
    kind_of,
    voice_of,
)
from filmgraph.stored import facets, fold, folded_names, renown
from filmgraph.tables import Description, EntityRow, ReviewRow, Statement

__all__ = ["SAID", "SqliteTables", "evidence_from", "select", "statement_from"]

MAX_VARIABLES = 900
EVIDENCE = (
    'e.subject, e.relation, e.object, e.start, e."end", e.quote, e.polarity, e.stance, e.confidence,'
    " e.extractor, e.version, e.recorded, e.anachronistic, r.id"
)
SAID = (
    f"SELECT {EVIDENCE}, s.id, o.id, r.voice FROM evidence e JOIN reviews r ON r.key = e.review"
    " JOIN claims c ON c.key = e.claim JOIN entities s ON s.key = c.subject JOIN entities o ON o.key = c.object"
)
"""Selects what `statement_from` makes a statement of."""


class SqliteTables:
    """See `filmgraph.tables.Tables`; `db` is a connection inside a transaction."""

    def __init__(self, db: sqlite3.Connection, revision: int) -> None:
        self._db = db
        self.revision = revision

    # ── reading ─────────────────────────────────────────────────────────────────────────────

    def entity_rows(self, ids: Collection[str]) -> dict[str, EntityRow]:
        rows = self._select("SELECT id, data, year, catalogued FROM entities WHERE id IN", ids)
        return {id: EntityRow(id, data, year, bool(catalogued)) for id, data, year, catalogued in rows}

    def review_rows(self, ids: Collection[str]) -> dict[str, ReviewRow]:
        rows = self._select("SELECT id, data, pipeline FROM reviews WHERE id IN", ids)
        return {row[0]: ReviewRow(*row) for row in rows}

    def said_in(self, reviews: Collection[str]) -> list[Statement]:
        return [statement_from(row) for row in self._select(f"{SAID} WHERE r.id IN", reviews)]

    def said_for(self, claims: Collection[str]) -> list[Statement]:
        return [statement_from(row) for row in self._select(f"{SAID} WHERE c.id IN", claims)]

    def said_of(self, entities: Collection[str]) -> list[Statement]:
        rows = self._select(f"{SAID} WHERE e.subject IN", entities)
        rows += self._select(f"{SAID} WHERE e.object IN", entities)
        return list({item.evidence.id: item for item in map(statement_from, rows)}.values())

    def descriptions(self, reviews: Collection[str]) -> list[Description]:
        query = (
            "SELECT r.id, e.id, n.data FROM named n JOIN reviews r ON r.key = n.review"
            " JOIN entities e ON e.key = n.entity WHERE r.id IN"
        )
        return [Description(*row) for row in self._select(query, reviews)]

    def first_descriptions(self, entities: Collection[str]) -> dict[str, str]:
        query = (
            "SELECT e.id, (SELECT min(data) FROM named WHERE entity = e.key) FROM entities e WHERE e.id IN"
        )
        return {id: data for id, data in self._select(query, entities) if data is not None}

    def provisional(self) -> Iterator[EntityRow]:
        rows = self._db.execute("SELECT id, data, year FROM entities WHERE NOT catalogued")
        return (EntityRow(id, data, year, False) for id, data, year in rows)

    def merges(self, ids: Collection[str]) -> list[tuple[str, str]]:
        rows = self._select("SELECT loser, survivor FROM merges WHERE loser IN", ids)
        rows += self._select("SELECT loser, survivor FROM merges WHERE survivor IN", ids)
        return sorted(set(rows))

    def judgements(self) -> list[Judgement]:
        rows = self._db.execute(
            "SELECT id, action, target, value, by, at, note, undoes FROM judgements ORDER BY seq"
        )
        return [
            Judgement(
                id, JudgementAction(action), target, value, by, datetime.fromisoformat(at) if at else None, note, undoes
            )
            for id, action, target, value, by, at, note, undoes in rows
        ]  # fmt: skip

    def catalogue(self) -> int:
        (total,) = self._db.execute("SELECT value FROM meta WHERE name = 'catalogue'").fetchone()
        return int(total)

    # ── writing ─────────────────────────────────────────────────────────────────────────────

    def set_catalogue(self, total: int) -> None:
        self._db.execute("UPDATE meta SET value = ? WHERE name = 'catalogue'", (str(total),))

    def write_entities(self, rows: Sequence[EntityRow]) -> None:
        entities = [row.entity for row in rows]
        self._db.executemany(
            "INSERT INTO entities (id, kind, name, folded, year, origin, renown, catalogued, data, revision)"
            " VALUES (?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT (id) DO UPDATE SET name=excluded.name, folded=excluded.folded, year=excluded.year,"
            " origin=excluded.origin, renown=excluded.renown, catalogued=excluded.catalogued, data=excluded.data,"
            " revision=excluded.revision",
            [
                (
                    entity.id, kind_of(entity.id).value, entity.name, fold(entity.name), entity.year, entity.origin,
                    renown(entity), row.catalogued, row.data, self.revision,
                )
                for entity, row in zip(entities, rows, strict=True)
            ],
        )  # fmt: skip
        keys = dict(self._select("SELECT id, key FROM entities WHERE id IN", [row.id for row in rows]))
        for table in ("names", "facets"):
            self._db.executemany(f"DELETE FROM {table} WHERE entity = ?", [(key,) for key in keys.values()])
        self._db.executemany(
            "INSERT INTO names VALUES (?, ?)",
            [(keys[entity.id], name) for entity in entities for name in folded_names(entity)],
        )
        self._db.executemany(
            "INSERT INTO facets (entity, facet, value, role) VALUES (?, ?, ?, ?)",
            [(keys[entity.id], *facet) for entity in entities for facet in facets(entity)],
        )

    def delete_entities(self, ids: Collection[str]) -> None:
        self._db.executemany("INSERT INTO gone VALUES (?, ?)", [(id, self.revision) for id in sorted(ids)])
        self._delete("DELETE FROM merges WHERE loser = ?", ids)
        self._delete("DELETE FROM entities WHERE id = ?", ids)

    def write_reviews(self, reviews: Sequence[tuple[Review, ReviewRow]]) -> None:
        self._db.executemany(
            "INSERT INTO reviews (id, film, reviewer, outlet, voice, published, pipeline, data)"
            " VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET film=excluded.film,"
            " reviewer=excluded.reviewer, outlet=excluded.outlet, voice=excluded.voice,"
            " published=excluded.published, pipeline=excluded.pipeline, data=excluded.data",
            [
                (
                    review.id, review.film, review.reviewer, review.outlet, voice_of(review),
                    review.published.isoformat() if review.published else None, row.pipeline, row.data,
                )
                for review, row in reviews
            ],
        )  # fmt: skip

    def set_pipeline(self, reviews: Collection[str], pipeline: str) -> None:
        self._db.executemany(
            "UPDATE reviews SET pipeline = ? WHERE id = ?", [(pipeline, id) for id in reviews]
        )

    def delete_reviews(self, ids: Collection[str]) -> None:
        self._delete("DELETE FROM documents WHERE review = (SELECT key FROM reviews WHERE id = ?)", ids)
        self._delete("DELETE FROM reviews WHERE id = ?", ids)

    def mark(self, fingerprints: Mapping[str, str]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO documents SELECT ?, key FROM reviews WHERE id = ?", fingerprints.items()
        )

    def write_descriptions(self, rows: Sequence[Description]) -> None:
        self._db.executemany(
            "INSERT INTO named SELECT r.key, e.key, ? FROM reviews r, entities e WHERE r.id = ? AND e.id = ?",
            [(row.data, row.review, row.entity) for row in rows],
        )

    def write_claims(self, weighed: Sequence[tuple[Claim, Belief, bool]]) -> None:
        self._db.executemany(
            "INSERT INTO claims (id, subject, relation, object, belief, support, dissent, voices_for,"
            " voices_against, explanation, anachronistic, revision) SELECT ?, s.key, ?, o.key, ?, ?, ?, ?, ?, ?, ?, ?"
            " FROM entities s, entities o WHERE s.id = ? AND o.id = ?"
            " ON CONFLICT (id) DO UPDATE SET belief=excluded.belief, support=excluded.support,"
            " dissent=excluded.dissent, voices_for=excluded.voices_for, voices_against=excluded.voices_against,"
            " explanation=excluded.explanation, anachronistic=excluded.anachronistic, revision=excluded.revision",
            [
                (
                    claim.id, claim.relation.value, *dataclasses.astuple(belief), anachronistic, self.revision,
                    claim.subject, claim.object,
                )
                for claim, belief, anachronistic in weighed
            ],
        )  # fmt: skip

    def write_evidence(self, statements: Sequence[Statement]) -> None:
        self._db.executemany(
            'INSERT INTO evidence (id, claim, review, subject, relation, object, start, "end", quote, polarity,'
            " stance, confidence, extractor, version, recorded, anachronistic)"
            " SELECT ?, c.key, r.key, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            " FROM claims c, reviews r WHERE c.id = ? AND r.id = ?",
            [(*_evidence_row(item.evidence), item.claim.id, item.evidence.review) for item in statements],
        )

    def move_evidence(self, statements: Sequence[Statement]) -> None:
        self._db.executemany(
            "UPDATE evidence SET claim = (SELECT key FROM claims WHERE id = ?), anachronistic = ? WHERE id = ?",
            [(item.claim.id, item.evidence.anachronistic, item.evidence.id) for item in statements],
        )

    def forget(self, reviews: Collection[str]) -> None:
        self._delete("DELETE FROM evidence WHERE review = (SELECT key FROM reviews WHERE id = ?)", reviews)
        self._delete("DELETE FROM named WHERE review = (SELECT key FROM reviews WHERE id = ?)", reviews)

    def remove_claims(self, ids: Collection[str]) -> None:
        self._db.executemany("INSERT INTO removed VALUES (?, ?)", [(id, self.revision) for id in sorted(ids)])
        self._delete("DELETE FROM claims WHERE id = ?", ids)

    def add_judgement(self, judgement: Judgement) -> None:
        self._db.execute(
            "INSERT INTO judgements (id, action, target, value, by, at, note, undoes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                judgement.id, judgement.action.value, judgement.target, judgement.value, judgement.by,
                judgement.at.isoformat(timespec="seconds") if judgement.at else None, judgement.note, judgement.undoes,
            ),
        )  # fmt: skip

    def add_change(self, by: str, action: str, target: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute(
            "INSERT INTO changes (at, by, action, target, revision) VALUES (?, ?, ?, ?, ?)",
            (at, by, action, target, self.revision),
        )

    def write_merge(self, loser: str, survivor: str, judgement: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO merges VALUES (?, ?, ?)", (loser, survivor, judgement))

    def delete_merge(self, loser: str) -> None:
        self._db.execute("DELETE FROM merges WHERE loser = ?", (loser,))

    def _select(self, query: str, values: Collection[Any]) -> list[Any]:
        return select(self._db, query, values)

    def _delete(self, query: str, ids: Collection[str]) -> None:
        self._db.executemany(query, [(id,) for id in ids])


def select(db: sqlite3.Connection, query: str, values: Collection[Any]) -> list[Any]:
    """Rows of `query`, which ends in IN, for all of `values`."""
    rows: list[Any] = []
    stream = iter(values)
    while chunk := list(islice(stream, MAX_VARIABLES)):
        rows += db.execute(f"{query} ({','.join('?' * len(chunk))})", chunk).fetchall()
    return rows


def statement_from(row: Sequence[Any]) -> Statement:
    """A row of `SAID` as a statement."""
    *evidence, subject, object, voice = row
    item = evidence_from(evidence)
    return Statement(item, Claim(subject, item.claim.relation, object), voice)


def evidence_from(row: Sequence[Any]) -> Evidence:
    """A row of the columns `EVIDENCE` as evidence."""
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


def _evidence_row(item: Evidence) -> tuple[Any, ...]:
    recorded = item.provenance.recorded
    return (
        item.id, item.claim.subject, item.claim.relation.value, item.claim.object, item.start, item.end, item.quote,
        item.polarity.value, item.stance.value, item.confidence, item.provenance.extractor, item.provenance.version,
        recorded.isoformat(timespec="seconds") if recorded else None, item.anachronistic,
    )  # fmt: skip
