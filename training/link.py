"""Train the weights of `filmgraph.scoring` and `filmgraph.provisional` from reviews whose films are listed.

    OMP_NUM_THREADS=1 python training/link.py [--eval DIR] [--no-write]

Two tables are fitted. *titles*: each title mention is a choice between its candidates and nothing (NIL), by conditional
logit; right is what the review's gold list has for that surface, or anywhere where the surface is not listed. Where
a title may mean several that are listed (a novel and its film), their chances are added. *unknown*: each span that
may be a title no catalogue knows gives one row of a logistic regression; right is one that the gold lists as a film
or names as a source work.
Writes `src/filmgraph/data/linking.json.gz` with a digest of the data, and `training/linking-held-out.json.gz` of the
folds that are not held out, for `training/claims.py` to read the others with; then prints how many of the reviewers'
own links are found (training reviews left out), and the scores of a 5-fold cross-validation over the given training
reviews, read by the whole linker (those annotated by us are learnt from in every fold).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from labelled import FOLDS, HELD_OUT, Labelled, annotated, given
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from tables import columns_of, table_of

from filmgraph.catalog import Catalog, load_catalog
from filmgraph.context import Context
from filmgraph.documents import document_from_record
from filmgraph.evaluate import film_tally
from filmgraph.linking import Linker, known_names
from filmgraph.matching import Tally, same_entity
from filmgraph.mentions import scan
from filmgraph.model import Document, EntityKind, catalogued_id
from filmgraph.names import Names
from filmgraph.records import film_records
from filmgraph.reviewed import reviewed_from_record
from filmgraph.scoring import MOST, Weights, title_features
from filmgraph.settings import data_dir
from filmgraph.text import title_key
from filmgraph.unknown_looks import unknown_title_features
from filmgraph.unknown_titles import UnknownTitle, as_unknown, unknown_titles

HELD_OUT_WEIGHTS = Path(__file__).parent / "linking-held-out.json.gz"
UNFOLDED = -1
ANNOTATED = 0.3
"""How much a mention of a review annotated by us counts: fewer films are listed there than in the given ones."""
LEAST = 3
LEAST_WEIGHT = 0.02
"""Smaller weights change one film in a thousand, and are two thirds of all; a small table is quickly looked up in."""
STEPS = 200
UNKNOWN_STRENGTH = 0.5
KNOWN = 0.3
"""How much a title that a catalogue knows counts in learning what titles look like that none does."""

Pairs: TypeAlias = Sequence[tuple[Document, Mapping[str, Any]]]
"""Documents with their gold records."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A title mention: its own features, those of each candidate, which of them are right, the fold of its review."""

    own: tuple[str, ...]
    candidates: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    fold: int

    @property
    def weight(self) -> float:
        return ANNOTATED if self.fold == UNFOLDED else 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """A span that may be a title: its features, whether it is one, the fold of its review, how much it counts."""

    features: tuple[str, ...]
    right: bool
    fold: int
    weight: float = 1.0


# ── what is right ───────────────────────────────────────────────────────────────────────────


def context_of(document: Document, names: Names) -> Context:
    """The context as the linker makes it for a review whose film is known."""
    film = reviewed_from_record(document, names)
    facts = names.facts_of(film) if film else None
    return Context.of(document, scan(document, names), names, facts, document.title)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a gold record lists: works by the key of their surface, all its films, the keys of source works."""

    by_surface: Mapping[str, list[Mapping[str, Any]]]
    films: list[Mapping[str, Any]]
    works: set[str]

    @classmethod
    def of(cls, document: Document, gold: Mapping[str, Any]) -> Listed:
        ends = [claim[end] for claim in gold["claims"] for end in ("subject", "object")]
        films = [{"kind": "film", "name": film["title"], **film} for film in gold["films"]]
        by_surface: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for film in films:
            by_surface[title_key(film["surface"])].append(film)
        films += [end for end in ends if end["kind"] == "film" and (end["id"] or end["year"])]
        if document.imdb_id:
            films.append(
                {
                    "kind": "film",
                    "name": document.title or "",
                    "year": document.year,
                    "id": document.imdb_id,
                }
            )
        return cls(by_surface, films, {title_key(end["name"]) for end in ends if end["kind"] == "work"})

    def allows(self, key: str, id: str, names: Names) -> bool:
        """Whether a mention of this key may mean the film or work of this id."""
        facts = names.facts(id)
        own = {
            "kind": id.partition(":")[0], "name": facts.name, "year": facts.year, "id": id.partition(":")[2],
        }  # fmt: skip
        if id.startswith("work:"):
            shows = (film for film in self.by_surface.get(key, self.films) if not film["id"])
            return key in self.works or any(same_entity(film, own) for film in shows)
        return any(
            film["id"] == own["id"] or (film["year"] == own["year"] is not None and same_entity(film, own))
            for film in self.by_surface.get(key, self.films)
        )


def choices_of(document: Document, gold: Mapping[str, Any], names: Names, fold: int) -> Iterator[Choice]:
    """The choices that a review's title mentions give."""
    context = context_of(document, names)
    listed = Listed.of(document, gold)
    for number, mention in enumerate(context.scan.titles):
        own, candidates = title_features(context, number)
        if candidates:
            yield Choice(
                tuple(own),
                tuple(tuple(shown) for _, shown in candidates),
                tuple(listed.allows(mention.key, id, names) for id, _ in candidates),
                fold,
            )


