"""What is special to Neo4j: many writers, connections that break, versions, and a graph that Cypher can walk."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import neo4j
from filmgraph.errors import StoreError, StoreVersionError
from filmgraph.export import export
from filmgraph.index import LineageIndex
from filmgraph.model import Film, Judgement, JudgementAction, Polarity, Reading, Relation
from filmgraph.settings import Settings
from filmgraph.store import ClaimFilter, Store, open_store
from graphs import CATALOGUE, NIKITA, NOBODY, READINGS, WICK, reading
from neo4j_server import Neo4jServer
from servers import serving
from tcp_proxy import Proxy

TESTS = Path(__file__).parent


def query(address: str, cypher: str, **parameters: object) -> list[dict[str, object]]:
    with neo4j.GraphDatabase.driver(address) as driver, driver.session() as session:
        return session.run(cypher, parameters).data()


def exported(store: Store) -> bytes:
    file = io.BytesIO()
    export(store, "json", file)
    return file.getvalue()


def many(number: int) -> list[Reading]:
    """Readings that have claims and entities in common."""
    films = [WICK, NOBODY, NIKITA, *(Film(f"film:~copy-{n}-2024", f"Copy {n}", 2024) for n in range(7))]
    return [
        reading(
            f"Review {n}: {films[3 + n % 7].name} copies {films[n % 3].name}.",
            films[3 + n % 7], list(Relation)[n % 5], films[n % 3],
            reviewer=f"Critic {n % 11}", polarity=list(Polarity)[n % 3],
        )
        for n in range(number)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one process alone makes of `many(200)`, exported."""
    with open_store(str(tmp_path_factory.mktemp("plain") / "plain.db")) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put(many(200))
        return exported(store)


# ── addresses and versions ──────────────────────────────────────────────────────────────────


