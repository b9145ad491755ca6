"""Sentences and links → claims with their evidence.

Every pair of works that a sentence may connect (`candidates`) is weighed by what can be seen of it (`features`):
is there a claim, a comparison, a membership or nothing; and of a claim, which relation. A sentence in which
there may be one is read again as a whole (`encoder`), and both readings count. Then what belongs together is
settled together (`joint`). Polarity comes from rules over the clause (`signs`, `polarity`), stance from a linear model
(`stance`) and the second reading, the quote from the clauses that prove the claim (`quotes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import log

from filmgraph.candidates import Pair, pairs
from filmgraph.cues import LINEAGE_FAMILIES
from filmgraph.discourse import namesakes, said_of_one
from filmgraph.encoder import Encoder
from filmgraph.features import features
from filmgraph.findings import Found
from filmgraph.joint import COMPARED, LINEAGE, MEMBER, Weighed, settle
from filmgraph.model import EntityKind, Relation, Stance
from filmgraph.passages import DESCRIBED, Passage, Span
from filmgraph.quotes import quote, with_next
from filmgraph.signs import cue_of, has_word, sign_of
from filmgraph.stance import Tone, stance_features
from filmgraph.subjects import copies_reviewed
from filmgraph.weights import LinearModel, Models, load_models

__all__ = [
    "Found", "Models", "decide", "extract_all_claims", "extract_claims", "load_models", "pooled", "to_reread",
    "weigh",
]  # fmt: skip

REREAD_FROM = {LINEAGE: 0.25, COMPARED: 0.4, MEMBER: 0.3}
"""The least chance of a class for which a sentence is read again."""
SURE = 0.6
"""The chance from which a second sentence about the same two works counts beside the surest."""
ALSO_COMPARED = 0.3
"""The chance from which a work is compared with what it descends from: "a remake of Psycho … less tense"."""
ALSO_TOLD = 0.45
"""The chance from which a sentence is quoted with the one beside it about the same two works."""
CONSTRUCTION_FACTOR = 3.0
"""How much likelier a relation is whose own construction stands around the object."""
FORMULA_CHANCE = 0.6
"""The least chance of "the X formula" said of the reviewed film, for a formula is there to be followed, of "X clones"
and of a construction of lineage said of films that the sentence before lists."""


def extract_claims(
    passage: Passage, models: Models, *, min_confidence: float | None = None, explain: bool = False
) -> list[Found]:
    """All claims of a passage in text order. `min_confidence` replaces the trained thresholds."""
    return extract_all_claims([passage], models, min_confidence=min_confidence, explain=explain)[0]


def extract_all_claims(
    passages: Sequence[Passage],
    models: Models,
    *,
    min_confidence: float | None = None,
    explain: bool = False,
) -> list[list[Found]]:
    """`extract_claims` over many passages, which takes less time than one by one."""
    extracted = []
    for passage, weighed in zip(passages, _weigh_all(passages, models.decision, models.encoder), strict=True):
        found = decide(passage, weighed, models, min_confidence, explain)
        sideways = [*said_of_one(passage, found), *namesakes(passage)]
        found += [claim for claim in sideways if claim.confidence >= (min_confidence or 0.0)]
        extracted.append(_without_repeats(found))
    return extracted


def weigh(passage: Passage, decision: LinearModel, encoder: Encoder | None = None) -> list[Weighed]:
    """Every pair of the passage with its chances, of two readings where there is an encoder."""
    return _weigh_all([passage], decision, encoder)[0]


def _weigh_all(
    passages: Sequence[Passage], decision: LinearModel, encoder: Encoder | None = None
) -> list[list[Weighed]]:
    """`weigh` over many passages, one step for all of them after the other: the network's weights fill a processor's
    cache, and what the other steps work with would have to come back after each sentence."""
    seen = [[(pair, features(passage, pair)) for pair in pairs(passage)] for passage in passages]
    weighed = [
        [Weighed(pair, shown, decision.probabilities(shown)) for pair, shown in items] for items in seen
    ]
    if encoder is not None:
        weighed = [
            _read_again(passage, items, encoder) for passage, items in zip(passages, weighed, strict=True)
        ]
    return [
        [_adjusted(passage, item) for item in items] for passage, items in zip(passages, weighed, strict=True)
    ]


def _read_again(passage: Passage, weighed: Sequence[Weighed], encoder: Encoder) -> list[Weighed]:
    """The pairs, those of sentences worth it with the encoder's opinion and the chances of both readings."""
    read: dict[int, Weighed] = {}
    for number, items in to_reread(weighed).items():
        opinions = encoder.read(passage, number, [item.pair for item in items])
        for item, opinion in zip(items, opinions, strict=True):
            chances = pooled(item.chances, opinion.classes)
            read[id(item)] = replace(item, chances=chances, opinion=opinion)
    return [read.get(id(item), item) for item in weighed]


