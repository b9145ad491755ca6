"""What each page shows, as plain values for its template. Everything here reads the store, and runs in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from filmgraph.draw import Links, Picture, Wave, franchise_picture, lineage_svg, picture_of, wave_svg
from filmgraph.errors import NotFoundError
from filmgraph.index import MAX_DEPTH, LineageIndex
from filmgraph.lineage import Edge, Lineage, Node
from filmgraph.lineage import Path as InfluencePath
from filmgraph.model import Entity, EntityKind, Film, Franchise, Influence, Person, Relation, Work, kind_of
from filmgraph.recommend import Recommendation, recommend
from filmgraph.service import Service
from filmgraph.store import (
    ClaimFilter,
    ClaimOrder,
    ClaimRecord,
    EntityFilter,
    EntityOrder,
    EvidenceRecord,
    ReviewFilter,
    ReviewOrder,
    Store,
)
from filmgraph.web.quotes import Quote, Said, anchor, marked, quote_of, said_of
from filmgraph.web.state import State
from filmgraph.wording import edge_sentence

__all__ = ["Graph", "Step", "best_match", "found", "page_of"]

SHOWN = 12
MANY = 500
NARROW, WIDE = 400.0, 620.0
"""Pixels of years on either side of pictures that stand in a page's column, and of those that have the room."""
REVIEWS = 20
FILMS = 200
FEATURED = 8
NEWEST = 6
SAME_NAME = 0.7
"""How like a name must be to what was typed to be listed first."""
LATELY = 60


@dataclass(frozen=True, slots=True)
class Graph:
    """What one page is answered from: the index is the same all through it."""

    service: Service
    index: LineageIndex

    @property
    def store(self) -> Store:
        return self.service.store

    def lineage(self, of: str, direction: str, *, depth: int, limit: int) -> Lineage:
        """The lineage of `of`, alone in it while no claim names it."""
        if of not in self.index:
            return Lineage(of, direction, (Node(of, 0, 1.0),), ())
        return self.index.lineage(of, direction=direction, depth=depth, limit=limit)


@dataclass(frozen=True, slots=True)
class Step:
    """An edge in words, with its best quotes, and where all of them are."""

    sentence: str
    belief: float
    subject: str
    object: str
    claim: str
    quotes: tuple[Quote, ...]


def steps(graph: Graph, edges: Iterable[Edge], *, quotes: int = 1) -> list[Step]:
    """Edges in words: two store calls for all of them."""
    edges = list(edges)
    evidence = graph.store.evidence({claim for edge in edges for claim in edge.claims})
    ends = {end for edge in edges for end in (edge.subject, edge.object, edge.via) if end}
    names = graph.store.entities(ends)
    return [
        Step(
            edge_sentence(edge, names, dated=True),
            edge.belief,
            edge.subject,
            edge.object,
            edge.claims[0],
            tuple(quote_of(item) for item in _best(edge, evidence)[:quotes]),
        )
        for edge in edges
    ]


def _best(edge: Edge, evidence: Mapping[str, list[EvidenceRecord]]) -> list[EvidenceRecord]:
    said = [item for claim in edge.claims for item in evidence.get(claim, ())]
    return sorted(said, key=lambda item: (-item.evidence.confidence, item.evidence.id))


# ── pictures ────────────────────────────────────────────────────────────────────────────────


def picture_html(picture: Picture, state: State, *, span: float = NARROW) -> str:
    """A picture whose works lead to themselves as the focus, and whose ties lead to their quotes."""
    links = Links(
        work=lambda work: state.but(of=work.id).address,
        tie=lambda tie: state.but(claim=tie.claims[0]).address if tie.claims else state.address,
        more=lambda side: state.but(limit=min(400, state.limit * 2)).address,
    )
    return lineage_svg(picture, links=links, heading=False, styled=False, span=span)


def _both_ways(graph: Graph, of: str, *, depth: int, limit: int) -> Picture:
    ways = ("ancestors", "descendants")
    return picture_of(graph.store, *(graph.lineage(of, way, depth=depth, limit=limit) for way in ways))


# ── home ────────────────────────────────────────────────────────────────────────────────────


