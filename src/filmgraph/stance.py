"""How the critic feels about a relation: what a linear model looks at.

Each word leans to praise or to scorn as far as it tells good ratings from bad ones in rated reviews
(`training/sentiment.py`). The lean of the sentence, of its neighbours and of the whole review say most; so does
the register, for who writes of titles in italics and not of himself tells of a source without praise or scorn.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from itertools import repeat

from filmgraph.model import Polarity, Relation
from filmgraph.passages import Passage, Sentence
from filmgraph.settings import data_dir

__all__ = ["LEANINGS", "Tone", "leaning", "stance_features"]

LEANINGS = "sentiment.json.gz"


@cache
def _leanings() -> Mapping[str, float]:
    record = json.loads(gzip.decompress((data_dir() / LEANINGS).read_bytes()))
    return {word: weight / 1000 for word, weight in record["words"].items()}


def leaning(sentence: Sentence) -> float:
    """How far a sentence leans to praise (above 0) or to scorn (below), about ±1."""
    known = _leanings()
    return sum(map(known.get, sentence.words, repeat(0.0)))


def _together(words: Iterable[str]) -> float:
    """How far words lean in sum, whatever their order: a set's is another in each process."""
    known = _leanings()
    return math.fsum(known.get(word, 0.0) for word in words)


class Tone:
    """How a review leans and how it is written: one for all that is claimed in it, worked out at the first claim."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage

    @cached_property
    def leanings(self) -> list[float]:
        """How far each sentence leans."""
        return [leaning(sentence) for sentence in self.passage.sentences]

    @cached_property
    def whole(self) -> float:
        """How far all words lean, each taken once."""
        return _together(
            {word for sentence in self.passage.sentences for word in sentence.words if word.isalpha()}
        )

    @cached_property
    def register(self) -> tuple[int, float, float]:
        """How many titles are in italics; how often the critic speaks of himself and exclaims, by length."""
        text = self.passage.text
        length = 0.3 + len(text) / 1000
        return (
            len(_SET_APART.findall(text)),
            len(_OF_ONESELF.findall(text)) / length,
            text.count("!") / length,
        )


def stance_features(tone: Tone, number: int, relation: Relation, polarity: Polarity) -> list[str]:
    """What tells how the critic feels: relation, polarity, words of sentence `number` and of the review."""
    sentence, leanings, whole = tone.passage.sentences[number], tone.leanings, tone.whole
    here = leanings[number]
    near = here + sum(leanings[max(0, number - 1) : number + 2]) / 2
    found = [f"relation={relation}", f"polarity={polarity}"]
    found += [f"here={_step(here, 0.15)}", f"near={_step(near, 0.25)}", f"here={_sign(here)}:{relation}"]
    found += [
        f"review={_step(whole, 0.4)}",
        f"review={_sign(whole)}:{relation}",
        f"review={_sign(whole)}:{polarity}",
    ]
    found += [f"end={_step(sum(leanings[-3:]), 0.3)}", f"strength={min(4, int(abs(here) * 5))}"]
    found += _register(tone, relation)
    found += [f"cue={family}" for family in sorted(sentence.families & _FEELING)]
    return found + [f"w:{word}" for word in dict.fromkeys(sentence.words) if not word.startswith("@")]


_SET_APART = re.compile(r"(?<!\w)[_*][^_*\n]{2,60}[_*]")
_OF_ONESELF = re.compile(r"\b(?:I|I['’]m|I['’]ve|me|my)\b")


def _register(tone: Tone, relation: Relation) -> list[str]:
    titles, oneself, exclaims = tone.register
    found = [f"italics={min(2, titles)}", f"italics={titles > 0}:{relation}"]
    found += [f"oneself={min(3, int(oneself / 2))}", f"oneself={oneself > 2}:{relation}"]
    return [*found, f"exclaims={min(3, math.ceil(exclaims))}"]


_FEELING = frozenset(["scorn", "praise", "copy", "steal", "homage"])


def _step(value: float, width: float, most: int = 6) -> int:
    return max(-most, min(most, round(value / width)))


def _sign(value: float) -> str:
    return "+" if value > 0.05 else "-" if value < -0.05 else "0"