def test_addresses(neo4j_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(neo4j_address.replace("bolt://", "neo4j://") + "/neo4j") as store:
        assert store.revision() == 0
    with pytest.raises(StoreError, match="FILMGRAPH_NEO4J_PASSWORD") as refused:
        open_store("neo4j://ann:secret@localhost")
    assert "secret" not in str(refused.value)
    with pytest.raises(StoreError, match="nosuch"):
        open_store(f"{neo4j_address}/nosuch", readonly=True)
    monkeypatch.setenv("FILMGRAPH_NEO4J_PATIENCE", "0.5")
    with pytest.raises(StoreError, match="does not answer"):
        open_store("bolt://127.0.0.1:1")


def test_a_newer_database_is_refused_and_an_empty_one_is_migrated(neo4j_address: str) -> None:
    with open_store(neo4j_address):
        pass
    query(neo4j_address, "MATCH (g:Graph) SET g.schema = 99")
    for readonly in (False, True):
        with pytest.raises(StoreVersionError, match="schema 99"):
            open_store(neo4j_address, readonly=readonly)
    query(neo4j_address, "MATCH (g:Graph) DELETE g")
    with pytest.raises(StoreVersionError, match="filmgraph migrate"):
        open_store(neo4j_address, readonly=True)
    opened = [threading.Thread(target=lambda: open_store(neo4j_address).close()) for _ in range(3)]
    for thread in opened:
        thread.start()
    for thread in opened:
        thread.join()
    assert query(neo4j_address, "MATCH (g:Graph) RETURN count(g) AS n") == [{"n": 1}]
    with open_store(neo4j_address, readonly=True) as reader, pytest.raises(StoreError, match="reading only"):
        reader.retract("review:none")


# ── a graph that Cypher can walk ────────────────────────────────────────────────────────────


def test_claims_are_relationships_that_keep_current(neo4j_address: str) -> None:
    walk = (
        "MATCH (f:Film {name: 'Nobody'})-[r:INSPIRED_BY|IMITATES*1..4]->(a:Film)"
        " RETURN a.name AS name, last(r).belief AS belief, last(r).dissent AS dissent ORDER BY name"
    )
    with open_store(neo4j_address) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put(READINGS)
        found = query(neo4j_address, walk)
        assert [row["name"] for row in found] == ["John Wick", "La Femme Nikita"]
        assert all(0 < row["belief"] < 1 and row["dissent"] == 0 for row in found)  # type: ignore[operator]
        store.put(
            [
                reading(
                    "No copy of it.", NOBODY, Relation.IMITATES, WICK, polarity=Polarity.NEGATED, reviewer="E"
                )
            ]
        )
        wick = query(neo4j_address, walk)[0]
        assert wick["belief"] < found[0]["belief"] and wick["dissent"] > 0  # type: ignore[operator]
        (claim,) = store.find_claims(ClaimFilter(subject=NOBODY.id, object=WICK.id))
        store.judge(Judgement("no", JudgementAction.REJECT, claim.id))
        assert query(neo4j_address, walk) == []
        store.undo("no")
        store.judge(Judgement("same", JudgementAction.MERGE, WICK.id, NIKITA.id))
        assert query(neo4j_address, walk)[0]["name"] == "La Femme Nikita"
        assert store.verify() == []


def test_what_is_wrong_in_a_database_is_found(neo4j_address: str) -> None:
    with open_store(neo4j_address) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put(READINGS)
        for harm, told in (
            ("MATCH (e:Evidence) WITH e LIMIT 1 SET e.quote = 'Never said.'", "does not stand"),
            ("MATCH (c:Claim {relation: 'remake_of'}) SET c.belief = 0.9", "its evidence says"),
            ("MATCH ()-[r:ADAPTED_FROM]->() DELETE r", "its relationship is missing"),
            ("MATCH (f:Film {name: 'John Wick'}) SET f.data = '{\"name\":\"Jon\"}'", "digest"),
        ):
            query(neo4j_address, harm)
            assert any(told in problem for problem in store.verify()), told


# ── many writers, and writers that die ──────────────────────────────────────────────────────

WRITER = textwrap.dedent("""
    import random, sys
    from filmgraph.store import open_store
    from graphs import CATALOGUE
    from test_neo4j_store import many
    address, seed = sys.argv[1], int(sys.argv[2])
    readings = many(200)
    random.Random(seed).shuffle(readings)
    with open_store(address) as store:
        store.import_entities(CATALOGUE, source="test")
        for n in range(0, 200, 8):
            store.put(readings[n : n + 8])
            print(n, flush=True)
""")


def write(address: str, seed: int) -> subprocess.Popen[str]:
    """A process that puts `many(200)` into the store, in an order of its own."""
    command = [sys.executable, "-c", WRITER, address, str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TESTS)


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=120)
    return process.returncode


def test_four_writers_are_one(neo4j_address: str, plain: bytes) -> None:
    writers = [write(neo4j_address, seed) for seed in range(4)]
    assert [finish(process) for process in writers] == [0] * 4
    with open_store(neo4j_address) as store:
        assert exported(store) == plain and store.verify() == []


def test_a_writer_may_die_and_begin_again(neo4j_address: str, plain: bytes) -> None:
    for attempt in range(3):
        process = write(neo4j_address, seed=7)
        assert process.stdout
        for _ in range(3 + 5 * attempt):
            process.stdout.readline()
        time.sleep(random.random() / 20)
        process.kill()
        finish(process)
        with open_store(neo4j_address) as store:
            assert store.verify() == []
    assert finish(write(neo4j_address, seed=7)) == 0
    with open_store(neo4j_address) as store:
        assert exported(store) == plain and store.verify() == []


# ── connections that break ──────────────────────────────────────────────────────────────────


@contextmanager
def proxied(address: str) -> Iterator[tuple[Proxy, str]]:
    with Proxy(int(address.rpartition(":")[2])) as proxy:
        yield proxy, f"bolt://127.0.0.1:{proxy.port}"


