"""The GraphQL schema: questions and changes, each resolver a few lines over the layer that does the work.

`python -m filmgraph.api` prints the schema.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, cast

import strawberry

from filmgraph import lineage as index_lineage
from filmgraph import model
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.filters import (
    ClaimFilterInput,
    ClaimOrder,
    EntityFilterInput,
    EntityOrder,
    FilmFilterInput,
    ReviewFilterInput,
    ReviewOrder,
)
from filmgraph.judgements import standing
from filmgraph.lineage import Path
from filmgraph.model import EntityKind, JudgementAction, Relation, catalogued_id
from filmgraph.mutations import Mutation
from filmgraph.paging import (
    MAX_PAGE,
    After,
    Before,
    Connection,
    Last,
    Window,
    check,
    connection,
    field,
    slice_of,
)
from filmgraph.recommend import recommend
from filmgraph.request import (
    AsOf,
    Context,
    Depth,
    Direction,
    Info,
    LineageQuestion,
    MinBelief,
    Relations,
)
from filmgraph.rows import (
    ENTITIES,
    Claim,
    Entity,
    Evidence,
    Film,
    Franchise,
    Influence,
    Lineage,
    LineageEdge,
    Node,
    Person,
    Review,
    Work,
    claim_pages,
    claim_rows,
    edge_rows,
    entity_page,
    entity_rows,
    evidence_of,
    lineages,
    review_page,
    review_rows,
    rows_of,
)
from filmgraph.store import Change as LoggedChange
from filmgraph.subscriptions import Subscription

__all__ = ["PRICES", "SCHEMA", "Mutation", "Query"]

ID = strawberry.ID
MAX_HITS = 200
MAX_CHANGES = 10_000
"""Entries of the log of changes that are counted, or looked through for one."""
From = Annotated[int | None, strawberry.argument(name="from", description="Released in or after that year.")]
To = Annotated[int | None, strawberry.argument(description="Released in or before that year.")]


@strawberry.enum
class Metric(StrEnum):
    """What influence is measured by."""

    PAGERANK = "pagerank"
    DESCENDANTS = "descendants"
    CITATIONS = "citations"
    LONG_GAP = "long_gap"


@strawberry.type(description="A way of influence between two works.")
class InfluencePath:
    belief: float = strawberry.field(description="The product of the beliefs of its steps.")
    length: int
    edges: list[LineageEdge] = strawberry.field(description="From the later work back to the earlier one.")


@strawberry.type(description="How many claims of one relation.")
class RelationCount:
    relation: Relation
    count: int


@strawberry.type(description="A year of a clone wave.")
class WaveYear:
    year: int
    works: int = strawberry.field(description="Descendants released that year.")
    relations: list[RelationCount] = strawberry.field(description="What ties them, by claims.")


@strawberry.type(
    description="Works each of which comes from every other by what critics say, which cannot be."
)
class Cycle:
    works: list[Entity]
    edges: list[LineageEdge]


@strawberry.type(description="A change that somebody made: the log, newest first.")
class Change(Node):
    at: datetime
    by: str
    action: str = strawberry.field(description="ingest, retract, judge or undo.")
    target: ID = strawberry.field(description="The review or the judgement.")
    revision: int


@strawberry.type(description="A human decision, in the log of judgements.")
class Judgement(Node):
    action: JudgementAction
    target: ID
    value: ID | None
    by: str
    at: datetime | None
    note: str
    undoes: ID | None = strawberry.field(description="The judgement that this one takes back.")
    standing: bool = strawberry.field(description="In force: neither undone nor undoing.")


@strawberry.type(description="A work that two works share.")
class SharedWork:
    entity: Entity
    generation_from_a: int
    generation_from_b: int
    belief: float


@strawberry.type(description="A work and its figure in a ranking.")
class Rank:
    entity: Entity
    value: float


@strawberry.type(description="Why a film is recommended: a path to something liked, and critics' words.")
class Reason:
    sentence: str
    quotes: list[str]
    path: list[LineageEdge]
    evidence: list[Evidence] = strawberry.field(description="The quotes with who says them.")


@strawberry.type
class Recommendation:
    film: Film
    score: float
    reason: Reason


@strawberry.type(description="How much the graph holds.")
class Stats:
    films: int
    people: int
    works: int
    franchises: int
    influences: int
    reviews: int
    claims: int
    evidence: int
    revision: int = strawberry.field(description="Moves when, and only when, the content does.")


@strawberry.type
class Query:
    @field
    def film(
        self,
        info: Info,
        id: ID | None = None,
        title: str | None = None,
        year: int | None = None,
        imdb_id: str | None = None,
    ) -> Film | None:
        """By id, by imdbId, or by its exact title and year; the best known of several."""
        if imdb_id is not None:
            _one_of(imdbId=imdb_id, id=id, title=title)
            id = ID(catalogued_id(EntityKind.FILM, imdb_id))
        return cast("Film | None", _find(info.context, EntityKind.FILM, id=id, title=title, year=year))

    @field
    def person(self, info: Info, id: ID | None = None, name: str | None = None) -> Person | None:
        return cast("Person | None", _find(info.context, EntityKind.PERSON, id=id, name=name))

    @field
    def franchise(self, info: Info, id: ID | None = None, name: str | None = None) -> Franchise | None:
        return cast("Franchise | None", _find(info.context, EntityKind.FRANCHISE, id=id, name=name))

    @field
    def influence(self, info: Info, id: ID | None = None, name: str | None = None) -> Influence | None:
        return cast("Influence | None", _find(info.context, EntityKind.INFLUENCE, id=id, name=name))

    @field
    def work(
        self, info: Info, id: ID | None = None, title: str | None = None, year: int | None = None
    ) -> Work | None:
        return cast("Work | None", _find(info.context, EntityKind.WORK, id=id, title=title, year=year))

    @field
    def review(self, info: Info, id: ID) -> Review | None:
        return review_rows(info.context, [id]).get(id)

    @field
    def claim(self, info: Info, id: ID, as_of: AsOf = None) -> Claim | None:
        return claim_rows(info.context, [id], as_of).get(id)

    @field
    def node(self, info: Info, id: ID) -> Node | None:
        """Anything by its id."""
        match id.partition(":")[0]:
            case "review":
                return review_rows(info.context, [id]).get(id)
            case "claim":
                return claim_rows(info.context, [id]).get(id)
            case "evidence":
                found = info.context.store.evidence_items([id]).values()
                return next(iter(evidence_of(info.context, ((item.claim, item) for item in found))), None)
            case "change" | "judgement" | "merge":
                return next((row for row in _log(info.context) if row.id == id), None)
            case _:
                return entity_rows(info.context, [id]).get(id)

    @field
    def films(
        self,
        info: Info,
        filter: FilmFilterInput | None = None,
        order_by: EntityOrder = EntityOrder.RENOWN,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Film]:
        """Films, the best known first unless told otherwise."""
        window = Window.of("films", first, after, last, before)
        return entity_page(info.context, (filter or FilmFilterInput()).where(), window, order_by)

    @field
    def people(
        self,
        info: Info,
        filter: EntityFilterInput | None = None,
        order_by: EntityOrder = EntityOrder.NAME,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Person]:
        window = Window.of("people", first, after, last, before)
        where = (filter or EntityFilterInput()).where(EntityKind.PERSON)
        return entity_page(info.context, where, window, order_by)

    @field
    def works(
        self,
        info: Info,
        filter: EntityFilterInput | None = None,
        order_by: EntityOrder = EntityOrder.NAME,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Work]:
        window = Window.of("works", first, after, last, before)
        where = (filter or EntityFilterInput()).where(EntityKind.WORK)
        return entity_page(info.context, where, window, order_by)

    @field
    def franchises(
        self,
        info: Info,
        filter: EntityFilterInput | None = None,
        order_by: EntityOrder = EntityOrder.NAME,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Franchise]:
        window = Window.of("franchises", first, after, last, before)
        where = (filter or EntityFilterInput()).where(EntityKind.FRANCHISE)
        return entity_page(info.context, where, window, order_by)

    @field
    def influences(
        self,
        info: Info,
        filter: EntityFilterInput | None = None,
        order_by: EntityOrder = EntityOrder.NAME,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Influence]:
        window = Window.of("influences", first, after, last, before)
        where = (filter or EntityFilterInput()).where(EntityKind.INFLUENCE)
        return entity_page(info.context, where, window, order_by)

    @field
    def reviews(
        self,
        info: Info,
        filter: ReviewFilterInput | None = None,
        order_by: ReviewOrder = ReviewOrder.NEWEST,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Review]:
        """Reviews, the newest first unless told otherwise."""
        window = Window.of("reviews", first, after, last, before)
        return review_page(info.context, (filter or ReviewFilterInput()).where(), window, order_by)

    @field
    def search(
        self,
        info: Info,
        query: str,
        kinds: list[EntityKind] | None = None,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Entity]:
        """Entities whose name is like `query`, spelt right or not, the best first; the first 200 of them."""
        if len(query) > MAX_HITS:
            raise QueryError(f"query: {len(query)} characters are too many; it takes {MAX_HITS}")
        window, names = Window.of("search", first, after, last, before), info.context.service.names()
        beginning = not (after or before or last)
        wanted = first + 1 if beginning else MAX_HITS
        ids = [hit.entity for hit in names.search(query, kinds, limit=wanted)]

        def find(*, after: str, before: str, limit: int, last: bool) -> list[str]:
            if missing := {after, before} - {"", *ids}:
                raise NotFoundError(f"{min(missing)!r} is no longer found; begin again")
            inside = ids[ids.index(after) + 1 if after else 0 : ids.index(before) if before else len(ids)]
            return inside[-limit:] if last else inside[:limit]

        rows = list(entity_rows(info.context, window.rows(find)).values())
        return connection(window, rows, lambda: len(names.search(query, kinds, limit=MAX_HITS)))

    @field
    def lineage(
        self,
        info: Info,
        of: ID,
        direction: Direction = Direction.DESCENDANTS,
        depth: Depth = 3,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
        first: int = 100,
        after: After = None,
    ) -> Lineage:
        """The works reached from one work, with the claims that tie them."""
        place = Window.of("lineage", 1, after).after
        asked = LineageQuestion(direction, depth, tuple(relations or ()), min_belief, as_of, first, place)
        return lineages(info.context, [_known(info.context, of)], asked)[of]

    @field
    def clone_wave(
        self,
        info: Info,
        of: ID,
        depth: Depth = 3,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
    ) -> list[WaveYear]:
        """What came of a work, year by year, and by which relations."""
        source = info.context.index_by(as_of)
        options: dict[str, Any] = {"depth": depth, "relations": relations, "min_belief": min_belief}
        if _known(info.context, of) not in source:
            return []
        found = source.lineage(of, **options)
        works = Counter(year for node in found.nodes[1:] if (year := source.year(node.entity)))
        ties = source.wave(of, **options)
        return [
            WaveYear(
                year=year,
                works=number,
                relations=[
                    RelationCount(relation=relation, count=count)
                    for relation, count in ties.get(year, {}).items()
                ],
            )
            for year, number in sorted(works.items())
        ]

    @field
    def all_cycles(
        self, info: Info, min_belief: MinBelief = 0.0, as_of: AsOf = None, first: int = 10
    ) -> list[Cycle]:
        """Where what critics say goes round in circles, the largest first; claims that would make a film descend from
        a later one are left out already."""
        check("first", first, 1, MAX_PAGE)
        source = info.context.index_by(as_of)
        asked = (source.revision, "cycles", as_of, min_belief)
        knots = info.context.service.remember(asked, lambda: source.cycles(min_belief=min_belief))[:first]
        works = entity_rows(info.context, (id for knot in knots for id in knot))
        edges = edge_rows(info.context, [source.between(knot) for knot in knots], as_of)
        return [
            Cycle(works=[works[id] for id in knot if id in works], edges=rows)
            for knot, rows in zip(knots, edges, strict=True)
        ]

    @field
    def influence_paths(
        self,
        info: Info,
        from_: Annotated[ID, strawberry.argument(name="from")],
        to: ID,
        k: int = 3,
        max_depth: int = 6,
        relations: Relations = None,
        min_belief: MinBelief = 0.0,
        as_of: AsOf = None,
    ) -> list[InfluencePath]:
        """The best ways of influence between two works, whichever came first; strongest first."""
        index = info.context.index_by(as_of)
        if not all(_known(info.context, id) in index for id in (from_, to)):
            return []
        kinds = tuple(relations or ())

        def paths(later: str, earlier: str) -> list[Path]:
            return index.paths(
                later, earlier, k=k, max_depth=max_depth, relations=kinds, min_belief=min_belief
            )

        found = paths(from_, to) or paths(to, from_)
        edges = edge_rows(info.context, [path.edges for path in found], as_of)
        return [
            InfluencePath(belief=path.belief, length=len(rows), edges=rows)
            for path, rows in zip(found, edges, strict=True)
        ]

    @field
    def common_ancestors(
        self, info: Info, a: ID, b: ID, depth: Depth = 6, as_of: AsOf = None, first: int = 10
    ) -> list[SharedWork]:
        """Works that both come from, nearest first; each counts as its own."""
        return _shared(info.context, (a, b), Direction.ANCESTORS, depth, as_of, first)

    @field
    def common_descendants(
        self, info: Info, a: ID, b: ID, depth: Depth = 6, as_of: AsOf = None, first: int = 10
    ) -> list[SharedWork]:
        """Works that come from both, nearest first; each counts as its own."""
        return _shared(info.context, (a, b), Direction.DESCENDANTS, depth, as_of, first)

    @field
    def most_influential(
        self,
        info: Info,
        metric: Metric = Metric.DESCENDANTS,
        from_: From = None,
        to: To = None,
        genre: str | None = None,
        country: str | None = None,
        person: Annotated[
            ID | None, strawberry.argument(description="Films that credit this person, in whatever role.")
        ] = None,
        as_of: AsOf = None,
        first: int = 10,
    ) -> list[Rank]:
        """The works that most came of; films alone with a genre, a country or a person."""
        check("first", first, 1, MAX_PAGE)
        context, index = info.context, info.context.index_by(as_of)
        wanted = genre and genre.casefold(), country and country.casefold(), person

        def ranked() -> list[index_lineage.Rank]:
            films = context.service.cited_films(context.index) if any(wanted) else None
            among = None if films is None else [film.id for film in films if _is_wanted(film, *wanted)]
            return index.ranks(metric, years=(from_, to), among=among, first=MAX_PAGE)

        asked = (index.revision, metric, from_, to, *wanted, as_of)
        ranks = context.service.remember(asked, ranked)[:first]
        works = entity_rows(context, (rank.entity for rank in ranks))
        return [Rank(entity=works[rank.entity], value=rank.value) for rank in ranks if rank.entity in works]

    @field
    def recommendations(
        self,
        info: Info,
        liked: list[ID],
        disliked: list[ID] | None = None,
        exclude: list[ID] | None = None,
        diversity: Annotated[
            float,
            strawberry.argument(description="0: the best films; 1: films as unlike each other as may be."),
        ] = 0.0,
        as_of: AsOf = None,
        first: int = 10,
    ) -> list[Recommendation]:
        """Films for somebody who liked these, each with its reason."""
        check("first", first, 1, MAX_PAGE)
        for name, ids in (("liked", liked), ("disliked", disliked), ("exclude", exclude)):
            check(f"{name} (how many)", len(ids or ()), int(name == "liked"), MAX_PAGE)
        context = info.context
        known = context.store.entities([*liked, *(disliked or ()), *(exclude or ())])
        for id in (*liked, *(disliked or ()), *(exclude or ())):
            if id not in known:
                raise NotFoundError(f"there is no film {id!r}; search finds ids by name")
        found = recommend(
            context.index_by(as_of),
            context.store,
            liked=liked,
            disliked=disliked or (),
            exclude=exclude or (),
            first=first,
            diversity=diversity,
            as_of=as_of,
        )
        films = rows_of(context, {item.film.id: item.film for item in found})
        paths = edge_rows(context, [item.reason.path for item in found], as_of)
        return [
            Recommendation(
                film=cast(Film, films[item.film.id]),
                score=item.score,
                reason=Reason(
                    sentence=item.reason.sentence,
                    quotes=[record.evidence.quote for record in item.reason.quotes],
                    path=path,
                    evidence=evidence_of(context, ((r.evidence.claim.id, r) for r in item.reason.quotes)),
                ),
            )
            for item, path in zip(found, paths, strict=True)
        ]

    @field
    def claims(
        self,
        info: Info,
        filter: ClaimFilterInput | None = None,
        order_by: ClaimOrder = ClaimOrder.ID,
        as_of: AsOf = None,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Claim]:
        """Claims in pages; with `asOf`, with the evidence and the belief of then."""
        where = (filter or ClaimFilterInput()).where()
        window = Window.of("claims", first, after, last, before)
        return claim_pages(info.context, {"": where}, window, order_by, as_of)[""]

    @field
    def judgements(
        self,
        info: Info,
        target: ID | None = None,
        first: int = 20,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Judgement]:
        """Human decisions, newest first; those about one claim or entity with `target`."""
        window = Window.of("judgements", first, after, last, before)
        rows = [row for row in _judgements(info.context) if target in (None, row.target)]
        return slice_of(window, rows)

    @field
    def changes(self, info: Info, first: int = 20, after: After = None) -> Connection[Change]:
        """Who did what to the graph, newest first."""
        window, store = Window.of("changes", first, after), info.context.store
        found = store.changes(after=window.after, limit=window.size + 1)
        return connection(window, _changes(found), lambda: len(store.changes(limit=MAX_CHANGES)))

    @field
    def stats(self, info: Info) -> Stats:
        context = info.context
        counts = context.service.remember((context.store.revision(), "stats"), context.store.stats)
        return Stats(**{name: counts[name] for name in Stats.__annotations__})


def _find(
    context: Context,
    kind: EntityKind,
    *,
    id: str | None,
    year: int | None = None,
    **named: str | None,
) -> Entity | None:
    """The one entity that is asked for; of several with one name the best known."""
    _one_of(id=id, **named)
    if id is not None:
        return entity_rows(context, [id] if id.startswith(f"{kind}:") else []).get(id)
    (name,) = named.values()
    found = context.store.named(name or "", [kind])
    exact = [entity for entity in found if year in (None, entity.year)]
    return next(iter(rows_of(context, {entity.id: entity for entity in exact[:1]}).values()), None)


def _is_wanted(film: model.Film, genre: str | None, country: str | None, person: str | None) -> bool:
    """Whether a film is of that genre and country, in lower case, and credits that person; None asks for nothing."""
    return (
        (not genre or genre in map(str.casefold, film.genres))
        and (not country or country in map(str.casefold, film.countries))
        and (not person or any(credit.person == person for credit in film.credits))
    )


def _one_of(**arguments: str | None) -> None:
    if sum(value is not None for value in arguments.values()) != 1:
        raise QueryError(f"give one of {', '.join(sorted(arguments))}")


def _shared(
    context: Context,
    pair: tuple[str, str],
    direction: Direction,
    depth: int,
    as_of: date | None,
    first: int,
) -> list[SharedWork]:
    check("first", first, 1, MAX_PAGE)
    index = context.index_by(as_of)
    if not all(_known(context, id) in index for id in pair):
        return []
    found = index.common(*pair, direction=direction, depth=depth, first=first)
    works = entity_rows(context, (shared.entity for shared in found))
    return [
        SharedWork(
            entity=works[shared.entity],
            generation_from_a=shared.generations[0],
            generation_from_b=shared.generations[1],
            belief=shared.belief,
        )
        for shared in found
        if shared.entity in works
    ]


def _judgements(context: Context) -> list[Judgement]:
    """All of them, newest first: they are made by hand, and few."""
    log = context.store.judgements()
    in_force = {entry.id for entry in standing(log)}
    return [
        Judgement(
            id=ID(entry.id),
            action=entry.action,
            target=ID(entry.target),
            value=ID(entry.value) if entry.value else None,
            by=entry.by,
            at=entry.at,
            note=entry.note,
            undoes=ID(entry.undoes) if entry.undoes else None,
            standing=entry.id in in_force,
        )
        for entry in reversed(log)
    ]


def _changes(found: Sequence[LoggedChange]) -> list[Change]:
    return [
        Change(
            id=ID(item.id),
            at=item.at,
            by=item.by,
            action=item.action,
            target=ID(item.target),
            revision=item.revision,
        )
        for item in found
    ]


def _log(context: Context) -> Iterator[Node]:
    """Entries of both logs."""
    yield from _judgements(context)
    yield from _changes(context.store.changes(limit=MAX_CHANGES))


def _known(context: Context, id: str) -> str:
    if id not in context.index:
        raise NotFoundError(f"{id!r} is not in the graph; search finds ids by name")
    return id


SCHEMA = strawberry.Schema(Query, Mutation, Subscription, types=(*ENTITIES, Change, Judgement))
_WALK = (
    "lineage", "ancestors", "descendants", "commonAncestors", "commonDescendants", "search", "totalCount",
    "originality", "followers", "judgements", "changes",
)  # fmt: skip
PRICES = dict.fromkeys(_WALK, 500) | dict.fromkeys(
    ("influencePaths", "recommendations", "mostInfluential", "cloneWave", "allCycles"), 5_000
)
"""What a field costs that may touch much of the graph, however few rows it gives."""

if __name__ == "__main__":
    print(SCHEMA.as_str())
