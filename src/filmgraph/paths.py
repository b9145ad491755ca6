"""The best loopless paths between two nodes, by the product of the beliefs of their edges."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from filmgraph import deadline
from filmgraph.adjacency import Adjacency, Keep

__all__ = ["best_paths"]

MOST = 200_000
"""Partial paths that are looked at, at most."""


def best_paths(
    adjacency: Adjacency,
    belief: NDArray[np.float64],
    start: int,
    end: int,
    *,
    k: int,
    max_depth: int,
    keep: Keep,
) -> list[tuple[float, list[int]]]:
    """The `k` best paths as (product of beliefs, edge numbers), best first, then the shorter.

    Partial paths are continued best first (A*, Hart, Nilsson and Raphael 1968), judged by what they have and the
    best that can still come within the steps left, which is known exactly but for loops; so hardly any is continued
    in vain. Of several edges between two nodes the strongest counts. O(edges within reach · max_depth).
    """
    walk = adjacency.walk(start, max_depth, keep)
    if start == end or walk.generation[end] < 0:
        return []
    edges = walk.edges[np.lexsort((walk.edges, -belief[walk.edges]))]
    near, far, weight = adjacency.near[edges], adjacency.far[edges], belief[edges]
    hope = _hope(near, far, weight, end, max_depth, len(walk.generation))
    onward: dict[int, list[tuple[int, float, int]]] = {}
    alive = hope[-1][far] > 0
    for n, f, w, edge in zip(
        near[alive].tolist(), far[alive].tolist(), weight[alive].tolist(), edges[alive].tolist(), strict=True
    ):
        steps = onward.setdefault(n, [])
        if all(f != other for other, _, _ in steps):
            steps.append((f, w, edge))
    return _search(onward, hope, start, end, k)


def _hope(
    near: NDArray[np.int32],
    far: NDArray[np.int32],
    weight: NDArray[np.float64],
    end: int,
    max_depth: int,
    size: int,
) -> list[NDArray[np.float64]]:
    """hope[r][n]: the greatest product along a way from n to `end` of at most r edges."""
    hope = [np.zeros(size)]
    hope[0][end] = 1.0
    for _ in range(max_depth):
        more = hope[-1].copy()
        np.maximum.at(more, near, weight * hope[-1][far])
        hope.append(more)
    return hope


def _search(
    onward: dict[int, list[tuple[int, float, int]]],
    hope: list[NDArray[np.float64]],
    start: int,
    end: int,
    k: int,
) -> list[tuple[float, list[int]]]:
    depth = len(hope) - 1
    queue: list[tuple[float, int, tuple[int, ...], float, tuple[int, ...]]] = []
    heapq.heappush(queue, (-float(hope[depth][start]), 0, (start,), 1.0, ()))
    found: list[tuple[float, int, list[int]]] = []
    for looked in range(MOST):
        if not queue or len(found) == k:
            break
        if looked % 1000 == 0:
            deadline.check()
        _, length, nodes, product, edges = heapq.heappop(queue)
        if nodes[-1] == end:
            found.append((-product, length, list(edges)))
            continue
        for node, weight, edge in onward.get(nodes[-1], ()):
            best = product * weight * float(hope[depth - length - 1][node]) if length < depth else 0.0
            if best > 0 and node not in nodes:
                entry = (-best, length + 1, (*nodes, node), product * weight, (*edges, edge))
                heapq.heappush(queue, entry)
    return [(-product, path) for product, _, path in sorted(found)]
