"""A second reading: a small transformer for the sentences in which linear models see a chance of a claim.

A linear model weighs words and constructions one by one; how a sentence hangs together escapes it. The encoder
reads a sentence and the one before it as a whole. Each mention is one token that tells what it means in this
review (`KINDS`), all other words are word pieces; from the states of the two tokens of a pair come the chances
of its class, its relation and its stance.

The encoder is a BERT (Devlin et al. 2019, arXiv:1810.04805) of three layers, trained by `training/encoder.py`, with
weights of eight bits. It reads one sentence at a time, so that no sentence is read
differently for the company it is in.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from filmgraph.candidates import Pair, later
from filmgraph.errors import FilmgraphError
from filmgraph.model import EntityKind
from filmgraph.passages import Passage, Span
from filmgraph.settings import data_dir
from filmgraph.text import Remembered

__all__ = [
    "CLASSES",
    "KINDS",
    "RELATIONS",
    "STANCES",
    "Encoder",
    "Opinion",
    "Pieces",
    "Question",
    "load_encoder",
    "question",
]

ENCODER = "encoder.onnx"
CLASSES = ("lineage", "part_of", "none", "resembles")
RELATIONS = (
    "inspired_by", "follows_formula_of", "imitates", "homage_to", "parodies", "references",
    "spiritual_successor_to", "remake_of", "reboot_of", "sequel_to", "prequel_to", "spin_off_of", "adapted_from",
)  # fmt: skip
STANCES = ("positive", "negative", "neutral")
KINDS = (
    "[reviewed]", "[earlier]", "[later]", "[film]", "[akin earlier]", "[akin later]", "[akin]",
    "[person]", "[maker]", "[work]", "[series]", "[own series]", "[influence]",
)  # fmt: skip
"""What a mention means in its review, a token each: films by when they came out beside the reviewed film, and
whether they are of its series."""
LONGEST = 90
"""How many tokens of a sentence are read."""
LONGEST_BEFORE = 32
"""How many tokens of the sentence before it are, the last ones."""
REVIEWED = 1
"""The place of the token that stands for the reviewed film, and for every end that is not named nearby."""


@dataclass(frozen=True, slots=True)
class Question:
    """A sentence as tokens, and its pairs: places of subject and object, and their traits (`Encoder`)."""

    tokens: Sequence[int]
    subjects: Sequence[int]
    objects: Sequence[int]
    traits: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the encoder holds of a pair: its chances by class, relation and stance, each adding up to 1."""

    classes: Mapping[str, float]
    relations: Mapping[str, float]
    stances: Mapping[str, float]


