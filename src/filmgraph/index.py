"""The lineage index: claims as compressed sparse rows in memory, and the questions asked of them.

Built from any store's `edges()`, kept current by its revisions. An Influence or Franchise with an origin is
no stop on the way: film → influence → origin is one step, with the influence remembered as `via`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache, cached_property, partial
from typing import Any, cast

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from filmgraph.adjacency import Adjacency, Edges, Ints, Keep
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.feed import updated
from filmgraph.lineage import Ancestor, Edge, Lazy, Lineage, Node, Path, Rank
from filmgraph.model import Relation
from filmgraph.neighbourhood import FEW, Neighbourhood, Step, neighbourhood
from filmgraph.paths import best_paths
from filmgraph.ranks import LONG_GAP, METRICS, citations, descendants, pagerank
from filmgraph.store import EdgeBatch, Store

__all__ = ["MAX_DEPTH", "LineageIndex"]

RELATIONS = tuple(Relation)
IN_LINEAGE = frozenset(relation for relation in Relation if relation.is_lineage)
KEPT_STEPS = 20_000
"""Works whose steps are kept as plain values."""
_NAMES = np.array(RELATIONS, dtype=object)
MAX_DEPTH = 64


_NODE, _EDGE = partial(tuple.__new__, Node), partial(tuple.__new__, Edge)


class LineageIndex:
    """Immutable arrays over one revision of a store. Edges run from the later work to the earlier.

    Memory is about 40 bytes an edge and 200 a node; building is O(edges log edges).
    """

    def __init__(self, batch: EdgeBatch, store: Store | None = None) -> None:
        self._store = store
        self._batch = batch
        self.revision = batch.revision
        self.nodes = batch.nodes
        self.years = batch.years
        self._number = dict(zip(batch.nodes, range(len(batch.nodes)), strict=True))
        self._names = np.array(batch.nodes, dtype=object)
        self._origin = np.arange(len(batch.nodes), dtype=np.int32)
        for n, id in enumerate(batch.origins):
            if id is not None and id in self._number:
                self._origin[n] = self._number[id]
        through = self._origin[batch.object]
        # by subject, object and relation, whatever the order in which a store tells
        key = (batch.subject.astype(np.int64) * len(batch.nodes) + through) * len(RELATIONS) + batch.relation
        order = np.lexsort((batch.object, key))
        keep = order[(batch.subject != through)[order]]
        self.subject = np.ascontiguousarray(batch.subject[keep])
        self.object = np.ascontiguousarray(through[keep])
        self._stated = batch.object[keep]
        self.relation = batch.relation[keep]
        self.belief = batch.belief[keep]
        self.claims = batch.claims[keep]
        size = len(self.nodes)
        self._ways = {
            "ancestors": Adjacency(self.subject, self.object, size),
            "descendants": Adjacency(self.object, self.subject, size),
        }
        lineage = np.array([relation.is_lineage for relation in RELATIONS])
        self._in_lineage = lineage[self.relation] & (self.belief > 0)
        self._many: set[tuple[str, int, int]] = set()
        """Lineages that are known to be no neighbourhood."""
        self._kept_steps: dict[str, dict[int, tuple[Step, ...]]] = {way: {} for way in self._ways}

    @classmethod
    def build(cls, store: Store, *, as_of: date | None = None) -> LineageIndex:
        """The index of all that `store` holds, or of what critics had written by `as_of`."""
        return cls(store.edges(as_of=as_of), store)

    def refresh(self, store: Store) -> LineageIndex:
        """This index, or a new one if the store has moved on; what has changed is all that is read."""
        if store.revision() == self.revision:
            return self
        if not self.revision:
            return LineageIndex.build(store)
        return LineageIndex(updated(self._batch, store.edges(since=self.revision)), store)

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
        after: str | None = None,
    ) -> Lineage:
        """The works reached from `of`, nearest generation first and strongest belief first within one.

        `relations` defaults to all influences and derivations. Every work has the least number of steps as
        its generation, so that cycles do no harm. With `limit`, the strongest works of the nearest generations
        stay, of those that come after the work `after`; edges end in one of them and begin in one of them or of
        those before. O(edges reached).

        Raises NotFoundError for an unknown id or an `after` that is not reached, QueryError for a depth or
        limit below 1.
        """
        start = self._start(of)
        _check("depth", depth, 1, MAX_DEPTH)
        if limit is not None:
            _check("limit", limit, 1, 10_000_000)
        way, keep = self._way(direction), self._keep(relations, min_belief)
        if (direction, start, depth) not in self._many:
            steps = partial(self._steps, direction, way)
            few = neighbourhood(steps, start, depth, relations or IN_LINEAGE, min_belief)
            if few is not None:
                return self._near(of, direction, few, depth, limit, after)
            if not relations and min_belief <= 0 and len(self._many) < KEPT_STEPS:
                self._many.add((direction, start, depth))
        walk = way.walk(start, depth, keep)
        best = walk.best(way, self.belief, depth)
        generation = walk.generation
        order = walk.nodes[np.lexsort((walk.nodes, -best[walk.nodes], generation[walk.nodes]))]
        begin, end = self._page(order.tolist() if after else (), len(order), limit, after)
        shown = np.concatenate([order[:1], order[begin:end]])

        nodes = (
            lambda: self._names[shown].tolist(),
            lambda: generation[shown].tolist(),
            lambda: best[shown].tolist(),
        )
        edges = self._columns(
            cache(lambda: self._among(order[:end], order[begin:end], way, keep, generation))
        )
        return Lineage(of, direction, Lazy(_NODE, nodes), Lazy(_EDGE, edges), len(order) - end, self._store)

    def _near(
        self, of: str, direction: str, few: Neighbourhood, depth: int, limit: int | None, after: str | None
    ) -> Lineage:
        """The lineage of a work that has but a few in it."""
        best, generation, nodes = few.best(depth), few.generation, self.nodes
        order = sorted(generation, key=lambda n: (generation[n], -best[n], n))
        begin, end = self._page(order, len(order), limit, after)
        shown = order[begin:end]
        works = tuple(Node(nodes[n], generation[n], best[n]) for n in (order[0], *shown))
        edges = tuple(few.among(set(order[:end]), set(shown)))
        return Lineage(of, direction, works, edges, len(order) - end, self._store)

    def _steps(self, direction: str, way: Adjacency, node: int) -> tuple[Step, ...] | None:
        """All steps from a node as plain values, which are kept; None when they are many."""
        kept = self._kept_steps[direction]
        steps = kept.get(node)
        if steps is None:
            edges = way.of(np.array([node], dtype=np.int32))
            if len(edges) > FEW:
                return None
            steps = tuple(zip(way.far[edges].tolist(), edges.tolist(), self._edges(edges), strict=True))
            if len(kept) >= KEPT_STEPS:
                kept.clear()
            kept[node] = steps
        return steps

    def _page(self, order: Sequence[int], size: int, limit: int | None, after: str | None) -> tuple[int, int]:
        """Where a page of `order`, which is looked at with `after` alone, begins and ends; the start is no part."""
        begin = 1
        if after:
            number = self._number.get(after, -1)
            if number not in order:
                raise NotFoundError(f"{after!r} is not among the works reached; begin again")
            begin = order.index(number) + 1
        return begin, min(size, begin + limit) if limit else size

    def _among(
        self, inside: Ints, shown: Ints, way: Adjacency, keep: Keep, generation: NDArray[np.int16]
    ) -> Edges:
        """The edges among `inside` with an end in `shown`, nearest generation and strongest belief first."""
        within = np.zeros(len(self.nodes), dtype=np.int8)
        within[inside] = 1
        within[shown] = 2
        edges = way.of(inside)
        near, far = within[way.near[edges]], within[way.far[edges]]
        edges = edges[(near > 0) & (far > 0) & (near + far > 2)]
        edges = edges[keep(edges)]
        found: Edges = edges[np.lexsort((edges, -self.belief[edges], generation[way.far[edges]]))]
        return found

    def _edges(self, numbers: Edges) -> Iterable[Edge]:
        """Edges by number."""
        return Lazy(_EDGE, self._columns(lambda: numbers))

    def _columns(self, numbers: Callable[[], Edges]) -> Sequence[Callable[[], Sequence[Any]]]:
        """What makes the fields of edges by number, a column each."""

        def via() -> list[str | None]:
            stated = self._stated[numbers()]
            names = self._names[stated]
            names[stated == self.object[numbers()]] = None
            return cast("list[str | None]", names.tolist())

        return (
            lambda: self._names[self.subject[numbers()]].tolist(),
            lambda: self._names[self.object[numbers()]].tolist(),
            lambda: _NAMES[self.relation[numbers()]].tolist(),
            lambda: self.belief[numbers()].tolist(),
            lambda: list(zip(self.claims[numbers()].tolist(), strict=True)),
            via,
        )

    # ── paths and what works share ──────────────────────────────────────────────────────────

    def paths(
        self,
        later: str,
        earlier: str,
        *,
        k: int = 3,
        max_depth: int = 6,
        relations: Sequence[Relation] | None = None,
        min_belief: float = 0.0,
    ) -> list[Path]:
        """The `k` best loopless paths back from `later` to `earlier`, by product of beliefs; see `paths`."""
        start, end = self._start(later), self._start(earlier)
        _check("k", k, 1, 100)
        _check("max_depth", max_depth, 1, 16)
        found = best_paths(
            self._way("ancestors"),
            self.belief,
            start,
            end,
            k=k,
            max_depth=max_depth,
            keep=self._keep(relations, min_belief),
        )
        return [Path(tuple(self._edges(np.array(edges))), belief) for belief, edges in found]

    def common(
        self, a: str, b: str, *, direction: str = "ancestors", depth: int = 6, first: int = 10
    ) -> list[Ancestor]:
        """The works that both come from (or that came of both), nearest first; each counts as its own."""
        _check("depth", depth, 1, MAX_DEPTH)
        way, keep = self._way(direction), self._keep(None, 0.0)
        one, two = (way.walk(self._start(id), depth, keep) for id in (a, b))
        shared = np.flatnonzero((one.generation >= 0) & (two.generation >= 0))
        belief = one.best(way, self.belief, depth)[shared] * two.best(way, self.belief, depth)[shared]
        steps = np.stack([one.generation[shared], two.generation[shared]])
        order = np.lexsort((shared, -belief, steps.sum(axis=0)))[:first]
        return [
            Ancestor(self.nodes[shared[n]], (int(steps[0, n]), int(steps[1, n])), float(belief[n]))
            for n in order.tolist()
        ]

    def cycles(self, *, min_belief: float = 0.0) -> list[tuple[str, ...]]:
        """Groups of works each of which comes from every other, which cannot be: the greatest first, then by id.

        Works without ancestors or without descendants are put aside until none is left that has only the one;
        what remains is searched by networkx (Tarjan 1972). O(edges) as a rule.
        """
        usable = np.flatnonzero(self._in_lineage & (self.belief >= min_belief))
        while True:
            subject, object = self.subject[usable], self.object[usable]
            ends = np.zeros((2, len(self.nodes)), dtype=bool)
            ends[0, subject] = ends[1, object] = True
            inner = ends[0] & ends[1]
            stay = inner[subject] & inner[object]
            if stay.all():
                break
            usable = usable[stay]
        graph = nx.DiGraph(zip(subject.tolist(), object.tolist(), strict=True))
        knots = [sorted(knot) for knot in nx.strongly_connected_components(graph) if len(knot) > 1]
        knots.sort(key=lambda knot: (-len(knot), knot))
        return [tuple(self.nodes[n] for n in knot) for knot in knots]

    def between(self, ids: Iterable[str]) -> list[Edge]:
        """The steps of lineage among `ids`, by subject and object."""
        chosen = np.array(sorted({self._start(id) for id in ids}), dtype=np.int32)
        inside = np.zeros(len(self.nodes), dtype=bool)
        inside[chosen] = True
        edges = self._way("ancestors").of(chosen)
        edges = edges[inside[self.object[edges]] & self._in_lineage[edges]]
        return list(self._edges(edges[np.lexsort((edges, self.object[edges], self.subject[edges]))]))

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

        `pagerank` follows claims back in time; `citations` counts works that name it; `long_gap` counts those
        released at least 25 years later; `descendants` counts all works that came of it in any number of steps.
        See `ranks`.
        """
        if metric not in METRICS:
            raise QueryError(f"metric {metric!r} is none of {', '.join(METRICS)}")
        subject, object = self._pairs
        allowed = np.zeros(len(self.nodes), dtype=bool)
        allowed[object] = True
        low, high = years
        if low is not None:
            allowed &= self.years >= low
        if high is not None:
            allowed &= (self.years <= high) & (self.years > 0)
        if among is not None:
            chosen = np.zeros(len(self.nodes), dtype=bool)
            chosen[[self._number[id] for id in among if id in self._number]] = True
            allowed &= chosen
        numbers = np.flatnonzero(allowed).astype(np.int32)
        if metric == "descendants":
            values = descendants(subject, object, len(self.nodes), numbers)
        else:
            values = self._measured(metric)
        numbers = numbers[values[numbers] > 0]
        best = numbers[np.lexsort((numbers, -values[numbers]))][:first]
        return [Rank(self.nodes[n], float(values[n])) for n in best.tolist()]

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """Later and earlier works tied by lineage, each pair once."""
        usable, size = np.flatnonzero(self._in_lineage), len(self.nodes)
        keys = np.unique(self.subject[usable].astype(np.int64) * size + self.object[usable])
        return (keys // size).astype(np.int32), (keys % size).astype(np.int32)

    def _measured(self, metric: str) -> NDArray[np.float64]:
        subject, object = self._pairs
        if metric == "pagerank":
            return pagerank(subject, object, len(self.nodes))
        return citations(subject, object, self.years, gap=LONG_GAP if metric == "long_gap" else 0)

    def wave(
        self,
        of: str,
        *,
        depth: int = 3,
        relations: Sequence[Relation] | None = None,
        min_belief: float = 0.0,
    ) -> dict[int, dict[Relation, int]]:
        """The clone wave: year → relation → how many claims tie works of that year to `of` and its descendants."""
        found = self.lineage(of, depth=depth, relations=relations, min_belief=min_belief)
        counts: dict[int, dict[Relation, int]] = defaultdict(lambda: defaultdict(int))
        for edge in found.edges:
            counts[int(self.years[self._number[edge.subject]])][edge.relation] += 1
        return {year: dict(sorted(row.items())) for year, row in sorted(counts.items()) if year}

    def year(self, entity: str) -> int | None:
        """The year of an entity in the graph, if it is known."""
        return int(self.years[self._number[entity]]) or None

    def originality(self, of: str) -> float:
        """How little its ancestors explain: the chance that no claim of descent is true; 1 without claims."""
        edges = self._way("ancestors").of(np.array([self._start(of)], dtype=np.int32))
        edges = edges[self._in_lineage[edges]]
        return float(np.prod(1 - self.belief[edges]))

    def neighbours(self, of: str, relations: Sequence[Relation] | None = None) -> list[Edge]:
        """All steps that begin or end at `of`, the strongest first."""
        start, keep = np.array([self._start(of)], dtype=np.int32), self._keep(relations, 0.0)
        edges = np.concatenate([way.of(start) for way in self._ways.values()])
        return sorted(
            self._edges(edges[keep(edges)]), key=lambda edge: (-edge.belief, edge.subject, edge.object)
        )

    # ── shared steps ────────────────────────────────────────────────────────────────────────

    def _start(self, entity: str) -> int:
        if entity not in self._number:
            raise NotFoundError(f"{entity!r} is not in the graph; search finds ids by name")
        return int(self._origin[self._number[entity]])

    def _way(self, direction: str) -> Adjacency:
        if direction not in self._ways:
            raise QueryError(f"direction {direction!r} is neither ancestors nor descendants")
        return self._ways[direction]

    def _keep(self, relations: Sequence[Relation] | None, min_belief: float) -> Keep:
        """Which edges lead on: those of `relations`, or of lineage, believed at least `min_belief`."""
        if not relations and min_belief <= 0:
            return lambda edges: self._in_lineage[edges]
        wanted = np.array(
            [relation in relations if relations else relation.is_lineage for relation in RELATIONS]
        )

        def keep(edges: Edges) -> NDArray[np.bool_]:
            belief = self.belief[edges]
            usable: NDArray[np.bool_] = wanted[self.relation[edges]] & (belief >= min_belief) & (belief > 0)
            return usable

        return keep


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise QueryError(f"{name} {value} is out of range: {low} to {high}")