def home(graph: Graph) -> dict[str, Any]:
    """The strongest lineages, the newest claims, what the graph holds; the first two once a revision."""
    revision = graph.index.revision
    ranked = graph.service.remember((revision, "strongest"), lambda: _strongest(graph))
    return {
        "stats": graph.service.remember((revision, "stats"), graph.store.stats),
        "featured": ranked[0] if ranked else None,
        "strongest": ranked[1:],
        "newest": graph.service.remember((revision, "newest"), lambda: newest(graph.store)),
    }


def _strongest(graph: Graph) -> list[dict[str, Any]]:
    """The works that most came of, among those that most name; the first with its picture.

    To count what came of every work would take seconds in a great graph.
    """
    named = [rank.entity for rank in graph.index.ranks("citations", first=3 * FEATURED)]
    counts = {id: _heirs(graph.index, id) for id in named}
    best = sorted(named, key=lambda id: (-counts[id], id))[:FEATURED]
    names = graph.store.entities(best)
    rows: list[dict[str, Any]] = []
    for id in best:
        if id not in names:
            continue
        lineage = graph.index.lineage(id, depth=2, limit=5)
        heirs = graph.store.entities(node.entity for node in lineage.nodes[1:])
        row: dict[str, Any] = {
            "entity": names[id],
            "count": counts[id],
            "heirs": [heirs[node.entity] for node in lineage.nodes[1:] if node.entity in heirs],
        }
        if not rows:
            state = State(id)
            row["state"] = state
            row["picture"] = picture_html(_both_ways(graph, id, depth=2, limit=12), state)
        rows.append(row)
    return rows


def _heirs(index: LineageIndex, id: str) -> int:
    """How many works came of one, in any number of steps."""
    found = index.lineage(id, depth=MAX_DEPTH, limit=1)
    return len(found.nodes) - 1 + found.left_out


def newest(store: Store) -> list[Said]:
    """The first claims of the reviews that were written last."""
    lately: dict[str, ClaimRecord] = {}
    for review in store.find_reviews(order=ReviewOrder.NEWEST, limit=LATELY):
        for record in store.find_claims(ClaimFilter(review=review.id), order=ClaimOrder.BELIEF, limit=2):
            lately.setdefault(record.id, record)
        if len(lately) >= NEWEST:
            break
    return said_of(store, list(lately.values())[:NEWEST])


# ── entities ────────────────────────────────────────────────────────────────────────────────


def page_of(graph: Graph, id: str) -> tuple[str, dict[str, Any]]:
    """The template and the values for anything that has an id; NotFoundError."""
    if id.startswith("review:"):
        return "review.html", review(graph, id)
    if id.startswith("claim:"):
        return "claim.html", claim(graph, id)
    entity = graph.store.entity(id)
    if entity is None:
        raise NotFoundError(f"there is nothing with the id {id}")
    return "entity.html", entity_page(graph, entity)


def entity_page(graph: Graph, entity: Entity) -> dict[str, Any]:
    """An entity with its picture, its claims both ways, and what only its kind has."""
    state = State(entity.id)
    before, before_count = _nearest(graph, entity, "ancestors")
    after, after_count = _nearest(graph, entity, "descendants")
    return {
        "entity": entity,
        "kind": kind_of(entity.id),
        "state": state,
        "picture": _picture(graph, entity, state, bool(before or after)),
        "before": steps(graph, before),
        "after": steps(graph, after),
        "before_count": before_count,
        "after_count": after_count,
        **_weighty(graph, entity, after_count),
        **_particulars(graph, entity),
    }


def _nearest(graph: Graph, entity: Entity, direction: str) -> tuple[list[Edge], int]:
    """The strongest edges to what an entity comes from or what came of it, of any relation, and how many there are."""
    if entity.id not in graph.index:
        return [], 0
    if isinstance(entity, Influence | Franchise):
        named = [
            edge
            for edge in graph.index.neighbours(entity.id)
            if entity.id in (edge.via, edge.subject, edge.object)
        ]
        edges = [edge for edge in named if (edge.subject == entity.id) is (direction == "ancestors")]
        return edges[:SHOWN], len(edges)
    found = graph.index.lineage(
        entity.id, direction=direction, depth=1, relations=tuple(Relation), limit=SHOWN
    )
    own = [edge for edge in found.edges if found.nodes[0].entity in (edge.subject, edge.object)]
    return own[:SHOWN], len(found.nodes) - 1 + found.left_out


