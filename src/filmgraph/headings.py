"""Headings that name a film: the headline of a review, and which film a title in a heading means."""

from __future__ import annotations

import re
from collections.abc import Container

from filmgraph.model import Document, Film, FilmFormat
from filmgraph.names import Names
from filmgraph.text import title_key

__all__ = ["film_titled", "headline", "was_out"]

_HEADLINE = re.compile(
    r"^[\s\"'_*#]*(?P<before>(?:film |movie )?review\s*[:|-]\s*)?(?P<title>[^\n]{1,80}?)"
    r"[\"'_*]*(?:\s*\((?P<year>\d{4})\))?[\s\"'_*]*"
    r"(?P<after>(?:(?:film|movie|blu-ray|dvd|netflix)?\s*review)\b[^\n]{0,40})?\s*$",
    re.IGNORECASE,
)
_CREDITS = re.compile(
    r"^[\s_*]*(?:direct(?:or|ors|ed)|dir|writers?|written|screenplay|screenwriters?|starring|stars|cast"
    r"|run(?:ning )?time)\b(?:(?: by)?[_* ]*[:-]|(?: by)?[_*]* (?-i:[A-Z]))",
    re.IGNORECASE | re.MULTILINE,
)
HEAD_LINES, HEAD_CHARS, CREDITS_LINES = 12, 2_000, 6
LONGEST = 120
NO_FILM = ("", "movie", "film", "the", "reviews")


def headline(text: str) -> tuple[str, int | None] | None:
    """The title, and year, that one of the first lines gives as a heading ("Ballerina Review", "Review: Jaws (1975)"),
    or the first one, where credits follow it."""
    lines = [line for line in text[:HEAD_CHARS].split("\n") if line.strip()][:HEAD_LINES]
    credited = _CREDITS.search("\n".join(lines[1:CREDITS_LINES])) is not None
    for number, line in enumerate(lines):
        match = _HEADLINE.match(line) if len(line) <= LONGEST else None
        if match is None:
            continue
        sure = (
            match["before"] or match["after"] or (match["year"] and number < 2) or (credited and not number)
        )
        title = match["title"].strip(" \"'_*#:-|")
        if sure and title_key(title) not in NO_FILM:
            return title, int(match["year"]) if match["year"] else None
    return None


def film_titled(
    title: str, year: int | None, people: Container[str], document: Document, names: Names
) -> tuple[Film | None, bool]:
    """The catalogue's film that a heading names, and whether one of the `people` (name keys) made it.

    Of several, one that such people made; then the best known feature of those that were new when the text was
    written, else of all.
    """
    films = [film for film in names.films_titled(title) if _may_be(film, year, document)]
    films = films or [film for film in _titled_in_part(title, names) if _may_be(film, year, document)]
    credited = [film for film in films if any(person in people for person in names.facts(film.id).people)]
    films = credited or films
    films = [film for film in films if film.format is FilmFormat.FEATURE] or films
    since = document.published.year - 1 if document.published else None
    films = [film for film in films if since and (film.year or 0) >= since] or films
    best = max(films, key=lambda film: (names.renown(film), film.year or 0, film.id), default=None)
    return best, bool(credited)


def _titled_in_part(title: str, names: Names) -> list[Film]:
    found = (names.catalog.get(id) for id, _ in names.titles.get(title_key(title), ()))
    return [film for film in found if isinstance(film, Film)]


def _may_be(film: Film, year: int | None, document: Document) -> bool:
    near = year is None or film.year is None or abs(film.year - year) <= 1
    return near and was_out(film, document)


def was_out(film: Film, document: Document) -> bool:
    """Whether a film may be spoken of in a text of its date: it came out before, or soon after."""
    return document.published is None or film.year is None or film.year <= document.published.year + 1
