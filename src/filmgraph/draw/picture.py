"""What a picture shows: works, and the ties between them as critics tell it. No coordinates yet."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from filmgraph.draw.metrics import legible
from filmgraph.index import LineageIndex
from filmgraph.lineage import Edge, Lineage
from filmgraph.model import (
    Entity,
    EntityKind,
    Film,
    Franchise,
    Polarity,
    Relation,
    Stance,
    is_provisional,
    kind_of,
)
from filmgraph.store import EvidenceRecord, Store
from filmgraph.wording import name_of

__all__ = ["VERB", "Mood", "Picture", "Tie", "Work", "franchise_picture", "narrowed", "picture_of"]

VERB = {
    Relation.INSPIRED_BY: "inspired by", Relation.FOLLOWS_FORMULA_OF: "follows the formula of",
    Relation.IMITATES: "imitates", Relation.HOMAGE_TO: "homage to", Relation.PARODIES: "parodies",
    Relation.REFERENCES: "refers to", Relation.SPIRITUAL_SUCCESSOR_TO: "spiritual successor to",
    Relation.REMAKE_OF: "remake of", Relation.REBOOT_OF: "reboot of", Relation.SEQUEL_TO: "sequel to",
    Relation.PREQUEL_TO: "prequel to", Relation.SPIN_OFF_OF: "spin-off of", Relation.ADAPTED_FROM: "adapted from",
    Relation.PART_OF: "part of", Relation.RESEMBLES: "resembles",
}  # fmt: skip
DATED = (EntityKind.FILM, EntityKind.WORK)
"""Kinds whose year is when they came out; that of a person or a franchise says nothing about the time axis."""


class Mood(StrEnum):
    """What critics make of a tie: the stance of their quotes, or `mixed` when they are of several minds."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Work:
    """A node of a picture. `side` is -1 for what the focus comes from, 1 for what came of it, 0 for itself."""

    id: str
    name: str
    year: int | None
    kind: EntityKind
    side: int
    generation: int
    belief: float
    franchise: str | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """All that ties a later work to an earlier one; relations and claims from the strongest down.

    `since` is the day of the first review that says so, where any is dated.
    """

    earlier: str
    later: str
    relations: tuple[Relation, ...]
    belief: float
    claims: tuple[str, ...]
    mood: Mood = Mood.NEUTRAL
    via: tuple[str, ...] = ()
    since: date | None = None

    @property
    def relation(self) -> Relation:
        return self.relations[0]


@dataclass(frozen=True, slots=True)
class Picture:
    """The focus, which is the first of `works`, and what it is tied to.

    `before` and `after` count the ancestors and descendants that were left out; `names` has those of the influences
    and franchises on the way.
    """

    title: str
    works: tuple[Work, ...]
    ties: tuple[Tie, ...]
    before: int = 0
    after: int = 0
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def focus(self) -> Work:
        return self.works[0]

    def words(self, tie: Tie) -> str:
        """The tie as a sentence: "Nobody imitates John Wick"."""
        named = {work.id: legible(work.name) for work in self.works if work.id in (tie.earlier, tie.later)}
        verbs = " and ".join(relation.verb for relation in tie.relations[:3])
        via = f", by way of {' and '.join(map(legible, tie.via))}" if tie.via else ""
        return f"{named[tie.later]} {verbs} {named[tie.earlier]}{via}"

    def sentence(self, tie: Tie) -> str:
        """The same with the belief in it, and how it is told: "Nobody imitates John Wick; belief 0.82"."""
        mood = "" if tie.mood is Mood.NEUTRAL else f", {_MOOD_WORDS[tie.mood]}"
        return f"{self.words(tie)}; belief {tie.belief:.2f}{mood}"

    def description(self) -> str:
        """What a listener is told instead of seeing it."""
        before = sum(work.side < 0 for work in self.works) + self.before
        after = sum(work.side > 0 for work in self.works) + self.after
        strongest = sorted(self.ties, key=lambda tie: (-tie.belief, tie.later, tie.earlier))[:5]
        parts = [f"{_count(before)} it comes from to the left, {_count(after)} that came of it to the right."]
        parts += [f"{self.sentence(tie)}." for tie in strongest]
        return " ".join(parts)


