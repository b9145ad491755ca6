"""What the API gives: GraphQL types, and how their rows are loaded.

Rows carry plain attributes. What must be fetched is fetched for a whole group of rows at once: a row knows
the `Group` it was loaded with, and the first of them to be asked for its evidence, say, loads that of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, cached_property
from itertools import chain
from typing import Any, TypeVar, cast

import networkx as nx
import strawberry

from filmgraph import index, model
from filmgraph.errors import CursorError, NotFoundError, QueryError
from filmgraph.filters import ClaimOrder, EntityOrder, ReviewOrder
from filmgraph.graphql.columns import Columns, Sure
from filmgraph.history import claims_by, claims_finder
from filmgraph.index import LineageIndex
from filmgraph.model import EntityKind, FilmFormat, Polarity, Relation, Stance, is_provisional, kind_of
from filmgraph.paging import (
    MAX_PAGE,
    After,
    Before,
    Connection,
    Last,
    PageInfo,
    Window,
    check,
    connection,
    cursor,
    field,
)
from filmgraph.request import (
    AsOf,
    Context,
    Depth,
    Direction,
    Group,
    Info,
    LineageQuestion,
    MinBelief,
    Relations,
)
from filmgraph.store import (
    ClaimFilter,
    ClaimRecord,
    EntityFilter,
    EvidenceRecord,
    ReviewFilter,
)

__all__ = [
    "ENTITIES",
    "Claim",
    "Entity",
    "Evidence",
    "Film",
    "Franchise",
    "Influence",
    "Lineage",
    "LineageEdge",
    "LineageNode",
    "Node",
    "Person",
    "Review",
    "Work",
    "claim_pages",
    "claim_rows",
    "edge_rows",
    "entity_page",
    "entity_rows",
    "evidence_of",
    "evidence_rows",
    "lineages",
    "review_page",
    "review_rows",
    "rows_of",
    "slice_of",
]

T = TypeVar("T")
ID = strawberry.ID
MAX_WORKS = 2_000
COUNTED = 1_000_000
"""Claims as of a day that are counted one by one, at most."""


# ── entities ────────────────────────────────────────────────────────────────────────────────


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
    group: strawberry.Private[Group]

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
    ) -> Lineage:
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
    ) -> list[LineageNode]:
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
    ) -> list[LineageNode]:
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
    ) -> Connection[Claim]:
        """Claims about this, either end."""
        window = Window.of("claims", first, after, last, before)
        kinds = tuple(relations or ())

        def fetch(ids: Sequence[str]) -> Mapping[str, Connection[Claim]]:
            asked = {id: ClaimFilter(entity=id, relations=kinds, min_belief=min_belief) for id in ids}
            return claim_pages(info.context, asked, window, order_by, as_of)

        return self.group.fetch(("claims", kinds, min_belief, as_of, order_by, window), fetch)[self.id]

    def _lineage(self, context: Context, asked: LineageQuestion) -> Lineage:
        return self.group.fetch(asked, lambda ids: lineages(context, ids, asked))[self.id]


@strawberry.type(description="A person's part in a film.")
class Credit:
    role: str = strawberry.field(description="director, actor, writer …, as in the IMDb datasets.")
    name: str
    person_id: strawberry.Private[str]
    group: strawberry.Private[Group]

    @field
    def person(self, info: Info) -> Person | None:
        found = self.group.fetch("person", lambda ids: entity_rows(info.context, ids))
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
    credit_group: strawberry.Private[Group]

    @field
    def credits(self, role: str | None = None) -> list[Credit]:
        return [
            Credit(role=credit.role, name=credit.name, person_id=credit.person, group=self.credit_group)
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
    ) -> Connection[Review]:
        """Reviews of this film."""
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
    def followers(self, info: Info, first: int = 20, as_of: AsOf = None) -> list[LineageEdge]:
        """The works that critics tie to this pattern, strongest belief first."""
        check("first", first, 1, MAX_WORKS)
        index = info.context.index_by(as_of)
        edges = index.neighbours(self.id, tuple(Relation)) if self.id in index else []
        chosen = [edge for edge in edges if self.id in (edge.via, edge.object)][:first]
        return cast("list[LineageEdge]", edge_rows(info.context, [chosen], as_of)[0])


def _origin(context: Context, id: str | None) -> Entity | None:
    return entity_rows(context, [id]).get(id) if id else None


def _own_edges(source: LineageIndex, id: str, relation: Relation) -> list[index.Edge]:
    """Edges of one relation that start at `id`."""
    if id not in source:
        return []
    return [edge for edge in source.neighbours(id, [relation]) if edge.subject == id]


def entity_rows(context: Context, ids: Iterable[str]) -> dict[str, Entity]:
    """Id → row for those of `ids` that the store knows, in their order: one group, one store call."""
    wanted = list(dict.fromkeys(ids))
    return rows_of(context.store.entities(wanted)) if wanted else {}


def entity_page(context: Context, where: EntityFilter, window: Window, order: EntityOrder) -> Connection[Any]:
    """A page of entities: one store call."""
    store = context.store
    found = window.rows(lambda **page: store.find_entities(where, order=order, **page))
    rows = list(rows_of({entity.id: entity for entity in found}).values())
    return connection(window, rows, lambda: store.count_entities(where))


def rows_of(entities: Mapping[str, model.Entity]) -> dict[str, Entity]:
    """Id → row: one group."""
    group, people = groups_of(entities)
    return {id: _entity(entity, group, people) for id, entity in entities.items()}


def groups_of(entities: Mapping[str, model.Entity]) -> tuple[Group, Group]:
    """The group of some entities' rows, and that of the people in their credits."""
    credited = (
        credit.person for film in entities.values() if isinstance(film, model.Film) for credit in film.credits
    )
    return Group(entities), Group(credited)


