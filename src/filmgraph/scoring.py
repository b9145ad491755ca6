"""How well a candidate fits a title mention: a table of (feature, weight), summed and squashed.

Features say what a careful reader looks at: how the title is marked and written, how often such words are a
title at all, the years and people around it, how well known the film is, whether it stands in a list of titles,
and how it relates to the reviewed film. The weights were trained by `training/link.py` (logistic regression).
"""

from __future__ import annotations

import gzip
import json
import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from filmgraph.mentions import SMALL, Scan, TitleMention
from filmgraph.model import Candidate, Document
from filmgraph.names import Facts, Form, Names
from filmgraph.settings import data_dir
from filmgraph.text import ARTICLES, title_key

__all__ = ["Context", "Scored", "load_weights", "score_titles", "title_features"]

TOP_REASONS = 6
EXPLAINED = 0.3
"""The score from which a candidate carries its reasons."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A title mention with its candidates, best first. `total` is the sum of their scores."""

    mention: TitleMention
    candidates: tuple[Candidate, ...]
    total: float

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


@lru_cache(maxsize=1)
def load_weights() -> Mapping[str, float]:
    """The trained table; empty when the file is not there yet."""
    file = data_dir() / "linking.json.gz"
    if not file.exists():
        return {}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        weights: dict[str, float] = json.load(lines)["weights"]
    return weights


# ── what surrounds the mentions ─────────────────────────────────────────────────────────────

YEAR = re.compile(r"\b(?:18[89]\d|19\d\d|20[0-3]\d)\b")
_YEAR_AFTER = re.compile(r"[\"'_*]{0,3},?\s*[(\[](?:[A-Z][a-z]+,? )?(\d{4})")
_YEAR_BEFORE = re.compile(r"\b(\d{4})(?:'s)?(?: [\w'-]+){0,4} [\"'_*(]*$")
_LISTED = re.compile(
    r"[\"'_*]*(?:\s*\((?:[\w ,.']+, )?\d{4}\))?\s*"
    r"(?:[,;/]|,? ?(?:and|or|&|meets|to|vs\.?|nor))\s*(?:even |the )?[\"'_*]*"
)


@dataclass(slots=True)
class Context:
    """A scanned review with what its mentions are judged by."""

    document: Document
    scan: Scan
    names: Names
    reviewed: Facts | None
    reviewed_key: str | None
    reviewed_title: bool
    published: int | None
    years: frozenset[int]
    sentence_years: list[frozenset[int]]
    people: frozenset[str]
    sentence_people: dict[int, set[str]]
    people_words: frozenset[str]
    capitals: frozenset[str]
    lower: frozenset[str]
    sentence_capitals: dict[int, frozenset[str]] = field(default_factory=dict)
    key_counts: Counter[str] = field(default_factory=Counter)
    longer: dict[str, int] = field(default_factory=dict)
    listed: list[int] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)
    shouting: bool = False

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
        upper = [text[start].isupper() for start in words.starts]
        letters = [c for c in text[:2000] if c.isalpha()]
        counts = Counter(mention.key for mention in scan.titles)
        joined = _joined(scan)
        return cls(
            document=document,
            scan=scan,
            names=names,
            reviewed=reviewed,
            reviewed_key=title_key(title) if title else None,
            reviewed_title=bool(document.title),
            published=document.published.year if document.published else None,
            years=_years(text),
            sentence_years=[_years(text[start:end]) for start, end in scan.sentences],
            people=named,
            sentence_people=people,
            people_words=frozenset(word for key in named for word in key.split()),
            capitals=frozenset(key for key, up in zip(words.keys, upper, strict=True) if up),
            lower=frozenset(key for key, up in zip(words.keys, upper, strict=True) if not up),
            key_counts=counts,
            longer=_longer(counts),
            listed=[a + b for a, b in zip(joined, [*joined[1:], False], strict=False)],
            joined=joined,
            shouting=sum(c.isupper() for c in letters) > 0.4 * len(letters),
        )

    def sentence_words(self, sentence: int) -> frozenset[str]:
        """Keys of the words of a sentence."""
        words, (start, end) = self.scan.words, self.scan.sentences[sentence]
        return frozenset(words.keys[bisect_left(words.starts, start) : bisect_left(words.starts, end)])

    def capitals_in(self, sentence: int) -> frozenset[str]:
        """Keys of the capitalised words of a sentence."""
        found = self.sentence_capitals.get(sentence)
        if found is None:
            words, (start, end) = self.scan.words, self.scan.sentences[sentence]
            low, high = bisect_left(words.starts, start), bisect_left(words.starts, end)
            text = self.scan.text
            keys = (
                words.keys[n][:-1] if text[words.ends[n] - 2 : words.ends[n]] == "'s" else words.keys[n]
                for n in range(low, high)
                if text[words.starts[n]].isupper()
            )
            found = self.sentence_capitals[sentence] = frozenset(keys)
        return found


