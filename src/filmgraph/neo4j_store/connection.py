"""A connection to a Neo4j database that rides out restarts, cuts and stalls, or ends in a clear error.

Reading and writing run in managed transactions, which the driver repeats while the database is away. A write counts
exactly once: each leaves a token with what it wrote, so that one whose commit was cut off in the middle is repeated
only if it had not come through (the driver itself cannot know, and gives up).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar
from urllib.parse import urlsplit, urlunsplit

from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from filmgraph.errors import StoreBusyError, StoreError
from filmgraph.settings import Settings
from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, ManagedTransaction, Session, unit_of_work

__all__ = ["Connection", "Row"]

T = TypeVar("T")
Row = list[Any]
TIMEOUT = 300
"""Seconds after which the database gives a transaction up, be it stalled or waiting for another."""
FETCH = 10_000
"""Rows that travel together."""

LOCK: LiteralString = "MATCH (g:Graph {name: 'filmgraph'}) SET g.writer = $token"
STATE: LiteralString = (
    "MATCH (g:Graph {name: 'filmgraph'}) RETURN g.revision AS revision, $token IN g.written AS written"
)
COMMIT: LiteralString = (
    "MATCH (g:Graph {name: 'filmgraph'}) SET g.revision = $revision, g.written = ([$token] + g.written)[..64]"
)


class Connection:
    """See the module. `work` given to `read` and `write` may be called more than once."""

    def __init__(self, url: str, settings: Settings) -> None:
        server, self.database = _split(url)
        self.place = url
        self._settings = settings
        try:
            self._driver: Driver = GraphDatabase.driver(
                server,
                auth=settings.neo4j_login(),
                max_transaction_retry_time=settings.neo4j_patience,
                initial_retry_delay=0.1,
                connection_timeout=5,
                connection_acquisition_timeout=settings.neo4j_patience + 5,
                liveness_check_timeout=30,
                notifications_min_severity="OFF",
                user_agent="filmgraph",
            )
        except (ConfigurationError, ValueError) as error:
            raise StoreError(f"{url} is no address of a Neo4j database: {error}") from error
        self._bookmarks = GraphDatabase.bookmark_manager()

    def close(self) -> None:
        self._driver.close()

    def rows(self, query: LiteralString, **parameters: Any) -> list[Row]:
        """All rows of a query that only reads."""
        return self.read(lambda tx: tx.run(query, parameters).values())

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """What `work` gives in one reading transaction."""
        with self._errors(), self._session(READ_ACCESS) as session:
            return session.execute_read(unit_of_work(timeout=TIMEOUT)(work))

    def write(self, work: Callable[[ManagedTransaction, int], tuple[T, bool]]) -> T:
        """Do `work(transaction, revision to be made)` as the only writer; it gives a result, and whether it
        changed anything. Nothing is left of a write that fails."""
        token = uuid.uuid4().hex
        results: list[T] = []

        def attempt(tx: ManagedTransaction) -> T:
            tx.run(LOCK, token=token).consume()
            revision, written = tx.run(STATE, token=token).values()[0]
            if written and results:
                return results[-1]
            result, changed = work(tx, revision + 1)
            results.append(result)
            if changed:
                tx.run(COMMIT, revision=revision + 1, token=token).consume()
            return result

        deadline = time.monotonic() + self._settings.neo4j_patience
        with self._errors():
            while True:
                try:
                    with self._session(WRITE_ACCESS) as session:
                        return session.execute_write(unit_of_work(timeout=TIMEOUT)(attempt))
                except IncompleteCommit:
                    if time.monotonic() > deadline:
                        raise

    def execute(self, query: LiteralString, **parameters: Any) -> None:
        """Run a query that may be run again without harm."""
        with self._errors(), self._session(WRITE_ACCESS) as session:
            session.execute_write(lambda tx: tx.run(query, parameters).consume())

    def run(self, statement: str) -> None:
        """Run a statement of a migration, in a transaction of its own."""
        with self._errors(), self._session(WRITE_ACCESS) as session:
            session.execute_write(lambda tx: tx.run(statement).consume())

    def _session(self, access: str) -> Session:
        return self._driver.session(
            database=self.database,
            default_access_mode=access,
            fetch_size=FETCH,
            bookmark_manager=self._bookmarks,
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What the driver raises, as errors of ours."""
        try:
            yield
        except AuthError as error:
            raise StoreError(
                f"{self.place} refuses the user {self._settings.neo4j_user!r}: set FILMGRAPH_NEO4J_USER and"
                " FILMGRAPH_NEO4J_PASSWORD"
            ) from error
        except (ServiceUnavailable, SessionExpired, OSError) as error:
            raise StoreError(
                f"{self.place} does not answer ({error}); what was not stored yet is not lost: run it again"
                " when the database is back"
            ) from error
        except ClientError as error:
            if "TransactionTimedOut" in (error.code or "") or "Terminated" in (error.code or ""):
                raise StoreBusyError(f"{self.place} is busy: gave up after {TIMEOUT} s") from error
            raise StoreError(f"{self.place} cannot do this: {error.message}") from error
        except (Neo4jError, DriverError) as error:
            raise StoreError(f"{self.place} cannot do this: {error}") from error


def _split(url: str) -> tuple[str, str | None]:
    """neo4j://host:port/database → the server's address and the database's name."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise StoreError(
            f"{parts.scheme}://{parts.hostname}: a password does not belong into an address; set"
            " FILMGRAPH_NEO4J_USER and FILMGRAPH_NEO4J_PASSWORD"
        )
    return urlunsplit(parts._replace(path="", fragment="")), parts.path.strip("/") or None
