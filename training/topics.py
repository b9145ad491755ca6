"""Train the weights of `filmgraph.topics` from reviews whose title, year and id are taken away.

    OMP_NUM_THREADS=1 python training/topics.py [--eval DIR] [--no-write]

Each film that a review names is one row of a logistic regression; right is the one that its record gives. Most users'
reviews never name their film, and there none is right.
Writes `src/filmgraph/data/topics.json.gz` with a digest of the data; prints how often the likeliest film is the right
one in a 5-fold cross-validation, by the chance that is asked of it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from labelled import FOLDS, Labelled, given
from link import Row, fit

from filmgraph.catalog import load_catalog
from filmgraph.columns import sections
from filmgraph.context import Context
from filmgraph.documents import document_from_record
from filmgraph.headings import headline
from filmgraph.linking import Linker
from filmgraph.matching import same_entity
from filmgraph.mentions import scan
from filmgraph.model import is_provisional
from filmgraph.scoring import chance_of, load_weights, score_titles
from filmgraph.settings import data_dir
from filmgraph.topics import FILE, Topic, topic_features, topics

STRENGTH = 0.3
CHANCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def untitled(reviews: Sequence[Labelled], linker: Linker) -> Iterator[list[Row]]:
    """The reviews that have a title, without it, each as a row for every film that it names; those whose headline
    gives the title away are left out."""
    weights = load_weights()
    for number, review in enumerate(reviews):
        record = review.record
        document = document_from_record(record, "train")
        document = replace(document, title=None, year=None, imdb_id=None)
        if not record["title"] or headline(document.text) or sections(document, linker.names):
            continue
        context = Context.of(document, scan(document, linker.names), linker.names, None)
        found = topics(context, score_titles(context, weights.titles))
        own = {"kind": "film", "name": record["title"], "year": record["year"], "id": record["imdb_id"]}
        yield [
            Row(tuple(topic_features(context, topic, found)), _is_same(own, topic), number % FOLDS)
            for topic in found
        ]


def _is_same(own: dict[str, object], topic: Topic) -> bool:
    film = topic.film
    known = None if is_provisional(film.id) else film.id.partition(":")[2]
    return same_entity(own, {"kind": "film", "name": film.name, "year": film.year, "id": known})


# ── fitting and measuring ───────────────────────────────────────────────────────────────────


def likeliest(rows: Sequence[Row], weights: dict[str, float]) -> tuple[float, bool]:
    """The chance of the likeliest film, and whether it is the right one."""
    chances = [chance_of(row.features, weights) for row in rows]
    return max(zip(chances, (row.right for row in rows), strict=True), default=(0.0, False))


def measure(reviews: Sequence[Sequence[Row]]) -> None:
    """Print precision and recall of the likeliest film, each fold judged by the others."""
    judged: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        weights = fit([row for rows in reviews for row in rows if row.fold != fold], STRENGTH)
        judged += [likeliest(rows, weights) for rows in reviews if rows and rows[0].fold == fold]
    named = sum(any(row.right for row in rows) for rows in reviews)
    print(f"{len(reviews)} reviews without title, {named} name their film")
    for least in CHANCES:
        right = [is_right for chance, is_right in judged if chance >= least]
        print(
            f"  from {least:.1f}: {len(right)} told, {sum(right)} right: {sum(right) / max(1, len(right)):.3f}"
        )


def main() -> None:
    """Cross-validate, fit on all, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).parents[1]
    parser.add_argument("--eval", type=Path, default=root.parent / "shared" / "eval", dest="evaluation")
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    linker = Linker(load_catalog([options.evaluation / "catalog"]))
    reviews = list(untitled(list(given(options.evaluation)), linker))
    measure(reviews)
    weights = fit([row for rows in reviews for row in rows], STRENGTH)
    for name, weight in sorted(weights.items()):
        print(f"  {name:16}{weight:7.2f}")
    if not options.no_write:
        digest = hashlib.blake2b((options.evaluation / "train" / "docs.jsonl").read_bytes(), digest_size=12)
        record = {"digest": digest.hexdigest(), "weights": dict(sorted(weights.items()))}
        written = json.dumps(record, separators=(",", ":")).encode()
        (data_dir() / FILE).write_bytes(gzip.compress(written, mtime=0))
        print("weights written")


if __name__ == "__main__":
    main()
