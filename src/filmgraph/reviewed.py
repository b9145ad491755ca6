"""Which film a review is about: from what is known of it, else from its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from filmgraph.forms import Form
from filmgraph.model import Document, EntityKind, Film, FilmFormat, catalogued_id, provisional_id
from filmgraph.names import Names
from filmgraph.scoring import Scored
from filmgraph.text import normalise, title_key

__all__ = ["infer_reviewed", "reviewed_from_record"]


def reviewed_from_record(document: Document, names: Names) -> Film | None:
    """The reviewed film by id, else by title and year; one that no catalogue knows is made from the record."""
    id = catalogued_id(EntityKind.FILM, document.imdb_id) if document.imdb_id else None
    known = names.catalog.get(id) if id else None
    if isinstance(known, Film):
        return known
    if not document.title:
        return Film(id, document.imdb_id or "", document.year) if id else None
    titled = names.films_titled(document.title)
    if document.year is not None and not titled:
        titled = _of_short_form(document.title, names)
    same = [
        film
        for film in titled
        if document.year is None or film.year is None or abs(film.year - document.year) <= 1
    ]
    if document.year is None and document.published:
        same = [film for film in same if (film.year or 0) <= document.published.year + 1]
    if same and (document.year or len(same) == 1 or document.published is None):
        return same[0]
    if same:
        return max(same, key=lambda film: (film.year or 0, film.renown, film.id))
    made = id or provisional_id(EntityKind.FILM, document.title, document.year)
    return Film(made, document.title, document.year)


def _of_short_form(title: str, names: Names) -> list[Film]:
    ids = [id for id, form in names.titles.get(title_key(title), ()) if form is Form.SHORT]
    return [film for id in ids if isinstance(film := names.catalog.get(id), Film)]


_HEADLINE = re.compile(
    r"^[\s\"'_*#]*(?P<before>(?:film |movie )?review\s*[:|-]\s*)?(?P<title>[^\n]{1,80}?)"
    r"[\"'_*]*(?:\s*\((?P<year>\d{4})\))?\s*(?P<after>(?:(?:film|movie|blu-ray|dvd|netflix)?\s*review)\b[^\n]{0,40})?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_HEADLINES = 6
_YEAR_TAIL = re.compile(r"\s*\((\d{4})\)\s*$")


def infer_reviewed(document: Document, scored: Sequence[Scored], names: Names) -> Film | None:
    """The film that the text itself is about: the one its headline names, else the one it keeps naming.

    Of several films of one title the latest that was out when the review was written counts.
    """
    text = normalise(document.text)
    headline = _headline(text)
    if headline:
        title, year = headline
        found = _of_title(title, year, document, names)
        if found:
            return found
    weights: dict[str, float] = {}
    published = document.published.year if document.published else None
    for item in scored:
        best = item.best
        if best.score < 0.4 or not best.entity.startswith("film:"):
            continue
        film = names.catalog.get(best.entity)
        if isinstance(film, Film):
            weight = 1.0 + (1.5 if item.mention.start < 300 else 0.0)
            if published and film.year and abs(published - film.year) <= 1:
                weight += 1.0
            weights[film.id] = weights.get(film.id, 0.0) + weight
    if not weights:
        return None
    chosen = names.catalog.get(max(sorted(weights), key=lambda id: weights[id]))
    return chosen if isinstance(chosen, Film) else None


def _headline(text: str) -> tuple[str, int | None] | None:
    """A title that one of the first lines gives as a heading ("Ballerina Review", "Review: Jaws (1975)")."""
    lines = [line for line in text.split("\n") if line.strip()][: _HEADLINES * 2]
    for number, line in enumerate(lines):
        match = _HEADLINE.match(line)
        if match is None or len(line) > 120:
            continue
        sure = match["before"] or match["after"] or (match["year"] and number < 2)
        title = match["title"].strip(" \"'_*#:-|")
        if sure and title and title_key(title) not in ("", "movie", "film", "the", "reviews"):
            return title, int(match["year"]) if match["year"] else None
    return None


def _of_title(title: str, year: int | None, document: Document, names: Names) -> Film | None:
    films = names.films_titled(title)
    if not films:
        films = _of_short_form(title, names)
    if year:
        near = [film for film in films if film.year and abs(film.year - year) <= 1]
        return near[0] if near else Film(provisional_id(EntityKind.FILM, title, year), title, year)
    written = document.published.year if document.published else None
    if written:
        out = [film for film in films if film.year and film.year <= written]
        recent = [film for film in out if film.year and film.year >= written - 1]
        features = [film for film in recent if film.format is FilmFormat.FEATURE] or recent
        if features:
            return max(features, key=lambda film: (film.year or 0, names.renown(film), film.id))
        films = out
    if films:
        return films[0]
    words = title.split()
    if len(words) <= 8 and words[0][:1].isupper():
        return Film(provisional_id(EntityKind.FILM, title), title)
    return None
