"""The loop: whatever the order, the repetition or the interruption, the same graph."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from filmgraph.catalog import Catalog
from filmgraph.errors import DocumentError
from filmgraph.export import export
from filmgraph.extractor import LinkedText
from filmgraph.ingest import ingest
from filmgraph.model import Document, review_id
from filmgraph.reader import Reader
from filmgraph.settings import seed_dir
from filmgraph.store import Store, open_store


def exported(store: Store) -> bytes:
    sink = io.BytesIO()
    export(store, "json", sink)
    return sink.getvalue()


def graph_of(path: Path, catalog: Catalog, reader: Reader, documents: list[Document]) -> bytes:
    with open_store(str(path)) as store:
        store.import_entities(catalog, source="seed")
        ingest(documents, store, reader)
        assert store.verify() == []
        return exported(store)


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory,
    seed_catalog: Catalog,
    seed_reader: Reader,
    seed_documents: list[Document],
) -> bytes:
    return graph_of(tmp_path_factory.mktemp("whole") / "a.db", seed_catalog, seed_reader, seed_documents)


def test_a_second_run_changes_nothing(
    seed_store: Store, seed_reader: Reader, seed_documents: list[Document]
) -> None:
    before, revision = exported(seed_store), seed_store.revision()
    progress = ingest(seed_documents, seed_store, seed_reader)
    assert (progress.read, progress.known) == (0, len(seed_documents))
    assert seed_store.revision() == revision
    assert exported(seed_store) == before


class StumblingReader(Reader):
    """A reader with a fault: one text is too much for it."""

    def link(self, document: Document, *, explain: bool = False) -> LinkedText:
        if document.text == "Too much.":
            raise IndexError("no sentence")
        return super().link(document, explain=explain)


def test_a_document_that_is_stumbled_over_is_told_and_the_rest_goes_on(
    tmp_path: Path, seed_catalog: Catalog, seed_documents: list[Document]
) -> None:
    documents = [*seed_documents[:3], Document("odd.txt", "Too much."), *seed_documents[3:5]]
    told: list[DocumentError] = []
    with open_store(str(tmp_path / "a.db")) as store:
        store.import_entities(seed_catalog, source="seed")
        progress = ingest(documents, store, StumblingReader(seed_catalog), on_error=told.append)
        with pytest.raises(IndexError):
            ingest(documents, store, StumblingReader(seed_catalog))
    assert progress.read == 5
    assert [error.place for error in told] == ["odd.txt"] and "IndexError" in str(told[0])


def test_order_does_not_show(
    tmp_path: Path, whole: bytes, seed_catalog: Catalog, seed_reader: Reader, seed_documents: list[Document]
) -> None:
    shuffled = random.Random(7).sample(seed_documents, len(seed_documents))
    assert graph_of(tmp_path / "b.db", seed_catalog, seed_reader, shuffled) == whole


def test_retraction_leaves_no_trace(
    tmp_path: Path, seed_catalog: Catalog, seed_reader: Reader, seed_documents: list[Document]
) -> None:
    kept = seed_documents[::2]
    expected = graph_of(tmp_path / "kept.db", seed_catalog, seed_reader, kept)
    with open_store(str(tmp_path / "all.db")) as store:
        store.import_entities(seed_catalog, source="seed")
        ingest(seed_documents, store, seed_reader)
        assert exported(store) != expected
        for document in seed_documents[1::2]:
            assert store.retract(review_id(document.text))
        assert exported(store) == expected
        assert store.verify() == []


def test_a_killed_run_is_resumed(tmp_path: Path, whole: bytes) -> None:
    store = tmp_path / "killed.db"
    command = [
        sys.executable,
        "-m",
        "filmgraph",
        "ingest",
        str(seed_dir() / "reviews"),
        "--store",
        str(store),
    ]
    for attempt in range(3):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not store.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3 * (attempt + 1))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with open_store(str(store), readonly=True) as reopened:
        assert reopened.verify() == []
        assert exported(reopened) == whole
