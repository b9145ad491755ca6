"""Text as the readers see it: normalised without moving a character, cut into words and sentences.

All offsets count Unicode code points of the raw text; `normalise` keeps its length, so that a span found in
the normalised text is the same span of the raw one.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TypeVar

__all__ = [
    "ARTICLES", "Phrase", "Remembered", "Words", "cut_words", "normalise", "sentences", "title_key", "word_key",
]  # fmt: skip

ARTICLES = frozenset(["the", "a", "an"])
T = TypeVar("T")


class Remembered(dict[str, T]):
    """What a function makes of each word, worked out once; all is forgotten when there are `most` words.

    To ask is a plain look-up; `lru_cache` also keeps in what order it was asked, which takes longer.

    >>> lengths = Remembered(len)
    >>> [*map(lengths.__getitem__, ["a", "film", "a"])], lengths
    ([1, 4, 1], {'a': 1, 'film': 4})
    """

    def __init__(self, function: Callable[[str], T], most: int = 100_000) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, word: str) -> T:
        if len(self) >= self._most:
            self.clear()
        found = self[word] = self._function(word)
        return found


def _character_map() -> dict[int, str]:
    made = dict.fromkeys(map(ord, "‘’‛´`ʼ′\x91\x92"), "'") | dict.fromkeys(map(ord, "“”„‟«»″\x93\x94"), '"')
    made |= dict.fromkeys(map(ord, "‐‑‒–—―−\x96\x97"), "-") | dict.fromkeys(
        map(ord, "\u00a0\u2009\u202f\t"), " "
    )
    for code in range(0xC0, 0x250):
        bare = "".join(c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c))
        if len(bare) == 1 and bare.isascii():
            made[code] = bare
    return made | {ord("ø"): "o", ord("Ø"): "O", ord("ł"): "l", ord("Ł"): "L", ord("đ"): "d", ord("ı"): "i"}


_CHARACTERS = {chr(code): plain for code, plain in _character_map().items()}
_OTHER = re.compile(f"[{re.escape(''.join(_CHARACTERS))}]")


def normalise(text: str) -> str:
    """The text with plain quotes, dashes and spaces and without accents, of the same length.

    >>> normalise("Amélie’s “Fabulous” – life")
    'Amelie\\'s "Fabulous" - life'
    """
    if text.isascii() and "`" not in text and "\t" not in text:
        return text
    return _OTHER.sub(lambda match: _CHARACTERS[match[0]], text)


# ── words ───────────────────────────────────────────────────────────────────────────────────

_WORD = re.compile(
    r"([^\W\d_][^\W_]+(?:'[^\W\d_]+)*"  # most words, tried first
    r"|(?<![^\W_])[^\W\d_](?:[.*][^\W\d_](?![^\W_])|\. [B-HJ-Z](?![^\W_]))+\.?(?:'s\b)?"  # E.T., J. R. R., M*A*S*H
    r"|\d{1,3}(?:,\d{3})+(?!\d)"  # 20,000
    r"|[^\W_]+(?:'[^\W\d_]+)*"
    r"|&)"
)
_SAME = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"} | {
    "&": "and",
    "pt": "part",
    "volume": "vol",
    "versus": "vs",
    "doctor": "dr",
    "mister": "mr",
    "colour": "color",
    "colours": "colors",
    "judgement": "judgment",
    "licence": "license",
    "grey": "gray",
    "theatre": "theater",
}
_UNSPOKEN = str.maketrans("", "", "'.,* ")


def word_key(word: str) -> str:
    """A word as names are compared by: lower case, no apostrophe, numerals, initials and spelling in one form.

    >>> word_key("Schindler's"), word_key("II"), word_key("&"), word_key("E.T."), word_key("20,000")
    ('schindlers', '2', 'and', 'et', '20000')
    """
    key = word.lower()
    if not key.isalnum():
        key = key.translate(_UNSPOKEN)
    return _SAME.get(key, key)


_KEYS = Remembered(word_key)


@dataclass
class Words:
    """The words of a normalised text: word `i` is `text[starts[i]:ends[i]]` and compares by `keys[i]`.

    `gaps[i]` is what stands between it and the next word; `proper` are the numbers of the words that do not begin
    with a small letter, as names do.
    """

    starts: list[int]
    ends: list[int]
    keys: list[str]
    gaps: list[str]
    proper: list[int]

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        """Key → the numbers of the words that compare by it."""
        found: dict[str, list[int]] = {}
        for number, key in enumerate(self.keys):
            found.setdefault(key, []).append(number)
        return found

    def of(self, keys: Set[str]) -> list[int]:
        """The numbers of the words that compare by one of the keys, in order."""
        return sorted(number for key in keys & self.places.keys() for number in self.places[key])

    def at(self, offset: int) -> int:
        """The number of the word that holds `offset`, or of the last one before it; -1 before the first."""
        return bisect_right(self.starts, offset) - 1


def cut_words(normal: str) -> Words:
    """The words of a normalised text, in order. A word may hold apostrophes, never hyphens; initials are one word.

    >>> cut_words("It's Part II of J. R. R. Tolkien's!").keys
    ['its', 'part', '2', 'of', 'jrr', 'tolkiens']
    """
    pieces = _WORD.split(normal)  # gap, word, gap, word, …, gap
    found, edges = pieces[1::2], [*accumulate(map(len, pieces))]
    return Words(
        starts=edges[:-1:2],
        ends=edges[1::2],
        keys=[*map(_KEYS.__getitem__, found)],
        gaps=pieces[2::2],
        proper=[number for number, word in enumerate(found) if not word[0].islower()],
    )


class Phrase:
    """A pattern that is tried only where it may match: at certain words, which are quickly looked up.

    `opening` are those words in lower case, also meant with an s behind; each match begins with one of them, or with
    the word before one where a match may have such `ahead`.
    """

    def __init__(self, pattern: str, opening: str, *, ahead: bool = False) -> None:
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self._opening = {form for word in opening.split() for form in (word, f"{word}s")}
        self._ahead = int(ahead)

    def found_in(self, normal: str, words: Words) -> Iterator[re.Match[str]]:
        r"""The matches in a normalised text, in order and apart from each other.

        >>> text = "The sequel to Jaws, its second sequel and all of the sequels."
        >>> phrase = Phrase(r"\b(?:(?:the|its) )?sequels?\b", "sequel", ahead=True)
        >>> [match[0] for match in phrase.found_in(text, cut_words(text))]
        ['The sequel', 'sequel', 'the sequels']
        """
        end = 0
        for number in words.of(self._opening):
            for start in words.starts[max(0, number - self._ahead) : number + 1]:
                match = self.pattern.match(normal, start) if start >= end else None
                if match:
                    yield match
                    end = match.end()
                    break


@lru_cache(maxsize=65_536)
def title_key(title: str) -> str:
    """What two spellings of one title share: word keys without a leading article.

    >>> title_key("The Good, the Bad & the Ugly"), title_key("Rocky II") == title_key("Rocky 2")
    ('good the bad and the ugly', True)
    """
    keys = [*map(_KEYS.__getitem__, _WORD.findall(normalise(title)))]
    if len(keys) > 1 and keys[0] in ARTICLES:
        del keys[0]
    return " ".join(keys)


# ── sentences ───────────────────────────────────────────────────────────────────────────────

_BOUNDARY = re.compile(
    r"(?<=[.!?…])[\"')\]_*]*\s+(?=[\"'(\[_*]*[A-Z0-9+#-])"
    r"|(?<!\s)\s*\n\s*"
    r"|(?<!\s)\s*<(?:br|p|/p)\s{0,9}/?>\s*"
    r"|(?<=[a-z]{2}[.!?])(?=[A-Z][a-z])"
)
_STOP = re.compile(r"[.!?…\n<]")
_ABBREVIATION = re.compile(
    r"(?:(?<![^\W_])(?:dr|mr|mrs|ms|vol|st|no|jr|vs|sr|prof|lt|sgt|capt|pt|ep)|(?<![^\W_])[a-z])\.$", re.I
)
_WRAPPED = 50
_LONGEST = 1_000
"""Characters of a sentence; what goes on longer is cut, for what relates words to words is quadratic in them."""


def sentences(normal: str, skip: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """The sentences of a normalised text as spans in order, without white space around them.

    A line's end is a sentence's end unless the text is wrapped there. What lies in `skip` belongs to none, and
    a sentence of more than a thousand characters is cut between words. O(text + skip log skip).

    >>> text = "Mr. Wick is back. He is angry!"
    >>> [text[start:end] for start, end in sentences(text)]
    ['Mr. Wick is back.', 'He is angry!']
    """
    found: list[tuple[int, int]] = []
    start = 0
    for match in _boundaries(normal):
        if match.start() < start or _goes_on(normal, start, match):
            continue
        end = match.start()
        while end < match.end() and normal[end] in "\"')]_*":
            end += 1
        found.append((start, end))
        start = match.end()
    found.append((start, len(normal)))
    trimmed = (_trimmed(normal, piece) for piece in _without(found, skip))
    return [piece for start, end in trimmed if start < end for piece in _cut(normal, start, end)]


def _boundaries(normal: str) -> Iterator[re.Match[str]]:
    """Where `_BOUNDARY` matches: after a full stop, or at the white space before a line's end or a tag."""
    end = 0
    for stop in _STOP.finditer(normal):
        start = stop.start()
        if normal[start] in "\n<":
            while start > end and normal[start - 1].isspace():
                start -= 1
        else:
            start += 1
        match = _BOUNDARY.match(normal, start) if start >= end else None
        if match:
            yield match
            end = match.end()


