"""Sentences and links → claims with their evidence.

Every pair of works that a sentence may connect (`candidates`) is weighed by two linear models: is there a
claim, a comparison, a membership or nothing; and of a claim, which relation. Then what belongs together is
decided together: the items of a list share their fate, and of several possible subjects of one source the
likeliest takes it. Polarity comes from rules over the clause, stance from a third linear model.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from filmgraph.candidates import Pair, Passage, Sentence, Span, features, pairs, shared_name, singled_out
from filmgraph.errors import FilmgraphError
from filmgraph.model import EntityKind, Polarity, Relation, Stance
from filmgraph.polarity import polarity_of
from filmgraph.settings import data_dir

__all__ = [
    "Found",
    "LinearModel",
    "Models",
    "Weighed",
    "decide",
    "extract_claims",
    "load_models",
    "stance_features",
    "weigh",
]

Vector: TypeAlias = npt.NDArray[np.float32]

NONE, COMPARED, MEMBER, LINEAGE = "none", "resembles", "part_of", "lineage"
CLASSES = (LINEAGE, MEMBER, NONE, COMPARED)
WEIGHTS = "claims.json.gz"
CONSTRUCTION_FACTOR = 8.0
"""How much likelier a relation is whose own construction stands around the object; by cross-validation."""
SURE = 0.6
"""The chance from which a second sentence about the same two works counts beside the surest."""
FORMULA_CHANCE = 0.6
"""The least chance of "the X formula" said of the reviewed film: a formula is there to be followed."""
SMOOTHING = 0.5
"""How far an item of a list is drawn to the best two of its list."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial logistic regression: class names, one row of weights per feature, and the intercepts."""

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    weights: Vector
    intercepts: Vector

    def probabilities(self, names: Iterable[str]) -> dict[str, float]:
        """Class → probability for something that shows the features `names`."""
        found = [row for row in map(self.rows.get, names) if row is not None]
        scores = self.weights[found].sum(axis=0) + self.intercepts
        powers = np.exp(scores - scores.max())
        return dict(zip(self.classes, (powers / powers.sum()).tolist(), strict=True))

    def reasons(self, names: Iterable[str], wanted: str, most: int = 8) -> list[tuple[str, float]]:
        """The features that spoke most for or against class `wanted`, with their weights."""
        column = self.classes.index(wanted)
        weighed = [
            (name, round(float(self.weights[self.rows[name], column]), 3))
            for name in names
            if name in self.rows
        ]
        return sorted(weighed, key=lambda item: (-abs(item[1]), item[0]))[:most]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> LinearModel:
        names = list(record["weights"])
        weights = np.array([record["weights"][name] for name in names]).astype(np.float32)
        return cls(
            classes=tuple(record["classes"]),
            rows={name: row for row, name in enumerate(names)},
            weights=weights / np.float32(1000),
            intercepts=np.array(record["intercepts"]).astype(np.float32) / np.float32(1000),
        )


@dataclass(frozen=True, slots=True)
class Models:
    """The trained models, the confidence each kind of claim needs, and the digest of the training data."""

    decision: LinearModel
    relation: LinearModel
    stance: LinearModel
    thresholds: Mapping[str, float]
    digest: str


@cache
def load_models(path: Path | None = None) -> Models:
    """The models of the package, or of a file written by training; FilmgraphError when there is none."""
    file = path or data_dir() / WEIGHTS
    try:
        record = json.loads(gzip.decompress(file.read_bytes()))
    except FileNotFoundError:
        raise FilmgraphError(f"{file}: there are no trained weights; `make train` writes them") from None
    return models_from_json(record)


