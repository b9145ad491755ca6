"""Train the models of `filmgraph.claims` from reviews with gold claims and from single labelled sentences.

    OMP_NUM_THREADS=1 python training/claims.py [--eval DIR] [--sentences DIR] [--no-write] [--no-encoder]

Prints the scores of a cross-validation over the training reviews of two folds, with calibration and thresholds found
there, and writes `src/filmgraph/data/claims.json.gz` with a digest of the data. Their links and their second reader are
from models that never saw these folds either (`training/linking-held-out.json.gz`, written by `training/link.py`, and
`training/encoder-held-out.onnx`, by `training/encoder.py`). `--no-encoder`
cross-validates the linear models alone, over all five folds.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from examples import (
    Example,
    critics_sentences,
    entity_records,
    label_review,
    marked_sentences,
    outside,
    own_sentences,
)
from labelled import (
    FOLDS,
    HELD_OUT,
    SENTENCES,
    Record,
    annotated,
    given,
    judged,
    measured,
    read_lines,
    unlabelled,
)
from link import held_out_weights
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from tables import columns_of, table_of

from filmgraph.catalog import load_catalog
from filmgraph.claims import decide, weigh
from filmgraph.documents import document_from_record
from filmgraph.encoder import Encoder
from filmgraph.evaluate import Report, evaluate, format_report
from filmgraph.extractor import LinkedText, Rules
from filmgraph.findings import Found
from filmgraph.joint import COMPARED, LINEAGE, MEMBER, Weighed
from filmgraph.matching import LINEAGE as LINEAGE_NAMES
from filmgraph.matching import (
    Tally,
    claims_of,
    same_pair,
    same_pair_and_sign,
    same_pair_either_way,
    tally,
)
from filmgraph.model import Claim, Evidence, Polarity, Provenance, Relation, Stance
from filmgraph.reader import Reader
from filmgraph.records import film_records
from filmgraph.reliability import JudgedClaim, error_rates
from filmgraph.settings import data_dir
from filmgraph.weights import WEIGHTS, Models, models_from_json

ROOT = Path(__file__).parents[1]
HELD_OUT_ENCODER = Path(__file__).parent / "encoder-held-out.onnx"
"""An encoder that never saw the held-out folds."""
DEFAULT_THRESHOLDS = {LINEAGE: 0.4, COMPARED: 0.4, MEMBER: 0.3, "rival": 0.6}
TOLERANCE = {LINEAGE: 0.025, "rival": 0.025}
"""How much F1 of lineage may be given up for precision: a false edge costs trust, a missed one is found again."""
DECISION_WEIGHT = {"own": 0.25, "annotated": 0.35}
RELATION_WEIGHT = {"own": 0.3}
"""What an example of a source counts beside one from a review; by cross-validation."""
RAREST = 2
"""How many examples must show a feature for it to be weighed."""
LEAST_SPREAD = 120
"""How far apart its weights for two classes must be for a feature to be kept, in thousandths: what tells less is most of
them, changes nothing that was measured, and makes a large table, which takes time to look up in."""


# ── fitting ─────────────────────────────────────────────────────────────────────────────────


def fit(examples: Sequence[Example], digest: str = "") -> dict[str, Any]:
    """All three models as the record that `filmgraph.weights` loads, not yet calibrated."""
    lineage = [e for e in examples if e.label == LINEAGE and e.relation]
    felt = [e for e in examples if e.stance and e.relation]
    return {
        "digest": digest,
        "thresholds": DEFAULT_THRESHOLDS,
        "calibration": {},
        "decision": _regression(
            [e.features for e in examples],
            [e.label for e in examples],
            [_decision_weight(e) for e in examples],
            0.1,
        ),
        "relation": _regression(
            [e.features for e in lineage],
            [str(e.relation) for e in lineage],
            [_relation_weight(e) for e in lineage],
            0.3,
        ),
        "stance": _regression(
            [e.feeling for e in felt],
            [str(e.stance) for e in felt],
            [_relation_weight(e) for e in felt],
            0.05,
        ),
    }


def _decision_weight(example: Example) -> float:
    return example.weight * DECISION_WEIGHT.get(example.source, 1.0)


def _relation_weight(example: Example) -> float:
    return example.weight * RELATION_WEIGHT.get(example.source, 1.0)


def _regression(
    shown: Sequence[Sequence[str]], labels: Sequence[str], weights: Sequence[float], strength: float
) -> dict[str, Any]:
    kept = columns_of(shown, RAREST)
    table = table_of(shown, kept)
    model = LogisticRegression(C=strength, max_iter=400, tol=1e-3).fit(table, labels, sample_weight=weights)
    rounded = np.round(model.coef_.T * 1000).astype(int)
    return {
        "classes": list(map(str, model.classes_)),
        "intercepts": np.round(model.intercept_ * 1000).astype(int).tolist(),
        "weights": {
            name: rounded[n].tolist() for name, n in kept.items() if np.ptp(rounded[n]) >= LEAST_SPREAD
        },
    }


# ── cross-validation ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A training review as it was linked, with its gold record."""

    text: LinkedText
    gold: dict[str, Any]
    record: dict[str, Any]
    entities: Mapping[str, Mapping[str, Any]]


