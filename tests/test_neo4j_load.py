"""What `export` writes for Neo4j, loaded by Neo4j: the result is a store that exports the same."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import neo4j
from filmgraph.export import export
from filmgraph.model import Film, Judgement, JudgementAction, Relation
from filmgraph.store import Store, open_store
from filmgraph.transfer import export_digest
from graphs import BALLERINA, CATALOGUE, NIKITA, READINGS, reading
from neo4j_server import START, Neo4jServer

ODD = Film(
    "film:tt0000009",
    'Odd; "names" \\ \u2028 it\'s 🎬, with\nlines',
    1990,
    aliases=("a,b", "'c'"),
    genres=("X; Y",),
)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "source.db")) as store:
        fill(store)
        yield store


def fill(store: Store) -> None:
    store.import_entities([*CATALOGUE, ODD], source="test")
    twin = Film("film:~ballerina", "Ballerina")
    store.put([
        *READINGS,
        reading("Ballerina copies Nikita.", twin, Relation.IMITATES, NIKITA),
        reading('Odd: "quite;\n\nNikita".', ODD, Relation.HOMAGE_TO, NIKITA, published=None),
    ])  # fmt: skip
    store.judge(Judgement("same", JudgementAction.MERGE, twin.id, BALLERINA.id, by="ann"))


def check(source: Store, address: str) -> None:
    with open_store(address) as loaded:
        assert export_digest(loaded) == export_digest(source)
        assert list(loaded.iter_entities()) == list(source.iter_entities())
        assert loaded.judgements() == source.judgements() and loaded.verify() == []
        assert list(loaded.iter_reviews()) == list(source.iter_reviews())
        loaded.undo("same")
        source.undo("same")
        assert export_digest(loaded) == export_digest(source) and loaded.verify() == []


def test_a_cypher_script(source: Store, neo4j_address: str) -> None:
    file = io.BytesIO()
    export(source, "cypher", file)
    with neo4j.GraphDatabase.driver(neo4j_address) as driver, driver.session() as session:
        session.run("MATCH (g:Graph) DELETE g").consume()
        for statement in file.getvalue().decode().split(";\n"):
            if statement.strip():
                session.run(statement).consume()
    check(source, neo4j_address)


def test_files_for_neo4j_admin(source: Store, neo4j_server: Neo4jServer, tmp_path: Path) -> None:
    with (tmp_path / "graph.zip").open("wb") as file:
        export(source, "neo4j-admin", file)
    home = tmp_path / "loaded"
    with zipfile.ZipFile(tmp_path / "graph.zip") as archive:
        archive.extractall(home / "import")
    admin(home, "database", "import", "full", "neo4j", "@import.args")
    server = Neo4jServer([home])
    try:
        check(source, server.addresses[0])
    finally:
        server.kill()


def admin(home: Path, *arguments: str) -> None:
    """Run neo4j-admin where the files to be imported are."""
    path = (START.parent / "target" / "classpath").read_text(encoding="utf-8")
    (home / "conf").mkdir()
    (home / "conf" / "neo4j.conf").touch()
    opens = [
        f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.nio", "java.io", "sun.nio.ch")
    ]
    command = ["java", "-Xmx512m", *opens, "-cp", path, "org.neo4j.cli.AdminTool", *arguments]
    places = {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    done = subprocess.run(
        command,
        cwd=home / "import",
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
