"""What a program keeps is kept cheaply, and what it does is the same."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from filmgraph.memory import loading

LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
LOADS = """
import gc, sys
from filmgraph.memory import loading, use_large_pages
with loading():
    assert not gc.isenabled()
    names = {f"name {number}": [number] for number in range(300_000)}
assert gc.isenabled() and gc.get_freeze_count() > 300_000
use_large_pages()
assert all(names[f"name {number}"] == [number] for number in range(300_000))
print(open("/proc/self/smaps_rollup").read() if sys.platform == "linux" else "")
"""


def test_what_is_loaded_is_kept_in_large_pages() -> None:
    if not LARGE_PAGES.exists() or "[never]" in LARGE_PAGES.read_text():
        pytest.skip("this system has no large pages")
    run = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=True)
    sizes = {
        line.split(":")[0]: int(line.split()[1]) for line in run.stdout.splitlines() if line.endswith("kB")
    }
    assert sizes["AnonHugePages"] > sizes["Rss"] / 3, run.stdout


def test_a_failure_while_loading_leaves_the_garbage_collected() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(ZeroDivisionError), loading():
        raise ZeroDivisionError
    assert gc.isenabled()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
