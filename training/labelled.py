"""Whole reviews with every film and claim written down: what the models of linking and of claims learn from.

given        the training reviews with their gold records
annotated    long reviews of the unlabelled body, read by us; `seed/training/reviews-*.jsonl` keeps them as offsets
             and labels, without text
judged       single sentences of critics, read by us; `seed/training/critics-*.jsonl` keeps them in the same way, each
             by its line in the file of unlabelled sentences
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "CORPUS",
    "FOLDS",
    "HELD_OUT",
    "Labelled",
    "Record",
    "annotated",
    "given",
    "judged",
    "measured",
    "read_lines",
    "unlabelled",
]

SENTENCES = Path("train", "sentences_unlabelled.jsonl")
"""The critics' sentences without labels, below the folder of the evaluation data."""
CORPUS = Path("corpora", "imdb_reviews_100k.jsonl.gz")
"""The unlabelled body, below the folder of the evaluation data."""

FOLDS = 5
"""The training reviews in turn are in one of so many folds."""
HELD_OUT = (0, 1)
"""The folds that neither the weights of linking nor the encoder in the files `*-held-out.*` have seen."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A review's record and its gold record."""

    record: Record
    gold: Record


def read_lines(file: Path) -> list[Record]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]


def given(evaluation: Path) -> Iterator[Labelled]:
    """The training reviews, in the order of their file."""
    golds = {gold["id"]: gold for gold in read_lines(evaluation / "train" / "gold.jsonl")}
    for record in read_lines(evaluation / "train" / "docs.jsonl"):
        yield Labelled(record, golds[record["id"]])


def measured(evaluation: Path) -> set[str]:
    """The ids of the reviews that reading is measured on: nothing is counted in them."""
    parts = (read_lines(evaluation / part / "docs.jsonl") for part in ("train", "dev"))
    return {record["id"] for part in parts for record in part}


def annotated(evaluation: Path, files: Iterable[Path]) -> Iterator[Labelled]:
    """The reviews that the files annotate, in the order of the unlabelled body."""
    labels = {label["review"]: label for file in files for label in read_lines(file)}
    for record in unlabelled(evaluation, labels.keys()):
        yield Labelled(record, gold_record(labels[record["id"]], record))


def judged(evaluation: Path, files: Iterable[Path]) -> Iterator[Labelled]:
    """The critics' sentences that the files annotate, each as a review of its own."""
    sentences = read_lines(evaluation / SENTENCES)
    for label in (label for file in files for label in read_lines(file)):
        sentence = sentences[int(label["review"].partition(":")[2])]
        record = {
            "id": label["review"],
            "title": sentence["film"],
            "year": int(sentence["film_year"]),
            "imdb_id": sentence["film_imdb"],
            "text": sentence["sentence"],
        }
        yield Labelled(record, gold_record(label, record))


def gold_record(label: Mapping[str, Any], review: Mapping[str, Any]) -> Record:
    """An annotation in the form of the gold records: quotes and surfaces as the review has them."""
    text = review["text"]
    ends: dict[str, Record] = {
        "reviewed": {
            "kind": "film",
            "name": review["title"],
            "year": review["year"],
            "id": review["imdb_id"],
        }
    }
    films = []
    for number, work in enumerate(label["works"]):
        known = {key: work.get(key) for key in ("kind", "name", "year", "id")}
        ends[str(number)] = known
        if "start" in work:
            surface = text[work["start"] : work["end"]]
            films.append(
                {"surface": surface, "title": known["name"], "year": known["year"], "id": known["id"]}
            )
    claims = [
        {
            **{key: claim[key] for key in ("relation", "polarity", "stance")},
            "subject": ends[str(claim["subject"])],
            "object": ends[str(claim["object"])],
            "quote": text[claim["start"] : claim["end"]],
        }
        for claim in label["claims"]
    ]
    return {"id": review["id"], "films": films, "claims": claims}


def unlabelled(evaluation: Path, wanted: Iterable[str]) -> Iterator[Record]:
    """The reviews of the unlabelled body that have one of the ids."""
    ids = set(wanted)
    with gzip.open(evaluation / CORPUS, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line[8:].partition('"')[0] in ids:
                yield json.loads(line)