def unknown_rows_of(document: Document, gold: Mapping[str, Any], linker: Linker, fold: int) -> Iterator[Row]:
    """Rows of the spans that are left when a review's catalogued titles are linked, and of these titles themselves, as
    if no catalogue had them: they stand where unknown ones would. The reviewed film's own title is never in doubt."""
    ends = [end for claim in gold["claims"] for end in (claim["subject"], claim["object"])]
    names = [name for film in gold["films"] for name in (film["surface"], film["title"])]
    names += [end["name"] for end in ends if end["kind"] in ("film", "work")]
    titles = {title_key(name) for name in names}
    draft = linker.draft(document)
    weight = ANNOTATED if fold == UNFOLDED else 1.0

    def key_of(span: UnknownTitle) -> str:
        return title_key(draft.text[span.start : span.end])

    for span in unknown_titles(draft):
        if key_of(span) != draft.context.reviewed_key:
            yield Row(tuple(unknown_title_features(draft, span)), key_of(span) in titles, fold, weight)
    for span, apart in as_unknown(draft):
        if key_of(span) != draft.context.reviewed_key:
            shown = (*unknown_title_features(apart, span), "known", f"known:{span.kind}")
            yield Row(shown, key_of(span) in titles, fold, KNOWN * weight)


# ── fitting ─────────────────────────────────────────────────────────────────────────────────


def _weights(columns: Mapping[str, int], values: Iterable[float]) -> dict[str, float]:
    return {
        name: round(float(value), 3)
        for name, value in zip(columns, values, strict=True)
        if abs(value) >= LEAST_WEIGHT
    }


