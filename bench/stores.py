"""The stores beside each other, over the same data: `python bench/stores.py [SCALE]`, or `make bench-stores`.

SCALE 1 is 200,000 films, 500,000 claims and a million pieces of evidence; the default is a twentieth. SQLite and a Neo4j
of its own (tests/neo4j, 2 GB) take in the same reviews, first in batches and then one at a time; then the lineage of the
greatest hub is asked of the index over either, and of Neo4j in plain Cypher. The last section reads 500,000 claims and
200,000 films from Neo4j into an index, at any SCALE.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j
import numpy as np

from filmgraph.index import LineageIndex
from filmgraph.model import (
    Claim,
    Evidence,
    Film,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    Stance,
    review_id,
)
from filmgraph.neo4j_store.columns import read_edges
from filmgraph.store import EdgeBatch, Store, open_store

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests")]

import index as synthetic
from neo4j_server import Neo4jServer

SAYS = 5
"""Pieces of evidence in a review."""
BATCH, SINGLE = 64, 200
CONF = """\
server.bolt.enabled=true
server.memory.pagecache.size=1g
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
"""
KINDS = "|".join(relation.name for relation in synthetic.RELATIONS)
WALK = f"MATCH (:Film {{id: $id}})<-[:{KINDS}*1..DEPTH]-(f) RETURN count(DISTINCT f)"


def readings(batch: EdgeBatch, claims: int, evidence: int) -> Iterator[Reading]:
    """Reviews with `SAYS` pieces of evidence each, for the first `claims` of `batch` again and again."""
    relations = list(Relation)
    for number in range(evidence // SAYS):
        text = "".join(f"Sentence {n} of review {number} names a debt. " for n in range(SAYS))
        size = len(text) // SAYS
        id = review_id(text)
        said = []
        for n in range(SAYS):
            row = (number * SAYS + n) * 7_919 % claims
            ends = batch.nodes[batch.subject[row]], batch.nodes[batch.object[row]]
            claim = Claim(ends[0], relations[batch.relation[row]], ends[1])
            span = (n * size, (n + 1) * size)
            said.append(
                Evidence(claim, id, *span, text[slice(*span)], Polarity.ASSERTED, Stance.NEUTRAL, 0.8,
                         Provenance("rules", "1"))
            )  # fmt: skip
        yield Reading(Review(id, text, reviewer=f"Critic {number % 500}"), evidence=tuple(said))


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    start = time.perf_counter()
    yield lambda: time.perf_counter() - start


def show(name: str, *figures: str) -> None:
    print(f"| {name} | {' | '.join(figures)} |", flush=True)


def fill(store: Store, films: list[Film], told: list[Reading]) -> dict[str, str]:
    """Import, ingest in batches, then one review at a time; the figures."""
    with timed() as clock:
        store.import_entities(films, source="bench")
        imported = clock()
    bulk, single = told[:-SINGLE], told[-SINGLE:]
    with timed() as clock:
        for start in range(0, len(bulk), BATCH):
            store.put(bulk[start : start + BATCH])
        spent = clock()
    times = []
    for reading in single:
        with timed() as clock:
            store.put([reading])
            times.append(clock() * 1e3)
    times.sort()
    return {
        "catalogue import, films/s": f"{len(films) / imported:,.0f}",
        f"ingest in batches of {BATCH}, reviews/s": f"{len(bulk) / spent:,.0f}",
        "ingest, pieces of evidence/s": f"{len(bulk) * SAYS / spent:,.0f}",
        "upsert of one review, p50": f"{statistics.median(times):.1f} ms",
        "upsert of one review, p99": f"{times[int(len(times) * 0.99)]:.1f} ms",
    }


def ask(store: Store, hub: str) -> tuple[dict[str, str], LineageIndex]:
    """Build the index and ask it for the hub's lineage; the figures."""
    with timed() as clock:
        index = LineageIndex.build(store)
        built = clock()
    figures = {"index, start": f"{built:.2f} s"}
    for depth in (2, 3, 6):
        times = []
        for _ in range(5):
            with timed() as clock:
                found = len(index.lineage(hub, depth=depth).nodes) - 1
                times.append(clock() * 1e3)
        figures[f"hub lineage to depth {depth} ({found:,} films)"] = f"{statistics.median(times):.1f} ms"
    return figures, index


