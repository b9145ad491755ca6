"""Train the weights of `filmgraph.scoring` from reviews whose films are listed.

    OMP_NUM_THREADS=1 python training/link.py [--eval DIR] [--no-write]

Two tables are fitted. *titles*: each title mention gives one row for each candidate; right is the film that the
review's gold list has for that surface, or anywhere where the surface is not listed. *unknown*: each span that may be a
title no catalogue knows gives one row; right is one that the gold lists as a film or names as a source work.
Prints the scores of a 5-fold cross-validation over the given training reviews (those annotated by us are learnt from in
every fold) and how many of the reviewers' own links are found (training reviews left out), and writes
`src/filmgraph/data/linking.json.gz` with a digest of the data.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from labelled import Labelled, annotated, given
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from filmgraph.catalog import Catalog, load_catalog
from filmgraph.context import Context
from filmgraph.documents import document_from_record
from filmgraph.linking import Linker, known_names
from filmgraph.mentions import scan
from filmgraph.model import Document, EntityKind, catalogued_id
from filmgraph.names import Names, make_facts
from filmgraph.provisional import unknown_title_features, unknown_titles
from filmgraph.reviewed import reviewed_from_record
from filmgraph.scoring import Weights, score_titles, title_features
from filmgraph.settings import data_dir
from filmgraph.text import title_key

FOLDS = 5
LEAST = 3

Pairs: TypeAlias = Sequence[tuple[Document, Mapping[str, Any]]]
"""Documents with their gold records."""


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate of a mention: its features, whether it is right, the fold of its review."""

    features: tuple[str, ...]
    right: bool
    fold: int


def context_of(document: Document, names: Names) -> Context:
    """The context as the linker makes it for a review whose film is known."""
    film = reviewed_from_record(document, names)
    facts = make_facts(film, names.renown(film)) if film else None
    return Context.of(document, scan(document, names), names, facts, document.title)


def rows_of(document: Document, gold: Mapping[str, Any], names: Names, fold: int) -> Iterator[Row]:
    """Rows of one review; a mention that could be right for two candidates teaches nothing."""
    context = context_of(document, names)
    listed = {film["id"] for film in gold["films"] if film["id"]}
    for claim in gold["claims"]:
        listed |= {
            end["id"] for end in (claim["subject"], claim["object"]) if end["kind"] == "film" and end["id"]
        }
    if document.imdb_id:
        listed.add(document.imdb_id)
    works = {
        title_key(end["name"])
        for claim in gold["claims"]
        for end in (claim["subject"], claim["object"])
        if end["kind"] == "work"
    }
    shows = {
        title_key(name)
        for film in gold["films"]
        if not film["id"]
        for name in (film["surface"], film["title"])
    }
    by_surface: dict[str, set[str]] = defaultdict(set)
    for film in gold["films"]:
        by_surface[title_key(film["surface"])].add(film["id"] or "")
    for number, mention in enumerate(context.scan.titles):
        own, candidates = title_features(context, number)
        allowed = by_surface.get(mention.key, listed)
        right = [
            mention.key in works or mention.key in shows
            if id.startswith("work:")
            else id.partition(":")[2] in allowed and mention.key not in works
            for id, _ in candidates
        ]
        if sum(right) > 1:
            continue
        for (_, shown), is_right in zip(candidates, right, strict=True):
            yield Row((*own, *shown), is_right, fold)


def unknown_rows_of(document: Document, gold: Mapping[str, Any], linker: Linker, fold: int) -> Iterator[Row]:
    """Rows of the spans that are left when a review's catalogued titles are linked."""
    ends = [end for claim in gold["claims"] for end in (claim["subject"], claim["object"])]
    names = [name for film in gold["films"] for name in (film["surface"], film["title"])]
    names += [end["name"] for end in ends if end["kind"] in ("film", "work")]
    titles = {title_key(name) for name in names}
    draft = linker.draft(document)
    for span in unknown_titles(draft):
        right = title_key(draft.text[span.start : span.end]) in titles
        yield Row(tuple(unknown_title_features(draft, span)), right, fold)


def fit(rows: Sequence[Row], strength: float) -> dict[str, float]:
    """Feature → weight by logistic regression."""
    counts = Counter(name for row in rows for name in row.features)
    kept = {
        name: n for n, name in enumerate(sorted(name for name, count in counts.items() if count >= LEAST))
    }
    cells = [(r, kept[name]) for r, row in enumerate(rows) for name in row.features if name in kept]
    table = csr_matrix(
        (np.ones(len(cells)), tuple(zip(*cells, strict=True))), shape=(len(rows), len(kept)), dtype=np.float64
    )
    model = LogisticRegression(C=strength, max_iter=400, solver="lbfgs").fit(
        table, [row.right for row in rows]
    )
    return {name: round(float(weight), 3) for name, weight in zip(kept, model.coef_[0], strict=True)} | {
        "bias": round(float(model.coef_[0][kept["bias"]] + model.intercept_[0]), 3)
    }


