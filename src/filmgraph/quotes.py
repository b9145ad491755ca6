"""The words that prove a claim: the sentence, or the clauses of a long one that hold cue and object."""

from __future__ import annotations

import re

from filmgraph.candidates import Pair
from filmgraph.passages import Passage

__all__ = ["quote", "trimmed", "with_next"]

_CLAUSE_BREAK = re.compile(r";|\s--?\s|\s?[–—]\s?|,? (?=(?:but|although|though|whereas|while) )")
LONGEST = 320
"""Characters from which a sentence is cut to its clauses, and which two sentences may have together."""


def quote(
    passage: Passage, pair: Pair, cue: tuple[int, int], told: frozenset[int] = frozenset()
) -> tuple[int, int]:
    """The sentence of the object, or the clauses of a long one that hold object and cue; with the sentence
    before it where that lists the subject, or with the one before or after it where that is among `told`, the
    sentences about the same two works, by number."""
    number = pair.anchor.sentence
    sentences = passage.sentences
    sentence = sentences[number]
    if pair.other is None and pair.subject is not pair.anchor and 0 <= pair.subject.sentence == number - 1:
        return trimmed(passage.text, sentences[number - 1].start, sentence.end)
    if sentence.end - sentence.start >= LONGEST:
        return _clauses(passage, pair, cue)
    for first, last in ((number - 1, number), (number, number + 1)):
        together = first in told and last in told
        if together and sentences[last].end - sentences[first].start <= LONGEST:
            return trimmed(passage.text, sentences[first].start, sentences[last].end)
    return trimmed(passage.text, sentence.start, sentence.end)


def _clauses(passage: Passage, pair: Pair, cue: tuple[int, int]) -> tuple[int, int]:
    sentence = passage.sentences[pair.anchor.sentence]
    needed = [span for span in (pair.anchor, pair.other) if span is not None]
    first = min(sentence.offsets[cue[0]], *(span.start for span in needed))
    last = max(sentence.offsets[cue[1] - 1] + 1, *(span.end for span in needed))
    breaks = [match.span() for match in _CLAUSE_BREAK.finditer(passage.text, sentence.start, sentence.end)]
    start = max((end for _, end in breaks if end <= first), default=sentence.start)
    end = min((start for start, _ in breaks if start >= last), default=sentence.end)
    return trimmed(passage.text, start, end)


def with_next(passage: Passage, number: int, start: int, end: int) -> int:
    """Where a quote from a sentence ends with the one after it, which takes the claim back: "A rip-off of Jaws?
    Hardly." A lone word ("What?") takes the one after it along."""
    following = passage.sentences[number + 1 : number + 3]
    if following and len(following[0].words) > 2:
        following = following[:1]
    longest = [later.end for later in following if later.end - start <= LONGEST]
    return trimmed(passage.text, start, longest[-1])[1] if longest else end


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))
