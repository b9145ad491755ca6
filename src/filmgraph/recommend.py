"""Recommendations: films near the liked ones in the graph of claims, each with a critic's reason.

A walk that keeps returning to the liked films (personalised PageRank, Haveliwala 2002) runs along all claims both
ways, weighed by belief; the same walk from the disliked films counts against. The reason is the strongest path
from a recommended film to a liked one, with what critics said at each step.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from filmgraph import deadline
from filmgraph.errors import QueryError
from filmgraph.history import written_by
from filmgraph.index import LineageIndex
from filmgraph.lineage import Edge
from filmgraph.model import Entity, Film, Polarity, Relation, Stance
from filmgraph.store import EvidenceRecord, Store
from filmgraph.wording import edge_sentence, name_of

__all__ = ["Reason", "Recommendation", "recommend"]

RETURN = 0.3
ROUNDS = 25
DISLIKED = 0.8
SCORNED = 0.85
MAX_STEPS = 4
MAX_VISITED = 3000
QUOTES = 3
_ALL = tuple(Relation)
_WEIGHT = dict.fromkeys(Relation, 1.0) | {
    Relation.RESEMBLES: 0.6,
    Relation.PART_OF: 0.5,
    Relation.REFERENCES: 0.6,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a sentence, the path from the film to a liked one, and critics' quotes for its steps."""

    sentence: str
    path: tuple[Edge, ...]
    quotes: tuple[EvidenceRecord, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A film; `score` is 1 for the best of the list."""

    film: Film
    score: float
    reason: Reason


def recommend(
    index: LineageIndex,
    store: Store,
    *,
    liked: Sequence[str],
    disliked: Sequence[str] = (),
    exclude: Sequence[str] = (),
    first: int = 10,
    diversity: float = 0.0,
    as_of: date | None = None,
) -> list[Recommendation]:
    """At most `first` films for somebody who liked `liked`, best first; never one that was named.

    `diversity` 0..1 trades nearness for variety: films with the same reason or of one series give way. Liked films
    that no critic has tied to anything add nothing. Raises QueryError for figures out of range. O(claims).
    """
    if not liked:
        raise QueryError("name at least one liked film")
    if first < 1 or not 0 <= diversity <= 1:
        raise QueryError(f"first {first} must be 1 or more, diversity {diversity} from 0 to 1")
    known = [id for id in liked if id in index]
    if not known:
        return []
    nearness = _walk(index, known)
    if away := [id for id in disliked if id in index]:
        nearness = nearness - DISLIKED * _walk(index, away)
    named = {*liked, *disliked, *exclude}
    films = _films(index, store, nearness, named, first)
    paths = _paths(index, known, {film.id for film in films})
    scored = [
        (film, float(nearness[index.number(film.id)]), paths[film.id]) for film in films if film.id in paths
    ]
    said = store.evidence({claim for _, _, path in scored for edge in path for claim in edge.claims})
    evidence = {claim: written_by(records, as_of) for claim, records in said.items()}
    weighed = sorted(
        ((film, score * _regard(path, evidence), path) for film, score, path in scored),
        key=lambda item: (-item[1], item[0].id),
    )
    chosen = _varied(weighed, first, diversity)
    ends = {
        id for _, _, path in chosen for edge in path for id in (edge.subject, edge.object, edge.via or "")
    }
    names = store.entities(ends | set(known))
    best = max((score for _, score, _ in chosen), default=1.0)
    return [
        Recommendation(film, round(score / best, 4), _reason(film, path, evidence, names, set(known)))
        for film, score, path in chosen
    ]


# ── nearness ────────────────────────────────────────────────────────────────────────────────


def _walk(index: LineageIndex, starts: Sequence[str]) -> NDArray[np.float64]:
    """How often a walk that returns to `starts` visits each node; hubs do not win by size alone."""
    size = len(index.nodes)
    weights = index.belief * np.array([_WEIGHT[relation] for relation in _ALL])[index.relation]
    degree = np.bincount(index.subject, weights, size) + np.bincount(index.object, weights, size)
    spread = 1 / np.sqrt(np.maximum(degree, 1e-12))
    along = weights * spread[index.subject] * spread[index.object]
    home = np.zeros(size)
    home[[index.number(id) for id in starts]] = 1 / len(starts)
    at = home
    for _ in range(ROUNDS):
        deadline.check()
        moved = np.bincount(index.object, along * at[index.subject], size) + np.bincount(
            index.subject, along * at[index.object], size
        )
        at = RETURN * home + (1 - RETURN) * moved
    return at


def _films(
    index: LineageIndex, store: Store, nearness: NDArray[np.float64], named: set[str], first: int
) -> list[Film]:
    """The nearest films, three for each that is wanted."""
    found: list[Film] = []
    order = np.lexsort((np.arange(len(nearness)), -nearness))
    ids = [index.nodes[n] for n in order[: 50 * first + len(named)] if nearness[n] > 0]
    ids = [id for id in ids if id.startswith("film:") and id not in named]
    entities = store.entities(ids)
    for id in ids:
        film = entities.get(id)
        if isinstance(film, Film) and len(found) < 3 * first:
            found.append(film)
    return found


# ── reasons ─────────────────────────────────────────────────────────────────────────────────


def _paths(index: LineageIndex, starts: Iterable[str], wanted: set[str]) -> dict[str, tuple[Edge, ...]]:
    """The strongest path from each wanted film to a start (Dijkstra over −log of belief and weight)."""
    reached: dict[str, tuple[Edge, ...]] = {}
    queue: list[tuple[float, int, str, tuple[Edge, ...]]] = []
    for number, id in enumerate(dict.fromkeys(starts)):
        heapq.heappush(queue, (0.0, number, id, ()))
    left = set(wanted)
    pushed = len(queue)
    while queue and left and len(reached) < MAX_VISITED:
        deadline.check()
        cost, _, id, path = heapq.heappop(queue)
        if id in reached:
            continue
        reached[id] = path
        left.discard(id)
        if len(path) == MAX_STEPS:
            continue
        for edge in index.neighbours(id, _ALL):
            far = edge.object if edge.subject == id else edge.subject
            if far not in reached:
                step = -math.log(max(1e-9, min(1.0, edge.belief) * _WEIGHT[edge.relation])) + 0.1
                heapq.heappush(queue, (cost + step, pushed, far, (edge, *path)))
                pushed += 1
    return {id: reached[id] for id in wanted if reached.get(id)}


def _regard(path: Sequence[Edge], evidence: Mapping[str, Sequence[EvidenceRecord]]) -> float:
    """Below 1 where critics were scornful of the likeness itself."""
    regard = 1.0
    for edge in path:
        said = [item.evidence.stance for claim in edge.claims for item in evidence.get(claim, ())]
        if said and all(stance is Stance.NEGATIVE for stance in said):
            regard *= SCORNED
    return regard


def _varied(
    weighed: Sequence[tuple[Film, float, tuple[Edge, ...]]], first: int, diversity: float
) -> list[tuple[Film, float, tuple[Edge, ...]]]:
    """Greedily the best that is unlike what is chosen already (maximal marginal relevance)."""
    left = list(weighed)
    if diversity == 0:
        return left[:first]
    chosen: list[tuple[Film, float, tuple[Edge, ...]]] = []
    while left and len(chosen) < first:
        deadline.check()
        best = max(left, key=lambda item: item[1] * (1 - diversity * _likeness(item, chosen)))
        left.remove(best)
        chosen.append(best)
    return chosen


def _likeness(
    item: tuple[Film, float, tuple[Edge, ...]], chosen: Sequence[tuple[Film, float, tuple[Edge, ...]]]
) -> float:
    film, _, path = item
    likeness = 0.0
    for other, _, taken in chosen:
        if set(film.franchises) & set(other.franchises):
            return 1.0
        if path[0].relation is taken[0].relation and path[-1].object == taken[-1].object:
            likeness = max(likeness, 0.5)
    return likeness


def _reason(
    film: Film,
    path: tuple[Edge, ...],
    evidence: Mapping[str, Sequence[EvidenceRecord]],
    names: Mapping[str, Entity],
    liked: set[str],
) -> Reason:
    steps = []
    quotes: list[EvidenceRecord] = []
    for edge in path:
        steps.append(edge_sentence(edge, names))
        said = [
            item
            for claim in edge.claims
            for item in evidence.get(claim, ())
            if item.evidence.polarity is not Polarity.NEGATED
        ]
        quotes += said[:1] if len(path) > 1 else said[:QUOTES]
    end = next((id for id in (path[-1].object, path[-1].subject) if id in liked), film.id)
    sentence = f"You liked {name_of(end, names)}: {', and '.join(steps)}"
    return Reason(sentence, path, tuple(quotes[:QUOTES]))
