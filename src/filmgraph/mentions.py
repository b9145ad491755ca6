"""Mentions: the spans of a review that may name something.

A gazetteer finds titles and full names of people, longest first; marks (quotes, italics) show what critics set
apart as titles. Nothing is decided here but the spans: `linking` says what they mean, if anything.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from filmgraph.model import Document
from filmgraph.names import Names
from filmgraph.text import ARTICLES, Words, cut_words, normalise, sentences, title_key

__all__ = ["Mark", "NameMention", "Scan", "TitleMention", "scan"]

SMALL = frozenset(
    """
    the a an of in on and to for at with from or is by as it you we he she i me my no not
    """.split()
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A span set apart by quotes, italics or markup, without its marks."""

    start: int
    end: int
    italic: bool


@dataclass(frozen=True, slots=True)
class TitleMention:
    """A span that reads like a title; words `first` to `last` of the text; `key` looks its candidates up."""

    start: int
    end: int
    key: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NameMention:
    """A span that gives a person's full name."""

    start: int
    end: int
    key: str
    person: str


@dataclass(slots=True)
class Scan:
    """A review with all that was spotted in it. `text` is normalised; offsets are those of the raw text."""

    text: str
    words: Words
    sentences: list[tuple[int, int]]
    marks: list[Mark]
    people: list[NameMention] = field(default_factory=list)
    titles: list[TitleMention] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def sentence(self, offset: int) -> int:
        """The number of the sentence that holds `offset`."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def marked(self, start: int, end: int) -> tuple[Mark | None, bool]:
        """The mark that holds just this span, if any; and whether a longer one holds it."""
        within = False
        for mark in self.marks:
            if mark.start > start + 1:
                break
            if mark.start - 1 <= start and end <= mark.end + 1:
                if (mark.end - mark.start) - (end - start) <= 5:
                    return mark, False
                within = True
        return None, within


def scan(document: Document, names: Names) -> Scan:
    """Spot titles, names of people and marks in a document; time linear in its length."""
    text = normalise(document.text)
    words = cut_words(text)
    bounds = sentences(text, document.skip)
    found = Scan(text, words, bounds, _marks(text, document.emphasis), starts=[start for start, _ in bounds])
    found.people = list(_people(found, names))
    titles = list(_titles(found, names, _extra_keys(document)))
    found.titles = [m for m in titles if not _skipped(m.start, document.skip)]
    return found


def _extra_keys(document: Document) -> frozenset[str]:
    """The reviewed film's own title is looked for even where no catalogue knows it."""
    key = title_key(document.title) if document.title else ""
    return frozenset([key] if key else [])


def _skipped(offset: int, skip: Sequence[tuple[int, int]]) -> bool:
    return any(start <= offset < end for start, end in skip)


# ── marks ───────────────────────────────────────────────────────────────────────────────────

_MARK = re.compile(
    r'"(?P<double>[^"\n]{1,70}?)[,.!?;]?"'
    r"|(?<![A-Za-z0-9_])_(?P<under>[^_\n]{1,80}?)_(?![A-Za-z0-9])"
    r"|\*{1,2}(?P<star>[^*\n]{1,80}?)\*{1,2}"
    r"|(?<![A-Za-z0-9])'(?P<single>[A-Z0-9][^'\n]{0,50}?(?:'s [^'\n]{1,30}?)?)[,.!?;]?'(?![A-Za-z0-9])"
    r"|<(?P<tag>i|em|b|strong|cite)>(?P<html>[^<\n]{1,80})</(?P=tag)>"
)
_GROUPS = (("double", False), ("under", True), ("star", True), ("single", False), ("html", True))


def _marks(text: str, emphasis: Sequence[tuple[int, int]]) -> list[Mark]:
    found = [Mark(start, end, True) for start, end in emphasis]
    for match in _MARK.finditer(text):
        for group, italic in _GROUPS:
            if match[group] is not None:
                found.append(Mark(*match.span(group), italic))
                break
    return sorted(found, key=lambda mark: (mark.start, mark.end))


# ── people ──────────────────────────────────────────────────────────────────────────────────

_NAME_GAP = frozenset([" ", "-", " - "])
_INITIAL_GAP = frozenset([". ", ".", ".-"])


def _people(found: Scan, names: Names) -> Iterator[NameMention]:
    text, words = found.text, found.words
    keys, starts, ends = words.keys, words.starts, words.ends
    lengths, people = names.people_starts, names.people
    number = 0
    while number < len(keys):
        step = 1
        if keys[number] in lengths and text[starts[number]].isupper():
            for length in lengths[keys[number]]:
                last = number + length - 1
                if last >= len(keys) or not text[starts[last]].isupper():
                    continue
                key, end = " ".join(keys[number : last + 1]), ends[last]
                if key not in people and key.endswith("s") and text[end - 2 : end] == "'s":
                    key, end = key[:-1], end - 2
                if key in people and all(_name_goes_on(found, n) for n in range(number, last)):
                    yield NameMention(starts[number], end, key, people[key])
                    step = length
                    break
        number += step


