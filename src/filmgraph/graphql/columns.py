"""Lists held as columns: a row is made when somebody takes it, and often nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from math import isfinite
from types import NoneType
from typing import Any, TypeVar, overload

__all__ = [
    "Columns",
    "Sure",
    "UnusualError",
    "column_number",
    "column_real",
    "column_text",
    "column_texts",
    "column_truth",
    "held",
    "masked",
    "typed",
]

T = TypeVar("T")


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
    rows, or None when it does not know them. `make` makes the rows. Where `missing` is true there is none.
    """

    def __init__(
        self,
        length: int,
        column: Callable[[str], Sequence[Any] | None],
        make: Callable[[], Iterable[T]],
        missing: Sequence[bool] | None = None,
    ) -> None:
        self._length = length
        self.column = column
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
    if type(column) is not Columns or (column.missing and not nullable):
        raise UnusualError(column)
    return column


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
