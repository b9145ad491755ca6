"""Mentions: the spans of a review that may name something.

A gazetteer finds titles and full names of people, longest first; marks (quotes, italics) show what critics set
apart as titles. Nothing is decided here but the spans: `linking` says what they mean, if anything.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, count, pairwise
from typing import TypeAlias

from filmgraph.model import Document
from filmgraph.names import Names
from filmgraph.text import ARTICLES, Words, cut_words, normalise, sentences, title_key

__all__ = ["Mark", "NameMention", "Scan", "TitleMention", "numbers_a_list", "scan"]

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
    """A review with all that was spotted in it. `text` is normalised; offsets are those of the raw text.

    `adjectives` are the words that may be made of a name: "Hitchcockian".
    """

    text: str
    words: Words
    sentences: list[tuple[int, int]]
    marks: list[Mark]
    people: list[NameMention] = field(default_factory=list)
    titles: list[TitleMention] = field(default_factory=list)
    adjectives: list[re.Match[str]] = field(default_factory=list)
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
    found.adjectives = list(_ADJECTIVE.finditer(text))
    own = title_key(document.title) if document.title else ""
    titles = _titles(found, names, "" if own in names.titles else own)
    found.titles = [m for m in titles if not _skipped(m.start, document.skip)]
    return found


def _skipped(offset: int, skip: Sequence[tuple[int, int]]) -> bool:
    return any(start <= offset < end for start, end in skip)


# ── marks ───────────────────────────────────────────────────────────────────────────────────

_MARK = re.compile(
    r'"(?P<double>[^"\n]{1,70}?)[,.!?;]?"'
    r"|_(?<![A-Za-z0-9_]_)(?P<under>[^_\n]{1,80}?)_(?![A-Za-z0-9])"
    r"|\*\*?(?P<star>[^*\n]{1,80}?)\*{1,2}"
    r"|'(?<![A-Za-z0-9]')(?P<single>[A-Z0-9][^'\n]{0,50}?(?:'s [^'\n]{1,30}?)?)[,.!?;]?'(?![A-Za-z0-9])"
    r"|<(?P<tag>i|em|b|strong|cite)>(?P<html>[^<\n]{1,80})</(?P=tag)>"
)
"""Each alternative begins with its sign: a search then passes over all else without trying."""
_BRACKET_AT_END = re.compile(r"(?<=\w)[!?.]? ?\([^()]*\)$")
_GROUPS = (("double", False), ("under", True), ("star", True), ("single", False), ("html", True))


def _marks(text: str, emphasis: Sequence[tuple[int, int]]) -> list[Mark]:
    found = [Mark(start, end, True) for start, end in emphasis]
    for match in _MARK.finditer(text):
        for group, italic in _GROUPS:
            if match[group] is not None:
                start, end = match.span(group)
                bracket = text[end - 1] == ")" and _BRACKET_AT_END.search(text, start, end)
                found.append(Mark(start, bracket.start() if bracket else end, italic))
                break
    return sorted(found, key=lambda mark: (mark.start, mark.end))


# ── people ──────────────────────────────────────────────────────────────────────────────────

_ADJECTIVE = re.compile(
    r"\b(?P<stem>[A-Z][a-z]+?(?: ?[A-Z][a-z]+?)?|[a-z]{4,}?)"
    r"(?P<ending>esque|ian|ean|ish|-(?:esque|ian|ean|ish|like|style|type|lite))(?:-(?:style|like))?\b"
)
_NAME_GAP = frozenset(["", " ", "-", " - "])
_INITIAL_GAP = frozenset([". ", ".", ".-"])


def _people(found: Scan, names: Names) -> Iterator[NameMention]:
    text, words = found.text, found.words
    keys, starts, ends = words.keys, words.starts, words.ends
    lengths, people = names.people_starts, names.people
    following = 0
    for number in words.proper:
        if number >= following and keys[number] in lengths and text[starts[number]].isupper():
            for length in lengths[keys[number]]:
                last = number + length - 1
                if last >= len(keys) or not text[starts[last]].isupper():
                    continue
                key, end = " ".join(keys[number : last + 1]), ends[last]
                if key not in people and key.endswith("s") and text[end - 2 : end] == "'s":
                    key, end = key[:-1], end - 2
                if key in people and all(_name_goes_on(found, n) for n in range(number, last)):
                    yield NameMention(starts[number], end, key, people[key])
                    following = number + length
                    break


def _name_goes_on(found: Scan, number: int) -> bool:
    """Whether word `number` and the next one may belong to one name; only initials end in a full stop."""
    words = found.words
    gap = words.gaps[number]
    return gap in _NAME_GAP or (
        gap in _INITIAL_GAP
        and (words.ends[number] - words.starts[number] <= 2 or words.keys[number] in ABBREVIATIONS)
    )


# ── titles ──────────────────────────────────────────────────────────────────────────────────

ABBREVIATIONS = frozenset(["dr", "mr", "mrs", "ms", "vol", "st", "no", "jr", "vs", "sr", "pt", "ep"])
_TITLE_GAP = frozenset([" ", "-", "'"])
_CUTS = frozenset(",!?")
_PARTS = frozenset('\n"();_*<')
_LEAST_GLUED = 7


def _titles(found: Scan, names: Names, own: str) -> Iterator[TitleMention]:
    """The longest title at each word, left to right; a capitalised article before it belongs to its span."""
    proper, last = frozenset(found.words.proper), -1
    named = {person.start for person in found.people}
    misspelt = {mention.first: mention for mention in _misspelt_marks(found, names)}
    for number in sorted(proper.union(_lower_case_starts(found, names, own))):
        if number > last:
            if number in proper:
                best = _proper_title(found, names, own, number, named)
            else:
                best = _longest(found, names, own, number, number)
            if number in misspelt and (best is None or best.last < misspelt[number].last):
                best = misspelt[number]
            if best is not None:
                yield best
                last = best.last


def _lower_case_starts(found: Scan, names: Names, own: str) -> Iterator[int]:
    """The words at which a title in lower case may begin: with its first two words, with one that is marked, or with
    one that is seldom seen in lower case."""
    keys, starts, ends = found.words.keys, found.words.starts, found.words.ends
    pairs = map(" ".join, pairwise(keys))
    yield from compress(count(), map(names.title_starts.__contains__, pairs))
    for mark in found.marks:
        number = bisect_left(starts, mark.start - 1)
        while number < len(keys) and ends[number] <= mark.end + 1:
            yield number
            number += 1
    yield from found.words.of({own.partition(" ")[0]})
    yield from found.words.of(names.coined)


def _proper_title(
    found: Scan, names: Names, own: str, number: int, named: Container[int]
) -> TitleMention | None:
    """The longest title at a word that is not in lower case, spelt right or wrong."""
    best: TitleMention | None = None
    if found.words.keys[number] in ARTICLES:
        best = _longest(found, names, own, number, number + 1)
    if best is None or best.last == number + 1:
        plain = _longest(found, names, own, number, number)
        if plain and (best is None or plain.last > best.last):
            best = plain
    if found.words.starts[number] not in named:
        best = _misspelt(found, names, number, best) or best
    return best


def _longest(found: Scan, names: Names, own: str, number: int, first: int) -> TitleMention | None:
    """The longest title that begins at word `first`; the span begins at word `number`."""
    words = found.words
    if first >= len(words.keys) or (number != first and not _joined(found, number)):
        return None
    lower = found.text[words.starts[first]].islower()
    matches = _keys_at(found, names, first)
    if own and own.partition(" ")[0] == words.keys[first]:
        matches += _own_key_at(found, own, first)
    if not lower and (not matches or matches[-1][0] == first):
        matches += _glued_keys_at(found, names, first)
    for last, key, end in reversed(matches):
        if not lower or (number != first and last > first) or _lower_case_title(found, names, first, last):
            return TitleMention(words.starts[number], end, key, first, last)
    return None


_KeyAt: TypeAlias = tuple[int, str, int]  # number of the last word, the key, where the span ends


def _keys_at(found: Scan, names: Names, first: int) -> list[_KeyAt]:
    """The title keys that begin at word `first`, shortest first."""
    keys, ends, gaps, text = found.words.keys, found.words.ends, found.words.gaps, found.text
    titles, prefixes = names.titles, names.title_prefixes
    last, key, length = first, keys[first], len(keys)
    matches: list[_KeyAt] = []
    while True:
        if key[-1] == "s" and key[:-1] in titles and text[ends[last] - 2 : ends[last]] == "'s":
            matches.append((last, key[:-1], ends[last] - 2))
        elif key in titles and not (
            last > first and keys[last].isdigit() and numbers_a_list(text, ends[last], keys[last])
        ):
            matches.append((last, key, ends[last]))
        if key not in prefixes or last + 1 == length or not (gaps[last] == " " or _joined(found, last)):
            return matches
        last += 1
        key = f"{key} {keys[last]}"


def _own_key_at(found: Scan, own: str, first: int) -> Iterator[_KeyAt]:
    """The reviewed film's own title, which may be in no catalogue."""
    keys = found.words.keys
    last = first + own.count(" ")
    joined = all(_joined(found, number) for number in range(first, min(last, len(keys) - 1)))
    if joined and " ".join(keys[first : last + 1]) == own:
        yield last, own, found.words.ends[last]


