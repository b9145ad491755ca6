"""The threads that questions are answered in, so that the event loop stays free.

They are few and stay, since each of them has its own connection to the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Workers"]

T = TypeVar("T")


class Workers:
    """A pool of threads for work that blocks; `close` waits for what is under way."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="filmgraph")

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, called in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        self._pool.shutdown()
