"""The words and constructions by which critics say that one work comes from another.

A *cue* is a word or two-word phrase of a family ("rip-off" is of the family `copy`). A *construction* is a
pattern over a sentence whose entities have been masked: `OBJ` for the possible source, `SUBJ` for the
possible descendant, `REV` for the reviewed film, `FILM`, `PERS`, `FRAN` and `WORK` for the rest.
Cues propose and constructions give shape; `claims` weighs them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from filmgraph.model import Relation
from filmgraph.settings import data_dir
from filmgraph.text import Remembered

__all__ = [
    "COMPARISON", "FAMILIES", "LINEAGE_FAMILIES", "NOTHING", "Cue", "constructions_in", "cues_in", "offsets_of",
    "words_of",
]  # fmt: skip

COMPARISON = Relation.RESEMBLES.value
NOTHING = "none"


def _rows(name: str) -> list[list[str]]:
    lines = (data_dir() / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def _load_families() -> dict[str, str]:
    patterns: dict[str, list[str]] = {}
    for family, words in _rows("cue_families.tsv"):
        patterns.setdefault(family, []).extend(word.replace("_", " ") for word in words.split())
    return {family: "|".join(words) for family, words in patterns.items()}


FAMILIES = _load_families()
"""Family → pattern of whole words and two-word phrases in lower case."""

LINEAGE_FAMILIES = (
    "copy", "steal", "homage", "allude", "spoof", "remake", "reboot", "sequel", "prequel", "spinoff",
    "adapt", "inspire", "owe", "formula", "scheme",
)  # fmt: skip

_FULL = [(family, re.compile(pattern)) for family, pattern in FAMILIES.items()]


@dataclass(slots=True)
class Cue:
    """Words `position` to `position + length` of a sentence belong to `family`."""

    position: int
    family: str
    length: int = 1


_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|--|\.\.\.|[^\w\s]")


def words_of(text: str, start: int = 0, end: int = sys.maxsize) -> list[str]:
    """The words and signs of `text[start:end]` in lower case, with straight apostrophes.

    >>> words_of("It’s Jaws!")
    ["it's", 'jaws', '!']
    """
    return [word.lower().replace("’", "'") for word in _WORD.findall(text, start, end)]


def offsets_of(text: str, start: int = 0, end: int = sys.maxsize) -> list[int]:
    """Where in the text each of `words_of` it begins."""
    return [match.start() for match in _WORD.finditer(text, start, end)]


def cues_in(words: Sequence[str]) -> list[Cue]:
    """All cues in a sentence given as lower-case words, by position.

    >>> [(cue.position, cue.family) for cue in cues_in("a cheap rip off of".split())]
    [(1, 'scorn'), (2, 'copy')]
    """
    found = []
    last = len(words) - 1
    for position, (families, opens_phrase) in enumerate(map(_TOLD.__getitem__, words)):
        for family in families:
            found.append(Cue(position, family))
        if opens_phrase and position < last:
            for family in _families(f"{words[position]} {words[position + 1]}"):
                found.append(Cue(position, family, 2))
    return found


_PHRASE_STARTS = frozenset(["send", "sends", "sending", "part", "picks", "thanks", "love", "tip", "tips"])
_PHRASE_STEMS = ("rip", "knock", "cash", "follow", "spin", "spun", "pok", "mak")


def _told_by(word: str) -> tuple[tuple[str, ...], bool]:
    """The families of a word, and whether it may open a phrase of one."""
    return _families(word), word in _PHRASE_STARTS or word.startswith(_PHRASE_STEMS)


_TOLD = Remembered(_told_by)


@lru_cache(maxsize=100_000)
def _families(words: str) -> tuple[str, ...]:
    return tuple(family for family, pattern in _FULL if pattern.fullmatch(words))


# ── constructions ───────────────────────────────────────────────────────────────────────────

_TAGS = "REV|FILM|SUBJ|PERS|FRAN|WORK"
_FILLER = (
    r"(?:(?:the|a|an|its|his|her|their|both|films?|movies?|like|such|as|other|of|from|with|to|on|classics?|original|"
    r"first|early|earlier|old|great|better|superior|infamous|famous|previous|own|that|those|not|only|just|even|also|"
    r"mention|especially|director|directors|[a-z]+'s|[a-z]+ed|1[89]\d\d|20\d\d|REV|FILM|SUBJ|PERS|FRAN|WORK|"
    r",|\"|/|\(|\)|&|and|or|plus|by|meets) ){0,10}?"
)


def _gap(most: int) -> str:
    return rf"(?:[a-z0-9'-]+ ){{0,{most}}}?"


@dataclass(frozen=True, slots=True)
class _Construction:
    relation: str
    triggers: frozenset[str]
    pattern: re.Pattern[str]


def _construction(relation: str, triggers: str, pattern: str) -> _Construction:
    """`<X>` is the object, perhaps after other items of a list; `<n>` up to n words of any kind."""
    full = pattern.replace("<X>", _FILLER + "OBJ")
    full = re.sub(r"<(\d)>", lambda match: _gap(int(match[1])), full)
    needed = frozenset(triggers.replace("-", "").split())
    return _Construction(relation, needed, re.compile(f" {full}(?= |$)"))


_CONSTRUCTIONS = [_construction(*row) for row in _rows("constructions.tsv")]
_LAST_TAG = re.compile(rf" ({_TAGS}|it|this|that|he|she|they|movie|film)(?= )")


@lru_cache(maxsize=10_000)
def _triggered(families: frozenset[str]) -> list[_Construction]:
    """The constructions that a sentence with cues of these families may hold."""
    return [made for made in _CONSTRUCTIONS if not made.triggers or not made.triggers.isdisjoint(families)]


def constructions_in(masked: str, families: Iterable[str]) -> list[tuple[str, str]]:
    """(relation, what stands before it) for each construction that `masked` holds, in a fixed order.

    `masked` is one sentence, its words joined by single blanks; `families` are those of its cues. What stands
    before is the last tag, pronoun or "film" ahead of the construction, "" if none: a sign of its subject.

    >>> constructions_in("REV is a shameless rip-off of OBJ .", ["copy", "scorn"])
    [('imitates', 'REV')]
    """
    found = []
    masked = f" {masked}"  # each word has a blank ahead, so that patterns begin with a literal
    for construction in _triggered(frozenset(families)):
        match = construction.pattern.search(masked)
        if match:
            before = ""
            for tag in _LAST_TAG.finditer(masked, 0, match.start() + 1):
                before = tag[1]
            found.append((construction.relation, before))
    return found
