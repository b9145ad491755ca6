"""What things are called: the surface forms that critics use for titles and names, as keys.

A *name key* is what `text.title_key` makes of a surface form. Forms tell how good a name it is: the title itself, an
alias, or a short form ("Wrath of Khan").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import groupby

from filmgraph.model import Film, FilmFormat, Person
from filmgraph.text import normalise, title_key, word_key

__all__ = ["Form", "numbered_parts", "person_keys", "series_key", "series_title", "skeleton", "surface_forms"]


class Form(IntEnum):
    """How good a name is; lower is better."""

    TITLE = 0
    ALIAS = 1
    SHORT = 2


_PARTS = re.compile(r"\s*(?::| - | or: |, or |;)\s*")
_INSTALMENT = re.compile(r"(?:Episode|Part|Chapter|Vol\.?|Volume) ?[\w.]*\s*-?\s*(?P<rest>.+)")
_POSSESSOR = re.compile(r"^[A-Z][\w.]*(?: [A-Z][\w.]*){0,2}'s? (?=[A-Z])")
_BRACKET = re.compile(r"\s*\([^)]*\)$")
_NUMBERED = re.compile(
    r"^(?P<name>.+?)[:,]? (?:Part|Chapter|Vol\.?|Volume|Episode) (?P<number>\w{1,5})\b(?P<rest>.*)$"
)
_BEGINNING = re.compile(r"^(?P<name>[A-Z]\w+ \w+)(?=, [A-Z]| the [A-Z]| from [A-Z])")
_INITIALS = re.compile(r"^(?P<name>(?:[A-Z]\.){2,})(?= [A-Za-z])")
_AND_THE = re.compile(r"^.+? and the (?P<rest>[A-Z].*)$")
_GLUED = re.compile(r"^(?P<name>\S+(?: \S+){0,2}) (?P<number>\d|II|III|IV)(?:$|:)")
_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "v": "5"}


def surface_forms(title: str) -> Iterator[tuple[str, Form]]:
    """What critics call something of that title.

    >>> [form for form, _ in surface_forms("Star Trek: The Wrath of Khan")]
    ['Star Trek: The Wrath of Khan', 'Star Trek', 'The Wrath of Khan']
    """
    yield title, Form.TITLE
    plain = normalise(title)
    parts = _PARTS.split(plain)
    if len(parts) > 1:
        yield parts[0], Form.SHORT
        if len(parts) == 2 and len(title_key(parts[1]).split()) >= 2:
            yield parts[1], Form.SHORT
        if len(parts) == 3:
            yield f"{parts[0]} {parts[1]}", Form.SHORT
            yield parts[2], Form.SHORT
        instalment = _INSTALMENT.match(parts[-1])
        if instalment and len(title_key(instalment["rest"]).split()) >= 2:
            yield instalment["rest"], Form.SHORT
    possessor = _POSSESSOR.match(plain)
    if possessor:
        yield plain[possessor.end() :], Form.SHORT
    beginning = _BEGINNING.match(plain)
    if beginning:
        yield beginning["name"], Form.SHORT
    initials = _INITIALS.match(plain)
    if initials:
        yield initials["name"], Form.SHORT
    second = _AND_THE.match(plain)
    if second and len(second["rest"].split()) >= 2:
        yield second["rest"], Form.SHORT
    bracket = _BRACKET.search(plain)
    if bracket and bracket.start():
        yield plain[: bracket.start()], Form.SHORT
    numbered = _NUMBERED.match(plain)
    if numbered:
        number = numbered["number"].lower()
        yield f"{numbered['name']} {_NUMBERS.get(number, number)}", Form.ALIAS
    glued = _GLUED.match(plain)
    if glued:
        yield glued["name"] + word_key(glued["number"]), Form.ALIAS


_TAIL = frozenset(
    """
    part vol chapter episode v x 3d one two three four five
    """.split()
)


def series_key(title: str) -> str:
    """The part of a title that the parts of a series share.

    >>> series_key("Rocky IV"), series_key("Alien: Covenant"), series_key("The Matrix")
    ('rocky', 'alien', 'matrix')
    """
    words = title_key(_PARTS.split(normalise(title))[0]).removesuffix(" 3 d").split()
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _TAIL):
        words.pop()
    return " ".join(words)


def series_title(title: str) -> str:
    """What a series is called whose film bears a title.

    >>> series_title("Rocky IV"), series_title("Jackass: The Movie"), series_title("Mission: Impossible")
    ('Rocky', 'Jackass', 'Mission: Impossible')
    """
    return _PART.sub("", title)


_PART = re.compile(
    r"(?<=[^\W\d]{2})(?=[ :])(?: (?:part |number )?(?:[2-9]|i{2,3}|iv|vi{1,3}|ix|two|three|four))?"
    r"(?:: (?:\S+ .*|\w*\d))?$",
    re.IGNORECASE,
)


def numbered_parts(films: Iterable[Film]) -> Iterator[tuple[str, str]]:
    """Name keys that count the parts of a series whose titles do not: "jaws 4" of Jaws: The Revenge, "jaws 1".

    A part without a number counts by its place in the order of years after parts that bear theirs.

    >>> titles = [("Jaws", 1975), ("Jaws 2", 1978), ("Jaws 3-D", 1983), ("Jaws: The Revenge", 1987)]
    >>> dict(numbered_parts(Film(f"film:{year}", title, year) for title, year in titles))
    {'jaws 1': 'film:1975', 'jaws 3': 'film:1983', 'jaws 4': 'film:1987'}
    """
    series: dict[str, list[tuple[int, str, str]]] = {}
    for film in films:
        if film.year and film.format is FilmFormat.FEATURE and "Documentary" not in film.genres:
            series.setdefault(series_key(film.name), []).append((film.year, title_key(film.name), film.id))
    for base, parts in series.items():
        second = min((year for year, key, _ in parts if _number_of(key, base) == 2), default=0)
        first = max((part for part in parts if part[1] == base and part[0] < second), default=None)
        if first is None:
            continue
        rest = sorted(part for part in parts if part[0] > first[0] and part[1] != base)
        numbered = True
        for place, (_, key, id) in enumerate((first, *rest), 1):
            number = place if place == 1 else _number_of(key, base)
            if number not in (0, place) or not (numbered or number):
                break
            numbered = number == place
            counted = f"{base} {place}"
            if key != counted:
                yield counted, id


def _number_of(key: str, base: str) -> int:
    """The number that a title key puts after the name of its series; 0 for none."""
    words = [word for word in key[len(base) :].split() if word not in ("part", "chapter", "vol", "episode")]
    number = _NUMBERS.get(words[0], words[0]) if words else ""
    return int(number) if number.isdecimal() else 0


_MUTE = str.maketrans({**dict.fromkeys("aeiouywh"), "c": "k", "q": "k", "z": "s"})
_UNWRITTEN = frozenset(["the", "a", "an", "and", "of", "at", "in", "on", "to"])


def skeleton(key: str) -> str:
    """A key without spaces, small words, vowels and doubled letters, which most misspellings leave as it is.

    >>> skeleton("whatever happened to baby jane") == skeleton("what ever hapened to baby jane")
    True
    """
    words = [_NUMBERS.get(word, word) for word in key.split() if word not in _UNWRITTEN]
    joined = "".join(words).replace("ph", "f").replace("gh", "")
    bones = joined[:1] + joined[1:].translate(_MUTE)
    return "".join([letter for letter, _ in groupby(bones)])


def person_keys(person: Person) -> list[str]:
    """The keys of a person's full names; a middle name or initial may be left out."""
    keys = []
    for name in (person.name, *person.aliases):
        words = title_key(name).split()
        if len(words) >= 2 and len("".join(words)) > 4:
            keys.append(" ".join(words))
            if len(words) == 3 and words[2] not in ("jr", "sr", "2", "3"):
                keys.append(f"{words[0]} {words[2]}")
            if len(words) > 2 and words[-1] in ("jr", "sr"):
                keys.append(" ".join(words[:-1]))
    return keys
