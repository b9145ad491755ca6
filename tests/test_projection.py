"""Generated code answers exactly as graphql-core does: data, errors and their paths, on whatever it is asked."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from random import Random
from typing import Annotated, Any

import graphql
import orjson
import pytest
import strawberry
from graphql import parse, validate
from graphql.execution.executor import Executor

from filmgraph.api import PRICES, SCHEMA
from filmgraph.graphql import compiler
from filmgraph.graphql.columns import Columns
from filmgraph.graphql.execution import Engine, Question
from filmgraph.graphql.limits import Limits
from filmgraph.graphql.projection import PINNED, ProjectingExecutor
from filmgraph.request import Context
from filmgraph.service import Service
from filmgraph.settings import Settings
from graphs import BALLERINA, FORMULA, LEITCH, NIKITA, NOBODY, NOVEL, READINGS, SERIES, WICK, fill
from queries import RandomQueries

QUERIES, SEED = int(os.environ.get("FUZZ_QUERIES", "250")), int(os.environ.get("FUZZ_SEED", "3"))
"""More of them, or others: FUZZ_QUERIES=5000 FUZZ_SEED=7."""
WIDE = Limits(chars=10**6, tokens=10**6, nodes=10**6, fields=10**6, aliases=10**6, depth=100, cost=10**12)


def test_the_version_is_the_one_that_is_pinned() -> None:
    pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"graphql-core=={PINNED}"' in pyproject and graphql.__version__ == PINNED


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often generated code was asked, and how often it gave up."""
    counts: Counter[str] = Counter()
    bound = compiler.Projection.bound

    def count(self: Any, run: Any, path: Any) -> Callable[[Any], Any]:
        build = bound(self, run, path)

        def built(value: Any) -> Any:
            counts["asked"] += 1
            try:
                return build(value)
            except Exception:
                counts["gave up"] += 1
                raise

        return built

    monkeypatch.setattr(compiler.Projection, "bound", count)
    return counts


def both(
    engine: Engine, query: str, variables: dict[str, Any], context: Callable[[], Any], counted: Counter[str]
) -> tuple[Any, Any]:
    """What generated code and what graphql-core alone answer, errors in order of their paths."""
    assert not validate(engine.schema, parse(query)), query
    document, _ = engine.documents.prepare(query, variables)
    question, answers = Question(query, variables), []
    whole = engine.projected(document, document.operation(None), question, context(), float("inf"))
    counted["whole"] += whole is not None
    for projecting in (True, False):
        executor = engine.executor(document, question, context(), float("inf"), projecting=projecting)
        assert isinstance(executor, ProjectingExecutor if projecting else Executor)
        result = executor.execute_operation()
        assert isinstance(result, graphql.ExecutionResult)
        errors = sorted(orjson.dumps(error.formatted) for error in result.errors or ())
        answers.append((orjson.dumps(result.data), errors))
    if whole is not None:
        assert (orjson.dumps(whole), []) == answers[1], query
    return answers[0], answers[1]


# ── over the real schema ────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    found = Service(Settings(store=fill(tmp_path_factory.mktemp("projection") / "graph.db")))
    yield found
    found.close()


def test_random_queries_over_the_graph(service: Service, counted: Counter[str]) -> None:
    entities = [WICK, NOBODY, NIKITA, BALLERINA, FORMULA, SERIES, NOVEL, LEITCH]
    ids = [f'"{entity.id}"' for entity in entities] * 2 + ['"film:tt0"']
    claims = [f'"{item.claim.id}"' for reading in READINGS for item in reading.evidence]
    values = {
        "ID": [*ids, *claims, *(f'"{reading.review.id}"' for reading in READINGS)],
        "String.title": ['"Nikita"', '"Nobody"'], "String.name": ['"John Wick"', '"David Leitch"'],
        "String.query": ['"wick"', '"nob"'], "String.imdbId": ['"tt2911666"'],
        "Int.first": ["0", "1", "3", "50"], "Int.depth": ["1", "3", "0"],
    }  # fmt: skip
    engine = Engine(SCHEMA, PRICES, WIDE)
    queries = RandomQueries(engine.schema, Random(SEED), values)
    seen: Counter[str] = Counter()
    for number in range(QUERIES):
        query, variables = queries.query(depth=2 + number % 4)
        ours, theirs = both(
            engine, query, variables, lambda: Context(service, service.index(), None, "fuzz"), counted
        )
        assert ours == theirs, query
        seen.update(re.findall(r'"\w+"', ours[0].decode()))
        seen["errors"] += bool(ours[1])
    assert counted["asked"] > QUERIES // 2 and counted["gave up"] > 0 and counted["whole"] > QUERIES // 4
    assert seen["errors"] > QUERIES // 20 and len(seen) > 200, (seen["errors"], len(seen))


# ── over a schema of hard cases ─────────────────────────────────────────────────────────────


@strawberry.enum
class Kind(Enum):
    SEQUEL = "sequel"
    REMAKE = strawberry.enum_value("remake", name="RE_MAKE")


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Quote:
    source: str
    count: int | None
    sure: bool


@strawberry.type
class Person(Named):
    age: int | None