_MOOD_WORDS = {Mood.POSITIVE: "told fondly", Mood.NEGATIVE: "told with scorn", Mood.MIXED: "critics differ"}


def _count(number: int) -> str:
    return "one work" if number == 1 else f"{number:,} works"


def picture_of(store: Store, *lineages: Lineage, as_of: date | None = None) -> Picture:
    """The picture of one work's lineages, ancestors, descendants or both; O(works and quotes shown)."""
    focus = lineages[0].nodes[0].entity
    sides: dict[str, tuple[int, int, float]] = {focus: (0, 0, 1.0)}
    for lineage in lineages:
        side = -1 if lineage.direction == "ancestors" else 1
        for node in lineage.nodes[1:]:
            sides.setdefault(node.entity, (side, node.generation, node.belief))
    edges = _between(sides, (edge for lineage in lineages for edge in lineage.edges))
    entities = store.entities({*sides, *(edge.via for edge in edges if edge.via)})
    films = [entity for entity in entities.values() if isinstance(entity, Film)]
    franchises = store.entities({id for film in films for id in film.franchises})
    works = _works(sides, entities, franchises)
    shown = {work.id for work in works}
    ties = _ties(store, [edge for edge in edges if {edge.subject, edge.object} <= shown], entities, as_of)
    left = {lineage.direction: lineage.left_out for lineage in lineages}
    names = {id: entity.name for id, entity in franchises.items()}
    title = _title(works[0], {lineage.direction for lineage in lineages})
    return Picture(title, works, ties, left.get("ancestors", 0), left.get("descendants", 0), names)


def _title(focus: Work, directions: set[str]) -> str:
    if directions == {"descendants"}:
        return f"What came of {focus.name}"
    if directions == {"ancestors"}:
        return f"Where {focus.name} comes from"
    return f"The lineage of {focus.name}"


def _between(sides: Mapping[str, tuple[int, int, float]], edges: Iterable[Edge]) -> list[Edge]:
    """The edges that stay on one side of the focus."""
    return [
        edge
        for edge in dict.fromkeys(edges)
        if edge.subject in sides
        and edge.object in sides
        and sides[edge.subject][0] * sides[edge.object][0] >= 0
    ]


def _works(
    sides: Mapping[str, tuple[int, int, float]],
    entities: Mapping[str, Entity],
    franchises: Mapping[str, Entity],
) -> tuple[Work, ...]:
    members = Counter(
        id for entity in entities.values() if isinstance(entity, Film) for id in entity.franchises
    )
    works = []
    for id, (side, generation, belief) in sides.items():
        entity, kind = entities.get(id), kind_of(id)
        if entity is None and side:
            continue
        owned = entity.franchises if isinstance(entity, Film) else ()
        known = [one for one in owned if one in franchises and members[one] > 1]
        works.append(
            Work(
                id,
                entity.name if entity else id,
                entity.year if entity and kind in DATED else None,
                kind,
                side,
                generation,
                belief,
                max(known, key=lambda one: (members[one], one), default=None),
                is_provisional(id),
            )
        )
    return tuple(works)


def _ties(
    store: Store, edges: Sequence[Edge], entities: Mapping[str, Entity], as_of: date | None
) -> tuple[Tie, ...]:
    """One tie for each pair of works."""
    evidence = store.evidence({claim for edge in edges for claim in edge.claims})
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for edge in sorted(edges, key=lambda edge: (-edge.belief, edge.relation, edge.via or "")):
        pairs.setdefault((edge.object, edge.subject), []).append(edge)
    ties = []
    for (earlier, later), found in pairs.items():
        claims = tuple(dict.fromkeys(claim for edge in found for claim in edge.claims))
        said = [item for claim in claims for item in evidence.get(claim, ()) if _was_written(item, as_of)]
        ties.append(
            Tie(
                earlier,
                later,
                tuple(dict.fromkeys(edge.relation for edge in found)),
                min(1.0, found[0].belief),
                claims,
                _mood(said),
                tuple(
                    dict.fromkeys(
                        name_of(edge.via, entities) for edge in found if edge.via and edge.via in entities
                    )
                ),
                min((item.published for item in said if item.published), default=None),
            )
        )
    return tuple(ties)


