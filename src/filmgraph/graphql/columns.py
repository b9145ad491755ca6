"""Lists held as columns: a row is made when somebody takes it, and often nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from math import isfinite
from types import NoneType
from typing import Any, TypeAlias, TypeVar, overload

__all__ = [
    "Columns",
    "Parts",
    "Picked",
    "Sure",
    "Table",
    "UnusualError",
    "column_number",
    "column_real",
    "column_text",
    "column_texts",
    "column_truth",
    "held",
    "masked",
    "picked",
    "resolved",
    "typed",
]

T = TypeVar("T")
Build: TypeAlias = "Callable[[Columns[Any]], list[Any] | None]"
"""From rows to their parts of an answer; None when a column is not to be had."""


class UnusualError(Exception):
    """A value, or a selection, that only graphql-core may judge."""


class Sure(list[Any]):
    """A column whose maker vouches that all of it is of one type, `kind`: text, numbers that JSON has, or tuples
    of text."""

    __slots__ = ("kind",)

    def __init__(self, kind: type, values: Iterable[Any]) -> None:
        super().__init__(values)
        self.kind = kind


class Columns(Sequence[T]):
    """Rows of one sort, all of whose plain attributes `column` can give at once.

    `column` takes an attribute's name and gives the values of all rows, as Columns themselves where they are
    rows, or None when it does not know them. `resolved` takes a resolver's name and gives, if it knows it, a
    function from the resolver's arguments to the values of all rows. `make` makes the rows. Where `missing` is
    true there is none.
    """

    def __init__(
        self,
        length: int,
        column: Callable[[str], Sequence[Any] | None],
        make: Callable[[], Iterable[T]],
        missing: Sequence[bool] | None = None,
        resolved: Callable[[str], Callable[..., Sequence[Any]] | None] = lambda name: None,
    ) -> None:
        self._length = length
        self.column = column
        self.resolved = resolved
        self._make = make
        self.missing = missing

    @cached_property
    def _rows(self) -> list[T]:
        return list(self._make())

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        return self._rows[at]


class Parts:
    """Parts of answers that were built of kept rows: builder's number → row's key → part; `most` of them in all.

    They are as good as the rows: whoever forgets those begins with new Parts. Safe from several threads.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._size = 0
        self._built: dict[int, dict[str, Any]] = {}

    def of(self, builder: int) -> dict[str, Any]:
        return self._built.get(builder, {})

    def add(self, builder: int, parts: Mapping[str, Any]) -> None:
        if self._size + len(parts) > self.most:
            self._built, self._size = {}, 0
        if len(parts) <= self.most:
            self._built.setdefault(builder, {}).update(parts)
            self._size += len(parts)


class Table(Columns[T]):
    """Distinct rows by key, from which other columns pick, so that each row's part of an answer is built once."""

    def __init__(
        self,
        keys: Sequence[str],
        column: Callable[[str], Sequence[Any] | None],
        make: Callable[[], Iterable[T]],
        parts: Parts,
    ) -> None:
        super().__init__(len(keys), column, make)
        self._keys = keys
        self.parts = parts

    @cached_property
    def by_key(self) -> Mapping[str, T]:
        return dict(zip(self._keys, self._rows, strict=True))

    def built(self, build: Build, builder: int) -> Mapping[str, Any] | None:
        """Key → what `build` makes of the row; None when it cannot do that of columns."""
        made = build(self)
        if made is None:
            return None
        built = dict(zip(self._keys, made, strict=True))
        self.parts.add(builder, built)
        return built


class Picked(Columns[T]):
    """Rows of a table, by their keys; there is none where the table has none of that key, which `missing` must say."""

    def __init__(
        self, table: Table[T], keys: Sequence[str | None], missing: Sequence[bool] | None = None
    ) -> None:
        def make() -> Iterable[T]:
            rows = table.by_key
            return [rows.get(key) for key in keys]  # type: ignore[arg-type, misc]

        super().__init__(len(keys), lambda name: None, make, missing)
        self._table = table
        self._keys = keys

    def picked(self, build: Build, builder: int) -> list[Any] | None:
        """What `build`, whose number is `builder`, makes of the rows."""
        if not self.missing:
            try:
                return list(map(self._table.parts.of(builder).__getitem__, self._keys))  # type: ignore[arg-type]
            except KeyError:
                pass
        built = self._table.built(build, builder)
        return None if built is None else [built.get(key) for key in self._keys]  # type: ignore[arg-type]


# ── what a column must be for a field ───────────────────────────────────────────────────────


def typed(column: Any, kind: type, nullable: bool = False) -> Any:
    """The column, if all of it is of that very type."""
    if type(column) is Sure and column.kind is kind:
        return column
    if not set(map(type, column)) <= ({kind, NoneType} if nullable else {kind}):
        raise UnusualError(kind)
    return column


def held(column: Any, nullable: bool) -> Any:
    """Rows held as columns themselves, that lack none unless they may."""
    if not isinstance(column, Columns) or (column.missing and not nullable):
        raise UnusualError(column)
    return column


def picked(build: Build, builder: int, rows: Columns[Any]) -> list[Any] | None:
    """What `build` makes of rows; of those that are picked from a table, what it has made already is taken."""
    return rows.picked(build, builder) if type(rows) is Picked else build(rows)


def resolved(rows: Columns[Any], name: str, keywords: dict[str, Any]) -> Sequence[Any] | None:
    """The values of a field that has a resolver, if the rows know them all at once."""
    resolve = rows.resolved(name)
    return None if resolve is None else resolve(**keywords)


def masked(found: list[Any], missing: Sequence[bool]) -> list[Any]:
    return [None if gone else value for value, gone in zip(found, missing, strict=True)]


def column_text(column: Any, nullable: bool = False) -> Any:
    return typed(column, str, nullable)


def column_number(column: Any, nullable: bool = False) -> Any:
    typed(column, int, nullable)
    numbers = () if type(column) is Sure else [n for n in column if n is not None] if nullable else column
    if numbers and not -2147483648 <= min(numbers) <= max(numbers) <= 2147483647:
        raise UnusualError(column)
    return column


def column_real(column: Any, nullable: bool = False) -> Any:
    numbers = typed(column, float, nullable)
    known = numbers if not nullable else list(filter(None, numbers))
    if type(column) is not Sure and not isfinite(sum(known)):  # one odd number makes the sum odd
        raise UnusualError(column)
    return column


def column_truth(column: Any, nullable: bool = False) -> Any:
    return typed(column, bool, nullable)


def column_texts(column: Any) -> Any:
    if type(column) is Sure and column.kind is tuple:
        return column
    if not set(map(type, column)) <= {list, tuple}:
        raise UnusualError(column)
    typed(chain.from_iterable(column), str)
    return column
