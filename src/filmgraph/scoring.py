"""How well a candidate fits a title mention: a table of (feature, weight), summed and squashed.

Features say what a careful reader looks at: how the title is marked and written, how often such words are a
title at all, the words, years and people around it, how well known the film is, whether it stands in a list of
titles, and how it relates to the reviewed film. The weights were trained by `training/link.py` (logistic regression).
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from filmgraph.context import MEDIUM_WORDS, Context
from filmgraph.mentions import SMALL, TitleMention
from filmgraph.model import Candidate
from filmgraph.names import Facts, Form
from filmgraph.settings import data_dir
from filmgraph.text import ARTICLES, title_key

__all__ = ["Scored", "Weights", "load_weights", "score_titles", "title_features"]

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


@dataclass(frozen=True, slots=True)
class Weights:
    """Feature → weight: for the candidates of title mentions, and for titles that no catalogue knows."""

    titles: Mapping[str, float]
    unknown: Mapping[str, float]


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """The trained tables; empty when the file is not there yet."""
    file = data_dir() / "linking.json.gz"
    if not file.exists():
        return Weights({}, {})
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        table = json.load(lines)
    return Weights(table["titles"], table["unknown"])


# ── words that tell ─────────────────────────────────────────────────────────────────────────

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
_AUXILIARIES = frozenset(["is", "was", "isnt", "wasnt", "had", "does", "did"])
_YEAR_AFTER = re.compile(r"[\"'_*]{0,3},?\s*[(\[](?:[A-Z][a-z]+,? )?(\d{4})")
_YEAR_BEFORE = re.compile(r"\b(\d{4})(?:'s)?(?: [\w'-]+){0,4} [\"'_*(]*$")
_DECADE = re.compile(r"(?<![\w'])'?(?:(?P<century>19|20)?(?P<decade>[2-9]0)'?s|(?P<word>[a-z]+ies))\b")
_DECADES = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60}
_DECADES |= {"seventies": 70, "eighties": 80, "nineties": 90}
_ORIGINAL_BEFORE = re.compile(r"\b(?:original|classic|first|old|older|earlier|early)\b[^.,;]{0,22}$", re.I)
_REMAKE_OF_BEFORE = re.compile(
    r"\b(?:re-?mak\w+|re-?imagin\w+|version|update|reworking|rip-?off|copy|sequel|prequel) (?:of|to)\b[^.,;]{0,22}$",
    re.I,
)
_REMAKE_AFTER = re.compile(r"[\"'_*]* (?:re-?make|reboot|re-?imagining)\b", re.I)


def _bin(value: float, *limits: float) -> int:
    return sum(value > limit for limit in limits)


# ── how a mention looks ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Look:
    """What can be seen of a title mention without asking what it may mean."""

    mention: TitleMention
    sentence: int
    size: int
    short: int
    case: str
    marked: str
    low: int
    year: int | None
    year_follows: bool
    before: str
    has_article: bool
    listed: int

    @property
    def is_marked(self) -> bool:
        return self.marked != "none"


def _look(context: Context, number: int) -> _Look:
    scan, mention = context.scan, context.scan.titles[number]
    words, first, start, end = scan.words, mention.first, mention.start, mention.end
    sentence = scan.sentence(start)
    mark, within = scan.marked(start, end)
    use = context.names.use(mention.key)
    own_article = words.starts[first] != start
    previous = first - 1 - own_article
    before = (
        words.keys[previous]
        if previous >= 0 and words.starts[previous] >= scan.sentences[sentence][0]
        else "^"
    )
    year, follows = _year_beside(context, mention, sentence)
    size = min(mention.key.count(" ") + 1, 4)
    return _Look(
        mention=mention,
        sentence=sentence,
        size=size,
        short=min(size, 2),
        case=_case(context, mention),
        marked=("italic" if mark.italic else "quote") if mark else "part" if within else "none",
        low=_bin(use.lower / (use.marked + use.capital + use.lower + 1), 0.02, 0.1, 0.3, 0.6, 0.9),
        year=year,
        year_follows=follows,
        before=before,
        has_article=own_article or before in ARTICLES,
        listed=context.listed[number],
    )


def _case(context: Context, mention: TitleMention) -> str:
    keys, upper = context.scan.words.keys, context.upper
    content = [n for n in range(mention.first, mention.last + 1) if keys[n] not in SMALL] or [mention.first]
    text = context.scan.text
    capitals = sum(upper[n] or text[context.scan.words.starts[n]].isdigit() for n in content)
    surface = text[mention.start : mention.end]
    if mention.last > mention.first and not any(upper[mention.first + 1 : mention.last + 1]):
        return "first" if upper[mention.first] else "none"
    if capitals < len(content):
        return "some" if capitals else "none"
    return "upper" if not context.shouting and len(surface) > 3 and surface.isupper() else "all"


def _year_beside(context: Context, mention: TitleMention, sentence: int) -> tuple[int | None, bool]:
    """The year in brackets after a title or shortly before it, and whether it follows."""
    if not context.years:
        return None, False
    text = context.scan.text
    match = _YEAR_AFTER.match(text, mention.end, mention.end + 24)
    follows = match is not None
    if match is None:
        start = max(context.scan.sentences[sentence][0], mention.start - 50)
        match = _YEAR_BEFORE.search(text[start : mention.start])
    year = int(match[1]) if match else None
    return (year if year and 1888 <= year <= 2035 else None), follows


def _mention_features(context: Context, look: _Look) -> list[str]:
    """What speaks for or against the mention's being a title at all."""
    scan, mention = context.scan, look.mention
    text, words = scan.text, scan.words
    start, end, first, last = mention.start, mention.end, mention.first, mention.last
    size, short, case, marked = look.size, look.short, look.case, look.marked
    use = context.names.use(mention.key)
    seen = use.marked + use.capital
    share = _bin((use.marked + 0.5) / (seen + 1), 0.03, 0.1, 0.25, 0.45)
    opening = not text[scan.sentences[look.sentence][0] : start].strip(" \"'_*(-")
    shown = [
        "bias",
        f"shape:{marked},{size},{case}",
        f"style:{context.style},{marked},{short},{case}",
        f"low:{size},{case},{look.low}",
        f"share:{marked},{share},{_bin(seen, 0, 3, 15, 80, 400)}",
        f"share:{short},{share},{case}",
        f"open:{opening},{short},{look.low},{marked}",
        f"list:{look.listed},{short},{look.is_marked}",
    ]
    shown += _neighbour_features(context, look, opening)
    if any(p.start < end and start < p.end for p in scan.people):
        shown.append(f"person:{size}")
    if size == 1 and mention.key in context.people_words:
        shown.append(f"nameish:{marked}")
    if size == 1 and mention.key in context.lower:
        shown.append(f"inlower:{marked},{look.low}")
    if text[end : end + 2] == "'s":
        shown.append(f"possessive:{short}")
    if text[end : end + 1] == "-" or text[start - 1 : start] == "-":
        shown.append(f"hyphen:{short}")
    if context.longer(mention.key):
        shown.append(f"longer:{short}")
    if mention.key.isdigit():
        shown.append(f"digit:{marked}")
    if context.shouting:
        shown.append(f"shouting:{size}")
    if context.key_counts[mention.key] > 1:
        shown.append(f"again:{min(context.key_counts[mention.key], 4)},{short}")
    if context.reviewed_key is None:
        shown.append(f"unknown:{size}")
    around = words.keys[max(0, first - 5) : first] + words.keys[last + 1 : last + 6]
    shown.append(f"cues:{min(2, sum(word in _FILM_WORDS for word in around))},{short}")
    return shown


