"""The threads that questions are answered in, so that the event loop stays free.

They are few and stay, since each of them has its own connection to the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import inf
from time import monotonic
from typing import TypeVar

from filmgraph import deadline
from filmgraph.errors import DeadlineError

__all__ = ["Workers"]

T = TypeVar("T")


class Workers:
    """A pool of threads for work that blocks, each piece of which is wanted for `seconds`."""

    def __init__(self, threads: int, seconds: float = inf) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="filmgraph")
        self._seconds = seconds

    async def run(self, work: Callable[[], T], *, seconds: float | None = None) -> T:
        """What `work` returns, called in a thread; DeadlineError when its time, from now on, was too short."""
        until = monotonic() + (self._seconds if seconds is None else seconds)
        return await asyncio.get_running_loop().run_in_executor(self._pool, _bounded, work, until)

    def close(self, seconds: float) -> bool:
        """Take no more work and wait for what is under way, for so long; whether it has ended."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        until = monotonic() + seconds
        threads = list(self._pool._threads)
        for thread in threads:
            thread.join(max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in threads)


def _bounded(work: Callable[[], T], until: float) -> T:
    with deadline.within(until):
        try:
            return work()
        except Exception as error:
            if deadline.passed():  # whatever it was that noticed
                raise DeadlineError("this took too long and was stopped; ask for less") from error
            raise
