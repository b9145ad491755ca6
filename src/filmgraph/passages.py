"""A review cut into sentences whose linked spans are one word each: what claims are drawn from.

What only decorates a mention is left out, so that the words around it are those that say something: quotation
marks, a year in brackets, a maker ahead of a work ("Hitchcock's Psycho"), and a description that the text
itself spells out ("the remake of Psycho" names Psycho; the remake is not another mention).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from filmgraph.cues import Cue, cues_in, offsets_of, words_of
from filmgraph.forms import series_key
from filmgraph.model import Entity, EntityKind, Film, Franchise, Link

__all__ = ["DESCRIBED", "Passage", "Sentence", "Span", "passage"]

DESCRIBED = frozenset(["anaphor", "source", "version", "predecessor", "successor", "saga"])
"""Ways of finding a mention whose own words are cues too ("the original", "the novel")."""


@dataclass(frozen=True, slots=True)
class Span:
    """A linked stretch of text. `sentence` is -1 for the reviewed film where it is not named; a span that
    `modifies` another is the maker of the work named next; `series` are names and ids of its series."""

    start: int
    end: int
    kind: EntityKind
    entity: str
    name: str
    year: int | None
    how: str
    score: float
    sentence: int
    modifies: bool = False
    series: frozenset[str] = frozenset()

    @property
    def visible(self) -> bool:
        return self.how in DESCRIBED or self.kind is EntityKind.INFLUENCE

    def is_akin(self, other: Span) -> bool:
        """Whether both are of one series, as far as catalogue and titles tell."""
        return not self.series.isdisjoint(other.series)


class Sentence:
    """The characters `start` to `end` of a text, and the spans in it by number. What else there is to know is worked
    out when it is first asked for, since most sentences of a review connect nothing.
    """

    def __init__(self, text: str, start: int, end: int, spans: Mapping[int, Span]) -> None:
        self.start = start
        self.end = end
        self.spans = spans
        self._text = text

    @cached_property
    def words(self) -> list[str]:
        """Words in lower case; a mention is one word, the tag `@` and its number."""
        return self._cut[0]

    @cached_property
    def offsets(self) -> list[int]:
        """Where each word begins."""
        found: list[int] = []
        for start, end, number in _pieces(self._text, self.start, self.end, self.spans):
            found += [start] if number is not None else offsets_of(self._text, start, end)
        return found

    @cached_property
    def places(self) -> dict[int, int]:
        """For each of the sentence's spans, by number, which word it is."""
        return self._cut[1]

    @cached_property
    def cues(self) -> list[Cue]:
        return cues_in(self.words)

    @cached_property
    def families(self) -> frozenset[str]:
        """The families of its cues."""
        return frozenset(cue.family for cue in self.cues)

    @cached_property
    def _cut(self) -> tuple[list[str], dict[int, int]]:
        words: list[str] = []
        places: dict[int, int] = {}
        for start, end, number in _pieces(self._text, self.start, self.end, self.spans):
            if number is None:
                words += words_of(self._text, start, end)
            else:
                places[number] = len(words)
                words.append(f"@{number}")
        return words, places


@dataclass(slots=True)
class Passage:
    """A review ready for claims. `own` are the ids of people who made the reviewed film."""

    text: str
    sentences: list[Sentence]
    spans: list[Span]
    reviewed: Span | None
    own: frozenset[str]
    counts: Counter[str]

    def place(self, span: Span) -> int | None:
        """Which word of its sentence a span is; None for one that is no word of its own."""
        if span.sentence < 0:
            return None
        places = self.sentences[span.sentence].places
        return next((place for number, place in places.items() if self.spans[number] is span), None)


def passage(
    text: str,
    sentences: Iterable[tuple[int, int]],
    links: Iterable[Link],
    entities: Mapping[str, Entity],
    reviewed: str | None,
) -> Passage:
    """Cut `text` into sentences whose linked spans are one word each; NIL links and overlaps are left out."""
    bounds = list(sentences)
    film = entities.get(reviewed) if reviewed else None
    spans = _told_apart(text, _spans(links, entities, bounds))
    return Passage(
        text=text,
        sentences=_sentences(text, bounds, spans),
        spans=spans,
        reviewed=_reviewed_span(film) if film else None,
        own=frozenset(credit.person for credit in film.credits) if isinstance(film, Film) else frozenset(),
        counts=Counter(span.entity for span in spans),
    )


