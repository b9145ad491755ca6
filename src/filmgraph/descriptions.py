"""Films that critics describe and do not name: "the original", "its predecessor", "the 1933 version", "the sequel".

All are worked out from the reviewed film: its title tells which part of a series it is, and the catalogue
which earlier films share its title or its series.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from filmgraph.drafts import Draft
from filmgraph.forebears import Forebears, forebears, namesake
from filmgraph.model import Film
from filmgraph.text import Phrase, title_key, word_key

__all__ = ["add_descriptions"]


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
    earlier = namesake(draft.names, draft.film)
    known = forebears(draft, earlier)
    _turn_back(draft, [earlier.id] if earlier else [id for id in (known.first, known.previous) if id])
    if known.parts or known.previous:
        _add_parts(draft, known)
    if any((known.previous, known.remade, known.first, known.following, known.remade_by)):
        _add_anaphors(draft, known)


def _add_anaphors(draft: Draft, known: Forebears) -> None:
    """ "The original", "its predecessor", "the remake", "a sequel to this film"."""
    matches = [match for match in _found(draft, _ANAPHOR) if draft.free(*match.span())]
    named = {link.entity for link in draft.links}
    for match in matches:
        if _BARE_FIRST.fullmatch(match[0]) or _OF_NO_FILM.match(draft.text, match.end()):
            continue
        next_ = _next(draft, match, known)
        if next_:
            if not _WISHED.search(draft.text, max(0, match.start() - 60), match.end()):
                draft.add(*match.span(), next_, 0.5, "successor")
            continue
        if _IN_FUTURE.search(draft.text, max(0, match.start() - 40), match.end()):
            continue
        target = _target(match[0], known, named)
        if target and draft.film and target != draft.film.id:
            how = "predecessor" if _CONTINUED.search(match[0]) else "anaphor"
            draft.add(*match.span(), target, 0.5, how)


_SEQUEL = re.compile(r"sequel|follow", re.IGNORECASE)
_IN_FUTURE = re.compile(
    r"\b(?:got|gets?|get|spawn\w*|merit\w*|warrant\w*|deserv\w*|prompt\w*|demand\w*|room|open|set(?:s|ting)?[ -]up|"
    r"allows?|hop(?:e|es|ing)|wait\w*|possib\w+|potential|future|planned|inevitable|ideas?|plans?)(?: for)? "
    r"(?:(?:an?|the|another|any|some|yet|inevitable|possible|potential|future) )*(?:sequels?|follow-?ups?|re-?makes?)$",
    re.IGNORECASE,
)
"""A sequel or remake that may be made one day."""
_WISHED = re.compile(
    r"\b(?:hop(?:e|es|ing)|wish\w*|want\w*|wait\w*|pray\w*|hopefully|please|(?:love|like) to see|look\w* forward to"
    r"|(?:ideas?|plans?|room|talks?|rumou?rs?) (?:of|for|to)"
    r"|(?:should|would|could|might|will|won't|must|can|don't)(?: \w+)? (?:make|do|film|shoot|see|be))\b"
    r"[^.;!?]{0,25}? (?:an?|another|any|some|no) (?:[\w-]+ )?(?:sequels?|follow-?ups?|prequels?|re-?makes?)$",
    re.IGNORECASE,
)
"""A film after this one that nobody speaks of as made: "I hope that they make a sequel"."""
_OF_NO_FILM = re.compile(
    r" (?:(?:my|our|your|his|her|their)(?: own)? )?"
    r"(?:life|lives|world|society|history|(?:my|him|her|them)sel(?:f|ves)"
    r"|books?|novels?|novella|short stor(?:y|ies)|comics?|comic books?|manga|poem|fairy tale"
    r"|tale|text|source|material)\b",
    re.IGNORECASE,
)
"""Behind "remake" or "the original": "to remake his life", "the original novel"."""
_OF_THIS = re.compile(r" (?:to|of) (?:this|it\b)", re.IGNORECASE)


def _next(draft: Draft, match: re.Match[str], known: Forebears) -> str | None:
    """The film that came of the reviewed one, if "the sequel" or "the remake" means that."""
    if _speaks_of_next(draft, match, known):
        return known.following
    return known.remade_by if _REMADE.search(match[0]) else None


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


def _turn_back(draft: Draft, earlier: Sequence[str]) -> None:
    """ "This remake of Love Affair", said of Love Affair, and "the sequel to Scream", said of Scream 2 and taken for
    it: the title means the earlier film."""
    assert draft.film is not None
    titled = {title_key(draft.name_of(id)): id for id in earlier}
    for link in list(draft.links):
        start = link.mention.start
        if link.entity == draft.film.id and _GOES_BACK_TO.search(draft.text, max(0, start - 70), start):
            meant = titled.get(title_key(link.mention.surface))
            if meant:
                draft.relink(link, meant)


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


def _target(words: str, known: Forebears, named: Container[str | None]) -> str | None:
    """The film that a description means. A late part is a sequel to the first one, unless the one before is named."""
    if _REMADE.search(words):
        return known.remade or known.previous or known.first
    if _FIRST.search(words):
        return known.first or known.previous or known.remade
    if _SEQUEL.search(words) and known.previous not in named:
        return known.first or known.previous or known.remade
    return known.previous or known.remade or known.first


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