_MEASURED = {
    "lineage": (LINEAGE_NAMES, same_pair_and_sign),
    "resembles": (frozenset([COMPARED]), same_pair_either_way),
    "membership": (frozenset([MEMBER]), same_pair),
}


@dataclass(slots=True)
class HeldOut:
    """Training reviews, each with models that never saw it and its pairs as these weigh them."""

    reviews: Sequence[Reviewed]
    models: Sequence[Models]
    weighed: Sequence[Sequence[Weighed]]

    def predictions(self, thresholds: Mapping[str, float]) -> Iterator[tuple[Reviewed, list[dict[str, Any]]]]:
        for review, models, weighed in zip(self.reviews, self.models, self.weighed, strict=True):
            found = decide(review.text.passage, weighed, replace(models, thresholds=thresholds))
            yield review, [_claim_record(review, claim) for claim in found]

    def report(self, thresholds: Mapping[str, float]) -> Report:
        predicted = [
            {
                "id": review.gold["id"],
                "films": film_records(review.text.linking, review.text.catalog),
                "claims": claims,
            }
            for review, claims in self.predictions(thresholds)
        ]
        return evaluate([r.gold for r in self.reviews], predicted, [r.record for r in self.reviews])

    def f1(self, thresholds: Mapping[str, float], measure: str) -> float:
        """F1 of "lineage", "resembles" or "membership"."""
        relations, same = _MEASURED[measure]
        counts = (
            tally(claims_of(review.gold, relations), claims_of({"claims": claims}, relations), same)
            for review, claims in self.predictions(thresholds)
        )
        return sum(counts, Tally()).f1

    def calibrate(self) -> dict[str, list[tuple[float, float]]]:
        """What a chance is worth, for each class; from now on it is taken into account."""
        low = {LINEAGE: 0.1, COMPARED: 0.05, MEMBER: 0.05, "rival": DEFAULT_THRESHOLDS["rival"]}
        curves = {
            LINEAGE: self._curve({**low, COMPARED: 2.0}, LINEAGE_NAMES),
            COMPARED: self._curve({**low, LINEAGE: 0.5}, frozenset([COMPARED])),
            MEMBER: self._curve(low, frozenset([MEMBER])),
        }
        self.models = [replace(models, calibration=curves) for models in self.models]
        return curves

    def _curve(self, thresholds: Mapping[str, float], relations: frozenset[str]) -> list[tuple[float, float]]:
        same = same_pair_either_way if COMPARED in relations else same_pair_and_sign
        chances, right = [], []
        for review, claims in self.predictions(thresholds):
            gold = [claim for claim in review.gold["claims"] if claim["relation"] in relations]
            for claim in claims:
                if claim["relation"] in relations:
                    chances.append(claim["confidence"])
                    right.append(any(same(other, claim) for other in gold))
        return _rising_curve(chances, right)

    def judged(self, thresholds: Mapping[str, float]) -> Iterator[JudgedClaim]:
        """Each lineage claim read in each review, its evidence there, and whether the gold record has it."""
        for review, claims in self.predictions(thresholds):
            gold = [claim for claim in review.gold["claims"] if claim["relation"] in LINEAGE_NAMES]
            groups: dict[str, list[dict[str, Any]]] = {}
            for claim in claims:
                if claim["relation"] in LINEAGE_NAMES:
                    ends = (claim["subject"], claim["object"], claim["polarity"] == "negated")
                    groups.setdefault(repr(ends), []).append(claim)
            for group in groups.values():
                right = any(same_pair_and_sign(claim, group[0]) for claim in gold)
                yield JudgedClaim(tuple(_evidence(review, claim) for claim in group), right)