def _neighbour_features(context: Context, look: _Look, opening: bool) -> list[str]:
    """The words and signs right before and after a mention."""
    scan, mention, short = context.scan, look.mention, look.short
    text, words, upper = scan.text, scan.words, context.upper
    first, last, end = mention.first, mention.last, mention.end
    previous = first - 1 - (words.starts[first] != mention.start)
    low, high = scan.sentences[look.sentence]
    capital_before = previous >= 0 and upper[previous] and words.starts[previous] > low
    touching = previous >= 0 and text[words.ends[previous] : mention.start] == " "
    inside = last + 1 < len(words) and words.starts[last + 1] < high
    after = words.keys[last + 1] if inside else "$"
    capital_after = inside and upper[last + 1]
    next_to = inside and text[end : words.starts[last + 1]] == " "
    before = look.before
    sign = text[end : end + 1]
    shown = [
        f"before:{_before(before, capital_before and touching)},{short}",
        f"after:{_after(after, capital_after and next_to)},{short}",
        f"sign:{sign if sign in '.,:;)!?-' else 'other'},{short}",
    ]
    if not opening and previous >= 0:
        shown.append(f"w-1:{'A' if capital_before else before},{short}")
        if previous and not capital_before and words.starts[previous - 1] >= low:
            shown.append(f"w-2:{'A' if upper[previous - 1] else words.keys[previous - 1]} {before},{short}")
    shown.append(f"w+1:{'A' if capital_after else after},{short}")
    if inside and last + 2 < len(words) and not capital_after and words.starts[last + 2] < high:
        shown.append(f"w+2:{after} {'A' if upper[last + 2] else words.keys[last + 2]},{short}")
    if opening and sign == ":":
        shown.append("heading")
    return shown


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