def to_reread(weighed: Iterable[Weighed]) -> dict[int, list[Weighed]]:
    """The sentences in which something may be said of a pair, by number, each with all its pairs."""
    sentences: dict[int, list[Weighed]] = {}
    for item in weighed:
        sentences.setdefault(item.pair.anchor.sentence, []).append(item)
    return {
        number: items
        for number, items in sentences.items()
        if any(item.chance(name) > least for item in items for name, least in REREAD_FROM.items())
    }


FAINTEST = 1e-4
FEELING = 0.7
"""What the second reading counts in the stance: of feeling it tells more than words by themselves."""


def pooled(first: Mapping[str, float], second: Mapping[str, float], share: float = 0.5) -> dict[str, float]:
    """The chances of two readings as one: a logarithmic opinion pool (Genest and Zidek 1986), in which the second has
    `share` of the weight.

    >>> {name: round(chance, 2) for name, chance in pooled({"a": 0.9, "b": 0.1}, {"a": 0.5, "b": 0.5}).items()}
    {'a': 0.75, 'b': 0.25}
    """
    products = {
        name: max(chance, FAINTEST) ** (1 - share) * max(second.get(name, 0.0), FAINTEST) ** share
        for name, chance in first.items()
    }
    whole = sum(products.values())
    return {name: product / whole for name, product in products.items()}


def _adjusted(passage: Passage, item: Weighed) -> Weighed:
    """The pair, its chances raised where a construction speaks by itself, and none where "copy" means a disc."""
    raised = {}
    pair, shown = item.pair, item.features
    if _is_disc(passage, pair):
        raised[LINEAGE] = 0.0
    elif (
        _names_formula(pair, shown)
        or _takes_up(shown)
        or _names_imitators(passage, pair)
        or copies_reviewed(passage, pair)
    ):
        raised[LINEAGE] = max(item.chance(LINEAGE), FORMULA_CHANCE)
    if _names_member(passage, pair):
        raised[MEMBER] = max(item.chance(MEMBER), FORMULA_CHANCE)
    return replace(item, chances={**item.chances, **raised}) if raised else item


def _names_formula(pair: Pair, shown: Sequence[str]) -> bool:
    return pair.object.kind is EntityKind.INFLUENCE and "near:formula:r" in shown and pair.other is None


_IMITATORS = re.compile(
    r"[\"'”’_*]{0,2}[ -]"
    r"(?:clones|rip-?offs|knock-?offs|imitators|imitations|homages|wannabes|copycats|copies|pastiches)\b",
    re.IGNORECASE,
)


def _names_imitators(passage: Passage, pair: Pair) -> bool:
    """ "There are too many Jaws rip-offs": said where the reviewed film is one (eight times in ten)."""
    whose = passage.reviewed is not None and pair.subject is passage.reviewed and pair.other is None
    return whose and _IMITATORS.match(passage.text, pair.object.end) is not None


_DISC = re.compile(
    r"\b(?:buy|bought|rent(?:ed)?|f[io]u?nd|got|get|getting|grab(?:bed)?|pick(?:ed)? up|track(?:ed)? down|purchased?"
    r"|order(?:ed)?|own(?:ed)?|ha[sd]|have|contain(?:s|ed)?|include[sd]?|watch(?:ed)?|saw|seen"
    r"|(?:vhs|dvd|bootleg|cherished|worn) )"
    r"(?: (?!of\b)[\w-]+){0,4} ?\bcop(?:y|ies) of (?:the )?[\"'“‘_*]*$",
    re.IGNORECASE,
)


def _is_disc(passage: Passage, pair: Pair) -> bool:
    """ "I bought a copy of Jaws": a thing to be watched, where no other word speaks of lineage."""
    sentence = passage.sentences[pair.anchor.sentence]
    if "copy" not in sentence.families or not sentence.families.isdisjoint(_OF_LINEAGE):
        return False
    low = max(sentence.start, pair.anchor.start - 60)
    return _DISC.search(passage.text, low, pair.anchor.start) is not None


_OF_LINEAGE = frozenset(LINEAGE_FAMILIES) - {"copy"}


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
) -> list[Found]:
    """For each two works the likelier of lineage and comparison, and membership, where sure enough."""
    found = list(_decided(passage, weighed, models, min_confidence, explain))
    named: dict[tuple[str, Relation], set[str]] = {}
    for claim in found:
        if claim.object.how not in DESCRIBED:
            named.setdefault((claim.subject.entity, claim.relation), set()).add(claim.object.entity)
    return [claim for claim in found if not _is_guess(claim, named)]


