"""Lineages of a few works, walked edge by edge.

Most works have few ancestors and few descendants. There a handful of look-ups costs less than arrays over all
nodes, and the same however many nodes there are. Where there are more than FEW edges, `adjacency` walks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from filmgraph.lineage import Edge
from filmgraph.model import Relation

__all__ = ["FEW", "Neighbourhood", "Step", "neighbourhood"]

FEW = 128
Step: TypeAlias = tuple[int, int, Edge]
"""From a node: the node at the other end, the edge's number, the edge."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What was reached: nodes with their generation, the start first, and the usable steps from each of them."""

    generation: dict[int, int]
    steps: dict[int, list[Step]]

    def best(self, depth: int) -> dict[int, float]:
        """The greatest product of beliefs along a way of at most `depth` steps to each (Bellman and Ford)."""
        met = [
            (near, far, edge.belief)
            for near, generation in self.generation.items()
            if generation < depth
            for far, _, edge in self.steps[near]
        ]
        best = dict.fromkeys(self.generation, 0.0)
        best[next(iter(best))] = 1.0
        for _ in range(depth):
            better = best.copy()
            for near, far, belief in met:
                if (offered := best[near] * belief) > better[far]:
                    better[far] = offered
            if better == best:
                break
            best = better
        return best

    def among(self, inside: Collection[int], shown: Collection[int]) -> list[Edge]:
        """The edges among `inside` with an end in `shown`, nearest generation and strongest belief first."""
        found = [
            (self.generation[far], -edge.belief, number, edge)
            for near in inside
            for far, number, edge in self.steps[near]
            if far in inside and (far in shown or near in shown)
        ]
        found.sort()
        return [item[3] for item in found]


def neighbourhood(
    steps: Callable[[int], Sequence[Step] | None],
    start: int,
    depth: int,
    relations: Collection[Relation],
    min_belief: float,
) -> Neighbourhood | None:
    """What is reached from `start` within `depth` steps along `relations`; None when that is not a few.

    `steps` gives all steps from a node, or None where there are many.
    """
    generation, frontier, usable, left = {start: 0}, [start], dict[int, list[Step]](), FEW
    while frontier:
        following = []
        for node in frontier:
            ways = steps(node)
            if ways is None:
                return None
            usable[node] = found = [
                step
                for step in ways
                if step[2][3] >= min_belief and step[2][3] > 0 and step[2][2] in relations
            ]
            left -= len(found)
            if generation[node] < depth:
                for far, _, _ in found:
                    if far not in generation:
                        generation[far] = generation[node] + 1
                        following.append(far)
        if left < 0:
            return None
        frontier = following
    return Neighbourhood(generation, usable)
