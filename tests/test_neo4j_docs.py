"""The queries of docs/neo4j.md, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import neo4j
from filmgraph.model import Polarity, Relation
from filmgraph.store import open_store
from graphs import ASSASSIN, CATALOGUE, NIKITA, NOBODY, READINGS, WICK, reading
from neo4j_server import Neo4jServer, wipe

TEXT = (Path(__file__).parents[1] / "docs" / "neo4j.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^(\S[^\n]*)\n\n```cypher\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
DENIED = reading("Not a copy.", NOBODY, Relation.IMITATES, WICK, polarity=Polarity.NEGATED, reviewer="Eve No")


@pytest.fixture(scope="module")
def browsed(neo4j_server: Neo4jServer) -> str:
    """The address of a database that holds the small graph."""
    address = neo4j_server.addresses[0]
    wipe(address)
    with open_store(address) as store:
        store.import_entities(CATALOGUE, source="test")
        every = [reading(f"It is {relation}.", ASSASSIN, relation, NIKITA) for relation in Relation]
        store.put([*READINGS, DENIED, *every])
    return address


def test_there_are_ten() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize(("question", "query"), QUERIES, ids=[question[:40] for question, _ in QUERIES])
def test_queries_answer(browsed: str, question: str, query: str) -> None:
    with neo4j.GraphDatabase.driver(browsed, notifications_min_severity="WARNING") as driver:
        rows, summary, _ = driver.execute_query(query)
    assert rows, question
    assert not [status for status in summary.gql_status_objects if status.raw_severity == "WARNING"]
    assert all(value is not None for value in rows[0].values())
