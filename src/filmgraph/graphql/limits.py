"""What a query may cost: judged in one pass over its text with the schema's types.

The pass is linear in the document, since fragments are measured once each, whatever their number of uses; it
comes before any rule of validation that is not. Rows are counted where they are asked for: by `first` and its
like, by the length of a list of ids, by the schema's defaults, whether written out or given as variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

__all__ = ["DEFAULTS", "Limits", "Prices", "measure", "refusal"]

CAP = 10**12
SMALL_LIST = 5
INTROSPECTION = 16
"""How deep introspection may go beside what is allowed to other fields."""
COUNTS = ("first", "last", "k")
"""Arguments that say how many rows a field may give."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest query that is answered. `cost` counts 1 for a value, 5 for an object and 10 for a field
    with arguments, unless it has a price of its own, times the rows that it may give. `nodes` counts
    selections as written, `batch` the queries of one request, whose costs add up."""

    chars: int = 20_000
    tokens: int = 2_000
    nodes: int = 400
    fields: int = 1_000
    aliases: int = 40
    depth: int = 15
    cost: int = 100_000
    batch: int = 10


DEFAULTS = Limits()


def refusal(message: str, code: str) -> GraphQLError:
    """An error for the asker, with its public code."""
    return GraphQLError(message, extensions={"code": code})


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field costs: its rows by default, the price of one, the name of their type, and which of its
    arguments say how many rows there are."""

    rows: int
    price: int
    of: str
    counts: frozenset[str] = frozenset()


UNKNOWN = _Field(1, 1, "")
"""Validation names the fields that there are not; those of introspection are cheap."""


class Prices:
    """What the fields of a schema cost; `prices` are those of fields that cost more than their rows, by name."""

    def __init__(self, schema: GraphQLSchema, prices: Mapping[str, int] = MappingProxyType({})) -> None:
        self.fields = {
            (kind.name, name): _field(name, field, prices)
            for kind in schema.type_map.values()
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not kind.name.startswith("__")
            for name, field in kind.fields.items()
        }
        self.roots = {
            operation: kind.name for operation in OperationType if (kind := schema.get_root_type(operation))
        }


def _field(name: str, field: Any, prices: Mapping[str, int]) -> _Field:
    """Rows of `nodes` and `edges` count where they were asked for."""
    inner, many = _named(field.type)
    leaf = isinstance(inner, GraphQLScalarType | GraphQLEnumType)
    asked = [field.args[count].default_value for count in COUNTS if count in field.args]
    rows = next((value for value in asked if isinstance(value, int)), 0)
    rows = rows or (SMALL_LIST if many and name not in ("nodes", "edges") else 1)
    lists = [argument for argument, given in field.args.items() if many and _named(given.type)[1]]
    counts = frozenset(COUNTS).intersection(field.args).union(lists)
    return _Field(rows, prices.get(name, 10 if field.args else 1 if leaf else 5), inner.name, counts)


def _named(of: Any) -> tuple[Any, bool]:
    """The type within lists and non-nulls, and whether there was a list."""
    many = False
    while isinstance(of, GraphQLNonNull | GraphQLList):
        many |= isinstance(of, GraphQLList)
        of = of.of_type
    return of, many


def measure(
    document: DocumentNode, prices: Prices, limits: Limits, variables: Mapping[str, Any]
) -> tuple[dict[str | None, int], frozenset[str]]:
    """Operation name → cost, and the variables that it depends on; GraphQLError when one is over a limit."""
    pass_ = _Measure(document, prices, limits, variables)
    try:
        return pass_.costs(), frozenset(pass_.counting)
    except RecursionError:
        raise refusal("the query is nested too deeply", "QUERY_TOO_EXPENSIVE") from None


@dataclass(slots=True)
class _Size:
    cost: int = 0
    fields: int = 0
    depth: int = 0
    aliases: int = 0

    def add(self, other: _Size, times: int = 1) -> None:
        self.cost = min(CAP, self.cost + times * other.cost)
        self.fields = min(CAP, self.fields + other.fields)
        self.aliases = min(CAP, self.aliases + other.aliases)


