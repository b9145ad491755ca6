"""Edges kept current: a batch of columns, and the feed of what has changed since, as one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from filmgraph.store import EdgeBatch

__all__ = ["updated"]


def updated(batch: EdgeBatch, feed: EdgeBatch) -> EdgeBatch:
    """What a store's `edges()` would give now, from what it gave earlier and its `edges(since=batch.revision)`.

    O(nodes + edges), with a small constant.
    """
    nodes, old_place, new_place = _united(batch, feed)
    years = np.zeros(len(nodes), np.int32)
    years[old_place[old_place >= 0]] = batch.years[old_place >= 0]
    years[new_place] = feed.years
    stale = {*feed.removed, *feed.claims.tolist()}
    kept = np.array([claim not in stale for claim in batch.claims.tolist()], dtype=bool)
    subject, object = old_place[batch.subject], old_place[batch.object]
    kept &= (subject >= 0) & (object >= 0)
    return EdgeBatch(
        revision=feed.revision,
        nodes=nodes,
        years=years,
        origins=_origins(batch, feed, nodes),
        claims=np.concatenate([batch.claims[kept], feed.claims]),
        subject=np.concatenate([subject[kept], new_place[feed.subject]]),
        object=np.concatenate([object[kept], new_place[feed.object]]),
        relation=np.concatenate([batch.relation[kept], feed.relation]),
        belief=np.concatenate([batch.belief[kept], feed.belief]),
    )


def _origins(batch: EdgeBatch, feed: EdgeBatch, nodes: Sequence[str]) -> tuple[str | None, ...]:
    origins = {id: origin for id, origin in zip(batch.nodes, batch.origins, strict=True) if origin}
    origins |= dict(zip(feed.nodes, feed.origins, strict=True))  # type: ignore[arg-type]
    return tuple(map(origins.get, nodes))


def _united(
    batch: EdgeBatch, feed: EdgeBatch
) -> tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.int32]]:
    """The nodes of both by id but for those gone, and where each one's stand among them (-1: gone)."""
    gone = set(feed.gone) - set(feed.nodes)
    number = {id: n for n, id in enumerate(batch.nodes)}
    if not gone and number.keys() >= set(feed.nodes):
        return batch.nodes, np.arange(len(batch.nodes), dtype=np.int32), _places(feed.nodes, number)
    nodes = tuple(sorted((number.keys() | set(feed.nodes)) - gone))
    number = {id: n for n, id in enumerate(nodes)}
    return nodes, _places(batch.nodes, number), _places(feed.nodes, number)


def _places(ids: Sequence[str], number: dict[str, int]) -> NDArray[np.int32]:
    return np.fromiter((number.get(id, -1) for id in ids), np.int32, len(ids))
