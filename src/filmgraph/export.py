"""The whole graph for other programs: GraphML, GEXF, node-link JSON, CSV, and what Neo4j loads.

Equal graphs give equal bytes: nodes and edges stand in the order of their ids, and nothing tells when or in which
order reviews came in. Nodes are the entities that claims or reviews name; edges are claims. GraphML and GEXF carry
the figures of an edge, JSON its evidence too. CSV is one table with a row for each piece of evidence.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import networkx as nx
import orjson

from filmgraph.errors import QueryError
from filmgraph.model import Entity, Film
from filmgraph.neo4j_store.dump import write_cypher, write_import_files
from filmgraph.store import ClaimRecord, EvidenceRecord, Store

__all__ = ["FORMATS", "export", "to_networkx"]

PAGE = 1000
"""Claims that are in hand at a time while all are gone through."""
_NO_XML = re.compile(r"[^\t\n\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_MODIFIED = re.compile(rb' lastmodifieddate="[^"]*"')


def export(store: Store, form: str, file: IO[bytes]) -> None:
    """Write the graph of `store` to `file`; QueryError when `form` is none of `FORMATS`."""
    writer = FORMATS.get(form)
    if writer is None:
        raise QueryError(f"export format {form!r} is unknown; there are {', '.join(sorted(FORMATS))}")
    writer(store, file)


def to_networkx(store: Store, *, evidence: bool = False) -> nx.MultiDiGraph[str]:
    """The graph with edges from the derived thing to its source, keyed by claim id.

    Attributes of nodes: kind, name, and year, imdb and origin where known; of edges: relation, family, belief, support,
    dissent, voices_for, voices_against, anachronistic and quotes, the number of pieces of evidence; with `evidence`
    also a list of that name. Memory: O(claims), with `evidence` O(evidence).
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    ids = {review.film for review in store.iter_reviews() if review.film}
    edges: list[tuple[str, str, str, dict[str, Any]]] = []
    for record, said in _claims(store):
        shown = _figures(record, said)
        if evidence:
            shown["evidence"] = [_evidence(item) for item in said]
        edges.append((record.claim.subject, record.claim.object, record.id, shown))
        ids |= {record.claim.subject, record.claim.object}
    entities = store.entities(ids)
    origins = {entity.origin for entity in entities.values() if entity.origin}
    entities |= store.entities(origins - ids)
    for id in sorted(ids | origins):
        graph.add_node(id, **_node(id, entities.get(id)))
    for subject, object_, claim, shown in edges:
        graph.add_edge(subject, object_, key=claim, **shown)
    return graph


def _claims(store: Store) -> Iterator[tuple[ClaimRecord, list[EvidenceRecord]]]:
    """Claims by id, each with its evidence by id."""
    for page in _pages(store):
        evidence = store.evidence(record.id for record in page)
        for record in page:
            yield record, sorted(evidence.get(record.id, ()), key=lambda item: item.evidence.id)


def _pages(store: Store) -> Iterator[list[ClaimRecord]]:
    after = ""
    while page := store.find_claims(after=after, limit=PAGE):
        yield page
        after = page[-1].id


def _node(id: str, entity: Entity | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": id.partition(":")[0], "name": entity.name if entity else id}
    if entity and entity.year:
        shown["year"] = entity.year
    if isinstance(entity, Film) and entity.imdb_id:
        shown["imdb"] = entity.imdb_id
    if entity and entity.origin:
        shown["origin"] = entity.origin
    return shown


def _figures(record: ClaimRecord, said: Sequence[EvidenceRecord]) -> dict[str, Any]:
    belief = record.belief
    return {
        "relation": record.claim.relation.value,
        "family": record.claim.relation.family.value,
        "belief": round(belief.value, 6),
        "support": round(belief.support, 6),
        "dissent": round(belief.dissent, 6),
        "voices_for": belief.voices_for,
        "voices_against": belief.voices_against,
        "anachronistic": record.anachronistic,
        "quotes": len(said),
    }


def _evidence(item: EvidenceRecord) -> dict[str, Any]:
    said = item.evidence
    return {
        "quote": said.quote,
        "polarity": said.polarity.value,
        "stance": said.stance.value,
        "confidence": said.confidence,
        "review": said.review,
        "start": said.start,
        "end": said.end,
        "reviewer": item.reviewer,
        "outlet": item.outlet,
        "published": item.published.isoformat() if item.published else None,
        "url": item.url,
        "film": item.film,
        "extractor": said.provenance.extractor,
    }


# ── formats ─────────────────────────────────────────────────────────────────────────────────


def _write_graphml(store: Store, file: IO[bytes]) -> None:
    graph = _legal(to_networkx(store))
    for _, _, claim, shown in graph.edges(keys=True, data=True):
        shown["claim"] = claim
    nx.write_graphml_xml(graph, file, named_key_ids=True, edge_id_from_attribute="claim")


def _write_gexf(store: Store, file: IO[bytes]) -> None:
    graph = _legal(to_networkx(store))
    for _, shown in graph.nodes(data=True):
        shown["label"] = shown["name"]
    for _, _, claim, shown in graph.edges(keys=True, data=True):
        shown |= {"id": claim, "label": shown["relation"], "weight": shown["belief"]}
    made = io.BytesIO()
    nx.write_gexf(graph, made)
    file.write(_MODIFIED.sub(b"", made.getvalue()))


def _legal(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """The graph without the characters that XML forbids or, as the carriage return, does not keep."""
    for _, shown in graph.nodes(data=True):
        for name, value in shown.items():
            if isinstance(value, str):
                shown[name] = _NO_XML.sub("\ufffd", value)
    illegal = {id: _NO_XML.sub("\ufffd", id) for id in graph if _NO_XML.search(id)}
    return nx.relabel_nodes(graph, illegal) if illegal else graph


def _write_json(store: Store, file: IO[bytes]) -> None:
    data = nx.node_link_data(to_networkx(store, evidence=True), edges="edges")
    file.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


COLUMNS = (
    *("claim", "subject", "subject_name", "subject_year", "relation", "object", "object_name", "object_year"),
    *("family", "belief", "support", "dissent", "voices_for", "voices_against", "anachronistic", "quotes"),
    *("quote", "polarity", "stance", "confidence", "reviewer", "outlet", "published"),
    *("review", "start", "end", "film", "url", "extractor"),
)
"""The header of the CSV. `film` is the reviewed film's id; `start` and `end` are offsets into the review's text."""


def _write_csv(store: Store, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    # Lines end as RFC 4180 has it; the csv module quotes a lone carriage return only then.
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for page in _pages(store):
        writer.writerows(_rows(store, page))
    text.detach()


def _rows(store: Store, page: Sequence[ClaimRecord]) -> Iterator[dict[str, Any]]:
    entities = store.entities(id for record in page for id in (record.claim.subject, record.claim.object))
    evidence = store.evidence(record.id for record in page)
    for record in page:
        said = sorted(evidence.get(record.id, ()), key=lambda item: item.evidence.id)
        shown = {"claim": record.id, **_figures(record, said)}
        for role, id in (("subject", record.claim.subject), ("object", record.claim.object)):
            node = _node(id, entities.get(id))
            shown |= {role: id, f"{role}_name": node["name"], f"{role}_year": node.get("year")}
        for item in said:
            yield shown | _evidence(item)


FORMATS: dict[str, Callable[[Store, IO[bytes]], None]] = {
    "csv": _write_csv,
    "cypher": write_cypher,
    "gexf": _write_gexf,
    "graphml": _write_graphml,
    "json": _write_json,
    "neo4j-admin": write_import_files,
}
"""Name of a format → what writes it."""
