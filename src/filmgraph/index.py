"""The lineage index: claims as compressed sparse rows in memory, and the questions asked of them.

Built from any store's `edges()`, kept current by its revisions. An Influence or Franchise with an origin is
no stop on the way: film → influence → origin is one step, with the influence remembered as `via`.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from filmgraph import deadline
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.model import Relation
from filmgraph.store import EdgeBatch, Store

__all__ = [
    "Ancestor",
    "Edge",
    "Lineage",
    "LineageIndex",
    "Node",
    "Path",
    "Rank",
]

Direction: TypeAlias = Literal["ancestors", "descendants"]
Ints: TypeAlias = NDArray[np.int32]
RELATIONS = tuple(Relation)
MAX_DEPTH = 64
LONG_GAP = 25
METRICS = ("pagerank", "descendants", "citations", "long_gap")


@dataclass(frozen=True, slots=True)
class Node:
    """A work in a lineage: steps from the start, and the belief of the best path to it."""

    entity: str
    generation: int
    belief: float


@dataclass(frozen=True, slots=True)
class Edge:
    """One claim as a step from a later work to an earlier one, passing `via` an influence or franchise."""

    subject: str
    object: str
    relation: Relation
    belief: float
    claims: tuple[str, ...]
    via: str | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The works reached from `of`, which is the first node; `left_out` works were over the limit.

    In a notebook it is a picture, with names and quotes from `store`.
    """

    of: str
    direction: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    left_out: int = 0
    store: Store | None = field(default=None, repr=False, compare=False)

    def _repr_svg_(self) -> str | None:
        from filmgraph.draw import lineage_svg, picture_of

        return lineage_svg(picture_of(self.store, self)) if self.store else None

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The lineage with edges from the later to the earlier work, keyed by relation."""
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(of=self.of, direction=self.direction)
        for node in self.nodes:
            graph.add_node(node.entity, generation=node.generation, belief=node.belief)
        for edge in self.edges:
            graph.add_edge(
                edge.subject,
                edge.object,
                key=edge.relation.value,
                belief=edge.belief,
                claims=edge.claims,
                via=edge.via,
            )
        return graph


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from a later work back to an earlier one; `belief` is the product of theirs."""

    edges: tuple[Edge, ...]
    belief: float


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A work that two works share, with its generation from each."""

    entity: str
    generations: tuple[int, int]
    belief: float


@dataclass(frozen=True, slots=True)
class Rank:
    """An entity and its figure in a ranking."""

    entity: str
    value: float


class LineageIndex:
    """Immutable arrays over one revision of a store. Edges run from the later work to the earlier.

    Memory is about 40 bytes an edge and 200 a node; building is O(edges log edges).
    """

    def __init__(self, batch: EdgeBatch, store: Store | None = None) -> None:
        self._store = store
        self.revision = batch.revision
        self.nodes = batch.nodes
        self.years = batch.years
        self._number = {id: n for n, id in enumerate(batch.nodes)}
        origin = np.arange(len(batch.nodes), dtype=np.int32)
        for n, id in enumerate(batch.origins):
            if id is not None and id in self._number:
                origin[n] = self._number[id]
        self._origin = origin
        through = origin[batch.object]
        keep = batch.subject != through
        self.subject = np.ascontiguousarray(batch.subject[keep])
        self.object = np.ascontiguousarray(through[keep])
        self._stated = batch.object[keep]
        self.relation = batch.relation[keep]
        self.belief = batch.belief[keep]
        self.claims = batch.claims[keep]
        self._lineage = np.array([relation.is_lineage for relation in RELATIONS])
        self._rows = {
            "ancestors": _Rows(self.subject, self.object, len(self.nodes)),
            "descendants": _Rows(self.object, self.subject, len(self.nodes)),
        }

    @classmethod
    def build(cls, store: Store, *, as_of: date | None = None) -> LineageIndex:
        """The index of all that `store` holds, or of what critics had written by `as_of`."""
        return cls(store.edges(as_of=as_of), store)

    def refresh(self, store: Store) -> LineageIndex:
        """This index, or a new one if the store has moved on."""
        return self if store.revision() == self.revision else LineageIndex.build(store)

    def __len__(self) -> int:
        return len(self.subject)

    def __contains__(self, entity: object) -> bool:
        return entity in self._number

    def number(self, entity: str) -> int:
        """The row of an entity in `nodes`, that of its origin for an influence or franchise; NotFoundError."""
        return self._start(entity)

    # ── lineage ─────────────────────────────────────────────────────────────────────────────

    def lineage(
        self,
        of: str,
        *,
        direction: str = "descendants",
        depth: int = 3,
        relations: Sequence[Relation] | None = None,
        min_belief: float = 0.0,
        limit: int | None = None,
    ) -> Lineage:
        """The works reached from `of`, nearest generation first and strongest belief first within one.

        `relations` defaults to all influences and derivations. Every work has the least number of steps as
        its generation, so that cycles do no harm. With `limit`, the strongest works of the nearest
        generations stay. O(edges reached).

        Raises NotFoundError for an unknown id, QueryError for a depth or limit below 1.
        """
        start = self._start(of)
        _check("depth", depth, 1, MAX_DEPTH)
        if limit is not None:
            _check("limit", limit, 1, 10_000_000)
        usable = self._usable(relations, min_belief)
        rows = self._way(direction)
        generation = np.full(len(self.nodes), -1, dtype=np.int16)
        best = np.zeros(len(self.nodes))
        generation[start], best[start] = 0, 1.0
        frontier = np.array([start], dtype=np.int32)
        reached, taken = [frontier], []
        for step in range(1, depth + 1):
            deadline.check()
            edges = rows.of(frontier)
            edges = edges[usable[edges]]
            taken.append(edges)
            near, far = rows.near[edges], rows.far[edges]
            fresh = generation[far] == -1
            np.maximum.at(best, far[fresh], best[near[fresh]] * self.belief[edges[fresh]])
            frontier = np.unique(far[fresh])
            if not len(frontier):
                break
            generation[frontier] = step
            reached.append(frontier[np.lexsort((frontier, -best[frontier]))])
        order = np.concatenate(reached)
        left_out = max(0, len(order) - 1 - limit) if limit else 0
        order = order[: limit + 1] if limit else order
        inside = np.zeros(len(self.nodes), dtype=bool)
        inside[order] = True
        edges = np.unique(np.concatenate(taken)) if taken else np.zeros(0, dtype=np.int64)
        edges = edges[inside[rows.far[edges]] & inside[rows.near[edges]]]
        edges = edges[np.lexsort((edges, -self.belief[edges], generation[rows.far[edges]]))]
        names = self.nodes
        nodes = tuple(
            Node(names[n], g, b)
            for n, g, b in zip(order.tolist(), generation[order].tolist(), best[order].tolist(), strict=True)
        )
        return Lineage(of, direction, nodes, tuple(self._edges(edges)), left_out, self._store)

    def _edges(self, numbers: NDArray[np.int64]) -> Iterable[Edge]:
        """Edges by number, those of one (subject, relation, object, via) joined."""
        names = self.nodes
        joined: dict[tuple[int, int, int, int], list[tuple[float, str]]] = defaultdict(list)
        columns = (self.subject, self.relation, self.object, self._stated, self.belief, self.claims)
        for s, r, o, stated, belief, claim in zip(
            *(column[numbers].tolist() for column in columns), strict=True
        ):
            joined[s, r, o, stated].append((belief, claim))
        for (s, r, o, stated), found in joined.items():
            claims = tuple(claim for _, claim in sorted(found, key=lambda pair: (-pair[0], pair[1])))
            via = names[stated] if stated != o else None
            yield Edge(names[s], names[o], RELATIONS[r], max(found)[0], claims, via)

    # ── paths and common ancestors ──────────────────────────────────────────────────────────

    def paths(self, later: str, earlier: str, *, k: int = 3, max_depth: int = 6) -> list[Path]:
        """The `k` best loopless paths back from `later` to `earlier`, by product of beliefs.

        Best first over partial paths, pruned to works from which `earlier` can still be reached in time;
        beliefs never exceed 1, so the first path to arrive is the best (as in Dijkstra's algorithm).
        """
        start, end = self._start(later), self._start(earlier)
        _check("k", k, 1, 100)
        _check("max_depth", max_depth, 1, 16)
        usable = self._usable(None, 0.0)
        steps_left = self._distances(end, "descendants", usable, max_depth)
        rows = self._rows["ancestors"]
        queue: list[tuple[float, int, tuple[int, ...], tuple[int, ...]]] = [(-1.0, 0, (start,), ())]
        found: list[Path] = []
        budget = 200_000
        while queue and len(found) < k and budget:
            budget -= 1
            deadline.check()
            belief, _, nodes, edges = heapq.heappop(queue)
            if nodes[-1] == end:
                found.append(Path(tuple(self._edge(edge) for edge in edges), -belief))
                continue
            options = rows.of(np.array([nodes[-1]], dtype=np.int32))
            strongest: dict[tuple[int, int], int] = {}
            for edge in options[usable[options]].tolist():
                place = (int(self.object[edge]), int(self.relation[edge]))
                if place not in strongest or self.belief[edge] > self.belief[strongest[place]]:
                    strongest[place] = edge
            for (node, _), edge in sorted(strongest.items()):
                remaining = steps_left.get(node)
                if node not in nodes and remaining is not None and len(edges) + 1 + remaining <= max_depth:
                    entry = (
                        belief * float(self.belief[edge]),
                        len(edges) + 1,
                        (*nodes, node),
                        (*edges, edge),
                    )
                    heapq.heappush(queue, entry)
        return found

    def _edge(self, number: int) -> Edge:
        (edge,) = self._edges(np.array([number], dtype=np.int64))
        return edge

    def _distances(self, start: int, direction: str, usable: NDArray[np.bool_], depth: int) -> dict[int, int]:
        """Node → steps from `start`, within `depth`."""
        rows, found = self._way(direction), {start: 0}
        frontier = np.array([start], dtype=np.int32)
        for step in range(1, depth + 1):
            deadline.check()
            edges = rows.of(frontier)
            far = np.unique(rows.far[edges[usable[edges]]])
            fresh = [node for node in far.tolist() if node not in found]
            found.update(dict.fromkeys(fresh, step))
            if not fresh:
                break
            frontier = np.array(fresh, dtype=np.int32)
        return found

    def common(
        self, a: str, b: str, *, direction: str = "ancestors", depth: int = 6, first: int = 10
    ) -> list[Ancestor]:
        """The works that both come from (or that came of both), nearest first; each counts as its own."""
        one, two = (
            {node.entity: node for node in self.lineage(x, direction=direction, depth=depth).nodes}
            for x in (a, b)
        )
        shared = [
            Ancestor(id, (one[id].generation, two[id].generation), one[id].belief * two[id].belief)
            for id in one.keys() & two.keys()
        ]
        shared.sort(key=lambda found: (sum(found.generations), -found.belief, found.entity))
        return shared[:first]

    # ── ranks ───────────────────────────────────────────────────────────────────────────────

    def ranks(
        self,
        metric: str = "descendants",
        *,
        years: tuple[int | None, int | None] = (None, None),
        among: Iterable[str] | None = None,
        first: int = 20,
    ) -> list[Rank]:
        """The most influential works by `metric`, released within `years` and `among` the given ids.

        `pagerank` follows claims back in time; `citations` counts works that name it; `long_gap` counts
        those released at least 25 years later (Wasserman, Zeng and Amaral 2015, PNAS 112:1281);
        `descendants` counts all works that came of it in any number of steps, exact for the 500 most cited.
        """
        if metric not in METRICS:
            raise QueryError(f"metric {metric!r} is none of {', '.join(METRICS)}")
        usable = self._usable(None, 0.0)
        values = self._values(metric, usable)
        allowed = values > 0
        low, high = years
        if low is not None:
            allowed &= self.years >= low
        if high is not None:
            allowed &= (self.years <= high) & (self.years > 0)
        if among is not None:
            chosen = np.zeros(len(self.nodes), dtype=bool)
            chosen[[self._number[id] for id in among if id in self._number]] = True
            allowed &= chosen
        numbers = np.flatnonzero(allowed)
        if metric == "descendants":
            numbers = numbers[np.lexsort((numbers, -values[numbers]))][: max(500, first)]
            for n in numbers.tolist():
                values[n] = len(self._distances(n, "descendants", usable, MAX_DEPTH)) - 1
        best = numbers[np.lexsort((numbers, -values[numbers]))][:first]
        return [Rank(self.nodes[n], float(values[n])) for n in best.tolist()]

    def _values(self, metric: str, usable: NDArray[np.bool_]) -> NDArray[np.float64]:
        pairs = np.unique(np.stack([self.subject[usable], self.object[usable]]), axis=1)
        subject, object = pairs
        if metric == "pagerank":
            return self._pagerank(subject, object)
        if metric == "long_gap":
            known = (self.years[subject] > 0) & (self.years[object] > 0)
            far = known & (self.years[subject] - self.years[object] >= LONG_GAP)
            object = object[far]
        return np.bincount(object, minlength=len(self.nodes)).astype(np.float64)

    def _pagerank(self, subject: Ints, object: Ints, damping: float = 0.85) -> NDArray[np.float64]:
        """Power iteration over works that claims touch (Brin and Page 1998)."""
        touched = np.unique(np.concatenate([subject, object]))
        values = np.zeros(len(self.nodes))
        if not len(touched):
            return values
        s, o = np.searchsorted(touched, subject), np.searchsorted(touched, object)
        size = len(touched)
        out = np.bincount(s, minlength=size).astype(np.float64)
        rank = np.full(size, 1 / size)
        for _ in range(100):
            deadline.check()
            flow = np.bincount(o, weights=rank[s] / out[s], minlength=size)
            lost = rank[out == 0].sum()
            new = (1 - damping) / size + damping * (flow + lost / size)
            if np.abs(new - rank).sum() < 1e-10:
                break
            rank = new
        values[touched] = rank
        return values

    def wave(self, of: str, *, depth: int = 3) -> dict[int, dict[Relation, int]]:
        """The clone wave: year → relation → how many descendants of `of` that year were tied by it."""
        found = self.lineage(of, depth=depth)
        counts: dict[int, dict[Relation, int]] = defaultdict(lambda: defaultdict(int))
        for edge in found.edges:
            counts[int(self.years[self._number[edge.subject]])][edge.relation] += 1
        return {year: dict(sorted(row.items())) for year, row in sorted(counts.items()) if year}

    def originality(self, of: str) -> float:
        """How little its ancestors explain: the chance that no claim of descent is true; 1 without claims."""
        edges = self._rows["ancestors"].of(np.array([self._start(of)], dtype=np.int32))
        edges = edges[self._lineage[self.relation[edges]]]
        return float(np.prod(1 - self.belief[edges]))

    def neighbours(self, of: str, relations: Sequence[Relation] | None = None) -> list[Edge]:
        """All steps that begin or end at `of`, the strongest first."""
        start = np.array([self._start(of)], dtype=np.int32)
        usable = self._usable(relations, 0.0)
        edges = np.unique(np.concatenate([rows.of(start) for rows in self._rows.values()]))
        return sorted(
            self._edges(edges[usable[edges]]), key=lambda edge: (-edge.belief, edge.subject, edge.object)
        )

    # ── shared steps ────────────────────────────────────────────────────────────────────────

    def _start(self, entity: str) -> int:
        if entity not in self._number:
            raise NotFoundError(f"{entity!r} is not in the graph; search finds ids by name")
        return int(self._origin[self._number[entity]])

    def _way(self, direction: str) -> _Rows:
        if direction not in self._rows:
            raise QueryError(f"direction {direction!r} is neither ancestors nor descendants")
        return self._rows[direction]

    def _usable(self, relations: Sequence[Relation] | None, min_belief: float) -> NDArray[np.bool_]:
        wanted = self._lineage
        if relations:
            wanted = np.array([relation in relations for relation in RELATIONS])
        usable: NDArray[np.bool_] = wanted[self.relation] & (self.belief >= min_belief) & (self.belief > 0)
        return usable


class _Rows:
    """Edge numbers by the node they start from: compressed sparse rows."""

    def __init__(self, near: Ints, far: Ints, size: int) -> None:
        self.near, self.far = near, far
        self._edges = np.argsort(near, kind="stable")
        self._first = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(near, minlength=size), out=self._first[1:])

    def of(self, nodes: Ints) -> NDArray[np.int64]:
        """The numbers of all edges that start from `nodes`; O(their number)."""
        first, last = self._first[nodes], self._first[nodes + 1]
        counts = last - first
        total = int(counts.sum())
        ends = np.cumsum(counts)
        places = np.arange(total, dtype=np.int64) - np.repeat(ends - counts - first, counts)
        edges: NDArray[np.int64] = self._edges[places]
        return edges


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise QueryError(f"{name} {value} is out of range: {low} to {high}")