class _Measure:
    """One pass over a document. Unknown fragments and circles count nothing here: validation names them."""

    def __init__(
        self, document: DocumentNode, prices: Prices, limits: Limits, variables: Mapping[str, Any]
    ) -> None:
        self.prices = prices
        self.limits = limits
        self.variables = variables
        self.counting: set[str] = set()
        self.defaults: dict[str, ValueNode] = {}
        self.nodes = 0
        self.operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.sizes: dict[str, _Size] = {}
        self.open: set[str] = set()

    def costs(self) -> dict[str | None, int]:
        found: dict[str | None, int] = {}
        for node in self.operations:
            self.sizes.clear()
            self.nodes = 0
            self.defaults = {
                definition.variable.name.value: definition.default_value
                for definition in node.variable_definitions or ()
                if definition.default_value
            }
            size = self._measure(node.selection_set, self.prices.roots.get(node.operation, ""), 0)
            self._judge(size)
            found[node.name.value if node.name else None] = size.cost
        self.nodes = 0
        for name, fragment in self.fragments.items():
            if name not in self.sizes:
                self._measure(fragment.selection_set, fragment.type_condition.name.value, 0)
        return found

    def _judge(self, size: _Size) -> None:
        limits = self.limits
        for what, found, most in (
            ("cost", size.cost, limits.cost),
            ("fields", size.fields, limits.fields),
            ("depth", size.depth, limits.depth),
            ("aliases", size.aliases, limits.aliases),
        ):
            if found > most:
                raise refusal(
                    f"the query's {what} is {found}, more than the {most} allowed; "
                    "ask for fewer rows (first), fewer fields, or in several queries",
                    "QUERY_TOO_EXPENSIVE",
                )

    def _measure(self, selections: SelectionSetNode, of: str, level: int) -> _Size:
        size = _Size()
        if level > 10 * self.limits.depth:
            raise refusal("the query is nested too deeply", "QUERY_TOO_EXPENSIVE")
        for node in selections.selections:
            self.nodes += 1
            if self.nodes > self.limits.nodes:
                raise refusal(
                    f"the query has more than {self.limits.nodes} selections", "QUERY_TOO_EXPENSIVE"
                )
            if isinstance(node, FieldNode):
                self._add_field(size, node, of, level)
            else:
                inner = self._spread(node, of, level)
                size.add(inner)
                size.depth = max(size.depth, inner.depth)
        return size

    def _add_field(self, size: _Size, node: FieldNode, of: str, level: int) -> None:
        known = self.prices.fields.get((of, node.name.value), UNKNOWN)
        inner = self._measure(node.selection_set, known.of, level + 1) if node.selection_set else _Size()
        size.add(inner, self._rows(node, known))
        size.cost += known.price
        size.fields += 1
        size.aliases += node.alias is not None
        # the standard introspection query is deep
        within = inner.depth - (INTROSPECTION if node.name.value in ("__schema", "__type") else 0)
        size.depth = max(size.depth, 1 + max(0, within))

    def _spread(self, node: Any, of: str, level: int) -> _Size:
        if isinstance(node, InlineFragmentNode):
            inside = node.type_condition.name.value if node.type_condition else of
            return self._measure(node.selection_set, inside, level + 1)
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name in self.open or name not in self.fragments:
            return _Size()
        if name not in self.sizes:
            self.open.add(name)
            fragment = self.fragments[name]
            self.sizes[name] = self._measure(
                fragment.selection_set, fragment.type_condition.name.value, level + 1
            )
            self.open.discard(name)
        return self.sizes[name]

    def _rows(self, node: FieldNode, known: _Field) -> int:
        """The most that an argument asks for; as many as by default when none does."""
        asked = [
            count
            for argument in node.arguments or ()
            if argument.name.value in known.counts
            for count in self._counts(argument.value)
        ]
        return max(1, min(max(asked), 10**6)) if asked else known.rows

    def _counts(self, value: ValueNode | None) -> Iterator[int]:
        if isinstance(value, VariableNode):
            name = value.name.value
            self.counting.add(name)
            if name in self.variables:
                yield from _count(self.variables[name])
            else:
                yield from self._counts(self.defaults.get(name))
        elif isinstance(value, IntValueNode):
            yield int(value.value[:9])
        elif isinstance(value, ListValueNode):
            yield len(value.values)


def _count(value: Any) -> Iterator[int]:
    """How many rows a variable's value asks for; a whole float counts as Int, as coercion has it."""
    if isinstance(value, list):
        yield len(value)
    elif isinstance(value, int) or (isinstance(value, float) and abs(value) < CAP):
        yield int(value)
