"""Sentences and links → claims with their evidence.

Every pair of works that a sentence may connect (`candidates`) is weighed by what can be seen of it (`features`):
is there a claim, a comparison, a membership or nothing; and of a claim, which relation. Then what belongs
together is settled together (`joint`). Polarity comes from rules over the clause (`polarity`), stance from a
linear model (`stance`), the quote from the clauses that prove the claim (`quotes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from filmgraph.candidates import Pair, pairs
from filmgraph.discourse import FAMILY_OF, namesakes, said_of_one
from filmgraph.features import features
from filmgraph.findings import Found
from filmgraph.joint import COMPARED, LINEAGE, MEMBER, Weighed, settle
from filmgraph.model import EntityKind, Polarity, Relation, Stance
from filmgraph.passages import Passage, Sentence, Span
from filmgraph.polarity import polarity_of
from filmgraph.quotes import quote
from filmgraph.stance import Tone, stance_features
from filmgraph.weights import LinearModel, Models, load_models

__all__ = ["Found", "Models", "decide", "extract_claims", "load_models", "weigh"]

SURE = 0.6
"""The chance from which a second sentence about the same two works counts beside the surest."""
CONSTRUCTION_FACTOR = 3.0
"""How much likelier a relation is whose own construction stands around the object."""
FORMULA_CHANCE = 0.6
"""The least chance of "the X formula" said of the reviewed film, for a formula is there to be followed, and of
a construction of lineage said of films that the sentence before lists."""


def extract_claims(
    passage: Passage, models: Models, *, min_confidence: float | None = None, explain: bool = False
) -> list[Found]:
    """All claims of a passage in text order. `min_confidence` replaces the trained thresholds."""
    weighed = weigh(passage, models.decision)
    found = [*decide(passage, weighed, models, min_confidence, explain)]
    sideways = [*said_of_one(passage, found), *namesakes(passage)]
    found += [claim for claim in sideways if claim.confidence >= (min_confidence or 0.0)]
    return _without_repeats(found)


def weigh(passage: Passage, decision: LinearModel) -> list[Weighed]:
    """Every pair of the passage with its chances, lists smoothed and rival subjects settled."""
    weighed = []
    for pair in pairs(passage):
        shown = features(passage, pair)
        chances = decision.probabilities(shown)
        if _names_formula(pair, shown) or _takes_up(shown):
            chances[LINEAGE] = max(chances[LINEAGE], FORMULA_CHANCE)
        if _names_member(passage, pair):
            chances[MEMBER] = max(chances[MEMBER], FORMULA_CHANCE)
        weighed.append(Weighed(pair, shown, chances))
    return weighed


def _names_formula(pair: Pair, shown: Sequence[str]) -> bool:
    return pair.object.kind is EntityKind.INFLUENCE and "near:formula:r" in shown and pair.other is None


def _takes_up(shown: Sequence[str]) -> bool:
    return "taken up" in shown and "K only lineage:one" in shown


_MEMBER = re.compile(
    r"[\"'”’_*]{0,2} (?:[\w-]+ )?(?:films?|movies?|flick|picture|entry|adventure|outing|instal?lment|series)[,:]? "
    r"[\"'“‘_*]{0,2}(?:the )?",
    re.IGNORECASE,
)


def _names_member(passage: Passage, pair: Pair) -> bool:
    """ "The Bond film Octopussy", "the third in the series, Jaws 3-D": the series, then its film by name."""
    film, series = pair.subject, pair.object
    return (
        series.kind is EntityKind.FRANCHISE
        and film.sentence == series.sentence
        and series.end <= film.start < series.end + 40
        and _MEMBER.fullmatch(
            passage.text, series.end if series.how != "saga" else series.start - 1, film.start
        )
        is not None
    )


def decide(
    passage: Passage,
    weighed: Sequence[Weighed],
    models: Models,
    min_confidence: float | None = None,
    explain: bool = False,
) -> Iterator[Found]:
    """For each two works the likelier of lineage and comparison, and membership, where sure enough."""
    groups: dict[tuple[str, str], list[Weighed]] = {}
    for item in models.calibrated(settle(passage, weighed, models.thresholds["rival"])):
        groups.setdefault(item.pair.key, []).append(item)
    tone = Tone(passage)
    for group in groups.values():
        for item, name in _chosen(group, models.thresholds, min_confidence):
            yield _found(tone, item, name, models, explain)


def _chosen(
    group: Sequence[Weighed], thresholds: Mapping[str, float], min_confidence: float | None
) -> Iterator[tuple[Weighed, str]]:
    def best(name: str) -> tuple[Weighed, bool]:
        item = max(group, key=lambda item: item.chance(name))
        needed = thresholds[name] if min_confidence is None else min_confidence
        return item, item.chance(name) >= needed

    group = _witnesses(group)
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


NEARLY = 0.05
"""How much less sure a sentence may be that is quoted because it comes first."""


def _witnesses(group: Sequence[Weighed]) -> list[Weighed]:
    """The pairs of two works, the surest of which is the one to quote: of those nearly as sure the first with a cue."""
    surest = max(group, key=lambda item: item.chance(LINEAGE))
    most = surest.chance(LINEAGE)
    near = [item for item in group if item.chance(LINEAGE) >= most - NEARLY]
    witness = min(near, key=lambda item: ("no cue" in item.features, item.pair.anchor.start))
    told = [(witness, most), (surest, witness.chance(LINEAGE))] if witness is not surest else [(surest, most)]
    rest = [item for item in group if item is not witness and item is not surest]
    return [*(replace(item, chances={**item.chances, LINEAGE: chance}) for item, chance in told), *rest]


def _may_belong(pair: Pair) -> bool:
    """Whether a film's belonging to a series may be meant: critics name the series of other films for comparison."""
    series = pair.object.kind in (EntityKind.FRANCHISE, EntityKind.FILM)
    return series and pair.subject.kind is EntityKind.FILM and pair.subject.is_akin(pair.object)


