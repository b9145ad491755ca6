"""Lists held as columns: a row is made when somebody takes it, and often nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

__all__ = ["Columns", "Sure"]

T = TypeVar("T")


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
