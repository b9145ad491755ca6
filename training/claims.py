"""Train the models of `filmgraph.claims` from reviews with gold claims and from single labelled sentences.

    OMP_NUM_THREADS=1 python training/claims.py [--eval DIR] [--sentences DIR] [--no-write]

Prints the scores of a 5-fold cross-validation over the training reviews, with thresholds chosen there, and
writes `src/filmgraph/data/claims.json.gz` with a digest of the data.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from filmgraph.candidates import Pair, Passage, Span, features, pairs, passage
from filmgraph.catalog import load_catalog
from filmgraph.claims import (
    LINEAGE,
    WEIGHTS,
    Found,
    Models,
    Weighed,
    decide,
    extract_claims,
    models_from_json,
    stance_features,
    weigh,
)
from filmgraph.documents import document_from_record
from filmgraph.evaluate import evaluate, format_report, same_entity
from filmgraph.extractor import LinkedText, Rules
from filmgraph.model import (
    Entity,
    EntityKind,
    Film,
    Franchise,
    Link,
    Mention,
    Person,
    Polarity,
    Relation,
    Work,
    catalogued_id,
    slug,
)
from filmgraph.reader import Reader
from filmgraph.records import film_records, object_record
from filmgraph.settings import data_dir
from filmgraph.text import normalise, sentences

ROOT = Path(__file__).parents[1]
FOLDS = 5
DEFAULT_THRESHOLDS = {"lineage": 0.4, "resembles": 0.4, "part_of": 0.3, "rival": 0.6}
TOLERANCE = 0.02
"""How much F1 may be given up for precision: a false edge costs trust, a missed one is found again."""
LINEAGE_NAMES = frozenset(relation.value for relation in Relation if relation.is_lineage)


@dataclass(frozen=True, slots=True)
class Example:
    """A pair's features with its class, relation, and the stance; `weight` in 0..1, `fold` -1 for none."""

    features: Sequence[str]
    label: str
    relation: str | None
    stance: str | None
    feeling: Sequence[str]
    weight: float
    fold: int


# ── labelling ───────────────────────────────────────────────────────────────────────────────


def label_review(
    passage: Passage, gold: dict[str, Any], entity: Callable[[Span], Any], fold: int
) -> Iterator[Example]:
    """Each pair of a passage with what the gold claims say of it.

    A gold claim labels the pairs of its two works in the sentences its quote touches; where there is none,
    the nearest one, at a lower weight.
    """
    groups: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs(passage):
        groups.setdefault(pair.key, []).append(pair)
    for group in groups.values():
        record = {"subject": entity(group[0].subject), "object": entity(group[0].object)}
        claims = [claim for claim in gold["claims"] if _joins(claim, record)]
        yield from _label_group(passage, group, claims, fold)


def _joins(claim: dict[str, Any], pair: dict[str, Any]) -> bool:
    ends = (claim["subject"], claim["object"])
    return any(
        same_entity(a, pair["subject"]) and same_entity(b, pair["object"]) for a, b in (ends, ends[::-1])
    )


def _label_group(
    passage: Passage, group: Sequence[Pair], claims: Sequence[dict[str, Any]], fold: int
) -> Iterator[Example]:
    quoted: dict[int, dict[str, Any]] = {}
    for n, pair in enumerate(group):
        touching = [claim for claim in claims if _touches(passage, pair, claim["quote"])]
        if touching:
            quoted[n] = min(touching, key=_rank)
    weight = 1.0
    if claims and not quoted:
        claim = min(claims, key=_rank)
        place = max(passage.text.find(claim["quote"]), 0)
        nearest = min(range(len(group)), key=lambda n: abs(group[n].anchor.start - place))
        quoted, weight = {nearest: claim}, 0.6
    for n, pair in enumerate(group):
        claim = quoted.get(n)
        if claim is None and claims:
            continue
        shown = features(passage, pair)
        if claim is None:
            yield Example(shown, "none", None, None, (), 1.0, fold)
        else:
            name = claim["relation"]
            feeling = _feeling(passage, pair, claim)
            yield Example(shown, _class_of(name), name, claim["stance"], feeling, weight, fold)


