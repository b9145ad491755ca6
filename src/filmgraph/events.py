"""What happens to the graph, told to whoever listens at the time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from threading import Lock
from typing import Any, TypeVar

__all__ = ["Events"]

T = TypeVar("T")
BACKLOG = 64


class Events:
    """A place to publish from any thread, and to listen from event loops.

    A listener hears what is published while it listens. One that is slow misses the oldest of what it has not
    heard yet, and memory stays bounded.
    """

    def __init__(self) -> None:
        self._listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Any], type[Any]]] = set()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def publish(self, event: object) -> None:
        """Tell all who listen for events of its type."""
        with self._lock:
            listeners = [found for found in self._listeners if isinstance(event, found[2])]
        for loop, queue, _ in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put, queue, event)

    async def listen(self, kind: type[T]) -> AsyncIterator[T]:
        """Every event of that type from now on; close the generator to stop listening."""
        listener = asyncio.get_running_loop(), asyncio.Queue[Any](BACKLOG), kind
        with self._lock:
            self._listeners.add(listener)
        try:
            while True:
                yield await listener[1].get()
        finally:
            with self._lock:
                self._listeners.discard(listener)


def _put(queue: asyncio.Queue[Any], event: object) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