def _cut(normal: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span, in pieces of at most `_LONGEST` characters; between words where there are any."""
    while end - start > _LONGEST:
        space = normal.rfind(" ", start + 1, start + _LONGEST)
        middle = space if space > 0 else start + _LONGEST
        yield _trimmed(normal, (start, middle))
        start, _ = _trimmed(normal, (middle, end))
    if start < end:
        yield start, end


def _goes_on(normal: str, start: int, match: re.Match[str]) -> bool:
    """Whether a seeming end is none: an abbreviation, an initial, a wrapped line."""
    end = match.start()
    if "\n" in match[0]:
        following = normal[match.end() : match.end() + 1]
        line = end - normal.rfind("\n", 0, end)
        wrapped = match[0].count("\n") == 1 and line > _WRAPPED and normal[end - 1 : end] not in ".!?:\"')"
        return wrapped and (following.islower() or (following.isalnum() and line > 60))
    if "<" in match[0]:
        return False
    return _ABBREVIATION.search(normal, max(start, end - 6), end) is not None


def _without(spans: Iterable[tuple[int, int]], skip: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of the ordered `spans` that lie outside of `skip`."""
    holes = sorted(skip)
    first = 0
    for start, end in spans:
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        number = first
        while number < len(holes) and holes[number][0] < end:
            yield start, holes[number][0]
            start = max(start, holes[number][1])
            number += 1
        yield start, end


def _trimmed(normal: str, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    while start < end and normal[start].isspace():
        start += 1
    while start < end and normal[end - 1].isspace():
        end -= 1
    return start, end
