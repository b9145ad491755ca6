"""Bringing a database up to the schema of this program: the files of schema/neo4j, each once, in their order."""

from __future__ import annotations

import re
from pathlib import Path

from filmgraph.errors import StoreVersionError
from filmgraph.neo4j_store.connection import Connection

__all__ = ["check", "migrate", "statements"]


def migrate(connection: Connection) -> int:
    """Apply what is missing; the schema's number. Two programs may do so at once: statements can be repeated.

    Raises StoreVersionError when the database is newer than this program.
    """
    version = _version(connection)
    files = _files()
    _refuse_newer(connection, version, newest=_number(files[-1]))
    for file in files:
        if _number(file) > version:
            for statement in _statements(file):
                connection.run(statement)
            connection.run("CALL db.awaitIndexes(600)")
            _set_version(connection, _number(file))
    return _number(files[-1])


def check(connection: Connection) -> None:
    """StoreVersionError unless the database has this program's schema."""
    version, newest = _version(connection), _number(_files()[-1])
    _refuse_newer(connection, version, newest)
    if version < newest:
        raise StoreVersionError(
            f"{connection.place} has schema {version}, this filmgraph wants {newest}: run `filmgraph migrate`"
        )


def statements() -> list[str]:
    """All statements of the schema, in their order."""
    return [statement for file in _files() for statement in _statements(file)]


def _refuse_newer(connection: Connection, version: int, newest: int) -> None:
    if version > newest:
        raise StoreVersionError(
            f"{connection.place} has schema {version}, this filmgraph knows {newest}: use a newer filmgraph"
        )


def _version(connection: Connection) -> int:
    rows = connection.rows("MATCH (g:Graph {name: 'filmgraph'}) RETURN g.schema")
    return int(rows[0][0]) if rows else 0


def _set_version(connection: Connection, version: int) -> None:
    connection.execute(
        "MERGE (g:Graph {name: 'filmgraph'})"
        " ON CREATE SET g.revision = 0, g.catalogue = '0', g.written = [], g.judgements = 0"
        " SET g.schema = CASE WHEN coalesce(g.schema, 0) < $version THEN $version ELSE g.schema END",
        version=version,
    )


def _files() -> list[Path]:
    packaged = Path(__file__).parents[1] / "schema" / "neo4j"
    folder = packaged if packaged.is_dir() else Path(__file__).parents[3] / "schema" / "neo4j"
    return sorted(folder.glob("[0-9]*.cypher"))


def _number(file: Path) -> int:
    return int(file.name[:3])


def _statements(file: Path) -> list[str]:
    """The statements of a file: they end with a semicolon at the end of a line."""
    text = re.sub(r"^//.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [
        statement.strip() for statement in re.split(r";\s*$", text, flags=re.MULTILINE) if statement.strip()
    ]
