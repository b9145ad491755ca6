"""A store whose records are kept in memory while the graph stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from filmgraph.model import Entity
from filmgraph.store import ClaimRecord, EvidenceRecord, Store

__all__ = ["KeptStore"]

T = TypeVar("T")


class KeptStore:
    """Another store, with its entities, claims and evidence kept once they were read; safe from several threads.

    `most` records of each sort are kept. `forget` must be told when the graph has moved on. What is asked by
    other means than an id goes to the store itself.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most
        self.forget()

    @classmethod
    def over(cls, store: Store, most: int) -> tuple[Store, KeptStore]:
        """The store with what it has read kept, as a Store and as what can be told to forget."""
        kept = cls(store, most)
        return cast(Store, kept), kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def forget(self) -> None:
        """Read everything anew. Whoever reads just now keeps what it reads where nobody will look."""
        self._entities: dict[str, Entity] = {}
        self._claims: dict[str, ClaimRecord] = {}
        self._evidence: dict[str, list[EvidenceRecord]] = {}

    def entity(self, id: str) -> Entity | None:
        return self.entities([id]).get(id)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        return self._read(self._entities, ids, self._store.entities)

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]:
        return self._read(self._claims, ids, self._store.claims)

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        return self._read(self._evidence, claims, self._store.evidence)

    def _read(
        self, kept: dict[str, T], ids: Iterable[str], read: Callable[[Iterable[str]], Mapping[str, T]]
    ) -> dict[str, T]:
        wanted = list(ids)
        try:
            return {id: kept[id] for id in wanted}
        except KeyError:
            pass
        fresh = read([id for id in dict.fromkeys(wanted) if id not in kept])
        found = {id: value for id in wanted if (value := fresh.get(id) or kept.get(id)) is not None}
        if len(kept) + len(fresh) > self._most:
            kept.clear()
        if len(fresh) <= self._most:
            kept.update(fresh)
        return found
