"""Checking a database: every quote, every belief, every relationship that stands for a claim."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import LiteralString

from filmgraph.judgements import verdicts
from filmgraph.neo4j_store.rows import CLAIM, SAID, claim_record, statement_from
from filmgraph.neo4j_store.tables import JUDGEMENTS, judgement_from
from filmgraph.store import ClaimRecord
from filmgraph.stored import digest
from filmgraph.transaction import weigh
from neo4j import ManagedTransaction

__all__ = ["problems"]

QUOTES: LiteralString = (
    "MATCH (r:Review)-[:SAYS]->(e:Evidence) RETURN r.id, r.text, collect([e.id, e.start, e.end, e.quote])"
)
ASTRAY: LiteralString = (
    "MATCH (e:Evidence) WHERE count { (e)-[:ABOUT]->(:Claim) } <> 1 OR count { (:Review)-[:SAYS]->(e) } <> 1"
    " RETURN e.id"
)
ENDS: LiteralString = (
    "MATCH (c:Claim) WHERE NOT EXISTS { (c)-[:SUBJECT]->(:Entity {id: c.subject}) }"
    " OR NOT EXISTS { (c)-[:OBJECT]->(:Entity {id: c.object}) } RETURN c.id"
)
DRAWN: LiteralString = (
    "MATCH (s:Entity)-[r]->(o:Entity) WHERE r.claim IS NOT NULL"
    " RETURN r.claim, s.id, toLower(type(r)), o.id, r.belief, r.support, r.dissent"
)
UNNAMED: LiteralString = (
    "MATCH (e:Provisional) WHERE NOT EXISTS { (:Review)-[:DESCRIBES]->(e) }"
    " AND NOT EXISTS { (:Entity)-[:MERGED_INTO]->(e) } RETURN e.id"
)
CATALOGUED: LiteralString = "MATCH (e:Entity) WHERE e.catalogued RETURN e.data"
CATALOGUE: LiteralString = "MATCH (g:Graph {name: 'filmgraph'}) RETURN g.catalogue"
UNFINISHED: LiteralString = "MATCH (n:Newcomer) RETURN count(n)"


def problems(tx: ManagedTransaction) -> list[str]:
    """Problems found, each a sentence."""
    return [*_quotes(tx), *_claims(tx), *_drawn(tx), *_entities(tx)]


def _quotes(tx: ManagedTransaction) -> Iterator[str]:
    for review, text, quotes in tx.run(QUOTES):
        for id, start, end, quote in quotes:
            if text[start:end] != quote:
                yield f"{id}: its quote does not stand at {start}:{end} of {review}"
    for (id,) in tx.run(ASTRAY):
        yield f"{id}: evidence that is not of one review for one claim"


def _claims(tx: ManagedTransaction) -> Iterator[str]:
    said = tx.run("MATCH (r:Review)-[:SAYS]->(e:Evidence)-[:ABOUT]->(c:Claim) " + SAID)
    statements = [statement_from(record.values()) for record in said]
    log = [judgement_from(row) for row in tx.run(JUDGEMENTS).values()]
    weighed = weigh(statements, verdicts(log))
    for record in _records(tx):
        if record.id not in weighed:
            yield f"{record.id}: a claim without evidence"
            continue
        belief, anachronistic = weighed[record.id]
        if (belief, anachronistic) != (record.belief, record.anachronistic):
            yield f"{record.id}: its belief is {record.belief.value}, its evidence says {belief.value}"
    for (id,) in tx.run(ENDS):
        yield f"{id}: a claim that is not tied to its subject and object"


def _records(tx: ManagedTransaction) -> list[ClaimRecord]:
    return [claim_record(row) for row in tx.run("MATCH (c:Claim) " + CLAIM).values()]


def _drawn(tx: ManagedTransaction) -> Iterator[str]:
    wanted = {
        (record.id, *_claim(record), *dataclasses.astuple(record.belief)[:3])
        for record in _records(tx)
        if record.belief.value > 0 and record.belief.support > 0 and not record.anachronistic
    }
    drawn = [tuple(row) for row in tx.run(DRAWN).values()]
    if len(drawn) != len(set(drawn)):
        yield "a claim is drawn twice"
    for row in sorted(wanted ^ set(drawn)):
        yield f"{row[0]}: its relationship is {'missing' if row in wanted else 'not what it says'}"


def _claim(record: ClaimRecord) -> tuple[str, str, str]:
    return record.claim.subject, record.claim.relation.value, record.claim.object


def _entities(tx: ManagedTransaction) -> Iterator[str]:
    for (id,) in tx.run(UNNAMED):
        yield f"{id}: a provisional entity that no review names"
    total = sum(digest(data) for (data,) in tx.run(CATALOGUED))
    if total % (1 << 128) != int(tx.run(CATALOGUE).values()[0][0]):
        yield "the catalogue's digest is not that of its entities"
    if tx.run(UNFINISHED).values()[0][0]:
        yield "an import of a catalogue was interrupted: import it again"
