"""Titles that no catalogue knows: spans that read like the title of a film or work, which become provisional.

Spans set apart by quotes or italics and runs of capitalised words are weighed by a table of (feature, weight) like
the one of `scoring`, trained by the same script. One that is but a catalogued title misspelt is linked to that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from filmgraph.drafts import Draft
from filmgraph.looks import rank, stands_in_credit
from filmgraph.mentions import SMALL
from filmgraph.names import medium_of
from filmgraph.sources import source_named
from filmgraph.text import title_key

__all__ = ["UnknownTitle", "add_unknown_titles", "unknown_title_features", "unknown_titles"]

THRESHOLD = 0.5
MISSPELT_THRESHOLD = 0.3
NAMED_THRESHOLD = 0.12
_LONGEST = 9
_LEAST_MARKED = 2


@dataclass(frozen=True, slots=True)
class UnknownTitle:
    """A span that may be a title, and how it is set apart: italic, quote, upper or capital. `year` follows it."""

    start: int
    end: int
    kind: str
    year: int | None


def add_unknown_titles(draft: Draft, weights: Mapping[str, float]) -> None:
    """Link the spans that read like titles: to the reviewed film, to a title they misspell, or to a provisional one."""
    for span in unknown_titles(draft):
        surface = draft.text[span.start : span.end]
        key = title_key(surface)
        if not draft.free(span.start, span.end):
            continue
        if draft.film is not None and key == title_key(draft.film.name):
            draft.add(span.start, span.end, draft.film.id, 0.9, "name")
            continue
        sum_ = sum(weights.get(name, 0.0) for name in unknown_title_features(draft, span))
        score = 1 / (1 + math.exp(-sum_))
        meant = _catalogued(draft, span, key) if score >= THRESHOLD else None
        if meant is None and score >= MISSPELT_THRESHOLD:
            meant = draft.names.spelt_like(key)
        if meant:
            draft.add(span.start, span.end, meant, max(score, 0.5), "name")
        elif score >= (NAMED_THRESHOLD if _named_beside(draft, span) else THRESHOLD):
            _add(draft, span, score)


def _named_beside(draft: Draft, span: UnknownTitle) -> bool:
    """Whether a marked span with capitals is called a novel, a comic, a show …"""
    marked = span.kind in ("italic", "quote") and draft.text[span.start].isupper()
    return marked and source_named(draft.text, span.start, span.end) is not None


def _catalogued(draft: Draft, span: UnknownTitle, key: str) -> str | None:
    """The catalogued film of just that title, and year if one follows, which by itself was not sure enough."""
    item = draft.refused.get(span.start)
    if item is None or item.mention.key != key:
        return None
    films = [draft.names.facts(c.entity) for c in item.candidates if c.entity.startswith("film:")]
    return next((f.id for f in films if not span.year or (f.year and abs(f.year - span.year) <= 1)), None)


def _add(draft: Draft, span: UnknownTitle, score: float) -> None:
    surface = draft.text[span.start : span.end]
    how = "title" if span.year else "emphasis"
    source = source_named(draft.text, span.start, span.end)
    if source and span.year is None and medium_of(source) != "tv":
        draft.add(span.start, span.end, draft.work(surface, source), score, "name")
    else:
        draft.add(span.start, span.end, draft.new_film(surface, span.year), score, how)


# ── spans ───────────────────────────────────────────────────────────────────────────────────

_YEAR_FOLLOWS = re.compile(r"[\"'_*.,]{0,3}\s*\((?:[\w .,']{1,40}, )?(?P<year>(?:18|19|20)\d\d)\)")
_CAPITAL_RUN = re.compile(
    r"[A-Z0-9&](?<![\w'].)(?:(?<!&)[\w'&-]*\.?)?"
    r"(?:(?: |: | - )(?:(?:of|the|and|in|to|with|from|on|a|an|for|is|at|by|vs\.?) ){0,3}(?:[A-Z0-9][\w'&-]*|&))+!?"
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
            kind = "upper" if draft.text[start:end].isupper() else "capital"
            found.append(UnknownTitle(start, end, kind, _year_after(draft, end)))
    return sorted(found, key=lambda span: (span.start, span.end))


def _year_after(draft: Draft, end: int) -> int | None:
    match = _YEAR_FOLLOWS.match(draft.text, end)
    return int(match["year"]) if match else None


def _may_be_title(surface: str) -> bool:
    words = surface.split()
    return (
        0 < len(words) <= _LONGEST and any(c.isalpha() for c in surface) and title_key(surface) not in SMALL
    )


def _capital_runs(draft: Draft) -> Iterator[tuple[int, int]]:
    starts = draft.context.scan.starts
    for match in _CAPITAL_RUN.finditer(draft.text):
        start, end = match.span()
        if draft.text[end - 2 : end] == "'s":
            end -= 2
        words = draft.text[start:end].split()
        if start in starts and words[0].lower() not in ("the", "a", "an"):
            continue
        if 2 <= len(words) <= _LONGEST and draft.free(start, end):
            yield start, end


# ── features ────────────────────────────────────────────────────────────────────────────────

_WORDS_BEFORE = re.compile(r"(?:([\w'-]+) )?([\w'-]+)[ \"'_*(]*$")
_WORD_AFTER = re.compile(r"[\"'_*]* ([\w'-]+)")
_LISTED_BEFORE = re.compile(r"[\"'_*)]*(?:,| and| or|, and|, or|/| &|;| meets| to) ?[\"'_*]*$")
_LISTED_AFTER = re.compile(r"[\"'_*!]*(?:,| and | or |, and|, or|/| & |;| meets )")
_MARKS_AROUND = 3


def unknown_title_features(draft: Draft, span: UnknownTitle) -> list[str]:
    """What speaks for or against a span's being a title."""
    text, context = draft.text, draft.context
    surface = text[span.start : span.end]
    words = surface.split()
    kind = span.kind
    first = title_key(words[0])
    content = [word for word in words if word.lower() not in SMALL]
    lower = sum(word[0].islower() for word in content)
    shown = [
        "bias",
        f"kind:{kind}",
        f"style:{kind},{context.style}",
        f"words:{kind},{min(len(words), 5)}",
        f"lower:{kind},{'none' if not lower else 'some' if lower < len(content) else 'all'}",
        f"small:{kind},{len(words) - len(content) > 0}",
        f"the:{kind},{words[0].lower() in ('the', 'a', 'an')}",
        f"year:{span.year is not None}",
        f"comma:{kind},{',' in surface}",
        f"upper:{kind},{surface.isupper()}",
    ]
    if any(c.isdigit() for c in surface):
        shown.append(f"digit:{kind}")
    if surface[-1] in "!?" or text[span.end : span.end + 1] in ("!", "?"):
        shown.append(f"exclaims:{kind}")
    if len(words) == 1:
        use = draft.names.use(first)
        shown.append(f"lowerdoc:{kind},{first in context.lower}")
        shown.append(f"common:{kind},{use.lower > use.capital + use.marked}")
    if first in draft.names.first_names and kind != "italic":
        shown.append(f"first:{kind},{len(words)}")
    if text.count(surface) > 1:
        shown.append(f"again:{kind}")
    shown += _around(draft, span)
    shown += _said_beside(draft, span)
    return shown


