"""What generated code calls resolvers with: their arguments, and strawberry's Info.

The arguments of a field are the same for all rows of one execution. Those that are written out or left to their
defaults are the same for all executions of a document: they are converted once. A variable that strawberry hands
through as graphql-core coerced it is passed on as it is; everything else is converted by graphql-core and
strawberry each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from types import NoneType
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    Node,
    VariableNode,
    Visitor,
    get_argument_values,
    visit,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.executor import to_nodes
from graphql.execution.values import VariableValues
from graphql.pyutils import Path
from graphql.type import GraphQLResolveInfo
from strawberry import Info
from strawberry.schema.schema_converter import GraphQLCoreConverter, get_arguments
from strawberry.types.arguments import StrawberryArgument, convert_argument
from strawberry.types.field import StrawberryField

__all__ = ["Call", "Details", "Run", "variables_in"]

Details: TypeAlias = list[FieldDetails]
RawInfo: TypeAlias = Callable[
    [GraphQLField, list[FieldNode], GraphQLObjectType, Path], GraphQLResolveInfo[Any]
]
PLAIN = (str, int, float, bool, NoneType, date, Enum)
"""Arguments that nobody can change, so that they may be given again."""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution, as far as a call needs to know it: the coerced variables, which `values` gives as graphql-core
    has them, and what makes graphql-core's own info."""

    context: Any
    coerced: Mapping[str, Any]
    values: Callable[[], VariableValues]
    raw_info: RawInfo


class LazyInfo(Info[Any, Any]):
    """strawberry's Info, of which most is made when a resolver asks for more than the context."""

    def __init__(
        self, context: Any, field: StrawberryField, make: Callable[[], GraphQLResolveInfo[Any]]
    ) -> None:
        self._context = context
        self._field = field
        self._make = make

    @property
    def context(self) -> Any:
        return self._context

    @cached_property
    def _raw_info(self) -> GraphQLResolveInfo[Any]:  # type: ignore[override]
        return self._make()


class Call:
    """A resolver that is called for rows, with what does not differ between them."""

    def __init__(
        self,
        core: GraphQLField,
        field: StrawberryField,
        parent: GraphQLObjectType,
        details: Details,
        converter: GraphQLCoreConverter,
    ) -> None:
        self._core = core
        self._field = field
        self._parent = parent
        self._details = details
        self._converter = converter
        resolver = field.base_resolver
        self._info = resolver.info_parameter.name if resolver and resolver.info_parameter else None
        self._variables = {
            argument.name.value: variables_in(argument) for argument in details[0].node.arguments or ()
        }
        self._passed = self._passed_on()
        self._kept: dict[str, Any] | None = None

    def keywords(self, run: Run, path: Path) -> dict[str, Any]:
        """What to call the resolver with beside the row; not to be changed."""
        info = self._made_info(run, path) if self._info else None
        kept, given = self._kept, run.coerced
        if kept is None:
            return self._converted(run, info)
        found = dict(kept)
        for name, variable in self._passed:
            value = given.get(variable)
            if value is None:  # left out, or null where null may not be
                return self._converted(run, info)
            found[name] = value
        if self._info:
            found[self._info] = info
        return found

    def _made_info(self, run: Run, path: Path) -> Info[Any, Any]:
        return LazyInfo(
            run.context,
            self._field,
            lambda: run.raw_info(self._core, to_nodes(self._details), self._parent, path),
        )

    def _converted(self, run: Run, info: Any) -> dict[str, Any]:
        """The arguments as graphql-core and strawberry make them; what will be the same next time is kept."""
        core, converter = self._core, self._converter
        given = get_argument_values(core, self._details[0].node, run.values()) if core.args else {}
        _, keywords = get_arguments(
            field=self._field,
            source=None,
            info=info or self._made_info(run, Path(None, "", None)),
            kwargs=given,
            config=converter.config,
            scalar_registry=converter.scalar_registry,
        )
        varied = {name for name, variables in self._variables.items() if variables}
        passed = {name for name, _ in self._passed}
        if len(varied) == len(passed):
            kept = {name: value for name, value in keywords.items() if name not in {*passed, self._info}}
            if all(isinstance(value, PLAIN) for value in kept.values()):
                self._kept = kept
        return keywords

    def _passed_on(self) -> list[tuple[str, str]]:
        """(Python's name, variable) of the arguments that are nothing but a variable, handed through as it is."""
        arguments = {self._graphql_name(argument): argument for argument in self._field.arguments}
        found = []
        for node in self._details[0].node.arguments or ():
            argument = arguments.get(node.name.value)
            if isinstance(node.value, VariableNode) and argument is not None and self._is_handed(argument):
                found.append((argument.python_name, node.value.name.value))
        return found

    def _graphql_name(self, argument: StrawberryArgument) -> str:
        return self._converter.config.name_converter.from_argument(argument)

    def _is_handed(self, argument: StrawberryArgument) -> bool:
        probe = object()
        try:
            made = convert_argument(
                probe, argument.type, self._converter.scalar_registry, self._converter.config
            )
        except Exception:
            return False
        return made is probe


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)


def variables_in(node: Node) -> set[str]:
    """The names of the variables in a part of a document."""
    found = _Variables()
    visit(node, found)
    return found.names
