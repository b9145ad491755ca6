"""What critics describe and do not name: "the original", "its predecessor", "the 1933 version", "the novel".

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
from filmgraph.names import medium_of
from filmgraph.text import Phrase, title_key, word_key

__all__ = ["Forebears", "add_descriptions", "forebears"]


@dataclass(frozen=True, slots=True)
class Forebears:
    """Film ids: an earlier film of the same title, the part before, the first part; None where there is none.
    `parts` gives the parts of the series by number, the reviewed film's own included.
    """

    namesake: str | None = None
    previous: str | None = None
    first: str | None = None
    parts: Mapping[int, str] = field(default_factory=dict)


def forebears(draft: Draft) -> Forebears:
    """The earlier films that a sequel or remake of the reviewed film's title and year goes back to."""
    film = draft.film
    if film is None or film.year is None:
        return Forebears()
    key, base = title_key(film.name), series_key(film.name)
    earlier = draft.names.version(film.name, before=film.year, other_than=film.id)
    namesake = earlier.id if earlier else None
    series = sorted(_series(draft, film, base), key=lambda f: (f.year or 0, f.id))
    first = previous = None
    if base != key:
        bare = _earlier(draft, base, film)
        if bare:
            first = max(bare, key=lambda f: (draft.names.renown(f), f.id)).id
        previous = _restart(bare, film) or _part_before(draft, film, key, base, first)
    elif not series and not earlier:
        first = previous = _named_within(draft, film)
    if series:
        first = first or series[0].id
        previous = previous or series[-1].id
    parts = _parts(draft, film, base, first)
    number = next((number for number, id in parts.items() if id == film.id), 0)
    return Forebears(namesake, parts.get(number - 1, previous), parts.get(1, first), parts)


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
    for id in film.franchises:
        franchise = draft.names.catalog.get(id)
        for member in franchise.members if isinstance(franchise, Franchise) else ():
            other = draft.names.catalog.get(member)
            if isinstance(other, Film) and other.year and other.year < (film.year or 0):
                found[other.id] = other
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
            for id, form in draft.names.titles.get(key, ()):
                if id.startswith("film:") and form < Form.SHORT:
                    found.setdefault(number, id)
    if not found or film.id in found.values():
        return found
    later = {other.id: other for id in found.values() if isinstance(other := draft.entity(id), Film)} | {
        film.id: film
    }
    ordered = sorted(later.values(), key=lambda other: (other.year or 0, other.id))
    return {number: other.id for number, other in enumerate(ordered, 1)}


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
    """Link versions by year or maker, the source work, and the film that a sequel or remake goes back to."""
    kin = _namesakes(draft)
    dated = any(str(film.year) in draft.text for film in kin)
    for match in _VERSION_OF_YEAR.finditer(draft.text) if dated else ():
        of_year = [film for film in kin if film.year == int(match["year"])]
        if of_year and draft.free(*match.span()):
            draft.add(*match.span(), of_year[0].id, 0.7, "version")
    _add_versions_of_people(draft, kin)
    _add_sources(draft)
    if draft.film is None:
        return
    known = forebears(draft)
    if known.namesake:
        _turn_back(draft, known.namesake)
    if known.parts or known.previous:
        _add_parts(draft, known)
    if known.previous or known.namesake or known.first:
        matches = [match for match in _found(draft, _ANAPHOR) if draft.free(*match.span())]
        for match in matches:
            target = _target(match[0], known)
            if target and target != draft.film.id and not _BARE_FIRST.fullmatch(match[0]):
                how = "predecessor" if _CONTINUED.search(match[0]) else "anaphor"
                draft.add(*match.span(), target, 0.5, how)


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


# ── source works ────────────────────────────────────────────────────────────────────────────

_SOURCE = Phrase(
    r"\b(?P<form>novels?(?! (?:idea|approach|twist|concept|way|premise|take|plot|method|use|and)\b)"
    r"|novellas?|books?|comics?(?: books?)?|graphic novels?|manga|video ?games?|stage ?plays?|"
    r"plays?(?= by| of the)|musical|tv (?:series|show)|short stor(?:y|ies)|memoirs?|autobiography|source material|"
    r"fairy ?tales?|television (?:series|show)|radio (?:show|series))\b",
    "novel novella book comic graphic manga video videogame stage stageplay play musical tv short memoir "
    "autobiography source fairy fairytale television radio",
)
_ADAPTED = re.compile(
    r"\b(?:adapt\w*|based|novel\w*|book|source|screen version|from the|written by|author|faithful|comics?|manga|"
    r"bestsell\w*|best-sell\w*|read)\b",
    re.IGNORECASE,
)
_FORMS = {
    "tv": "tv series",
    "television": "tv series",
    "comic": "comic",
    "graphic": "comic",
    "video": "game",
    "play": "play",
}


def _add_sources(draft: Draft) -> None:
    """ "the novel", where the sentence speaks of adaptation: the work the reviewed film was made from."""
    if draft.film is None:
        return
    for match in _found(draft, _SOURCE):
        if not draft.free(*match.span()):
            continue
        written = _work_by_author_before(draft, match.start())
        start, end = draft.context.scan.sentences[draft.context.scan.sentence(match.start())]
        if written:
            draft.add(*match.span(), written, 0.6, "source")
        elif written is None and _ADAPTED.search(draft.text, start, end):
            draft.add(*match.span(), source_of(draft, match["form"].lower()), 0.5, "source")
    _add_shows(draft)


_SHOW = re.compile(
    r"\b(?:the|this)(?: original| old| classic| tv| television)* (?:series|show|sitcom|cartoon)\b", re.I
)


def _add_shows(draft: Draft) -> None:
    """ "The show", "the original series": the television series of the reviewed film's title, if there is one."""
    assert draft.film is not None
    shows = [*draft.names.works_behind(draft.film.id), draft.names.work_titled(draft.film.name, "tv series")]
    show = next((work for work in shows if work and medium_of(work.form) == "tv"), None)
    if show is not None:
        for match in _SHOW.finditer(draft.text):
            if draft.free(*match.span()):
                draft.add(*match.span(), show.id, 0.5, "source")


_POSSESSED = re.compile(r"(?:'s?|s')(?: [\w-]+){0,2} $")


def _work_by_author_before(draft: Draft, start: int) -> str | None:
    """ "Bradbury's novel": that author's only work, or the one whose film the review names; "" when there are
    several, None when no author of works the catalogue knows stands there."""
    before = _POSSESSED.search(draft.text[max(0, start - 30) : start])
    if before is None:
        return None
    end = start - (before.end() - before.start())
    people = {
        link.mention.end: link.entity for link in draft.links if (link.entity or "").startswith("person:")
    }
    author = draft.entity(people.get(end) or "")
    works = draft.names.works_by(author.name) if author else []
    if not works:
        return None
    named = {link.entity for link in draft.links} | {draft.film.id if draft.film else None}
    told = [work for work in works if named.intersection(work.adapted)]
    return told[0].id if told else works[0].id if len(works) == 1 else ""


def source_of(draft: Draft, form: str) -> str:
    """The id of the work the reviewed film was made from: the catalogue's, else one of the film's title."""
    assert draft.film is not None
    works = draft.names.works_behind(draft.film.id)
    if works:
        same = (work.id for work in works if medium_of(work.form) == medium_of(form))
        return next(same, works[0].id)
    return draft.work(draft.film.name, _FORMS.get(form.split()[0], form))
