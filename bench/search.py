"""Search over a million names: how long the index takes to build, and how long a query takes.

Names are made at random with a fixed seed: one to five words out of 300,000, used as often as Zipf's law has it.
The baseline is SQLite's full-text index of trigrams over the same names, asked for the same queries. Times are the
thread's own, of the processor.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
from collections.abc import Callable
from itertools import accumulate

import numpy as np

from filmgraph.search import NameIndex, _Table
from filmgraph.store import NameBatch

NAMES, WORDS, QUERIES = 1_000_000, 300_000, 1_000
SYLLABLES = [a + b + c for a in "bcdfghjklmnprstvw" for b in "aeiou" for c in ("", "n", "r", "s", "l")]


def names() -> NameBatch:
    chance = random.Random(11)
    words = list(
        {"".join(chance.choices(SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4)))): None for _ in range(WORDS)}
    )
    weights = list(accumulate(1 / (n + 10) for n in range(len(words))))
    made = [
        " ".join(chance.choices(words, cum_weights=weights, k=chance.choice((1, 2, 2, 2, 3, 3, 4, 5))))
        for _ in range(NAMES)
    ]
    return NameBatch(
        revision=1,
        entities=tuple(f"film:tt{n:07d}" for n in range(NAMES)),
        names=tuple(made),
        renown=np.round(np.random.default_rng(11).exponential(1.0, NAMES), 2),
    )


def slip(name: str, chance: random.Random) -> str:
    """The name with one letter lost, doubled, changed, or swapped with the next."""
    n = chance.randrange(len(name) - 1)
    return chance.choice((
        name[:n] + name[n + 1 :], name[:n] + name[n] + name[n:], name[:n] + "e" + name[n + 1 :],
        name[:n] + name[n + 1] + name[n] + name[n + 2 :],
    ))  # fmt: skip


def times(ask: Callable[[str], object], queries: list[str]) -> str:
    spent = []
    for query in queries:
        start = time.thread_time()
        ask(query)
        spent.append((time.thread_time() - start) * 1e3)
    return f"p50 {statistics.median(spent):.2f} p99 {sorted(spent)[int(len(spent) * 0.99)]:.2f} ms"


def main() -> None:
    batch = names()
    start = time.thread_time()
    index = NameIndex(_Table(batch), _Table(None), 1)
    built = time.thread_time() - start
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE names USING fts5(name, tokenize = 'trigram')")
    start = time.thread_time()
    db.executemany("INSERT INTO names VALUES (?)", ((name,) for name in batch.names))
    theirs = time.thread_time() - start
    print(
        f"{'search, index of a million names':<42} {built:>19.2f} s   {built / theirs:.3f}x SQLite's trigrams"
    )
    chance = random.Random(13)
    asked = [name for name in chance.sample(batch.names, QUERIES) if len(name) > 2]
    for label, queries in (
        ("search, a name", asked),
        ("search, one slip", [slip(name, chance) for name in asked]),
        ("search, two slips", [slip(slip(name, chance), chance) for name in asked]),
        ("search, the first letters", [name[: chance.randint(1, 5)] for name in asked]),
        ("search, half typed", [name[: max(1, len(name) * 2 // 3)] for name in asked]),
    ):
        ours = times(index.search, queries)
        found = sum(
            any(batch.names[int(hit.entity[7:])] == name for hit in index.search(query))
            for query, name in zip(queries[:200], asked, strict=False)
        )
        print(f"{label:<42} {ours:>25}   found {found / 2:.0f} %", flush=True)

    def trigrams(query: str) -> object:
        grams = " OR ".join(f'"{query[n : n + 3]}"' for n in range(len(query) - 2))
        return db.execute(
            "SELECT name FROM names WHERE names MATCH ? ORDER BY rank LIMIT 20", (grams,)
        ).fetchall()

    print(
        f"{'the same by SQLite trigrams, one slip':<42} {times(trigrams, [slip(n, chance) for n in asked[:20]]):>25}"
    )


if __name__ == "__main__":
    main()
