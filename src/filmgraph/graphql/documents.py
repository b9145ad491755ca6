"""Documents prepared for execution: parsed, limited, validated, remembered by their text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from math import inf
from threading import Lock
from types import MappingProxyType
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)

from filmgraph.graphql.limits import DEFAULTS, Limits, Prices, measure, refusal
from filmgraph.graphql.projection import Projections

__all__ = ["Document", "PreparedDocuments"]

KEPT_COSTS = 64


class Document:
    """A document that may be executed, with what has been generated and measured for it."""

    def __init__(self, document: DocumentNode, counting: frozenset[str]) -> None:
        self.ast = document
        self.projections = Projections(document)
        self.typical = inf
        self.asks = all(node.operation is OperationType.QUERY for node in _operations(document))
        self.counting = tuple(sorted(counting))
        self.costs: dict[tuple[Any, ...], dict[str | None, int]] = {}
        self._operations = {node.name.value if node.name else None: node for node in _operations(document)}

    def took(self, seconds: float) -> None:
        """Note how long an answer took: `typical` is the mean of the latest, and inf before any."""
        self.typical = seconds if self.typical == inf else 0.8 * self.typical + 0.2 * seconds

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of that name, or the only one; raises GraphQLError when there is no telling."""
        if name is None and len(self._operations) > 1:
            raise refusal("there are several operations: say which by operationName", "BAD_REQUEST")
        found = next(iter(self._operations.values())) if name is None else self._operations.get(name)
        if found is None:
            raise refusal(f"there is no operation {name!r} in the document", "BAD_REQUEST")
        return found


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]


class PreparedDocuments:
    """Query texts → documents that may be executed over `schema`; safe from several threads.

    Texts that passed are kept, the least used dropped after `keep` texts or `keep_chars` characters; refused
    ones are not, so that they cannot push good ones out.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: Limits = DEFAULTS,
        prices: Mapping[str, int] = MappingProxyType({}),
        *,
        introspection: bool = True,
        keep: int = 512,
        keep_chars: int = 2_000_000,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.keep = keep
        self.keep_chars = keep_chars
        self._prices = Prices(schema, prices)
        self._rules: tuple[type[ASTValidationRule], ...] = specified_rules
        self._hide = not introspection
        if not introspection:
            self._rules = (*specified_rules, NoSchemaIntrospectionCustomRule)
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._chars = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._documents)

    def known(self, query: str) -> Document | None:
        """The document of `query` if it is prepared already."""
        with self._lock:
            document = self._documents.get(query)
            if document is not None:
                self._documents.move_to_end(query)
            return document

    def prepare(self, query: str, variables: Mapping[str, Any]) -> tuple[Document, dict[str | None, int]]:
        """The document of `query`, and the cost of each of its operations with these variables.

        Raises GraphQLError, or ExceptionGroup of them, when it is refused.
        """
        document = self.known(query)
        if document is not None:
            return document, self._costs(document, variables)
        ast = self._parse(query)
        costs, counting = measure(ast, self._prices, self.limits, variables)
        self._validate(ast)
        document = Document(ast, counting)
        with self._lock:
            if query not in self._documents:
                self._documents[query] = document
                self._chars += len(query)
            while len(self._documents) > self.keep or self._chars > self.keep_chars:
                self._chars -= len(self._documents.popitem(last=False)[0])
        return document, costs

    def _costs(self, document: Document, variables: Mapping[str, Any]) -> dict[str | None, int]:
        values = [variables.get(name, ...) for name in document.counting]
        key = tuple(len(value) if isinstance(value, list) else value for value in values)
        try:
            known = document.costs.get(key)
        except TypeError:  # an object where a number belongs: coercion will refuse it
            return measure(document.ast, self._prices, self.limits, variables)[0]
        if known is None:
            known, _ = measure(document.ast, self._prices, self.limits, variables)
            if len(document.costs) >= KEPT_COSTS:
                document.costs.clear()
            document.costs[key] = known
        return known

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
        errors = validate(self.schema, document, self._rules, max_errors=5, hide_suggestions=self._hide)
        for error in errors:
            error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"}
        if errors:
            raise ExceptionGroup("invalid", errors)
