"""The one loop: documents in, readings into a store.

    for documents in batches:
        store.put(reader.read_all(documents))

Readings are written in batches, each one durable transaction; a document counts as stored only once its
batch is. A document that this reader has already read over this catalogue is passed over, so that an
interrupted run is resumed by running it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import orjson

from filmgraph.errors import DocumentError, FilmgraphError
from filmgraph.model import Document, Reading
from filmgraph.reader import Reader
from filmgraph.store import Store

__all__ = ["Progress", "fingerprint", "ingest"]

BATCH = 64


@dataclass(slots=True)
class Progress:
    """What an ingest has done so far: documents `read` and already `known`, `claims` and pieces of
    `evidence` found in what was read; all of it is in the store. Those `unread` have to be read again, for a
    reader could not be asked about them."""

    read: int = 0
    known: int = 0
    unread: int = 0
    claims: int = 0
    evidence: int = 0

    @property
    def documents(self) -> int:
        return self.read + self.known + self.unread


def fingerprint(document: Document, pipeline: str) -> str:
    """Names a document together with what reads it: equal exactly when reading again would change nothing.

    `pipeline` is the reader's version and the catalogue's digest. The place is left out: the same review in
    another file is the same review.

    >>> a, b = Document("a.txt", "Fine."), Document("b.txt", "Fine.")
    >>> fingerprint(a, "1") == fingerprint(b, "1"), fingerprint(a, "1") == fingerprint(a, "2")
    (True, False)
    """
    fields = {
        name: getattr(document, name) for name in Document.__dataclass_fields__ if name not in ("place", "id")
    }
    return hashlib.blake2b(orjson.dumps([pipeline, fields]), digest_size=16).hexdigest()


def ingest(
    documents: Iterable[Document],
    store: Store,
    reader: Reader,
    *,
    on_stored: Callable[[Progress], None] = lambda progress: None,
    on_error: Callable[[DocumentError], None] | None = None,
    by: str = "",
) -> Progress:
    """Read `documents` with `reader` and put what they say into `store`, on record as done by `by`.

    `on_stored` is called after every batch, when all that the progress counts is durable. A document that
    filmgraph stumbles over is told to `on_error` and passed over; without that, its fault ends the loop, as does
    every error of the tree (StoreError, ModelError), with all earlier batches stored.
    """
    pipeline = f"{reader.version}/{store.catalogue_digest()}"
    progress = Progress()
    for batch in _batches(documents, BATCH):
        marks = [fingerprint(document, pipeline) for document in batch]
        seen = store.seen(marks)
        fresh = {mark: document for mark, document in zip(marks, batch, strict=True) if mark not in seen}
        if fresh:
            _store(_readings(fresh, reader, on_error), store, progress, by)
        progress.known += len(batch) - len(fresh)
        on_stored(progress)
    return progress


def _readings(
    documents: Mapping[str, Document], reader: Reader, on_error: Callable[[DocumentError], None] | None
) -> dict[str, Reading]:
    """Readings by fingerprint. Where one stumbles, all are read again one by one, to know which."""
    try:
        return dict(zip(documents, reader.read_all(documents.values()), strict=True))
    except FilmgraphError:
        raise
    except Exception:
        if on_error is None:
            raise
    found = {}
    for mark, document in documents.items():
        try:
            found[mark] = reader.read(document)
        except FilmgraphError:
            raise
        except Exception as fault:
            on_error(DocumentError(document.place, f"filmgraph stumbles over it, please report: {fault!r}"))
    return found


def _store(readings: Mapping[str, Reading], store: Store, progress: Progress, by: str) -> None:
    """Put readings by fingerprint. One that is not complete is put for what it has, if anything, and stays unknown."""
    whole = {mark: reading for mark, reading in readings.items() if reading.complete}
    partial = [reading for reading in readings.values() if not reading.complete]
    useful = [reading for reading in partial if reading.evidence]
    if whole:
        store.put(list(whole.values()), list(whole), by=by)
    if useful:
        store.put(useful, by=by)
    stored = [*whole.values(), *useful]
    progress.evidence += sum(len(reading.evidence) for reading in stored)
    progress.claims += len({item.claim for reading in stored for item in reading.evidence})
    progress.read += len(whole)
    progress.unread += len(partial)


def _batches(documents: Iterable[Document], size: int) -> Iterator[list[Document]]:
    stream = iter(documents)
    while batch := list(islice(stream, size)):
        yield batch
