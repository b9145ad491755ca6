"""What a request is answered from, and the arguments that many of its fields share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeAlias, TypeVar

import strawberry

from filmgraph.index import LineageIndex
from filmgraph.model import Relation
from filmgraph.service import Service
from filmgraph.store import Store

__all__ = [
    "MAX_WORKS",
    "AsOf",
    "Context",
    "Depth",
    "Direction",
    "Group",
    "Info",
    "LineageQuestion",
    "MinBelief",
    "Relations",
]

T = TypeVar("T")
MAX_WORKS = 2_000
"""The works of a lineage that one page may hold."""


@strawberry.enum
class Direction(StrEnum):
    """Which way a lineage runs."""

    ANCESTORS = "ancestors"
    DESCENDANTS = "descendants"


class Group:
    """Ids of one sort that were loaded together, and what has been fetched for all of them."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(dict.fromkeys(ids))
        self._fetched: dict[Hashable, Any] = {}

    def fetch(self, what: Hashable, fetch: Callable[[tuple[str, ...]], Mapping[str, T]]) -> Mapping[str, T]:
        """`fetch(ids)`, called once for equal `what`."""
        if what not in self._fetched:
            self._fetched[what] = fetch(self.ids)
        found: Mapping[str, T] = self._fetched[what]
        return found


@dataclass(slots=True)
class Context:
    """What one request is answered from: the index is the same all through it."""

    service: Service
    index: LineageIndex
    token: str | None = None
    request_id: str = ""
    _loaded: list[Iterable[str]] = field(default_factory=list)
    _groups: dict[str, Group] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.service.store

    def index_by(self, day: date | None) -> LineageIndex:
        """The index of what critics had written by `day`; of all without one."""
        return self.service.index_as_of(self.index, day) if day else self.index

    def release(self) -> None:
        """Let go of what was loaded: rows know their context, and it knows them."""
        self._loaded.clear()
        self._groups.clear()

    def load_together(self, ids: Iterable[str]) -> None:
        """What is to be fetched for one of `ids` will be fetched for all; they are not looked at before."""
        self._loaded.append(ids)

    def group(self, id: str) -> Group:
        """The ids that `id` was first loaded with."""
        for ids in self._loaded:
            group = Group(ids)
            for each in group.ids:
                self._groups.setdefault(each, group)
        self._loaded.clear()
        if id not in self._groups:
            self._groups[id] = Group((id,))
        return self._groups[id]


Info: TypeAlias = strawberry.Info[Context, None]


Depth: TypeAlias = Annotated[int, strawberry.argument(description="Steps at most, 1 to 64.")]
Relations: TypeAlias = Annotated[
    list[Relation] | None,
    strawberry.argument(description="Along these only; all influences and derivations when left out."),
]
MinBelief: TypeAlias = Annotated[
    float, strawberry.argument(description="Only along claims believed at least so much, 0 to 1.")
]
AsOf: TypeAlias = Annotated[
    date | None, strawberry.argument(description="Believing only what critics had written by that day.")
]


@dataclass(frozen=True, slots=True)
class LineageQuestion:
    """The arguments of a lineage."""

    direction: Direction
    depth: int
    relations: tuple[Relation, ...]
    min_belief: float
    as_of: date | None
    first: int
    after: str = ""