def _feeling(passage: Passage, pair: Pair, claim: dict[str, Any]) -> list[str]:
    return stance_features(
        passage, pair.anchor.sentence, Relation(claim["relation"]), Polarity(claim["polarity"])
    )


def _touches(passage: Passage, pair: Pair, quote: str) -> bool:
    start = passage.text.find(quote)
    sentence = passage.sentences[pair.anchor.sentence]
    return start >= 0 and start < sentence.end and sentence.start < start + len(quote)


def _rank(claim: dict[str, Any]) -> tuple[bool, bool, str]:
    name = claim["relation"]
    return name not in LINEAGE_NAMES, name == "resembles", name


def _class_of(relation: str) -> str:
    return LINEAGE if relation in LINEAGE_NAMES else relation


# ── single sentences ────────────────────────────────────────────────────────────────────────

_CODES = {
    "INF": "inspired_by", "SEQ": "sequel_to", "REM": "remake_of", "RIP": "imitates", "PAR": "parodies",
    "REB": "reboot_of", "SIM": "resembles", "NO": "none",
}  # fmt: skip


def critics_sentences(file: Path) -> Iterator[Example]:
    """Sentences whose mentions carry a code for their relation to the reviewed film."""
    for record in _lines(file):
        text = record["sentence"]
        reviewed = _film(record["film"], record.get("film_year"), record.get("film_imdb"))
        entities: dict[str, Entity] = {reviewed.id: reviewed}
        links, labels = [], {}
        for mention in record["mentions"]:
            start = text.find(mention["surface"])
            if start < 0 or mention.get("uncertain"):
                continue
            film = _film(mention["title"] or mention["surface"], mention.get("year"), mention["imdb_id"])
            entities[film.id] = film
            labels[film.id] = mention["label"]
            links.append(_link(text, start, start + len(mention["surface"]), film))
        found = passage(text, sentences(normalise(text)), links, entities, reviewed.id)
        for pair in pairs(found):
            code = labels.get(pair.anchor.entity)
            if pair.other is not None or code is None or code == "OTH":
                continue
            name = _CODES[code[1:] if code.startswith("r") and code[1:] in _CODES else code]
            known = None if name == "none" or code.endswith("INF") else name
            yield Example(features(found, pair), _class_of(name), known, None, (), 0.7, -1)


def own_sentences(files: Iterable[Path]) -> Iterator[Example]:
    """Sentences written for training, with spans and claims."""
    for file in files:
        for record in _lines(file):
            yield from _own_sentence(record)


def _own_sentence(record: dict[str, Any]) -> Iterator[Example]:
    text = record["text"]
    entities: dict[str, Entity] = {}
    reviewed = None
    if record.get("reviewed"):
        reviewed = _film(record["reviewed"]["title"], record["reviewed"].get("year"))
        entities[reviewed.id] = reviewed
    ids = []
    links = []
    for span in record["spans"]:
        entity = _entity(span)
        ids.append(entity.id)
        entities[entity.id] = entity
        links.append(_link(text, span["start"], span["end"], entity, span.get("how", "name")))
    claims = {}
    for claim in record["claims"]:
        ends = [
            reviewed.id if end == "reviewed" and reviewed else ids[end]
            for end in (claim["subject"], claim["object"])
        ]
        key = (min(ends), max(ends))
        if key not in claims or _rank(claim) < _rank(claims[key]):
            claims[key] = claim
    found = passage(text, sentences(normalise(text)), links, entities, reviewed.id if reviewed else None)
    for pair in pairs(found):
        claim = claims.get(pair.key)
        name = claim["relation"] if claim else "none"
        stance = claim.get("stance") if claim else None
        feeling = _feeling(found, pair, claim) if claim else ()
        yield Example(
            features(found, pair), _class_of(name), name if claim else None, stance, feeling, 0.5, -1
        )


