"""Titles that no catalogue knows: spans that read like the title of a film or work, which become provisional.

Spans set apart by quotes or italics and runs of capitalised words are weighed by a table of (feature, weight) like
the one of `scoring`, trained by the same script. One that is but a catalogued title misspelt is linked to that.
"""

from __future__ import annotations

from collections.abc import Mapping

from rapidfuzz import fuzz

from filmgraph.drafts import Draft
from filmgraph.facts import medium_of
from filmgraph.scoring import chance_of
from filmgraph.sources import source_named
from filmgraph.text import title_key
from filmgraph.unknown_looks import unknown_title_features
from filmgraph.unknown_titles import UnknownTitle, unknown_titles

__all__ = ["add_unknown_titles"]

THRESHOLD = 0.6
MISSPELT_THRESHOLD = 0.3
NAMED_THRESHOLD = 0.12
LEAST_LIKENESS = 84
LEAST_SHORT = 4


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
        score = chance_of(unknown_title_features(draft, span), weights)
        meant = _catalogued(draft, span, key) if score >= THRESHOLD else None
        if meant is None and score >= MISSPELT_THRESHOLD:
            names = draft.names
            meant = _named_already(draft, span, key) or names.spelt_like(key) or names.nearest(key)
            meant = meant if meant and _is_of_year(draft, meant, span.year) else None
        if meant:
            draft.add(span.start, span.end, meant, max(score, 0.5), "name")
        elif score >= THRESHOLD or (score >= NAMED_THRESHOLD and _named_beside(draft, span)):
            _add(draft, span, score)


def _named_beside(draft: Draft, span: UnknownTitle) -> bool:
    """Whether a marked span with capitals is called a novel, a comic, a show …"""
    marked = span.kind in ("italic", "quote") and draft.text[span.start].isupper()
    return marked and source_named(draft.text, span.start, span.end) is not None


def _named_already(draft: Draft, span: UnknownTitle, key: str) -> str | None:
    """The reviewed film, or another that the review names, whose title the span misspells or, set apart, shortens."""
    own = [draft.film.id] if draft.film else []
    named = [link.entity for link in draft.links if link.how == "name" and link.entity]
    marked = span.kind in ("italic", "quote") and len(key) >= LEAST_SHORT
    for id in dict.fromkeys(own + [id for id in named if id.startswith("film:")]):
        title = title_key(draft.name_of(id))
        alike = fuzz.ratio(key, title) >= LEAST_LIKENESS and key[-1:].isdigit() == title[-1:].isdigit()
        if alike or (marked and f" {key} " in f" {title} "):
            return id
    return None


def _is_of_year(draft: Draft, id: str, year: int | None) -> bool:
    """Whether what is meant may be of the year that follows its title: critics err by one."""
    known = getattr(draft.entity(id), "year", None)
    return not year or not known or abs(known - year) <= 1


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
