"""Trained weights: probabilities, reasons, and what a chance is worth."""

from dataclasses import replace

import pytest

from filmgraph.candidates import pairs
from filmgraph.errors import FilmgraphError
from filmgraph.joint import LINEAGE, NONE, Weighed
from filmgraph.weights import LinearModel, load_linear_models, load_models
from passages import mentioned

MODEL = LinearModel.from_json(
    {"classes": ["a", "b"], "weights": {"x": [1000, 0], "y": [0, 500]}, "intercepts": [0, 0]}
)


def test_probabilities_add_up_and_unknown_features_change_nothing() -> None:
    assert sum(MODEL.probabilities(["x", "y"]).values()) == pytest.approx(1)
    assert MODEL.probabilities(["x", "z"]) == MODEL.probabilities(["x"])
    assert MODEL.probabilities([]) == {"a": 0.5, "b": 0.5}


def test_reasons_are_the_weights_largest_first() -> None:
    assert MODEL.reasons(["y", "x", "z"], "a") == [("x", 1.0), ("y", 0.0)]


def test_a_calibrated_chance_is_read_off_the_curve() -> None:
    models = replace(load_models(), calibration={LINEAGE: [(0.0, 0.0), (0.5, 0.8), (1.0, 0.9)]})
    pair = pairs(mentioned("It copies Jaws."))[0]
    worth = models.calibrated([Weighed(pair, [], {LINEAGE: 0.25, NONE: 0.75})])[0]
    assert worth.chance(LINEAGE) == pytest.approx(0.4) and worth.chance(NONE) == 0.75


def test_curves_rise() -> None:
    for points in load_models().calibration.values():
        assert sorted(map(tuple, points)) == list(map(tuple, points))
        assert [worth for _, worth in points] == sorted(worth for _, worth in points)


def test_missing_weights_are_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FilmgraphError, match="make train"):
        load_linear_models(tmp_path / "nowhere.json.gz")
