"""Columns: one text that reviews several films, each under a heading that names it.

    ## _Jaws (1975)_             **ORCA (19:00)**           3. Piranha           > The Quiet Ferryman

A section is a heading with all that follows it, up to the next heading of the same style. It reads as a review of
its own, of the film that its heading names; what stands ahead of the first is a review of nothing in particular.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from filmgraph.headings import film_titled
from filmgraph.model import Document, EntityKind, Film, is_provisional, provisional_id
from filmgraph.names import Names
from filmgraph.text import cut_words, normalise, title_key

__all__ = ["Section", "sections"]

LEAST_FILMS = 2
LEAST_TEXT = 80
"""Characters under a heading, which is no review otherwise but an item of a list."""
LONGEST = 90
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a column as a document of its own, which begins at `start` of the whole text. Where no film is
    `reviewed` none should be looked for."""

    start: int
    document: Document
    reviewed: bool


@dataclass(frozen=True, slots=True)
class _Heading:
    """A line, or the words that begin one, at `start`; what it heads begins at `end`. `tail` is what the line gives
    besides the title: a year, a time, a rating."""

    start: int
    end: int
    style: str
    title: str
    tail: str

    @property
    def year(self) -> int | None:
        years = _YEAR.findall(self.tail)
        return int(years[-1]) if years else None


def sections(document: Document, names: Names) -> list[Section]:
    """The sections of a column in order; none for a text that is no column for certain. Linear in the text.

    A column has at least two sections of different films, and no more headings of that style that name none.
    """
    if document.title or document.imdb_id:
        return []
    text = normalise(document.text)
    styles: dict[str, list[_Heading]] = {}
    for heading in _headings(text, names):
        styles.setdefault(heading.style, []).append(heading)
    best: list[tuple[_Heading, Film | None]] = []
    for headings in styles.values():
        if len(headings) >= LEAST_FILMS:
            named = _named(headings, text, document, names)
            if _count(named) > _count(best):
                best = named
    return list(_cut(document, best)) if best else []


def _count(named: Iterable[tuple[_Heading, Film | None]]) -> int:
    return sum(film is not None for _, film in named)


def _cut(document: Document, named: Sequence[tuple[_Heading, Film | None]]) -> Iterator[Section]:
    starts = [heading.start for heading, _ in named]
    if document.text[: starts[0]].strip():
        yield _section(document, 0, starts[0], None, None)
    for (heading, film), end in zip(named, [*starts[1:], len(document.text)], strict=True):
        yield _section(document, heading.start, end, film, heading)


def _section(
    document: Document, start: int, end: int, film: Film | None, heading: _Heading | None
) -> Section:
    known = film is not None and not is_provisional(film.id)
    part = replace(
        document,
        text=document.text[start:end],
        title=heading.title if heading and film else None,
        year=film.year if film else None,
        imdb_id=film.id.partition(":")[2] if film and known else None,
        skip=tuple(_within(document.skip, start, end)),
        emphasis=tuple(_within(document.emphasis, start, end)),
    )
    return Section(start, part, film is not None)