@strawberry.type
class Film(Named):
    kind: Kind
    kinds: list[Kind | None] | None
    score: float
    year: int | None
    matrix: list[list[int]]
    quotes: list[Quote] | None
    best: Quote | None
    tags: list[str]
    seed: strawberry.Private[float]

    @strawberry.field
    def doubled(self, number: int = 1, kinds: list[Kind] | None = None) -> int:
        if number == 20 and self.seed < 0.1:
            raise ValueError("too many")
        return 2 * number + len(kinds or ())

    @strawberry.field
    def friends(self, info: strawberry.Info, first: int = 2) -> list["Film"]:
        assert info.field_name == "friends"
        return [film(Random(self.seed + number)) for number in range(first)]

    @strawberry.field
    def remake(self) -> "Film | None":
        return film(Random(self.seed)) if self.seed < 0.6 else None

    @strawberry.field
    def above(self, parent: strawberry.Parent["Film"]) -> str | None:
        return parent.name


class Dice:
    """Values that are mostly what a field promises."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def rarely(self, odd: Any, usual: Any, odds: float = 0.03) -> Any:
        return odd if self.chance.random() < odds else usual

    def any(self, *options: Any) -> Any:
        return self.chance.choice(options)


def quote(chance: Random) -> Quote:
    dice = Dice(chance)
    return Quote(
        source=dice.rarely(5, "é"), count=dice.rarely(2**31, dice.any(1, None)), sure=dice.rarely(1, True)
    )


def film(chance: Random) -> Film:
    dice = Dice(chance)
    quotes = [quote(chance), quote(chance)]
    return Film(
        name=dice.rarely(None, "f"),
        kind=dice.rarely("sequel", dice.any(*Kind)),
        kinds=dice.any(None, [Kind.SEQUEL, None], (Kind.REMAKE,), []),
        score=dice.rarely(dice.any(float("nan"), 3, True, "x"), 0.5),
        year=dice.any(None, 1999),
        matrix=dice.rarely(dice.any(7, [[1], (2, 3)]), [[1, 2], []]),
        quotes=dice.rarely(dict.fromkeys([]), dice.any(None, quotes, tuple(quotes))),
        best=dice.any(None, quotes[0]),
        tags=dice.rarely(["a", None], dice.any(["a", "b"], ("c",), [])),
        seed=chance.random(),
    )


def columns(rows: list[Any], missing: list[bool] | None = None) -> Any:
    """The rows held as columns."""

    def column(name: str) -> list[Any] | None:
        values = [getattr(row, name) for row in rows] if name not in ("__typename", "year") else None
        return columns(values) if name == "best" and values and None not in values else values  # type: ignore[return-value]

    gone = missing or [False] * len(rows)
    return Columns(
        len(rows), column, lambda: [None if g else r for r, g in zip(rows, gone, strict=True)], missing
    )


def chance_of(info: strawberry.Info) -> Random:
    """The same for a field each time that it is asked for in one execution, as if it were read from a store."""
    return Random(f"{info.context} {info.path.as_list()}")


@strawberry.type
class Query:
    @strawberry.field
    def films(self, info: strawberry.Info, first: int = 5) -> list[Film]:
        chance = chance_of(info)
        return [film(chance) for _ in range(first)]

    @strawberry.field
    def maybe(self, info: strawberry.Info) -> list[Film | None] | None:
        dice = Dice(chance := chance_of(info))
        odd = dice.rarely(ValueError("odd"), film(chance), 0.2)
        return dice.rarely(None, [film(chance), None, film(chance), odd])  # type: ignore[no-any-return]

    @strawberry.field
    def named(self, info: strawberry.Info) -> list[Named]:
        dice = Dice(chance := chance_of(info))
        odd = dice.rarely(quote(chance), film(chance))
        return [Person(name="p", age=dice.rarely("x", None)), film(chance), odd]

    @strawberry.field
    def mixed(self, info: strawberry.Info) -> list[Annotated[Person | Film, strawberry.union("Mixed")]]:
        chance = chance_of(info)
        return [Person(name="p", age=4), film(chance)]

    @strawberry.field
    def columned(self, info: strawberry.Info) -> list[Quote]:
        chance = chance_of(info)
        return columns([quote(chance) for _ in range(4)])

    @strawberry.field
    def columned_films(self, info: strawberry.Info) -> list[Film]:
        chance = chance_of(info)
        return columns([film(chance) for _ in range(3)])

    @strawberry.field
    def some(self, info: strawberry.Info) -> list[Quote | None]:
        chance = chance_of(info)
        rows = [quote(chance) for _ in range(4)]
        return columns(rows, [chance.random() < 0.3 for _ in rows])

    @strawberry.field
    def holes(self, info: strawberry.Info) -> list[Quote]:
        chance = chance_of(info)
        return columns([quote(chance)] * 2, [False, chance.random() < 0.2])

    @strawberry.field
    def generated(self, info: strawberry.Info) -> list[Quote]:
        chance = chance_of(info)
        return (quote(chance) for _ in range(3))  # type: ignore[return-value]


def test_random_queries_over_hard_cases(counted: Counter[str]) -> None:
    engine = Engine(strawberry.Schema(Query, types=[Person, Film]), {}, WIDE)
    queries = RandomQueries(
        engine.schema, Random(SEED), {"Int.first": ["0", "1", "3"], "Int.number": ["1", "20"]}
    )
    failed = 0
    for number in range(QUERIES):
        query, variables = queries.query(depth=2 + number % 3)
        ours, theirs = both(engine, query, variables, lambda seed=number: seed, counted)  # type: ignore[misc]
        assert ours == theirs, query
        failed += bool(ours[1])
    assert failed > QUERIES // 10 and counted["asked"] > counted["gave up"] > QUERIES // 10, (failed, counted)
    assert counted["whole"] > QUERIES // 10, counted
