"""Films that critics describe and do not name: "the original", "its predecessor", "the 1933 version", "the sequel".

All are worked out from the reviewed film: its title tells which part of a series it is, and the catalogue
which earlier films share its title or its series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from filmgraph.drafts import Draft
from filmgraph.forms import Form, series_key
from filmgraph.mentions import SMALL
from filmgraph.model import Film, Franchise
from filmgraph.text import Phrase, title_key, word_key

__all__ = ["Forebears", "add_descriptions", "forebears"]


@dataclass(frozen=True, slots=True)
class Forebears:
    """Film ids: an earlier film of the same title, the part before, the first part, the part that came next; None
    where there is none. `parts` gives the parts of the series by number, the reviewed film's own included.
    """

    namesake: str | None = None
    previous: str | None = None
    first: str | None = None
    following: str | None = None
    parts: Mapping[int, str] = field(default_factory=dict)


def forebears(draft: Draft) -> Forebears:
    """The earlier films that a sequel or remake of the reviewed film's title and year goes back to, and its sequel."""
    film = draft.film
    if film is None or film.year is None:
        return Forebears()
    key, base = title_key(film.name), series_key(film.name)
    earlier = draft.names.version(film.name, before=film.year, other_than=film.id)
    namesake = earlier.id if earlier else None
    series = sorted(_series(draft, film, base), key=lambda f: (f.year or 0, f.id))
    first = previous = None
    if base != key:
        bare = [other for other in _earlier(draft, base, film) if _may_go_on(film, other)]
        if bare:
            first = max(bare, key=lambda f: (draft.names.renown(f), f.id)).id
        previous = _restart(bare, film) or _part_before(draft, film, key, base, first)
    elif not series and not earlier and not draft.names.titles.get(f"{base} 2"):
        first = previous = _named_within(draft, film)
    if series:
        first = first or series[0].id
        previous = previous or series[-1].id
    parts = _parts(draft, film, base, first)
    number = next((number for number, id in parts.items() if id == film.id), 0)
    following = _part_after(draft, film, base, parts.get(number + 1) if number else None)
    if number != 1:
        first = parts.get(1, first)
    return Forebears(namesake, parts.get(number - 1, previous), first, following, parts)


LONG_AGO = 15
"""After how many years a series without a number in its titles goes on only with some of the same people."""


def _may_go_on(film: Film, first: Film) -> bool:
    numbered = any(word.isdigit() for word in title_key(film.name).split())
    makers = {credit.person for credit in film.credits}
    near = (film.year or 0) - (first.year or 0) <= LONG_AGO
    return near or numbered or any(credit.person in makers for credit in first.credits)


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
    makers = {credit.person for credit in film.credits}
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            telling = sum(word not in SMALL for word in run)
            for other in _earlier(draft, " ".join(run), film) if telling else ():
                near = telling > 1 and (film.year or 0) - (other.year or 0) <= WITHIN
                if near or any(credit.person in makers for credit in other.credits):
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
                if id.startswith("film:"):
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
    makers = {credit.person for credit in film.credits}
    titled = [draft.entity(id) for id, _ in draft.names.titles.get(base, ())]
    akin = [
        other
        for other in titled
        if isinstance(other, Film) and any(credit.person in makers for credit in other.credits)
    ]
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

# ── descriptions in the text ────────────────────────────────────────────────────────────────

