"""Spans that may be the title of a film or work that no catalogue knows: what is set apart, and runs of capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

from filmgraph.drafts import Draft
from filmgraph.mentions import ABBREVIATIONS, SMALL
from filmgraph.names import NO_TITLES
from filmgraph.text import ARTICLES, Words, title_key

__all__ = ["UnknownTitle", "as_unknown", "unknown_titles"]


@dataclass(frozen=True, slots=True)
class UnknownTitle:
    """A span that may be a title, and how it is set apart: italic, quote, upper or capital. `year` follows it."""

    start: int
    end: int
    kind: str
    year: int | None


_LONGEST = 9
_YEAR_FOLLOWS = re.compile(r"[\"'_*.,]{0,3}\s*\((?:[\w .,']{1,40}, )?(?P<year>(?:18|19|20)\d\d)\)")
_RUN_GAPS = frozenset([" ", ": ", " - ", "-", "/"])
_INSIDE = SMALL | frozenset(
    """
    and vs nor as de du des del della degli di la le les et el los las y il un una der die das und al no ni ka ki ke
    """.split()
)
_CALLING = frozenset(
    """
    film movie flick films movies called titled entitled named classic remake sequel prequel watched saw seen watch
    rented thriller comedy western drama masterpiece
    """.split()
)
_TRAILING = " ,.!?;:"


def unknown_titles(draft: Draft) -> list[UnknownTitle]:
    """The free spans that may be titles, in text order; of two that overlap the marked one."""
    found: list[UnknownTitle] = []
    for mark in draft.context.scan.marks:
        start, end = mark.start, mark.end
        while end > start and draft.text[end - 1] in _TRAILING:
            end -= 1
        if draft.free(start, end) and _may_be_title(draft.text[start:end]):
            found.append(
                UnknownTitle(start, end, "italic" if mark.italic else "quote", _year_after(draft, end))
            )
    held = [(span.start, span.end) for span in found]
    for start, end in _capital_runs(draft):
        if not any(low < end and start < high for low, high in held):
            found.append(UnknownTitle(start, end, _kind_of(draft.text[start:end]), _year_after(draft, end)))
    return sorted(found, key=lambda span: (span.start, span.end))


def as_unknown(draft: Draft) -> Iterator[tuple[UnknownTitle, Draft]]:
    """The catalogued titles that are marked or of several capitalised words, each with the draft as it would be if no
    catalogue knew the title."""
    for mention in draft.context.scan.titles:
        start, end = mention.start, mention.end
        mark, within = draft.context.scan.marked(start, end)
        surface = draft.text[start:end]
        if within or (mark is None and (" " not in surface or surface[0].islower())):
            continue
        kind = ("italic" if mark.italic else "quote") if mark else _kind_of(surface)
        apart = copy(draft)
        apart.refused = {}
        apart.links = [link for link in draft.links if link.mention.end <= start or end <= link.mention.start]
        yield UnknownTitle(start, end, kind, _year_after(draft, end)), apart


def _kind_of(surface: str) -> str:
    return "upper" if surface.isupper() else "capital"


def _year_after(draft: Draft, end: int) -> int | None:
    match = _YEAR_FOLLOWS.match(draft.text, end)
    return int(match["year"]) if match else None


def _may_be_title(surface: str) -> bool:
    words = surface.split()
    return (
        0 < len(words) <= _LONGEST and any(c.isalpha() for c in surface) and title_key(surface) not in SMALL
    )


def _capital_runs(draft: Draft) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words, without whose they are and of which year; one word alone where it is called a film."""
    words, text, after = draft.context.scan.words, draft.text, -1
    for number in words.proper:
        if number <= after or not (draft.context.upper[number] or text[words.starts[number]].isdigit()):
            continue
        after = _last_of_run(draft, number)
        last = _without_year(words, number, after)
        first = _without_owner(draft, number, last)
        start, end = words.starts[first], words.ends[last]
        if text[end - 2 : end] == "'s":
            end -= 2
        if end <= start or last - first >= _LONGEST or not draft.free(start, end):
            continue
        if last == first:
            if _is_called_film(draft, first, end):
                yield start, end
        elif start not in draft.context.scan.starts or words.keys[first] in ARTICLES:
            yield start, end + text.startswith("!", end)


def _without_year(words: Words, first: int, last: int) -> int:
    """The last word of a run without a medium or year behind it: "Extinct from 1995"."""
    while last > first and (words.keys[last] == "tv" or _is_year(words.keys[last])):
        last -= 1
        while last > first and words.keys[last] in SMALL:
            last -= 1
    return last


def _last_of_run(draft: Draft, number: int) -> int:
    """The last word of the run of capitals that begins with word `number`; small words may stand inside."""
    words, text, upper = draft.context.scan.words, draft.text, draft.context.upper
    last, following = number, number + 1
    while following < len(words) and following - last <= 4:
        gap = words.gaps[following - 1]
        if gap not in _RUN_GAPS and not (gap == ". " and words.keys[following - 1] in ABBREVIATIONS):
            break
        if (
            upper[following]
            or text[words.starts[following]].isdigit()
            or (gap == "-" and following == last + 1)
        ):
            last = following
        elif words.keys[following] not in _INSIDE:
            break
        following += 1
    return last


def _is_year(key: str) -> bool:
    return len(key) == 4 and key.isdigit() and key[:2] in ("19", "20")


def _without_owner(draft: Draft, first: int, last: int) -> int:
    """The first word of a run without whose or when it was: "Hawks's Scarface", "1938's Sex Madness"."""
    words, text = draft.context.scan.words, draft.text
    for number in range(first, min(first + 3, last)):
        if text[words.ends[number] - 2 : words.ends[number]] == "'s":
            key = words.keys[number][:-1]
            ends = (words.ends[number], words.ends[number] - 2)
            named = any(person.end in ends for person in draft.context.scan.people)
            short = text[words.starts[number] : words.ends[number] - 2].isupper() and len(key) <= 4
            if named or _is_year(key) or (number == first and (short or key in draft.names.surnames)):
                return number + 1
    return first


def _is_called_film(draft: Draft, number: int, end: int) -> bool:
    """Whether the words beside a single capitalised word call it a film."""
    words, text, context = draft.context.scan.words, draft.text, draft.context
    key = words.keys[number]
    if key in NO_TITLES or words.starts[number] in context.scan.starts or key in context.people_words:
        return False
    article = number and words.keys[number - 1] in ARTICLES
    before = words.keys[number - 1 - article] if number > article else ""
    if before in _CALLING and words.gaps[number - 1].strip(" \"'_*,(") == "":
        return True
    return _YEAR_FOLLOWS.match(text, end) is not None
