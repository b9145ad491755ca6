"""The lineage index over a graph of 200,000 films and 500,000 claims, beside networkx over the same edges.

The graph is drawn at random with a fixed seed: a century's films in eight genres, each deriving from earlier ones of
its genre, the earlier the likelier; the greatest hub has some 25,000 descendants within six steps, as Jaws would.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable

import networkx as nx
import numpy as np

from filmgraph.index import LineageIndex
from filmgraph.model import Relation, claim_id
from filmgraph.store import EdgeBatch, open_store

FILMS, EDGES, GENRES = 200_000, 500_000, 8
RELATIONS = (
    Relation.IMITATES,
    Relation.INSPIRED_BY,
    Relation.HOMAGE_TO,
    Relation.REFERENCES,
    Relation.REMAKE_OF,
)


def graph() -> EdgeBatch:
    random = np.random.default_rng(7)
    years = np.sort(random.integers(1925, 2026, FILMS)).astype(np.int32)
    # Films n, n + GENRES, n + 2 GENRES … are of one genre; the cube of a uniform draw makes hubs of the early.
    subject = np.sort(random.integers(GENRES, FILMS, EDGES)).astype(np.int32)
    earlier = subject % GENRES + GENRES * (random.random(EDGES) ** 3 * (subject // GENRES)).astype(np.int32)
    codes = [list(Relation).index(relation) for relation in RELATIONS]
    return EdgeBatch(
        revision=1,
        nodes=tuple(f"film:tt{n:07d}" for n in range(FILMS)),
        years=years,
        origins=(None,) * FILMS,
        claims=np.array([f"claim:{n}" for n in range(EDGES)], dtype=object),
        subject=subject,
        object=earlier,
        relation=random.choice(codes, EDGES).astype(np.int8),
        belief=random.uniform(0.3, 1.0, EDGES),
    )


def stored(batch: EdgeBatch, path: str) -> None:
    """Make a store at `path` with the batch's films and claims, without the reviews they would come from."""
    names = list(Relation)
    with open_store(path) as store:
        db = store._db  # type: ignore[attr-defined]
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO entities (id, kind, name, year, catalogued, data) VALUES (?, 'film', '', ?, 1, '{}')",
            zip(batch.nodes, batch.years.tolist(), strict=True),
        )
        db.executemany(
            "INSERT INTO claims (id, subject, relation, object, belief, support, dissent, voices_for, voices_against,"
            " explanation, anachronistic, revision) VALUES (?, ?, ?, ?, ?, ?, 0, 1, 0, '', 0, 1)",
            [
                (claim_id(str(n), names[r], str(o)), s + 1, names[r].value, o + 1, belief, belief)
                for n, (s, r, o, belief) in enumerate(
                    zip(*(c.tolist() for c in (batch.subject, batch.relation, batch.object, batch.belief)), strict=True)
                )
            ],
        )
        db.execute("COMMIT")


def seconds(ask: Callable[[], object]) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


def median_ms(ask: Callable[[], object], times: int = 7) -> float:
    return statistics.median(seconds(ask) for _ in range(times)) * 1e3


def show(name: str, figure: str, ratio: str = "") -> None:
    print(f"{name:<42} {figure:>22}   {ratio}", flush=True)


def main() -> None:
    batch = graph()
    built: list[LineageIndex] = []
    start = seconds(lambda: built.append(LineageIndex(batch)))
    index = built[0]
    with tempfile.TemporaryDirectory() as folder:
        stored(batch, f"{folder}/bench.db")
        with open_store(f"{folder}/bench.db", readonly=True) as store:
            whole = min(seconds(lambda: LineageIndex.build(store)) for _ in range(3))
    plain: nx.DiGraph[int] = nx.DiGraph()
    plain_start = seconds(
        lambda: plain.add_edges_from(zip(batch.object.tolist(), batch.subject.tolist(), strict=True))
    )
    gc.freeze()  # networkx's million objects are not for the collector to look through while we measure
    show("index, start from SQLite at 500k edges", f"{whole:.2f} s", f"{whole / plain_start:.2f}x networkx.DiGraph")
    show("index, from arrays alone", f"{start:.2f} s", f"{start / plain_start:.2f}x networkx.DiGraph")
    degrees = np.bincount(batch.object, minlength=FILMS)
    hub = int(degrees.argmax())
    ordinary = [int(n) for n in np.flatnonzero(degrees == 3)[:200]]
    for label, depth, limit in (
        ("hub lineage, depth 6", 6, None),
        ("hub lineage, depth 6, first 1,000", 6, 1_000),
        ("hub lineage, depth 3", 3, None),
        ("hub lineage, depth 2", 2, None),
    ):

        def ours(depth: int = depth, limit: int | None = limit) -> object:
            return list(index.lineage(batch.nodes[hub], depth=depth, limit=limit).nodes)

        def edges(depth: int = depth, limit: int | None = limit) -> object:
            return list(index.lineage(batch.nodes[hub], depth=depth, limit=limit).edges)

        def theirs(depth: int = depth) -> object:
            return nx.ego_graph(plain, hub, radius=depth)

        reached = len(nx.single_source_shortest_path_length(plain, hub, cutoff=depth)) - 1
        spent, beside = median_ms(ours), median_ms(theirs, 1)
        show(label, f"{spent:.1f} ms", f"{spent / beside:.3f}x networkx, {reached:,} films reached")
        show("    with its edges", f"{median_ms(edges):.1f} ms")
    each = [seconds(lambda film=film: index.lineage(batch.nodes[film], depth=6)) * 1e3 for film in ordinary]
    beside = [seconds(lambda film=film: nx.ego_graph(plain, film, radius=6)) * 1e3 for film in ordinary]
    show(
        "ordinary lineage, depth 6",
        f"p50 {statistics.median(each):.2f} p99 {sorted(each)[-2]:.2f} ms",
        f"{statistics.median(each) / statistics.median(beside):.3f}x networkx",
    )
    later = [int(n) for n in np.linspace(FILMS // 2, FILMS - GENRES, 40) // GENRES * GENRES + hub % GENRES]
    found = [
        seconds(lambda film=film: index.paths(batch.nodes[film], batch.nodes[hub])) * 1e3 for film in later
    ]
    show("three best paths", f"p50 {statistics.median(found):.1f} ms", f"max {max(found):.1f} ms")
    ours, theirs = (
        seconds(lambda: index.ranks("pagerank")) * 1e3,
        seconds(lambda: nx.pagerank(plain, tol=1e-10 / FILMS)) * 1e3,
    )
    show("most influential, by PageRank", f"{ours:.0f} ms", f"{ours / theirs:.3f}x networkx")
    show("most influential, by descendants", f"{seconds(lambda: index.ranks('descendants')) * 1e3:.0f} ms")
    show("cycles", f"{seconds(index.cycles) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