def _weighty(graph: Graph, entity: Entity, heirs: int) -> dict[str, Any]:
    """What takes long for works that much came of: kept for those, as long as the graph stays as it is."""

    def compute() -> dict[str, Any]:
        recommended = _recommended(graph, entity.id) if isinstance(entity, Film) else []
        return {"wave": _wave(graph, entity), "recommended": recommended}

    return (
        graph.service.remember((graph.index.revision, "weighty", entity.id), compute)
        if heirs > MANY
        else compute()
    )


def _picture(graph: Graph, entity: Entity, state: State, told: bool) -> str | None:
    if isinstance(entity, Franchise) and entity.members:
        return picture_html(
            franchise_picture(graph.store, graph.index, entity), State(entity.origin or entity.id)
        )
    if not told:
        return None
    return picture_html(_both_ways(graph, entity.id, depth=2, limit=18), state)


def _wave(graph: Graph, entity: Entity) -> str | None:
    counts = graph.index.wave(entity.id) if entity.id in graph.index else {}
    wave = Wave(entity.name, entity.year if isinstance(entity, Film | Work) else None, counts)
    return wave_svg(wave, heading=False, styled=False) if wave.total >= 3 else None


def _particulars(graph: Graph, entity: Entity) -> dict[str, Any]:
    store = graph.store
    match entity:
        case Film():
            wanted_reviews = ReviewFilter(film=entity.id)
            reviews = store.find_reviews(wanted_reviews, order=ReviewOrder.OLDEST, limit=REVIEWS)
            return {
                "franchises": list(store.entities(entity.franchises).values()),
                "reviews": reviews,
                "review_count": store.count_reviews(wanted_reviews)
                if len(reviews) == REVIEWS
                else len(reviews),
            }
        case Work():
            return {"films": list(store.entities(entity.adapted).values())}
        case Person():
            wanted = EntityFilter(person=entity.id)
            return {"films": store.find_entities(wanted, order=EntityOrder.OLDEST, limit=FILMS)}
        case Franchise():
            films = store.entities(entity.members)
            return {"films": sorted(films.values(), key=lambda film: (film.year or 9999, film.name))}
        case Influence():
            return {"origin": store.entity(entity.origin) if entity.origin else None}


def _recommended(graph: Graph, film: str) -> list[dict[str, Any]]:
    found: list[Recommendation] = recommend(graph.index, graph.store, liked=[film], first=5)
    return [
        {
            "film": item.film,
            "sentence": item.reason.sentence,
            "quotes": [quote_of(record) for record in item.reason.quotes[:1]],
        }
        for item in found
    ]


# ── reviews and claims ──────────────────────────────────────────────────────────────────────


def review(graph: Graph, id: str) -> dict[str, Any]:
    """A review's text with its quotes in place, and the claims they speak for beside it."""
    found = graph.store.review(id)
    if found is None:
        raise NotFoundError(f"there is no review {id}; it may have been taken back")
    records = graph.store.find_claims(ClaimFilter(review=id), limit=500)
    evidence = graph.store.evidence(record.id for record in records)
    here = {
        claim: [item.evidence for item in said if item.evidence.review == id]
        for claim, said in evidence.items()
    }
    places = {anchor(item.id): (item.start, item.end) for items in here.values() for item in items}
    starts = {claim: min(item.start for item in items) for claim, items in here.items() if items}
    records.sort(key=lambda record: (starts.get(record.id, 0), record.id))
    return {
        "review": found,
        "film": graph.store.entity(found.film) if found.film else None,
        "source": safe_url(found.url),
        "paragraphs": marked(found.text, places),
        "said": said_of(graph.store, records, review=id),
    }


def safe_url(url: str | None) -> str | None:
    """The address, if it is one of the web."""
    return url if url and url.startswith(("http://", "https://")) else None


def claim(graph: Graph, id: str) -> dict[str, Any]:
    """A claim with all that speaks for and against it."""
    records = graph.store.claims([id])
    if id not in records:
        raise NotFoundError(f"there is no claim {id}; its reviews may have been taken back")
    return {"said": said_of(graph.store, [records[id]])[0]}


# ── questions about two works ───────────────────────────────────────────────────────────────


