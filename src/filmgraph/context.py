"""What surrounds the mentions of a review: its years, people, capitals, lists, and how it marks titles."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import compress, pairwise
from operator import not_
from string import ascii_lowercase, ascii_uppercase

from filmgraph.facts import Facts
from filmgraph.mentions import Scan
from filmgraph.model import Document
from filmgraph.names import Names
from filmgraph.text import title_key

__all__ = ["MEDIUM_WORDS", "Context"]

YEAR = re.compile(r"(?:18[89]\d|19\d\d|20[0-3]\d)\b(?<!\w.{4})")
_LISTED = re.compile(
    r"[\"'_*]*(?:\s*\((?:[\w ,.']+, )?\d{4}\))?"
    r"(?:\s*(?:[,;/]|,? ?(?:and|or|&|meets|to|vs\.?|nor))\s*(?:even |the )?|[.;,]?\s*\(?\d{1,2}[.)]\s*|\s*\n[-*•\s]*)"
    r"[\"'_*]*"
)
_LONGEST_GAP = 40
MEDIUM_WORDS = {
    word: medium
    for medium, words in {
        "tv": "tv television show shows episode episodes season seasons sitcom sitcoms series bbc hbo nbc abc cbs itv",
        "book": "novel novels book books author story stories wrote read reading novelist writer written novella",
        "stage": "play stage musical broadway opera theater playwright",
        "comic": "comic comics manga graphic cartoon cartoons strip",
        "game": "game games video arcade console",
    }.items()
    for word in words.split()
}
_STYLED = 2
_STILL_TO_COME = 9999
_PLAIN = 2.0
"""By how much the best known film of a title must be better known than all others for its year to be plain."""


@dataclass(slots=True)
class Context:
    """A scanned review with what its mentions are judged by.

    `style` tells how the review marks titles ("italic", "quote", "upper" or "none"), `listed` how many neighbours
    in a list each title mention has, `joined` whether it goes on a list that the mention before it is in, `when` is
    the year of the reviewed film, else of the review, else a year that is still to come.
    """

    document: Document
    scan: Scan
    names: Names
    reviewed: Facts | None
    reviewed_key: str | None
    published: int | None
    style: str
    years: frozenset[int]
    people: frozenset[str]
    sentence_people: dict[int, set[str]]
    people_words: frozenset[str]
    upper: list[bool]
    capitals: frozenset[str]
    lower: frozenset[str]
    key_counts: Counter[str]
    listed: list[int]
    joined: list[bool]
    shouting: bool
    when: int
    _longer: dict[str, bool]
    _dated: dict[int, list[tuple[str, int]]] | None = None
    _years_in: dict[int, frozenset[int]] = field(default_factory=dict)
    _capitals_in: dict[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, document: Document, scan: Scan, names: Names, reviewed: Facts | None, title: str | None = None
    ) -> Context:
        """The context of a scanned review; `reviewed` where the film is known to the catalogue."""
        words, text = scan.words, scan.text
        title = title or (reviewed.name if reviewed else None)
        people: dict[int, set[str]] = {}
        for person in scan.people:
            people.setdefault(scan.sentence(person.start), set()).add(person.key)
        named = frozenset(person.key for person in scan.people)
        upper = [False] * len(words)
        for number in words.proper:
            upper[number] = text[words.starts[number]].isupper()
        counts = Counter(mention.key for mention in scan.titles)
        joined = _joined(scan)
        published = document.published.year if document.published else None
        return cls(
            document=document,
            scan=scan,
            names=names,
            reviewed=reviewed,
            reviewed_key=title_key(title) if title else None,
            published=published,
            style=_style(scan),
            years=_years(text),
            people=named,
            sentence_people=people,
            people_words=frozenset(word for key in named for word in key.split()),
            upper=upper,
            capitals=frozenset(compress(words.keys, upper)),
            lower=frozenset(compress(words.keys, map(not_, upper))),
            key_counts=counts,
            listed=[a + b for a, b in zip(joined, [*joined[1:], False], strict=False)],
            joined=joined,
            shouting=_shouts(text),
            when=document.year or (reviewed.year if reviewed else None) or published or _STILL_TO_COME,
            _longer=_longer(counts),
        )

    def longer(self, key: str) -> bool:
        """Whether another title key of the review begins with `key`."""
        return self._longer[key]

    def words_in(self, sentence: int) -> range:
        """The numbers of the words of a sentence."""
        start, end = self.scan.sentences[sentence]
        starts = self.scan.words.starts
        return range(bisect_left(starts, start), bisect_left(starts, end))

    def years_in(self, sentence: int) -> frozenset[int]:
        """The years that a sentence gives."""
        found = self._years_in.get(sentence)
        if found is None:
            start, end = self.scan.sentences[sentence]
            found = self._years_in[sentence] = _years(self.scan.text[start:end]) if self.years else self.years
        return found

    def years_beside(self, sentence: int, key: str) -> list[int]:
        """The years of the films that a sentence names besides those of `key`: titles of several words, one film
        of which is much better known than the others."""
        if self._dated is None:
            self._dated = {}
            for mention in self.scan.titles:
                year = self._plain_year(mention.key) if " " in mention.key else None
                if year:
                    self._dated.setdefault(self.scan.sentence(mention.start), []).append((mention.key, year))
        return [year for other, year in self._dated.get(sentence, ()) if other != key]

    def _plain_year(self, key: str) -> int | None:
        candidates = self.names.titles.get(key, ())
        if not candidates or not candidates[0][0].startswith("film:"):
            return None
        first, *others = (self.names.facts(id) for id, _ in candidates[:2])
        plain = all(first.renown - other.renown >= _PLAIN for other in others)
        return first.year if plain else None

    def media_in(self, sentence: int) -> frozenset[str]:
        """The media that a sentence speaks of: "an episode of …" of tv, "the novel" of book."""
        keys = self.scan.words.keys
        return frozenset(MEDIUM_WORDS[keys[n]] for n in self.words_in(sentence) if keys[n] in MEDIUM_WORDS)

    def capitals_in(self, sentence: int) -> frozenset[str]:
        """Keys of the capitalised words of a sentence, without the s of a possessive."""
        found = self._capitals_in.get(sentence)
        if found is None:
            words, text = self.scan.words, self.scan.text
            keys = (
                words.keys[n][:-1] if text[words.ends[n] - 2 : words.ends[n]] == "'s" else words.keys[n]
                for n in self.words_in(sentence)
                if self.upper[n]
            )
            found = self._capitals_in[sentence] = frozenset(keys)
        return found


def _years(text: str) -> frozenset[int]:
    return frozenset(int(year) for year in YEAR.findall(text))


def _shouts(text: str) -> bool:
    """Whether the review is written in capitals throughout."""
    opening = text[:2000]
    plain = opening.encode("ascii", "ignore")
    others = () if len(plain) == len(opening) else [sign for sign in opening if not sign.isascii()]
    upper = _held(plain, ascii_uppercase) + sum(map(str.isupper, others))
    return upper > 0.4 * (upper + _held(plain, ascii_lowercase) + sum(map(str.islower, others)))


def _held(plain: bytes, letters: str) -> int:
    """How many of the letters a text holds."""
    return len(plain) - len(plain.translate(None, letters.encode()))


def _style(scan: Scan) -> str:
    """How the review marks its titles, from what it does at least twice."""
    marked: Counter[str] = Counter()
    for mark in scan.marks:
        if not scan.text[mark.start].islower():
            marked["italic" if mark.italic else "quote"] += 1
    for mention in scan.titles:
        if mention.last > mention.first and scan.text[mention.start : mention.end].isupper():
            marked["upper"] += 1
    style, count = max(marked.items(), key=lambda item: item[1], default=("none", 0))
    return style if count >= _STYLED else "none"


def _longer(counts: Counter[str]) -> dict[str, bool]:
    firsts: dict[str, list[str]] = {}
    for key in counts:
        firsts.setdefault(key.partition(" ")[0], []).append(key)
    return {
        key: any(other.startswith(f"{key} ") for other in firsts[key.partition(" ")[0]]) for key in counts
    }


def _joined(scan: Scan) -> list[bool]:
    joined = [False] * len(scan.titles)
    for number, (one, next_) in enumerate(pairwise(scan.titles)):
        if next_.start - one.end <= _LONGEST_GAP:
            joined[number + 1] = _LISTED.fullmatch(scan.text, one.end, next_.start) is not None
    return joined
