"""The whole graph for other programs: GraphML, GEXF, node-link JSON and CSV.

Equal graphs give equal bytes: nodes and edges stand in the order of their ids, and nothing tells when or in which
order reviews came in. Nodes are the entities that claims or reviews name; edges are claims. GraphML and GEXF carry
the figures of an edge, JSON and CSV its evidence too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import IO, Any

import networkx as nx
import orjson

from filmgraph.errors import QueryError
from filmgraph.model import Entity, Film
from filmgraph.store import ClaimRecord, EvidenceRecord, Store

__all__ = ["FORMATS", "export", "to_networkx"]

PAGE = 1000
_NO_XML = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_MODIFIED = re.compile(rb' lastmodifieddate="[^"]*"')


def export(store: Store, form: str, file: IO[bytes]) -> None:
    """Write the graph of `store` to `file`; QueryError when `form` is none of `FORMATS`."""
    writer = FORMATS.get(form)
    if writer is None:
        raise QueryError(f"export format {form!r} is unknown; there are {', '.join(sorted(FORMATS))}")
    writer(store, file)


def to_networkx(store: Store, *, evidence: bool = False) -> nx.MultiDiGraph[str]:
    """The graph with edges from the derived thing to its source, keyed by claim id.

    Attributes of nodes: kind, name, and year and imdb where known; of edges: relation, family, belief, support,
    dissent, voices_for, voices_against; with `evidence` also a list of that name.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    ids = {review.film for review in store.iter_reviews() if review.film}
    for record in _claims(store):
        ids |= {record.claim.subject, record.claim.object}
    entities = store.entities(ids)
    ids |= {entity.origin for entity in entities.values() if entity.origin}
    entities = store.entities(ids)
    for id in sorted(ids):
        graph.add_node(id, **_node(id, entities.get(id)))
    for record, said in _with_evidence(store):
        shown = {"evidence": [_evidence(item) for item in said]} if evidence else {}
        graph.add_edge(record.claim.subject, record.claim.object, key=record.id, **_figures(record), **shown)
    return graph


def _claims(store: Store) -> Iterator[ClaimRecord]:
    after = ""
    while page := store.find_claims(after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def _with_evidence(store: Store) -> Iterator[tuple[ClaimRecord, list[EvidenceRecord]]]:
    after = ""
    while page := store.find_claims(after=after, limit=PAGE):
        evidence = store.evidence(record.id for record in page)
        for record in page:
            yield record, sorted(evidence.get(record.id, ()), key=lambda item: item.evidence.id)
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


def _figures(record: ClaimRecord) -> dict[str, Any]:
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
    nx.write_graphml_xml(_legal(to_networkx(store)), file, named_key_ids=True, edge_id_from_attribute="claim")


def _write_gexf(store: Store, file: IO[bytes]) -> None:
    made = io.BytesIO()
    graph = _legal(to_networkx(store))
    for _, shown in graph.nodes(data=True):
        shown["label"] = shown["name"]
    nx.write_gexf(graph, made)
    file.write(_MODIFIED.sub(b"", made.getvalue()))


def _legal(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """The graph without the characters that XML forbids, and each edge with its claim's id."""
    for _, shown in graph.nodes(data=True):
        shown["name"] = _NO_XML.sub("\ufffd", shown["name"])
    for _, _, key, shown in graph.edges(keys=True, data=True):
        shown["claim"] = key
    return graph


def _write_json(store: Store, file: IO[bytes]) -> None:
    data = nx.node_link_data(to_networkx(store, evidence=True), edges="edges")
    file.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _write_csv(store: Store, file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    graph = to_networkx(store, evidence=True)
    writer: csv.DictWriter[str] | None = None
    for subject, object_, claim, shown in sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[2]):
        ends = {
            f"{role}{name}": graph.nodes[id].get(field, "")
            for role, id in (("subject", subject), ("object", object_))
            for name, field in (("", None), ("_name", "name"), ("_year", "year"))
            if field
        }
        figures = {name: value for name, value in shown.items() if name != "evidence"}
        for item in shown["evidence"]:
            row = {"claim": claim, "subject": subject, "object": object_, **ends, **figures, **item}
            if writer is None:
                writer = csv.DictWriter(text, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
    text.detach()


FORMATS: dict[str, Callable[[Store, IO[bytes]], None]] = {
    "csv": _write_csv,
    "gexf": _write_gexf,
    "graphml": _write_graphml,
    "json": _write_json,
}
"""Name of a format → what writes it."""
