"""What a request is answered from, and the arguments that many of its fields share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import strawberry

from filmgraph.index import LineageIndex
from filmgraph.model import Relation
from filmgraph.service import Service
from filmgraph.store import Store

__all__ = [
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


@strawberry.enum
class Direction(StrEnum):
    """Which way a lineage runs."""

    ANCESTORS = "ancestors"
    DESCENDANTS = "descendants"


@dataclass(slots=True)
class Context:
    """What one request is answered from: the index is the same all through it."""

    service: Service
    index: LineageIndex
    token: str | None = None
    request_id: str = ""

    @property
    def store(self) -> Store:
        return self.service.store

    def index_by(self, day: date | None) -> LineageIndex:
        """The index of what critics had written by `day`; of all without one."""
        return self.service.index_as_of(self.index, day) if day else self.index


Info: TypeAlias = strawberry.Info[Context, None]


class Group:
    """The ids of rows loaded together, and what has been fetched for all of them.

    `ids` are looked through, once each, when something is first fetched.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._given = ids
        self._fetched: dict[Hashable, Any] = {}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._given))

    def fetch(self, what: Hashable, fetch: Callable[[tuple[str, ...]], Mapping[str, T]]) -> Mapping[str, T]:
        """`fetch(ids)`, called once for equal `what`."""
        if what not in self._fetched:
            self._fetched[what] = fetch(self.ids)
        return cast(Mapping[str, T], self._fetched[what])


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
