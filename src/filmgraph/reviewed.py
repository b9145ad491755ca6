"""Which film a review is about: from what is known of it, else from its text."""

from __future__ import annotations

from collections.abc import Sequence

from filmgraph.context import Context
from filmgraph.forms import Form
from filmgraph.headings import film_titled, headline
from filmgraph.model import Document, EntityKind, Film, catalogued_id, provisional_id
from filmgraph.names import Names
from filmgraph.scoring import Scored
from filmgraph.text import title_key
from filmgraph.topics import likeliest_topic

__all__ = ["infer_reviewed", "reviewed_from_record"]

LONGEST_TITLE = 8
"""Words of a headline that may be the title of a film which no catalogue knows."""


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


def infer_reviewed(context: Context, scored: Sequence[Scored]) -> Film | None:
    """The film that the text itself is about: the one its headline names, else the likeliest of those it names.

    None where none is likely enough: a wrong subject makes most claims of a review wrong.
    """
    return _of_headline(context) or likeliest_topic(context, scored)


def _of_headline(context: Context) -> Film | None:
    named = headline(context.scan.text)
    if named is None:
        return None
    title, year = named
    known, _ = film_titled(title, year, context.people, context.document, context.names)
    words = title.split()
    if known or not (year or (len(words) <= LONGEST_TITLE and words[0][:1].isupper())):
        return known
    return Film(provisional_id(EntityKind.FILM, title, year), title, year)
