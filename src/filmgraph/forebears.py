"""What the reviewed film goes back to: the film it is a remake of, the part before, the first part, the part after.

Its title tells which part of a series it is, the catalogue which earlier films share its title or its series, and what
critics in general say (`kinship`) what it is a sequel or remake of where titles do not tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from filmgraph.drafts import Draft
from filmgraph.forms import Form, series_key
from filmgraph.kinship import load_kinship
from filmgraph.mentions import SMALL
from filmgraph.model import Film, Franchise, Relation
from filmgraph.names import Names
from filmgraph.text import title_key

__all__ = ["Forebears", "forebears", "namesake"]


@dataclass(frozen=True, slots=True)
class Forebears:
    """Film ids: the film that it is a remake of, the part before, the first part, the part that came next, and of a
    film that goes back to none of these the one that remade it; None where there is none. `parts` gives the parts of
    the series by number, the reviewed film's own included.
    """

    remade: str | None = None
    previous: str | None = None
    first: str | None = None
    following: str | None = None
    remade_by: str | None = None
    parts: Mapping[int, str] = field(default_factory=dict)


def forebears(draft: Draft, earlier: Film | None) -> Forebears:
    """The earlier films that a sequel or remake of the reviewed film's title and year goes back to, and its sequel;
    `earlier` is its `namesake`."""
    film = draft.film
    if film is None or film.year is None:
        return Forebears()
    base = _base(draft, film)
    remade = _remade(draft, film, earlier)
    first, previous = _gone_on_from(draft, film, base, earlier)
    parts = _parts(draft, film, base, first)
    number = next((number for number, id in parts.items() if id == film.id), 0)
    following = _part_after(draft, film, base, parts.get(number + 1) if number else None)
    if number != 1:
        first = parts.get(1, first)
    previous = parts.get(number - 1, previous)
    if first is None and previous is None:
        continued = _said_to_be(Relation.SEQUEL_TO, draft, film)
        first = previous = continued.id if continued else None
    original = remade is None and previous is None and first in (None, film.id)
    later = _remade_by(draft.names, film) if original else None
    return Forebears(remade.id if remade else None, previous, first, following, later, parts)


def _remade(draft: Draft, film: Film, earlier: Film | None) -> Film | None:
    """What a film is a remake of: what critics say, else the film of the same title if it may be that."""
    same = earlier if earlier and _may_be_remade(draft.names, film, earlier) else None
    return _said_to_be(Relation.REMAKE_OF, draft, film) or same


def _gone_on_from(draft: Draft, film: Film, base: str, earlier: Film | None) -> tuple[str | None, str | None]:
    """The first part and the part before, as far as titles and the catalogue's franchises tell."""
    key = title_key(film.name)
    series = sorted(_series(draft, film, base), key=lambda f: (f.year or 0, f.id))
    first = previous = None
    if base != key:
        bare = [other for other in _earlier(draft, base, film) if _may_go_on(draft.names, film, other)]
        if bare:
            first = max(bare, key=lambda f: (draft.names.renown(f), f.id)).id
        previous = _restart(bare, film) or _part_before(draft, film, key, base, first)
    elif not series and not earlier and not draft.names.titles.get(f"{base} 2"):
        first = previous = _named_within(draft, film)
    if series:
        first = first or series[0].id
        previous = previous or series[-1].id
    return first, previous


def namesake(names: Names, film: Film) -> Film | None:
    """The best known earlier film of the same title."""
    return names.version(film.name, before=film.year, other_than=film.id)


def _remade_by(names: Names, film: Film) -> str | None:
    """The best known later film of the same title: "the remake" in a review of the first one."""
    later = names.version(film.name, after=film.year, other_than=film.id)
    known = later is not None and names.renown(later) >= LEAST_KNOWN and _may_be_remade(names, later, film)
    return later.id if known and later else None


LEAST_KNOWN = 1.75
"""How well known an earlier film must be for "the original" to mean it by its title alone; one whose title is not
the same to the letter a little better. Of those less known one in six was meant."""


def _may_be_remade(names: Names, film: Film, earlier: Film) -> bool:
    """Whether a film of the same title may be what it was made from, and not a film that happens to have that title."""
    same = film.name.lower() == earlier.name.lower()
    return _are_kin(names, film, earlier) or names.renown(earlier) >= LEAST_KNOWN + (0.0 if same else 0.5)


def _are_kin(names: Names, film: Film, earlier: Film) -> bool:
    """Whether two films have a maker or a source in common."""
    sources = {work.id for work in names.works_behind(film.id)}
    return _share_a_maker(film, earlier) or any(work.id in sources for work in names.works_behind(earlier.id))


def _share_a_maker(film: Film, other: Film) -> bool:
    makers = {credit.person for credit in film.credits}
    return any(credit.person in makers for credit in other.credits)


def _said_to_be(relation: Relation, draft: Draft, film: Film) -> Film | None:
    """The earlier film of which critics in general say that it is a remake or sequel of it."""
    for id in load_kinship().origins.get((film.id, relation.value), ()):
        other = draft.names.catalog.get(id)
        earlier = isinstance(other, Film) and (other.year or 9999) <= (film.year or 0)
        if isinstance(other, Film) and earlier and not _is_accident(draft.names, film, other):
            return other
    return None


def _is_accident(names: Names, film: Film, other: Film) -> bool:
    titles = title_key(film.name), series_key(film.name)
    return title_key(other.name) in titles and not _may_be_remade(names, film, other)