def _said_beside(draft: Draft, span: UnknownTitle) -> list[str]:
    """What the catalogue's names in and around a span say of it, and the media that its sentence speaks of."""
    context, kind = draft.context, span.kind
    sentence = context.scan.sentence(span.start)
    shown = [f"medium:{medium},{kind}" for medium in sorted(context.media_in(sentence))]
    item = draft.refused.get(span.start)
    if item is not None:
        whole = item.mention.end >= span.end
        shown.append(f"refused:{whole},{rank(item.total, 0.01, 0.05, 0.15, 0.3)},{kind}")
    if any(person.start < span.end and span.start < person.end for person in context.scan.people):
        shown.append(f"person:{kind}")
    if stands_in_credit(context.scan, span.start):
        shown.append(f"credit:{kind}")
    beside = sum(
        (link.entity or "").startswith("film:") and context.scan.sentence(link.mention.start) == sentence
        for link in draft.links
    )
    shown.append(f"beside:{min(beside, 3)},{kind}")
    return shown


def _around(draft: Draft, span: UnknownTitle) -> list[str]:
    text, kind = draft.text, span.kind
    start, end = span.start, span.end
    number = draft.context.scan.sentence(start)
    low, high = draft.context.scan.sentences[number]
    before, after = text[max(low, start - 60) : start], text[end : min(high, end + 40)]
    shown = []
    words, next_ = _WORDS_BEFORE.search(before), _WORD_AFTER.match(after)
    previous = _class_of(words[2]) if words else "^"
    shown.append(f"w-1:{previous},{kind}")
    shown.append(f"w-1:{previous}")
    if words and words[1]:
        shown.append(f"w-2:{_class_of(words[1])} {previous}")
    shown.append(f"w+1:{_class_of(next_[1]) if next_ else '$'}")
    sign = text[end : end + 1]
    shown.append(f"sign:{sign if sign in '.,:;)!?-' else 'other'},{kind}")
    listed = int(bool(_LISTED_BEFORE.search(before) and _film_at(draft, start, before=True)))
    listed += bool(_LISTED_AFTER.match(after) and _film_at(draft, end, before=False))
    shown.append(f"listed:{listed},{kind}")
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if not text[line_start:start].strip(" *_#\"'-") and not text[
        end : line_end if line_end >= 0 else None
    ].strip(" *_\"'"):
        shown.append(f"line:{kind}")
    source = source_named(text, start, end)
    if source:
        shown.append(f"source:{medium_of(source)}")
    return shown


def _class_of(word: str) -> str:
    return word.lower() if word[0].islower() else "1" if word[0].isdigit() else "A"


def _film_at(draft: Draft, offset: int, before: bool) -> bool:
    """Whether a linked film stands within a few characters before or after an offset."""
    return any(
        0 <= (offset - link.mention.end if before else link.mention.start - offset) <= 12
        for link in draft.links
        if link.entity and link.entity.startswith("film:")
    )