def _is_guess(claim: Found, named: Mapping[tuple[str, Relation], set[str]]) -> bool:
    """Whether a work that is only described ("the original") was guessed, where the review says by name what the
    film is a remake of: of such claims one in fourteen is right as well."""
    told = named.get((claim.subject.entity, claim.relation), {claim.object.entity})
    return claim.relation.is_lineage and claim.object.how in DESCRIBED and claim.object.entity not in told


def _decided(
    passage: Passage, weighed: Sequence[Weighed], models: Models, min_confidence: float | None, explain: bool
) -> Iterator[Found]:
    groups: dict[tuple[str, str], list[Weighed]] = {}
    for item in models.calibrated(settle(passage, weighed, models.thresholds["rival"])):
        groups.setdefault(item.pair.key, []).append(item)
    tone = Tone(passage)
    for group in groups.values():
        told = frozenset(item.pair.anchor.sentence for item in group if item.chance(LINEAGE) >= ALSO_TOLD)
        for item, relation in _chosen(passage, group, models, min_confidence):
            yield _found(tone, item, relation, told, models, explain)


def _chosen(
    passage: Passage, group: Sequence[Weighed], models: Models, min_confidence: float | None
) -> Iterator[tuple[Weighed, Relation]]:
    def best(name: str) -> tuple[Weighed, bool]:
        item = max(group, key=lambda item: item.chance(name))
        needed = models.thresholds[name] if min_confidence is None else min_confidence
        return item, item.chance(name) >= needed

    lineage, is_lineage = best(LINEAGE)
    compared, is_compared = best(COMPARED)
    member, is_member = best(MEMBER)
    if is_lineage:
        yield from _lineages(passage, group, min(SURE, lineage.chance(LINEAGE)), models.relation)
        beside = [item for item in group if item is not lineage]
        compared = max(beside, key=lambda item: item.chance(COMPARED), default=lineage)
        is_compared = compared is not lineage and compared.chance(COMPARED) >= max(
            ALSO_COMPARED, min_confidence or 0.0
        )
    if is_compared:
        yield compared, Relation.RESEMBLES
    if is_member and _may_belong(member):
        yield member, Relation.PART_OF


def _lineages(
    passage: Passage, group: Sequence[Weighed], least: float, model: LinearModel
) -> Iterator[tuple[Weighed, Relation]]:
    """What is said of two works, each relation in all its sentences of a chance of `least`; the best quote of a
    relation is as sure as its surest."""
    told: dict[Relation, list[Weighed]] = {}
    for item in group:
        if item.chance(LINEAGE) >= least - LESS_SURE:
            told.setdefault(_relation(item, model), []).append(item)
    for relation, items in told.items():
        most = max(item.chance(LINEAGE) for item in items)
        quoted = max(items, key=lambda item: _as_quote(passage, item, relation))
        if most >= least:
            yield replace(quoted, chances={**quoted.chances, LINEAGE: most}), relation
            for item in items:
                if item is not quoted and item.chance(LINEAGE) >= least:
                    chance = min(item.chance(LINEAGE), most - TIE)
                    yield replace(item, chances={**item.chances, LINEAGE: chance}), relation


LESS_SURE = 0.3
"""How much less sure than asked for a sentence may be that is quoted for a claim which others make sure."""
HAS_WORD = 0.4
"""What a word of the relation ("remake") is worth in a sentence that is quoted, in chance."""
HAS_CONSTRUCTION = 0.2
"""What a construction of the relation ("remake of …") is worth."""
COMES_FIRST = 0.4
"""What it is worth that a sentence opens the review and is not in its second half."""
LONG_REVIEW = 2000
"""Characters of a review, after which it no longer matters where a sentence stands."""
TIE = 0.001


def _as_quote(passage: Passage, item: Weighed, relation: Relation) -> float:
    """How well a sentence proves a claim: annotators quote the first that says so in as many words."""
    late = min(item.pair.anchor.start / LONG_REVIEW, 1.0)
    says_it = has_word(passage.sentences[item.pair.anchor.sentence], relation)
    has_construction = f"K:{relation.value}" in item.features
    return (
        item.chance(LINEAGE) + HAS_WORD * says_it + HAS_CONSTRUCTION * has_construction - COMES_FIRST * late
    )


def _says_so(item: Weighed) -> bool:
    return "K=lineage" in item.features


def _may_belong(item: Weighed) -> bool:
    """Whether a film's belonging to a series may be meant: critics name the series of other films for comparison,
    and "Chucky" alone is but its hero."""
    film, series = item.pair.subject, item.pair.object
    named = item.pair.other is None and series.how in ("name", "series")
    if named and {"S:series", "S:sequel", "K=part_of"}.isdisjoint(item.features):
        return False
    kinds = series.kind in (EntityKind.FRANCHISE, EntityKind.FILM)
    return kinds and film.kind is EntityKind.FILM and film.is_akin(series)


