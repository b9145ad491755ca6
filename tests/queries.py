"""Random queries that are valid for a schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
)

__all__ = ["RandomQueries"]

SCALARS: Mapping[str, Sequence[str]] = {
    "Int": ["1", "2", "5", "20"],
    "Float": ["0", "0.3", "1"],
    "Boolean": ["true", "false"],
    "String": ['"a"', '"John Wick"', '""'],
    "ID": ['"x"'],
    "Date": ['"2020-01-31"'],
}


class RandomQueries:
    """Queries over `schema`; `values` are literals to give for arguments, by `Type.name` or `Type`.

    Selections repeat under aliases and in fragments, named and inline, and some hang on @skip and @include.
    """

    def __init__(self, schema: GraphQLSchema, chance: Random, values: Mapping[str, Sequence[str]]) -> None:
        self.schema = schema
        self.chance = chance
        self.values = {**SCALARS, **values}
        self.fragments: list[str] = []
        self.names = 0

    def query(self, depth: int = 4) -> tuple[str, dict[str, Any]]:
        """The text of a query and its variables."""
        self.fragments = []
        root = self.schema.query_type
        assert root is not None
        selection = self._selection(root, depth, some=2)
        body = f"{selection} {' '.join(self.fragments)}".replace("{ }", "{ __typename }")
        variables = {"no": self.chance.random() < 0.3} if "$no" in body else {}
        declared = [
            text
            for name, text in (("$yes", "$yes: Boolean = true"), ("$no", "$no: Boolean!"))
            if name in body
        ]
        return f"query{'(' + ', '.join(declared) + ')' if declared else ''} {body}", variables

    def _selection(self, of: Any, depth: int, some: int = 4) -> str:
        parts = [self._field(of, depth) for _ in range(self.chance.randint(1, some))]
        if self.chance.random() < 0.3:
            parts.append("__typename")
        if is_abstract_type(of) and self.chance.random() < 0.6:
            kind = self.chance.choice(list(self.schema.get_possible_types(of)))
            parts.append(f"... on {kind.name} {self._selection(kind, depth - 1)}")
        elif self.chance.random() < 0.2:
            parts.append(self._fragment(of, depth - 1))
        self.chance.shuffle(parts)
        return "{ " + " ".join(part for part in parts if part) + " }"

    def _fragment(self, of: Any, depth: int) -> str:
        self.names += 1
        name = f"F{self.names}"
        self.fragments.append(f"fragment {name} on {of.name} {self._selection(of, depth)}")
        return f"...{name}{self._directive()}"

    def _directive(self) -> str:
        if self.chance.random() > 0.15:
            return ""
        return self.chance.choice(
            [" @skip(if: $no)", " @include(if: $yes)", " @include(if: $no)", " @skip(if: false)"]
        )

    def _field(self, of: Any, depth: int) -> str:
        fields = getattr(of, "fields", {})
        usable = [
            name
            for name, field in fields.items()
            if depth > 0 or not is_composite_type(get_named_type(field.type))
        ]
        if not usable:
            return "__typename"
        name = self.chance.choice(usable)
        field: GraphQLField = fields[name]
        inner = get_named_type(field.type)
        self.names += 1
        # one alias for each use, so that no two uses of one name differ in their arguments
        text = f"a{self.names}: {name}{self._arguments(field)}{self._directive()}"
        if is_composite_type(inner):
            text += f" {self._selection(inner, depth - 1)}"
        return text

    def _arguments(self, field: GraphQLField) -> str:
        given = [
            f"{name}: {self._value(name, argument.type)}"
            for name, argument in field.args.items()
            if self._wanted(name, argument)
        ]
        return f"({', '.join(given)})" if given else ""

    def _wanted(self, name: str, argument: GraphQLArgument) -> bool:
        return is_required_argument(argument) or self.chance.random() < (0.8 if name == "id" else 0.1)

    def _value(self, name: str, of: Any) -> str:
        if isinstance(of, GraphQLNonNull):
            of = of.of_type
        if isinstance(of, GraphQLList):
            return (
                "[" + ", ".join(self._value(name, of.of_type) for _ in range(self.chance.randint(1, 2))) + "]"
            )
        named = f"{of.name}.{name}" if not isinstance(of, GraphQLList) else ""
        if named in self.values:
            return self.chance.choice(self.values[named])
        if isinstance(of, GraphQLEnumType):
            return self.chance.choice(list(of.values))
        if isinstance(of, GraphQLInputObjectType):
            fields = {key: field for key, field in of.fields.items() if self.chance.random() < 0.2}
            return (
                "{"
                + ", ".join(f"{key}: {self._value(key, field.type)}" for key, field in fields.items())
                + "}"
            )
        return self.chance.choice(self.values[get_named_type(of).name])
