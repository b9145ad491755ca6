"""Films, works, people, franchises and influences as the API gives them.

A row is made once for an entity and kept as long as the graph stays as it is, so it holds nothing of a request.
What is to be fetched for a row is fetched for all rows that the request has loaded with it (`Context.group`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast

import strawberry

from filmgraph import model
from filmgraph.filters import ClaimOrder, EntityOrder, ReviewOrder
from filmgraph.index import LineageIndex
from filmgraph.lineage import Edge
from filmgraph.model import EntityKind, FilmFormat, Relation, is_provisional, kind_of
from filmgraph.paging import After, Before, Connection, Last, Window, check, connection, field
from filmgraph.request import (
    MAX_WORKS,
    AsOf,
    Context,
    Depth,
    Direction,
    Info,
    LineageQuestion,
    MinBelief,
    Relations,
)
from filmgraph.store import ClaimFilter, EntityFilter, ReviewFilter

if TYPE_CHECKING:
    from filmgraph.rows.claims import Claim, Review
    from filmgraph.rows.lineage import Lineage, LineageEdge, LineageNode

__all__ = [
    "ENTITIES",
    "Credit",
    "Entity",
    "Film",
    "Franchise",
    "Influence",
    "Node",
    "Person",
    "Work",
    "entity_page",
    "entity_rows",
    "rows_of",
]

ID = strawberry.ID
# what is said of entities, and how they are tied, stands in modules above this one
LazyClaim: TypeAlias = Annotated["Claim", strawberry.lazy("filmgraph.rows.claims")]
LazyReview: TypeAlias = Annotated["Review", strawberry.lazy("filmgraph.rows.claims")]
LazyLineage: TypeAlias = Annotated["Lineage", strawberry.lazy("filmgraph.rows.lineage")]
LazyLineageEdge: TypeAlias = Annotated["LineageEdge", strawberry.lazy("filmgraph.rows.lineage")]
LazyLineageNode: TypeAlias = Annotated["LineageNode", strawberry.lazy("filmgraph.rows.lineage")]


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    id: ID

    @classmethod
    def resolve_type(cls, value: object, info: object, return_type: object) -> str:
        return type(value).__name__


@strawberry.interface(description="A film, work, person, franchise or influence.")
class Entity(Node):
    kind: EntityKind
    name: str
    year: int | None
    aliases: list[str]
    provisional: bool = strawberry.field(description="Met in reviews only; no catalogue knows it yet.")
    parts: strawberry.Private[dict[int, Any]]
    """What was built of its plain attributes for answers (see `graphql.projection`)."""

    @field
    def lineage(
        self,
        info: Info,
        direction: Direction = Direction.DESCENDANTS,
        depth: Depth = 3,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
        first: int = 50,
        after: After = None,
    ) -> LazyLineage:
        """The works reached from this one, with the claims that tie them."""
        place = Window.of("lineage", 1, after).after
        asked = LineageQuestion(direction, depth, tuple(relations or ()), min_belief, as_of, first, place)
        return self._lineage(info.context, asked)

    @field
    def ancestors(
        self,
        info: Info,
        depth: Depth = 3,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
        first: int = 20,
    ) -> list[LazyLineageNode]:
        """What this comes from, nearest generation first."""
        asked = LineageQuestion(Direction.ANCESTORS, depth, tuple(relations or ()), min_belief, as_of, first)
        return self._lineage(info.context, asked).nodes[1:]

    @field
    def descendants(
        self,
        info: Info,
        depth: Depth = 3,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
        first: int = 20,
    ) -> list[LazyLineageNode]:
        """What came of this, nearest generation first."""
        asked = LineageQuestion(
            Direction.DESCENDANTS, depth, tuple(relations or ()), min_belief, as_of, first
        )
        return self._lineage(info.context, asked).nodes[1:]

    @field
    def claims(
        self,
        info: Info,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
        order_by: ClaimOrder = ClaimOrder.ID,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyClaim]:
        """Claims about this, either end."""
        window = Window.of("claims", first, after, last, before)
        kinds = tuple(relations or ())

        def fetch(ids: Sequence[str]) -> Mapping[str, Connection[Any]]:
            from filmgraph.rows.claims import claim_pages

            asked = {id: ClaimFilter(entity=id, relations=kinds, min_belief=min_belief) for id in ids}
            return claim_pages(info.context, asked, window, order_by, as_of)

        asked_for = ("claims", kinds, min_belief, as_of, order_by, window)
        return info.context.group(self.id).fetch(asked_for, fetch)[self.id]

    def _lineage(self, context: Context, asked: LineageQuestion) -> Lineage:
        from filmgraph.rows.lineage import lineages

        found = context.group(self.id).fetch(asked, lambda ids: lineages(context, ids, asked))
        return found[self.id]


@strawberry.type(description="A person's part in a film.")
class Credit:
    role: str = strawberry.field(description="director, actor, writer …, as in the IMDb datasets.")
    name: str
    person_id: strawberry.Private[str]
    film_id: strawberry.Private[str]

    @field
    def person(self, info: Info) -> Person | None:
        found = info.context.group(self.film_id).fetch("people", lambda ids: credited(info.context, ids))
        return cast("Person | None", found.get(self.person_id))


@strawberry.type(description="A film or series.")
class Film(Entity):
    imdb_id: str | None
    original_name: str | None
    format: FilmFormat
    runtime: int | None = strawberry.field(description="In minutes.")
    genres: list[str]
    countries: list[str]
    renown: float = strawberry.field(description="How well known it is, 0 and up.")
    film: strawberry.Private[model.Film]

    @field
    def credits(self, role: str | None = None) -> list[Credit]:
        return [
            Credit(role=credit.role, name=credit.name, person_id=credit.person, film_id=self.id)
            for credit in self.film.credits
            if role in (None, credit.role)
        ]

    @field
    def franchises(self, info: Info, as_of: AsOf = None) -> list[Franchise]:
        """By the catalogue, or by critics."""
        known = self.film.franchises
        edges = _own_edges(info.context.index_by(as_of), self.id, Relation.PART_OF)
        told = (edge.via or edge.object for edge in edges)
        wanted = list(dict.fromkeys([*known, *(id for id in told if id.startswith("franchise:"))]))
        return cast("list[Franchise]", list(entity_rows(info.context, wanted).values()))

    @field
    def reviews(
        self,
        info: Info,
        order_by: ReviewOrder = ReviewOrder.ID,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[LazyReview]:
        """Reviews of this film."""
        from filmgraph.rows.claims import review_page

        window = Window.of("reviews", first, after, last, before)
        return review_page(info.context, ReviewFilter(film=self.id), window, order_by)

    @field
    def originality(self, info: Info, as_of: AsOf = None) -> float:
        """How little its ancestors explain: the chance that no claim of descent is true, 0 to 1; 1 without claims."""
        source = info.context.index_by(as_of)
        return source.originality(self.id) if self.id in source else 1.0


@strawberry.type(description="A source that is no film: novel, comic, play, game, television as a source.")
class Work(Entity):
    form: str
    author: str
    adapted: strawberry.Private[tuple[str, ...]]

    @field
    def films(self, info: Info) -> list[Film]:
        """Films made from it, as far as the catalogue knows."""
        return cast("list[Film]", list(entity_rows(info.context, self.adapted).values()))


@strawberry.type(description="A film-maker, actor or author.")
class Person(Entity):
    professions: list[str]

    @field
    def films(
        self,
        info: Info,
        role: str | None = None,
        order_by: EntityOrder = EntityOrder.OLDEST,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Film]:
        """Films that credit this person, as far as the catalogue knows."""
        window = Window.of("films", first, after, last, before)
        where = EntityFilter(kind=EntityKind.FILM, person=self.id, role=role)
        return entity_page(info.context, where, window, order_by)


@strawberry.type(description="A series of films spoken of as a whole.")
class Franchise(Entity):
    origin_id: strawberry.Private[str | None]
    members: strawberry.Private[tuple[str, ...]]

    @field
    def origin(self, info: Info) -> Entity | None:
        """The film that began it."""
        return _origin(info.context, self.origin_id)

    @field
    def films(self, info: Info) -> list[Film]:
        """Its films, as far as the catalogue knows."""
        return cast("list[Film]", list(entity_rows(info.context, self.members).values()))


@strawberry.type(description="A named pattern that films follow, such as “John Wick formula”.")
class Influence(Entity):
    origin_id: strawberry.Private[str | None]

    @field
    def origin(self, info: Info) -> Entity | None:
        """The film, franchise or person it originates in."""
        return _origin(info.context, self.origin_id)

    @field
    def followers(self, info: Info, first: int = 20, as_of: AsOf = None) -> list[LazyLineageEdge]:
        """The works that critics tie to this pattern, strongest belief first."""
        from filmgraph.rows.lineage import edge_rows

        check("first", first, 1, MAX_WORKS)
        index = info.context.index_by(as_of)
        edges = index.neighbours(self.id, tuple(Relation)) if self.id in index else []
        chosen = [edge for edge in edges if self.id in (edge.via, edge.object)][:first]
        return cast("list[LazyLineageEdge]", edge_rows(info.context, [chosen], as_of)[0])


def _origin(context: Context, id: str | None) -> Entity | None:
    return entity_rows(context, [id]).get(id) if id else None


def _own_edges(source: LineageIndex, id: str, relation: Relation) -> list[Edge]:
    """Edges of one relation that start at `id`."""
    if id not in source:
        return []
    return [edge for edge in source.neighbours(id, [relation]) if edge.subject == id]


def entity_rows(context: Context, ids: Iterable[str]) -> dict[str, Entity]:
    """Id → row for those of `ids` that the store knows, in their order: one store call at most."""

    def load(missing: list[str]) -> dict[str, Entity]:
        return {id: _entity(entity) for id, entity in context.store.entities(missing).items()}

    wanted = list(dict.fromkeys(ids))
    rows = context.service.entity_rows.read(wanted, load) if wanted else {}
    context.load_together(rows)
    return rows


def entity_page(context: Context, where: EntityFilter, window: Window, order: EntityOrder) -> Connection[Any]:
    """A page of entities: one store call."""
    store = context.store
    found = window.rows(lambda **page: store.find_entities(where, order=order, **page))
    rows = list(rows_of(context, {entity.id: entity for entity in found}).values())
    return connection(window, rows, lambda: store.count_entities(where))


def rows_of(context: Context, entities: Mapping[str, model.Entity]) -> dict[str, Entity]:
    """Id → row, for entities that have been read already."""
    rows: dict[str, Entity] = context.service.entity_rows.read(
        entities, lambda missing: {id: _entity(entities[id]) for id in missing}
    )
    context.load_together(rows)
    return rows


def credited(context: Context, films: Iterable[str]) -> dict[str, Entity]:
    """Id → row of all people in the credits of some films."""
    found = context.store.entities(films).values()
    credits = (credit for film in found if isinstance(film, model.Film) for credit in film.credits)
    return entity_rows(context, (credit.person for credit in credits))


def _entity(entity: model.Entity) -> Entity:
    common: dict[str, Any] = {
        "id": ID(entity.id),
        "kind": kind_of(entity.id),
        "name": entity.name,
        "year": entity.year,
        "aliases": list(entity.aliases),
        "provisional": is_provisional(entity.id),
        "parts": {},
    }
    match entity:
        case model.Film():
            return Film(
                **common,
                imdb_id=entity.imdb_id,
                original_name=entity.original_name,
                format=entity.format,
                runtime=entity.runtime,
                genres=list(entity.genres),
                countries=list(entity.countries),
                renown=entity.renown,
                film=entity,
            )
        case model.Work():
            return Work(**common, form=entity.form, author=entity.author, adapted=entity.adapted)
        case model.Person():
            return Person(**common, professions=list(entity.professions))
        case model.Franchise():
            return Franchise(**common, origin_id=entity.origin, members=entity.members)
        case model.Influence():
            return Influence(**common, origin_id=entity.origin)


ENTITIES = (Film, Work, Person, Franchise, Influence)