def film_scores(
    pairs: Pairs,
    names: Names,
    weights: Mapping[str, float],
    threshold: float,
) -> Counter[str]:
    """Hits, extra and missed films with an id, the reviewed one left out."""
    tally: Counter[str] = Counter()
    for document, gold in pairs:
        found = {
            item.best.entity.partition(":")[2]
            for item in score_titles(context_of(document, names), weights)
            if item.best.score >= threshold and item.best.entity.startswith("film:")
        } - {document.imdb_id}
        listed = {film["id"] for film in gold["films"] if film["id"]} - {document.imdb_id}
        tally += Counter(hit=len(found & listed), extra=len(found - listed), missed=len(listed - found))
    return tally


def own_links(evaluation: Path, linker: Linker, left_out: set[str]) -> Counter[str]:
    """How the reviewers' own links fare: right, wrong, nil (nothing linked there)."""
    tally: Counter[str] = Counter()
    with gzip.open(evaluation / "links" / "reviewer_links.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["id"] in left_out:
                continue
            links = linker.link(document_from_record(record, "links")).links
            for mention in record["mentions"]:
                start, end = mention["start"], mention["end"]
                over = [
                    link
                    for link in links
                    if link.mention.start < end and start < link.mention.end and link.entity
                ]
                over.sort(key=lambda link: -(min(link.mention.end, end) - max(link.mention.start, start)))
                if not over:
                    tally["nil"] += 1
                else:
                    right = over[0].entity == catalogued_id(EntityKind.FILM, mention["imdb_id"])
                    tally["right" if right else "wrong"] += 1
    return tally


def read_pairs(reviews: Iterable[Labelled]) -> Pairs:
    return [(document_from_record(review.record, "train"), review.gold) for review in reviews]


def f1(tally: Counter[str]) -> str:
    """Precision, recall and F1 as a line."""
    p = tally["hit"] / max(1, tally["hit"] + tally["extra"])
    r = tally["hit"] / max(1, tally["hit"] + tally["missed"])
    return f"precision {p:.3f}  recall {r:.3f}  F1 {2 * p * r / max(p + r, 1e-9):.3f}"


def train(
    pairs: Pairs, more: Pairs, catalog: Catalog, names: Names, strength: float
) -> tuple[Weights, list[Weights]]:
    """The weights from all reviews, and those of each fold's complement; `more` are in every fold's."""
    folded = [*((n % FOLDS, *pair) for n, pair in enumerate(pairs)), *((-1, *pair) for pair in more)]
    rows = [row for fold, doc, gold in folded for row in rows_of(doc, gold, names, fold)]
    print(f"titles: {len(rows):,} rows, {sum(row.right for row in rows):,} right")
    titles = fit(rows, strength)
    linker = Linker(catalog, names, Weights(titles, {}))
    unknown = [row for fold, doc, gold in folded for row in unknown_rows_of(doc, gold, linker, fold)]
    print(f"unknown titles: {len(unknown):,} rows, {sum(row.right for row in unknown):,} right")
    folds = [
        Weights(
            fit([row for row in rows if row.fold != fold], strength),
            fit([row for row in unknown if row.fold != fold], strength),
        )
        for fold in range(FOLDS)
    ]
    return Weights(titles, fit(unknown, strength)), folds


def main() -> None:
    """Cross-validate, fit on all, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).parents[1]
    parser.add_argument("--eval", type=Path, default=root.parent / "shared" / "eval", dest="evaluation")
    parser.add_argument("--reviews", type=Path, default=root / "seed" / "training")
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--strength", type=float, default=0.2)
    options = parser.parse_args()
    catalog = load_catalog(options.evaluation / "catalog")
    names = known_names(catalog)
    own = sorted(options.reviews.glob("reviews-*.jsonl"))
    pairs = read_pairs(given(options.evaluation))
    more = read_pairs(annotated(options.evaluation, own))
    weights, folds = train(pairs, more, catalog, names, options.strength)
    for threshold in (0.3, 0.4, 0.5):
        tally: Counter[str] = Counter()
        for fold, fitted in enumerate(folds):
            tally += film_scores(pairs[fold::FOLDS], names, fitted.titles, threshold)
        print(f"cross-validated, catalogued films, threshold {threshold}: {f1(tally)}")
    if not options.no_write:
        digest = hashlib.blake2b(digest_size=12)
        for file in (*(options.evaluation / "train" / name for name in ("docs.jsonl", "gold.jsonl")), *own):
            digest.update(file.read_bytes())
        tables = {"titles": weights.titles, "unknown": weights.unknown}
        record = {"digest": digest.hexdigest()} | {
            name: dict(sorted(table.items())) for name, table in tables.items()
        }
        written = json.dumps(record, separators=(",", ":")).encode()
        (data_dir() / "linking.json.gz").write_bytes(gzip.compress(written, mtime=0))
    linker = Linker(catalog, names, weights)
    tally = own_links(options.evaluation, linker, {doc.id or "" for doc, _ in (*pairs, *more)})
    print(f"reviewers' own links: {dict(tally)}, right {tally['right'] / max(1, tally.total()):.3f}")


if __name__ == "__main__":
    main()
