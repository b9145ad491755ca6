"""A whole graph from one store into another, and back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from filmgraph.cli import cli
from filmgraph.errors import StoreError
from filmgraph.export import export
from filmgraph.model import Film, Judgement, JudgementAction, Relation
from filmgraph.store import ClaimFilter, Store, open_store
from filmgraph.transfer import copy, export_digest
from graphs import BALLERINA, CATALOGUE, NIKITA, NOBODY, NOVEL, READINGS, WICK, reading

TWIN = Film("film:~ballerina", "Ballerina")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    """A store with a rejected claim, a merge, one taken back, and a catalogue that came later."""
    with open_store(str(tmp_path / "source.db")) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put(READINGS, [f"mark {n}" for n in range(len(READINGS))], pipeline="one")
        store.put([reading("Ballerina copies Nikita.", TWIN, Relation.IMITATES, NIKITA)], pipeline="two")
        (claim,) = store.find_claims(ClaimFilter(subject=NOBODY.id, object=WICK.id))
        store.judge(Judgement("no", JudgementAction.REJECT, claim.id, by="ann"))
        store.judge(Judgement("same", JudgementAction.MERGE, TWIN.id, BALLERINA.id, by="ann"))
        store.judge(Judgement("oops", JudgementAction.MERGE, NIKITA.id, WICK.id, by="bob"))
        store.undo("oops")
        pinned = f"{READINGS[3].review.id}#{NIKITA.id}"
        store.judge(Judgement("meant", JudgementAction.PIN, pinned, NOVEL.id, by="ann"))
        store.import_entities([Film("film:tt7181546", "Ballerina", 2023)], source="later")
        yield store


def content(store: Store) -> dict[str, object]:
    file = io.BytesIO()
    export(store, "json", file)
    counts = store.stats()
    del counts["revision"]
    return {
        "graph": json.loads(file.getvalue()),
        "counts": counts,
        "catalogue": store.catalogue_digest(),
        "entities": list(store.iter_entities()),
        "judgements": store.judgements(),
        "seen": store.seen([f"mark {n}" for n in range(len(READINGS) + 1)]),
        "readings": store.readings(limit=100),
    }


def test_there_and_back_again(source: Store, tmp_path: Path, neo4j_address: str) -> None:
    with open_store(neo4j_address) as shared, open_store(str(tmp_path / "back.db")) as back:
        copied = copy(source, shared)
        assert (copied.reviews, copied.judgements, copied.digest) == (8, 6, export_digest(source))
        assert content(shared) == content(source) and shared.verify() == []
        assert not shared.put(READINGS, pipeline="one").changed
        shared.undo("same")
        source.undo("same")
        copy(shared, back)
        copy(shared, back)
        assert content(back)["graph"] == content(source)["graph"] and back.verify() == []


def test_a_copy_that_is_none_is_told(source: Store, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "used.db")) as used:
        used.import_entities(CATALOGUE, source="test")
        used.put([reading("Nobody remakes Nikita.", NOBODY, Relation.REMAKE_OF, NIKITA)])
        with pytest.raises(StoreError, match="store that is empty"):
            copy(source, used)


def test_from_the_command_line(source: Store, tmp_path: Path) -> None:
    old, new = str(tmp_path / "source.db"), str(tmp_path / "new.db")
    migrated = CliRunner().invoke(cli, ["migrate", "--store", new])
    assert (migrated.exit_code, migrated.output) == (0, "The store is up to date, at revision 0.\n")
    done = CliRunner().invoke(cli, ["copy", old, new])
    assert done.exit_code == 0 and export_digest(source) in done.output
