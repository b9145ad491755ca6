"""Claims and names as columns, streamed: what the indexes in memory are built from and kept current by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray

from filmgraph.belief import Belief
from filmgraph.judgements import verdicts
from filmgraph.model import Relation
from filmgraph.neo4j_store.rows import SAID, statement_from
from filmgraph.neo4j_store.tables import JUDGEMENTS, judgement_from
from filmgraph.store import EdgeBatch, NameBatch
from filmgraph.transaction import weigh
from neo4j import ManagedTransaction

__all__ = ["read_edges", "read_names"]

REVISION: LiteralString = "MATCH (g:Graph {name: 'filmgraph'}) RETURN g.revision"
PAGE = 20_000
"""Rows that travel as one record of lists: half a million records would cost more than what is in them."""
ALL: LiteralString = (
    "MATCH (c:Claim) WHERE c.id > $after AND c.support > 0 AND NOT c.anachronistic"
    " WITH c ORDER BY c.id LIMIT $limit"
    " RETURN collect(c.id), collect(c.subject), collect(c.object), collect(c.relation), collect(c.belief)"
)
CHANGED: LiteralString = (
    "MATCH (c:Claim) WHERE c.revision > $since"
    " RETURN c.id, c.subject, c.object, c.relation, c.belief, c.support > 0 AND NOT c.anachronistic"
)
NODES: LiteralString = (
    "MATCH (e:Entity) WHERE e.id > $after WITH e ORDER BY e.id LIMIT $limit"
    " RETURN collect(e.id), collect(coalesce(e.year, 0)), collect(coalesce(e.origin, ''))"
)
CHANGED_NODES: LiteralString = (
    "CALL () { UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN e"
    " UNION MATCH (e:Entity) WHERE e.revision > $since RETURN e }"
    " RETURN e.id, e.year, e.origin"
)
REMOVED: LiteralString = "MATCH (n:Removed) WHERE n.revision > $since RETURN DISTINCT n.id"
HEARD: LiteralString = (
    "MATCH (r:Review) WHERE r.published <= $day MATCH (r)-[:SAYS]->(e:Evidence)-[:ABOUT]->(c:Claim) " + SAID
)
NAMES: LiteralString = (
    "MATCH (e:Entity) WHERE e.revision > $since"
    " RETURN e.id, e.names, e.renown, count { (e)<-[:SUBJECT]-() } + count { (e)<-[:OBJECT]-() }"
)
THERE: LiteralString = "UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN id"
CODES = {relation.value: number for number, relation in enumerate(Relation)}


def read_edges(tx: ManagedTransaction, since: int, as_of: date | None) -> EdgeBatch:
    """See `Store.edges`.

    Others may write meanwhile. The revision is read first, and claims whose ends are gone (or not yet there) when the
    nodes are read are left out: what was written since is in the feed that is asked for next.
    """
    revision = int(tx.run(REVISION).values()[0][0])
    removed: set[str] = set()
    gone: set[str] = set()
    if since:
        rows = tx.run(CHANGED, since=since).values()
        claims, gone = _gone(tx, since)
        removed = {row[0] for row in rows if not row[5]} | (claims - {row[0] for row in rows if row[5]})
        rows = [row[:5] for row in rows if row[5]]
        ids = list({row[end] for row in rows for end in (1, 2)})
        nodes = tx.run(CHANGED_NODES, ids=ids, since=since).values()
    else:
        rows = _pages(tx, ALL)
        nodes = _pages(tx, NODES)
    if as_of:
        heard = _heard_by(tx, as_of)
        rows = [[*row[:4], heard[row[0]].value] for row in rows if row[0] in heard and heard[row[0]].support]
    nodes.sort()
    place = {row[0]: n for n, row in enumerate(nodes)}
    rows = [row for row in rows if row[1] in place and row[2] in place]
    return EdgeBatch(
        revision=revision,
        nodes=tuple(row[0] for row in nodes),
        years=_column(np.int32, [row[1] or 0 for row in nodes]),
        origins=tuple(row[2] or None for row in nodes),
        claims=np.array([row[0] for row in rows], dtype=object),
        subject=_column(np.int32, [place[row[1]] for row in rows]),
        object=_column(np.int32, [place[row[2]] for row in rows]),
        relation=_column(np.int8, [CODES[row[3]] for row in rows]),
        belief=_column(np.float64, [row[4] for row in rows]),
        removed=tuple(sorted(removed)),
        gone=tuple(sorted(gone)),
    )


def _pages(tx: ManagedTransaction, query: LiteralString) -> list[Any]:
    """The rows of a query that gives its columns as lists, a page at a time, the first of them ids."""
    rows: list[Any] = []
    while page := list(
        zip(*tx.run(query, after=rows[-1][0] if rows else "", limit=PAGE).values()[0], strict=True)
    ):
        rows += page
    return rows


def _gone(tx: ManagedTransaction, since: int) -> tuple[set[str], set[str]]:
    """Claims removed since, be they back or not, and entities that are gone."""
    ids = {row[0] for row in tx.run(REMOVED, since=since)}
    claims = {id for id in ids if id.startswith("claim:")}
    entities = ids - claims
    return claims, entities - {row[0] for row in tx.run(THERE, ids=list(entities))}


def read_names(tx: ManagedTransaction, since: int) -> NameBatch:
    """See `Store.names`."""
    revision = int(tx.run(REVISION).values()[0][0])
    rows = [
        (id, name, renown, claims)
        for id, names, renown, claims in tx.run(NAMES, since=since or -1)
        for name in names or ()
    ]
    rows.sort()
    gone = _gone(tx, since)[1] if since else set()
    return NameBatch(
        revision=revision,
        entities=tuple(row[0] for row in rows),
        names=tuple(row[1] for row in rows),
        renown=_column(np.float64, [row[2] for row in rows])
        + np.log1p(_column(np.float64, [row[3] for row in rows])),
        removed=tuple(sorted(gone)),
    )


def _heard_by(tx: ManagedTransaction, day: date) -> dict[str, Belief]:
    """Claim id → its belief from what critics had published by `day`."""
    log = [judgement_from(row) for row in tx.run(JUDGEMENTS).values()]
    said = (statement_from(record.values()) for record in tx.run(HEARD, day=day))
    return {id: belief for id, (belief, _) in weigh(said, verdicts(log)).items()}


def _column(kind: Any, values: Sequence[Any]) -> NDArray[Any]:
    return np.fromiter(values, kind, len(values))
