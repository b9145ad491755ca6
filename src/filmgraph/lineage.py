"""What the lineage index answers with: works, the edges that tie them, paths and ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

import networkx as nx

from filmgraph.model import Relation

if TYPE_CHECKING:
    from filmgraph.store import Store

__all__ = ["Ancestor", "Deferred", "Edge", "Lazy", "Lineage", "Node", "Path", "Rank"]

T = TypeVar("T")


class Node(NamedTuple):
    """A work in a lineage: the fewest steps from the start, and the belief of the best way to it: the product of its
    edges', whatever its length within the depth asked for."""

    entity: str
    generation: int
    belief: float


class Edge(NamedTuple):
    """One claim as a step from a later work to an earlier one, passing `via` an influence or franchise."""

    subject: str
    object: str
    relation: Relation
    belief: float
    claims: tuple[str, ...]
    via: str | None = None


class Deferred(Sequence[Sequence[Any]]):
    """Columns, each made when it is first asked for."""

    def __init__(self, make: Sequence[Callable[[], Sequence[Any]]]) -> None:
        self._make = make
        self._made: dict[int, Sequence[Any]] = {}

    def __len__(self) -> int:
        return len(self._make)

    @overload
    def __getitem__(self, at: int) -> Sequence[Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[Sequence[Any]]: ...
    def __getitem__(self, at: int | slice) -> Sequence[Any]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        if at not in self._made:
            self._made[at] = self._make[at]()
        return self._made[at]


class Lazy(Sequence[T]):
    """Rows that are made of their columns, one for each field in their order, when they are first looked at."""

    def __init__(
        self, row: Callable[[Sequence[Any]], T], columns: Sequence[Callable[[], Sequence[Any]]]
    ) -> None:
        self._row = row
        self.columns = Deferred(columns)

    @cached_property
    def _rows(self) -> tuple[T, ...]:
        return tuple(map(self._row, zip(*self.columns, strict=True)))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        return self._rows[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._rows == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Lineage:
    """The works reached from `of`, which is the first node, and the edges among them; `left_out` works were over
    the limit.

    In a notebook it is a picture, with names and quotes from `store`.
    """

    of: str
    direction: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]
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