def _was_written(item: EvidenceRecord, as_of: date | None) -> bool:
    return as_of is None or (item.published is not None and item.published <= as_of)


def _mood(said: Iterable[EvidenceRecord]) -> Mood:
    stances = {item.evidence.stance for item in said if item.evidence.polarity is not Polarity.NEGATED}
    if {Stance.POSITIVE, Stance.NEGATIVE} <= stances:
        return Mood.MIXED
    return next(
        (Mood(stance) for stance in (Stance.NEGATIVE, Stance.POSITIVE) if stance in stances), Mood.NEUTRAL
    )


def narrowed(
    picture: Picture,
    *,
    moods: Collection[Mood] = (),
    years: tuple[int | None, int | None] = (None, None),
    limit: int | None = None,
) -> Picture:
    """The picture with only ties of some moods and works of some years, and what can still be reached by them.

    At most `limit` works stay on either side, the nearest and best believed first; what that leaves out is counted.
    Works whose year is unknown stay.
    """
    low, high = years
    allowed = {
        work.id
        for work in picture.works
        if not work.side
        or not work.year
        or ((low is None or work.year >= low) and (high is None or work.year <= high))
    }
    ties = [
        tie
        for tie in picture.ties
        if tie.earlier in allowed and tie.later in allowed and (not moods or tie.mood in moods)
    ]
    near = _reached(picture, ties)
    kept, left = {picture.focus.id}, {-1: picture.before, 1: picture.after}
    for side in (-1, 1):
        found = [work for work in picture.works if work.side == side and work.id in near]
        found.sort(key=lambda work: (near[work.id], -work.belief, work.id))
        kept |= {work.id for work in found[:limit]}
        left[side] += max(0, len(found) - limit) if limit else 0
    return replace(
        picture,
        works=tuple(work for work in picture.works if work.id in kept),
        ties=tuple(tie for tie in ties if tie.earlier in kept and tie.later in kept),
        before=left[-1],
        after=left[1],
    )


def _reached(picture: Picture, ties: Iterable[Tie]) -> dict[str, int]:
    """Work → steps from the focus along `ties`, ancestors against time and descendants with it."""
    side = {work.id: work.side for work in picture.works}
    ways: dict[str, list[str]] = defaultdict(list)
    for tie in ties:
        if side[tie.later] > 0:
            ways[tie.earlier].append(tie.later)
        else:
            ways[tie.later].append(tie.earlier)
    steps, queue = {picture.focus.id: 0}, [picture.focus.id]
    for id in queue:
        for far in ways[id]:
            if far not in steps:
                steps[far] = steps[id] + 1
                queue.append(far)
    return steps


def franchise_picture(store: Store, index: LineageIndex, franchise: Franchise, *, limit: int = 60) -> Picture:
    """A franchise's films from the first to the last, each tied to the one it continues or remakes.

    Films that no critic has tied to another of the series hang from the one that began it.
    """
    films = store.entities(franchise.members)
    dated = sorted(films.values(), key=lambda film: (film.year or 9999, film.id))
    if not dated:
        focus = Work(franchise.id, franchise.name, None, EntityKind.FRANCHISE, 0, 0, 1.0)
        return Picture(f"The films of {franchise.name}", (focus,), ())
    first = films.get(franchise.origin or "", dated[0])
    shown = [first, *(film for film in dated if film.id != first.id)][:limit]
    place = {film.id: number for number, film in enumerate(shown)}
    told = [
        edge
        for id in place
        if id in index
        for edge in index.neighbours(id)
        if edge.subject == id and place.get(edge.object, limit) < place[id]
    ]
    ties = _ties(store, list(dict.fromkeys(told)), films, None)
    tied = {tie.later for tie in ties}
    loose = [
        Tie(first.id, film.id, (Relation.PART_OF,), 0.0, ()) for film in shown[1:] if film.id not in tied
    ]
    works = [
        Work(film.id, film.name, film.year, EntityKind.FILM, int(film is not first), 1, 1.0) for film in shown
    ]
    left = len(dated) - len(shown)
    return Picture(f"The films of {franchise.name}", tuple(works), (*ties, *loose), 0, left)
