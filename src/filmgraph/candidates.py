"""Pairs of works that a passage may connect.

A *pair* is a possible claim without its relation: a subject (the later work), an object, and the sentence in
which one of them is named. The other end is the reviewed film, another film of the sentence, a member of a
list that "these movies" takes up or, in a review of nothing in particular, the film last spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from filmgraph.model import EntityKind
from filmgraph.passages import Passage, Sentence, Span

__all__ = ["Pair", "films_listed", "later", "pairs", "shared_name", "singled_out"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A subject and an object that sentence `anchor.sentence` may connect.

    `anchor` is the span named in the sentence; `other` the second one when both are ("pair of mentions"),
    None when the other end is the reviewed film, a list or the film last spoken of.
    """

    subject: Span
    object: Span
    anchor: Span
    other: Span | None

    @property
    def key(self) -> tuple[str, str]:
        first, second = sorted((self.subject.entity, self.object.entity))
        return first, second

    @property
    def ends(self) -> str:
        """How many of its ends the sentence names: "one" or "two"."""
        return "one" if self.other is None else "two"


_SUBJECTS = (EntityKind.FILM, EntityKind.FRANCHISE)
_TAKES_UP_LIST = re.compile(
    r"(?:and |but )?(?:(?:all|each|both|most|many) (?:of )?)?"
    r"(?:these|those|such) (?:\w+ )?(?:movies|films|pictures|flicks|titles|entries|works|ones)\b"
    r"|(?:they|these|those) (?:all|both) "
)
LONGEST_DISTANCE = 180


def pairs(passage: Passage) -> list[Pair]:
    """All pairs that may be claims, in text order."""
    found = [*_pairs_with_reviewed(passage), *_pairs_within_sentences(passage), *_pairs_of_lists(passage)]
    return found if passage.reviewed else [*found, *_pairs_with_topic(passage)]


def _pairs_with_reviewed(passage: Passage) -> Iterator[Pair]:
    reviewed = passage.reviewed
    if reviewed is None:
        return
    for span in passage.spans:
        if span.modifies or span.entity == reviewed.entity or _is_about_others(passage, span):
            continue
        if span.entity in passage.own and not _may_be_followed(passage, span):
            continue
        if later(span, reviewed) > 0 and _may_descend(span, reviewed):
            yield Pair(span, reviewed, span, None)
        else:
            yield Pair(reviewed, span, span, None)


_OF_FOLLOWERS = frozenset(["homage", "owe", "inspire", "spoof"])


def _may_be_followed(passage: Passage, span: Span) -> bool:
    """Whether a film may be said to follow one of those who made it: "Hitchcockian", "a tribute to its star"."""
    return span.how == "epithet" or not _OF_FOLLOWERS.isdisjoint(passage.sentences[span.sentence].families)


def _pairs_within_sentences(passage: Passage) -> Iterator[Pair]:
    reviewed = passage.reviewed.entity if passage.reviewed else None
    by_sentence: dict[int, list[Span]] = {}
    for span in passage.spans:
        if span.entity != reviewed and not span.modifies:
            by_sentence.setdefault(span.sentence, []).append(span)
    for spans in by_sentence.values():
        for first in range(len(spans)):
            for second in range(first + 1, min(first + 5, len(spans))):
                pair = _oriented(spans[first], spans[second])
                if pair is not None:
                    yield pair


def _oriented(a: Span, b: Span) -> Pair | None:
    """The pair of two mentions with the later work as subject; of two equals the one named first."""
    if a.entity == b.entity or b.start - a.end > LONGEST_DISTANCE:
        return None
    subjects = [span for span, other in ((a, b), (b, a)) if _may_descend(span, other)]
    if not subjects:
        return None
    turned = later(b, a) > 0 or a not in subjects or (later(a, b) == 0 and a.kind is not EntityKind.FILM)
    if turned and b not in subjects:
        return None
    return Pair(b, a, b, a) if turned else Pair(a, b, b, a)


def _may_descend(span: Span, other: Span) -> bool:
    """Whether a span may be a subject; a source work only where its year shows that it came later."""
    if span.kind is EntityKind.WORK:
        return span.how != "source" and span.year is not None and later(span, other) > 0
    return span.kind in _SUBJECTS


