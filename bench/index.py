"""The lineage index over a graph of 200,000 films and 500,000 claims, beside networkx over the same edges.

The graph is drawn at random with a fixed seed: a million-review world of a century's films, each deriving from earlier
ones by the same maker of hubs (see `graph`), the greatest of which has thousands of descendants, as Jaws would.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import networkx as nx
import numpy as np

from filmgraph.index import LineageIndex
from filmgraph.model import Relation
from filmgraph.store import EdgeBatch

FILMS, EDGES = 200_000, 500_000
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
    subject = np.sort(random.integers(1, FILMS, EDGES)).astype(np.int32)
    # The square of a uniform draw favours the early and, through them, makes hubs.
    earlier = (random.random(EDGES) ** 3 * subject).astype(np.int32)
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
    plain: nx.DiGraph[int] = nx.DiGraph()
    plain_start = seconds(
        lambda: plain.add_edges_from(zip(batch.object.tolist(), batch.subject.tolist(), strict=True))
    )
    show("index, start at 500k edges", f"{start:.2f} s", f"{start / plain_start:.2f}x networkx.DiGraph")
    degrees = np.bincount(batch.object, minlength=FILMS)
    hub = int(degrees.argmax())
    ordinary = [int(n) for n in np.flatnonzero(degrees == 3)[:200]]
    for label, film in (("hub lineage, depth 6", hub), ("hub lineage, depth 2", hub)):
        depth = int(label[-1])
        ours = median_ms(lambda film=film, depth=depth: index.lineage(batch.nodes[film], depth=depth))
        theirs = median_ms(
            lambda film=film, depth=depth: nx.ego_graph(plain, film, radius=depth, center=True), 1
        )
        reached = len(nx.single_source_shortest_path_length(plain, film, cutoff=depth)) - 1
        show(label, f"{ours:.1f} ms", f"{ours / theirs:.3f}x networkx, {reached:,} films reached")
    each = [seconds(lambda film=film: index.lineage(batch.nodes[film])) * 1e3 for film in ordinary]
    show("ordinary lineage", f"p50 {statistics.median(each):.2f} ms", f"p99 {sorted(each)[-2]:.2f} ms")
    later = [int(n) for n in np.linspace(FILMS // 2, FILMS - 1, 40)]
    found = [
        seconds(lambda film=film: index.paths(batch.nodes[film], batch.nodes[hub])) * 1e3 for film in later
    ]
    show("three best paths", f"p50 {statistics.median(found):.1f} ms", f"max {max(found):.1f} ms")
    show("most influential, by PageRank", f"{median_ms(lambda: index.ranks(), 3):.0f} ms")


if __name__ == "__main__":
    main()
