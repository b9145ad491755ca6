"""What is special to SQLite: one writer, many readers, power cuts, versions."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from filmgraph.errors import StoreBusyError, StoreError, StoreVersionError
from filmgraph.model import Film
from filmgraph.store import open_store


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    path = str(tmp_path / "graph.db")
    with open_store(path) as store:
        with pytest.raises(StoreBusyError, match=rf"process {os.getpid()}"):
            open_store(path)
        with open_store(path, readonly=True) as reader:
            store.import_entities([Film("film:tt1", "One", 1999)], source="test")
            assert reader.entity("film:tt1") is not None
            with pytest.raises(StoreError, match="reading only"):
                reader.retract("review:x")
    with open_store(path):
        pass


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with open_store(str(path)):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreVersionError, match="schema 99"):
        open_store(str(path))


def test_addresses(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        open_store(str(tmp_path / "none.db"), readonly=True)
    with pytest.raises(StoreError, match="redis"):
        open_store("redis://localhost")
    (tmp_path / "text.db").write_text(
        "This is not a database, whatever its name says. " * 50, encoding="utf-8"
    )
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(str(tmp_path / "text.db"))
    with open_store(f"sqlite:///{tmp_path}/url.db") as store:
        assert store.revision() == 0


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    script = textwrap.dedent("""
        import sys
        from filmgraph.model import Film
        from filmgraph.store import open_store
        with open_store(sys.argv[1]) as store:
            for n in range(100_000):
                store.import_entities([Film(f"film:tt{n}", f"Number {n}", 2000)], source="test")
                print(n, flush=True)
    """)
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for _ in range(20):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    last = int(lines[-1]) if lines else 19
    with open_store(str(path)) as store:
        assert store.entity(f"film:tt{last}") is not None
        assert store.verify() == []
