"""Offshoots of other films: what the words beside a title say of works that are not reviewed.

"Like the remake of Cape Fear", "the Cape Fear remake" and "the sequel to Jaws" name two films at once, which only a
catalogue tells apart: the later one, of which the critic speaks, and the one it goes back to. "The twentieth entry,
Die Another Day" tells that a film is of a series, and a catalogue of which. Where it does not know, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from filmgraph.candidates import Pair
from filmgraph.findings import Found
from filmgraph.forms import Form, series_key
from filmgraph.model import EntityKind, Film, Franchise, Polarity, Relation, Stance
from filmgraph.names import Names
from filmgraph.passages import Passage, Span
from filmgraph.quotes import quote
from filmgraph.text import title_key

__all__ = ["with_offshoots"]

CONFIDENCE = 0.9
"""The share that was right of the remakes found in reviews with gold claims."""
REACH = 80
"""How many characters ahead of a title may speak of it."""
_WHOSE = r"\b(?:the|his|her|their|['’]s)\s+(?:(?!(?:an?|or|and|than|like)\b)[\w'’-]+ ){0,4}?"
_TITLE = r"(?:the )?(?:(?:18|19|20)\d\d )?(?:classic |original )?[\"'“‘_*`]*$"
_REMAKE_OF = re.compile(rf"{_WHOSE}(?P<word>re-?make) of {_TITLE}", re.IGNORECASE)
_REMAKE = re.compile(r"[\"'”’_*`]*(?: \((?:18|19|20)\d\d\))? (?P<word>re-?make)\b(?! of)", re.IGNORECASE)
_SEQUEL_TO = re.compile(rf"{_WHOSE}(?P<word>sequel|follow-?up) (?:to|of) {_TITLE}", re.IGNORECASE)
_ENTRY = re.compile(r"\b(?P<word>entry|instal?lment|outing)(?:,|:| --)? [\"'“‘_*`]*$", re.IGNORECASE)
_IS = re.compile(r"\b(?:is|was|are|be|being|it['’]s|as)\s*$", re.IGNORECASE)
_IS_SOMEBODY = re.compile(
    r"\b(?:is|was|are|be|being|it['’]s|as)\s+"
    r"(?:(?!(?:in|of|to|from|for|with|than|by|at|like|on)\b)[\w-]+\s+){0,4}[\w-]+$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class _Offshoot:
    """What the word at `word` says: mention `span` stands for `film`, which is `relation` of `other`."""

    span: Span
    word: int
    film: Film
    relation: Relation
    other: Film | Franchise


def with_offshoots(
    found: Iterable[Found], passage: Passage, names: Names, *, min_confidence: float | None = None
) -> list[Found]:
    """The claims, and those of other films' offshoots; what is said of such words is said of the film they stand for.

    O(spans + claims * offshoots).
    """
    kept = list(found)
    for offshoot in _told(passage, names) if (min_confidence or 0) <= CONFIDENCE else ():
        if offshoot.relation is not Relation.PART_OF:
            kept = [_of(other, offshoot) for other in kept if not _takes_for_reviewed(other, offshoot)]
        kept.append(_claim(passage, offshoot))
    return kept


def _told(passage: Passage, names: Names) -> Iterator[_Offshoot]:
    """Mentions beside which a remake, sequel or series is spoken of."""
    for span in passage.spans:
        if span.kind is EntityKind.FILM and span.start >= 0:
            offshoot = (
                _remake(passage, span, names) or _sequel(passage, span, names) or _entry(passage, span, names)
            )
            if offshoot:
                yield offshoot


def _remake(passage: Passage, span: Span, names: Names) -> _Offshoot | None:
    own = title_key(passage.reviewed.name) if passage.reviewed else None
    match = _ahead(passage, span, _REMAKE_OF) or _REMAKE.match(passage.text, span.end)
    if match is None or title_key(span.name) == own:
        return None
    remake = _version_meant(passage, span, names)
    original = names.version(span.name, before=remake.year) if remake else None
    return (
        _Offshoot(span, match.start("word"), remake, Relation.REMAKE_OF, original)
        if remake and original
        else None
    )


def _ahead(passage: Passage, span: Span, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Where the pattern ends at the mention, and does not say of the film spoken of that it is one."""
    match = pattern.search(passage.text, max(0, span.start - REACH), span.start)
    if match is None:
        return None
    before = passage.text[max(0, match.start() - REACH) : match.start()]
    says_so = (_IS_SOMEBODY if match[0][0] in "'’" else _IS).search(before)
    return None if says_so else match