def _film(title: str, year: Any, imdb_id: str | None = None) -> Film:
    number = int(year) if str(year or "").isdigit() else None
    return Film(catalogued_id(EntityKind.FILM, imdb_id or f"{slug(title)}-{number}"), title, number)


_MAKERS = {
    EntityKind.FILM: Film, EntityKind.WORK: Work, EntityKind.PERSON: Person, EntityKind.FRANCHISE: Franchise,
}  # fmt: skip


def _entity(span: dict[str, Any]) -> Entity:
    kind = EntityKind(span["kind"])
    name, year = span["title"], span.get("year")
    return _MAKERS[kind](catalogued_id(kind, f"{slug(name)}-{year}"), name, year)


def _link(text: str, start: int, end: int, entity: Entity, how: str = "name") -> Link:
    return Link(
        Mention(start, end, text[start:end], EntityKind(entity.id.partition(":")[0])), entity.id, 1.0, how
    )


# ── fitting ─────────────────────────────────────────────────────────────────────────────────


def fit(examples: Sequence[Example], digest: str, thresholds: dict[str, float]) -> dict[str, Any]:
    """All three models as the record that `filmgraph.claims` loads."""
    lineage = [e for e in examples if e.label == LINEAGE and e.relation]
    felt = [e for e in examples if e.stance and e.relation]
    return {
        "digest": digest,
        "thresholds": thresholds,
        "decision": _regression(
            [e.features for e in examples], [e.label for e in examples], [e.weight for e in examples], 0.2
        ),
        "relation": _regression(
            [e.features for e in lineage],
            [str(e.relation) for e in lineage],
            [e.weight for e in lineage],
            1.0,
        ),
        "stance": _regression(
            [e.feeling for e in felt],
            [str(e.stance) for e in felt],
            [e.weight for e in felt],
            0.05,
        ),
    }


def _regression(
    shown: Sequence[Sequence[str]], labels: Sequence[str], weights: Sequence[float], strength: float
) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for names in shown:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    kept = {name: n for n, name in enumerate(sorted(name for name, count in counts.items() if count > 1))}
    rows = [(r, kept[name]) for r, names in enumerate(shown) for name in names if name in kept]
    table = csr_matrix((np.ones(len(rows)), tuple(zip(*rows, strict=True))), shape=(len(shown), len(kept)))
    model = LogisticRegression(C=strength, max_iter=400).fit(table, labels, sample_weight=weights)
    rounded = np.round(model.coef_.T * 1000).astype(int)
    return {
        "classes": list(map(str, model.classes_)),
        "intercepts": np.round(model.intercept_ * 1000).astype(int).tolist(),
        "weights": {name: rounded[n].tolist() for name, n in kept.items() if np.abs(rounded[n]).max() >= 5},
    }


# ── cross-validation ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A training review: the passage, its gold record and what the reader found besides claims."""

    passage: Passage
    gold: dict[str, Any]
    record: dict[str, Any]
    films: list[dict[str, Any]]
    entity: Callable[[Span], Any]


def predict(review: Reviewed, models: Models, weighed: Sequence[Weighed] | None = None) -> dict[str, Any]:
    found = (
        extract_claims(review.passage, models)
        if weighed is None
        else list(decide(review.passage, weighed, models))
    )
    claims = [claim_record(review, claim) for claim in found if claim.subject.how != "namesake"]
    return {"id": review.gold["id"], "films": review.films, "claims": claims}


def claim_record(review: Reviewed, claim: Found) -> dict[str, Any]:
    object_ = review.entity(claim.object)
    if claim.relation is Relation.PART_OF:
        object_ = {**object_, "kind": "franchise"}
    return {
        "subject": review.entity(claim.subject),
        "relation": claim.relation.value,
        "object": object_,
        "polarity": claim.polarity.value,
        "stance": claim.stance.value,
        "quote": review.passage.text[claim.start : claim.end],
    }