def _entity(entity: model.Entity, group: Group, people: Group) -> Entity:
    common: dict[str, Any] = {
        "id": ID(entity.id),
        "kind": kind_of(entity.id),
        "name": entity.name,
        "year": entity.year,
        "aliases": list(entity.aliases),
        "provisional": is_provisional(entity.id),
        "group": group,
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
                credit_group=people,
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


# ── claims and what they rest on ────────────────────────────────────────────────────────────


@strawberry.type(description="Subject, relation, object: the subject is the later, derived thing.")
class Claim(Node):
    subject: Entity
    relation: Relation
    object: Entity
    belief: float = strawberry.field(description="0 to 1, computed from all evidence for and against.")
    support: float = strawberry.field(description="Belief from the voices for it.")
    dissent: float = strawberry.field(description="Belief from the voices against it.")
    voices_for: int
    voices_against: int
    explanation: str = strawberry.field(description="Why the belief is what it is, in a sentence.")
    anachronistic: bool = strawberry.field(
        description="Would make a film descend from a later one; left out of lineage."
    )
    as_of: strawberry.Private[date | None]
    group: strawberry.Private[Group]

    @field
    def evidence(self, info: Info, first: int = 10) -> list[Evidence]:
        """The most confident first."""
        check("first", first, 1, MAX_PAGE)
        return self._evidence(info)[:first]

    @field
    def evidence_connection(
        self,
        info: Info,
        polarity: Polarity | None = None,
        stance: Stance | None = None,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Evidence]:
        """All of it in pages, the most confident first."""
        window = Window.of("evidence", first, after, last, before)
        rows = [
            row
            for row in self._evidence(info)
            if polarity in (None, row.polarity) and stance in (None, row.stance)
        ]
        return slice_of(window, rows)

    def _evidence(self, info: Info) -> list[Evidence]:
        found = self.group.fetch("evidence", lambda ids: evidence_rows(info.context, ids))
        return [row for row in found.get(self.id, ()) if row.review.was_written_by(self.as_of)]


@strawberry.type(description="One quoted span for or against a claim.")
class Evidence(Node):
    quote: str
    start: int = strawberry.field(description="Where the quote begins in the review's text, in code points.")
    end: int
    polarity: Polarity
    stance: Stance = strawberry.field(description="How the critic feels about the relation itself.")
    confidence: float
    anachronistic: bool
    extractor: str
    version: str
    recorded: datetime | None
    review: Review
    claim_id: strawberry.Private[str]
    group: strawberry.Private[Group]

    @field
    def claim(self, info: Info) -> Claim | None:
        return self.group.fetch("claim", lambda ids: claim_rows(info.context, ids)).get(self.claim_id)


@strawberry.type(description="A stored review.")
class Review(Node):
    reviewer: str | None
    outlet: str | None
    published: date | None
    url: str | None
    film_id: strawberry.Private[str | None]
    group: strawberry.Private[Group]
    film_group: strawberry.Private[Group]

    @field
    def film(self, info: Info) -> Film | None:
        """The reviewed film, when it is known."""
        found = self.film_group.fetch("rows", lambda ids: entity_rows(info.context, ids))
        return cast("Film | None", found.get(self.film_id or ""))

    @field
    def text(self, info: Info) -> str:
        """The text that all offsets count in."""
        return self._whole(info).text

    @field
    def rating(self, info: Info) -> float | None:
        return self._whole(info).rating

    @field
    def rating_scale(self, info: Info) -> float | None:
        """What the rating is out of."""
        return self._whole(info).rating_scale

    @field
    def verdict(self, info: Info) -> str | None:
        return self._whole(info).verdict

    @field
    def licence(self, info: Info) -> str | None:
        return self._whole(info).licence

    @field
    def claims(
        self,
        info: Info,
        first: int = 10,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Claim]:
        """What this review speaks for or against."""
        window = Window.of("claims", first, after, last, before)

        def fetch(ids: Sequence[str]) -> Mapping[str, Connection[Claim]]:
            return claim_pages(info.context, {id: ClaimFilter(review=id) for id in ids}, window)

        return self.group.fetch(("claims", window), fetch)[self.id]

    def was_written_by(self, day: date | None) -> bool:
        return day is None or (self.published is not None and self.published <= day)

    def _whole(self, info: Info) -> model.Review:
        return _present(self.group.fetch("whole", info.context.store.reviews), self.id)


def _present(found: Mapping[str, T], id: str) -> T:
    if id not in found:
        raise NotFoundError(f"{id} is gone: its review was taken back just now")
    return found[id]


def claim_rows(context: Context, ids: Iterable[str], as_of: date | None = None) -> dict[str, Claim]:
    """Id → row, for those of `ids` that the store knows, or knew by a day."""
    records = list(context.store.claims(ids).values())
    records = claims_by(context.store, records, as_of) if as_of else records
    return {str(row.id): row for row in _claims(context, records, as_of)}


def _claims(context: Context, records: Sequence[ClaimRecord], as_of: date | None = None) -> list[Claim]:
    group = Group(record.id for record in records)
    ends = entity_rows(context, (end for r in records for end in (r.claim.subject, r.claim.object)))
    return [
        Claim(
            id=ID(record.id),
            subject=ends[record.claim.subject],
            relation=record.claim.relation,
            object=ends[record.claim.object],
            belief=record.belief.value,
            support=record.belief.support,
            dissent=record.belief.dissent,
            voices_for=record.belief.voices_for,
            voices_against=record.belief.voices_against,
            explanation=record.belief.sentence,
            anachronistic=record.anachronistic,
            as_of=as_of,
            group=group,
        )
        for record in records
        if record.claim.subject in ends and record.claim.object in ends
    ]


def claim_pages(
    context: Context,
    asked: Mapping[str, ClaimFilter],
    window: Window,
    order: ClaimOrder = ClaimOrder.ID,
    as_of: date | None = None,
) -> dict[str, Connection[Claim]]:
    """A page of claims for every filter: one indexed lookup each, then one store call for all their ends."""
    if as_of and order is not ClaimOrder.ID:
        raise QueryError("orderBy: claims as of a day stand by ID; leave out orderBy, or asOf")
    store = context.store

    def finder(where: ClaimFilter) -> Callable[..., list[ClaimRecord]]:
        if as_of:
            return claims_finder(store, where, as_of)
        return lambda **page: store.find_claims(where, order=order, **page)

    def count(where: ClaimFilter) -> int:
        return len(finder(where)(limit=COUNTED)) if as_of else store.count_claims(where)

    found = {key: window.rows(finder(where)) for key, where in asked.items()}
    records = list({record.id: record for record in chain(*found.values())}.values())
    rows = {str(row.id): row for row in _claims(context, records, as_of)}
    return {
        key: connection(
            window,
            [rows[record.id] for record in found[key] if record.id in rows],
            lambda where=where: count(where),  # type: ignore[misc]
        )
        for key, where in asked.items()
    }


def evidence_rows(context: Context, claims: Iterable[str]) -> dict[str, list[Evidence]]:
    """Claim id → its evidence, the most confident first: one group, one store call."""
    found = context.store.evidence(claims)
    rows = iter(evidence_of((claim, record) for claim, records in found.items() for record in records))
    return {claim: [next(rows) for _ in records] for claim, records in found.items()}


def evidence_of(pairs: Iterable[tuple[str, EvidenceRecord]]) -> list[Evidence]:
    """Rows for pairs of claim id and evidence, in order: one group, and their reviews another."""
    pairs = list(pairs)
    group = Group(dict.fromkeys(claim for claim, _ in pairs))
    reviews = Group(dict.fromkeys(record.evidence.review for _, record in pairs))
    films = Group(dict.fromkeys(record.film for _, record in pairs if record.film))
    return [
        Evidence(
            id=ID(item.id),
            quote=item.quote,
            start=item.start,
            end=item.end,
            polarity=item.polarity,
            stance=item.stance,
            confidence=item.confidence,
            anachronistic=item.anachronistic,
            extractor=item.provenance.extractor,
            version=item.provenance.version,
            recorded=item.provenance.recorded,
            review=Review(
                id=ID(item.review),
                reviewer=record.reviewer,
                outlet=record.outlet,
                published=record.published,
                url=record.url,
                film_id=record.film,
                group=reviews,
                film_group=films,
            ),
            claim_id=claim,
            group=group,
        )
        for claim, record in pairs
        for item in (record.evidence,)
    ]


def review_page(
    context: Context, where: ReviewFilter, window: Window, order: ReviewOrder
) -> Connection[Review]:
    """A page of reviews: one store call."""
    store = context.store
    rows = _reviews(window.rows(lambda **page: store.find_reviews(where, order=order, **page)))
    return connection(window, rows, lambda: store.count_reviews(where))


def slice_of(window: Window, rows: Sequence[Any]) -> Connection[Any]:
    """A page of rows that are in hand anyway; CursorError for one that is no longer among them."""
    places = {row.id: n for n, row in enumerate(rows)}

    def find(*, after: str, before: str, limit: int, last: bool) -> list[Any]:
        for id in (after, before):
            if id and id not in places:
                raise NotFoundError(f"{id!r} is gone, and with it the place in the list; begin again")
        inside = rows[places[after] + 1 if after else 0 : places[before] if before else len(rows)]
        return list(inside[-limit:] if last else inside[:limit])

    return connection(window, window.rows(find), lambda: len(rows))


def review_rows(context: Context, ids: Iterable[str]) -> dict[str, Review]:
    """Id → row, for those of `ids` that the store knows."""
    return {str(row.id): row for row in _reviews(context.store.reviews(ids).values())}


def _reviews(reviews: Iterable[model.Review]) -> list[Review]:
    reviews = list(reviews)
    group = Group(review.id for review in reviews)
    films = Group(dict.fromkeys(review.film for review in reviews if review.film))
    return [
        Review(
            id=ID(review.id),
            reviewer=review.reviewer,
            outlet=review.outlet,
            published=review.published,
            url=review.url,
            film_id=review.film,
            group=group,
            film_group=films,
        )
        for review in reviews
    ]


# ── lineage ─────────────────────────────────────────────────────────────────────────────────


@strawberry.type(description="A work in a lineage.")
class LineageNode:
    entity: Entity
    generation: int = strawberry.field(description="Steps from the start, the fewest there are.")
    belief: float = strawberry.field(description="That of the best way there: the product of its steps.")


@strawberry.type(description="A step from a later work back to an earlier one.")
class LineageEdge:
    subject: Entity
    relation: Relation
    object: Entity
    via: Entity | None = strawberry.field(description="The influence or franchise that the critics name.")
    belief: float
    claim_ids: list[ID]
    as_of: strawberry.Private[date | None]
    group: strawberry.Private[Group]

    @field
    def claims(self, info: Info) -> list[Claim]:
        found = self.group.fetch("claims", lambda ids: claim_rows(info.context, ids, self.as_of))
        return [found[id] for id in self.claim_ids if id in found]

    @field
    def disputed(self, info: Info) -> bool:
        """Whether critics speak against it too."""
        found = self.group.fetch("claims", lambda ids: claim_rows(info.context, ids, self.as_of))
        return any(found[id].voices_against > 0 for id in self.claim_ids if id in found)

    @field
    def evidence(self, info: Info, first: int = 3) -> list[Evidence]:
        """Who says so: the most confident quotes first."""
        check("first", first, 1, MAX_PAGE)
        found = self.group.fetch("evidence", lambda ids: evidence_rows(info.context, ids))
        rows = [
            row for id in self.claim_ids for row in found.get(id, ()) if row.review.was_written_by(self.as_of)
        ]
        return sorted(rows, key=lambda row: (-row.confidence, row.id))[:first]


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

    def trace(id: str) -> index.Lineage:
        if id not in source:
            return index.Lineage(id, asked.direction, (index.Node(id, 0, 1.0),), ())
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
    context: Context, found: Mapping[str, index.Lineage], asked: LineageQuestion
) -> dict[str, Lineage]:
    nodes = [_transposed(lineage.nodes, 3) for lineage in found.values()]
    edges = [_transposed(lineage.edges, 6) for lineage in found.values()]
    works = Works(context, _ends(edges).union(found, *(row[0] for row in nodes)))
    ties = _edge_columns(works, edges, asked.as_of)
    return {
        id: Lineage(
            of=works.rows[id],
            direction=asked.direction,
            nodes=_node_columns(works, row),
            edges=ties[number],
            left_out=lineage.left_out,
            page_info=_lineage_page(row[0], lineage.left_out, asked.after),
        )
        for number, ((id, lineage), row) in enumerate(zip(found.items(), nodes, strict=True))
        if id in works.records
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
    context: Context, found: Iterable[Iterable[index.Edge]], as_of: date | None = None
) -> list[Any]:
    """Rows for lists of edges, each a sequence of LineageEdge: one group, their ends loaded in one store call."""
    edges = [_transposed(row, 6) for row in found]
    return _edge_columns(Works(context, _ends(edges)), edges, as_of)


