"""What a program keeps in memory until it ends, such as a catalogue and its reader, and how to keep it cheaply."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Iterator
from pathlib import Path

__all__ = ["keep", "loading", "share_freed", "use_large_pages"]

COLLECT_AFTER = (50_000, 20, 20)
"""Objects made before the garbage is collected: reading a review makes some hundred, which are free at once, an answer
of a thousand rows some ten thousand."""
_COLLAPSE, _HUGE = 25, 14  # madvise(2): put into large pages at once (Linux 6.1), or by and by
_ARENAS = -8  # mallopt(3), M_ARENA_MAX
_LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """What is made meanwhile stays: to look through it for garbage takes a third of loading 80,000 films."""
    gc.disable()
    try:
        yield
        keep()
    finally:
        gc.enable()


def keep() -> None:
    """What is in memory by now stays: it is not looked through for garbage, and little else need be."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def share_freed() -> None:
    """Let threads share what memory they free, where it is glibc's: each would keep its own."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENAS, 2)


def use_large_pages() -> None:
    """Put what is in memory into pages of megabytes, as far as Linux has them and is not told to `never` use them.

    A processor finds some thousand pages at once; where each has four kilobytes, a look-up in hundreds of megabytes
    mostly waits for the tables of pages. Moving 300 megabytes takes most of a second.
    """
    with contextlib.suppress(OSError, AttributeError):
        if "[never]" in (_LARGE_PAGES / "enabled").read_text():
            return
        size = int((_LARGE_PAGES / "hpage_pmd_size").read_text())
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        for start, end in _written():
            first, last = -(-start // size) * size, end // size * size
            if first < last and advise(first, last - first, _COLLAPSE):
                advise(first, last - first, _HUGE)


def _written() -> list[tuple[int, int]]:
    """The stretches of memory, as addresses, that belong to no file and may be written."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = addresses.split("-")
            found.append((int(start, 16), int(end, 16)))
    return found
