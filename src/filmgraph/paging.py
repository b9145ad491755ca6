"""Lists in pages, as Relay has it: connections, their cursors, and what is asked of one.

A cursor names its list and the row it stands at, so that one that the list has not given out is refused.
"""

from __future__ import annotations

import base64
import binascii
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import strawberry

from filmgraph.errors import CursorError, NotFoundError, QueryError

__all__ = [
    "MAX_PAGE",
    "After",
    "Before",
    "Connection",
    "Edge",
    "Last",
    "PageInfo",
    "Window",
    "check",
    "connection",
    "cursor",
    "field",
    "slice_of",
]

T = TypeVar("T")
MAX_PAGE = 100
Row = TypeVar("Row")
After: TypeAlias = Annotated[str | None, strawberry.argument(description="Go on after this cursor.")]
Before: TypeAlias = Annotated[str | None, strawberry.argument(description="End before this cursor.")]
Last: TypeAlias = Annotated[
    int | None,
    strawberry.argument(description="The last so many, in the list's own order; `first` gives way."),
]


def field(resolver: Callable[..., Any]) -> Any:
    """A GraphQL field, described by its resolver's docstring."""
    return strawberry.field(resolver, description=inspect.getdoc(resolver))


def check(name: str, value: int, low: int, high: int) -> int:
    """`value`; QueryError unless it is within `low` and `high`."""
    if not low <= value <= high:
        raise QueryError(f"{name}: {value} is out of range; it takes {low} to {high}")
    return value


@dataclass(frozen=True, slots=True)
class Window:
    """A page of the list `name`: `size` rows after or before the rows with those ids ("" for the list's ends)."""

    name: str
    size: int
    after: str = ""
    before: str = ""
    last: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        first: int,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Window:
        """The page that is asked for; QueryError for its size, CursorError for a cursor of no such list."""
        size = check("first", first, 1, MAX_PAGE) if last is None else check("last", last, 1, MAX_PAGE)
        places = _position(name, "after", after), _position(name, "before", before)
        return cls(name, size, *places, last is not None)

    def rows(self, find: Callable[..., list[Row]]) -> list[Row]:
        """What `find` (one of a store's lists) has for this page, and one row more when there is one."""
        try:
            return find(after=self.after, before=self.before, limit=self.size + 1, last=self.last)
        except NotFoundError as error:
            raise CursorError(str(error)) from error


@strawberry.type(description="Where a page ends, and whether there is more.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    nodes: list[T]
    page_info: PageInfo
    list_name: strawberry.Private[str]
    count: strawberry.Private[Callable[[], int]]

    @field
    def edges(self) -> list[Edge[T]]:
        return [Edge(cursor=cursor(self.list_name, row.id), node=row) for row in self.nodes]  # type: ignore[attr-defined]

    @field
    def total_count(self) -> int:
        """Of the whole list, not of this page; counted when asked for."""
        return self.count()


def connection(window: Window, rows: Sequence[Any], count: Callable[[], int]) -> Connection[Any]:
    """The page with `rows`, one of which is too many when there is more."""
    more = len(rows) > window.size
    page = list(rows[-window.size :] if window.last else rows[: window.size])
    info = PageInfo(
        has_next_page=bool(window.before) if window.last else more,
        has_previous_page=more if window.last else bool(window.after),
        start_cursor=cursor(window.name, page[0].id) if page else None,
        end_cursor=cursor(window.name, page[-1].id) if page else None,
    )
    return Connection(nodes=page, page_info=info, list_name=window.name, count=count)


def slice_of(window: Window, rows: Sequence[Any]) -> Connection[Any]:
    """A page of rows that are in hand anyway; CursorError for one that is no longer among them."""
    places = {row.id: n for n, row in enumerate(rows)}

    def find(*, after: str, before: str, limit: int, last: bool) -> list[Any]:
        for id in (after, before):
            if id and id not in places:
                raise NotFoundError(f"{id!r} is gone, and with it the place in the list; begin again")
        inside = rows[places[after] + 1 if after else 0 : places[before] if before else len(rows)]
        return list(inside[-limit:] if last else inside[:limit])

    return connection(window, window.rows(find), lambda: len(rows))


def cursor(name: str, id: str) -> str:
    """The cursor that stands at the row `id` of the list `name`."""
    return base64.urlsafe_b64encode(f"{name} {id}".encode()).decode().rstrip("=")


def _position(name: str, argument: str, given: str | None) -> str:
    """The id that a cursor stands at in the list `name`, "" for none.

    >>> _position("claims", "after", cursor("claims", "claim:1"))
    'claim:1'

    Raises CursorError for what is no cursor, or that of another list.
    """
    if given is None:
        return ""
    try:
        padded = given.encode("ascii") + b"=" * (-len(given) % 4)
        of, _, id = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
    except (binascii.Error, UnicodeError):
        of, id = "", ""
    if of != name or ":" not in id or cursor(of, id) != given:
        raise CursorError(
            f"{argument}: {given[:80]!r} is no cursor of {name}; take startCursor or endCursor of another page"
        )
    return id