# ── how a candidate fits ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Rivals:
    """What the candidates of a mention are measured by: the best known, how many, the years, what is said."""

    best: float
    crowd: int
    earliest: int
    said: str
    decade: int | None
    media: frozenset[str]


def _rivals(context: Context, look: _Look, facts: list[tuple[Facts, Form]]) -> _Rivals:
    text, mention = context.scan.text, look.mention
    low = context.scan.sentences[look.sentence][0]
    before = text[max(low, mention.start - 60) : mention.start]
    several = len(facts) > 1
    decade = _DECADE.search(text, max(low, mention.start - 60), mention.end + 40) if several else None
    keys = context.scan.words.keys
    around = keys[max(0, mention.first - 5) : mention.first] + keys[mention.last + 1 : mention.last + 5]
    return _Rivals(
        best=max((fact.renown for fact, _ in facts), default=0.0),
        crowd=_bin(len(facts), 1, 3, 8),
        earliest=min((fact.year for fact, form in facts if fact.year and form < Form.SHORT), default=0),
        said=_said(before, text, mention.end) if several else "",
        decade=_decade(decade) if decade else None,
        media=frozenset(MEDIUM_WORDS[word] for word in around if word in MEDIUM_WORDS),
    )


def _said(before: str, text: str, end: int) -> str:
    """Whether a title is called an original, the source of a remake, or a remake."""
    if _REMAKE_AFTER.match(text, end):
        return "remake"
    if _ORIGINAL_BEFORE.search(before):
        return "original"
    return "source" if _REMAKE_OF_BEFORE.search(before) else ""


def _decade(match: re.Match[str]) -> int | None:
    if match["word"]:
        decade = _DECADES.get(match["word"])
        return 1900 + decade if decade else None
    return int(match["century"] or 19) * 100 + int(match["decade"])


def _candidate_features(context: Context, look: _Look, rivals: _Rivals, fact: Facts, form: Form) -> list[str]:
    short, marked, case = look.short, look.marked, look.case
    renown = _bin(fact.renown, 0.5, 1.2, 2.0, 3.0, 4.0, 5.0, 6.0)
    behind = _bin(rivals.best - fact.renown, 0.01, 0.5, 1.0, 2.0, 3.5)
    shown = [
        f"form:{form},{marked},{short}",
        f"renown:{renown},{short},{look.is_marked}",
        f"behind:{behind},{rivals.crowd}",
        f"case:{case},{renown},{min(look.low, 3)}",
        f"article:{fact.article},{look.has_article},{short}",
    ]
    if fact.id.startswith("work:"):
        shown.append(f"work:{short},{look.is_marked}")
        shown.append(f"work:{fact.medium},{fact.medium in rivals.media},{short}")
    elif rivals.media:
        shown += [f"medium:{medium},{short}" for medium in sorted(rivals.media)]
    if rivals.crowd:
        shown += _order_features(rivals, fact, behind)
    shown += _evidence_features(context, look, rivals, fact, behind)
    shown += _kinship_features(context, look, fact, form)
    if fact.year and context.published and fact.year > context.published:
        shown.append("future")
    if fact.year and fact.year < 1930:
        shown.append(f"silent:{short}")
    if form is Form.SHORT:
        key = title_key(fact.name)
        if context.key_counts.get(key) and key != look.mention.key:
            shown.append(f"spelt:{short}")
    return shown