def _within(spans: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans that lie between `start` and `end`, counted from `start`."""
    for first, last in spans:
        if first < end and last > start:
            yield max(first, start) - start, min(last, end) - start


# ── headings ────────────────────────────────────────────────────────────────────────────────

_YEAR = re.compile(r"\b(?:18[89]|19\d|20[0-4])\d\b")
_LINE = re.compile(r"[^\n]+")
_SIGN = re.compile(r"[ \t]*(?:(#{1,6})[ \t]*|(>)[ \t]*|([-*])[ \t]+|#?\(?(\d{1,2})[.):][ \t]+)")
_MARKED = re.compile(r"[*_]{1,3}[^*_\n]+[*_]{1,3}(?:[ \t]*\([^()\n]{1,40}\))?[ \t]*$")
_RUN_IN = re.compile(
    r"[ \t]*(\*{2,3}|_{2,3})(?P<words>[^*_\n]{1,90})\1(?P<year> \(\d{4}\))?[ \t]*[-:.]?[ \t]+(?=\w)"
)
_TAIL = re.compile(
    r"(?:[ \t]*\([^()]{1,40}\)|[ \t]*\[[^\[\]]{1,20}\]"
    r"|(?:[ \t]*[|,:]|[ \t]+-)[ \t]*(?:out (?:now|on)\b.{0,20}|(?:in|at) (?:cinemas|theat\w+)\b.{0,20}"
    r"|\d[\d/.:]*(?: ?(?:stars?|out of \d+|am|pm|[A-Z][a-z]+))?|[*½]+|dir(?:ected|ector)?\b.{1,40}))++[ \t]*$",
    re.IGNORECASE,
)
_SMALL = frozenset(
    "a an and as at by de for from in into la le of on or over than that the this to vs with your my is are".split()
)
_REVIEW_WORDS = frozenset(
    """
    acting action audio author background best cast cinematography comments conclusion contents cons credits
    direction director ending extras features final film genre good hits honorable honourable introduction links
    mentions misses movie movies music notes overall overview performances plot pros rating ratings reviewed review
    reviews score script soundtrack special story summary synopsis thoughts trailer ugly verdict video visuals bad
    worst writing
    """.split()
)
"""Words of headings that divide the review of one film."""


def _headings(text: str, names: Names) -> Iterator[_Heading]:
    before = 0
    for line in _LINE.finditer(text):
        words = line[0].strip()
        if words:
            alone = before == 0 or text.count("\n", before, line.start()) > 1
            heading = _heading(line, alone) or _run_in(line)
            if heading and _may_be_title(heading.title, names):
                yield heading
            before = line.end()


def _heading(line: re.Match[str], alone: bool) -> _Heading | None:
    """A whole line that heads what follows: by a sign, by its marks, or because it stands `alone`."""
    words = line[0]
    if len(words) > LONGEST:
        return None
    sign = _SIGN.match(words)
    rest = words[sign.end() if sign else 0 :].strip()
    marked = _MARKED.match(rest) is not None
    if not (sign or marked or alone):
        return None
    title, tail = _title_and_tail(re.sub(r"[*_]+", "", rest).strip(" \t\"'"))
    style = [_sign_of(sign) if sign else "", "marked" if marked else ""]
    style.append("upper" if title.isupper() and not sign else "")
    return _Heading(line.start(), line.end(), " ".join(style), title.strip(" \t\"'"), tail.strip())


def _title_and_tail(words: str) -> tuple[str, str]:
    """The words of a heading that are a title, and what it gives besides."""
    tail = _TAIL.search(words)
    return (words[: tail.start()], tail[0]) if tail else (words, "")


def _sign_of(sign: re.Match[str]) -> str:
    return "number" if sign[4] else (sign[1] or sign[2] or sign[3])


def _run_in(line: re.Match[str]) -> _Heading | None:
    """Words in bold that a paragraph begins with."""
    sign = _SIGN.match(line[0])
    match = _RUN_IN.match(line[0], sign.end() if sign and sign[4] else 0)
    if match is None:
        return None
    title, tail = _title_and_tail(match["words"].strip(" \t:.-\"'"))
    end = line.start() + match.end()
    return _Heading(line.start(), end, "run in", title, tail + (match["year"] or ""))


def _may_be_title(title: str, names: Names) -> bool:
    words = title.split()
    if not words or len(words) > MOST_WORDS or not (title[0].isupper() or title[0].isdigit()):
        return False
    if title[-1] in ".,;" or title_key(title) in names.people:
        return False
    return all(not word[0].islower() or word in _SMALL for word in words)


# ── which film a heading names ──────────────────────────────────────────────────────────────


def _named(
    headings: Sequence[_Heading], text: str, document: Document, names: Names
) -> list[tuple[_Heading, Film | None]]:
    """The headings of one style with their films; empty unless they make a column."""
    ends = [*(heading.start for heading in headings[1:]), len(text)]
    bodies = [text[heading.end : end] for heading, end in zip(headings, ends, strict=True)]
    known = [
        _known(heading, body, document, names) if len(body.strip()) >= LEAST_TEXT else None
        for heading, body in zip(headings, bodies, strict=True)
    ]
    films = {film.id for film in known if film}
    if len(films) < LEAST_FILMS or 2 * len(films) < len(headings):
        return []
    return [
        (heading, film or _unknown(heading, body))
        for heading, film, body in zip(headings, known, bodies, strict=True)
    ]


def _known(heading: _Heading, body: str, document: Document, names: Names) -> Film | None:
    """The film of the catalogue that a heading names for certain, or an unknown one whose year it gives."""
    words = frozenset(title_key(heading.title).split())
    film, credited = film_titled(heading.title, heading.year, _NamedIn(body), document, names)
    if film is None:
        certain = (heading.year or _repeats(body, heading.title, marked=True)) and not words <= _REVIEW_WORDS
        return _made(heading.title, heading.year) if certain else None
    telling = words - _SMALL - _REVIEW_WORDS
    sure = credited or heading.tail or len(telling) >= 2 or (telling and _repeats(body, heading.title))
    return film if sure else None


class _NamedIn:
    """The people (name keys) whose full names are in a text."""

    def __init__(self, body: str) -> None:
        self._keys = f" {' '.join(cut_words(body).keys)} "

    def __contains__(self, person: object) -> bool:
        return f" {person} " in self._keys


def _unknown(heading: _Heading, body: str) -> Film | None:
    """A film that no catalogue has, where a section of a column is likely to be about one."""
    if set(title_key(heading.title).split()) <= _REVIEW_WORDS | _SMALL:
        return None
    likely = heading.tail or _repeats(body, heading.title)
    return _made(heading.title, heading.year) if likely and len(body.strip()) >= LEAST_TEXT else None


def _made(title: str, year: int | None) -> Film:
    name = title.title() if title.isupper() else title
    return Film(provisional_id(EntityKind.FILM, name, year), name, year)


def _repeats(body: str, title: str, *, marked: bool = False) -> bool:
    """Whether the text itself names what its heading names; `marked` like a title."""
    before, after = (r"[*_\"']", r"[*_\"',.]") if marked else (r"(?<!\w)", r"(?!\w)")
    case = re.IGNORECASE if title.isupper() else re.NOFLAG
    return re.search(before + re.escape(title) + after, body, case) is not None
