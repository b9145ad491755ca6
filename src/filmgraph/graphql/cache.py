"""Replies that may be given again: those to the same bytes, of the same graph, for the same sort of asker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

__all__ = ["Reply", "ResponseCache"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP reply: its status, its headers but for those that differ each time, its body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class ResponseCache:
    """(Revision, auth scope, accepted type and encoding, body) → reply, the least used dropped.

    `most` is the bytes that keys' bodies and replies may take together; 0 keeps nothing. A new revision makes
    all older replies useless: they are dropped when it is first seen.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.hits = self.misses = 0
        self._revision = -1
        self._replies: OrderedDict[Hashable, tuple[Reply, int]] = OrderedDict()
        self.size = 0
        self._lock = Lock()

    def get(self, revision: int, key: Hashable) -> Reply | None:
        with self._lock:
            found = self._replies.get(key) if revision == self._revision else None
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._replies.move_to_end(key)
            return found[0]

    def put(self, revision: int, key: Hashable, reply: Reply, key_size: int) -> None:
        """Keep a reply that was made at `revision`, unless the graph has moved on or it is too big to keep."""
        size = len(reply.body) + key_size + 500
        if size > self.most // 4:
            return
        with self._lock:
            if revision < self._revision:
                return
            if revision > self._revision:
                self._replies.clear()
                self.size, self._revision = 0, revision
            if key not in self._replies:
                self._replies[key] = reply, size
                self.size += size
            while self.size > self.most:
                self.size -= self._replies.popitem(last=False)[1][1]
