"""What belongs together is decided together: lists, appositions, and the rivals for one source.

The items of a list share their fate; "Piranha, a rip-off of Jaws" settles whose debt it is; and of several
possible descendants of one source in a sentence the likeliest takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from filmgraph.candidates import Pair
from filmgraph.encoder import Opinion
from filmgraph.passages import Passage
from filmgraph.subjects import continues_list, debts

__all__ = ["CLASSES", "COMPARED", "LINEAGE", "MEMBER", "NONE", "Weighed", "settle"]

NONE, COMPARED, MEMBER, LINEAGE = "none", "resembles", "part_of", "lineage"
CLASSES = (LINEAGE, MEMBER, NONE, COMPARED)
SMOOTHING = 0.5
"""How far an item of a list is drawn to the best two of its list."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pair with its features, the probability of each class, and what the encoder holds of it if it was asked."""

    pair: Pair
    features: Sequence[str]
    chances: Mapping[str, float]
    opinion: Opinion | None = None

    def chance(self, name: str) -> float:
        return self.chances.get(name, 0.0)


def settle(passage: Passage, weighed: Sequence[Weighed], rival: float) -> list[Weighed]:
    """The pairs with chances that agree with each other; those below `rival` times the best give way."""
    smoothed = _smooth_lists(passage, weighed)
    return _settle_rivals(_settle_subjects(passage, smoothed), rival)


# ── lists ───────────────────────────────────────────────────────────────────────────────────


def _smooth_lists(passage: Passage, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Items of one list share their fate: each is drawn to the mean of the list's two surest."""
    single = sorted(
        (n for n, item in enumerate(weighed) if item.pair.other is None),
        key=lambda n: (_listed_subject(weighed[n].pair), weighed[n].pair.anchor.start),
    )
    result = list(weighed)
    for members in _lists(passage, weighed, single):
        means = {
            name: sum(sorted((weighed[n].chance(name) for n in members), reverse=True)[:2]) / 2
            for name in CLASSES
        }
        for n in members:
            chances = {k: (1 - SMOOTHING) * v + SMOOTHING * means[k] for k, v in weighed[n].chances.items()}
            result[n] = replace(weighed[n], chances=chances)
    return result


def _listed_subject(pair: Pair) -> int:
    """Sets apart the pairs of each subject of "these movies"; -1 where the reviewed film is an end."""
    return -1 if pair.subject is pair.anchor else pair.subject.start


def _lists(passage: Passage, weighed: Sequence[Weighed], order: Sequence[int]) -> Iterator[list[int]]:
    members: list[int] = []
    for n in order:
        if members and not continues_list(
            passage.text, weighed[members[-1]].pair.anchor, weighed[n].pair.anchor
        ):
            if len(members) > 1:
                yield members
            members = []
        members.append(n)
    if len(members) > 1:
        yield members


# ── subjects ────────────────────────────────────────────────────────────────────────────────


def _settle_subjects(passage: Passage, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Where the words name the film whose debt a sentence speaks of (`subjects`), it takes the best chance of all."""
    told = debts(passage, ((item.pair, item.chance(LINEAGE)) for item in weighed))
    if not told.owed:
        return list(weighed)
    best: dict[int, float] = {}
    for item in weighed:
        for end in (item.pair.subject.start, item.pair.object.start):
            best[end] = max(best.get(end, 0.0), item.chance(LINEAGE))

    def settled(item: Weighed) -> float:
        if told.owes(item.pair):
            return max(best[item.pair.subject.start], best[item.pair.object.start])
        return 0.0 if told.rules_out(item.pair) else item.chance(LINEAGE)

    return [replace(item, chances={**item.chances, LINEAGE: settled(item)}) for item in weighed]


def _settle_rivals(weighed: Sequence[Weighed], factor: float) -> list[Weighed]:
    """One source named in one sentence has one descendant, or a list of them: weaker rivals give way."""
    best: dict[tuple[int, str], float] = {}
    for item in weighed:
        place = (item.pair.anchor.sentence, item.pair.object.entity)
        best[place] = max(best.get(place, 0.0), item.chance(LINEAGE))
    return [
        replace(item, chances={**item.chances, LINEAGE: 0.0})
        if item.chance(LINEAGE) < factor * best[item.pair.anchor.sentence, item.pair.object.entity]
        else item
        for item in weighed
    ]