def ask_cypher(address: str, hub: str) -> list[str]:
    """The same lineages in plain Cypher, or that it takes more than a minute."""
    figures = []
    with neo4j.GraphDatabase.driver(address) as driver, driver.session() as session:
        for depth in (2, 3, 6):
            query = neo4j.Query(WALK.replace("DEPTH", str(depth)), timeout=60)
            try:
                times = []
                for _ in range(3):
                    with timed() as clock:
                        session.run(query, id=hub).consume()
                        times.append(clock() * 1e3)
                figures.append(f"{statistics.median(times):,.1f} ms")
            except neo4j.exceptions.Neo4jError:
                figures.append("over 60 s")
    return figures


def stream(address: str, batch: EdgeBatch) -> None:
    """Claims and films of full size, without what the index does not read, from Neo4j into an index."""
    codes = list(Relation)
    films = [
        {"id": id, "year": int(year), "revision": 1}
        for id, year in zip(batch.nodes, batch.years, strict=True)
    ]
    columns = (batch.claims, batch.subject, batch.object, batch.relation, batch.belief)
    claims = [
        {"id": id, "subject": batch.nodes[s], "object": batch.nodes[o], "relation": codes[r].value, "belief": b,
         "support": b, "anachronistic": False, "revision": 1}
        for id, s, o, r, b in zip(*(column.tolist() for column in columns), strict=True)
    ]  # fmt: skip
    with (
        neo4j.GraphDatabase.driver(address, notifications_min_severity="OFF") as driver,
        driver.session(fetch_size=10_000) as session,
    ):
        for label, rows in (("Entity", films), ("Claim", claims)):
            for start in range(0, len(rows), 10_000):
                session.run(
                    f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", rows=rows[start : start + 10_000]
                ).consume()
        with timed() as clock:
            read = session.execute_read(lambda tx: read_edges(tx, 0, None))
            streamed = clock()
        index = LineageIndex(read)
        print(
            f"\n{len(index):,} claims and {len(read.nodes):,} films from Neo4j: read in {streamed:.1f} s,",
            end=" ",
        )
        print(f"an index of them in {clock():.1f} s altogether")


@contextmanager
def server(directory: Path) -> Iterator[str]:
    (directory / "neo4j.conf").write_text(CONF, encoding="utf-8")
    os.environ |= {"NEO4J_CONF": str(directory / "neo4j.conf"), "NEO4J_JAVA_OPTIONS": "-Xmx2g"}
    running = Neo4jServer([directory / "neo4j"])
    try:
        yield running.addresses[0]
    finally:
        running.kill()


def main(scale: float) -> None:
    batch = synthetic.graph()
    films_wanted, claims, evidence = int(200_000 * scale), int(500_000 * scale), int(1_000_000 * scale)
    # Claims stand by subject: the first of them are of the first films, and have their objects among these too.
    films_wanted = max(films_wanted, int(batch.subject[:claims].max()) + 1)
    years = batch.years.tolist()
    films: list[Film] = [Film(batch.nodes[n], f"Film {n}", years[n]) for n in range(films_wanted)]
    told = list(readings(batch, claims, evidence))
    hub = batch.nodes[int(np.bincount(batch.object[:claims]).argmax())]
    print(f"{len(films):,} films, {claims:,} claims, {len(told) * SAYS:,} pieces of evidence\n")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with open_store(f"{name}/bench.db") as store:
            sqlite: dict[str, Any] = fill(store, films, told)
            sqlite |= ask(store, hub)[0]
        with server(directory) as address:
            with open_store(address) as store:
                shared: dict[str, Any] = fill(store, films, told)
                shared |= ask(store, hub)[0]
            cypher = dict(
                zip((key for key in shared if "lineage" in key), ask_cypher(address, hub), strict=True)
            )
        show("", "SQLite and index", "Neo4j and index", "plain Cypher")
        show("---", "---", "---", "---")
        for key, figure in sqlite.items():
            show(key, figure, shared[key], cypher.get(key, ""))
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as address:
        open_store(address).close()
        stream(address, batch)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.05)
