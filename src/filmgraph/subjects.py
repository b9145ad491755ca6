"""Whose debt a sentence speaks of, where its words name another film than the reviewed one as the one that copies.

"Piranha, a rip-off of Jaws", "Piranha, which copies Jaws", "Piranha was a rip-off of Jaws", "Jaws rip-offs like Piranha
and Orca": the film that is named beside the words is the subject, whichever film is reviewed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from filmgraph.candidates import Pair
from filmgraph.model import EntityKind
from filmgraph.passages import Passage, Sentence, Span

__all__ = ["Debts", "continues_list", "copies_reviewed", "debts"]

LIKELY = 0.15
"""The least chance of a pair for a clause with "which" to be about it."""


@dataclass(slots=True)
class Debts:
    """What a passage says of others than the reviewed film: pairs whose subject the words name, and the mentions of
    which they say nothing else."""

    owed: set[tuple[int, int]] = field(default_factory=set)
    spoken_for: set[int] = field(default_factory=set)

    def owes(self, pair: Pair) -> bool:
        return (pair.subject.start, pair.object.start) in self.owed

    def rules_out(self, pair: Pair) -> bool:
        """Whether a pair is no claim, since one of its ends is said to go with another."""
        if pair.other is None:
            return pair.anchor.start in self.spoken_for
        ends = {pair.subject.start, pair.object.start}
        return ends <= self.spoken_for and not self.owes(pair)

    def add(self, subject: Span, object_: Span) -> None:
        self.owed.add((subject.start, object_.start))


def debts(passage: Passage, chances: Iterable[tuple[Pair, float]]) -> Debts:
    """All that a passage says of others than the reviewed film; each pair comes with its chance of being a claim."""
    told = Debts()
    for pair, chance in chances:
        subject, object_ = pair.subject, pair.object
        near = pair.other is not None and subject.end <= object_.start <= subject.end + 120
        if near and _is_told_of(passage.text, subject.end, object_.start, chance):
            told.add(subject, object_)
            told.spoken_for.update((subject.start, object_.start))
    for sentence in passage.sentences:
        if len(sentence.spans) > 1 and not _COPYING.isdisjoint(sentence.families):
            _add_lists(told, passage, sentence)
    return told


# ── one film and its source ─────────────────────────────────────────────────────────────────

_AFTER = r"[\"'”’_*)]*(?:\s*\(\d{4}\))?"
_APPOSITION = re.compile(
    rf"{_AFTER}, (?:itself |basically |essentially |clearly |also )?"
    r"(?:an?|the|another|one of|yet another)\b[^.;:,]{0,60}\b(?:of|to|on|for|from)\s+(?:the )?[\"'“‘_*]*"
)
_DOES = re.compile(
    rf"{_AFTER} (?:\w+ly |just |also |even |in turn )?"
    r"(?:(?:rip(?:s|ped)|knock(?:s|ed)|steals|stole|copie[sd]|borrow(?:s|ed)|ape[sd]|imitate[sd]|mimic(?:s|ked)|clone[sd]"
    r"|plagiari[sz]e[sd]|spoof(?:s|ed)|parodie[sd]|owes|sequeli[sz]ed|remade)"
    r"(?: (?:off|from|wholesale|heavily|a lot|much|everything|a (?:great )?(?:deal|debt)|to))*) "
    r"(?:the )?[\"'“‘_*]*",
    re.IGNORECASE,
)
_RELATIVE = re.compile(rf"{_AFTER}, which (?!is|was|are|were)[^.;:]{{0,60}}")
_OFFSPRING = (
    r"(?:rip-?\s?off|knock-?\s?off|clone|imitation|imitator|copycat|copy|copie|wannabe|re-?make|sequel|prequel|"
    r"spin-?\s?off|homage|tribute|spoof|parody|parodie|rehash|retread|follow-?up|version)s?\b"
)
_IS_ONE = (
    r",? (?:(?:which|that|itself|actually|also|already) )*"
    r"(?:is|was|were|are|being|seems|looks like|became|began as|started (?:out )?as)\b[^.;:?\"]{0,50}"
    rf"\b(?:{_OFFSPRING}|rip\b|copied\b|remade\b|inspired\b|borrowed\b|stolen\b|lifted\b|derivative\b)[^.;:?\"]{{0,45}}"
)
_IS = re.compile(rf"{_AFTER}{_IS_ONE}", re.IGNORECASE)


def _is_told_of(text: str, start: int, end: int, chance: float) -> bool:
    if any(said.fullmatch(text, start, end) for said in (_APPOSITION, _DOES, _IS)):
        return True
    return chance >= LIKELY and _RELATIVE.fullmatch(text, start, end) is not None


# ── a copy of the reviewed film ─────────────────────────────────────────────────────────────

_AN_OFFSPRING = re.compile(
    rf"\b(?<!\bits )(?:an?|the|this|another|later) (?:[\w-]+ ){{0,3}}?{_OFFSPRING}"
    r"(?:,? (?:called|titled|entitled|named))?(?: was| is|:|,| -)? ?[\"'“‘_*(]*$",
    re.IGNORECASE,
)
_REMADE_AS = re.compile(
    r"\b(?:remade|re-made|rip(?:ped)? off|copied|stolen|spoofed|plagiari[sz]ed|redone)\b"
    r"[^.;]{0,50}\b(?:as|for|in|by|with)\b[^.;]{0,30}[\"'“‘_*]*$",
    re.IGNORECASE,
)
_THIS = r"\b(?:this|it|the reviewed)\b"
_IS_OF_THIS = re.compile(rf"[^.;?!]{{0,40}}{_IS_ONE}{_THIS}", re.IGNORECASE)
_DOES_THIS = re.compile(
    rf"{_AFTER},?(?: which| that| who| clearly| also| later| has| had| more or less| obviously| totally| completely)* "
    r"(?:rips|ripped|stole|copied|borrow(?:s|ed)|imitated|remade|spoof(?:s|ed)|took|lifted|owes)\b"
    rf"[^.;?!]{{0,50}}{_THIS}",
    re.IGNORECASE,
)


def copies_reviewed(passage: Passage, pair: Pair) -> bool:
    """ "It was remade as Piranha", "a later knock-off, Piranha", "Piranha is a rip-off of this": said of a later film,
    where no third one is named before it."""
    later, reviewed = pair.subject, passage.reviewed
    if pair.other is not None or later is not pair.anchor or reviewed is None:
        return False
    sentence = passage.sentences[later.sentence]
    others = [span for span in sentence.spans.values() if span.entity not in (reviewed.entity, later.entity)]
    if any(span.kind is EntityKind.FILM and span.start < later.start for span in others):
        return False
    low = max(sentence.start, later.start - 100)
    if any(said.search(passage.text, low, later.start) for said in (_AN_OFFSPRING, _REMADE_AS)):
        return True
    following = _with_reviewed_masked(passage, sentence, later.end)
    return any(said.match(following) for said in (_IS_OF_THIS, _DOES_THIS))


def _with_reviewed_masked(passage: Passage, sentence: Sentence, start: int) -> str:
    """The rest of a sentence, the reviewed film called "the reviewed" in it."""
    text = passage.text[start : sentence.end]
    for span in sentence.spans.values():
        if passage.reviewed and span.entity == passage.reviewed.entity and span.start >= start:
            text = text.replace(passage.text[span.start : span.end], "the reviewed")
    return text


# ── lists of copies ─────────────────────────────────────────────────────────────────────────

_COPYING = frozenset(["copy", "steal", "homage", "spoof"])
_COPIES = r"(?:rip-?\s?offs?|knock-?offs?|clones?|imitations?|imitators?|copycats?|copies|wannabes?|spoofs?|homages?)"
_NAMELY = (
    r"(?:,? ?\b(?:are|were|like|such as|including|include|called|titled|entitled|named|known as)\b"
    r"|:| ?--? ?|,| ?\()[:,]?\s*(?:(?:the|films?|movies?|as|both) )*[\"'“‘_*]*"
)
_COPIES_FOLLOW = re.compile(rf"[\"'”’_*]{{0,2}}[ -](?:style )?{_COPIES}{_NAMELY}", re.IGNORECASE)
_COPIES_OF = re.compile(rf"\b{_COPIES} of (?:the )?[\"'“‘_*]*$", re.IGNORECASE)
_LIKE_THESE = re.compile(r"[\"'”’_*]{0,2},? (?:like|such as|including) (?:the )?[\"'“‘_*]*", re.IGNORECASE)
_ALL_COPIES = re.compile(
    rf"{_AFTER} ?(?:,|:|--?|\()? ?(?:which |that )?(?:(?:are|were|being) )?"
    rf"(?:both|all|each|two|three|four|themselves)\b[^.;?]{{0,40}}\b{_COPIES}[^.;?]{{0,25}}",
    re.IGNORECASE,
)
REACH = 40


def _add_lists(told: Debts, passage: Passage, sentence: Sentence) -> None:
    spans = [span for span in sentence.spans.values() if not span.modifies]
    for place, source in enumerate(spans):
        if source.kind is EntityKind.PERSON:
            continue
        if _leads_to_copies(passage.text, spans, place):
            _add_list(told, _list_from(passage.text, spans, place + 1), source)
        elif place and _ALL_COPIES.fullmatch(passage.text, spans[place - 1].end, source.start):
            members = list(_list_from(passage.text, spans[:place][::-1], 0))
            _add_list(told, members if len(members) > 1 else (), source)


def _leads_to_copies(text: str, spans: Sequence[Span], place: int) -> bool:
    """ "Jaws rip-offs like Piranha", "rip-offs of Jaws such as Piranha"."""
    if place + 1 >= len(spans):
        return False
    start, end = spans[place].end, spans[place + 1].start
    if _COPIES_FOLLOW.fullmatch(text, start, end):
        return True
    of = _COPIES_OF.search(text, max(0, spans[place].start - REACH), spans[place].start)
    return of is not None and _LIKE_THESE.fullmatch(text, start, end) is not None


def _add_list(told: Debts, members: Iterable[Span], source: Span) -> None:
    for member in members:
        told.add(member, source)
        told.spoken_for.add(member.start)


def _list_from(text: str, spans: Sequence[Span], place: int) -> Iterator[Span]:
    """The items of the list that begins or, of spans in reverse, ends with a span."""
    for number in range(place, len(spans)):
        if number > place:
            first, second = sorted((spans[number - 1], spans[number]), key=lambda span: span.start)
            if not continues_list(text, first, second):
                return
        yield spans[number]


_LIST_GAP = re.compile(
    r"[\"'“”‘’_*)\s]*(?:\([^()]{0,60}\))?[\"'“”‘’_*\s]*"
    r"(?:,|/|;|&|\band\b|\bor\b|\bplus\b|\bwith\b|,? (?:and|or)(?: even| the| also)?"
    r"|,? not to mention|,? as well as|\bmeets\b)+"
    r"[\"'“”‘’_*\s]*(?:the |a |an |even |early |\w+['’]s )?[\"'“”‘’_*(]*",
    re.IGNORECASE,
)


def continues_list(text: str, first: Span, second: Span) -> bool:
    """Whether two mentions of a sentence follow each other in a list."""
    if first.sentence != second.sentence or not 0 <= second.start - first.end < 90:
        return False
    return _LIST_GAP.fullmatch(text, first.end, second.start) is not None
