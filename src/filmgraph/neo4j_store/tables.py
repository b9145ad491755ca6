"""A write transaction's tables in Neo4j: what `tables.Tables` asks for, each a query over many rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, LiteralString

from filmgraph.belief import Belief
from filmgraph.model import Claim, Judgement, JudgementAction, Review
from filmgraph.neo4j_store.rows import (
    SAID,
    Row,
    claim_properties,
    entity_properties,
    evidence_properties,
    is_drawn,
    judgement_properties,
    review_from_properties,
    review_properties,
    statement_from,
)
from filmgraph.stored import canonical
from filmgraph.tables import Description, EntityRow, ReviewRow, Statement
from neo4j import ManagedTransaction

__all__ = ["JUDGEMENTS", "Neo4jTables", "judgement_from"]

JUDGEMENTS: LiteralString = (
    "MATCH (j:Judgement) WITH j ORDER BY j.seq"
    " RETURN j.id, j.action, j.target, j.value, j.by, j.at, j.note, j.undoes"
)


class Neo4jTables:
    """See `filmgraph.tables.Tables`; `tx` is a transaction that holds the writers' lock."""

    def __init__(self, tx: ManagedTransaction, revision: int) -> None:
        self._tx = tx
        self._judged: list[Judgement] | None = None
        self.revision = revision

    # ── reading ─────────────────────────────────────────────────────────────────────────────

    def entity_rows(self, ids: Collection[str]) -> dict[str, EntityRow]:
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN e.id, e.data, e.year, e.catalogued"
        )
        return {row[0]: EntityRow(*row) for row in self._rows(query, ids)}

    def review_rows(self, ids: Collection[str]) -> dict[str, ReviewRow]:
        query: LiteralString = "UNWIND $ids AS id MATCH (r:Review {id: id}) RETURN properties(r)"
        reviews = [(review_from_properties(row), row["pipeline"]) for (row,) in self._rows(query, ids)]
        return {review.id: ReviewRow(review.id, canonical(review), pipeline) for review, pipeline in reviews}

    def said_in(self, reviews: Collection[str]) -> list[Statement]:
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (r:Review {id: id})-[:SAYS]->(e:Evidence)-[:ABOUT]->(c:Claim) " + SAID
        )
        return [statement_from(row) for row in self._rows(query, reviews)]

    def said_for(self, claims: Collection[str]) -> list[Statement]:
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (c:Claim {id: id})<-[:ABOUT]-(e:Evidence)<-[:SAYS]-(r:Review) " + SAID
        )
        return [statement_from(row) for row in self._rows(query, claims)]

    def said_of(self, entities: Collection[str]) -> list[Statement]:
        query: LiteralString = (
            "UNWIND $ids AS id CALL (id) {"
            " MATCH (e:Evidence {subject: id}) RETURN e UNION MATCH (e:Evidence {object: id}) RETURN e"
            "} WITH DISTINCT e MATCH (r:Review)-[:SAYS]->(e)-[:ABOUT]->(c:Claim) " + SAID
        )
        return [statement_from(row) for row in self._rows(query, entities)]

    def descriptions(self, reviews: Collection[str]) -> list[Description]:
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (r:Review {id: id})-[d:DESCRIBES]->(e:Entity) RETURN r.id, e.id, d.data"
        )
        return [Description(*row) for row in self._rows(query, reviews)]

    def first_descriptions(self, entities: Collection[str]) -> dict[str, str]:
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (:Entity {id: id})<-[d:DESCRIBES]-(:Review) RETURN id, collect(d.data)"
        )
        return {id: min(data) for id, data in self._rows(query, entities)}

    def provisional(self) -> Iterator[EntityRow]:
        query: LiteralString = "MATCH (e:Provisional) RETURN e.id, e.data, e.year, e.catalogued"
        return (EntityRow(*row) for row in self._tx.run(query).values())

    def merges(self, ids: Collection[str]) -> list[tuple[str, str]]:
        query: LiteralString = (
            "UNWIND $ids AS id MATCH (:Entity {id: id})-[m:MERGED_INTO]-(:Entity)"
            " RETURN DISTINCT startNode(m).id, endNode(m).id"
        )
        return [(loser, survivor) for loser, survivor in self._rows(query, ids)]

    def judgements(self) -> list[Judgement]:
        if self._judged is None:
            self._judged = [judgement_from(row) for row in self._tx.run(JUDGEMENTS).values()]
        return self._judged

    def catalogue(self) -> int:
        query: LiteralString = "MATCH (g:Graph {name: 'filmgraph'}) RETURN g.catalogue"
        return int(self._tx.run(query).values()[0][0])

    # ── writing ─────────────────────────────────────────────────────────────────────────────

    def set_catalogue(self, total: int) -> None:
        query: LiteralString = "MATCH (g:Graph {name: 'filmgraph'}) SET g.catalogue = $total"
        self._tx.run(query, total=str(total)).consume()

    def write_entities(self, rows: Sequence[EntityRow]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MERGE (e:Entity {id: row.id}) REMOVE e:Provisional"
            " SET e = row.properties, e:$(row.labels)"
            " WITH e MATCH (r:Review {film: e.id}) MERGE (r)-[:REVIEWS]->(e)"
        )
        self._write(query, [entity_properties(row, self.revision) for row in rows])

    def mark_newcomers(self, ids: Collection[str]) -> None:
        """Mark entities of a catalogue whose import is not over, if any provisional ones may be merged with them."""
        query: LiteralString = (
            "MATCH (p:Provisional) WITH count(p) AS provisional WHERE provisional > 0"
            " UNWIND $rows AS id MATCH (e:Entity {id: id}) SET e:Newcomer"
        )
        self._write(query, list(ids))

    def delete_entities(self, ids: Collection[str]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (e:Entity {id: row.id}) DETACH DELETE e CREATE (n:Removed) SET n = row"
        )
        self._write(query, self._removed(ids))

    def write_reviews(self, reviews: Sequence[tuple[Review, ReviewRow]]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MERGE (r:Review {id: row.id}) SET r = row"
            " WITH r OPTIONAL MATCH (r)-[old:REVIEWS]->() DELETE old"
            " WITH DISTINCT r MATCH (f:Entity {id: r.film}) CREATE (r)-[:REVIEWS]->(f)"
        )
        self._write(query, [review_properties(review, row.pipeline) for review, row in reviews])

    def set_pipeline(self, reviews: Collection[str], pipeline: str) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (r:Review {id: row.id}) SET r.pipeline = row.pipeline"
        )
        self._write(query, [{"id": id, "pipeline": pipeline} for id in reviews])

    def delete_reviews(self, ids: Collection[str]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS id MATCH (r:Review {id: id})"
            " OPTIONAL MATCH (r)<-[:HOLDS]-(d:Document) DETACH DELETE d, r"
        )
        self._write(query, list(ids))

    def mark(self, fingerprints: Mapping[str, str]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (r:Review {id: row.review})"
            " MERGE (d:Document {fingerprint: row.fingerprint})"
            " WITH d, r WHERE NOT (d)-[:HOLDS]->() CREATE (d)-[:HOLDS]->(r)"
        )
        self._write(query, [{"fingerprint": mark, "review": id} for mark, id in fingerprints.items()])

    def write_descriptions(self, rows: Sequence[Description]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (r:Review {id: row.review}) MATCH (e:Entity {id: row.entity})"
            " CREATE (r)-[:DESCRIBES {data: row.data}]->(e)"
        )
        self._write(query, [dataclasses.asdict(row) for row in rows])

    def write_claims(self, weighed: Sequence[tuple[Claim, Belief, bool]]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (s:Entity {id: row.subject}) MATCH (o:Entity {id: row.object})"
            " MERGE (c:Claim {id: row.id}) SET c = row"
            " MERGE (c)-[:SUBJECT]->(s) MERGE (c)-[:OBJECT]->(o)"
        )
        rows = [claim_properties(claim, belief, late, self.revision) for claim, belief, late in weighed]
        self._write(query, rows)
        self._draw([row for row in rows if is_drawn(row)])
        self._rub_out([row["id"] for row in rows if not is_drawn(row)])

    def _draw(self, claims: Sequence[dict[str, Any]]) -> None:
        """Let claims be seen as relationships of their relation's type."""
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (s:Entity {id: row.subject}) MATCH (o:Entity {id: row.object})"
            " MERGE (s)-[r:$(toUpper(row.relation)) {claim: row.id}]->(o)"
            " SET r.belief = row.belief, r.support = row.support, r.dissent = row.dissent"
        )
        self._write(query, claims)

    def _rub_out(self, claims: Sequence[str]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS id MATCH (c:Claim {id: id})-[:SUBJECT]->(s), (c)-[:OBJECT]->(o)"
            " MATCH (s)-[r]->(o) WHERE r.claim = id DELETE r"
        )
        self._write(query, claims)

    def write_evidence(self, statements: Sequence[Statement]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (c:Claim {id: row.claim}) MATCH (r:Review {id: row.review})"
            " CREATE (r)-[:SAYS]->(e:Evidence)-[:ABOUT]->(c) SET e = row.properties"
        )
        self._write(query, [evidence_properties(item) for item in statements])

    def move_evidence(self, statements: Sequence[Statement]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (e:Evidence {id: row.properties.id})-[old:ABOUT]->()"
            " MATCH (c:Claim {id: row.claim}) DELETE old CREATE (e)-[:ABOUT]->(c)"
            " SET e.anachronistic = row.properties.anachronistic"
        )
        self._write(query, [evidence_properties(item) for item in statements])

    def forget(self, reviews: Collection[str]) -> None:
        said: LiteralString = "UNWIND $rows AS id MATCH (:Review {id: id})-[:SAYS]->(e) DETACH DELETE e"
        named: LiteralString = "UNWIND $rows AS id MATCH (:Review {id: id})-[d:DESCRIBES]->() DELETE d"
        self._write(said, list(reviews))
        self._write(named, list(reviews))

    def remove_claims(self, ids: Collection[str]) -> None:
        query: LiteralString = (
            "UNWIND $rows AS row MATCH (c:Claim {id: row.id}) DETACH DELETE c CREATE (n:Removed) SET n = row"
        )
        self._rub_out(sorted(ids))
        self._write(query, self._removed(ids))

    def _removed(self, ids: Collection[str]) -> list[dict[str, Any]]:
        return [{"id": id, "revision": self.revision} for id in sorted(ids)]

    def add_judgement(self, judgement: Judgement) -> None:
        query: LiteralString = (
            "MATCH (g:Graph {name: 'filmgraph'}) SET g.judgements = g.judgements + 1"
            " CREATE (j:Judgement) SET j = $row, j.seq = g.judgements"
        )
        self._tx.run(query, row=judgement_properties(judgement)).consume()
        self._judged = None

    def add_change(self, by: str, action: str, target: str) -> None:
        query: LiteralString = (
            "MATCH (g:Graph {name: 'filmgraph'}) SET g.changes = coalesce(g.changes, 0) + 1"
            " CREATE (c:Change) SET c = $row, c.seq = g.changes"
        )
        at = datetime.now(UTC).replace(microsecond=0)
        row = {"at": at, "by": by, "action": action, "target": target, "revision": self.revision}
        self._tx.run(query, row=row).consume()

    def write_merge(self, loser: str, survivor: str, judgement: str) -> None:
        query: LiteralString = (
            "MATCH (l:Entity {id: $loser}) MATCH (s:Entity {id: $survivor})"
            " OPTIONAL MATCH (l)-[old:MERGED_INTO]->() DELETE old"
            " WITH DISTINCT l, s CREATE (l)-[:MERGED_INTO {judgement: $judgement}]->(s)"
        )
        self._tx.run(query, loser=loser, survivor=survivor, judgement=judgement).consume()

    def delete_merge(self, loser: str) -> None:
        query: LiteralString = "MATCH (:Entity {id: $loser})-[m:MERGED_INTO]->() DELETE m"
        self._tx.run(query, loser=loser).consume()

    def _rows(self, query: LiteralString, ids: Collection[str]) -> list[Row]:
        if not ids:
            return []
        rows: list[Row] = [*self._tx.run(query, ids=list(ids)).values()]
        return rows

    def _write(self, query: LiteralString, rows: Sequence[Any]) -> None:
        if rows:
            self._tx.run(query, rows=rows).consume()


def judgement_from(row: Row) -> Judgement:
    """A row of `JUDGEMENTS` as a judgement."""
    id, action, target, value, by, at, note, undoes = row
    return Judgement(
        id, JudgementAction(action), target, value, by, at.to_native() if at else None, note, undoes
    )
