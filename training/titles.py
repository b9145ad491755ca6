"""Count how titles stand in unlabelled reviews, and how well known films are.

    OMP_NUM_THREADS=1 python training/titles.py --packages DIR [--eval DIR] [--jobs N]

Writes `src/filmgraph/data/statistics.json.gz`: for each title key (and surname) how often it was seen marked,
capitalised inside a sentence and in lower case; for each film its renown, 0 to about 10, from MovieLens' ratings, the
reviews of it and its votes (`votes`). No label is used. A digest of the data is written with it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import math
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from labelled import CORPUS
from votes import votes

from filmgraph.catalog import enriched, load_catalog
from filmgraph.counts import Statistics
from filmgraph.documents import document_from_record
from filmgraph.mentions import scan
from filmgraph.names import Names
from filmgraph.settings import data_dir, seed_dir

BATCH = 500
LEAST = 2
_names: Names


def prepare(evaluation: Path) -> None:
    """Load the catalogue once in every process."""
    global _names
    catalog = enriched(load_catalog(evaluation / "catalog"), load_catalog(seed_dir()))
    _names = Names(catalog, Statistics({}, {}))


def count(lines: list[str]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often keys are marked, capitalised inside a sentence, in lower case."""
    marked: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for line in lines:
        found = scan(document_from_record(json.loads(line), "corpus"), _names)
        opening = {start for start, _ in found.sentences}
        for mention in found.titles:
            if found.marked(mention.start, mention.end)[0]:
                marked[mention.key] += 1
            elif found.text[mention.start].islower():
                if " " in mention.key:
                    lower[mention.key] += 1
            elif mention.start not in opening:
                capital[mention.key] += 1
        for start, key in zip(found.words.starts, found.words.keys, strict=True):
            if found.text[start].islower() and (key in _names.titles or key in _names.surnames):
                lower[key] += 1
            elif start not in opening and key in _names.surnames and key not in _names.titles:
                capital[key] += 1
    return marked, capital, lower


def renown(evaluation: Path, lines: Iterator[str], voted: Mapping[str, float]) -> dict[str, float]:
    """Public film id → renown: logarithms of MovieLens' ratings, of reviews and of votes."""
    recsys = evaluation / "recsys" / "ml-latest-small"
    with (recsys / "links.csv").open(encoding="utf-8") as file:
        public = {row["item_id"]: f"tt{row['imdbId']}" for row in csv.DictReader(file)}
    with (recsys / "ratings.csv").open(encoding="utf-8") as file:
        ratings = Counter(public[row["item_id"]] for row in csv.DictReader(file))
    reviews = Counter(json.loads(line).get("imdb_id") for line in lines)
    films = sorted((set(ratings) | set(reviews) | set(voted)) - {None})
    read = {film: math.log1p(ratings[film]) + 0.5 * math.log1p(reviews[film]) for film in films}
    return {
        film: round(max(read[film], 0.6 * read[film] + 0.35 * math.log1p(voted.get(film, 0))), 2)
        for film in films
        if ratings[film] + reviews[film] + voted.get(film, 0) >= LEAST
    }


def main() -> None:
    """Count and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).parents[2] / "shared" / "eval"
    parser.add_argument("--eval", type=Path, default=beside, dest="evaluation")
    parser.add_argument(
        "--packages", type=Path, required=True, help="where tables of votes are (see votes.py)"
    )
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    corpus = options.evaluation / CORPUS
    with gzip.open(corpus, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    prepare(options.evaluation)
    batches = (lines[start : start + BATCH] for start in range(0, len(lines), BATCH))
    totals: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())
    with multiprocessing.Pool(options.jobs, prepare, (options.evaluation,)) as pool:
        for counts in pool.imap_unordered(count, batches):
            for total, part in zip(totals, counts, strict=True):
                total.update(part)
    keys = sorted(key for key in set().union(*totals) if sum(total[key] for total in totals) >= LEAST)
    table = {
        "digest": hashlib.blake2b(corpus.read_bytes(), digest_size=12).hexdigest(),
        "reviews": len(lines),
        "renown": renown(options.evaluation, iter(lines), votes(options.packages, _names)),
        "uses": {key: [total[key] for total in totals] for key in keys},
    }
    written = json.dumps(table, separators=(",", ":")).encode()
    (data_dir() / "statistics.json.gz").write_bytes(gzip.compress(written, mtime=0))
    print(f"{len(lines):,} reviews, {len(keys):,} keys, {len(table['renown']):,} films")


if __name__ == "__main__":
    main()