def fit_choices(
    choices: Sequence[Choice], strength: float, start: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Feature → weight by conditional logit with NIL at zero, L2-regularised; minimised by L-BFGS from `start` on.

    The loss of a choice is -log of the chance of all that is right, or of NIL where nothing is.
    """
    own = [choice.own for choice in choices]
    shown = [features for choice in choices for features in choice.candidates]
    columns = columns_of(chain(own, shown), LEAST)
    of_mentions, of_candidates = table_of(own, columns), table_of(shown, columns)
    mentions_turned, candidates_turned = of_mentions.T.tocsr(), of_candidates.T.tocsr()
    choice_of = np.repeat(np.arange(len(choices)), [len(choice.right) for choice in choices])
    right = np.array([is_right for choice in choices for is_right in choice.right], dtype=np.float64)
    counts = np.array([choice.weight for choice in choices])

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(choice_of, values, len(choices))

    some = summed(right) > 0

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        sums = (of_mentions @ weights)[choice_of] + of_candidates @ weights
        odds = np.exp(np.clip(sums, -MOST, MOST))
        whole, hit = 1 + summed(odds), summed(odds * right)
        error = counts @ np.log(whole) - counts[some] @ np.log(hit[some]) + weights @ weights / (2 * strength)
        wanted = odds * right / np.where(some, hit, 1)[choice_of]
        off = counts[choice_of] * (odds / whole[choice_of] - wanted)
        slope = mentions_turned @ summed(off) + candidates_turned @ off
        return error, slope + weights / strength

    first = np.array([(start or {}).get(name, 0.0) for name in columns])
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 20})
    return _weights(columns, found.x)


def fit(rows: Sequence[Row], strength: float) -> dict[str, float]:
    """Feature → weight by logistic regression."""
    shown = [row.features for row in rows]
    columns = columns_of(shown, LEAST)
    table = table_of(shown, columns)
    model = LogisticRegression(C=strength, max_iter=400, solver="lbfgs").fit(
        table, [row.right for row in rows], sample_weight=[row.weight for row in rows]
    )
    weights = {
        name: weight
        for name, weight in _weights(columns, model.coef_[0]).items()
        if not name.startswith("known")
    }
    return weights | {"bias": round(weights.get("bias", 0.0) + float(model.intercept_[0]), 3)}


@dataclass(frozen=True, slots=True)
class Examples:
    """What both tables are learnt from."""

    choices: list[Choice]
    unknown: list[Row]
    start: Mapping[str, float]

    def fit(self, strength: float, without: Container[int] = ()) -> Weights:
        """The weights from all of them, or from all folds but some; those of titles sought from `start` on, which is
        learnt from the reviews that are in no fold."""
        return Weights(
            fit_choices(
                [choice for choice in self.choices if choice.fold not in without], strength, self.start
            ),
            fit([row for row in self.unknown if row.fold not in without], UNKNOWN_STRENGTH),
        )


def gather(pairs: Pairs, more: Pairs, catalog: Catalog, names: Names, strength: float) -> Examples:
    """The examples of all reviews; those of `more` are in no fold, and learnt from in each."""
    folded = [*((n % FOLDS, *pair) for n, pair in enumerate(pairs)), *((UNFOLDED, *pair) for pair in more)]
    choices = [choice for fold, doc, gold in folded for choice in choices_of(doc, gold, names, fold)]
    print(
        f"titles: {len(choices):,} mentions, {sum(any(choice.right) for choice in choices):,} mean something"
    )
    start = fit_choices([choice for choice in choices if choice.fold == UNFOLDED], strength)
    linker = Linker(catalog, names, Weights(fit_choices(choices, strength, start), {}))
    unknown = [row for fold, doc, gold in folded for row in unknown_rows_of(doc, gold, linker, fold)]
    print(f"unknown titles: {len(unknown):,} rows, {sum(row.right for row in unknown):,} right")
    return Examples(choices, unknown, start)


def digest_of(files: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def write_weights(file: Path, weights: Weights, digest: str) -> None:
    tables = {"titles": weights.titles, "unknown": weights.unknown}
    record = {"digest": digest} | {name: dict(sorted(table.items())) for name, table in tables.items()}
    written = json.dumps(record, separators=(",", ":")).encode()
    file.write_bytes(gzip.compress(written, mtime=0))


def held_out_weights() -> Weights:
    """The weights that have not learnt from the held-out folds."""
    table = json.loads(gzip.decompress(HELD_OUT_WEIGHTS.read_bytes()))
    return Weights(table["titles"], table["unknown"])


# ── measuring ───────────────────────────────────────────────────────────────────────────────


def read_pairs(reviews: Iterable[Labelled]) -> Pairs:
    return [(document_from_record(review.record, "train"), review.gold) for review in reviews]


def film_scores(reviews: Iterable[Labelled], linker: Linker, catalog: Catalog) -> Tally:
    """The films that the whole linker finds, the reviewed ones left out."""
    total = Tally()
    for review in reviews:
        linking = linker.link(document_from_record(review.record, "train"))
        found = {"films": film_records(linking, catalog)}
        total += film_tally(review.gold, found, review.record)
    return total


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


def main() -> None:
    """Cross-validate, fit on all, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).parents[1]
    parser.add_argument("--eval", type=Path, default=root.parent / "shared" / "eval", dest="evaluation")
    parser.add_argument("--reviews", type=Path, default=root / "seed" / "training")
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--strength", type=float, default=0.5)
    options = parser.parse_args()
    catalog = load_catalog(options.evaluation / "catalog")
    names = known_names(catalog)
    own = sorted(options.reviews.glob("reviews-*.jsonl"))
    reviews = list(given(options.evaluation))
    pairs = read_pairs(reviews)
    more = read_pairs(annotated(options.evaluation, own))
    examples = gather(pairs, more, catalog, names, options.strength)
    weights = examples.fit(options.strength)
    if not options.no_write:
        theirs = (options.evaluation / "train" / name for name in ("docs.jsonl", "gold.jsonl"))
        digest = digest_of([*theirs, *own])
        write_weights(data_dir() / "linking.json.gz", weights, digest)
        write_weights(HELD_OUT_WEIGHTS, examples.fit(options.strength, without=HELD_OUT), digest)
        print("weights written")
    linker = Linker(catalog, names, weights)
    links = own_links(options.evaluation, linker, {doc.id or "" for doc, _ in (*pairs, *more)})
    print(f"reviewers' own links: {dict(links)}, right {links['right'] / max(1, links.total()):.3f}")
    tally = Tally()
    for fold in range(FOLDS):
        linker = Linker(catalog, names, examples.fit(options.strength, without=(fold,)))
        tally += film_scores(reviews[fold::FOLDS], linker, catalog)
    print(
        f"films, cross-validated: P {tally.precision:.3f}  R {tally.recall:.3f}  F1 {tally.f1:.3f}  {tally}"
    )


if __name__ == "__main__":
    main()
