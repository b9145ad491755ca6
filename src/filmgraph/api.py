"""The GraphQL schema: questions and changes, each resolver a few lines over the layer that does the work.

`python -m filmgraph.api` prints the schema.
"""

from __future__ import annotations

import hmac
from datetime import date
from enum import StrEnum
from typing import Annotated, cast

import strawberry

from filmgraph import model
from filmgraph.documents import checked, document_from_record
from filmgraph.errors import AccessError, CursorError, NotFoundError, QueryError
from filmgraph.ingest import ingest
from filmgraph.model import EntityKind, JudgementAction, catalogued_id, review_id
from filmgraph.recommend import recommend
from filmgraph.rows import (
    ENTITIES,
    MAX_PAGE,
    AsOf,
    Claim,
    ClaimFilterInput,
    Connection,
    Context,
    Depth,
    Direction,
    Entity,
    Evidence,
    Film,
    Franchise,
    Influence,
    Info,
    Lineage,
    LineageEdge,
    LineageQuestion,
    MinBelief,
    Node,
    Person,
    Relations,
    Review,
    Work,
    check,
    claim_pages,
    claim_rows,
    connection,
    edge_rows,
    entity_rows,
    evidence_of,
    field,
    lineages,
    position,
    review_rows,
    rows_of,
)
from filmgraph.store import ClaimFilter, Store
from filmgraph.subscriptions import Subscription
from filmgraph.transaction import pinned

__all__ = ["PRICES", "SCHEMA", "Mutation", "Query"]

ID = strawberry.ID
MAX_HITS = 200
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
    def claim(self, info: Info, id: ID) -> Claim | None:
        return claim_rows(info.context, [id]).get(id)

    @field
    def node(self, info: Info, id: ID) -> Node | None:
        """Anything by its id."""
        match id.partition(":")[0]:
            case "review":
                return review_rows(info.context, [id]).get(id)
            case "claim":
                return claim_rows(info.context, [id]).get(id)
            case _:
                return entity_rows(info.context, [id]).get(id)

    @field
    def search(
        self,
        info: Info,
        query: str,
        kinds: list[EntityKind] | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> Connection[Entity]:
        """Entities whose name is like `query`, spelt right or not, the best first."""
        check("first", first, 1, MAX_PAGE)
        if len(query) > MAX_HITS:
            raise QueryError(f"query: {len(query)} characters are too many; it takes {MAX_HITS}")
        place = position("search", after)
        wanted = MAX_HITS if place else first + 1
        names = info.context.service.names()
        ids = [hit.entity for hit in names.search(query, kinds, limit=wanted)]
        if place and place not in ids:
            raise CursorError("after: the work it stands at is no longer found; begin again without it")
        start = ids.index(place) + 1 if place else 0
        rows = list(entity_rows(info.context, ids[start : start + first + 1]).values())

        def count() -> int:
            return len(names.search(query, kinds, limit=MAX_HITS))

        return connection("search", rows, first=first, after=after, count=count)

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
    ) -> Lineage:
        """The works reached from one work, with the claims that tie them."""
        asked = LineageQuestion(direction, depth, tuple(relations or ()), min_belief, as_of, first)
        return lineages(info.context, [_known(info.context, of)], asked)[of]

    @field
    def influence_paths(
        self,
        info: Info,
        from_: Annotated[ID, strawberry.argument(name="from")],
        to: ID,
        k: int = 3,
        max_depth: int = 6,
    ) -> list[InfluencePath]:
        """The best ways of influence between two works, whichever came first; strongest first."""
        index = info.context.index
        found = index.paths(from_, to, k=k, max_depth=max_depth)
        found = found or index.paths(to, from_, k=k, max_depth=max_depth)
        edges = edge_rows(info.context, [path.edges for path in found])
        return [
            InfluencePath(belief=path.belief, length=len(rows), edges=rows)
            for path, rows in zip(found, edges, strict=True)
        ]

    @field
    def common_ancestors(
        self, info: Info, a: ID, b: ID, depth: Depth = 6, first: int = 10
    ) -> list[SharedWork]:
        """Works that both come from, nearest first; each counts as its own."""
        check("first", first, 1, MAX_PAGE)
        found = info.context.index.common(a, b, depth=depth, first=first)
        works = entity_rows(info.context, (shared.entity for shared in found))
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

    @field
    def most_influential(
        self,
        info: Info,
        metric: Metric = Metric.DESCENDANTS,
        from_: From = None,
        to: To = None,
        genre: str | None = None,
        first: int = 10,
    ) -> list[Rank]:
        """The works that most came of."""
        check("first", first, 1, MAX_PAGE)
        context, index = info.context, info.context.index
        among = context.service.cited_films(index, genre) if genre else None
        asked = (index.revision, metric, from_, to, genre and genre.casefold())
        ranks = context.service.remember(
            asked, lambda: index.ranks(metric, years=(from_, to), among=among, first=MAX_PAGE)
        )[:first]
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
        first: int = 10,
    ) -> list[Recommendation]:
        """Films for somebody who liked these, each with its reason."""
        check("first", first, 1, MAX_PAGE)
        for name, ids in (("liked", liked), ("disliked", disliked), ("exclude", exclude)):
            check(f"{name} (how many)", len(ids or ()), int(name == "liked"), MAX_PAGE)
        context = info.context
        found = recommend(
            context.index,
            context.store,
            liked=liked,
            disliked=disliked or (),
            exclude=exclude or (),
            first=first,
            diversity=diversity,
        )
        films = rows_of({item.film.id: item.film for item in found})
        paths = edge_rows(context, [item.reason.path for item in found])
        return [
            Recommendation(
                film=cast(Film, films[item.film.id]),
                score=item.score,
                reason=Reason(
                    sentence=item.reason.sentence,
                    quotes=[record.evidence.quote for record in item.reason.quotes],
                    path=path,
                    evidence=evidence_of((r.evidence.claim.id, r) for r in item.reason.quotes),
                ),
            )
            for item, path in zip(found, paths, strict=True)
        ]

    @field
    def claims(
        self,
        info: Info,
        filter: ClaimFilterInput | None = None,
        first: int = 20,
        after: str | None = None,
    ) -> Connection[Claim]:
        """Claims by id, in pages."""
        where = (filter or ClaimFilterInput()).where()
        return claim_pages(info.context, {"": where}, first, after)[""]

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
    return next(iter(rows_of({entity.id: entity for entity in exact[:1]}).values()), None)