def paths(graph: Graph, later: Entity, earlier: Entity, *, k: int, depth: int) -> dict[str, Any]:
    """The best ways between two works, whichever came first, with a picture of all of them."""
    index = graph.index
    found: list[InfluencePath] = []
    if later.id in index and earlier.id in index and index.number(later.id) != index.number(earlier.id):
        found = index.paths(later.id, earlier.id, k=k, max_depth=depth)
        if not found:
            found = index.paths(earlier.id, later.id, k=k, max_depth=depth)
    if not found:
        return {"paths": [], "picture": None}
    start = found[0].edges[0].subject
    shown = [{"belief": path.belief, "steps": steps(graph, path.edges)} for path in found]
    picture = picture_of(graph.store, _as_lineage(start, found))
    return {"paths": shown, "picture": picture_html(picture, State(start, direction="ancestors"))}


def _as_lineage(start: str, found: Iterable[InfluencePath], direction: str = "ancestors") -> Lineage:
    """Paths as a lineage of the work that all of them begin at, or for descendants end at."""
    generation, belief = {start: 0}, {start: 1.0}
    edges: dict[Edge, None] = {}
    for path in found:
        so_far = 1.0
        for number, edge in enumerate(path.edges[:: 1 if direction == "ancestors" else -1], 1):
            far = edge.object if direction == "ancestors" else edge.subject
            so_far *= edge.belief
            generation[far] = min(generation.get(far, number), number)
            belief[far] = max(belief.get(far, 0.0), so_far)
            edges[edge] = None
    nodes = tuple(Node(id, number, belief[id]) for id, number in generation.items())
    return Lineage(start, direction, nodes, tuple(edges))


def comparison(graph: Graph, a: Entity, b: Entity) -> dict[str, Any]:
    """What two works both come from, what came of both, and whether one comes from the other."""
    known = a.id in graph.index and b.id in graph.index
    shared = {
        way: graph.index.common(a.id, b.id, direction=way, first=SHOWN) if known else []
        for way in ("ancestors", "descendants")
    }
    works = graph.store.entities(item.entity for found in shared.values() for item in found)

    def rows(way: str) -> list[dict[str, Any]]:
        return [
            {
                "entity": works[item.entity],
                "a": item.generations[0],
                "b": item.generations[1],
                "belief": item.belief,
            }
            for item in shared[way]
            if item.entity in works and item.entity not in (a.id, b.id)
        ]

    direct = paths(graph, a, b, k=1, depth=6)["paths"] if known else []
    forebears = rows("ancestors")
    return {
        "ancestors": forebears,
        "heirs": rows("descendants"),
        "direct": direct,
        "picture": _shared_picture(graph, forebears[0]["entity"].id, a.id, b.id) if forebears else None,
    }


def _shared_picture(graph: Graph, forebear: str, a: str, b: str) -> str:
    """How two works come from the nearest forebear that they share."""
    ways = [path for later in (a, b) for path in graph.index.paths(later, forebear, k=1)]
    picture = picture_of(graph.store, _as_lineage(forebear, ways, "descendants"))
    return picture_html(picture, State(forebear, direction="descendants"))


# ── names ───────────────────────────────────────────────────────────────────────────────────


def found(service: Service, query: str, limit: int = 20) -> list[tuple[Entity, float]]:
    """Entities whose name is like `query`, each with the likeness; those of the year named come first."""
    title, year = _dated(query)
    hits = service.names().search(title, None, limit)
    entities = service.store.entities(hit.entity for hit in hits)
    rows = [(entities[hit.entity], hit.score) for hit in hits if hit.entity in entities]
    return sorted(rows, key=lambda row: (row[1] < SAME_NAME, year is not None and row[0].year != year))


def best_match(service: Service, name: str) -> tuple[Entity | None, list[Entity]]:
    """The entity that a name or an id means, or None with those that may be meant."""
    name = name.strip()[:200]
    if ":" in name and (entity := service.store.entity(name)):
        return entity, []
    title, year = _dated(name)
    exact = [entity for entity in service.store.named(title) if year in (None, entity.year)] if title else []
    if exact:
        return min(exact, key=lambda entity: kind_of(entity.id) is not EntityKind.FILM), []
    return None, [entity for entity, _ in found(service, name, 6)]


def _dated(name: str) -> tuple[str, int | None]:
    """A name and the year that stands in brackets behind it."""
    title, _, rest = name.strip()[:200].rpartition(" (")
    if title and rest[:4].isdecimal() and rest[4:] == ")":
        return title, int(rest[:4])
    return name.strip()[:200], None
