"""How well each candidate fits a title mention: a table of (feature, weight), summed and weighed against NIL.

Features say what a careful reader looks at: how the title is marked and written, how often such words are a
title at all, the words, years and people around it, how well known the film is, whether it stands in a list of
titles, and how it relates to the reviewed film. A mention means one of its candidates or nothing (NIL), and the
chances of all of them add up to one: conditional logit (McFadden 1974), with NIL at a sum of zero. The weights were
trained by `training/link.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from filmgraph.context import MEDIUM_WORDS, Context
from filmgraph.facts import Facts, Namesakes, medium_of
from filmgraph.forms import Form
from filmgraph.looks import Look, features_around, look_at, mention_features, own_features, rank
from filmgraph.mentions import TitleMention
from filmgraph.model import Candidate
from filmgraph.settings import packaged_table
from filmgraph.sources import source_named

__all__ = ["Scored", "Weights", "chance_of", "load_weights", "score_titles", "title_features"]

TOP_REASONS = 6
EXPLAINED = 0.3
"""The score from which a candidate carries its reasons."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A title mention with its candidates, best first. `total` is the chance that it is a title at all."""

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
    table = packaged_table("linking.json.gz")
    if not table:
        return Weights({}, {})
    return Weights(table["titles"], table["unknown"])


# ── how a candidate fits ────────────────────────────────────────────────────────────────────

