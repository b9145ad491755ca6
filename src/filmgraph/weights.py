"""The trained models that decide claims, as training wrote them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from filmgraph.encoder import Encoder, load_encoder
from filmgraph.errors import FilmgraphError
from filmgraph.joint import Weighed
from filmgraph.settings import data_dir

__all__ = ["WEIGHTS", "LinearModel", "Models", "load_linear_models", "load_models", "models_from_json"]

Vector: TypeAlias = npt.NDArray[np.float32]

WEIGHTS = "claims.json.gz"


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial logistic regression: class names, and the weights, a row for each feature after one of intercepts."""

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    weights: Vector

    def probabilities(self, names: Iterable[str]) -> dict[str, float]:
        """Class → probability for something that shows the features `names`."""
        shown = [0, *filter(None, map(self.rows.get, names))]
        scores = np.add.reduce(self.weights.take(shown, axis=0))
        powers = np.exp(scores - np.maximum.reduce(scores))
        return dict(zip(self.classes, (powers / np.add.reduce(powers)).tolist(), strict=True))

    def reasons(self, names: Iterable[str], wanted: str, most: int = 8) -> list[tuple[str, float]]:
        """The features that spoke most for or against class `wanted`, with their weights."""
        column = self.classes.index(wanted)
        weighed = [
            (name, round(float(self.weights[self.rows[name], column]), 3))
            for name in names
            if name in self.rows
        ]
        return sorted(weighed, key=lambda item: (-abs(item[1]), item[0]))[:most]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> LinearModel:
        names = list(record["weights"])
        weights = np.array([record["intercepts"], *(record["weights"][name] for name in names)])
        return cls(
            classes=tuple(record["classes"]),
            rows={name: row for row, name in enumerate(names, 1)},
            weights=weights.astype(np.float32) / np.float32(1000),
        )


@dataclass(frozen=True, slots=True)
class Models:
    """The trained models, the confidence each kind of claim needs, and the digest of the training data.

    `calibration` maps a class to points (chance, share that is right), both rising: what a chance is worth.
    Without an `encoder` no sentence is read a second time.
    """

    decision: LinearModel
    relation: LinearModel
    stance: LinearModel
    thresholds: Mapping[str, float]
    calibration: Mapping[str, Sequence[tuple[float, float]]]
    digest: str
    encoder: Encoder | None = None

    def calibrated(self, items: Sequence[Weighed]) -> list[Weighed]:
        """The pairs with each chance at its worth: of claims at .8, eight in ten are right."""
        worths = {
            name: self._worths(name, [item.chance(name) for item in items]) for name in self.decision.classes
        }
        return [
            replace(item, chances={name: worths[name][number] for name in item.chances})
            for number, item in enumerate(items)
        ]

    def _worths(self, name: str, chances: list[float]) -> list[float]:
        points = self.calibration.get(name)
        if not points or not chances:
            return chances
        places, worths = zip(*points, strict=True)
        found: list[float] = np.interp(chances, places, worths).tolist()
        return found


@cache
def load_models() -> Models:
    """All models of the package, the encoder among them; FilmgraphError when one is missing."""
    return replace(load_linear_models(), encoder=load_encoder())


@cache
def load_linear_models(path: Path | None = None) -> Models:
    """The linear models of the package, or of a file written by training; FilmgraphError when there is none."""
    file = path or data_dir() / WEIGHTS
    try:
        record = json.loads(gzip.decompress(file.read_bytes()))
    except FileNotFoundError:
        raise FilmgraphError(f"{file}: there are no trained weights; `make train` writes them") from None
    return models_from_json(record)


def models_from_json(record: Mapping[str, Any]) -> Models:
    return Models(
        decision=LinearModel.from_json(record["decision"]),
        relation=LinearModel.from_json(record["relation"]),
        stance=LinearModel.from_json(record["stance"]),
        thresholds=record["thresholds"],
        calibration=record["calibration"],
        digest=record["digest"],
    )
