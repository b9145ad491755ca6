"""What a text is about that gives no title: of the films that it names, the one that reads like its subject.

That one is named first and most, with those who made it, is newer than the others, and has a verb of its own ("X is …")
where others are compared with ("… than X"). Each such sign counts with a weight that `training/topics.py` learns from
reviews whose title was taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from filmgraph.context import Context
from filmgraph.headings import was_out
from filmgraph.model import EntityKind, Film, provisional_id
from filmgraph.scoring import Scored, chance_of
from filmgraph.settings import packaged_table
from filmgraph.text import title_key

__all__ = ["Topic", "likeliest_topic", "topic_features", "topics"]

LEAST_SCORE = 0.4
LIKELY, LIKELY_UNKNOWN = 0.35, 0.6
RIVAL = 0.6
"""The chance of a second film from which a text is taken to be about neither alone."""
FILE = "topics.json.gz"


@dataclass(frozen=True, slots=True)
class Topic:
    """A film that a text names, the spans that name it, and the score of its best link. One that is not `known` to the
    catalogue is set in italics like a title."""

    film: Film
    spans: tuple[tuple[int, int], ...]
    score: float
    known: bool = True


def likeliest_topic(context: Context, scored: Sequence[Scored]) -> Film | None:
    """The film that a text is about, where one is likely enough; `scored` are its title mentions."""
    found, weights = topics(context, scored), load_weights()
    chances = []
    for topic in found:
        chances.append((chance_of(topic_features(context, topic, found), weights), topic))
    ranked = sorted(chances, key=lambda pair: -pair[0])
    if not ranked or (len(ranked) > 1 and ranked[1][0] >= RIVAL):
        return None
    chance, topic = ranked[0]
    return topic.film if chance >= (LIKELY if topic.known else LIKELY_UNKNOWN) else None


@cache
def load_weights() -> Mapping[str, float]:
    """Feature → weight; empty when the file is not there yet."""
    weights: Mapping[str, float] = packaged_table(FILE).get("weights", {})
    return weights


# ── which there are ─────────────────────────────────────────────────────────────────────────


def topics(context: Context, scored: Sequence[Scored]) -> list[Topic]:
    """The films that a text names, in order of their first mention; none of after it."""
    named: dict[str, list[Scored]] = {}
    for item in scored:
        if item.best.score >= LEAST_SCORE and item.best.entity.startswith("film:"):
            named.setdefault(item.best.entity, []).append(item)
    found = list(_unknown(context, {item.mention.key for items in named.values() for item in items}))
    for id, items in named.items():
        film = context.names.catalog.get(id)
        if isinstance(film, Film) and was_out(film, context.document):
            spans = tuple((item.mention.start, item.mention.end) for item in items)
            found.append(Topic(film, spans, max(item.best.score for item in items)))
    return sorted(found, key=lambda topic: topic.spans[0])


def _unknown(context: Context, taken: set[str]) -> Iterator[Topic]:
    """What is set in italics like a title, and no name that a catalogue knows."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for mark in context.scan.marks:
        surface = context.scan.text[mark.start : mark.end].strip()
        if mark.italic and surface[:1].isupper() and _SENTENCE.search(surface) is None:
            spans.setdefault(title_key(surface), []).append((mark.start, mark.end))
    names = context.names
    for key, found in spans.items():
        if key and key not in taken and key not in names.people and key not in names.franchises:
            name = " ".join(context.document.text[slice(*found[0])].split())
            yield Topic(
                Film(provisional_id(EntityKind.FILM, name), name), tuple(found), LEAST_SCORE, known=False
            )


_SENTENCE = re.compile(r"[.!?:;,]$|\b[a-z][\w']{4,}")
"""What is no title: it ends like a sentence, or has long words in lower case."""


# ── what speaks for one ─────────────────────────────────────────────────────────────────────

_COMPARED = re.compile(
    r"(?:\b(?:like|than|of|to|from|as|after|before|since|remember|and|or|with|see|saw|watch\w*|in|on|unlike|by|for|between"
    r"|both|namely|including)\s+(?:\w+'s?\s+|\w+\s+\w+'s?\s+|(?:the|an?|films?|movies?|classics?|original)\s+)*|[,;/]\s*)"
    r"[\"'_*]*$",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"[\"'_*]*(?:\s*\([^()]{2,40}\))?,?\s*(?:is|was|isn't|wasn't|has|does|may|will|can|could|should|must|might|tells|stars"
    r"|follows|takes|opens|begins|starts|features|concerns|cent(?:er|re)s|revolves|fails|succeeds|works|remains|proves"
    r"|offers|delivers|manages|comes|seems|feels|looks|gets|makes|marks|sees|picks|finds|brings|boasts|suffers)\b",
    re.IGNORECASE,
)
NEAR = 40


def topic_features(context: Context, topic: Topic, among: Sequence[Topic]) -> list[str]:
    """What can be seen of a film that a text may be about, `among` all those that it names."""
    spans, film = topic.spans, topic.film
    shown = [
        "bias",
        _at_least("named", len(spans), (1, 2, 3, 5)),
        _at_least("from", spans[0][0], (0, 80, 300, 1000)),
    ]
    shown.append(
        _at_least("share", 100 * len(spans) // sum(len(other.spans) for other in among), (0, 26, 51, 76, 100))
    )
    text = context.scan.text
    says = sum(_SAYS.match(text, end) is not None for _, end in spans)
    compared = sum(_COMPARED.search(text, max(0, start - NEAR), start) is not None for start, _ in spans)
    shown += [_at_least("says", says, (0, 1, 2, 3)), _at_least("compared", compared, (0, 1, 2, 3))]
    if topic is among[0]:
        shown.append("first")
    if compared == len(spans):
        shown.append("only compared")
    if topic.known:
        credited = context.names.facts(film.id).people & context.people
        shown += [
            _at_least("made by", len(credited), (0, 1, 2, 3)),
            _at_least("score", int(10 * topic.score), (4, 7, 9)),
        ]
    if context.people:
        shown.append("names people")
    if film.year is None or film.year == max(other.film.year or 0 for other in among):
        shown.append("newest")
    if context.published and film.year:
        shown.append("new" if film.year >= context.published - 1 else "old")
    return shown


def _at_least(name: str, count: int, steps: Sequence[int]) -> str:
    """The greatest of rising `steps` that a count has reached."""
    return f"{name} {max((step for step in steps if count >= step), default=steps[0])}"