def _years(text: str) -> frozenset[int]:
    return frozenset(int(year) for year in YEAR.findall(text))


def _longer(counts: Counter[str]) -> dict[str, int]:
    """How many other keys of the review begin with a key."""
    firsts: dict[str, list[str]] = {}
    for key in counts:
        firsts.setdefault(key.partition(" ")[0], []).append(key)
    return {
        key: sum(other.startswith(f"{key} ") for other in firsts[key.partition(" ")[0]]) for key in counts
    }


def _joined(scan: Scan) -> list[bool]:
    """For each title mention whether it goes on a list of titles that the one before it is in."""
    joined = [False] * len(scan.titles)
    for number, (one, next_) in enumerate(pairwise(scan.titles)):
        gap = scan.text[one.end : next_.start]
        joined[number + 1] = len(gap) <= 40 and _LISTED.fullmatch(gap) is not None
    return joined


# ── features ────────────────────────────────────────────────────────────────────────────────

_FILM_WORDS = frozenset(
    """
    film films movie movies flick flicks remake sequel prequel reboot homage clone ripoff rip knockoff
    spoof parody director directed starring stars starred franchise classic masterpiece thriller
    inspired trilogy series version original watch watched seen saw see rent like reminiscent similar
    influenced copy ripped stolen vein fans riff cross formula adaptation recalls compared
    """.split()
)
_PREPOSITIONS = frozenset(
    """
    in of than like after since to from before by with unlike between and or on
    """.split()
)
_SERIES = frozenset(
    ["series", "franchise", "saga", "films", "movies", "trilogy", "flicks", "universe", "sequels"]
)
_PERSON_VERBS = frozenset(
    """
    says said plays played goes gets has he she who wants takes tells finds comes
    """.split()
)
_FILM_NOUNS = frozenset(
    """
    film movie classic masterpiece flick thriller remake comedy drama hit western
    """.split()
)
_FILM_NOUNS_AFTER = frozenset(
    ["film", "movie", "remake", "ripoff", "rip", "clone", "sequel", "knockoff", "homage"]
)
_SOURCE_WORDS = frozenset(
    """
    novel novels book books play stage comic comics manga game games tv television show shows episode
    episodes series sitcom adaptation adapted author story poem cartoon cartoons
    """.split()
)
_AUXILIARIES = frozenset(["is", "was", "isnt", "wasnt", "had", "does", "did"])


def _bin(value: float, *limits: float) -> int:
    return sum(value > limit for limit in limits)


def _before(word: str, capital: bool) -> str:
    if word in ("the", "this", "that"):
        return "the"
    if word in ("a", "an"):
        return "a"
    if word in _FILM_NOUNS:
        return "noun"
    if word in _PREPOSITIONS:
        return "prep"
    return "cap" if capital else "other"


def _after(word: str, capital: bool) -> str:
    if word in _SERIES:
        return "series"
    if word in _FILM_NOUNS_AFTER:
        return "noun"
    if word in _PERSON_VERBS:
        return "verb"
    if word in _AUXILIARIES:
        return "is"
    return "cap" if capital else "other"


