"""How much came of each work: PageRank, citations, citations across generations, descendants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from filmgraph import deadline
from filmgraph.adjacency import Ints, counts_reached, gathered

__all__ = ["LONG_GAP", "METRICS", "citations", "descendants", "pagerank"]

LONG_GAP = 25
METRICS = ("pagerank", "descendants", "citations", "long_gap")
SKETCHES = 16
EXACT = 256
"""Works whose descendants are counted one by one: all, or those that a sketch takes for the greatest."""


def citations(subject: Ints, object: Ints, years: Ints, *, gap: int = 0) -> NDArray[np.float64]:
    """How many works name each, with `gap` those at least so many years later.

    Long-gap citations tell significance better than all (Wasserman, Zeng and Amaral 2015, PNAS 112:1281).
    """
    if gap:
        known = (years[subject] > 0) & (years[object] > 0)
        object = object[known & (years[subject] - years[object] >= gap)]
    return np.bincount(object, minlength=len(years)).astype(np.float64)


def pagerank(
    subject: Ints, object: Ints, size: int, *, damping: float = 0.85, tolerance: float = 1e-9
) -> NDArray[np.float64]:
    """The PageRank of the nodes that edges touch, 0 of the others (Brin and Page 1998); power iteration.

    Edges are distinct. O(edges) for each of at most 100 rounds.
    """
    values = np.zeros(size)
    touched = np.unique(np.concatenate([subject, object]))
    if not len(touched):
        return values
    order = np.argsort(object, kind="stable")
    sources = np.searchsorted(touched, subject[order])
    targets = np.searchsorted(touched, object[order])
    first = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]])
    ends, count = targets[first], len(touched)
    out = np.bincount(sources, minlength=count)
    share = damping / np.maximum(out, 1)
    idle = np.flatnonzero(out == 0)
    rank = np.full(count, 1 / count)
    for _ in range(100):
        deadline.check()
        new = np.full(count, (1 - damping + damping * rank[idle].sum()) / count)
        new[ends] += np.add.reduceat((rank * share)[sources], first)
        moved = np.abs(new - rank).sum()
        rank = new
        if moved < tolerance:
            break
    values[touched] = rank
    return values


def descendants(
    subject: Ints, object: Ints, size: int, candidates: Ints, *, exact: int = EXACT
) -> NDArray[np.float64]:
    """How many works came of each of `candidates`, in any number of steps; 0 for those that cannot be among the
    greatest.

    Of more than `exact` candidates, those with the greatest estimates (Cohen 1997, J. Comput. Syst. Sci. 55:441) are
    counted. Edges are distinct.
    """
    values = np.zeros(size)
    if len(candidates) > exact:
        estimate = _sketched(subject, object, size)[candidates]
        candidates = candidates[np.argsort(-estimate, kind="stable")[:exact]]
    values[candidates] = counts_reached(object, subject, size, candidates)
    return values


def _sketched(subject: Ints, object: Ints, size: int) -> NDArray[np.float64]:
    """An estimate of the number of descendants of every node, to about a quarter of it: the least of many random
    numbers is the smaller, the more they are."""
    draws = np.random.default_rng(0).exponential(size=(size, SKETCHES)).astype(np.float32)
    least = gathered(object, subject, draws, np.minimum)
    estimate: NDArray[np.float64] = (SKETCHES - 1) / least.sum(axis=1, dtype=np.float64)
    return estimate