def _one_of(**arguments: str | None) -> None:
    if sum(value is not None for value in arguments.values()) != 1:
        raise QueryError(f"give one of {', '.join(sorted(arguments))}")


def _known(context: Context, id: str) -> str:
    if id not in context.index:
        raise NotFoundError(f"{id!r} is not in the graph; search finds ids by name")
    return id


# ── changes ─────────────────────────────────────────────────────────────────────────────────


@strawberry.input(
    description="A review and what is known of it; the film is worked out when it is not given."
)
class ReviewInput:
    text: str
    title: str | None = None
    year: int | None = None
    imdb_id: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    published: date | None = None
    rating: str | None = strawberry.field(default=None, description="As printed: 3.5/5, B+, 7.")
    url: str | None = None
    licence: str | None = None


@strawberry.type(description="What a review said.")
class Ingested:
    review: Review
    claims: list[Claim]
    known: bool = strawberry.field(description="It had been read before; nothing changed.")


@strawberry.type
class Retracted:
    id: ID
    revision: int


@strawberry.input(description="A human decision.")
class JudgementInput:
    action: JudgementAction
    target: ID = strawberry.field(
        description="ACCEPT, REJECT: a claim. MERGE: the entity that gives way. SPLIT: one that was merged. "
        "PIN: a review and the entity that a name in it was taken for, `review:…#film:…`."
    )
    value: ID | None = strawberry.field(
        default=None, description="MERGE: the entity that stays. PIN: the one that is meant."
    )
    by: str = ""
    note: str = ""


@strawberry.type(description="A decision in the log of judgements.")
class Judged:
    id: ID
    action: JudgementAction
    target: ID
    value: ID | None
    by: str
    note: str
    revision: int


