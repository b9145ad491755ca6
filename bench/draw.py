"""Pictures: the lineage of a hub with 10,000 descendants, from the index to SVG, beside the places alone that networkx's
force layout would give the same works.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date

import networkx as nx

from filmgraph.draw import lineage_svg, picture_of
from filmgraph.index import LineageIndex
from filmgraph.model import (
    Claim,
    Evidence,
    Film,
    Polarity,
    Provenance,
    Reading,
    Relation,
    Review,
    Stance,
    review_id,
)
from filmgraph.store import Store, open_store

HEIRS = 10_000
HUB = Film("film:tt0073195", "Jaws", 1975)
RELATIONS = [relation for relation in Relation if relation.is_lineage]


def heir(number: int) -> Film:
    return Film(f"film:tt1{number:06d}", f"Shark Film Number {number}", 1976 + number % 45)


def said(number: int) -> Reading:
    """A review that ties an heir to the hub, or three in ten times to another heir."""
    film, other = heir(number), heir(number * 7 % (number + 1))
    source = other if number % 10 > 6 and (other.year or 0) < (film.year or 0) else HUB
    text = f"{film.name} copies {source.name} in its own way."
    review = Review(
        review_id(text), text, film.id, f"Critic {number % 300}", "Paper", date(1977 + number % 45, 1, 1)
    )
    claim = Claim(film.id, RELATIONS[number % len(RELATIONS)], source.id)
    stance, confidence = list(Stance)[number % 3], 0.5 + (number % 50) / 100
    item = Evidence(
        claim, review.id, 0, len(text), text, Polarity.ASSERTED, stance, confidence, Provenance("rules", "1")
    )
    return Reading(review, (), (item,), ())


def fill(store: Store) -> None:
    store.import_entities([HUB, *map(heir, range(HEIRS))], source="bench")
    for first in range(0, HEIRS, 500):
        store.put([said(number) for number in range(first, first + 500)])


def median_ms(ask: Callable[[], object], times: int = 7) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e3


def bench_draw() -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/hub.db") as store:
        fill(store)
        index = LineageIndex.build(store)
        for limit in (40, 80, 160):

            def draw(limit: int = limit) -> str:
                ways = ("ancestors", "descendants")
                return lineage_svg(
                    picture_of(store, *(index.lineage(HUB.id, direction=way, limit=limit) for way in ways))
                )

            ours, graph = median_ms(draw), index.lineage(HUB.id, limit=limit).to_networkx()
            theirs = median_ms(lambda graph=graph: nx.spring_layout(graph, seed=1), 3)  # type: ignore[misc]
            print(
                f"hub of {HEIRS:,}, {limit} works: {ours:.1f} ms to {len(draw()) / 1000:.0f} kB of SVG; "
                f"networkx places them in {theirs:.1f} ms ({theirs / ours:.1f}x)"
            )


if __name__ == "__main__":
    bench_draw()
