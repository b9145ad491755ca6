"""Until when the work of this thread is wanted.

Whatever may take long asks now and then: walks of the index, the store's queries, the building of answers. So
a request that is out of time really stops, and does not go on behind the back of whoever has given up.
"""

from __future__ import annotations

from contextvars import ContextVar
from math import inf
from time import monotonic

from filmgraph.errors import DeadlineError

__all__ = ["check", "passed", "until", "within"]

_until: ContextVar[float] = ContextVar("until", default=inf)


class within:  # noqa: N801 - used as a statement
    """Work inside the block is wanted until `moment` (seconds of `time.monotonic`)."""

    __slots__ = ("_moment", "_token")

    def __init__(self, moment: float) -> None:
        self._moment = moment

    def __enter__(self) -> None:
        self._token = _until.set(self._moment)

    def __exit__(self, *_: object) -> None:
        _until.reset(self._token)


def until() -> float:
    """The moment that ends the present work; infinity outside of any `within`."""
    return _until.get()


def passed() -> bool:
    """Whether the present work is out of time.

    >>> passed()
    False
    >>> with within(0.0):
    ...     passed()
    True
    """
    return monotonic() > _until.get()


def check() -> None:
    """Raise DeadlineError when the present work is out of time."""
    if passed():
        raise DeadlineError("this took too long and was stopped; ask for less")