_ANAPHOR = Phrase(
    r"\b(?:(?:the|its|his|her|this|that|an?|any|of|very|true|direct|unofficial) )?"
    r"(?:(?:original|first|previous|earlier|last|1st|preceding)(?: (?:film|movie|one|version|instal\w+|part|picture|"
    r"entry|classic|outing|feature|chapter|flick))?|predecessor|prequel|sequels?|re-?makes?|remade|re-?making|"
    r"follow-?up|parent film|reboot(?:s|ed|ing)?|re-?imagining)\b",
    "original first previous earlier last 1st preceding predecessor prequel sequel re remake remade remaking follow "
    "followup parent reboot rebooted rebooting reimagining",
    ahead=True,
)
_PART_NOUN = r"(?:films?|movies?|entry|instal\w+|parts?|pictures?|chapters?|outings?|features?|flicks?|one)"
_ORDINALS = {
    word: number
    for number, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th", "seventh 7th"), 1
    )
    for word in words.split()
}
_NTH = Phrase(
    rf"\b(?:the|its|this) (?P<nth>{'|'.join(_ORDINALS)}) (?:\w+ )?{_PART_NOUN}\b"
    r"(?! (?:I|to|that|ever|of|he|she|we|by|in)\b)"
    r"|\b(?P<part>part) (?P<count>[1-9]|one|two|three|four|five|six|seven|I{1,3}|IV|VI{0,3})\b(?! of)",
    " ".join(["part", *_ORDINALS]),
    ahead=True,
)
_PRIOR = Phrase(
    rf"\b(?:the|its) (?:prior|previous|preceding|last) (?:\w+ )?{_PART_NOUN}\b(?! of)",
    "prior previous preceding last",
    ahead=True,
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_BARE_FIRST = re.compile(r"(?:\w+ )?(?:first|previous|earlier|last|1st|preceding)$", re.IGNORECASE)
_REMADE = re.compile(r"re-?ma[kd]|reboot|re-?imagin", re.IGNORECASE)
_FIRST = re.compile(r"original|first|1st", re.IGNORECASE)
_CONTINUED = re.compile(r"sequel|prequel|predecessor|follow", re.IGNORECASE)
_VERSION_OF_YEAR = re.compile(
    r"\b(?P<year>1[89]\d\d|20[0-3]\d)(?:'s)?(?: [\w'-]+){0,3}? (?:re-?make|version|original|film|movie|one|"
    r"adaptation|classic|masterpiece|incarnation|picture|release)\b"
)
_VERSION_OF_PERSON = re.compile(
    r"(?:'s?|s') (?P<what>(?:[\w-]+ ){0,2}?(?:original|version|film|re-?make|classic|take|adaptation|masterpiece))\b"
)


def add_descriptions(draft: Draft) -> None:
    """Link versions by year or maker, what a sequel or remake goes back to, and the sequel of the reviewed film."""
    kin = _namesakes(draft)
    dated = any(str(film.year) in draft.text for film in kin)
    for match in _VERSION_OF_YEAR.finditer(draft.text) if dated else ():
        of_year = [film for film in kin if film.year == int(match["year"])]
        if of_year and draft.free(*match.span()):
            draft.add(*match.span(), of_year[0].id, 0.7, "version")
    _add_versions_of_people(draft, kin)
    if draft.film is None:
        return
    known = forebears(draft)
    if known.namesake:
        _turn_back(draft, known.namesake)
    if known.parts or known.previous:
        _add_parts(draft, known)
    if known.previous or known.namesake or known.first or known.following:
        _add_anaphors(draft, known)


def _add_anaphors(draft: Draft, known: Forebears) -> None:
    """ "The original", "its predecessor", "the remake", "a sequel to this film"."""
    matches = [match for match in _found(draft, _ANAPHOR) if draft.free(*match.span())]
    for match in matches:
        if _BARE_FIRST.fullmatch(match[0]):
            continue
        if _speaks_of_next(draft, match, known):
            assert known.following
            draft.add(*match.span(), known.following, 0.5, "successor")
            continue
        target = _target(match[0], known)
        if target and draft.film and target != draft.film.id:
            how = "predecessor" if _CONTINUED.search(match[0]) else "anaphor"
            draft.add(*match.span(), target, 0.5, how)


_SEQUEL = re.compile(r"sequel|follow", re.IGNORECASE)
_OF_THIS = re.compile(r" (?:to|of) (?:this|it\b)", re.IGNORECASE)


def _speaks_of_next(draft: Draft, match: re.Match[str], known: Forebears) -> bool:
    """Whether "the sequel" is one of the reviewed film: of the first of a series, or "to this film"."""
    if known.following is None or not _SEQUEL.search(match[0]):
        return False
    first = known.previous is None and known.first in (None, draft.film and draft.film.id)
    words = match[0].lower()
    return (
        (first and not words.startswith("this"))
        or words.startswith("its ")
        or _OF_THIS.match(draft.text, match.end()) is not None
    )


def _found(draft: Draft, phrase: Phrase) -> Iterator[re.Match[str]]:
    return phrase.found_in(draft.text, draft.context.scan.words)


_GOES_BACK_TO = re.compile(
    r"\b(?:re-?makes?|reboots?|re-?imagining|updates?|sequels?|prequels?|follow-?ups?) (?:of|to) "
    r"(?:(?!and\b|or\b|in\b|is\b)[\w'’-]+ ){0,5}[\"'“‘_*]*$",
    re.IGNORECASE,
)


def _turn_back(draft: Draft, namesake: str) -> None:
    """ "This remake of Love Affair", said of Love Affair: the title means the earlier film."""
    assert draft.film is not None
    for link in list(draft.links):
        start = link.mention.start
        if link.entity == draft.film.id and _GOES_BACK_TO.search(draft.text, max(0, start - 70), start):
            draft.relink(link, namesake)


def _add_parts(draft: Draft, known: Forebears) -> None:
    """ "The second film", "part three", "the prior entry" of the reviewed film's series."""
    assert draft.film is not None
    for match in _found(draft, _NTH):
        number = _ORDINALS.get((match["nth"] or "").lower()) or _part_number(match["count"] or "")
        part = known.parts.get(number)
        if part and part != draft.film.id and draft.free(*match.span()):
            draft.add(*match.span(), part, 0.5, "anaphor")
    for match in _found(draft, _PRIOR):
        if known.previous and draft.free(*match.span()):
            draft.add(*match.span(), known.previous, 0.5, "predecessor")


def _part_number(word: str) -> int:
    key = word_key(word)
    return _COUNTS.get(key) or (
        int(key) if key.isdecimal() else len(key) if key == "i" else 5 if key == "v" else 0
    )


def _target(words: str, known: Forebears) -> str | None:
    if _REMADE.search(words):
        return known.namesake or known.previous or known.first
    if _FIRST.search(words):
        return known.first or known.previous or known.namesake
    return known.previous or known.namesake or known.first


def _namesakes(draft: Draft) -> list[Film]:
    """Films of the same title as the reviewed film or as one that is linked, without the reviewed one."""
    names = [draft.film.name] if draft.film else []
    names += [
        draft.name_of(link.entity) for link in draft.links if link.entity and link.entity.startswith("film:")
    ]
    found: dict[str, Film] = {}
    for name in dict.fromkeys(names):
        for film in draft.names.films_titled(name)[:10]:
            found.setdefault(film.id, film)
    if draft.film:
        found.pop(draft.film.id, None)
    return list(found.values())


def _add_versions_of_people(draft: Draft, kin: list[Film]) -> None:
    """ "Craven's original": the namesake that this person made."""
    people = {
        link.mention.end: link.entity for link in draft.links if (link.entity or "").startswith("person:")
    }
    for match in _VERSION_OF_PERSON.finditer(draft.text):
        person = people.get(match.start())
        if person is None or not draft.free(*match.span("what")):
            continue
        made = [
            f for f in kin if any(c.person == person and c.role in ("director", "writer") for c in f.credits)
        ]
        if made:
            draft.add(*match.span("what"), made[0].id, 0.6, "version")