def _reviewed_span(film: Entity) -> Span:
    return Span(
        -1, -1, EntityKind.FILM, film.id, film.name, film.year, "reviewed", 1.0, -1, series=_series(film)
    )


def _series(entity: Entity) -> frozenset[str]:
    """What the films of a series have in common: ids of franchises and of the first film, words of titles."""
    if isinstance(entity, Film):
        return frozenset((entity.id, *entity.franchises, *_names_within(entity.name)))
    if isinstance(entity, Franchise):
        names = map(series_key, (entity.name, *entity.aliases))
        return frozenset((entity.id, entity.origin or entity.id, *entity.members, *names))
    return frozenset()


LONG_WORD = 8
"""Letters of a word that may by itself name the series of a title it does not begin."""


@lru_cache(maxsize=50_000)
def _names_within(title: str) -> tuple[str, ...]:
    """What of a title may name its series: its first words, any two or more in a row, a long one.

    >>> _names_within("Son of Frankenstein")
    ('son', 'son of', 'son of frankenstein', 'of frankenstein', 'frankenstein')
    """
    words = series_key(title).split()
    runs = ((first, last) for first in range(len(words)) for last in range(first + 1, len(words) + 1))
    return tuple(
        " ".join(words[first:last])
        for first, last in runs
        if first == 0 or last - first > 1 or len(words[first]) >= LONG_WORD
    )


# ── spans ───────────────────────────────────────────────────────────────────────────────────


def _spans(
    links: Iterable[Link], entities: Mapping[str, Entity], bounds: Sequence[tuple[int, int]]
) -> list[Span]:
    spans: list[Span] = []
    number = end = 0
    for link in sorted(links, key=lambda link: (link.mention.start, -link.mention.end)):
        mention = link.mention
        entity = entities.get(link.entity) if link.entity else None
        if entity is None or mention.start < end:
            continue
        while number + 1 < len(bounds) and bounds[number][1] <= mention.start:
            number += 1
        spans.append(_span(link, entity, number))
        end = mention.end
    return spans


def _span(link: Link, entity: Entity, sentence: int) -> Span:
    return Span(
        start=link.mention.start,
        end=link.mention.end,
        kind=EntityKind(entity.id.partition(":")[0]),
        entity=entity.id,
        name=entity.name,
        year=entity.year,
        how=link.how,
        score=link.score,
        sentence=sentence,
        series=_series(entity),
    )


_POSSESSES = re.compile(r"(?:['’]s?|s['’])\s+(?:[\w'’-]+\s+){0,4}[\"“'‘_*(]{0,2}")
_SPELT_OUT = re.compile(
    r"[\"”’_*]{0,2}\s*(?:\b(?:to|of|for|from)\s+(?:[\w'’.-]+\s+){0,4}|\(?(?:18|19|20)\d\d\)?\s+)?[\"“'‘_*(]{0,2}"
)
_ADJOINS = re.compile(r"(?:['’]s)?[\"”’_*]{0,2}[ -]")
_ADJECTIVE = re.compile(r"(?:an? |very |of )?original|an? (?:original|first|earlier)\b.*", re.IGNORECASE)
_NO_NOUN_FOLLOWS = re.compile(
    r"[\"'”’]?(?: ?[.,;:!?()\n-]|$| (?:and|or|but|by|with|in|on|from|to|for|as|at|that|which|who|is|was|has|had|i|so|"
    r"because|than|while|though)\b)",
    re.IGNORECASE,
)
_THE_SOME = re.compile(
    r"(?:\b(?:the|its|his|her|their|this|that)|['’]s) "
    r"(?:(?!(?:is|was|are|be|been|not|very|quite|so|looks|feels|seems|and|film|movie|idea)\b)[\w'-]+ ){0,3}$",
    re.IGNORECASE,
)
_VAGUE = frozenset(["source", "anaphor", "predecessor", "successor", "saga"])
"""Descriptions that do not spell out another: "a sequel to the original" may speak of two films."""
_PLAY_ON_WORDS = re.compile(
    r"comic(?!s|[ -](?:strip|book|character|adaptation|series|version|hero))|novel(?= [a-z]+ing\b)",
    re.IGNORECASE,
)
_THE = re.compile(r"(?:\b(?:the|a|his|her|its|of|original|based on|['’]s)|s['’])\s$", re.IGNORECASE)