@strawberry.type(description="All of it needs the server's write token: `Authorization: Bearer …`.")
class Mutation:
    @field
    def ingest_review(self, info: Info, input: ReviewInput) -> Ingested:
        """Read a review into the graph; reading it twice changes nothing."""
        context = _writer(info)
        record = {name: value for name, value in vars(input).items() if value is not None}
        document = checked(document_from_record(record, "input"), context.service.settings)
        reader = context.service.reader()
        with context.service.writing() as store:
            progress = ingest([document], store, reader)
        _refresh(context)
        id = review_id(document.text)
        claims = claim_pages(context, {"": ClaimFilter(review=id)}, MAX_PAGE, None)[""].nodes
        return Ingested(review=review_rows(context, [id])[id], claims=claims, known=bool(progress.known))

    @field
    def retract_review(self, info: Info, id: ID) -> Retracted:
        """Take a review back: the graph is as if it had never been read."""
        context = _writer(info)
        with context.service.writing() as store:
            if not store.retract(id):
                raise NotFoundError(f"there is no review {id!r}")
        return Retracted(id=id, revision=_refresh(context))

    @field
    def judge(self, info: Info, input: JudgementInput) -> Judged:
        """Record a human decision; it outlasts every new reading."""
        context = _writer(info)
        with context.service.writing() as store:
            _check_judgement(store, input)
            id = f"judgement:{input.action}:{input.target}@{store.revision()}"
            store.judge(
                model.Judgement(id, input.action, input.target, input.value, input.by, note=input.note)
            )
        return _judged(context, id)

    @field
    def undo(self, info: Info, judgement: ID) -> Judged:
        """Take a judgement back."""
        context = _writer(info)
        with context.service.writing() as store:
            store.undo(judgement)
        return _judged(context, judgement)


def _writer(info: Info) -> Context:
    """The request's context; AccessError unless it may change the graph."""
    expected, given = info.context.service.settings.write_token, info.context.token
    if expected is None:
        raise AccessError(
            "this server only answers questions; FILMGRAPH_WRITE_TOKEN would let it take changes"
        )
    if given is None or not hmac.compare_digest(given.encode(), expected.encode()):
        raise AccessError("changes need the server's token: send it as `Authorization: Bearer TOKEN`")
    return info.context


def _refresh(context: Context) -> int:
    """Answer the rest of this request from what has just been written; the new revision."""
    context.index = context.service.index(wait=True)
    return context.index.revision


def _check_judgement(store: Store, input: JudgementInput) -> None:
    if input.action in (JudgementAction.ACCEPT, JudgementAction.REJECT):
        if not store.claims([input.target]):
            raise NotFoundError(f"target: there is no claim {input.target!r}")
    elif input.action in (JudgementAction.MERGE, JudgementAction.SPLIT):
        wanted = [input.target, *([input.value] if input.value else [])]
        unknown = [id for id in wanted if store.entity(id) is None]
        if unknown:
            raise NotFoundError(f"there is no entity {unknown[0]!r}")
        if (input.value is None) != (input.action is JudgementAction.SPLIT):
            raise QueryError("value: MERGE names the entity that stays by it; SPLIT takes none")
    else:
        review, entity = pinned(input.target)
        if store.review(review) is None or store.entity(entity) is None:
            raise NotFoundError(
                f"target: {input.target!r} names no review and entity, as in 'review:…#film:…'"
            )
        if input.value is None or store.entity(input.value) is None:
            raise NotFoundError(f"value: there is no entity {input.value!r} that could be meant")


def _judged(context: Context, id: str) -> Judged:
    found = next(entry for entry in context.store.judgements() if entry.id == id)
    return Judged(
        id=ID(id),
        action=found.action,
        target=ID(found.target),
        value=ID(found.value) if found.value else None,
        by=found.by,
        note=found.note,
        revision=_refresh(context),
    )


SCHEMA = strawberry.Schema(Query, Mutation, Subscription, types=ENTITIES)
_WALK = ("lineage", "ancestors", "descendants", "commonAncestors", "search", "totalCount")
PRICES = dict.fromkeys(_WALK, 500) | dict.fromkeys(
    ("influencePaths", "recommendations", "mostInfluential"), 5_000
)
"""What a field costs that may touch much of the graph, however few rows it gives."""

if __name__ == "__main__":
    print(SCHEMA.as_str())
