"""Claims that run across sentences or name their subject sideways.

"The great ones are homages. X in particular …": X is of a group whose source was named before. "… sharing a
name with an upcoming X spin-off": it is another film of this title that descends from X.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from filmgraph.candidates import shared_name, singled_out
from filmgraph.findings import Found
from filmgraph.model import EntityKind, Polarity, Relation, Stance
from filmgraph.passages import Passage, Sentence, Span
from filmgraph.polarity import polarity_of
from filmgraph.quotes import trimmed

__all__ = ["FAMILY_OF", "namesakes", "said_of_one"]

FAMILY_OF: Mapping[Relation, tuple[str, ...]] = {
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


SINGLED_OUT_CONFIDENCE = 0.6
NAMESAKE_CONFIDENCE = 0.8


def said_of_one(passage: Passage, found: Sequence[Found]) -> Iterator[Found]:
    """“The great ones are homages. X in particular …”: X is of a group whose source has been named."""
    for number in range(1, len(passage.sentences)):
        subject = singled_out(passage, number)
        if subject is None:
            continue
        group = passage.sentences[number - 1]
        source = _topic(found, group.start)
        if source is None or subject.entity == source.entity:
            continue
        start, end = trimmed(passage.text, group.start, passage.sentences[number].end)
        for relation, polarity in _said_of_group(group):
            yield Found(
                subject, relation, source, polarity, Stance.POSITIVE, start, end, SINGLED_OUT_CONFIDENCE
            )


_FAMILY_RELATION = {families[0]: relation for relation, families in FAMILY_OF.items()}


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


def namesakes(passage: Passage) -> Iterator[Found]:
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
        start, end = trimmed(passage.text, sentence.start, sentence.end)
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