class Encoder:
    """The trained network. FilmgraphError when the file is missing or cannot be read.

    Sent to another process, it is read there from its file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # hardly two sentences are of the same shape
        try:
            self._session = onnxruntime.InferenceSession(
                file.read_bytes(),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=["SkipLayerNormFusion"],  # its parts take less time by themselves
            )
        except FileNotFoundError:
            raise FilmgraphError(
                f"{file}: there is no trained encoder; `make train-encoder` writes it"
            ) from None
        pieces = self._session.get_modelmeta().custom_metadata_map["pieces"].split("\n")
        self._pieces = Pieces({piece: number for number, piece in enumerate(pieces)})

    def __reduce__(self) -> tuple[type[Encoder], tuple[Path]]:
        return Encoder, (self._file,)

    def read(self, passage: Passage, number: int, pairs: Sequence[Pair]) -> list[Opinion]:
        """What is held of each of the pairs that sentence `number` anchors, in order."""
        asked = question(passage, number, pairs, self._pieces)
        found = self._session.run(
            ["classes", "relations", "stances"],
            {
                "tokens": np.array(asked.tokens, dtype=np.int64),
                "subjects": np.array(asked.subjects, dtype=np.int64),
                "objects": np.array(asked.objects, dtype=np.int64),
                "traits": np.array(asked.traits, dtype=np.int64),
            },
        )
        return [
            Opinion(_named(CLASSES, classes), _named(RELATIONS, relations), _named(STANCES, stances))
            for classes, relations, stances in zip(*found, strict=True)
        ]


def _named(names: Sequence[str], chances: npt.NDArray[np.float32]) -> dict[str, float]:
    return {name: round(chance, 3) for name, chance in zip(names, chances.tolist(), strict=True)}


@cache
def load_encoder(path: Path | None = None) -> Encoder:
    """The encoder of the package, or of a file written by training."""
    return Encoder(path or data_dir() / ENCODER)


# ── a sentence as tokens ────────────────────────────────────────────────────────────────────


def question(passage: Passage, number: int, pairs: Sequence[Pair], pieces: Pieces) -> Question:
    """Sentence `number` with the one before it as tokens, and where the ends of `pairs` are among them.

    [CLS] [reviewed] the sentence before [SEP] the sentence [SEP]
    """
    tokens = [pieces["[CLS]"], pieces["[reviewed]"]]
    places: dict[int, int] = {}
    for other, most in ((number - 1, -LONGEST_BEFORE), (number, LONGEST)):
        if other < 0:
            continue
        read = list(_tokens(passage, other, pieces))
        for token, span in read[most:] if most < 0 else read[:most]:
            if span is not None:
                places[id(span)] = len(tokens)
            tokens.append(token)
        tokens.append(pieces["[SEP]"])
    return Question(
        tokens,
        [places.get(id(pair.subject), REVIEWED) for pair in pairs],
        [places.get(id(pair.object), REVIEWED) for pair in pairs],
        [_traits(passage, pair, places) for pair in pairs],
    )


def _tokens(passage: Passage, number: int, pieces: Pieces) -> Iterator[tuple[int, Span | None]]:
    sentence = passage.sentences[number]
    spans = {place: passage.spans[n] for n, place in sentence.places.items()}
    for place, word in enumerate(sentence.words):
        span = spans.get(place)
        if span is not None:
            yield pieces[kind_of(passage, span)], span
        else:
            for piece in pieces.cut[word]:
                yield piece, None


def kind_of(passage: Passage, span: Span) -> str:
    """Which of `KINDS` a mention is."""
    reviewed = passage.reviewed
    akin = reviewed is not None and span.is_akin(reviewed)
    if span.kind is EntityKind.PERSON:
        return "[maker]" if span.entity in passage.own else "[person]"
    if span.kind is EntityKind.FRANCHISE:
        return "[own series]" if akin else "[series]"
    if span.kind is not EntityKind.FILM:
        return "[work]" if span.kind is EntityKind.WORK else "[influence]"
    if reviewed is not None and span.entity == reviewed.entity:
        return "[reviewed]"
    order = later(span, reviewed) if reviewed else 0
    return (_AKIN if akin else _OTHERS)[order]


_OTHERS = {-1: "[earlier]", 0: "[film]", 1: "[later]"}
_AKIN = {-1: "[akin earlier]", 0: "[akin]", 1: "[akin later]"}


def _traits(passage: Passage, pair: Pair, places: Mapping[int, int]) -> tuple[int, ...]:
    """What the network is told of a pair beside its tokens, as numbers of a category each; sizes are in `TRAITS`."""
    nearby = 0 if pair.other is None else 1 if id(pair.other) in places else 2
    return (
        KINDS.index(kind_of(passage, pair.subject)),
        KINDS.index(kind_of(passage, pair.object)),
        int(pair.subject is pair.anchor),
        nearby,
        _years_apart(pair),
        int(pair.subject.is_akin(pair.object)),
    )


_STEPS = (0, 1, 3, 7, 15, 30)
TRAITS = (len(KINDS), len(KINDS), 2, 3, 2 * len(_STEPS) + 3, 2)


def _years_apart(pair: Pair) -> int:
    """0 where a year is unknown; then how far subject and object are apart in steps, the later subject first."""
    if not pair.subject.year or not pair.object.year:
        return 0
    apart = pair.subject.year - pair.object.year
    step = 1 + sum(abs(apart) > limit for limit in _STEPS)
    return step if apart >= 0 else step + len(_STEPS) + 1


# ── word pieces ─────────────────────────────────────────────────────────────────────────────

_PARTS = re.compile(r"[^\W_]+|[^\s\w]|_")
LONGEST_PIECE = 24


class Pieces(dict[str, int]):
    """The word pieces of a vocabulary, each with its number; `cut` gives those of a word."""

    def __init__(self, pieces: Mapping[str, int]) -> None:
        super().__init__(pieces)
        self.cut = Remembered(self._cut)

    def _cut(self, word: str) -> Sequence[int]:
        """The pieces of a word, the longest first (WordPiece, Wu et al. 2016, arXiv:1609.08144)."""
        return [number for part in _parts(word) for number in self._of(part)]

    def _of(self, part: str) -> list[int]:
        found, start, mark = [], 0, ""
        while start < len(part):
            ends = range(min(len(part), start + LONGEST_PIECE), start, -1)
            end = next((end for end in ends if mark + part[start:end] in self), None)
            if end is None:
                return [self["[UNK]"]]
            found.append(self[mark + part[start:end]])
            start, mark = end, "##"
        return found


def _parts(word: str) -> list[str]:
    """A word without accents, cut at its marks, as BERT's vocabulary expects it.

    >>> _parts("rip-off"), _parts("clichés")
    (['rip', '-', 'off'], ['cliches'])
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    return _PARTS.findall(plain.lower())
