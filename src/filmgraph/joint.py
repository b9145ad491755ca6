"""What belongs together is decided together: lists, appositions, and the rivals for one source.

The items of a list share their fate; "Piranha, a rip-off of Jaws" settles whose debt it is; and of several
possible descendants of one source in a sentence the likeliest takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from filmgraph.candidates import Pair
from filmgraph.encoder import Opinion
from filmgraph.passages import Passage, Span

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
    return _settle_rivals(_settle_appositions(passage, smoothed), rival)


# ── lists ───────────────────────────────────────────────────────────────────────────────────

_LIST_GAP = re.compile(
    r"[\"'“”‘’_*)\s]*(?:\([^()]{0,60}\))?[\"'“”‘’_*\s]*"
    r"(?:,|/|;|&|\band\b|\bor\b|\bplus\b|\bwith\b|,? (?:and|or)(?: even| the| also)?"
    r"|,? not to mention|,? as well as|\bmeets\b)+"
    r"[\"'“”‘’_*\s]*(?:the |a |an |even |early |\w+['’]s )?[\"'“”‘’_*(]*",
    re.IGNORECASE,
)


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
        if members and not _continues_list(passage, weighed[members[-1]].pair.anchor, weighed[n].pair.anchor):
            if len(members) > 1:
                yield members
            members = []
        members.append(n)
    if len(members) > 1:
        yield members


def _continues_list(passage: Passage, first: Span, second: Span) -> bool:
    if first.sentence != second.sentence or not 0 <= second.start - first.end < 90:
        return False
    return _LIST_GAP.fullmatch(passage.text, first.end, second.start) is not None


# ── subjects ────────────────────────────────────────────────────────────────────────────────

_APPOSITION = re.compile(
    r"[\"'”’_*)]*(?:\s*\(\d{4}\))?, (?:itself |basically |essentially |clearly |also )?"
    r"(?:an?|the|another|one of|yet another)\b[^.;:,]{0,60}\b(?:of|to|on|for|from)\s+(?:the )?[\"'“‘_*]*"
)


_DOES = re.compile(
    r"[\"'”’_*)]*(?:\s*\(\d{4}\))? (?:\w+ly |just |also |even |in turn )?"
    r"(?:(?:rip(?:s|ped)|knock(?:s|ed)|steals|stole|copie[sd]|borrow(?:s|ed)|ape[sd]|imitate[sd]|mimic(?:s|ked)|clone[sd]"
    r"|plagiari[sz]e[sd]|spoof(?:s|ed)|parodie[sd]|owes|sequeli[sz]ed|remade)"
    r"(?: (?:off|from|wholesale|heavily|a lot|much|everything|a (?:great )?(?:deal|debt)|to))*) "
    r"(?:the )?[\"'“‘_*]*",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"[\"'”’_*)]*(?:\s*\(\d{4}\))?, which (?!is|was|are|were)[^.;:]{0,60}")
LIKELY = 0.15
"""The least chance of a pair for a clause with "which" to be about it."""


def _settle_appositions(passage: Passage, weighed: Sequence[Weighed]) -> list[Weighed]:
    """ "Piranha, a rip-off of Jaws", "Piranha, which copies Jaws", "Piranha ripped off Jaws": the film named first is
    the subject, whichever film is reviewed."""
    told: dict[int, list[Span]] = {}
    for item in weighed:
        subject, object_ = item.pair.subject, item.pair.object
        near = item.pair.other is not None and subject.end <= object_.start <= subject.end + 120
        if near and _is_told_of(passage.text, subject.end, object_.start, item.chance(LINEAGE)):
            told.setdefault(subject.sentence, []).extend((subject, object_))
    if not told:
        return list(weighed)
    result = []
    for item in weighed:
        pair, chance = item.pair, item.chance(LINEAGE)
        ends = told.get(pair.anchor.sentence, [])
        if pair.other is None and pair.anchor in ends:
            chance = 0.0
        elif pair.subject in ends and pair.object in ends:
            chance = max(rival.chance(LINEAGE) for rival in weighed if rival.pair.anchor in ends)
        result.append(replace(item, chances={**item.chances, LINEAGE: chance}))
    return result


def _is_told_of(text: str, start: int, end: int, chance: float) -> bool:
    if _APPOSITION.fullmatch(text, start, end) or _DOES.fullmatch(text, start, end):
        return True
    return chance >= LIKELY and _RELATIVE.fullmatch(text, start, end) is not None


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