def _pairs_of_lists(passage: Passage) -> Iterator[Pair]:
    """A list of titles, then "These movies …": each title may be the subject of what follows."""
    for number in range(1, len(passage.sentences)):
        listed, sentence = films_listed(passage, number - 1), passage.sentences[number]
        if not listed or not _TAKES_UP_LIST.match(" ".join(sentence.words[:6])):
            continue
        for anchor in sentence.spans.values():
            if not anchor.modifies:
                for film in listed:
                    if film.entity != anchor.entity and later(anchor, film) <= 0:
                        yield Pair(film, anchor, anchor, None)


RECENT = 3
"""How many sentences ago a film may have been named of which a review still speaks."""


def _pairs_with_topic(passage: Passage) -> Iterator[Pair]:
    """A review of nothing in particular speaks of the film that it named last, or first in its last sentence."""
    topic: Span | None = None
    for span in passage.spans:
        recent = topic is not None and 0 < span.sentence - topic.sentence <= RECENT
        other = recent and not span.modifies and topic is not None and span.entity != topic.entity
        if other and topic is not None and later(span, topic) <= 0:
            yield Pair(topic, span, span, None)
        if span.kind is EntityKind.FILM and (topic is None or span.sentence > topic.sentence):
            topic = span


def films_listed(passage: Passage, number: int) -> list[Span]:
    """The films of a sentence that lists at least two; empty otherwise."""
    films = [span for span in passage.sentences[number].spans.values() if span.kind is EntityKind.FILM]
    return films if len(films) > 1 else []


def _is_about_others(passage: Passage, span: Span) -> bool:
    """Whether the sentence that names `span` says of other films what it says."""
    number = span.sentence
    sentence = passage.sentences[number]
    first = " ".join(sentence.words[:8])
    if number and _TAKES_UP_LIST.match(first) and films_listed(passage, number - 1):
        return True
    if _GROUP.match(first) or singled_out(passage, number) is span:
        return True
    shared = shared_name(passage, sentence)
    return shared is not None and shared[0] is span


_GROUP = re.compile(
    r"(?:and |but |of course ,? ?)?"
    r"(?:(?:the|some|many|most|a few|several|all|others|both|few)(?: of (?:them|these|those|the))?"
    r"(?: (?:great|good|best|better|bad|worst|worse|others?))(?: ones| films| movies)?|some|others|many) "
    r"(?:have|are|were|is|has|had|do|did|of them|will|would|can|could|even) "
    r"(?!(?:\w+ )?(?:say|said|claim|claimed|call|called|think|thought|compare|compared|see|seen|argue|argued|"
    r"complain\w*|note|noted|accuse|accused|dismiss\w*|describe\w*|feel|felt|point|pointed|comment\w*|suggest\w*|mistake\w*)\b)"
)
"""A group of films is spoken of; not those who speak: "some have called it a copy of Jaws"."""
_SINGLES_OUT = re.compile(r"@(\d+) (?:in particular|for (?:one|instance|example)|especially|above all)\b")
_SHARES_NAME = re.compile(
    r"\b(?:shar(?:es?|ed|ing)|bear(?:s|ing)?|has|having|with) "
    r"(?:(?:its|his|their|a|an|the|the same|same) )*(?:name|title) (?:with|as|of) (?:a|an|the|another|some) "
    r"(?:[\w'-]+ )*?@(\d+) (?:[\w'-]+ ){0,2}?(spin-?off|remake|sequel|prequel|reboot)"
)


def singled_out(passage: Passage, number: int) -> Span | None:
    """The film of “X in particular …” where the sentence before speaks of a group without naming any."""
    if number == 0 or not passage.sentences[number].spans:
        return None
    group = passage.sentences[number - 1]
    match = _SINGLES_OUT.match(" ".join(passage.sentences[number].words[:6]))
    if not match or group.places or not _GROUP.match(" ".join(group.words[:8])):
        return None
    span = passage.spans[int(match[1])]
    return span if span.kind is EntityKind.FILM else None


def shared_name(passage: Passage, sentence: Sentence) -> tuple[Span, str] | None:
    """The source X and the word "spin-off" of “sharing a name with an upcoming X spin-off”, if it says so."""
    if not sentence.spans or ("name" not in sentence.words and "title" not in sentence.words):
        return None
    match = _SHARES_NAME.search(" ".join(sentence.words))
    return (passage.spans[int(match[1])], match[2]) if match else None


def later(a: Span, b: Span) -> int:
    """1 if `a` is later than `b`, -1 if earlier, 0 if that is unknown."""
    if a.year is None or b.year is None or EntityKind.PERSON in (a.kind, b.kind):
        return 0
    return (a.year > b.year) - (a.year < b.year)