def _transposed(rows: Iterable[Any], width: int) -> Sequence[Sequence[Any]]:
    """The columns of Nodes or Edges."""
    return rows.columns if isinstance(rows, index.Lazy) else list(zip(*rows, strict=True)) or [()] * width


def _ends(edges: Iterable[Sequence[Sequence[Any]]]) -> set[str]:
    found: set[str | None] = set()
    for subject, object, _, _, _, via in edges:
        found.update(subject, object, via)
    return cast("set[str]", found - {None})


class Works:
    """The entities that a lineage speaks of: records that are read together, rows of one group when one is taken."""

    def __init__(self, context: Context, ids: set[str]) -> None:
        self.records = context.store.entities(ids)
        self.complete = len(self.records) == len(ids)

    def known(self, columns: Sequence[Sequence[Any]], ends: int) -> Sequence[Sequence[Any]]:
        """The columns without the rows one of whose first `ends` values is no entity that the store has (any more)."""
        if self.complete:
            return columns
        kept = [row for row in zip(*columns, strict=True) if all(id in self.records for id in row[:ends])]
        return _transposed(kept, len(columns))

    @cached_property
    def rows(self) -> _RowsById:
        return _RowsById(self.records)

    def columns(self, ids: Sequence[str | None]) -> Columns[Any]:
        """Those entities, one for each id; None where there is no id, or no such entity."""
        missing = None if self.complete and None not in ids else [id not in self.records for id in ids]
        if missing and all(missing):
            return Columns(len(ids), lambda name: None, lambda: [None] * len(ids))
        records = self.records

        @cache
        def present() -> list[Any]:
            if not missing:
                return list(map(records.__getitem__, cast("Sequence[str]", ids)))
            stand_in = next(iter(records.values()))
            return [records.get(id or "", stand_in) for id in ids]

        def column(name: str) -> Sequence[Any] | None:
            return Sure(str, ids) if name == "id" and not missing else _entity_column(present(), name)

        return Columns(len(ids), column, lambda: [self.rows.get(id or "") for id in ids], missing)


