"""What a server answers from: one store, its index, and the reader that takes in new reviews.

Everything here may be called from several threads at once. Indexes are for all who ask, so that their building
is not stopped by the deadline of whoever came first.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from math import inf
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from filmgraph import deadline
from filmgraph.access import Access
from filmgraph.catalog import Catalog
from filmgraph.errors import QueryError, StoreBusyError, StoreError
from filmgraph.events import Events
from filmgraph.graphql.columns import Parts
from filmgraph.index import LineageIndex
from filmgraph.kept_store import Kept, KeptStore
from filmgraph.model import Film
from filmgraph.search import NameIndex
from filmgraph.settings import Settings
from filmgraph.store import Store, open_store

if TYPE_CHECKING:
    from filmgraph.reader import Reader

__all__ = ["GraphChanged", "Service"]

T = TypeVar("T")
KEPT = 32
FRESH = 0.02
"""Seconds for which an answer may be behind what another process has written."""


@dataclass(frozen=True, slots=True)
class GraphChanged:
    """The graph has moved on to `revision`."""

    revision: int


class Service:
    """A store open for reading with its index, which follows the store's revisions.

    The store is opened for writing only while something is written, so that the command line may write to
    the same store between. Raises StoreError when there is no store that can be read.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.access = Access(settings)
        scheme, colon, _ = settings.store.partition("://")
        self.is_near = not colon or scheme == "sqlite"
        """Whether the store is a file of this machine, which answers at once or not at all."""
        if self.access.takes_changes:
            with contextlib.suppress(StoreBusyError):
                open_store(settings.store).close()  # makes a new store, or brings an old one up to date
        self.store, self._kept_records = KeptStore.over(
            open_store(settings.store, readonly=True), settings.kept_records
        )
        self.entity_rows: Kept[Any] = Kept(settings.kept_records)
        """Entities as the API gives them."""
        self.evidence_rows: Kept[Any] = Kept(settings.kept_records)
        """Claim id → its evidence as the API gives it."""
        self.entity_parts = Parts(4 * settings.kept_records)
        self.events = Events()
        self._index = LineageIndex.build(self.store)
        self._revision, self._looked_at = self._index.revision, 0.0
        self._names: NameIndex | None = None
        self._naming = Lock()
        self._building = Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._keeping = Lock()
        self._reader: tuple[str, Reader] | None = None
        self._reading = Lock()

    def close(self) -> None:
        self.store.close()

    @property
    def present(self) -> LineageIndex:
        """The index as it is now, be it behind the store or not."""
        return self._index

    @property
    def knows_revision(self) -> bool:
        """Whether `revision` would answer without asking the store."""
        return monotonic() <= self._looked_at + FRESH

    def revision(self) -> int:
        """The store's revision, asked again after FRESH seconds: others may write to the store."""
        now = monotonic()
        if now > self._looked_at + FRESH:
            self._revision, self._looked_at = self.store.revision(), now
        return self._revision

    def index(self, *, wait: bool = False, fresh: bool = False) -> LineageIndex:
        """The index of the store's present revision, as `revision` knows it.

        While another thread builds it, the one before is given, unless the caller would rather `wait`. The store is
        asked at once when it must be `fresh`.
        """
        if fresh:
            self._looked_at = 0.0
        if self.revision() != self._index.revision and self._building.acquire(blocking=wait):
            try:
                self.forget()
                with deadline.within(inf):
                    self._index = self._index.refresh(self.store)
                self.events.publish(GraphChanged(self._index.revision))
            finally:
                self._building.release()
        return self._index

    def forget(self) -> None:
        """Read all records anew, and make what was made of them."""
        for kept in (self._kept_records, self.entity_rows, self.evidence_rows):
            kept.forget()
        self.entity_parts = Parts(self.entity_parts.most)

    def names(self) -> NameIndex:
        """The names of the store's present revision; read when first asked for."""
        if self._names is not None and self._names.revision == self.revision():
            return self._names
        with self._naming, deadline.within(inf):
            self._names = self._names.refresh(self.store) if self._names else NameIndex.build(self.store)
            return self._names

    def index_as_of(self, index: LineageIndex, day: date) -> LineageIndex:
        """The index of what critics had written by `day`; O(claims) when asked for the first time."""
        return self.remember((index.revision, "as of", day), lambda: self._build_as_of(day))

    def _build_as_of(self, day: date) -> LineageIndex:
        with self._building, deadline.within(inf):
            return LineageIndex.build(self.store, as_of=day)

    def remember(self, key: Hashable, compute: Callable[[], T]) -> T:
        """`compute()`, or what it gave for an equal key lately. Keys name a revision, so none goes stale."""
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key])
        value = compute()
        with self._keeping:
            self._kept[key] = value
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return value

    def cited_films(self, index: LineageIndex) -> list[Film]:
        """The films that others come from; loaded once a revision."""

        def load() -> list[Film]:
            cited = self.store.entities(index.nodes[n] for n in np.unique(index.object).tolist())
            return [entity for entity in cited.values() if isinstance(entity, Film)]

        return self.remember((index.revision, "cited"), load)

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """The store open for writing; the index is up to date when the block has ended.

        What the store refuses is raised as QueryError; StoreBusyError when somebody else writes to it.
        """
        try:
            with open_store(self.settings.store) as store:
                yield store
        except StoreBusyError:
            raise StoreBusyError("somebody else is writing to the graph; try again in a while") from None
        except StoreError as error:
            raise QueryError(str(error)) from error
        finally:
            self.index(wait=True, fresh=True)

    def reader(self) -> Reader:
        """A reader over the store's catalogue; made when first asked for, and when the catalogue changes."""
        from filmgraph.reader import Reader

        with self._reading:
            digest = self.store.catalogue_digest()
            if self._reader is None or self._reader[0] != digest:
                catalogue = Catalog(self.store.iter_entities(catalogued_only=True))
                self._reader = digest, Reader(catalogue)
            return self._reader[1]
