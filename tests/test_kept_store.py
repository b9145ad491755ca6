"""A store that keeps what it has read says the same as the store beneath it."""

from __future__ import annotations

from pathlib import Path

import pytest

from filmgraph.kept_store import KeptStore
from filmgraph.store import open_store
from graphs import BALLERINA, FORMULA, NIKITA, NOBODY, READINGS, WICK, fill

CLAIMS = [item.claim.id for reading in READINGS for item in reading.evidence]
FILMS = [WICK.id, "film:none", NIKITA.id, WICK.id, NOBODY.id]


@pytest.mark.parametrize("most", [0, 1, 3, 1_000])
def test_it_answers_as_the_store_does(tmp_path: Path, most: int) -> None:
    with open_store(fill(tmp_path / "graph.db")) as store:
        kept = KeptStore(store, most)
        for _ in range(3):
            for ids in (FILMS, FILMS[1:3], [], [FORMULA.id]):
                assert list(kept.entities(iter(ids)).items()) == list(store.entities(ids).items())
            for claims in (CLAIMS, CLAIMS[2:4], ["claim:none"]):
                assert kept.claims(claims) == store.claims(claims)
                assert kept.evidence(claims) == store.evidence(claims)
        assert kept.entity(WICK.id) == store.entity(WICK.id) and kept.entity("film:none") is None
        assert kept.stats() == store.stats()


def test_it_forgets_when_it_is_told(tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "graph.db")) as store:
        kept = KeptStore(store, 100)
        before = kept.entities([BALLERINA.id, FORMULA.id])
        store.retract(READINGS[0].review.id)
        assert kept.entities([BALLERINA.id, FORMULA.id]) == before
        kept.forget()
        assert (
            kept.entities([BALLERINA.id, FORMULA.id]) == store.entities([BALLERINA.id, FORMULA.id]) != before
        )