def _version_meant(passage: Passage, span: Span, names: Names) -> Film | None:
    """The remake among the films of a title: by a year beside the mention, else the one that the mention means, else
    the best known that was out."""
    first = min((film.year for film in names.films_titled(span.name) if film.year), default=None)
    if first is None:
        return None
    beside = passage.text[max(0, span.start - REACH) : span.end + 10]
    years = frozenset(int(year) for year in _YEAR.findall(beside))
    latest = passage.reviewed.year + 4 if passage.reviewed and passage.reviewed.year else None
    named = names.version(span.name, after=first, years=years)
    if named and named.year in years:
        return named
    meant = names.catalog.get(span.entity)
    if isinstance(meant, Film) and (meant.year or first) > first:
        return meant
    return names.version(span.name, after=first, before=latest) or named


def _sequel(passage: Passage, span: Span, names: Names) -> _Offshoot | None:
    """ "The sequel to Jaws" in a review of another film: Jaws 2."""
    match = _ahead(passage, span, _SEQUEL_TO)
    first = names.catalog.get(span.entity) if match else None
    if match is None or not isinstance(first, Film) or (passage.reviewed and span.is_akin(passage.reviewed)):
        return None
    base = series_key(first.name)
    parts = names.titles.get(f"{base} 2", ()) if base == title_key(first.name) else ()
    second = next((names.catalog.get(id) for id, form in parts if form < Form.SHORT), None)
    follows = isinstance(second, Film) and (second.year or 0) > (first.year or 9999)
    return (
        _Offshoot(span, match.start("word"), second, Relation.SEQUEL_TO, first)
        if isinstance(second, Film) and follows
        else None
    )


def _entry(passage: Passage, span: Span, names: Names) -> _Offshoot | None:
    """ "Earlier entry Goldfinger": a film of the series that the catalogue has it in."""
    match = _ENTRY.search(passage.text, max(0, span.start - REACH), span.start)
    film = names.catalog.get(span.entity) if match else None
    series = names.catalog.get(film.franchises[0]) if isinstance(film, Film) and film.franchises else None
    if match is None or not isinstance(film, Film) or not isinstance(series, Franchise):
        return None
    return _Offshoot(span, match.start("word"), film, Relation.PART_OF, series)


# ── claims ──────────────────────────────────────────────────────────────────────────────────


def _takes_for_reviewed(claim: Found, offshoot: _Offshoot) -> bool:
    """Whether a claim has some other film as the remake or sequel, because only one of the two was linked."""
    relations = (
        (offshoot.relation, Relation.REBOOT_OF)
        if offshoot.relation is Relation.REMAKE_OF
        else (offshoot.relation,)
    )
    return claim.relation in relations and claim.object.start == offshoot.span.start


def _of(claim: Found, offshoot: _Offshoot) -> Found:
    return (
        replace(claim, object=_end(offshoot.span, offshoot.film))
        if claim.object.start == offshoot.span.start
        else claim
    )


def _claim(passage: Passage, offshoot: _Offshoot) -> Found:
    words = passage.sentences[offshoot.span.sentence]
    place = next((n for n, offset in enumerate(words.offsets) if offset >= offshoot.word), 0)
    subject, object_ = _end(offshoot.span, offshoot.film), _end(offshoot.span, offshoot.other)
    start, end = quote(passage, Pair(subject, object_, offshoot.span, None), (place, place + 1))
    return Found(
        subject, offshoot.relation, object_, Polarity.ASSERTED, Stance.NEUTRAL, start, end, CONFIDENCE
    )  # fmt: skip


def _end(span: Span, entity: Film | Franchise) -> Span:
    kind = EntityKind.FILM if isinstance(entity, Film) else EntityKind.FRANCHISE
    return replace(span, kind=kind, entity=entity.id, name=entity.name, year=entity.year, how="offshoot")
