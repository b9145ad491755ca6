"""Answers built by generated code: a selection over plain rows becomes one Python function.

Each root field of a query is such a function, generated once for a document (as graphql-jit does for JavaScript):
`Projections.data` gives the whole answer by calling them. They know only the plain case: attributes and
synchronous resolvers of strawberry types, values of exactly the right Python type. Anything unusual, from an
error in a resolver to a null in the wrong place, raises within, and graphql-core executes the query, so that
errors, paths and null propagation are its own. Even then `ProjectingExecutor`, graphql-core's executor but for
one method, has generated functions for the fields that give objects, and leaves to graphql-core only those that
fail. Resolvers must therefore be free of effects, as GraphQL has it for all but the roots of mutations, which are
never generated.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Any, cast

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLError,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Path
from graphql.type import GraphQLResolveInfo
from strawberry.schema.schema_converter import GraphQLCoreConverter

from filmgraph.graphql.calls import Details, Run, variables_in
from filmgraph.graphql.columns import UnusualError
from filmgraph.graphql.compiler import Compiler, Projection

__all__ = ["PINNED", "Expired", "ProjectingExecutor", "Projections"]

PINNED = "3.3.2"
"""The one version of graphql-core whose executor this follows."""
KEPT = 256
PLAIN_TYPES = {"String": str, "ID": str, "Boolean": bool}


class Expired(BaseException):
    """The time for an execution is over. No Exception, since graphql-core would go on with the next field."""


class Projections:
    """The functions generated for one document; they live as long as it does."""

    def __init__(self, document: DocumentNode) -> None:
        names = (variables_in(directive) for directive in _directives(document))
        self.switches = tuple(sorted(set().union(*names)))
        """The variables of @skip and @include, which decide what fields there are."""
        self.known: dict[tuple[Any, ...], Projection | None] = {}
        self._roots: dict[tuple[Any, ...], _Roots | None] = {}

    def data(
        self,
        operation: OperationDefinitionNode,
        variables: dict[str, Any],
        context: Any,
        until: float,
        build: Callable[[], ProjectingExecutor | list[GraphQLError]],
    ) -> dict[str, Any] | None:
        """The whole data of a query in which nothing is unusual, or None: then it is for an executor, which `build`
        makes. Raises Expired at `until`."""
        if operation.operation is not OperationType.QUERY:
            return None
        key = (id(operation), *(variables.get(name, ...) for name in self.switches))
        try:
            roots = self._roots[key]
        except KeyError:
            roots = self._compiled(key, build())
        except TypeError:  # a list where a Boolean belongs
            return None
        return roots.data(variables, context, until, build) if roots else None

    def _compiled(
        self, key: tuple[Any, ...], executor: ProjectingExecutor | list[GraphQLError]
    ) -> _Roots | None:
        if isinstance(executor, list):
            return None
        if len(self._roots) >= KEPT:
            self._roots.clear()
        try:
            self._roots[key] = _Roots(executor)
        except UnusualError:
            self._roots[key] = None
        return self._roots[key]


class _Roots:
    """The root fields of a query as generated code."""

    def __init__(self, executor: ProjectingExecutor) -> None:
        self.schema, self.operation = executor.schema, executor.operation
        self.plain = _plain_variables(executor.operation)
        kind = self.schema.query_type
        assert kind is not None
        fields, defers, _ = collect_fields(
            executor.schema, executor.fragments, executor.variable_values, kind, executor.operation
        )
        if defers:
            raise UnusualError(defers)
        self.fields = [
            (key, Compiler(executor, executor.converter).field(kind, found), Path(None, key, kind.name))
            for key, found in fields.items()
        ]

    def data(
        self,
        variables: dict[str, Any],
        context: Any,
        until: float,
        build: Callable[[], ProjectingExecutor | list[GraphQLError]],
    ) -> dict[str, Any] | None:
        coerced = self._plainly_coerced(variables)
        if coerced is None:
            values = self._coerced(variables)
            if isinstance(values, list):
                return None
            coerced = values.coerced

        def raw_info(*about: Any) -> GraphQLResolveInfo[Any]:
            executor = build()
            assert isinstance(executor, ProjectingExecutor)
            return executor.build_resolve_info(*about)

        run, found = (
            Run(context, coerced, lambda: cast(VariableValues, self._coerced(variables)), raw_info),
            {},
        )
        try:
            for key, projection, path in self.fields:
                if monotonic() > until:
                    raise Expired
                found[key] = projection.bound(run, path)(None)
        except Exception:
            return None
        return found

    def _coerced(self, variables: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(self.schema, self.operation.variable_definitions or (), variables)

    def _plainly_coerced(self, variables: dict[str, Any]) -> dict[str, Any] | None:
        """The variables that are there, if each of them is what it must be without any conversion."""
        if self.plain is None:
            return None
        found = {}
        for name, kind, required in self.plain:
            value = variables.get(name, ...)
            if type(value) is kind:
                found[name] = value
            elif value is not ... or required:
                return None
        return found


def _plain_variables(operation: OperationDefinitionNode) -> list[tuple[str, type, bool]] | None:
    """(Name, Python type, whether it must be there) of an operation's variables if all of them are text, ids or
    Booleans without a default."""
    found = []
    for definition in operation.variable_definitions or ():
        of, required = definition.type, False
        if isinstance(of, NonNullTypeNode):
            of, required = of.type, True
        kind = PLAIN_TYPES.get(of.name.value) if isinstance(of, NamedTypeNode) else None
        if kind is None or definition.default_value is not None or definition.directives:
            return None
        found.append((definition.variable.name.value, kind, required))
    return found


def _directives(document: DocumentNode) -> list[DirectiveNode]:
    """All of a document's."""
    found: list[DirectiveNode] = []

    class Finder(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            found.append(node)

    visit(document, Finder())
    return found


class ProjectingExecutor(Executor[None]):
    """graphql-core's executor, with generated code for the plain parts of an answer.

    `projections` are the document's; at `until` (of `time.monotonic`) it raises Expired. Only for
    synchronous execution: resolvers that are coroutines are left to graphql-core.
    """

    def __init__(
        self,
        *args: Any,
        projections: Projections,
        converter: GraphQLCoreConverter,
        until: float = inf,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.converter = converter
        self.until = until
        self._known = projections.known
        values = self.variable_values.coerced
        self._switches = tuple(values.get(name) for name in projections.switches)
        self._unusual: set[tuple[Any, ...]] = set()

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Details,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if monotonic() > self.until:
            raise Expired
        if result is not None and field_details_list[0].node.selection_set:
            key = (id(return_type), self._switches, *(id(found.node) for found in field_details_list))
            if key not in self._unusual:
                try:
                    projection = self._projection(key, return_type, field_details_list)
                    if projection is not None:
                        values = self.variable_values
                        run = Run(self.context_value, values.coerced, lambda: values, self.build_resolve_info)
                        return projection.bound(run, path)(result)
                except Exception:
                    self._unusual.add(key)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    def _projection(self, key: tuple[Any, ...], of: Any, details: Details) -> Projection | None:
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            try:
                self._known[key] = Compiler(self, self.converter).compile(of, details)
            except UnusualError:
                self._known[key] = None
        return self._known.get(key)
