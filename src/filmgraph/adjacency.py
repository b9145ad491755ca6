"""Adjacency in compressed sparse rows, and walks over it a whole level at a time.

Nodes and edges are numbers; an edge leads from its near end to its far end. No step is taken edge by edge in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from filmgraph import deadline

__all__ = ["Adjacency", "Edges", "Ints", "Keep", "Walk", "counts_reached", "distinct", "gathered"]

Ints: TypeAlias = NDArray[np.int32]
Edges: TypeAlias = NDArray[np.int64]
Keep: TypeAlias = Callable[[Edges], NDArray[np.bool_]]
"""Which of some edges, by number, may be walked."""
WORD = 64


class Adjacency:
    """The edges of each node: `near[e]` is where edge e starts, `far[e]` where it leads. O(edges log edges)."""

    def __init__(self, near: Ints, far: Ints, size: int) -> None:
        self.near, self.far, self.size = near, far, size
        self._edges = np.argsort(near, kind="stable")
        self._first = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(near, minlength=size), out=self._first[1:])

    def of(self, nodes: Ints) -> Edges:
        """The numbers of all edges that start from `nodes`; O(their number)."""
        if len(nodes) == 1:
            return self._edges[self._first[nodes[0]] : self._first[nodes[0] + 1]]
        first = self._first[nodes]
        counts = self._first[nodes + 1] - first
        ends = np.cumsum(counts)
        places = np.repeat(first - ends + counts, counts)
        places += np.arange(len(places))
        edges: Edges = self._edges[places]
        return edges

    def walk(self, start: int, depth: int, keep: Keep) -> Walk:
        """All that is reached from `start` within `depth` steps, level by level; O(edges met + depth · nodes)."""
        generation = np.full(self.size, -1, dtype=np.int16)
        generation[start] = 0
        frontier = np.array([start], dtype=np.int32)
        levels, met = [frontier], []
        for step in range(1, depth + 1):
            deadline.check()
            edges = self.of(frontier)
            edges = edges[keep(edges)]
            met.append(edges)
            far = self.far[edges]
            frontier = distinct(far[generation[far] < 0], self.size)
            if not len(frontier):
                break
            generation[frontier] = step
            levels.append(frontier)
        return Walk(generation, np.concatenate(levels), np.concatenate(met))


@dataclass(frozen=True, slots=True)
class Walk:
    """What was reached: `generation` of every node (-1 where it was not), `nodes` nearest first, and the `edges`
    met on the way."""

    generation: NDArray[np.int16]
    nodes: Ints
    edges: Edges

    def best(self, adjacency: Adjacency, belief: NDArray[np.float64], depth: int) -> NDArray[np.float64]:
        """For every node the greatest product of beliefs along a way of at most `depth` edges (Bellman and Ford)."""
        near, far, weight = adjacency.near[self.edges], adjacency.far[self.edges], belief[self.edges]
        best = np.zeros(len(self.generation))
        best[self.nodes[0]] = 1.0
        rising = np.zeros(len(best), dtype=bool)
        rising[self.nodes[0]] = True
        for _ in range(depth):
            live = np.flatnonzero(rising[near])  # the others offer what they have offered before
            to, offered = far[live], best[near[live]] * weight[live]
            better = offered > best[to]
            to, offered = to[better], offered[better]
            if not len(to):
                break
            np.maximum.at(best, to, offered)
            rising[:] = False
            rising[to] = True
        return best


def distinct(numbers: Ints, size: int) -> Ints:
    """The distinct ones of `numbers`, all below `size`, ascending."""
    if 16 * len(numbers) < size:
        # numpy's own `unique` hashes, which is slower than a vectorised sort
        numbers = numbers.copy()
        numbers.sort()
        first = np.ones(len(numbers), dtype=bool)
        np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
        found: Ints = numbers[first]
        return found
    seen = np.zeros(size, dtype=bool)
    seen[numbers] = True
    return np.flatnonzero(seen).astype(np.int32)


def gathered(
    near: Ints, far: Ints, values: NDArray[Any], join: np.ufunc, changed: NDArray[np.bool_] | None = None
) -> NDArray[Any]:
    """`values`, a row for each node, when every node has joined to its own those of all nodes that edges lead it
    to, in any number of steps. Only what changed is passed on; O(edges) for each round of that."""
    order = np.argsort(near, kind="stable")
    sources, targets = far[order], near[order]
    values = values.copy()
    changed = np.ones(len(values), dtype=bool) if changed is None else changed
    while True:
        deadline.check()
        live = np.flatnonzero(changed[sources])
        if not len(live):
            return values
        to = targets[live]
        first = np.flatnonzero(np.r_[True, to[1:] != to[:-1]])
        ends = to[first]
        new = join(values[ends], join.reduceat(values[sources[live]], first, axis=0))
        moved = new != values[ends]
        changed = np.zeros(len(values), dtype=bool)
        changed[ends] = moved if moved.ndim == 1 else moved.any(axis=1)
        values[ends] = new


def counts_reached(near: Ints, far: Ints, size: int, starts: Ints) -> NDArray[np.int64]:
    """For each of `starts` how many other nodes edges lead to, in any number of steps.

    64 walks go at once, a bit each (Then et al. 2014, VLDB 8:449). O(edges · longest way) for every 64 starts.
    """
    counts = np.zeros(len(starts), dtype=np.int64)
    for at in range(0, len(starts), WORD):
        group = starts[at : at + WORD]
        bits = np.zeros(size, dtype=np.uint64)
        bits[group] = np.left_shift(np.uint64(1), np.arange(len(group), dtype=np.uint64))
        seen = gathered(far, near, bits, np.bitwise_or, bits > 0)
        reached = seen[seen > 0].view(np.uint8).reshape(-1, 8)
        columns = np.unpackbits(reached, axis=1, bitorder="little").sum(axis=0, dtype=np.int64)
        counts[at : at + WORD] = columns[: len(group)] - 1
    return counts