def _glued_keys_at(found: Scan, names: Names, first: int) -> Iterator[_KeyAt]:
    """Titles that differ from the text by a space: "Inner Space" for Innerspace, "Hardboiled" for Hard Boiled."""
    keys, ends = found.words.keys, found.words.ends
    word = keys[first]
    if len(word) >= _LEAST_GLUED and word in names.glued and word not in names.titles:
        yield first, names.glued[word], ends[first]
    if first + 1 < len(keys) and found.text[ends[first]] in " -":
        both = word + keys[first + 1]
        if (
            len(both) >= _LEAST_GLUED
            and found.words.starts[first + 1] == ends[first] + 1
            and not found.text[ends[first] + 1].islower()
            and both in names.titles
            and not numbers_a_list(found.text, ends[first + 1], keys[first + 1])
        ):
            yield first + 1, both, ends[first + 1]


_LONGEST_RUN = 7
_LEAST_MISSPELT = 6


def _misspelt(found: Scan, names: Names, number: int, best: TitleMention | None) -> TitleMention | None:
    """A run of capitalised words from word `number` on that but misspells a title, where it is longer than `best`.

    A word by itself must stand inside a sentence and be nobody's name.
    """
    words, text = found.words, found.text
    first = number + (words.keys[number] in ARTICLES)
    for last in reversed(_capitals_from(found, first)):
        if best is not None and last <= best.last:
            return None
        if last == first and not _may_be_misspelt(found, names, first):
            return None
        if words.keys[last].isdigit() and numbers_a_list(text, words.ends[last], words.keys[last]):
            continue
        key = names.spelling(" ".join(words.keys[first : last + 1]))
        if best is not None and key == best.key:
            return None
        if key and (not words.keys[last].isdigit() or key.endswith(words.keys[last])):
            end = words.ends[last] - 2 * (text[words.ends[last] - 2 : words.ends[last]] == "'s")
            return TitleMention(words.starts[number], end, key, first, last)
    return None