def _evidence(review: Reviewed, claim: Mapping[str, Any]) -> Evidence:
    return Evidence(
        claim=Claim("subject", Relation(claim["relation"]), "object"),
        review=review.gold["id"],
        start=review.text.document.text.find(claim["quote"]),
        end=0,
        quote=claim["quote"],
        polarity=Polarity(claim["polarity"]),
        stance=Stance(claim["stance"]),
        confidence=claim["confidence"],
        provenance=Provenance("rules", ""),
    )


def _rising_curve(
    chances: Sequence[float], right: Sequence[bool], points: int = 10
) -> list[tuple[float, float]]:
    """The share that is right as a rising function of the chance, at quantiles of the chances."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(chances, right)
    parts = np.array_split(np.sort(np.asarray(chances)), points)
    places = [float(part.mean()) for part in parts if len(part)]
    worth = fitted.predict(places)
    curve = [(0.0, 0.0), *((round(x, 4), round(float(y), 4)) for x, y in zip(places, worth, strict=True))]
    return [*curve, (1.0, max(curve[-1][1], 0.95))]


def _claim_record(review: Reviewed, claim: Found) -> dict[str, Any]:
    object_ = review.entities[claim.object.entity]
    if claim.relation is Relation.PART_OF:
        object_ = {**object_, "kind": "franchise"}
    return {
        "subject": review.entities[claim.subject.entity],
        "relation": claim.relation.value,
        "object": object_,
        "polarity": claim.polarity.value,
        "stance": claim.stance.value,
        "quote": review.text.document.text[claim.start : claim.end],
        "confidence": claim.confidence,
    }


def hold_out(reviews: Sequence[Reviewed], examples: Sequence[Example], encoder: Encoder | None) -> HeldOut:
    """Models for each fold, trained on the others; with an encoder only the folds that it never saw."""
    folds = HELD_OUT if encoder else range(FOLDS)
    trained = {fold: models_from_json(fit([e for e in examples if e.fold != fold])) for fold in folds}
    kept = [(review, trained[n % FOLDS]) for n, review in enumerate(reviews) if n % FOLDS in folds]
    weighed = [weigh(review.text.passage, models.decision, encoder) for review, models in kept]
    return HeldOut([review for review, _ in kept], [models for _, models in kept], weighed)


GRID = {
    "rival": ("lineage", (0.4, 0.8)),
    LINEAGE: ("lineage", (0.4, 0.45, 0.5, 0.525, 0.55, 0.575, 0.6)),
    COMPARED: ("resembles", (0.2, 0.25, 0.3, 0.35, 0.4, 0.45)),
    MEMBER: ("membership", (0.15, 0.2, 0.25, 0.3, 0.4)),
}
"""Which thresholds are tried for which measure."""


def choose_thresholds(held_out: HeldOut) -> dict[str, float]:
    """The highest thresholds whose F1 over held-out reviews is nearly the best."""
    thresholds = dict(DEFAULT_THRESHOLDS)
    for name, (measure, values) in GRID.items():
        scores = {value: held_out.f1({**thresholds, name: value}, measure) for value in values}
        least = max(scores.values()) - TOLERANCE.get(name, 0.0)
        good = [value for value, score in scores.items() if score >= least]
        thresholds[name] = max(good)
        say(f"{name} { ({value: round(score, 3) for value, score in scores.items()}) }")
    return thresholds


# ── the command ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Data:
    """The files that are learnt from."""

    evaluation: Path
    sentences: Sequence[Path]

    @property
    def files(self) -> list[Path]:
        names = ("docs.jsonl", "gold.jsonl", "sentences_labelled.jsonl")
        theirs = (self.evaluation / "train" / name for name in names)
        return [*theirs, self.evaluation / SENTENCES, *self.sentences]

    @property
    def digest(self) -> str:
        digest = hashlib.blake2b(digest_size=8)
        for file in self.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def reviews(self, reader: Reader) -> list[Reviewed]:
        """The training reviews, those of the held-out folds linked by weights that never saw them."""
        stranger = Reader(reader.catalog, Rules(UNTRAINED), held_out_weights())
        read = []
        for n, labelled in enumerate(given(self.evaluation)):
            linking = stranger if n % FOLDS in HELD_OUT else reader
            text = linking.link(document_from_record(labelled.record, "train"))
            read.append(Reviewed(text, labelled.gold, labelled.record, entity_records(text)))
        return read

    def examples(self, reviews: Sequence[Reviewed], reader: Reader) -> Iterator[Example]:
        for n, review in enumerate(reviews):
            yield from label_review(review.text, review.gold, n % FOLDS)
        sentences = self.evaluation / "train" / "sentences_labelled.jsonl"
        yield from critics_sentences(sentences, measured(self.evaluation))
        for labelled in judged(self.evaluation, self._own("critics")):
            text = reader.link(document_from_record(labelled.record, "critics"))
            yield from label_review(text, labelled.gold, source="critics")
        marks: dict[str, list[Record]] = {}
        for mark in (mark for file in self._own("marks") for mark in read_lines(file)):
            marks.setdefault(mark["review"], []).append(mark)
        for labelled in annotated(self.evaluation, self._own("reviews")):
            text = reader.link(document_from_record(labelled.record, "reviews"))
            found = label_review(text, labelled.gold, source="annotated")
            yield from outside(marks.get(labelled.record["id"], ()), found)
        yield from own_sentences(record for file in self._own("claims") for record in read_lines(file))
        yield from marked_sentences(marks, unlabelled(self.evaluation, marks), reader)

    def _own(self, kind: str) -> list[Path]:
        return [file for file in self.sentences if file.name.startswith(f"{kind}-")]


def train(data: Data, encoder: Encoder | None, *, write: bool = True) -> None:
    """Cross-validate, calibrate, choose thresholds, fit on everything and write the weights."""
    started = time.monotonic()
    reader = Reader(load_catalog(data.evaluation / "catalog"), Rules(UNTRAINED))
    reviews = data.reviews(reader)
    examples = list(data.examples(reviews, reader))
    say(f"{len(examples)} pairs after {time.monotonic() - started:.0f} s")
    held_out = hold_out(reviews, examples, encoder)
    calibration = held_out.calibrate()
    thresholds = choose_thresholds(held_out)
    print(format_report(held_out.report(thresholds)))
    rates = error_rates(list(held_out.judged(thresholds)))
    print(rates)
    if write:
        _write_rates({n: {**asdict(found.rate), "claims": found.claims} for n, found in rates.items()})
        record = fit(examples, data.digest) | {"thresholds": thresholds, "calibration": calibration}
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
        (data_dir() / WEIGHTS).write_bytes(gzip.compress(text, 9, mtime=0))
        say(f"{data_dir() / WEIGHTS}: {len(record['decision']['weights'])} features, data {data.digest}")


def _write_rates(measured: Mapping[str, Mapping[str, float]]) -> None:
    """Put the error rates in the package, beside those of other extractors."""
    file = data_dir() / "error_rates.json"
    rates = json.loads(file.read_text("utf-8")) | measured
    file.write_text(json.dumps(rates, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eval", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--sentences", type=Path, default=ROOT / "seed" / "training")
    parser.add_argument("--no-write", action="store_true", help="only cross-validate")
    parser.add_argument(
        "--no-encoder", action="store_true", help="only cross-validate, the linear models alone"
    )
    options = parser.parse_args()
    data = Data(options.eval, sorted(options.sentences.glob("*.jsonl")))
    encoder = None if options.no_encoder else Encoder(HELD_OUT_ENCODER)
    train(data, encoder, write=not (options.no_write or options.no_encoder))


_EMPTY: dict[str, Any] = {"classes": ["none"], "weights": {"": [0]}, "intercepts": [0]}
UNTRAINED = models_from_json(
    {
        "decision": _EMPTY,
        "relation": _EMPTY,
        "stance": _EMPTY,
        "thresholds": DEFAULT_THRESHOLDS,
        "calibration": {},
        "digest": "",
    }
)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
