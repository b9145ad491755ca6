"""Lineages as the API gives them: columns of works and of the edges that tie them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, TypeAlias, cast

import networkx as nx
import strawberry

from filmgraph import lineage as traced
from filmgraph import model
from filmgraph.errors import CursorError, NotFoundError
from filmgraph.graphql.columns import Columns, Picked, Sure, Table
from filmgraph.model import Relation, is_provisional, kind_of
from filmgraph.paging import MAX_PAGE, PageInfo, check, cursor, field
from filmgraph.request import MAX_WORKS, Context, Direction, Group, Info, LineageQuestion
from filmgraph.rows.claims import Claim, Evidence, claim_rows, evidence_rows
from filmgraph.rows.entities import Entity, rows_of

__all__ = ["Lineage", "LineageEdge", "LineageNode", "edge_rows", "lineages"]

ID = strawberry.ID
Columnar: TypeAlias = Sequence[Sequence[Any]]
"""The columns of Nodes, or of Edges."""


@strawberry.type(description="A work in a lineage.")
class LineageNode:
    entity: Entity
    generation: int = strawberry.field(description="Steps from the start, the fewest there are.")
    belief: float = strawberry.field(description="That of the best way there: the product of its steps.")


class Grounds:
    """What lists of edges rest on: their claims and the evidence for those, which are loaded for all at once."""

    RESOLVERS = frozenset({"claims", "disputed", "evidence"})

    def __init__(self, claims: Iterable[Sequence[str]], as_of: date | None) -> None:
        self._ids = claims
        self._as_of = as_of

    @cached_property
    def _group(self) -> Group:
        return Group(chain.from_iterable(self._ids))

    def claims(self, context: Context, ids: Sequence[str]) -> list[Claim]:
        found = self._group.fetch("claims", lambda all: claim_rows(context, all, self._as_of))
        return [found[id] for id in ids if id in found]

    def disputed(self, context: Context, ids: Sequence[str]) -> bool:
        return any(claim.voices_against > 0 for claim in self.claims(context, ids))

    def evidence(self, context: Context, ids: Sequence[str], first: int = 3) -> list[Evidence]:
        check("first", first, 1, MAX_PAGE)
        found = self._group.fetch("evidence", lambda all: evidence_rows(context, all))
        if len(ids) == 1 and self._as_of is None:
            return found.get(ids[0], [])[:first]
        rows = [row for id in ids for row in found.get(id, ()) if row.review.was_written_by(self._as_of)]
        return sorted(rows, key=lambda row: (-row.confidence, row.id))[:first]

    def column(self, name: str, ids: Sequence[Sequence[str]]) -> Callable[..., Sequence[Any]] | None:
        """What a resolver of LineageEdge gives for many of them."""
        if name not in self.RESOLVERS:
            return None
        resolve = getattr(self, name)
        return lambda info, **arguments: [resolve(info.context, each, **arguments) for each in ids]


@strawberry.type(description="A step from a later work back to an earlier one.")
class LineageEdge:
    subject: Entity
    relation: Relation
    object: Entity
    via: Entity | None = strawberry.field(description="The influence or franchise that the critics name.")
    belief: float
    claim_ids: list[ID]
    grounds: strawberry.Private[Grounds]

    @field
    def claims(self, info: Info) -> list[Claim]:
        return self.grounds.claims(info.context, self.claim_ids)

    @field
    def disputed(self, info: Info) -> bool:
        """Whether critics speak against it too."""
        return self.grounds.disputed(info.context, self.claim_ids)

    @field
    def evidence(self, info: Info, first: int = 3) -> list[Evidence]:
        """Who says so: the most confident quotes first."""
        return self.grounds.evidence(info.context, self.claim_ids, first)


@strawberry.type(description="The works reached from one work, and the claims that tie them.")
class Lineage:
    of: Entity
    direction: Direction
    nodes: list[LineageNode] = strawberry.field(description="The start itself first, generation 0.")
    edges: list[LineageEdge]
    left_out: int = strawberry.field(description="How many works were reached beyond those shown so far.")
    page_info: PageInfo = strawberry.field(description="`endCursor` is where `after` goes on.")

    @field
    def cycles(self) -> list[list[Entity]]:
        """Works shown here each of which comes from every other, which cannot be: critics contradict each other."""
        graph: nx.DiGraph[str] = nx.DiGraph((edge.subject.id, edge.object.id) for edge in self.edges)
        rows = {str(end.id): end for edge in self.edges for end in (edge.subject, edge.object)}
        knots = [sorted(knot) for knot in nx.strongly_connected_components(graph) if len(knot) > 1]
        return [[rows[id] for id in knot] for knot in sorted(knots)]


def lineages(context: Context, ids: Sequence[str], asked: LineageQuestion) -> dict[str, Lineage]:
    """The lineage of each of `ids`, those that the index does not know yet alone in theirs."""
    check("first", asked.first, 1, MAX_WORKS)
    source = context.index_by(asked.as_of)

    def trace(id: str) -> traced.Lineage:
        if id not in source:
            return traced.Lineage(id, asked.direction, (traced.Node(id, 0, 1.0),), ())
        try:
            return source.lineage(
                id,
                direction=asked.direction,
                depth=asked.depth,
                relations=asked.relations or None,
                min_belief=asked.min_belief,
                limit=asked.first,
                after=asked.after or None,
            )
        except NotFoundError as error:
            raise CursorError(f"after: {error}") from error

    return _lineage_rows(context, {id: trace(id) for id in ids}, asked)


def _lineage_rows(
    context: Context, found: Mapping[str, traced.Lineage], asked: LineageQuestion
) -> dict[str, Lineage]:
    nodes = [_transposed(lineage.nodes, 3) for lineage in found.values()]
    edges = [_transposed(lineage.edges, 6) for lineage in found.values()]
    works = Works(context, _spoken_of(found, nodes, edges if asked.after else ()))
    starts = rows_of(context, {id: works.records[id] for id in found if id in works.records})
    ties = _edge_columns(works, edges, asked.as_of)
    return {
        id: Lineage(
            of=starts[id],
            direction=asked.direction,
            nodes=_node_columns(works, row),
            edges=ties[number],
            left_out=lineage.left_out,
            page_info=_lineage_page(row[0], lineage.left_out, asked.after),
        )
        for number, ((id, lineage), row) in enumerate(zip(found.items(), nodes, strict=True))
        if id in starts
    }


def _lineage_page(ids: Sequence[str], left_out: int, after: str) -> PageInfo:
    """Where a lineage's page ends; the first of `ids` is the start itself."""
    return PageInfo(
        has_next_page=left_out > 0,
        has_previous_page=bool(after),
        start_cursor=cursor("lineage", ids[1]) if len(ids) > 1 else None,
        end_cursor=cursor("lineage", ids[-1]) if len(ids) > 1 else None,
    )


