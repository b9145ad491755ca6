"""Answers built by generated code: a selection over plain rows becomes one Python function.

Each root field of a query is such a function, generated once for a document (as graphql-jit does for JavaScript):
`Projections.data` gives the whole answer by calling them. They know only the plain case: attributes and
synchronous resolvers of strawberry types, values of exactly the right Python type. Anything unusual, from an
error in a resolver to a null in the wrong place, raises within, and graphql-core executes the query, so that
errors, paths and null propagation are its own. Even then `ProjectingExecutor`, graphql-core's executor but for
one method, has generated functions for the fields that give objects, and leaves to graphql-core only those that
fail. Resolvers must therefore be free of effects, as GraphQL has it for all but the roots of mutations, which are
never generated.

The generated source holds names of this module's making and `repr`-ed strings, nothing of the asker's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from math import inf
from time import monotonic
from typing import Any, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLString,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import collect_fields
from graphql.execution.executor import Executor
from graphql.execution.values import get_variable_values
from graphql.pyutils import Path
from graphql.type import GraphQLResolveInfo
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from filmgraph.graphql.calls import Call, Details, Run, variables_in
from filmgraph.graphql.columns import (
    Columns,
    UnusualError,
    column_number,
    column_real,
    column_text,
    column_texts,
    column_truth,
    held,
    masked,
    picked,
    resolved,
    typed,
)

__all__ = ["PINNED", "Expired", "ProjectingExecutor", "Projections"]

PINNED = "3.3.2"
"""The one version of graphql-core whose executor this follows."""
KEPT = 256
NUMBERS = count(1)
"""Those of functions whose parts of answers may be kept."""
Builder: TypeAlias = Callable[[Any], Any]
LEAVES = {
    GraphQLString: "type(t) is str",
    GraphQLID: "type(t) is str",
    GraphQLInt: "type(t) is int and -2147483648 <= t <= 2147483647",
    GraphQLFloat: "type(t) is float and t - t == 0.0",
    GraphQLBoolean: "type(t) is bool",
}
"""Built-in scalar → the test of a Python value that is its own JSON."""


class Expired(BaseException):
    """The time for an execution is over. No Exception, since graphql-core would go on with the next field."""


class Projections:
    """The functions generated for one document; they live as long as it does."""

    def __init__(self, document: DocumentNode) -> None:
        names = (variables_in(directive) for directive in _directives(document))
        self.switches = tuple(sorted(set().union(*names)))
        """The variables of @skip and @include, which decide what fields there are."""
        self.known: dict[tuple[Any, ...], _Projection | None] = {}
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
        kind = self.schema.query_type
        assert kind is not None
        fields, defers, _ = collect_fields(
            executor.schema, executor.fragments, executor.variable_values, kind, executor.operation
        )
        if defers:
            raise UnusualError(defers)
        self.fields = [
            (key, _Compiler(executor).field(kind, found), Path(None, key, kind.name))
            for key, found in fields.items()
        ]

    def data(
        self,
        variables: dict[str, Any],
        context: Any,
        until: float,
        build: Callable[[], ProjectingExecutor | list[GraphQLError]],
    ) -> dict[str, Any] | None:
        values = get_variable_values(self.schema, self.operation.variable_definitions or (), variables)
        if isinstance(values, list):
            return None

        def raw_info(*about: Any) -> GraphQLResolveInfo[Any]:
            executor = build()
            assert isinstance(executor, ProjectingExecutor)
            return executor.build_resolve_info(*about)

        run, found = Run(context, values, raw_info), {}
        try:
            for key, projection, path in self.fields:
                if monotonic() > until:
                    raise Expired
                found[key] = projection.bound(run, path)(None)
        except Exception:
            return None
        return found


def _directives(document: DocumentNode) -> list[DirectiveNode]:
    """All of a document's."""
    found: list[DirectiveNode] = []

    class Finder(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            found.append(node)

    visit(document, Finder())
    return found


@dataclass(frozen=True, slots=True)
class _Projection:
    """Generated code for one selection, and the calls whose keywords it takes."""

    build: Callable[..., Builder]
    calls: tuple[Call, ...]

    def bound(self, run: Run, path: Path) -> Builder:
        return self.build(*[call.keywords(run, path) for call in self.calls])


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
        self._run = Run(self.context_value, self.variable_values, self.build_resolve_info)
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
                        return projection.bound(self._run, path)(result)
                except Exception:
                    self._unusual.add(key)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    def _projection(self, key: tuple[Any, ...], of: Any, details: Details) -> _Projection | None:
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            try:
                self._known[key] = _Compiler(self).compile(of, details)
            except UnusualError:
                self._known[key] = None
        return self._known.get(key)


class _Compiler:
    """Writes the function for one selection. Every method gives Python expressions, or raises UnusualError."""

    def __init__(self, executor: ProjectingExecutor) -> None:
        self.executor = executor
        self.lines: list[str] = []
        self.calls: list[Call] = []
        self.names: dict[str, Any] = dict(HELPERS)
        self.builders: dict[tuple[Any, ...], str] = {}
        self.shared: dict[tuple[str, ...], str] = {}
        self.numbers: dict[str, int] = {}
        self.enums: dict[str, tuple[str, str]] = {}
        self.counter = 0

    def compile(self, of: Any, details: Details) -> _Projection:
        """From a value of that type to its part of the answer."""
        return self._projection(self.value(of, details, "v"))

    def field(self, of: GraphQLObjectType, details: Details) -> _Projection:
        """From an object of that type to the field's part of the answer."""
        return self._projection(self._field(of, details))

    def _projection(self, whole: str) -> _Projection:
        inputs = ", ".join(f"k{number}" for number in range(len(self.calls)))
        body = "\n".join(f"    {line}" for line in self.lines)
        source = f"def build({inputs}):\n{body}\n    return lambda v: {whole}\n"
        exec(compile(source, "<projection>", "exec"), self.names)
        return _Projection(self.names["build"], tuple(self.calls))

    def _name(self, prefix: str, value: Any = None) -> str:
        """A new name, bound to `value` in the generated code when one is given."""
        self.counter += 1
        name = f"{prefix}{self.counter}"
        if value is not None:
            self.names[name] = value
        return name

    def value(self, of: Any, details: Details, source: str) -> str:
        """The completed value of `source`, which is evaluated once."""
        if isinstance(of, GraphQLNonNull):
            return self._present(of.of_type, details, source)
        name = self._name("n")
        return f"(None if ({name} := {source}) is None else {self._present(of, details, name)})"

    def _present(self, of: Any, details: Details, source: str) -> str:
        """The completed value of what is not null."""
        if of in LEAVES:
            return f"(t if (t := {source}) is not None and {LEAVES[of]} else unusual(t))"
        if isinstance(of, GraphQLEnumType):
            return self._enum(of, source)
        if isinstance(of, GraphQLScalarType):
            return f"{self._name('scalar', _scalar(of.coerce_output_value))}({source})"
        if isinstance(of, GraphQLList):
            return self._list(of.of_type, details, source)
        if isinstance(of, GraphQLObjectType):
            return f"{self._object(of, details)}({source})"
        if isinstance(of, GraphQLInterfaceType | GraphQLUnionType):
            return self._abstract(of, details, source)
        raise UnusualError(of)

    def _enum(self, of: GraphQLEnumType, source: str) -> str:
        """A member's name by its value, for members of the very class that strawberry knows."""
        kind, names = self._members(of)
        return f"({names}[t._value_] if type(t := {source}) is {kind} else unusual(t))"

    def _members(self, of: GraphQLEnumType) -> tuple[str, str]:
        """The names of an enum's class, and of a dictionary from its values to what they are called."""
        if of.name not in self.enums:
            if not all(isinstance(value.value, str | int) for value in of.values.values()):
                raise UnusualError(of)
            kind = self._name("kind", _definition(of).wrapped_cls)
            names = self._name("enum", {value.value: name for name, value in of.values.items()})
            self.enums[of.name] = kind, names
        return self.enums[of.name]

    def _list(self, of: Any, details: Details, source: str) -> str:
        if isinstance(of, GraphQLNonNull) and of.of_type in (GraphQLString, GraphQLID):
            return f"strings({source})"
        item = self._name("i")
        inner = of.of_type if isinstance(of, GraphQLNonNull) else of
        if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            return self._rows(of, inner, details, source)
        return f"[{self.value(of, details, item)} for {item} in listed({source})]"

    def _rows(self, of: Any, inner: Any, details: Details, source: str) -> str:
        """Rows one by one, or all at once where they are held as columns and nothing else is asked of them."""
        try:
            columns = self._columns(inner, details, f"held(v, {not isinstance(of, GraphQLNonNull)})")
        except UnusualError:
            columns = "None"
        name, item = self._name("r"), self._name("i")
        self.lines += [
            f"def {name}(v):",
            "    if isinstance(v, Columns):",
            f"        found = {columns}",
            "        if found is not None: return found",
            "    else: listed(v)",
            f"    return [{self.value(of, details, item)} for {item} in v]",
        ]
        return f"{name}({source})"

    def _columns(self, of: Any, details: Details, rows: str) -> str:
        """The objects made of `rows`, which are Columns; None when a column is not to be had. Where the same is asked
        of two sorts of rows, the same function makes it."""
        kind, fields = self._shared_fields(of, details)
        body: list[str] = []
        for number, found in enumerate(fields.values()):
            column = f"c{number}"
            source, value = self._column(kind, found, column)
            body += [f"    {column} = {source}", f"    if {column} is None: return None"]
            body += [f"    {column} = {value}", f"    if {column} is None: return None"]
        made = ", ".join(f"{key!r}: i{number}" for number, key in enumerate(fields))
        items, columns = (", ".join(f"{letter}{n}" for n in range(len(fields))) for letter in "ic")
        body.append(f"    found = [{{{made}}} for {items}, in zip({columns})]")
        body.append("    return masked(found, v.missing) if v.missing else found")
        known = tuple(body)
        if known not in self.shared:
            self.shared[known] = name = self._name("columns")
            self.numbers[name] = next(NUMBERS)
            self.lines += [f"def {name}(v):", *body]
        name = self.shared[known]
        return f"picked({name}, {self.numbers[name]}, {rows})"

    def _shared_fields(self, of: Any, details: Details) -> tuple[GraphQLObjectType, dict[str, Details]]:
        """What is asked of every possible type alike; one of those types stands for all."""
        kinds = (
            [of] if isinstance(of, GraphQLObjectType) else list(self.executor.schema.get_possible_types(of))
        )
        asked = []
        for kind in kinds:
            fields, defers, _ = self.executor.collect_subfields(kind, details)
            if defers or not fields:
                raise UnusualError(kind)
            asked.append({key: [id(item.node) for item in found] for key, found in fields.items()})
        if any(other != asked[0] for other in asked):
            raise UnusualError(of)
        return kinds[0], self.executor.collect_subfields(kinds[0], details)[0]

    def _column(self, of: GraphQLObjectType, details: Details, column: str) -> tuple[str, str]:
        """Where the values of a field come from, and the completed values of that `column`."""
        name = details[0].node.name.value
        if name == "__typename":
            return f"v.column({name!r})", f"column_text({column})"
        core, field = self._known(of, details)
        if field.base_resolver is not None:
            resolved = f"resolved(v, {field.python_name!r}, {self._call(of, core, field, details)})"
            return resolved, f"[{self.value(core.type, details, 'x')} for x in {column}]"
        inner, nullable = core.type, True
        if isinstance(inner, GraphQLNonNull):
            inner, nullable = inner.of_type, False
        source = f"v.column({field.python_name!r})"
        if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            return source, self._columns(inner, details, f"held({column}, {nullable})")
        return source, self._leaves(inner, nullable, column)

    def _leaves(self, of: Any, nullable: bool, source: str) -> str:
        if of in COLUMNS:
            return f"{COLUMNS[of]}({source}, {nullable})"
        if isinstance(of, GraphQLEnumType) and not nullable:
            kind, names = self._members(of)
            return f"[{names}[x._value_] for x in typed({source}, {kind})]"
        strings = isinstance(of, GraphQLList) and isinstance(of.of_type, GraphQLNonNull)
        if strings and of.of_type.of_type in (GraphQLString, GraphQLID) and not nullable:
            return f"column_texts({source})"
        raise UnusualError(of)

    def _object(self, of: GraphQLObjectType, details: Details) -> str:
        """The name of the function that builds an object of that type."""
        key = (of.name, *(id(found.node) for found in details))
        if key not in self.builders:
            self.builders[key] = name = self._name("o")
            lines = [f"def {name}(v):"]
            if of.is_type_of is not None:
                lines.append(
                    f"    if type(v) is not {self._name('kind', _definition(of).origin)}: unusual(v)"
                )
            lines.append(f"    return {{{', '.join(self._fields(of, details))}}}")
            self.lines += lines
        return self.builders[key]

    def _fields(self, of: GraphQLObjectType, details: Details) -> list[str]:
        fields, defers, _ = self.executor.collect_subfields(of, details)
        if defers:
            raise UnusualError(of)
        return [f"{key!r}: {self._field(of, found)}" for key, found in fields.items()]

    def _field(self, of: GraphQLObjectType, details: Details) -> str:
        name = details[0].node.name.value
        if name == "__typename":
            return repr(of.name)
        core, field = self._known(of, details)
        if field.base_resolver is None:
            return self.value(core.type, details, f"v.{field.python_name}")
        call = self._name("call", field.base_resolver.wrapped_func)
        row = "v, " if field.base_resolver.self_parameter else ""
        return self.value(core.type, details, f"{call}({row}**{self._call(of, core, field, details)})")

    def _known(self, of: GraphQLObjectType, details: Details) -> tuple[GraphQLField, StrawberryField]:
        """A field that is a plain attribute or a plain resolver's."""
        name = details[0].node.name.value
        core = of.fields.get(name)
        if core is None or any(found.fragment_variable_values for found in details):
            raise UnusualError(name)
        field = _definition(core)
        if not isinstance(field, StrawberryField) or field.extensions or field.is_async:
            raise UnusualError(name)
        resolver = field.base_resolver
        if resolver is None and field.default_resolver is not getattr:
            raise UnusualError(name)
        if resolver is not None and (resolver.parent_parameter or resolver.root_parameter):
            raise UnusualError(name)
        return core, field

    def _call(
        self, of: GraphQLObjectType, core: GraphQLField, field: StrawberryField, details: Details
    ) -> str:
        """The name of what a resolver is called with beside the row."""
        keywords = f"k{len(self.calls)}"
        self.calls.append(Call(core, field, of, details, self.executor.converter))
        return keywords

    def _abstract(self, of: Any, details: Details, source: str) -> str:
        """A row is what its class says; every possible type has a function of its own."""
        kinds = {
            _definition(kind).origin: self._object(kind, details)
            for kind in self.executor.schema.get_possible_types(of)
        }
        table = self._name("kinds")
        pairs = ", ".join(f"{self._name('kind', cls)}: {name}" for cls, name in kinds.items())
        self.lines.append(f"{table} = {{{pairs}}}")
        item = self._name("a")
        return f"{table}[type({item} := {source})]({item})"


def _definition(of: Any) -> Any:
    """What strawberry made a type or field from."""
    found = (of.extensions or {}).get(GraphQLCoreConverter.DEFINITION_BACKREF)
    if found is None:
        raise UnusualError(of)
    return found


def _unusual(value: Any) -> Any:
    raise UnusualError(value)


def _listed(value: Any) -> Any:
    return value if type(value) in (list, tuple) else _unusual(value)


def _strings(value: Any) -> list[str]:
    if type(value) is tuple:
        value = list(value)
    if type(value) is not list or not set(map(type, value)) <= {str}:
        raise UnusualError(value)
    return value


def _scalar(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A scalar's own coercion, for what is a value at all."""

    def coerced(value: Any) -> Any:
        if value is None or value is Undefined or isinstance(value, Exception):
            raise UnusualError(value)
        result = coerce(value)
        if result is None or result is Undefined:
            raise UnusualError(value)
        return result

    return coerced


COLUMNS = {
    GraphQLString: "column_text",
    GraphQLID: "column_text",
    GraphQLInt: "column_number",
    GraphQLFloat: "column_real",
    GraphQLBoolean: "column_truth",
}
HELPERS: dict[str, Any] = {
    "Columns": Columns,
    "column_number": column_number,
    "column_real": column_real,
    "column_text": column_text,
    "column_texts": column_texts,
    "column_truth": column_truth,
    "held": held,
    "listed": _listed,
    "masked": masked,
    "picked": picked,
    "resolved": resolved,
    "strings": _strings,
    "typed": typed,
    "unusual": _unusual,
}
"""What generated code may call."""
