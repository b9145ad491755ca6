"""What the lineage explorer shows, and the address that says so: each reads as the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from filmgraph.draw import Mood
from filmgraph.errors import QueryError
from filmgraph.model import Relation

__all__ = ["DIRECTIONS", "LIMITS", "State", "address"]

T = TypeVar("T")
DIRECTIONS = ("both", "ancestors", "descendants")
LIMITS = (20, 40, 80, 160)
MOST_DEPTH = 12


def address(id: str) -> str:
    """The page of an entity, review or claim, by its id.

    >>> address("film:~ballerina-2023")
    '/film/~ballerina-2023'
    """
    kind, _, key = id.partition(":")
    return f"/{kind}/{quote(key, safe='~:@')}"


@dataclass(frozen=True, slots=True)
class State:
    """A lineage and how it is looked at. `claim` is the tie whose quotes are open, by one of its claims."""

    of: str
    direction: str = "both"
    depth: int = 3
    relations: tuple[Relation, ...] = ()
    belief: float = 0.0
    moods: tuple[Mood, ...] = ()
    low: int | None = None
    high: int | None = None
    as_of: date | None = None
    limit: int = 40
    claim: str | None = None

    @classmethod
    def read(cls, of: str, asked: QueryParams) -> State:
        """The state in an address; QueryError names what makes no sense. What is empty counts as not given."""
        given = {name: value.strip() for name, value in asked.items() if value.strip()}
        state = cls(
            of,
            direction=_read(given, "direction", _one_of(*DIRECTIONS), "both"),
            depth=_read(given, "depth", _number(int, 1, MOST_DEPTH), 3),
            relations=_several(asked, "relation", Relation),
            belief=_read(given, "belief", _number(float, 0, 1), 0.0),
            moods=_several(asked, "stance", Mood),
            low=_read(given, "from", _number(int, 0, 9999), None),
            high=_read(given, "to", _number(int, 0, 9999), None),
            as_of=_read(given, "as_of", date.fromisoformat, None),
            limit=_read(given, "limit", _number(int, 1, 400), 40),
            claim=given.get("claim"),
        )
        if state.low is not None and state.high is not None and state.low > state.high:
            raise QueryError(f"from {state.low} is after to {state.high}; turn them round")
        return state

    def but(self, **changes: Any) -> State:
        """The same with some changes; the open tie is closed unless it is named."""
        return replace(self, **{"claim": None, **changes})

    @property
    def query(self) -> str:
        """The part of the address behind the question mark, without what is as usual."""
        usual = State(self.of)
        pairs: list[tuple[str, str]] = []
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "of" or value == getattr(usual, one.name):
                continue
            values = value if isinstance(value, tuple) else (value,)
            pairs += [
                (NAMES.get(one.name, one.name), f"{item:g}" if one.name == "belief" else str(item))
                for item in values
            ]
        return urlencode(pairs)

    @property
    def address(self) -> str:
        return self._at("/lineage")

    def export(self, form: str) -> str:
        """Where the same lineage is to be had in another form."""
        return self._at(f"/export/{form}")

    def _at(self, place: str) -> str:
        return f"{place}{address(self.of)}" + (f"?{self.query}" if self.query else "")


NAMES = {"relations": "relation", "moods": "stance", "low": "from", "high": "to"}


def _read(given: dict[str, str], name: str, read: Callable[[str], T], usual: T) -> T:
    if name not in given:
        return usual
    try:
        return read(given[name])
    except ValueError as error:
        raise QueryError(f"{name}: {given[name][:40]!r} {_why(name, error)}") from None


def _why(name: str, error: ValueError) -> str:
    return "is no day; write it as 2010-12-31" if name == "as_of" else str(error)


def _several(asked: QueryParams, name: str, kind: Callable[[str], T]) -> tuple[T, ...]:
    found = []
    for value in asked.getlist(name):
        if value:
            try:
                found.append(kind(value))
            except ValueError:
                raise QueryError(f"{name}: {value[:40]!r} is none that there is") from None
    return tuple(dict.fromkeys(found))


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"is none of {', '.join(choices)}")
        return value

    return read


def _number(kind: Callable[[str], Any], low: float, high: float) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        try:
            number = kind(value)
        except ValueError:
            raise ValueError("is no number") from None
        if not low <= number <= high:
            raise ValueError(f"is out of range; it takes {low:g} to {high:g}")
        return number

    return read