def cross_validate(
    reviews: Sequence[Reviewed], examples: Sequence[Example], digest: str
) -> tuple[dict[str, float], str]:
    """Thresholds that are best over held-out reviews, and the report of the scores there."""
    folds = [
        models_from_json(fit([e for e in examples if e.fold != fold], digest, DEFAULT_THRESHOLDS))
        for fold in range(FOLDS)
    ]
    weighed = [weigh(review.passage, folds[n % FOLDS].decision) for n, review in enumerate(reviews)]

    def report(thresholds: dict[str, float]) -> Any:
        predicted = [
            predict(review, replace(folds[n % FOLDS], thresholds=thresholds), weighed[n])
            for n, review in enumerate(reviews)
        ]
        return evaluate([r.gold for r in reviews], predicted, [r.record for r in reviews])

    thresholds = dict(DEFAULT_THRESHOLDS)
    grid = {
        "rival": ("lineage", (0.0, 0.4, 0.6, 0.8, 0.95)),
        "lineage": ("lineage", (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)),
        "resembles": ("resembles", (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)),
        "part_of": ("membership", (0.15, 0.2, 0.25, 0.3, 0.4, 0.5)),
    }
    for name, (measure, values) in grid.items():
        scores = {value: report({**thresholds, name: value}).tallies[measure].f1 for value in values}
        good = [value for value, score in scores.items() if score >= max(scores.values()) - TOLERANCE]
        thresholds[name] = max(good)
        print(name, {value: round(score, 3) for value, score in scores.items()}, file=sys.stderr, flush=True)
    return thresholds, format_report(report(thresholds))


# ── the command ─────────────────────────────────────────────────────────────────────────────


def reviews(directory: Path, reader: Reader) -> list[Reviewed]:
    """The reviews of an evaluation directory, read by `reader` up to their links."""
    golds = {gold["id"]: gold for gold in _lines(directory / "gold.jsonl")}
    result = []
    for record in _lines(directory / "docs.jsonl"):
        document = document_from_record(record, str(directory))
        text = reader.link(document)
        result.append(
            Reviewed(
                passage=text.passage,
                gold=golds[record["id"]],
                record=record,
                films=film_records(text),
                entity=partial(_span_record, text),
            )
        )
    return result


def _span_record(text: LinkedText, span: Span) -> dict[str, Any]:
    return object_record(text.entity(span.entity), text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eval", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--sentences", type=Path, default=ROOT / "seed" / "training")
    parser.add_argument("--no-write", action="store_true", help="only cross-validate")
    options = parser.parse_args()
    train(options.eval, sorted(options.sentences.glob("*.jsonl")), write=not options.no_write)


def train(evaluation: Path, own: Sequence[Path], *, write: bool = True) -> None:
    """Cross-validate, choose thresholds, fit on everything and write the weights."""
    started = time.monotonic()
    reader = Reader(load_catalog(evaluation / "catalog"), Rules(UNTRAINED))
    read = reviews(evaluation / "train", reader)
    examples = [
        example
        for n, review in enumerate(read)
        for example in label_review(review.passage, review.gold, review.entity, n % FOLDS)
    ]
    examples += critics_sentences(evaluation / "train" / "sentences_labelled.jsonl")
    examples += own_sentences(own)
    _say(f"{len(examples)} pairs after {time.monotonic() - started:.0f} s")
    data = [evaluation / "train" / name for name in ("docs.jsonl", "gold.jsonl", "sentences_labelled.jsonl")]
    digest = _digest([*data, *own])
    thresholds, report = cross_validate(read, examples, digest)
    print(report)
    if write:
        record = fit(examples, digest, thresholds)
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        (data_dir() / WEIGHTS).write_bytes(gzip.compress(text, 9, mtime=0))
        _say(f"{data_dir() / WEIGHTS}: {len(record['decision']['weights'])} features, data {digest}")


_EMPTY: dict[str, Any] = {"classes": ["none"], "weights": {"": [0]}, "intercepts": [0]}
UNTRAINED = models_from_json(
    {"decision": _EMPTY, "relation": _EMPTY, "stance": _EMPTY, "thresholds": DEFAULT_THRESHOLDS, "digest": ""}
)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
