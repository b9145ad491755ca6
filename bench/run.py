"""Speed, each figure beside a baseline of the same run: `make bench`.

Sections: reading and ingest over real reviews (skipped where ../shared/eval is absent), catalogue import,
the lineage index over a synthetic graph (bench/index.py),
and search over a million synthetic names (bench/search.py). One core; the baseline of reading is plain
tokenising of the same texts, that of import is reading the same lines.
"""

from __future__ import annotations

import gzip
import itertools
import re
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filmgraph.catalog import load_catalog, read_catalog
from filmgraph.documents import read
from filmgraph.ingest import ingest
from filmgraph.memory import loading
from filmgraph.model import Document
from filmgraph.reader import BATCH, LONG_RUN, Reader
from filmgraph.search import NameIndex
from filmgraph.settings import Settings, seed_dir
from filmgraph.store import open_store

sys.path.insert(0, str(Path(__file__).parent))

EVAL = Path(__file__).parents[2] / "shared" / "eval"
REVIEWS = LONG_RUN * BATCH


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    start = time.perf_counter()
    yield lambda: time.perf_counter() - start


def row(name: str, figure: str, ratio: str = "") -> None:
    print(f"{name:<42} {figure:>22}   {ratio}", flush=True)


def drain(items: Iterable[object]) -> None:
    deque(items, maxlen=0)


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] * 1e3


def bench_extract(name: str, documents: Sequence[Document], extracted: Iterator[object]) -> None:
    """How long it takes to read the documents that come next."""
    with timed() as clock:
        for document in documents:
            re.findall(r"\w+", document.text)
        tokens = clock()
    with timed() as clock:
        drain(itertools.islice(extracted, len(documents)))
        spent = clock()
    row(name, f"{len(documents) / spent:,.0f} reviews/s", f"{spent / tokens:,.0f}x tokenising")


def bench_reading() -> None:
    catalogue = EVAL / "catalog" if EVAL.is_dir() else seed_dir()
    with timed() as lines_read:
        lines = 0
        for file in sorted((EVAL / "catalog").glob("*.gz")):
            with gzip.open(file, "rt", encoding="utf-8") as text:
                lines += sum(1 for _ in text)
        baseline = lines_read()
    with timed() as clock, loading():
        catalog = load_catalog(catalogue)
        loaded = clock()
    row("catalogue, read into memory", f"{loaded:.2f} s", f"{loaded / baseline:.1f}x reading {lines:,} lines")
    with timed() as clock, loading():
        reader = Reader(catalog)
        row("reader, start", f"{clock():.2f} s")
    source = str(EVAL / "corpora" / "imdb_reviews_100k.jsonl.gz")
    stream = read([source], Settings(), on_error=lambda error: print(error))
    documents, between, more = (list(itertools.islice(stream, many)) for many in (REVIEWS, BATCH, REVIEWS))
    extracted = reader.extract_all(itertools.chain(documents, between, more))
    bench_extract("extract", documents, extracted)
    drain(itertools.islice(extracted, BATCH))  # in which it moves to large pages
    bench_extract("extract, on a long run", more, extracted)
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/bench.db") as store:
        with timed() as clock:
            report = store.import_entities(read_catalog(catalogue), source="bench")
            row("catalogue, import into the store", f"{clock():.1f} s", f"{report.added:,} entities")
        with timed() as clock:
            ingest(documents, store, reader)
            spent = clock()
        row("ingest", f"{len(documents) / spent:,.0f} reviews/s")
        with timed() as clock:
            ingest(documents, store, reader)
            again = clock()
        row("ingest again", f"{len(documents) / again:,.0f} reviews/s", f"{again / spent:.3f}x the first")
        with timed() as clock:
            names_index = NameIndex.build(store)
            row("names, read for search", f"{clock():.2f} s", f"{len(names_index):,} names")
        names = [film.name for film in itertools.islice(catalog.films, 0, None, len(catalog) // 200)]
        ids = [film.id for film in itertools.islice(catalog.films, 0, None, len(catalog) // 200)]
        for label, ask, questions in (
            ("point lookup", store.entity, ids),
            ("search", names_index.search, names),
            ("search, one letter wrong", names_index.search, [typo(name) for name in names]),
        ):
            times = []
            for question in questions:
                with timed() as clock:
                    ask(question)
                    times.append(clock())
            row(label, f"p50 {statistics.median(times) * 1e3:.2f} ms", f"p99 {quantile(times, 0.99):.2f} ms")


def typo(name: str) -> str:
    """The name with its middle letter lost."""
    return name[: len(name) // 2] + name[len(name) // 2 + 1 :]


if __name__ == "__main__":
    if EVAL.is_dir():
        bench_reading()
    else:
        print(f"no reviews at {EVAL}: reading, ingest and search are not measured")
    import draw
    import index
    import search

    index.main()
    search.main()
    draw.bench_draw()
