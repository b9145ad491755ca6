"""The store over one SQLite file: one writer, any number of readers beside it.

Everything derived (claims, beliefs, the names of provisional entities) is recomputed in the transaction that
changes what it is derived from. Reading is in `sqlite_reader`, the file itself in `sqlite_file`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from filmgraph.errors import StoreError
from filmgraph.judgements import verdicts
from filmgraph.model import Entity, Judgement, Reading
from filmgraph.sqlite_reader import SqliteReader
from filmgraph.sqlite_tables import MAX_VARIABLES, SAID, SqliteTables, statement_from
from filmgraph.store import ImportReport, PutReport
from filmgraph.stored import digest
from filmgraph.transaction import Transaction, weigh

__all__ = ["SqliteStore"]


class SqliteStore(SqliteReader):
    """See `filmgraph.store.Store`."""

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

    def put(
        self,
        readings: Sequence[Reading],
        fingerprints: Sequence[str] = (),
        *,
        pipeline: str = "",
        by: str = "",
    ) -> PutReport:
        with self._transaction() as transaction:
            written = transaction.put(readings, fingerprints, pipeline, by)
        return PutReport(written, transaction.changed)

    def retract(self, review: str, *, by: str = "") -> bool:
        with self._transaction() as transaction:
            return transaction.retract(review, by)

    def judge(self, judgement: Judgement) -> None:
        with self._transaction() as transaction:
            transaction.judge(judgement)

    def undo(self, judgement: str, *, by: str = "") -> None:
        with self._transaction() as transaction:
            transaction.undo(judgement, by)

    def replay(self, judgements: Sequence[Judgement]) -> None:
        with self._transaction() as transaction:
            transaction.replay(judgements)

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
