"""A store whose records are kept in memory while the graph stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, cast

from filmgraph.model import Entity
from filmgraph.store import ClaimRecord, EvidenceRecord, Store

__all__ = ["Kept", "KeptStore"]

T = TypeVar("T")


class Kept(Generic[T]):
    """Id → what was read of it or made of that, `most` of them; safe from several threads.

    `forget` must be told when the graph has moved on. Whoever reads just then keeps what it reads where nobody
    will look.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._found: dict[str, T] = {}

    def forget(self) -> None:
        self._found = {}

    def read(self, ids: Iterable[str], read: Callable[[list[str]], Mapping[str, T]]) -> dict[str, T]:
        """Those of `ids` that there are, in their order; `read` gives what is not kept."""
        wanted, kept = list(ids), self._found
        try:
            return {id: kept[id] for id in wanted}
        except KeyError:
            pass
        fresh = read([id for id in dict.fromkeys(wanted) if id not in kept])
        found = {id: value for id in wanted if (value := fresh.get(id) or kept.get(id)) is not None}
        if len(kept) + len(fresh) > self.most:
            kept.clear()
        if len(fresh) <= self.most:
            kept.update(fresh)
        return found


class KeptStore:
    """Another store, with its entities, claims and evidence kept once they were read, `most` of each.

    What is asked by other means than an id goes to the store itself.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._entities: Kept[Entity] = Kept(most)
        self._claims: Kept[ClaimRecord] = Kept(most)
        self._evidence: Kept[list[EvidenceRecord]] = Kept(most)

    @classmethod
    def over(cls, store: Store, most: int) -> tuple[Store, KeptStore]:
        """The store with what it has read kept, as a Store and as what can be told to forget."""
        kept = cls(store, most)
        return cast(Store, kept), kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def forget(self) -> None:
        """Read everything anew."""
        for kept in (self._entities, self._claims, self._evidence):
            kept.forget()

    def entity(self, id: str) -> Entity | None:
        return self.entities([id]).get(id)

    def entities(self, ids: Iterable[str]) -> dict[str, Entity]:
        return self._entities.read(ids, self._store.entities)

    def claims(self, ids: Iterable[str]) -> dict[str, ClaimRecord]:
        return self._claims.read(ids, self._store.claims)

    def evidence(self, claims: Iterable[str]) -> dict[str, list[EvidenceRecord]]:
        return self._evidence.read(claims, self._store.evidence)