def title_features(context: Context, number: int) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Features of title mention `number`: those of the mention, and for each candidate (entity id) its own."""
    scan, names = context.scan, context.names
    mention = scan.titles[number]
    text, words, key = scan.text, scan.words, mention.key
    start, end, first, last = mention.start, mention.end, mention.first, mention.last
    keys = key.split(" ")
    size = min(len(keys), 4)
    content = [n for n in range(first, last + 1) if words.keys[n] not in SMALL] or [first]
    capitals = sum(not text[words.starts[n]].islower() for n in content)
    case = "all" if capitals == len(content) else "some" if capitals else "none"
    if case == "all" and not context.shouting and end - start > 3 and text[start:end].isupper():
        case = "upper"
    sentence = scan.sentence(start)
    opening = not text[scan.sentences[sentence][0] : start].strip(" \"'_*(-")
    mark, within = scan.marked(start, end)
    marked = ("italic" if mark.italic else "quote") if mark else "part" if within else "none"
    use = names.use(key)
    seen = use.marked + use.capital
    low = _bin(use.lower / (seen + use.lower + 1), 0.02, 0.1, 0.3, 0.6, 0.9)
    share = _bin((use.marked + 0.5) / (seen + 1), 0.03, 0.1, 0.25, 0.45)
    often = _bin(seen, 0, 3, 15, 80, 400)
    before = words.keys[first - 1] if first else ""
    own_article = words.starts[first] != start
    if own_article:
        before = words.keys[first - 2] if first > 1 else ""
    previous = first - 1 - own_article
    capital_before = (
        previous >= 0
        and text[words.starts[previous]].isupper()
        and text[words.ends[previous] : start] == " "
        and words.starts[previous] > scan.sentences[sentence][0]
    )
    after = words.keys[last + 1] if last + 1 < len(words) else ""
    capital_after = (
        bool(after) and text[words.starts[last + 1]].isupper() and text[end : words.starts[last + 1]] == " "
    )
    around = words.keys[max(0, first - 5) : first] + words.keys[last + 1 : last + 6]
    cues = min(2, sum(word in _FILM_WORDS for word in around))
    held = any(p.start < end and start < p.end for p in scan.people)
    nameish = size == 1 and key in context.people_words
    in_lower = size == 1 and key in context.lower
    listed = context.listed[number]
    possessive = text[end : end + 2] == "'s"
    hyphen = text[end : end + 1] == "-" or text[start - 1 : start] == "-"
    shape = f"{marked},{size},{case}"
    before_kind, after_kind = _before(before, capital_before), _after(after, capital_after)
    own = [
        "bias",
        f"shape:{shape}",
        f"low:{size},{case},{low}",
        f"share:{marked},{share},{often}",
        f"share:{min(size, 2)},{share},{case}",
        f"open:{opening},{min(size, 2)},{low},{marked}",
        f"before:{before_kind},{min(size, 2)}",
        f"after:{after_kind},{min(size, 2)}",
        f"cues:{cues},{min(size, 2)}",
        f"list:{listed},{min(size, 2)},{marked != 'none'}",
    ]
    if held:
        own.append(f"person:{size}")
    if nameish:
        own.append(f"nameish:{marked}")
    if in_lower:
        own.append(f"inlower:{marked},{low}")
    if possessive:
        own.append(f"possessive:{min(size, 2)}")
    if hyphen:
        own.append(f"hyphen:{min(size, 2)}")
    if context.longer[key]:
        own.append(f"longer:{min(size, 2)}")
    if key.isdigit():
        own.append(f"digit:{marked}")
    if context.shouting:
        own.append(f"shouting:{size}")
    if context.key_counts[key] > 1:
        own.append(f"again:{min(context.key_counts[key], 4)},{min(size, 2)}")
    if context.reviewed_key is None:
        own.append(f"unknown:{size}")
    after_year = _YEAR_AFTER.match(text, end, end + 24)
    before_year = (
        None
        if after_year
        else _YEAR_BEFORE.search(text[max(scan.sentences[sentence][0], start - 50) : start])
    )
    year = int(after_year[1]) if after_year else int(before_year[1]) if before_year else None
    if year is not None and not 1888 <= year <= 2035:
        year = None
    candidates = names.titles.get(key, ())
    facts = [(names.facts(id), form) for id, form in candidates]
    best = max((fact.renown for fact, _ in facts), default=0.0)
    crowd = _bin(len(facts), 1, 3, 8)
    has_article = before in ARTICLES or own_article
    rows = []
    for fact, form in facts:
        rows.append(
            (
                fact.id,
                _candidate_features(
                    context,
                    fact,
                    form,
                    sentence,
                    keys,
                    size,
                    marked,
                    case,
                    year,
                    after_year is not None,
                    best,
                    crowd,
                    has_article,
                    low,
                ),
            )
        )
    return own, rows


def _candidate_features(
    context: Context,
    fact: Facts,
    form: Form,
    sentence: int,
    keys: list[str],
    size: int,
    marked: str,
    case: str,
    year: int | None,
    year_follows: bool,
    best: float,
    crowd: int,
    has_article: bool,
    low: int,
) -> list[str]:
    short = min(size, 2)
    renown = _bin(fact.renown, 0.5, 1.2, 2.0, 3.0, 4.0, 5.0, 6.0)
    behind = _bin(best - fact.renown, 0.01, 0.5, 1.0, 2.0, 3.5)
    shown = [
        f"form:{form},{marked},{short}",
        f"renown:{renown},{short},{marked != 'none'}",
        f"behind:{behind},{crowd}",
        f"case:{case},{renown},{min(low, 3)}",
    ]
    if fact.id.startswith("work:"):
        shown.append(f"work:{short},{marked != 'none'}")
        if context.sentence_words(sentence) & _SOURCE_WORDS:
            shown.append(f"worknear:{short}")
    evidence = 0
    if year is not None:
        near = fact.year is not None and abs(fact.year - year) <= 1
        exact = fact.year == year
        shown.append(f"year:{'exact' if exact else near},{year_follows}")
        evidence += 2 if near else 0
    elif fact.year in context.sentence_years[sentence]:
        shown.append(f"yearnear:{short}")
        evidence += 1
    elif fact.year in context.years:
        shown.append(f"yeardoc:{short}")
    people = fact.people
    if people:
        here = context.sentence_people.get(sentence)
        if here and not people.isdisjoint(here):
            shown.append(f"peoplenear:{short}")
            evidence += 1
        elif not people.isdisjoint(context.people):
            shown.append(f"peopledoc:{short}")
            evidence += 1
        near_names = fact.surnames & context.capitals_in(sentence)
        if near_names and not near_names.issubset(keys):
            shown.append(f"surnamenear:{short}")
            evidence += 1
        makers = fact.director_surnames & context.capitals
        if makers and not makers.issubset(keys):
            shown.append(f"director:{short}")
            evidence += 1
    else:
        shown.append("nopeople")
    shown.append(f"evidence:{min(evidence, 3)},{size},{marked}")
    if evidence:
        shown.append(f"evidence:{min(evidence, 3)},{crowd},{behind}")
    reviewed = context.reviewed
    if reviewed is not None and fact.id == reviewed.id:
        shown.append(f"reviewed:{size},{marked != 'none'},{case}")
        shown.append(f"reviewedlow:{min(low, 4)},{case}")
    else:
        reviewed_year = context.document.year or (reviewed.year if reviewed else None)
        if context.reviewed_key is not None and " ".join(keys) == context.reviewed_key:
            when = "none"
            if fact.year and reviewed_year:
                when = (
                    "earlier"
                    if fact.year < reviewed_year
                    else "same"
                    if fact.year == reviewed_year
                    else "later"
                )
            shown.append(f"namesake:{when},{marked}")
        elif reviewed is not None and fact.series == reviewed.series:
            shown.append(f"kin:{short},{form}")
        when_known = reviewed_year or context.published
        if fact.year and when_known:
            shown.append(f"gap:{_bin(fact.year - when_known, -60, -30, -15, -5, -1, 0, 2)},{short}")
    if fact.year and context.published and fact.year > context.published:
        shown.append("future")
    if fact.year and fact.year < 1930:
        shown.append(f"silent:{short}")
    if form is Form.SHORT and any(key != " ".join(keys) for key in _full_keys(context, fact)):
        shown.append(f"spelt:{short}")
    shown.append(f"article:{fact.article},{has_article},{short}")
    return shown


def _full_keys(context: Context, fact: Facts) -> Iterator[str]:
    key = title_key(fact.name)
    if context.key_counts.get(key):
        yield key


# ── scores ──────────────────────────────────────────────────────────────────────────────────


def score_titles(context: Context, weights: Mapping[str, float], *, explain: bool = False) -> list[Scored]:
    """Every title mention with its candidates scored, in text order.

    Candidates below `EXPLAINED` carry reasons only when asked to `explain`.
    """
    least = 0.0 if explain else EXPLAINED
    scored = []
    get = weights.get
    for number, mention in enumerate(context.scan.titles):
        own, rows = title_features(context, number)
        base = sum(get(name, 0.0) for name in own)
        candidates = []
        for id, shown in rows:
            value = 1 / (1 + math.exp(-base - sum(get(name, 0.0) for name in shown)))
            candidates.append(
                Candidate(id, value, _reasons((*own, *shown), weights) if value >= least else ())
            )
        if candidates:
            candidates.sort(key=lambda candidate: (-candidate.score, candidate.entity))
            scored.append(Scored(mention, tuple(candidates), sum(c.score for c in candidates)))
    return scored


def _reasons(shown: Iterable[str], weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    weighed = [(name, weights[name]) for name in shown if name in weights]
    weighed.sort(key=lambda reason: (-abs(reason[1]), reason[0]))
    return tuple((name, round(weight, 2)) for name, weight in weighed[:TOP_REASONS])