def _told_apart(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans without descriptions that name nothing by themselves; makers marked as such."""
    kept: list[Span] = []
    for number, span in enumerate(spans):
        following = spans[number + 1] if number + 1 < len(spans) else None
        if span.how in DESCRIBED and _says_nothing(text, kept, span, following):
            continue
        kept.append(replace(span, modifies=True) if _is_maker(text, span, following) else span)
    return kept


def _is_maker(text: str, span: Span, following: Span | None) -> bool:
    """ "Hitchcock" in "Hitchcock's classic Psycho"."""
    return (
        span.kind is EntityKind.PERSON
        and following is not None
        and following.kind in (EntityKind.FILM, EntityKind.WORK)
        and following.start - span.end < 60
        and _POSSESSES.fullmatch(text, span.end, following.start) is not None
    )


def _says_nothing(text: str, before: Sequence[Span], span: Span, following: Span | None) -> bool:
    """Whether a description is an adjective, or is spelt out by the mention beside it."""
    surface = text[span.start : span.end]
    if span.how == "source":
        word = _PLAY_ON_WORDS.match(text, span.start)
        if word or (
            surface.lower() in ("novel", "comics")
            and not _THE.search(text, max(0, span.start - 12), span.start)
        ):
            return True
    elif _ADJECTIVE.fullmatch(surface) and not _is_noun(text, span):
        return True
    named = following is not None and following.kind is not EntityKind.PERSON and following.how not in _VAGUE
    if named and following is not None and following.start - span.end < 60:
        return _SPELT_OUT.fullmatch(text, span.end, following.start) is not None
    last = before[-1] if before else None
    beside = last is not None and last.how not in DESCRIBED and last.kind is not EntityKind.PERSON
    return beside and last is not None and _ADJOINS.fullmatch(text, last.end, span.start) is not None


def _is_noun(text: str, span: Span) -> bool:
    """Whether "original" is a noun, as in "the more potent original"."""
    before = _THE_SOME.search(text, max(0, span.start - 40), span.start)
    return before is not None and _NO_NOUN_FOLLOWS.match(text, span.end) is not None


# ── sentences ───────────────────────────────────────────────────────────────────────────────

_MARKS = "\"“”‘’'_*"
_YEAR = re.compile(r"[\"”’_*]{0,2}\s?\((?:[^()\d]{0,30}, ?)?(?:18|19|20)\d\d\)")


def _sentences(text: str, bounds: Sequence[tuple[int, int]], spans: Sequence[Span]) -> list[Sentence]:
    inside: dict[int, dict[int, Span]] = {}
    for number, span in enumerate(spans):
        inside.setdefault(span.sentence, {})[number] = span
    return [Sentence(text, start, end, inside.get(number, {})) for number, (start, end) in enumerate(bounds)]


def _pieces(
    text: str, start: int, end: int, spans: Mapping[int, Span]
) -> Iterator[tuple[int, int, int | None]]:
    """What a sentence consists of, in order: stretches of text (start, end), and mentions with their number besides."""
    for number, span in spans.items():
        yield start, _before_marks(text, start, span.start), None
        if not span.modifies:
            yield span.start, span.end, number
        if span.visible:
            yield span.start, span.end, None
        start = _after_decoration(text, span, end)
    yield start, end, None


def _before_marks(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in _MARKS:
        end -= 1
    return end


def _after_decoration(text: str, span: Span, last: int) -> int:
    """Where the words go on after a mention: behind its quotation mark, its year, a maker's 's."""
    end = span.end
    year = _YEAR.match(text, end, last)
    if year and span.kind is not EntityKind.PERSON:
        return year.end()
    if span.modifies:
        return end + 2 if text[end + 1 : end + 2] == "s" else end + 1
    if text[end : end + 2] in ("'s", "’s"):
        return end
    while end < last and text[end] in _MARKS:
        end += 1
    return end