# ── one claim ───────────────────────────────────────────────────────────────────────────────

_OF_PERSONS = frozenset(
    ["inspired_by", "imitates", "homage_to", "parodies", "references", "follows_formula_of"]
)


def _found(tone: Tone, item: Weighed, name: str, models: Models, explain: bool) -> Found:
    passage, pair = tone.passage, item.pair
    relation = _relation(item, models.relation) if name == LINEAGE else Relation(name)
    cue = _cue(passage, pair, relation)
    polarity = _polarity(passage, pair.anchor.sentence, cue, relation)
    stances = models.stance.probabilities(stance_features(tone, pair.anchor.sentence, relation, polarity))
    start, end = quote(passage, pair, cue)
    subject, object_ = _as_said(pair, relation, item.features)
    return Found(
        subject=subject,
        relation=relation,
        object=object_,
        polarity=polarity,
        stance=Stance(max(stances, key=lambda stance: stances[stance])),
        start=start,
        end=end,
        confidence=round(item.chance(name), 4),
        reasons=tuple(models.decision.reasons(item.features, name)) if explain else (),
        relation_reasons=_relation_reasons(item, relation, models.relation) if explain else (),
    )


SEEN_FIRST = 3
"""How many years a film may come after its alleged copy: critics go by what they saw first."""


def _as_said(pair: Pair, relation: Relation, shown: Sequence[str]) -> tuple[Span, Span]:
    """Subject and object as the sentence has them: the later work derives from the earlier one, unless the
    reviewed film is said to copy what came out soon after it. "It inspired …" names the later work."""
    soon = pair.subject.year is not None and pair.subject.year - (pair.object.year or 0) <= SEEN_FIRST
    copied = relation in _COPYING and pair.subject is pair.anchor and pair.other is None
    if soon and copied and "K=lineage" in shown and "S:inspire" not in shown:
        return pair.object, pair.subject
    return pair.subject, pair.object


_COPYING = (Relation.IMITATES, Relation.INSPIRED_BY, Relation.FOLLOWS_FORMULA_OF, Relation.PARODIES)


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


def _polarity(passage: Passage, number: int, cue: tuple[int, int], relation: Relation) -> Polarity:
    words = passage.sentences[number].words
    after = passage.sentences[number + 1].words if number + 1 < len(passage.sentences) else ()
    found = polarity_of(words, *cue, after)
    governing = _governing(passage.sentences[number], cue, relation)
    if found is Polarity.ASSERTED and governing != cue:
        found = polarity_of(words, *governing, after)
    if relation is Relation.ADAPTED_FROM and not words[governing[0]].startswith(_ADAPTING):
        return Polarity.ASSERTED if found is Polarity.NEGATED else found
    if relation is Relation.PART_OF and found is Polarity.NEGATED and not _DISOWNS.search(" ".join(words)):
        return Polarity.ASSERTED
    return found


_DISOWNS = re.compile(
    r"nothing (?:(?:what|at all|really|much) )?(?:\w+ )?to do with|unrelated|no relation|not (?:part|one) of"
)
"""Only these deny that a film is of a series: "it adds nothing to the series" is said of one that is."""
_APART = frozenset([",", ";", ":", "and", "but", "(", ")", "--", "-"])


def _governing(sentence: Sentence, cue: tuple[int, int], relation: Relation) -> tuple[int, int]:
    """The cue that `cue` depends on: "remake" for "version" in "no remake of the older version"."""
    for earlier in sorted(sentence.cues, key=lambda other: -other.position):
        end = earlier.position + earlier.length
        near = earlier.family in FAMILY_OF[relation] and end <= cue[0] <= end + 6
        if near and _APART.isdisjoint(sentence.words[end : cue[0]]):
            cue = earlier.position, end
    return cue


_ADAPTING = ("adapt", "based")
"""Only these deny a source when denied: "not in the book" is said of adaptations."""


def _cue(passage: Passage, pair: Pair, relation: Relation) -> tuple[int, int]:
    """The words of the relation's cue nearest to the object, or of the object where there is none."""
    sentence = passage.sentences[pair.anchor.sentence]
    at = passage.place(pair.anchor) or 0
    cues = [cue for cue in sentence.cues if cue.family in FAMILY_OF[relation]]
    if not cues:
        return at, at + 1
    cue = min(cues, key=lambda cue: (abs(cue.position - at), cue.position))
    return cue.position, cue.position + cue.length


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
