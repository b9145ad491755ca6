"""Documents prepared for execution: parsed, limited, validated, remembered.

Size and cost are judged in one pass that is linear in the document, before any rule that is not: fragments
are costed once each, whatever their number of uses.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
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
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
    validate,
)

__all__ = ["Limits", "PreparedDocuments", "refusal"]

CAP = 10**12
SMALL_LIST = 5
COUNTS = ("first", "k")
"""Arguments that say how many rows a field may give."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest query that is answered. `cost` counts 1 for a value, 5 for an object and 10 for a field
    with arguments, unless it has a price of its own, times the rows that it may give. `nodes` counts
    selections as written."""

    chars: int = 20_000
    tokens: int = 2_000
    nodes: int = 400
    fields: int = 1_000
    aliases: int = 40
    depth: int = 15
    cost: int = 100_000


def refusal(message: str, code: str) -> GraphQLError:
    """An error for the asker, with its public code."""
    return GraphQLError(message, extensions={"code": code})


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field costs: its rows by default, the price of one, and the name of their type."""

    rows: int
    price: int
    of: str


UNKNOWN = _Field(1, 1, "")
"""Validation names the fields that there are not; those of introspection are cheap."""


class PreparedDocuments:
    """Query texts → documents that may be executed over `schema`; safe from several threads.

    `prices` are those of fields that cost more than their rows, by name. Texts that passed are kept, the
    least used dropped after `keep`; refused ones are not, so that they cannot push good ones out.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits = Limits(),
        prices: Mapping[str, int] = MappingProxyType({}),
        keep: int = 512,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.keep = keep
        self._fields = _known_fields(schema, prices)
        self._roots = {
            operation: kind.name for operation in OperationType if (kind := schema.get_root_type(operation))
        }
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()
        self._lock = Lock()

    def prepare(self, query: str, variables: Mapping[str, Any]) -> DocumentNode:
        """The document of `query`; raises GraphQLError, or ExceptionGroup of them, when it is refused."""
        with self._lock:
            document = self._documents.get(query)
            if document is not None:
                self._documents.move_to_end(query)
        fresh = document is None
        if document is None:
            document = self._parse(query)
        try:
            _Measure(document, self._fields, self.limits, variables).check(self._roots)
        except RecursionError:
            raise refusal("the query is nested too deeply", "QUERY_TOO_EXPENSIVE") from None
        if fresh:
            self._validate(document)
            with self._lock:
                self._documents[query] = document
                while len(self._documents) > self.keep:
                    self._documents.popitem(last=False)
        return document

    def _parse(self, query: str) -> DocumentNode:
        if len(query) > self.limits.chars:
            raise refusal(
                f"the query has {len(query)} characters; at most {self.limits.chars} are read",
                "QUERY_TOO_LONG",
            )
        try:
            return parse(query, max_tokens=self.limits.tokens)
        except GraphQLError as error:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            raise
        except RecursionError:
            raise refusal("the query is nested too deeply", "QUERY_TOO_EXPENSIVE") from None

    def _validate(self, document: DocumentNode) -> None:
        errors = validate(self.schema, document, max_errors=5)
        for error in errors:
            error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
        if errors:
            raise ExceptionGroup("invalid", errors)


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
        self,
        document: DocumentNode,
        fields: Mapping[tuple[str, str], _Field],
        limits: Limits,
        variables: Mapping[str, Any],
    ) -> None:
        self.known = fields
        self.limits = limits
        self.variables: Mapping[str, Any] = variables
        self.defaults: dict[str, ValueNode] = {}
        self.nodes = 0
        self.operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.sizes: dict[str, _Size] = {}
        self.open: set[str] = set()

    def check(self, roots: Mapping[OperationType, str]) -> None:
        """Raise GraphQLError unless every operation is within the limits."""
        for node in self.operations:
            self.sizes.clear()
            self.nodes = 0
            self.defaults = {
                definition.variable.name.value: definition.default_value
                for definition in node.variable_definitions or ()
                if definition.default_value
            }
            self._judge(self._measure(node.selection_set, roots.get(node.operation, ""), 0))
        self.nodes = 0
        for name, fragment in self.fragments.items():
            if name not in self.sizes:
                self._measure(fragment.selection_set, fragment.type_condition.name.value, 0)

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
                known = self.known.get((of, node.name.value), UNKNOWN)
                inner = (
                    self._measure(node.selection_set, known.of, level + 1) if node.selection_set else _Size()
                )
                size.add(inner, self._rows(node, known))
                size.cost += known.price
                size.fields += 1
                size.aliases += node.alias is not None
                # introspection has its own rule of depth, and the standard query is deep
                within = 0 if node.name.value in ("__schema", "__type") else inner.depth
                size.depth = max(size.depth, 1 + within)
            else:
                inner = self._spread(node, of, level)
                size.add(inner)
                size.depth = max(size.depth, inner.depth)
        return size

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
        for argument in node.arguments or ():
            if argument.name.value in COUNTS:
                return max(1, min(self._number(argument.value, known.rows), 10**6))
        return known.rows

    def _number(self, value: ValueNode | None, default: int) -> int:
        if isinstance(value, VariableNode):
            name = value.name.value
            if name not in self.variables:
                return self._number(self.defaults.get(name), default)
            given = self.variables[name]
            return given if isinstance(given, int) else default
        return int(value.value[:9]) if isinstance(value, IntValueNode) else default


def _known_fields(schema: GraphQLSchema, prices: Mapping[str, int]) -> dict[tuple[str, str], _Field]:
    """(Type, field) → what it costs. Rows of `nodes` and `edges` count where they were asked for."""
    known: dict[tuple[str, str], _Field] = {}
    for kind in schema.type_map.values():
        if kind.name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for name, field in kind.fields.items():
            inner, many = field.type, False
            while isinstance(inner, GraphQLNonNull | GraphQLList):
                many |= isinstance(inner, GraphQLList)
                inner = inner.of_type
            leaf = isinstance(inner, GraphQLScalarType | GraphQLEnumType)
            asked = [field.args[count].default_value for count in COUNTS if count in field.args]
            rows = next((int(value) for value in asked if isinstance(value, int)), 0)
            rows = rows or (SMALL_LIST if many and name not in ("nodes", "edges") else 1)
            price = prices.get(name, 10 if field.args else 1 if leaf else 5)
            known[kind.name, name] = _Field(rows, price, inner.name)
    return known