_LAST_PART = re.compile(
    r",? (?:part |vol(?:ume|\.) |chapter )?(?:\d|[ivx]+|two|three|four|five)$", re.IGNORECASE
)


def _base(draft: Draft, film: Film) -> str:
    """What of a title names its series: "Mission: Impossible" of its second part, where a film has that title."""
    whole = title_key(_LAST_PART.sub("", film.name))
    is_numbered = whole != title_key(film.name)
    return whole if is_numbered and _earlier(draft, whole, film) else series_key(film.name)


LONG_AGO = 15
"""After how many years a series without a number in its titles goes on only with some of the same people."""


def _may_go_on(names: Names, film: Film, first: Film) -> bool:
    numbered = any(word.isdigit() for word in title_key(film.name).split())
    near = (film.year or 0) - (first.year or 0) <= LONG_AGO and names.renown(first) >= LEAST_KNOWN
    return near or numbered or _are_kin(names, film, first)


RESTART = 6
"""Within how many years of its remake a series goes on from that and not from the original."""


def _restart(bare: list[Film], film: Film) -> str | None:
    """The remake that began the series anew shortly before the film, if one did."""
    years = sorted((other.year or 0, other.id) for other in bare)
    year, id = years[-1] if len(years) > 1 else (0, "")
    return id if 0 < (film.year or 0) - year <= RESTART else None


WITHIN = 15


def _named_within(draft: Draft, film: Film) -> str | None:
    """An earlier film whose title is part of this one's: The Blue Lagoon of Return to the Blue Lagoon.

    Of a single word, or long ago, it counts only when the two share a maker.
    """
    words = title_key(film.name).split()
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            telling = sum(word not in SMALL for word in run)
            for other in _earlier(draft, " ".join(run), film) if telling else ():
                near = telling > 1 and (film.year or 0) - (other.year or 0) <= WITHIN
                if near or _share_a_maker(film, other):
                    return other.id
    return None


def _earlier(draft: Draft, key: str, film: Film) -> list[Film]:
    """Earlier films whose title or alias has this key."""
    return [
        other
        for id, form in draft.names.titles.get(key, ())
        if form < Form.SHORT and id != film.id
        if isinstance(other := draft.names.catalog.get(id), Film)
        and other.year
        and other.year < (film.year or 0)
    ]


def _series(draft: Draft, film: Film, base: str) -> list[Film]:
    """Earlier films of the series: by the catalogue's franchises, else by the shared part of the title."""
    found: dict[str, Film] = {}
    for member in _members(draft, film):
        if member.year and member.year < (film.year or 0):
            found[member.id] = member
    if not found and base != title_key(film.name):
        for id, _ in draft.names.titles.get(base, ()):
            other = draft.names.catalog.get(id)
            if isinstance(other, Film) and other.year and 0 < (film.year or 0) - other.year <= 12:
                found[other.id] = other
    found.pop(film.id, None)
    return list(found.values())


def _parts(draft: Draft, film: Film, base: str, first: str | None) -> dict[int, str]:
    """The parts of the reviewed film's series by number: those that bear it, else by the order of years."""
    one = draft.entity(first) if first else film
    found = {1: one.id} if isinstance(one, Film) and title_key(one.name) == base else {}
    for number in range(1, MOST_PARTS + 1):
        for key in (f"{base} {number}", f"{base} part {number}", f"{base} chapter {number}"):
            for id, _ in draft.names.titles.get(key, ()):
                part = draft.names.catalog.get(id)
                if isinstance(part, Film) and (number > 1 or _may_go_on(draft.names, film, part)):
                    found.setdefault(number, id)
    if not found or film.id in found.values():
        return found
    later = {other.id: other for id in found.values() if isinstance(other := draft.entity(id), Film)} | {
        film.id: film
    }
    ordered = sorted(later.values(), key=lambda other: (other.year or 0, other.id))
    return {number: other.id for number, other in enumerate(ordered, 1)}


SOON = 15
"""Within how many years a film without a number in its title may be the sequel of another."""


def _part_after(draft: Draft, film: Film, base: str, numbered: str | None) -> str | None:
    """The next film of the series: by its number, else of the same franchise or begun by the same title, with some of
    the same people."""
    second = draft.entity(numbered or "")
    if isinstance(second, Film) and (second.year or 0) >= (film.year or 0):
        return second.id
    titled = [draft.entity(id) for id, _ in draft.names.titles.get(base, ())]
    akin = [other for other in titled if isinstance(other, Film) and _share_a_maker(film, other)]
    later = [
        other
        for other in (*_members(draft, film), *akin)
        if 0 < (other.year or 0) - (film.year or 0) <= SOON and title_key(other.name) != title_key(film.name)
    ]
    return min(later, key=lambda other: (other.year or 0, other.id)).id if later else None


def _members(draft: Draft, film: Film) -> list[Film]:
    """The films of the franchises that the catalogue has a film in."""
    known = (draft.entity(id) for id in film.franchises)
    members = [id for series in known if isinstance(series, Franchise) for id in series.members]
    return [other for id in members if isinstance(other := draft.entity(id), Film)]


def _part_before(draft: Draft, film: Film, key: str, base: str, first: str | None) -> str | None:
    number = next((int(word) for word in key.split()[1:] if word.isdigit() and len(word) <= 2), 0)
    if number == 2:
        return first
    if number > 2:
        for form in (f"{base} {number - 1}", f"{base} part {number - 1}"):
            part = next((id for id, _ in draft.names.titles.get(form, ()) if id != film.id), None)
            if part:
                return part
    return None


MOST_PARTS = 12