def models_from_json(record: Mapping[str, Any]) -> Models:
    return Models(
        decision=LinearModel.from_json(record["decision"]),
        relation=LinearModel.from_json(record["relation"]),
        stance=LinearModel.from_json(record["stance"]),
        thresholds=record["thresholds"],
        digest=record["digest"],
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A claim found in a passage; `start` and `end` bound its quote. `reasons` decided that it is one,
    `relation_reasons` which."""

    subject: Span
    relation: Relation
    object: Span
    polarity: Polarity
    stance: Stance
    start: int
    end: int
    confidence: float
    reasons: tuple[tuple[str, float], ...] = ()
    relation_reasons: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pair with its features and the probability of each class."""

    pair: Pair
    features: Sequence[str]
    chances: Mapping[str, float]

    def chance(self, name: str) -> float:
        return self.chances.get(name, 0.0)


def extract_claims(
    passage: Passage, models: Models, *, min_confidence: float | None = None, explain: bool = False
) -> list[Found]:
    """All claims of a passage in text order. `min_confidence` replaces the trained thresholds."""
    weighed = weigh(passage, models.decision)
    found = [*decide(passage, weighed, models, min_confidence, explain)]
    found += [*_singled_out(passage, found), *_namesakes(passage)]
    return _without_repeats(found)


def weigh(passage: Passage, decision: LinearModel) -> list[Weighed]:
    """Every pair of the passage with its chances, lists smoothed and rival subjects settled."""
    weighed = []
    for pair in pairs(passage):
        shown = features(passage, pair)
        chances = decision.probabilities(shown)
        if _names_formula(pair, shown):
            chances[LINEAGE] = max(chances[LINEAGE], FORMULA_CHANCE)
        weighed.append(Weighed(pair, shown, chances))
    return weighed


def _names_formula(pair: Pair, shown: Sequence[str]) -> bool:
    return pair.object.kind is EntityKind.INFLUENCE and "near:formula:r" in shown and pair.other is None


# ── deciding together ───────────────────────────────────────────────────────────────────────

_LIST_GAP = re.compile(
    r"[\"'“”‘’_*)\s]*(?:\([^()]{0,60}\))?[\"'“”‘’_*\s]*"
    r"(?:,|/|;|&|\band\b|\bor\b|\bplus\b|\bwith\b|,? (?:and|or)(?: even| the| also)?"
    r"|,? not to mention|,? as well as|\bmeets\b)+"
    r"[\"'“”‘’_*\s]*(?:the |a |an |even |early |\w+['’]s )?[\"'“”‘’_*(]*",
    re.IGNORECASE,
)


def decide(
    passage: Passage,
    weighed: Sequence[Weighed],
    models: Models,
    min_confidence: float | None = None,
    explain: bool = False,
) -> Iterator[Found]:
    """For each two works the likelier of lineage and comparison, and membership, where sure enough."""
    smoothed = _smooth_lists(passage, weighed)
    settled = _settle_rivals(_settle_appositions(passage, smoothed), models.thresholds["rival"])
    groups: dict[tuple[str, str], list[Weighed]] = {}
    for item in settled:
        groups.setdefault(item.pair.key, []).append(item)
    for group in groups.values():
        for item, name in _chosen(group, models.thresholds, min_confidence):
            yield _found(passage, item, name, models, explain)


def _chosen(
    group: Sequence[Weighed], thresholds: Mapping[str, float], min_confidence: float | None
) -> Iterator[tuple[Weighed, str]]:
    def best(name: str) -> tuple[Weighed, bool]:
        item = max(group, key=lambda item: item.chance(name))
        needed = thresholds[name] if min_confidence is None else min_confidence
        return item, item.chance(name) >= needed

    lineage, is_lineage = best(LINEAGE)
    compared, is_compared = best(COMPARED)
    member, is_member = best(MEMBER)
    if is_lineage:
        yield lineage, LINEAGE
        yield from ((item, LINEAGE) for item in group if item is not lineage and item.chance(LINEAGE) >= SURE)
    if is_compared and (not is_lineage or (compared is not lineage and compared.chance(COMPARED) >= SURE)):
        yield compared, COMPARED
    if is_member and _may_belong(member.pair):
        yield member, MEMBER


def _may_belong(pair: Pair) -> bool:
    return pair.subject.kind is EntityKind.FILM and pair.object.kind is not EntityKind.PERSON


def _smooth_lists(passage: Passage, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Items of one list share their fate: each is drawn to the mean of the list's two surest."""
    single = sorted(
        (n for n, item in enumerate(weighed) if item.pair.other is None),
        key=lambda n: (_listed_subject(weighed[n].pair), weighed[n].pair.anchor.start),
    )
    result = list(weighed)
    for members in _lists(passage, weighed, single):
        means = {
            name: sum(sorted((weighed[n].chance(name) for n in members), reverse=True)[:2]) / 2
            for name in CLASSES
        }
        for n in members:
            chances = {k: (1 - SMOOTHING) * v + SMOOTHING * means[k] for k, v in weighed[n].chances.items()}
            result[n] = replace(weighed[n], chances=chances)
    return result


def _mean_of_two(chances: Sequence[float]) -> float:
    return sum(sorted(chances, reverse=True)[:2]) / 2


def _listed_subject(pair: Pair) -> int:
    """Sets apart the pairs of each subject of "these movies"; -1 where the reviewed film is an end."""
    return -1 if pair.subject is pair.anchor else pair.subject.start


def _lists(passage: Passage, weighed: Sequence[Weighed], order: Sequence[int]) -> Iterator[list[int]]:
    members: list[int] = []
    for n in order:
        if members and not _continues_list(passage, weighed[members[-1]].pair.anchor, weighed[n].pair.anchor):
            if len(members) > 1:
                yield members
            members = []
        members.append(n)
    if len(members) > 1:
        yield members


def _continues_list(passage: Passage, first: Span, second: Span) -> bool:
    if first.sentence != second.sentence or not 0 <= second.start - first.end < 90:
        return False
    return _LIST_GAP.fullmatch(passage.text, first.end, second.start) is not None


_APPOSITION = re.compile(
    r"[\"'”’_*)]*(?:\s*\(\d{4}\))?, (?:itself |basically |essentially |clearly |also )?"
    r"(?:an?|the|another|one of|yet another)\b[^.;:,]{0,60}\b(?:of|to|on|for|from)\s+(?:the )?[\"'“‘_*]*"
)


def _settle_appositions(passage: Passage, weighed: Sequence[Weighed]) -> list[Weighed]:
    """ "Piranha, a rip-off of Jaws, …": the film before the comma is the subject, whichever film is reviewed."""
    told: dict[int, list[Span]] = {}
    for item in weighed:
        subject, object_ = item.pair.subject, item.pair.object
        near = item.pair.other is not None and subject.end <= object_.start <= subject.end + 120
        if near and _APPOSITION.fullmatch(passage.text, subject.end, object_.start):
            told.setdefault(subject.sentence, []).extend((subject, object_))
    if not told:
        return list(weighed)
    result = []
    for item in weighed:
        pair, chance = item.pair, item.chance(LINEAGE)
        ends = told.get(pair.anchor.sentence, [])
        if pair.other is None and pair.anchor in ends:
            chance = 0.0
        elif pair.subject in ends and pair.object in ends:
            chance = max(rival.chance(LINEAGE) for rival in weighed if rival.pair.anchor in ends)
        result.append(replace(item, chances={**item.chances, LINEAGE: chance}))
    return result


def _settle_rivals(weighed: Sequence[Weighed], factor: float) -> list[Weighed]:
    """One source named in one sentence has one descendant, or a list of them: weaker rivals give way."""
    best: dict[tuple[int, str], float] = {}
    for item in weighed:
        place = (item.pair.anchor.sentence, item.pair.object.entity)
        best[place] = max(best.get(place, 0.0), item.chance(LINEAGE))
    return [
        replace(item, chances={**item.chances, LINEAGE: 0.0})
        if item.chance(LINEAGE) < factor * best[item.pair.anchor.sentence, item.pair.object.entity]
        else item
        for item in weighed
    ]


# ── one claim ───────────────────────────────────────────────────────────────────────────────

_OF_PERSONS = frozenset(
    ["inspired_by", "imitates", "homage_to", "parodies", "references", "follows_formula_of"]
)


def _found(passage: Passage, item: Weighed, name: str, models: Models, explain: bool) -> Found:
    pair = item.pair
    relation = _relation(item, models.relation) if name == LINEAGE else Relation(name)
    cue = _cue(passage, pair, relation)
    polarity = _polarity(passage, pair.anchor.sentence, cue)
    stances = models.stance.probabilities(stance_features(passage, pair.anchor.sentence, relation, polarity))
    start, end = _quote(passage, pair, cue)
    return Found(
        subject=pair.subject,
        relation=relation,
        object=pair.object,
        polarity=polarity,
        stance=Stance(max(stances, key=lambda stance: stances[stance])),
        start=start,
        end=end,
        confidence=round(item.chance(name), 4),
        reasons=tuple(models.decision.reasons(item.features, name)) if explain else (),
        relation_reasons=_relation_reasons(item, relation, models.relation) if explain else (),
    )


def stance_features(passage: Passage, number: int, relation: Relation, polarity: Polarity) -> list[str]:
    """What tells how the critic feels: relation, polarity, words of sentence `number` and of the review."""
    sentence = passage.sentences[number]
    here = _balance(sentence)
    balances = [_balance(other) for other in passage.sentences]
    found = [f"relation={relation}", f"polarity={polarity}", f"here={here}", f"here={here}:{relation}"]
    found.append(f"review={max(-4, min(4, sum(balances) // 2))}")
    found.append(f"end={max(-3, min(3, sum(balances[-3:])))}")
    found += [f"w:{word}" for word in dict.fromkeys(sentence.words) if not word.startswith("@")]
    words = {word for other in passage.sentences for word in other.words if word.isalpha()}
    return found + [f"d:{word}" for word in sorted(words)]


def _balance(sentence: Sentence) -> int:
    """Words of praise less words of scorn, within ±2."""
    praise = sum(cue.family == "praise" for cue in sentence.cues)
    scorn = sum(cue.family == "scorn" for cue in sentence.cues)
    return max(-2, min(2, praise - scorn))


def _relation(item: Weighed, model: LinearModel) -> Relation:
    shown = frozenset(item.features)
    chances = {
        name: chance * (CONSTRUCTION_FACTOR if f"K:{name}" in shown else 1.0)
        for name, chance in model.probabilities(item.features).items()
    }
    if item.pair.object.kind in (EntityKind.PERSON, EntityKind.INFLUENCE):
        chances = {name: chance for name, chance in chances.items() if name in _OF_PERSONS}
    return Relation(max(chances, key=lambda name: chances[name]))


def _relation_reasons(item: Weighed, relation: Relation, model: LinearModel) -> tuple[tuple[str, float], ...]:
    known = relation.is_lineage and relation in model.classes
    return tuple(model.reasons(item.features, relation)) if known else ()


_FAMILY_OF: Mapping[Relation, tuple[str, ...]] = {
    Relation.IMITATES: ("copy", "steal"),
    Relation.INSPIRED_BY: ("inspire", "owe", "homage", "steal", "copy", "formula"),
    Relation.FOLLOWS_FORMULA_OF: ("formula", "like"),
    Relation.HOMAGE_TO: ("homage",),
    Relation.REFERENCES: ("allude",),
    Relation.PARODIES: ("spoof",),
    Relation.REMAKE_OF: ("remake",),
    Relation.SEQUEL_TO: ("sequel", "series"),
    Relation.PREQUEL_TO: ("prequel",),
    Relation.SPIN_OFF_OF: ("spinoff",),
    Relation.REBOOT_OF: ("reboot",),
    Relation.ADAPTED_FROM: ("adapt",),
    Relation.SPIRITUAL_SUCCESSOR_TO: ("sequel",),
    Relation.RESEMBLES: ("like", "compare"),
    Relation.PART_OF: ("series",),
}


def _polarity(passage: Passage, number: int, cue: tuple[int, int]) -> Polarity:
    after = passage.sentences[number + 1].words if number + 1 < len(passage.sentences) else ()
    return polarity_of(passage.sentences[number].words, *cue, after)


def _cue(passage: Passage, pair: Pair, relation: Relation) -> tuple[int, int]:
    """The words of the relation's cue nearest to the object, or of the object where there is none."""
    sentence = passage.sentences[pair.anchor.sentence]
    at = sentence.places[_number(passage, pair.anchor)]
    cues = [cue for cue in sentence.cues if cue.family in _FAMILY_OF[relation]]
    if not cues:
        return at, at + 1
    cue = min(cues, key=lambda cue: (abs(cue.position - at), cue.position))
    return cue.position, cue.position + cue.length


def _number(passage: Passage, span: Span) -> int:
    return next(n for n, other in enumerate(passage.spans) if other is span)


_CLAUSE_BREAK = re.compile(r";|\s--?\s|\s?[–—]\s?|,? (?=(?:but|although|though|whereas|while) )")
LONG_SENTENCE = 160


def _quote(passage: Passage, pair: Pair, cue: tuple[int, int]) -> tuple[int, int]:
    """The sentence of the object, or the clauses of a long one that hold object and cue; with the sentence
    before it where that lists the subject."""
    number = pair.anchor.sentence
    sentence = passage.sentences[number]
    if pair.other is None and pair.subject is not pair.anchor and 0 <= pair.subject.sentence == number - 1:
        return _trimmed(passage.text, passage.sentences[number - 1].start, sentence.end)
    if sentence.end - sentence.start < LONG_SENTENCE:
        return _trimmed(passage.text, sentence.start, sentence.end)
    needed = [span for span in (pair.anchor, pair.other) if span is not None]
    first = min(sentence.offsets[cue[0]], *(span.start for span in needed))
    last = max(sentence.offsets[cue[1] - 1] + 1, *(span.end for span in needed))
    breaks = [match.span() for match in _CLAUSE_BREAK.finditer(passage.text, sentence.start, sentence.end)]
    start = max((end for _, end in breaks if end <= first), default=sentence.start)
    end = min((start for start, _ in breaks if start >= last), default=sentence.end)
    return _trimmed(passage.text, start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))


# ── discourse ───────────────────────────────────────────────────────────────────────────────

SINGLED_OUT_CONFIDENCE = 0.6
NAMESAKE_CONFIDENCE = 0.8


def _singled_out(passage: Passage, found: Sequence[Found]) -> Iterator[Found]:
    """“The great ones are homages. X in particular …”: X is of a group whose source has been named."""
    for number in range(1, len(passage.sentences)):
        subject = singled_out(passage, number)
        group = passage.sentences[number - 1]
        source = _topic(found, group.start)
        if subject is None or source is None or subject.entity == source.entity:
            continue
        start, end = _trimmed(passage.text, group.start, passage.sentences[number].end)
        for relation, polarity in _said_of_group(group):
            yield Found(
                subject, relation, source, polarity, Stance.POSITIVE, start, end, SINGLED_OUT_CONFIDENCE
            )


_FAMILY_RELATION = {families[0]: relation for relation, families in _FAMILY_OF.items()}


def _said_of_group(sentence: Sentence) -> list[tuple[Relation, Polarity]]:
    """What a sentence that names no source says of its group, each relation once."""
    said = {}
    for cue in sentence.cues:
        relation = _FAMILY_RELATION.get(cue.family)
        if relation is not None and relation.is_lineage and relation not in _NEED_A_NAME:
            said[relation] = polarity_of(sentence.words, cue.position, cue.position + cue.length)
    return list(said.items())


_NEED_A_NAME = frozenset([Relation.ADAPTED_FROM, Relation.SEQUEL_TO, Relation.PREQUEL_TO])


def _topic(found: Sequence[Found], before: int) -> Span | None:
    """The source that the claims ahead of an offset were last about."""
    ahead = [claim for claim in found if claim.end <= before and claim.relation.is_lineage]
    return max(ahead, key=lambda claim: (claim.end, claim.confidence)).object if ahead else None


_NAMED_RELATION = {
    "spin-off": Relation.SPIN_OFF_OF,
    "spinoff": Relation.SPIN_OFF_OF,
    "remake": Relation.REMAKE_OF,
    "sequel": Relation.SEQUEL_TO,
    "prequel": Relation.PREQUEL_TO,
    "reboot": Relation.REBOOT_OF,
}


def _namesakes(passage: Passage) -> Iterator[Found]:
    """ "… sharing a name with an upcoming X spin-off": another film of this title descends from X.

    The subject is a span with how "namesake", still to be resolved by whoever knows the catalogue.
    """
    for sentence in passage.sentences:
        shared = shared_name(passage, sentence)
        if shared is None:
            continue
        source, word = shared
        titled = _titled_before(passage, source)
        if titled is None or titled.entity == source.entity:
            continue
        start, end = _trimmed(passage.text, sentence.start, sentence.end)
        yield Found(
            replace(titled, how="namesake"), _NAMED_RELATION[word], source,
            Polarity.ASSERTED, Stance.NEUTRAL, start, end, NAMESAKE_CONFIDENCE,
        )  # fmt: skip


def _titled_before(passage: Passage, span: Span) -> Span | None:
    films = [
        other
        for other in passage.spans
        if other.sentence == span.sentence and other.start < span.start and other.kind is EntityKind.FILM
    ]
    return films[-1] if films else passage.reviewed


def _without_repeats(found: Iterable[Found]) -> list[Found]:
    """One of each (subject, relation, object, polarity, place), the surest; in text order."""
    best: dict[tuple[object, ...], Found] = {}
    for claim in found:
        key = (
            claim.subject.entity,
            claim.subject.how == "namesake",
            claim.relation,
            claim.object.entity,
            claim.polarity,
            claim.start,
        )
        if key not in best or claim.confidence > best[key].confidence:
            best[key] = claim
    return sorted(
        best.values(), key=lambda claim: (claim.start, claim.end, claim.object.start, claim.subject.entity)
    )