# ── one claim ───────────────────────────────────────────────────────────────────────────────

_OF_PERSONS = frozenset(
    ["inspired_by", "imitates", "homage_to", "parodies", "references", "follows_formula_of"]
)


def _found(
    tone: Tone, item: Weighed, relation: Relation, told: frozenset[int], models: Models, explain: bool
) -> Found:
    passage, pair = tone.passage, item.pair
    name = LINEAGE if relation.is_lineage else relation.value
    cue = cue_of(passage, pair, relation)
    polarity, is_taken_back = sign_of(passage, pair.anchor.sentence, cue, relation)
    stances = models.stance.probabilities(stance_features(tone, pair.anchor.sentence, relation, polarity))
    if item.opinion:
        stances = pooled(stances, item.opinion.stances, FEELING)
    start, end = quote(passage, pair, cue, told if name == LINEAGE and not _says_so(item) else frozenset())
    if is_taken_back:
        end = with_next(passage, pair.anchor.sentence, start, end)
    subject, object_ = _as_said(passage, pair, relation, item.features)
    return Found(
        subject=subject,
        relation=relation,
        object=object_,
        polarity=polarity,
        stance=Stance(max(stances, key=lambda stance: stances[stance])),
        start=start,
        end=end,
        confidence=round(item.chance(name), 4),
        reasons=tuple(_reasons(item, name, models.decision)) if explain else (),
        relation_reasons=_relation_reasons(item, relation, models.relation) if explain else (),
    )


SEEN_FIRST = 3
"""How many years a film may come after its alleged copy: critics go by what they saw first."""


def _as_said(passage: Passage, pair: Pair, relation: Relation, shown: Sequence[str]) -> tuple[Span, Span]:
    """Subject and object as the sentence has them: the later work derives from the earlier one, unless the
    reviewed film is said to copy what came out soon after it. "It inspired …" and "it preceded …" name the later
    work."""
    if relation is Relation.SEQUEL_TO and _precedes(passage, pair):
        return pair.object, pair.subject
    soon = pair.subject.year is not None and pair.subject.year - (pair.object.year or 0) <= SEEN_FIRST
    copied = relation in _COPYING and pair.subject is pair.anchor and pair.other is None
    if soon and copied and "K=lineage" in shown and "S:inspire" not in shown:
        return pair.object, pair.subject
    return pair.subject, pair.object


def _precedes(passage: Passage, pair: Pair) -> bool:
    """ "It preceded Jaws 2", said of the reviewed film."""
    before, start = pair.subject is not pair.anchor and pair.other is None, pair.object.start
    return (
        before
        and pair.object.kind is EntityKind.FILM
        and _PRECEDES.search(passage.text, max(0, start - 30), start) is not None
    )


_PRECEDES = re.compile(r"\b(?:preced(?:ed|es|ing)|followed by|spawned) (?:the )?[\"'“‘_*]*$", re.IGNORECASE)
_COPYING = (Relation.IMITATES, Relation.INSPIRED_BY, Relation.FOLLOWS_FORMULA_OF, Relation.PARODIES)


def _relation(item: Weighed, model: LinearModel) -> Relation:
    shown = frozenset(item.features)
    chances = model.probabilities(item.features)
    if item.opinion:
        chances = pooled(chances, item.opinion.relations)
    chances = {
        name: chance * (CONSTRUCTION_FACTOR if f"K:{name}" in shown else 1.0)
        for name, chance in chances.items()
    }
    if item.pair.object.kind in (EntityKind.PERSON, EntityKind.INFLUENCE):
        chances = {name: chance for name, chance in chances.items() if name in _OF_PERSONS}
    elif item.pair.object.kind is not EntityKind.WORK:
        chances = {name: chance for name, chance in chances.items() if name != Relation.ADAPTED_FROM}
    return Relation(max(chances, key=lambda name: chances[name]))


def _reasons(item: Weighed, name: str, model: LinearModel) -> list[tuple[str, float]]:
    """What spoke for and against the claim, the second reading by what it does to the odds."""
    reasons = model.reasons(item.features, name)
    if item.opinion is None:
        return reasons
    first = model.probabilities(item.features)
    both = pooled(first, item.opinion.classes)
    moved = ("second reading", round(log(_odds(both[name]) / _odds(first[name])), 3))
    return sorted([*reasons, moved], key=lambda reason: (-abs(reason[1]), reason[0]))


def _odds(chance: float) -> float:
    return max(chance, FAINTEST) / max(1 - chance, FAINTEST)


def _relation_reasons(item: Weighed, relation: Relation, model: LinearModel) -> tuple[tuple[str, float], ...]:
    known = relation.is_lineage and relation in model.classes
    return tuple(model.reasons(item.features, relation)) if known else ()


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
