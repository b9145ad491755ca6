"""A whole graph from one store into another, of the same kind or not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from filmgraph.errors import StoreError
from filmgraph.export import export
from filmgraph.store import Store

__all__ = ["Copied", "copy", "export_digest"]

PAGE = 200
"""Readings that are put together."""


@dataclass(slots=True)
class Copied:
    """What a copy has done so far, and in the end the digest of either store's export."""

    entities: int = 0
    reviews: int = 0
    judgements: int = 0
    digest: str = ""


def copy(
    source: Store, target: Store, *, on_stored: Callable[[Copied], None] = lambda copied: None
) -> Copied:
    """Copy the catalogue, what was read and what was judged; the log of who did what stays behind.

    A copy that was interrupted is finished by copying again. Raises StoreError when the two do not export the same
    in the end: the target held more before, or somebody has written to one of them meanwhile.
    """
    copied = Copied()
    report = target.import_entities(source.iter_entities(catalogued_only=True), source="copy")
    copied.entities = report.added + report.updated + report.unchanged
    after = ""
    while page := source.readings(after=after, limit=PAGE):
        for pipeline in dict.fromkeys(item.pipeline for item in page):
            same = [item for item in page if item.pipeline == pipeline]
            # A reading that several documents held is put once for each; only the first writes.
            pairs = [(item.reading, mark) for item in same for mark in item.fingerprints or ("",)]
            target.put([reading for reading, _ in pairs], [mark for _, mark in pairs], pipeline=pipeline)
        copied.reviews += len(page)
        after = page[-1].reading.review.id
        on_stored(copied)
    judgements = source.judgements()
    target.replay(judgements)
    copied.judgements = len(judgements)
    copied.digest = export_digest(source)
    if copied.digest != export_digest(target) or source.catalogue_digest() != target.catalogue_digest():
        raise StoreError(
            "the copy differs from its source: copy into a store that is empty, while nobody writes to either"
        )
    return copied


def export_digest(store: Store) -> str:
    """A name for all that a store's CSV export shows; equal graphs have equal ones."""
    digest = _Digest()
    export(store, "csv", cast(io.BytesIO, digest))
    return digest.hash.hexdigest()


class _Digest(io.RawIOBase):
    """A file that keeps nothing of what is written to it but the hash."""

    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=16)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = memoryview(data)  # type: ignore[arg-type]
        self.hash.update(piece)
        return piece.nbytes