def test_cut_connections_are_ridden_out(neo4j_address: str, plain: bytes) -> None:
    """Cuts fall anywhere: in a query, between queries, in a commit whose answer is then never seen."""
    dice = random.Random(3)
    with proxied(neo4j_address) as (proxy, address), open_store(address) as store:
        store.import_entities(CATALOGUE, source="test")
        readings = many(200)
        for n in range(0, 200, 10):
            proxy.cut_after(dice.randrange(1, 30_000))
            report = store.put(readings[n : n + 10])
            assert report.reviews == 10
        assert store.revision() == 21, "a write that was repeated counted twice"
        assert exported(store) == plain and store.verify() == []


def test_a_commit_whose_answer_is_lost_counts_once(neo4j_address: str) -> None:
    with proxied(neo4j_address) as (proxy, address), open_store(address) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put(READINGS)
        for number in range(0, 12, 2):
            before = proxy.forwarded
            store.retract(READINGS[0].review.id)
            size = proxy.forwarded - before
            assert store.put([READINGS[0]]).changed
            # The last bytes of a write are its commit; the cut comes when they have been counted, or just before.
            proxy.cut_after(size - number)
            assert store.retract(READINGS[0].review.id) is True
            proxy.cut()
            assert store.put([READINGS[0]]).changed
            assert store.verify() == []


def test_a_stalled_connection_is_given_up(neo4j_address: str) -> None:
    with proxied(neo4j_address) as (proxy, address), open_store(address) as store:
        store.import_entities(CATALOGUE, source="test")
        proxy.stall()
        threading.Timer(4, lambda: (proxy.flow(), proxy.cut())).start()
        started = time.monotonic()
        assert store.put(READINGS).changed
        assert time.monotonic() - started < 30 and store.verify() == []


def test_a_database_that_stays_away_is_told(neo4j_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILMGRAPH_NEO4J_PATIENCE", "1")
    with proxied(neo4j_address) as (proxy, address), open_store(address) as store:
        store.import_entities(CATALOGUE, source="test")
        before = store.revision()
        proxy.__exit__()
        with pytest.raises(StoreError, match=r"(?s)does not answer .* run it again"):
            store.put(READINGS)
    with open_store(neo4j_address) as store:
        assert store.revision() == before and store.verify() == []


# ── replicas ────────────────────────────────────────────────────────────────────────────────


def test_two_replicas_follow_a_writer(neo4j_address: str) -> None:
    with open_store(neo4j_address) as store:
        store.import_entities(CATALOGUE, source="test")
    settings = Settings(store=neo4j_address)
    with serving(settings) as one, serving(settings) as two:
        process = write(neo4j_address, seed=1)
        assert process.stdout
        asked = 0
        while process.stdout.readline():
            for replica in (one, two):
                asked += replica.get("/readyz").status_code == 200
        assert finish(process) == 0 and asked >= 40
        written = time.monotonic()
        with open_store(neo4j_address, readonly=True) as store:
            revision, whole = store.revision(), LineageIndex.build(store)
        expected = {node.entity for node in whole.lineage(WICK.id, depth=4).nodes if node.generation}
        for replica in (one, two):
            while replica.get("/readyz").json()["revision"] < revision:
                assert time.monotonic() - written < 2, "a replica lags behind"
            assert heirs(replica) == expected != set()


def heirs(replica: httpx.Client) -> set[str]:
    """The ids of all that came of John Wick, as an API server says."""
    asked = '{ film(id: "%s") { lineage(direction: DESCENDANTS, depth: 4) { nodes { generation entity { id } } } } }'
    answer = replica.post("/graphql", json={"query": asked % WICK.id}).json()
    nodes = answer["data"]["film"]["lineage"]["nodes"]
    return {node["entity"]["id"] for node in nodes if node["generation"]}


def test_a_restart_is_ridden_out(neo4j_server: Neo4jServer, neo4j_address: str, plain: bytes) -> None:
    """The server is killed while somebody writes, and started again."""
    with open_store(neo4j_address) as store:
        store.import_entities(CATALOGUE, source="test")
        process = write(neo4j_address, seed=5)
        assert process.stdout
        for _ in range(5):
            process.stdout.readline()
        neo4j_server.kill()
        neo4j_server.restart()
        assert finish(process) == 0
        assert exported(store) == plain and store.verify() == []
