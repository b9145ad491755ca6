"""The words that hold a claim, and what they make of it: asserted, hedged or denied.

`polarity` tells what a clause does to a cue. Which cue, of several in a sentence, a claim hangs on, and what of a
sentence speaks of the claim at all, is found out here: "not as fresh as the original" denies no descent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from filmgraph.candidates import Pair
from filmgraph.discourse import FAMILY_OF
from filmgraph.model import Family, Polarity, Relation
from filmgraph.passages import Passage, Sentence
from filmgraph.polarity import polarity_of

__all__ = ["cue_of", "has_word", "sign_of"]


def cue_of(passage: Passage, pair: Pair, relation: Relation) -> tuple[int, int]:
    """The words of the relation's cue nearest to the object, or of the object where there is none."""
    sentence = passage.sentences[pair.anchor.sentence]
    at = passage.place(pair.anchor) or 0
    cues = [cue for cue in sentence.cues if cue.family in FAMILY_OF[relation]]
    if not cues:
        return at, at + 1
    cue = min(cues, key=lambda cue: (abs(cue.position - at), cue.position))
    return cue.position, cue.position + cue.length


def has_word(sentence: Sentence, relation: Relation) -> bool:
    """Whether a word of a sentence says that a relation holds; "book" only names what it may hold of."""
    if relation is Relation.ADAPTED_FROM:
        return any(word.startswith(_ADAPTING) for word in sentence.words)
    return not sentence.families.isdisjoint(FAMILY_OF[relation])


def sign_of(passage: Passage, number: int, cue: tuple[int, int], relation: Relation) -> tuple[Polarity, bool]:
    """The polarity of a claim, and whether it is denied by what follows its sentence."""
    sentence = passage.sentences[number]
    after = [word for next_ in passage.sentences[number + 1 : number + 3] for word in next_.words]
    governing = _governing(sentence, cue, relation)
    polarity = _polarity_at(sentence.words, cue, governing, after, relation)
    if polarity is not Polarity.NEGATED:
        return polarity, False
    return polarity, _polarity_at(sentence.words, cue, governing, (), relation) is not polarity


def _polarity_at(
    words: Sequence[str],
    cue: tuple[int, int],
    governing: tuple[int, int],
    after: Sequence[str],
    relation: Relation,
) -> Polarity:
    found = polarity_of(words, *cue, after)
    if found is not Polarity.NEGATED and governing != cue:
        governed = polarity_of(words, *governing, after)
        found = found if governed is Polarity.ASSERTED else governed
    if relation.family is Family.DERIVATION and not _says_derived(words[governing[0]], relation):
        ahead = words[max(0, cue[0] - 8) : cue[0]] if relation is Relation.ADAPTED_FROM else words
        return Polarity.NEGATED if _DISOWNS.search(" ".join(ahead)) else Polarity.ASSERTED
    if relation is Relation.PART_OF and found is Polarity.NEGATED and not _DISOWNS.search(" ".join(words)):
        return Polarity.ASSERTED
    return found


_DISOWNS = re.compile(
    r"(?:nothing|all) (?:(?:what|at all|really|much) )?(?:\w+ )?to (?:do|see) with"
    r"(?! (?:this |the )?(?:film|movie|plot)\b(?! of))"
    r"|unrelated|(?:no|little) (?:relation|connection|relationship)\b|do not connect"
    r"|(?:not|isn't) (?:part of|one of (?:\S+ ){1,3}(?:series|saga|franchise|films|movies|sequels|trilogy)\b)"
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


def _says_derived(word: str, relation: Relation) -> bool:
    """Whether a word says that a film derives from another, so that to deny or doubt it is to deny or doubt that:
    "not in the book", "not as fresh as the original" are said of adaptations and sequels."""
    return word.startswith(_ADAPTING) if relation is Relation.ADAPTED_FROM else not word.startswith("@")


_ADAPTING = ("adapt", "based")