def _misspelt_marks(found: Scan, names: Names) -> Iterator[TitleMention]:
    """What is set apart, of several words, and but misspells a title: "The Good, The Bad, The Ugly"."""
    words = found.words
    for mark in found.marks:
        first, last = bisect_left(words.starts, mark.start), bisect_left(words.starts, mark.end) - 1
        if not 1 <= last - first < _LONGEST_RUN:
            continue
        bare = first + (words.keys[first] in ARTICLES)
        written = " ".join(words.keys[bare : last + 1])
        key = None if written in names.titles else names.spelling(written)
        if key and words.keys[last].isdigit() == key[-1].isdigit():
            yield TitleMention(words.starts[first], words.ends[last], key, first, last)


def _capitals_from(found: Scan, first: int) -> list[int]:
    """The numbers of the capitalised words and numerals in the run of words that begins with word `first`."""
    words, text = found.words, found.text
    capitals = []
    for number in range(first, min(first + _LONGEST_RUN, len(words))):
        if number > first and not _closely_joined(found, number - 1):
            break
        start = words.starts[number]
        if (
            text[start].isupper()
            or text[start].isdigit()
            or (number > first and words.gaps[number - 1] == "-")
        ):
            capitals.append(number)
        elif number == first or words.keys[number] not in SMALL:
            break
    return capitals


def _closely_joined(found: Scan, number: int) -> bool:
    gap = found.words.gaps[number]
    return gap in _TITLE_GAP or (_CUTS.isdisjoint(gap) and _joined(found, number))


def _may_be_misspelt(found: Scan, names: Names, number: int) -> bool:
    key, start = found.words.keys[number], found.words.starts[number]
    return (
        len(key) >= _LEAST_MISSPELT
        and key not in names.first_names
        and key not in names.surnames
        and key.removesuffix("s") not in names.titles
        and start not in found.starts
    )


def numbers_a_list(text: str, end: int, number: str) -> bool:
    """Whether the number that ends at `end` counts the next item of a list: "1. Prom Night 2. Carrie"."""
    if not number.isdecimal() or _COUNTS_ITEM.match(text, end) is None:
        return False
    return re.search(rf"(?<!\w){int(number) - 1}[.)] ?[\"'_*]*[A-Z]", text[:end]) is not None


_COUNTS_ITEM = re.compile(r"[.)] ?[\"'_*]*\w")


def _lower_case_title(found: Scan, names: Names, first: int, last: int) -> bool:
    """Whether words in lower case may be a title: marked as one, a word that hardly is one of the language, or two
    words that say something."""
    start, end = found.words.starts[first], found.words.ends[last]
    if first == last and found.words.keys[first] in names.coined:
        return True
    telling = [key for key in found.words.keys[first : last + 1] if key not in SMALL]
    if len(telling) >= 2:
        return True
    return any(found.marked(start, end))


def _joined(found: Scan, number: int) -> bool:
    """Whether word `number` and the next one may belong to one title."""
    gap = found.words.gaps[number]
    if gap in _TITLE_GAP:
        return True
    end = found.words.ends[number]
    if gap == "\n":
        return found.sentence(end) == found.sentence(end + 1)
    if len(gap) > 4 or not _PARTS.isdisjoint(gap):
        return False
    if "." in gap and " " in gap:
        return found.words.keys[number] in ABBREVIATIONS or end - found.words.starts[number] == 1
    return not (("!" in gap or "?" in gap) and " " in gap)