def _name_goes_on(found: Scan, number: int) -> bool:
    """Whether word `number` and the next one may belong to one name; only initials end in a full stop."""
    start, end = found.words.starts[number], found.words.ends[number]
    gap = found.text[end : found.words.starts[number + 1]]
    return gap in _NAME_GAP or (
        gap in _INITIAL_GAP and (end - start <= 2 or found.words.keys[number] in _ABBREVIATIONS)
    )


# ── titles ──────────────────────────────────────────────────────────────────────────────────

_ABBREVIATIONS = frozenset(["dr", "mr", "mrs", "ms", "vol", "st", "no", "jr", "vs", "sr", "pt", "ep"])


def _titles(found: Scan, names: Names, extra: frozenset[str]) -> Iterator[TitleMention]:
    number = 0
    keys = found.words.keys
    text, starts = found.text, found.words.starts
    while number < len(keys):
        best: TitleMention | None = None
        initial = text[starts[number]]
        if keys[number] in ARTICLES and not initial.islower():
            best = _longest(found, names, extra, number, number + 1)
        if best is None or best.last == number + 1:
            plain = _longest(found, names, extra, number, number)
            if plain and (best is None or plain.last > best.last):
                best = plain
        if best is None:
            number += 1
        else:
            yield best
            number = best.last + 1


def _longest(
    found: Scan, names: Names, extra: frozenset[str], number: int, first: int
) -> TitleMention | None:
    """The longest title that begins at word `first`; the span begins at word `number`."""
    keys, starts, ends = found.words.keys, found.words.starts, found.words.ends
    if first >= len(keys) or (number != first and not _joined(found, number)):
        return None
    text, word = found.text, keys[first]
    lengths = names.title_starts.get(word)
    own = [len(key.split()) for key in extra if key.split()[0] == word] if extra else []
    if own:
        lengths = tuple(sorted({*(lengths or ()), *own}, reverse=True))
    if lengths is None:
        glued = len(word) >= 7 and (word in names.glued or word[:-1] in names.glued)
        if not glued and not (word[-1] == "s" and word[:-1] in names.title_starts):
            return None
        lengths = (1,)
    elif text[ends[first] - 2 : ends[first]] == "'s" and word[:-1] in names.titles and 1 not in lengths:
        lengths = (*lengths, 1)
    reach = _reach(found, first, lengths[0])
    for length in lengths:
        if length > reach:
            continue
        last = first + length - 1
        key, end = " ".join(keys[first : last + 1]), ends[last]
        if key not in names.titles and key not in extra:
            if text[end - 2 : end] == "'s" and key[:-1] in names.titles:
                key, end = key[:-1], end - 2
            elif length == 1 and key in names.glued:
                key = names.glued[key]
            else:
                continue
        elif length > 1 and keys[last].isdigit() and _numbers_a_list(text, end):
            continue
        start = starts[number]
        initial = text[starts[first]]
        if (
            initial.islower()
            and not (number != first and length > 1)
            and not _lower_case_title(found, first, last)
        ):
            continue
        return TitleMention(start, end, key, first, last)
    return None


def _numbers_a_list(text: str, end: int) -> bool:
    """Whether a number before `end` counts the next item: "Prom Night 2. Carrie"."""
    return (text[end : end + 1] in (".", ")") and text[end + 1 : end + 2].strip().isalpha()) or text[
        end : end + 2
    ] in (". ", ") ")


def _lower_case_title(found: Scan, first: int, last: int) -> bool:
    """Whether words in lower case may be a title: marked as one, or two words that say something."""
    start, end = found.words.starts[first], found.words.ends[last]
    mark, within = found.marked(start, end)
    if mark or within:
        return True
    return sum(key not in SMALL for key in found.words.keys[first : last + 1]) >= 2


def _reach(found: Scan, first: int, most: int) -> int:
    """How many words from `first` on a title may span: none crosses the end of a sentence, a mark or a bracket."""
    length = 1
    while length < most and first + length < len(found.words) and _joined(found, first + length - 1):
        length += 1
    return length


def _joined(found: Scan, number: int) -> bool:
    """Whether word `number` and the next one may belong to one title."""
    end = found.words.ends[number]
    gap = found.text[end : found.words.starts[number + 1]]
    if gap in (" ", "-", "'"):
        return True
    if len(gap) > 4 or any(sign in gap for sign in '\n"();_*<'):
        return False
    if "." in gap and " " in gap:
        return found.words.keys[number] in _ABBREVIATIONS or end - found.words.starts[number] == 1
    return not (("!" in gap or "?" in gap) and " " in gap)