_DECADE = re.compile(r"(?<![\w'])'?(?:(?P<century>19|20)?(?P<decade>[2-9]0)'?s|(?P<word>[a-z]+ies))\b")
_DECADES = {"twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60}
_DECADES |= {"seventies": 70, "eighties": 80, "nineties": 90}
_ORIGINAL_BEFORE = re.compile(r"\b(?:original|classic|first|old|older|earlier|early)\b[^.,;]{0,22}$", re.I)
_REMAKE_OF_BEFORE = re.compile(
    r"\b(?:re-?mak\w+|re-?imagin\w+|version|update|reworking|rip-?off|copy|sequel|prequel) (?:of|to)\b[^.,;]{0,22}$",
    re.I,
)
_THE_REMAKE_OF_BEFORE = re.compile(
    r"\b(?<!is )(?<!was )(?:the|that|recent|new|newer) (?:[\w'-]+ ){0,2}(?:re-?make|version) of\b[^.,;]{0,22}$",
    re.I,
)
_REMAKE_AFTER = re.compile(r"[\"'_*]* (?:re-?make|reboot|re-?imagining)\b", re.I)


@dataclass(slots=True)
class _Rivals:
    """What the candidates of a mention are measured by: the best-known film, also of those that were out before the
    reviewed one, how many, the years, what is said."""

    best: float
    then: float
    crowd: int
    films: int
    earliest: int
    said: str
    decade: int | None
    media: frozenset[str]
    source: str


def _rivals(context: Context, look: Look, namesakes: Namesakes) -> _Rivals:
    text, mention = context.scan.text, look.mention
    low = context.scan.sentences[look.sentence][0]
    before = text[max(low, mention.start - 60) : mention.start]
    several = len(namesakes.facts) > 1
    source = source_named(text, mention.start, mention.end) if namesakes.works else None
    decade = _DECADE.search(text, max(low, mention.start - 60), mention.end + 40) if several else None
    keys = context.scan.words.keys
    around = keys[max(0, mention.first - 5) : mention.first] + keys[mention.last + 1 : mention.last + 5]
    return _Rivals(
        best=namesakes.best,
        then=_best_by(namesakes, context.when) if several else 0.0,
        crowd=rank(len(namesakes.facts), 1, 3, 8),
        films=namesakes.films,
        earliest=namesakes.earliest,
        said=_said(before, text, mention.end) if several else "",
        decade=_decade(decade) if decade else None,
        media=frozenset([MEDIUM_WORDS[word] for word in around if word in MEDIUM_WORDS]),
        source=medium_of(source) if source else "",
    )


def _best_by(namesakes: Namesakes, year: int) -> float:
    """The renown of the best-known film that was out by `year`."""
    known = (fact.renown for fact, _ in namesakes.facts if not fact.medium and (fact.year or 0) <= year)
    return max(known, default=0.0)


def _said(before: str, text: str, end: int) -> str:
    """Whether a title is called an original, the source of a remake, that of the remake in question, or a remake."""
    if _REMAKE_AFTER.match(text, end):
        return "remake"
    if _THE_REMAKE_OF_BEFORE.search(before):
        return "the remake"
    if _ORIGINAL_BEFORE.search(before):
        return "original"
    return "source" if _REMAKE_OF_BEFORE.search(before) else ""


def _decade(match: re.Match[str]) -> int | None:
    if match["word"]:
        decade = _DECADES.get(match["word"])
        return 1900 + decade if decade else None
    return int(match["century"] or 19) * 100 + int(match["decade"])


def _candidate_features(context: Context, look: Look, rivals: _Rivals, fact: Facts, form: Form) -> list[str]:
    short, marked, case = look.short, look.marked, look.case
    renown = rank(fact.renown, 0.5, 1.2, 2.0, 3.0, 4.0, 5.0, 6.0)
    behind = rank(rivals.best - fact.renown, 0.01, 0.5, 1.0, 2.0, 3.5)
    shown = [
        f"form:{form},{marked},{short}",
        f"renown:{renown},{short},{look.is_marked}",
        f"behind:{behind},{rivals.crowd}",
        f"case:{case},{renown},{min(look.low, 3)}",
        f"article:{fact.article},{look.has_article},{short}",
    ]
    if fact.id.startswith("work:"):
        here = fact.medium in context.media_in(look.sentence)
        shown.append(f"work:{short},{look.is_marked}")
        shown.append(f"work:{fact.medium},{fact.medium in rivals.media},{short}")
        shown.append(f"work:{fact.medium},{here},{rank(rivals.best, 0.01, 2.0, 4.0)}")
        shown.append(f"work:{fact.medium},{look.mention.key == context.reviewed_key}")
        if rivals.source:
            shown.append(f"source:{fact.medium},{rivals.source == fact.medium}")
    elif rivals.source:
        shown.append(f"source:film,{rivals.source}")
    if rivals.media and not fact.id.startswith("work:"):
        shown += [f"medium:{medium},{short}" for medium in sorted(rivals.media)]
    if rivals.crowd:
        shown += _order_features(rivals, fact, behind)
        shown += _version_features(context, look, rivals, fact)
    shown += _evidence_features(context, look, rivals, fact, behind)
    shown += _kinship_features(context, look, rivals, fact, form)
    if fact.year and context.published and fact.year > context.published:
        shown.append("future")
    if fact.year and fact.year < 1930:
        shown.append(f"silent:{short}")
    if look.numbered:
        kin = context.reviewed is not None and fact.series == context.reviewed.series
        shown.append(f"numbered:{form},{kin}")
    if form is Form.SHORT and context.key_counts.get(fact.key) and fact.key != look.mention.key:
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


def _version_features(context: Context, look: Look, rivals: _Rivals, fact: Facts) -> list[str]:
    """Which of several films of a title is meant: what the title means elsewhere, how well known it is of those out
    then, how near to the years of the films named beside it."""
    shares = context.names.statistics.versions.get(look.mention.key)
    elsewhere = (
        [f"elsewhere:{rank(shares.get(fact.id, 0.0), 0.01, 0.05, 0.15, 0.4, 0.7, 0.9)}"] if shares else []
    )
    if not fact.year:
        return elsewhere
    then = "later" if fact.year > context.when else rank(rivals.then - fact.renown, 0.01, 0.5, 1.0, 2.0, 3.5)
    shown = [*elsewhere, f"is:{fact.id}", f"then:{then},{rivals.crowd}"]
    years = context.years_beside(look.sentence, look.mention.key)
    if years:
        shown.append(f"era:{rank(abs(fact.year - median(years)), 2, 6, 12, 25, 45)},{rank(len(years), 1, 3)}")
    return shown


def _evidence_features(context: Context, look: Look, rivals: _Rivals, fact: Facts, behind: int) -> list[str]:
    """Years and people in the text that are those of the candidate."""
    short, shown, evidence = look.short, [], 0
    if look.year is not None:
        near = fact.year is not None and abs(fact.year - look.year) <= 1
        shown.append(f"year:{'exact' if fact.year == look.year else near},{look.year_place}")
        evidence += 2 if near and look.year_place != "remake" else 0
    elif fact.year in context.years and look.mention.key != str(fact.year):
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


def _kinship_features(context: Context, look: Look, rivals: _Rivals, fact: Facts, form: Form) -> list[str]:
    """How a candidate relates to the reviewed film: itself, its namesake, its series, before or after it."""
    reviewed, short = context.reviewed, look.short
    if reviewed is not None and fact.id == reviewed.id:
        return [
            f"reviewed:{look.size},{look.is_marked},{look.case}",
            f"reviewedlow:{min(look.low, 4)},{look.case}",
            f"reviewed:{rivals.crowd > 0},said:{rivals.said},{form}",
        ]
    shown = []
    reviewed_year = context.document.year or (reviewed.year if reviewed else None)
    if context.reviewed_key is not None and look.mention.key == context.reviewed_key:
        when = "none"
        if fact.year and reviewed_year:
            difference = fact.year - reviewed_year
            when = "earlier" if difference < 0 else "later" if difference else "same"
        shown.append(f"namesake:{when},{look.marked}")
        shown.append(f"namesake:{when},said:{rivals.said}")
    elif reviewed is not None and fact.series == reviewed.series:
        shown.append(f"kin:{short},{form}")
    elif reviewed is not None and not fact.franchises.isdisjoint(reviewed.franchises):
        shown.append(f"franchise:{short},{form}")
    elif reviewed is not None and not fact.people.isdisjoint(reviewed.people):
        shown.append(f"shared:{short}")
    when_known = reviewed_year or context.published
    if fact.year and when_known:
        gap = rank(fact.year - when_known, -60, -30, -15, -5, -1, 0, 2, 12, 30)
        shown.append(f"gap:{gap},{short},{rivals.films > 1}")
        shown.append(f"gap:{gap},{rank(fact.renown, 1.2, 3.0, 5.0)}")
    return shown


def title_features(context: Context, number: int) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Features of title mention `number`: those of the mention, and for each candidate (entity id) its own."""
    look = look_at(context, number)
    return mention_features(context, look), _rows(context, look)


def _rows(context: Context, look: Look) -> list[tuple[str, list[str]]]:
    namesakes = context.names.namesakes(look.mention.key)
    rivals = _rivals(context, look, namesakes)
    facts = namesakes.facts
    if look.year_place == "after" and len(facts) > 1:
        facts = [pair for pair in facts if _is_of_year(pair[0], look)] or facts
    return [(fact.id, _candidate_features(context, look, rivals, fact, form)) for fact, form in facts]


def _is_of_year(fact: Facts, look: Look) -> bool:
    """Whether a candidate is of the year that follows the title: critics err by one."""
    return fact.year is not None and look.year is not None and abs(fact.year - look.year) <= 1


# ── scores ──────────────────────────────────────────────────────────────────────────────────

HOPELESS = -5.0
"""The sum of a mention's weights below which no candidate but the reviewed film can make it a title; none is then
looked at."""
HOPELESS_ALONE = -5.5
"""The sum of the weights of a mention by itself below which nothing around it can make it one either."""
MOST = 40.0
"""The sum of weights that is certainty."""


def score_titles(context: Context, weights: Mapping[str, float], *, explain: bool = False) -> list[Scored]:
    """Every title mention with its candidates scored, in text order.

    Candidates below `EXPLAINED` carry reasons only when asked to `explain`.
    """
    scored = []
    for number in range(len(context.scan.titles)):
        candidates = _scored_candidates(
            context, look_at(context, number), weights, 0.0 if explain else EXPLAINED
        )
        if candidates:
            candidates.sort(key=lambda candidate: (-candidate.score, candidate.entity))
            total = sum(candidate.score for candidate in candidates)
            scored.append(Scored(context.scan.titles[number], tuple(candidates), total))
    return scored


def _scored_candidates(
    context: Context, look: Look, weights: Mapping[str, float], least: float
) -> list[Candidate]:
    is_reviewed = look.mention.key == context.reviewed_key
    own = own_features(context, look)
    base = _sum(own, weights)
    if base >= HOPELESS_ALONE or is_reviewed:
        around = features_around(context, look)
        own += around
        base += _sum(around, weights)
    rows = _rows(context, look) if base >= HOPELESS or is_reviewed else _unseen(context, look)
    odds = [math.exp(min(base + _sum(shown, weights), MOST)) for _, shown in rows]
    whole = 1 + sum(odds)
    candidates = []
    for (id, shown), odd in zip(rows, odds, strict=True):
        score = odd / whole
        reasons = _reasons((*own, *shown), weights) if score >= least else ()
        candidates.append(Candidate(id, score, reasons))
    return candidates


def _unseen(context: Context, look: Look) -> list[tuple[str, list[str]]]:
    return [(id, []) for id, _ in context.names.titles.get(look.mention.key, ())]


def chance_of(shown: Iterable[str], weights: Mapping[str, float]) -> float:
    """The chance of what shows these features, by logistic regression: of a table that is learnt by itself."""
    return 1 / (1 + math.exp(-_sum(shown, weights)))


def _sum(shown: Iterable[str], weights: Mapping[str, float]) -> float:
    return sum(filter(None, map(weights.get, shown)), 0.0)


def _reasons(shown: Iterable[str], weights: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    weighed = [(name, weights[name]) for name in shown if name in weights]
    weighed.sort(key=lambda reason: (-abs(reason[1]), reason[0]))
    return tuple((name, round(weight, 2)) for name, weight in weighed[:TOP_REASONS])
