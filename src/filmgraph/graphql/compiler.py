"""Selections as Python functions: from a value that a resolver gave to its part of the answer.

The source holds names of this module's making and `repr`-ed strings, nothing of the asker's. Rows one by one are
built by a function for their type; rows held as columns by one that takes all of them at once, if everything that
is asked of them can be had so. What is written here is called by `projection`, which says what that promises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
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
    Undefined,
)
from graphql.execution.executor import Executor
from graphql.pyutils import Path
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from filmgraph.graphql.calls import Call, Details, Run
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

__all__ = ["Compiler", "Projection"]

PARTS = 4
"""Parts of answers that one row keeps."""
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


@dataclass(frozen=True, slots=True)
class Projection:
    """Generated code for one selection, and the calls whose keywords it takes."""

    build: Callable[..., Builder]
    calls: tuple[Call, ...]

    def bound(self, run: Run, path: Path) -> Builder:
        return self.build(*[call.keywords(run, path) for call in self.calls])


class Compiler:
    """Writes the function for one selection. Every method gives Python expressions, or raises UnusualError."""

    def __init__(self, executor: Executor[None], converter: GraphQLCoreConverter) -> None:
        self.executor = executor
        self.converter = converter
        self.lines: list[str] = []
        self.calls: list[Call] = []
        self.names: dict[str, Any] = dict(HELPERS)
        self.builders: dict[tuple[Any, ...], str] = {}
        self.resolving = False
        """Whether a resolver has a part in the object that is being written."""
        self.resolved: set[str] = set()
        self.shared: dict[tuple[str, ...], str] = {}
        self.numbers: dict[str, int] = {}
        self.enums: dict[str, tuple[str, str]] = {}
        self.counter = 0

    def compile(self, of: Any, details: Details) -> Projection:
        """From a value of that type to its part of the answer."""
        return self._projection(self.value(of, details, "v"))

    def field(self, of: GraphQLObjectType, details: Details) -> Projection:
        """From an object of that type to the field's part of the answer."""
        return self._projection(self._field(of, details))

    def _projection(self, whole: str) -> Projection:
        inputs = ", ".join(f"k{number}" for number in range(len(self.calls)))
        body = "\n".join(f"    {line}" for line in self.lines)
        source = f"def build({inputs}):\n{body}\n    return lambda v: {whole}\n"
        exec(compile(source, "<projection>", "exec"), self.names)
        return Projection(self.names["build"], tuple(self.calls))

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
        """The name of the function that builds an object of that type. Where no resolver has a part in it, what is
        built of a row that keeps its `parts` is kept with it."""
        key = (of.name, *(id(found.node) for found in details))
        if key not in self.builders:
            self.builders[key] = name = self._name("o")
            outer, self.resolving = self.resolving, False
            built = f"{{{', '.join(self._fields(of, details))}}}"
            if self.resolving:
                self.resolved.add(name)
            kind = _definition(of).origin
            lines = [f"def {name}(v):"]
            if of.is_type_of is not None:
                lines.append(f"    if type(v) is not {self._name('kind', kind)}: unusual(v)")
            if not self.resolving and "parts" in getattr(kind, "__dataclass_fields__", ()):
                number = next(NUMBERS)
                lines.append(f"    if (part := v.parts.get({number})) is not None: return part")
                built = f"kept(v.parts, {number}, {built})"
            self.lines += [*lines, f"    return {built}"]
            self.resolving = outer
        name = self.builders[key]
        self.resolving |= name in self.resolved
        return name

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
        self.resolving = True
        keywords = f"k{len(self.calls)}"
        self.calls.append(Call(core, field, of, details, self.converter))
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


def _kept(parts: dict[int, Any], number: int, part: Any) -> Any:
    """`part`, now among a row's parts."""
    if len(parts) >= PARTS:
        parts.clear()
    parts[number] = part
    return part


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
    "kept": _kept,
    "listed": _listed,
    "masked": masked,
    "picked": picked,
    "resolved": resolved,
    "strings": _strings,
    "typed": typed,
    "unusual": _unusual,
}
"""What generated code may call."""
