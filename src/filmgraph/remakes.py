"""Remakes spoken of in reviews of other films: "like the remake of Cape Fear", "the Dawn of the Dead remake".

The words name two films at once, which only a catalogue tells apart: the remake, of which the critic speaks, and
its original. Where it knows no two films of that title, the words are left to say that the reviewed film is the remake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from filmgraph.findings import Found
from filmgraph.model import EntityKind, Film, Polarity, Relation, Stance
from filmgraph.names import Names
from filmgraph.passages import Passage, Span
from filmgraph.quotes import trimmed
from filmgraph.text import title_key

__all__ = ["with_remakes"]

CONFIDENCE = 0.8
WINDOW = 80
_REMAKE_OF = re.compile(
    r"\b(?:the|his|her|their|['’]s)\s+(?:[\w'’-]+ ){0,4}?re-?make of (?:the )?(?:(?:18|19|20)\d\d )?"
    r"(?:classic |original )?[\"'“‘_*`]*$",
    re.IGNORECASE,
)
_REMAKE = re.compile(r"[\"'”’_*`]*(?: \((?:18|19|20)\d\d\))? re-?make\b(?! of)", re.IGNORECASE)
_IS = re.compile(r"\b(?:is|was|are|be|being|it['’]s|as)\s*$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")


def with_remakes(found: Iterable[Found], passage: Passage, names: Names) -> list[Found]:
    """The claims, and those that remakes of other films are remakes; what is said of such a pair is said of the remake.

    O(spans + claims * remakes).
    """
    kept = list(found)
    for span, remake, original in _told(passage, names):
        kept = [_of(other, span, remake) for other in kept if not _takes_for_reviewed(other, span)]
        kept.append(_claim(passage, span, remake, original))
    return kept


def _told(passage: Passage, names: Names) -> Iterator[tuple[Span, Film, Film]]:
    """Mentions that stand for a remake, with the film that is one and its original."""
    own = title_key(passage.reviewed.name) if passage.reviewed else None
    for span in passage.spans:
        if span.kind is EntityKind.FILM and span.start >= 0 and title_key(span.name) != own:
            before = _REMAKE_OF.search(passage.text, max(0, span.start - WINDOW), span.start)
            if before and _IS.search(passage.text, max(0, before.start() - 8), before.start()):
                continue
            pair = _pair(passage, span, names) if before or _REMAKE.match(passage.text, span.end) else None
            if pair:
                yield span, *pair


def _pair(passage: Passage, span: Span, names: Names) -> tuple[Film, Film] | None:
    """The remake and its original among the films of one title: by a year beside the mention, else the best known."""
    titled = sorted(
        (film for film in names.films_titled(span.name) if film.year), key=lambda film: film.year or 0
    )
    later = [film for film in titled if film.year != titled[0].year]
    if not later:
        return None
    beside = passage.text[max(0, span.start - WINDOW) : span.end + 10]
    years = {int(year) for year in _YEAR.findall(beside)}
    latest = (passage.reviewed.year if passage.reviewed else None) or 9999
    known = [film for film in later if (film.year or 0) <= latest + 3] or later
    remake = next((film for film in later if film.year in years), None) or max(known, key=names.renown)
    return remake, max((film for film in titled if (film.year or 0) < (remake.year or 0)), key=names.renown)


def _takes_for_reviewed(claim: Found, span: Span) -> bool:
    """Whether a claim has some other film as the remake, because only one of the two was linked."""
    return claim.relation in (Relation.REMAKE_OF, Relation.REBOOT_OF) and claim.object.start == span.start


def _of(claim: Found, span: Span, remake: Film) -> Found:
    return replace(claim, object=_end(span, remake)) if claim.object.start == span.start else claim


def _claim(passage: Passage, span: Span, remake: Film, original: Film) -> Found:
    sentence = passage.sentences[span.sentence]
    start, end = trimmed(
        passage.text, max(sentence.start, span.start - WINDOW), min(sentence.end, span.end + 10)
    )
    return Found(
        _end(span, remake), Relation.REMAKE_OF, _end(span, original),
        Polarity.ASSERTED, Stance.NEUTRAL, start, end, CONFIDENCE,
    )  # fmt: skip


def _end(span: Span, film: Film) -> Span:
    return replace(span, entity=film.id, name=film.name, year=film.year, how="remake")
