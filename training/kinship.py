"""Count how often works are read as kin in unlabelled reviews, for `filmgraph.kinship`.

    OMP_NUM_THREADS=1 python training/kinship.py [--eval DIR] [--jobs N]

Reads every review of the unlabelled body but those of the training and development sets, with the models of claims
as they are and no table of kin, and writes `src/filmgraph/data/kinship.json.gz`: for each two works, in how many
reviews they are likely to be joined by lineage, by comparison, by membership (sums of chances, in tenths), and by
which relation; for each work the same over all that are joined to it. The surest review of each is left out, so that
no single one makes kin. No label is used. A digest of the data is written with it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from labelled import CORPUS, measured

from filmgraph.catalog import load_catalog
from filmgraph.claims import weigh
from filmgraph.documents import document_from_record
from filmgraph.joint import COMPARED, LINEAGE, MEMBER
from filmgraph.kinship import KINSHIP
from filmgraph.reader import Reader
from filmgraph.settings import data_dir
from filmgraph.weights import load_linear_models

BATCH = 500
FAINT = 0.08
LEAST = 0.15
FEWEST = 4
"""Chances below `FAINT` are not counted, kin whose counts are all below `LEAST` not kept, nor the character of a work
that is joined to others in fewer than `FEWEST` reviews."""

Chances: TypeAlias = tuple[float, float, float]
"""Of lineage, comparison and membership."""
Joined: TypeAlias = tuple[str, str, Chances, str]
"""Subject, object, chances, the likeliest relation of lineage."""
_reader: Reader


@dataclass(slots=True)
class Tally:
    """What the reviews say of one pair, or of one work."""

    chances: list[Chances] = field(default_factory=list)
    relations: Counter[str] = field(default_factory=Counter)

    def counts(self) -> tuple[int, ...]:
        """In how many reviews each is likely, without the surest one; in tenths."""
        return tuple(round(10 * (sum(each) - max(each))) for each in zip(*self.chances, strict=True))


def prepare(evaluation: Path) -> None:
    """Make the reader once in every process."""
    global _reader
    _reader = Reader(load_catalog(evaluation / "catalog"))


def joined(records: list[dict[str, Any]]) -> list[list[Joined]]:
    """For each review the pairs that it may join, each with its highest chances."""
    return [list(_joined(record)) for record in records]


def _joined(record: Mapping[str, Any]) -> Iterator[Joined]:
    models = load_linear_models()
    best: dict[tuple[str, str], tuple[Chances, str]] = {}
    for item in weigh(_reader.link(document_from_record(dict(record), "corpus")).passage, models.decision):
        key = item.pair.subject.entity, item.pair.object.entity
        lineage, comparison, membership = (
            item.chances.get(name, 0.0) for name in (LINEAGE, COMPARED, MEMBER)
        )
        chances = lineage, comparison, membership
        if max(chances) >= FAINT and (key not in best or max(best[key][0]) < max(chances)):
            relations = models.relation.probabilities(item.features)
            best[key] = chances, max(relations, key=lambda name: relations[name])
    yield from ((*key, *found) for key, found in best.items() if not any(":~" in id for id in key))


def tally(reviews: Iterable[list[Joined]]) -> tuple[dict[tuple[str, str], Tally], dict[str, Tally]]:
    """Over all reviews: pairs, and the works that others are joined to."""
    pairs: dict[tuple[str, str], Tally] = defaultdict(Tally)
    sources: dict[str, Tally] = defaultdict(Tally)
    for review in reviews:
        for subject, object_, chances, relation in review:
            pairs[subject, object_].chances.append(chances)
            pairs[subject, object_].relations[relation] += chances[0]
            sources[object_].chances.append(chances)
    return pairs, sources


def table(pairs: Mapping[tuple[str, str], Tally], sources: Mapping[str, Tally]) -> dict[str, Any]:
    """The record that `filmgraph.kinship` loads."""
    kept = {
        key: (*tally.counts(), tally.relations.most_common(1)[0][0])
        for key, tally in sorted(pairs.items())
        if max(tally.counts()) >= 10 * LEAST
    }
    known = {id: tally.counts()[:2] for id, tally in sorted(sources.items()) if len(tally.chances) >= FEWEST}
    ids = sorted({id for key in kept for id in key} | known.keys())
    place = {id: number for number, id in enumerate(ids)}
    return {
        "ids": ids,
        "pairs": [(place[a], place[b], *counts) for (a, b), counts in kept.items()],
        "sources": [(place[id], *counts) for id, counts in known.items()],
    }


def batches(file: Path, left_out: set[str]) -> Iterator[list[dict[str, Any]]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        records = (record for record in map(json.loads, lines) if record["id"] not in left_out)
        while batch := list(islice(records, BATCH)):
            yield batch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    beside = Path(__file__).parents[2] / "shared" / "eval"
    parser.add_argument("--eval", type=Path, default=beside, dest="evaluation")
    parser.add_argument("--jobs", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    file = options.evaluation / CORPUS
    (data_dir() / KINSHIP).unlink(missing_ok=True)
    with multiprocessing.Pool(options.jobs, prepare, (options.evaluation,)) as pool:
        reviews = pool.imap(joined, batches(file, measured(options.evaluation)))
        pairs, sources = tally(review for batch in reviews for review in batch)
    digest = hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()
    record = {"digest": digest, "models": load_linear_models().digest} | table(pairs, sources)
    written = json.dumps(record, separators=(",", ":")).encode()
    (data_dir() / KINSHIP).write_bytes(gzip.compress(written, 9, mtime=0))
    print(f"{len(record['pairs']):,} pairs, {len(record['sources']):,} sources, digest {digest}")


if __name__ == "__main__":
    main()