def _order_features(rivals: _Rivals, fact: Facts, behind: int) -> list[str]:
    """Whether a candidate is the first of its title, crossed with what the text says of originals and remakes."""
    order = "none" if not fact.year else "first" if fact.year <= rivals.earliest else "later"
    shown = [f"order:{order},{behind}"]
    if rivals.said:
        shown.append(f"said:{rivals.said},{order}")
    if rivals.decade and fact.year:
        shown.append(f"decade:{0 <= fact.year - rivals.decade < 10}")
    return shown


def _evidence_features(context: Context, look: _Look, rivals: _Rivals, fact: Facts, behind: int) -> list[str]:
    """Years and people in the text that are those of the candidate."""
    short, shown, evidence = look.short, [], 0
    if look.year is not None:
        near = fact.year is not None and abs(fact.year - look.year) <= 1
        shown.append(f"year:{'exact' if fact.year == look.year else near},{look.year_follows}")
        evidence += 2 if near else 0
    elif fact.year in context.years:
        here = fact.year in context.years_in(look.sentence)
        shown.append(f"year{'near' if here else 'doc'}:{short}")
        evidence += here
    if fact.people:
        here_people = context.sentence_people.get(look.sentence)
        if here_people and not fact.people.isdisjoint(here_people):
            shown.append(f"peoplenear:{short}")
            evidence += 1
        elif not fact.people.isdisjoint(context.people):
            shown.append(f"peopledoc:{short}")
            evidence += 1
        keys = look.mention.key.split(" ")
        near_names = fact.surnames & context.capitals_in(look.sentence)
        if near_names and not near_names.issubset(keys):
            shown.append(f"surnamenear:{short}")
            evidence += 1
        makers = fact.director_surnames & context.capitals
        if makers and not makers.issubset(keys):
            shown.append(f"director:{short}")
            evidence += 1
    else:
        shown.append("nopeople")
    shown.append(f"evidence:{min(evidence, 3)},{look.size},{look.marked}")
    if evidence:
        shown.append(f"evidence:{min(evidence, 3)},{rivals.crowd},{behind}")
    return shown


def _kinship_features(context: Context, look: _Look, fact: Facts, form: Form) -> list[str]:
    """How a candidate relates to the reviewed film: itself, its namesake, its series, before or after it."""
    reviewed, short = context.reviewed, look.short
    if reviewed is not None and fact.id == reviewed.id:
        return [
            f"reviewed:{look.size},{look.is_marked},{look.case}",
            f"reviewedlow:{min(look.low, 4)},{look.case}",
        ]
    shown = []
    reviewed_year = context.document.year or (reviewed.year if reviewed else None)
    if context.reviewed_key is not None and look.mention.key == context.reviewed_key:
        when = "none"
        if fact.year and reviewed_year:
            difference = fact.year - reviewed_year
            when = "earlier" if difference < 0 else "later" if difference else "same"
        shown.append(f"namesake:{when},{look.marked}")
    elif reviewed is not None and fact.series == reviewed.series:
        shown.append(f"kin:{short},{form}")
    elif reviewed is not None and not fact.franchises.isdisjoint(reviewed.franchises):
        shown.append(f"franchise:{short},{form}")
    elif reviewed is not None and not fact.people.isdisjoint(reviewed.people):
        shown.append(f"shared:{short}")
    when_known = reviewed_year or context.published
    if fact.year and when_known:
        shown.append(f"gap:{_bin(fact.year - when_known, -60, -30, -15, -5, -1, 0, 2)},{short}")
    return shown


def title_features(context: Context, number: int) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Features of title mention `number`: those of the mention, and for each candidate (entity id) its own."""
    look = _look(context, number)
    facts = [(context.names.facts(id), form) for id, form in context.names.titles.get(look.mention.key, ())]
    rivals = _rivals(context, look, facts)
    rows = [(fact.id, _candidate_features(context, look, rivals, fact, form)) for fact, form in facts]
    return _mention_features(context, look), rows


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