def edge_rows(
    context: Context, found: Iterable[Iterable[traced.Edge]], as_of: date | None = None
) -> list[Any]:
    """Rows for lists of edges, each a sequence of LineageEdge: one group, their ends loaded in one store call."""
    edges = [_transposed(row, 6) for row in found]
    return _edge_columns(Works(context, _spoken_of((), (), edges)), edges, as_of)


def _transposed(rows: Iterable[Any], width: int) -> Columnar:
    """The columns of Nodes or Edges."""
    return rows.columns if isinstance(rows, traced.Lazy) else list(zip(*rows, strict=True)) or [()] * width


def _spoken_of(starts: Iterable[str], nodes: Iterable[Columnar], edges: Iterable[Columnar]) -> set[str]:
    """The ids of works in columns of Nodes and in those of Edges, which may be left out if they tie the former."""
    found = set(starts).union(*(row[0] for row in nodes))
    for row in edges:
        found.update(row[0], row[1])
    return found


class Works:
    """The entities that a lineage speaks of: records that are read together, and made rows of when one is taken."""

    def __init__(self, context: Context, ids: set[str]) -> None:
        self.context = context
        parts = context.service.entity_parts  # before anything is read, which may be newer
        self.records = records = context.store.entities(ids)
        self.complete = len(records) == len(ids)
        self._table: Table[Entity] = Table(
            list(records),
            lambda name: _entity_column(records, name),
            lambda: rows_of(context, records).values(),
            parts,
        )

    def known(self, columns: Columnar, ends: int) -> Columnar:
        """The columns without the rows one of whose first `ends` values is no entity that the store has (any more)."""
        if self.complete:
            return columns
        kept = [row for row in zip(*columns, strict=True) if all(id in self.records for id in row[:ends])]
        return _transposed(kept, len(columns))

    @property
    def rows(self) -> Mapping[str, Entity]:
        return self._table.by_key

    def columns(self, ids: Sequence[str]) -> Columns[Any]:
        """Those entities, one for each id."""
        return Picked(self._table, ids)


