"""The SQLite file beneath the store: connections, schema migrations, the writer's lock.

Write-ahead log with `synchronous=FULL`: what a transaction has written survives a power cut. No mmap and no
ANALYZE: either has been seen to do harm.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any, Self

from filmgraph import deadline
from filmgraph.errors import StoreBusyError, StoreError, StoreVersionError
from filmgraph.sqlite_tables import select
from filmgraph.stored import fold

__all__ = ["SqliteFile"]

STEPS = 20_000
"""Steps of SQLite's machine, a millisecond or so, between two looks at the clock by whoever reads."""
READERS_CACHE, WRITERS_CACHE = 16_384, 65_536
"""Kilobytes of pages that a connection may hold; a server has a reader in every thread."""


class SqliteFile:
    """One database file. Reading is safe from several threads; each has its own connection."""

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
            connection.execute(f"PRAGMA cache_size=-{READERS_CACHE if self.readonly else WRITERS_CACHE}")
            if self.readonly:
                connection.execute("PRAGMA query_only=ON")
                connection.set_progress_handler(deadline.passed, STEPS)
            self._local.connection = connection
            self._open.append(connection)
        return connection

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
        self._db.create_function("fold", 1, fold, deterministic=True)
        for file in files[version:]:
            script = file.read_text(encoding="utf-8")
            self._db.executescript(f"BEGIN;\n{script}\nPRAGMA user_version={int(file.name[:3])};\nCOMMIT;")

    def _get(self, name: str) -> str:
        (value,) = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(value)

    def revision(self) -> int:
        return int(self._get("revision"))

    def _select(self, query: str, values: Collection[Any]) -> list[Any]:
        return select(self._db, query, values)


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
