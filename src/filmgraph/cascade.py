"""Two readers in a row: the rules read everything, a language model only what the rules are unsure of.

Unsure is a sentence in which a pair of works is neither clearly a claim nor clearly none, whose relation is open,
or which has the words of a lineage but no pair for them. Each is shown with the sentence before it, which often
names what "it" is. Where the model has read, the rules' unsure claims stand only if it says the same of the two
works; both readings are then evidence. What it could not be asked stays as the rules had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from filmgraph.claims import weigh
from filmgraph.extractor import Extraction, LinkedText, Rules
from filmgraph.findings import Found
from filmgraph.joint import COMPARED, LINEAGE, MEMBER, Weighed
from filmgraph.language_model import Excerpt, LanguageModel, excerpt_of
from filmgraph.passages import Passage

__all__ = ["Cascade", "unsure_sentences"]

UNSURE = (0.15, 0.9)
"""Chances between these are unsure: a claim above, none below."""
OPEN_RELATION = 0.5
"""A relation whose chance is lower is open."""
UNSURE_LINK = 0.6
TELLING_CUES = frozenset(
    ["copy", "steal", "homage", "spoof", "remake", "reboot", "sequel", "prequel", "spinoff"]
)
"""Words that speak of lineage more often than not, even where no works were found for them."""


class Cascade:
    """Reads with `rules` first and asks `model` about the rest."""

    def __init__(self, rules: Rules, model: LanguageModel) -> None:
        self._rules = rules
        self._model = model

    @property
    def version(self) -> str:
        return f"{self._rules.version} then {self._model.version}"

    def extract(self, texts: Sequence[LinkedText], *, explain: bool = False) -> list[list[Extraction]]:
        first = [extractions[0] for extractions in self._rules.extract(texts, explain=explain)]
        asked = [list(_excerpts(text, self._rules)) for text in texts]
        answers = self._model.read([excerpt for excerpts in asked for excerpt in excerpts])
        return [
            list(self._settled(own, {excerpt: answers[excerpt] for excerpt in excerpts}))
            for own, excerpts in zip(first, asked, strict=True)
        ]

    def _settled(
        self, own: Extraction, answers: Mapping[Excerpt, tuple[Found, ...] | None]
    ) -> Iterator[Extraction]:
        kept = [found for found in own.found if _stands(found, answers)]
        yield Extraction(own.by, tuple(kept))
        if answers:
            complete = all(answer is not None for answer in answers.values())
            told = tuple(found for answer in answers.values() for found in answer or ())
            yield Extraction(self._model.provenance, told, complete)


def _stands(found: Found, answers: Mapping[Excerpt, tuple[Found, ...] | None]) -> bool:
    """Whether a claim of the rules is kept: it is sure, the model was not asked about it, or says it too."""
    if found.confidence >= UNSURE[1]:
        return True
    for excerpt, told in answers.items():
        if told is not None and excerpt.start <= found.start and found.end <= excerpt.end:
            return any(_same(found, other) for other in told)
    return True


def _same(a: Found, b: Found) -> bool:
    return (a.subject.entity, a.relation, a.object.entity, a.polarity) == (
        b.subject.entity, b.relation, b.object.entity, b.polarity,
    )  # fmt: skip


def _excerpts(text: LinkedText, rules: Rules) -> Iterator[Excerpt]:
    """The unsure sentences with the one before each; what touches is one excerpt."""
    sentences = text.passage.sentences
    numbers = unsure_sentences(text.passage, rules)
    wanted = sorted({near for number in numbers for near in (number - 1, number) if near >= 0})
    for _, run in groupby(enumerate(wanted), key=lambda item: item[1] - item[0]):
        members = [number for _, number in run]
        yield excerpt_of(text, sentences[members[0]].start, sentences[members[-1]].end)


def unsure_sentences(passage: Passage, rules: Rules) -> list[int]:
    """The numbers of the sentences of which the rules are unsure, in order."""
    weighed = weigh(passage, rules.models.decision, rules.models.encoder)
    found = {item.pair.anchor.sentence for item in weighed if _is_unsure(item, rules)}
    return sorted(found | set(_without_pair(passage, weighed)))


def _is_unsure(item: Weighed, rules: Rules) -> bool:
    low, high = UNSURE
    if any(low <= item.chance(name) < high for name in (LINEAGE, COMPARED, MEMBER)):
        return True
    if item.chance(LINEAGE) < high:
        return False
    relations = rules.models.relation.probabilities(item.features)
    return max(relations.values()) < OPEN_RELATION or item.pair.anchor.score < UNSURE_LINK


def _without_pair(passage: Passage, weighed: Iterable[Weighed]) -> Iterator[int]:
    """Sentences with the words of a lineage and no works to go with them."""
    paired = {item.pair.anchor.sentence for item in weighed}
    for number, sentence in enumerate(passage.sentences):
        if number not in paired and sentence.families & TELLING_CUES:
            yield number