class _RowsById(Mapping[str, Entity]):
    """Id → row, made when it is first taken; all are of one group."""

    def __init__(self, records: Mapping[str, model.Entity]) -> None:
        self._records = records
        self._made: dict[str, Entity] = {}

    @cached_property
    def _groups(self) -> tuple[Group, Group]:
        return groups_of(self._records)

    def __getitem__(self, id: str) -> Entity:
        if id not in self._made:
            self._made[id] = _entity(self._records[id], *self._groups)
        return self._made[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _entity_column(records: Sequence[Any], name: str) -> Sequence[Any] | None:
    """What `_entity` makes of an attribute that all entities have, for many at once."""
    match name:
        case "id":
            return [record.id for record in records]
        case "name":
            return [record.name for record in records]
        case "year":
            return [record.year for record in records]
        case "aliases":
            return [record.aliases for record in records]
        case "kind":
            return [kind_of(record.id) for record in records]
        case "provisional":
            return [is_provisional(record.id) for record in records]
        case "__typename":
            return [type(record).__name__ for record in records]
    return None


def _node_columns(works: Works, nodes: Sequence[Sequence[Any]]) -> Any:
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


def _edge_columns(works: Works, found: Sequence[Sequence[Sequence[Any]]], as_of: date | None) -> list[Any]:
    group = cache(
        lambda: Group(dict.fromkeys(claim for row in found for claims in row[4] for claim in claims))
    )

    def columns(edges: Sequence[Sequence[Any]]) -> Columns[LineageEdge]:
        subject, object, relation, belief, claims, via = works.known(edges, 2)

        def column(name: str) -> Sequence[Any] | None:
            match name:
                case "subject":
                    return works.columns(subject)
                case "object":
                    return works.columns(object)
                case "via":
                    return works.columns(via)
                case "relation":
                    return relation
                case "belief":
                    return Sure(float, belief)
                case "claim_ids":
                    return Sure(tuple, claims)
            return None

        def make() -> Iterator[LineageEdge]:
            for row in zip(subject, object, relation, belief, claims, via, strict=True):
                yield LineageEdge(
                    subject=works.rows[row[0]],
                    object=works.rows[row[1]],
                    relation=row[2],
                    belief=row[3],
                    claim_ids=[ID(claim) for claim in row[4]],
                    via=works.rows.get(row[5] or ""),
                    as_of=as_of,
                    group=group(),
                )

        return Columns(len(subject), column, make)

    return [columns(edges) for edges in found]