def _some(context: Context, ids: Sequence[str | None]) -> Columns[Any]:
    """Entities by id; None where there is no id, or no such entity."""
    works = Works(context, cast("set[str]", set(ids) - {None}))
    missing = [id not in works.records for id in ids]
    if all(missing):
        return Columns(len(ids), lambda name: None, lambda: [None] * len(ids))
    return Picked(works._table, ids, missing)


def _entity_column(entities: Mapping[str, model.Entity], name: str) -> Sequence[Any] | None:
    """An attribute that all entities have, as their rows have it, for many at once."""
    records = entities.values()
    match name:
        case "id":
            return Sure(str, entities)
        case "name":
            return [record.name for record in records]
        case "year":
            return [record.year for record in records]
        case "aliases":
            return [record.aliases for record in records]
        case "kind":
            return [kind_of(id) for id in entities]
        case "provisional":
            return [is_provisional(id) for id in entities]
        case "__typename":
            return [type(record).__name__ for record in records]
    return None


def _node_columns(works: Works, nodes: Columnar) -> Any:
    ids, generations, beliefs = works.known(nodes, 1)
    columns = {
        "entity": works.columns(ids),
        "generation": Sure(int, generations),
        "belief": Sure(float, beliefs),
    }

    def make() -> Iterator[LineageNode]:
        for id, generation, belief in zip(ids, generations, beliefs, strict=True):
            yield LineageNode(entity=works.rows[id], generation=generation, belief=belief)

    return Columns(len(ids), columns.get, make)


def _edge_columns(works: Works, found: Sequence[Columnar], as_of: date | None) -> list[Any]:
    grounds = Grounds(chain.from_iterable(row[4] for row in found), as_of)

    def columns(edges: Columnar) -> Columns[LineageEdge]:
        edges = works.known(edges, 2)

        def column(name: str) -> Sequence[Any] | None:
            match name:
                case "subject":
                    return works.columns(edges[0])
                case "object":
                    return works.columns(edges[1])
                case "relation":
                    return Sure(Relation, edges[2])
                case "belief":
                    return Sure(float, edges[3])
                case "claim_ids":
                    return Sure(tuple, edges[4])
                case "via":
                    return _some(works.context, edges[5])
            return None

        def make() -> Iterator[LineageEdge]:
            through = _some(works.context, edges[5])
            for subject, object, relation, belief, claims, _, via in zip(*edges, through, strict=True):
                yield LineageEdge(
                    subject=works.rows[subject],
                    object=works.rows[object],
                    relation=relation,
                    belief=belief,
                    claim_ids=[ID(claim) for claim in claims],
                    via=via,
                    grounds=grounds,
                )

        return Columns(len(edges[0]), column, make, None, lambda name: grounds.column(name, edges[4]))

    return [columns(edges) for edges in found]
