"""A graph of any store as the nodes and relationships of the model: a Cypher script, or CSV files for neo4j-admin.

What is loaded from either is a store: `filmgraph migrate` adds what is missing of its schema. Equal graphs give equal
bytes, so neither tells when evidence was recorded, nor which documents were read.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain, groupby, islice
from typing import IO, Any, NamedTuple

from filmgraph.judgements import standing
from filmgraph.model import Film, JudgementAction
from filmgraph.neo4j_store.migrations import statements
from filmgraph.neo4j_store.rows import (
    claim_properties,
    entity_properties,
    evidence_properties,
    is_drawn,
    judgement_properties,
    review_properties,
)
from filmgraph.store import ClaimRecord, EvidenceRecord, Store
from filmgraph.stored import canonical
from filmgraph.tables import EntityRow, Statement

__all__ = ["write_cypher", "write_import_files"]

PAGE = 500
SEPARATOR = "\x1f"
"""Stands between the items of a list in a CSV field."""


class Node(NamedTuple):
    """`labels` begin with the one that its id is unique in."""

    labels: tuple[str, ...]
    properties: dict[str, Any]


class Tie(NamedTuple):
    """A relationship between nodes that are known by label and id. `sort` is its type, or "drawn" for what stands
    for one."""

    sort: str
    type: str
    start: tuple[str, str]
    end: tuple[str, str]
    properties: dict[str, Any]


# ── the model ───────────────────────────────────────────────────────────────────────────────


def _nodes(store: Store) -> Iterator[Node]:
    """All nodes, those of a sort together."""
    judgements = store.judgements()
    yield Node(("Graph",), {
        "id": "graph", "name": "filmgraph", "schema": 0, "revision": 1, "written": [], "changes": 0,
        "catalogue": str(int(store.catalogue_digest(), 16)), "judgements": len(judgements),
    })  # fmt: skip
    for row in _entities(store):
        entity = entity_properties(row, 1)
        yield Node(("Entity", *entity["labels"]), entity["properties"])
    for stored in _readings(store):
        yield Node(("Review",), review_properties(stored.reading.review, stored.pipeline))
    for record, _ in _claims(store):
        yield Node(
            ("Claim",), claim_properties(record.claim, record.belief, record.anachronistic, revision=1)
        )
    for record, said in _claims(store):
        for item in said:
            yield Node(("Evidence",), _evidence(record, item)["properties"] | {"recorded": None})
    for number, judgement in enumerate(judgements, 1):
        yield Node(("Judgement",), judgement_properties(judgement) | {"seq": number})


def _ties(store: Store) -> Iterator[Tie]:
    """All relationships, those of a sort together."""
    known = {row.id for row in _entities(store)}
    for record, _ in _claims(store):
        yield Tie("subject", "SUBJECT", ("Claim", record.id), ("Entity", record.claim.subject), {})
    for record, _ in _claims(store):
        yield Tie("object", "OBJECT", ("Claim", record.id), ("Entity", record.claim.object), {})
    for record, _ in _claims(store):
        figures = claim_properties(record.claim, record.belief, record.anachronistic, revision=1)
        if is_drawn(figures):
            ends = ("Entity", record.claim.subject), ("Entity", record.claim.object)
            shown = {name: figures[name] for name in ("belief", "support", "dissent")}
            yield Tie("drawn", record.claim.relation.name, *ends, {"claim": record.id} | shown)
    for record, said in _claims(store):
        for item in said:
            yield Tie("about", "ABOUT", ("Evidence", item.evidence.id), ("Claim", record.id), {})
    for _, said in _claims(store):
        for item in said:
            yield Tie("says", "SAYS", ("Review", item.evidence.review), ("Evidence", item.evidence.id), {})
    for stored in _readings(store):
        review = stored.reading.review
        if review.film in known:
            yield Tie("reviews", "REVIEWS", ("Review", review.id), ("Entity", str(review.film)), {})
    for stored in _readings(store):
        for entity in stored.reading.entities:
            ends = ("Review", stored.reading.review.id), ("Entity", entity.id)
            yield Tie("describes", "DESCRIBES", *ends, {"data": canonical(entity)})
    yield from _merges(store, known)


def _merges(store: Store, known: set[str]) -> Iterator[Tie]:
    last = {entry.target: entry for entry in standing(store.judgements())}
    for loser, entry in sorted(last.items()):
        if entry.action is JudgementAction.MERGE and {loser, entry.value} <= known:
            ends = ("Entity", loser), ("Entity", str(entry.value))
            yield Tie("merged_into", "MERGED_INTO", *ends, {"judgement": entry.id})


def _entities(store: Store) -> Iterator[EntityRow]:
    catalogued = (entity.id for entity in store.iter_entities(catalogued_only=True))
    next_one = next(catalogued, None)
    for entity in store.iter_entities():
        is_known = entity.id == next_one
        yield EntityRow.of(entity, catalogued=is_known)
        if is_known:
            next_one = next(catalogued, None)


def _readings(store: Store) -> Iterator[Any]:
    after = ""
    while page := store.readings(after=after, limit=PAGE):
        yield from page
        after = page[-1].reading.review.id


def _claims(store: Store) -> Iterator[tuple[ClaimRecord, list[EvidenceRecord]]]:
    after = ""
    while page := store.find_claims(after=after, limit=PAGE):
        evidence = store.evidence(record.id for record in page)
        for record in page:
            yield record, sorted(evidence.get(record.id, ()), key=lambda item: item.evidence.id)
        after = page[-1].id


def _evidence(record: ClaimRecord, item: EvidenceRecord) -> dict[str, Any]:
    return evidence_properties(Statement(item.evidence, record.claim, item.voice))


# ── Cypher ──────────────────────────────────────────────────────────────────────────────────


def write_cypher(store: Store, file: IO[bytes]) -> None:
    """A script for `cypher-shell`, for an empty database: the schema, then nodes and relationships in batches."""

    def write(statement: str) -> None:
        file.write(f"{statement};\n".encode())

    for statement in statements():
        write(statement)
    for _, nodes in _by_label(store):
        while batch := list(islice(nodes, PAGE)):
            write(
                f"UNWIND {_literal([list(node) for node in batch])} AS row CREATE (n:$(row[0])) SET n = row[1]"
            )
    for (_, start, end), ties in _by_sort(store):
        while some := list(islice(ties, PAGE)):
            rows = [[tie.start[1], tie.end[1], tie.type, tie.properties] for tie in some]
            write(
                f"UNWIND {_literal(rows)} AS row MATCH (a:{start} {{id: row[0]}}) MATCH (b:{end} {{id: row[1]}})"
                " CREATE (a)-[r:$(row[2])]->(b) SET r = row[3]"
            )


def _by_label(store: Store) -> Iterator[tuple[str, Iterator[Node]]]:
    return groupby(_nodes(store), key=lambda node: node.labels[0])


def _by_sort(store: Store) -> Iterator[tuple[tuple[str, str, str], Iterator[Tie]]]:
    return groupby(_ties(store), key=lambda tie: (tie.sort, tie.start[0], tie.end[0]))


def _literal(value: Any) -> str:
    """A value as Cypher writes it."""
    if value is None:
        return "null"
    if isinstance(value, str):
        # JSON's escapes are Cypher's, but that Cypher has no escaped slash, which JSON does not need either.
        return json.dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, datetime):
        return f'datetime("{value.isoformat()}")'
    return f'date("{value.isoformat()}")' if isinstance(value, date) else repr(value)


# ── CSV for neo4j-admin ─────────────────────────────────────────────────────────────────────

TYPES = {
    "year": "long", "runtime": "long", "revision": "long", "schema": "long", "changes": "long", "judgements": "long",
    "voices_for": "long", "voices_against": "long", "start": "long", "end": "long", "seq": "long",
    "renown": "double", "belief": "double", "support": "double", "dissent": "double", "confidence": "double",
    "rating": "double", "rating_scale": "double", "catalogued": "boolean", "anachronistic": "boolean",
    "published": "date", "at": "datetime", "aliases": "string[]", "names": "string[]", "genres": "string[]",
    "countries": "string[]", "franchises": "string[]", "people": "string[]", "parts": "string[]", "written": "string[]",
}  # fmt: skip
"""Property → its type in a CSV header; strings have none."""
README = """\
A filmgraph graph for a first load into an empty Neo4j database. Where these files are unpacked, with the server
stopped:

    neo4j-admin database import full neo4j @import.args

Then start the server and run `filmgraph migrate`, which makes indexes and constraints.
"""


def write_import_files(store: Store, file: IO[bytes]) -> None:
    """A ZIP archive of CSV files, with the arguments for `neo4j-admin database import full`."""
    arguments = ["--array-delimiter=U+001F", "--multiline-fields=true", "--id-type=string"]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for label, nodes in _by_label(store):
            arguments.append(f"--nodes={label.lower()}.csv")
            with _entry(archive, f"{label.lower()}.csv") as text:
                _write_nodes(label, nodes, text)
        for (sort, start, end), ties in _by_sort(store):
            arguments.append(f"--relationships={sort}.csv")
            with _entry(archive, f"{sort}.csv") as text:
                _write_ties(start, end, ties, text)
        for name, content in (("import.args", "\n".join(arguments) + "\n"), ("README.txt", README)):
            with _entry(archive, name) as text:
                text.write(content)


def _entry(archive: zipfile.ZipFile, name: str) -> IO[str]:
    """A file in the archive; all are of one day, so that equal graphs give equal bytes."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return io.TextIOWrapper(archive.open(info, "w", force_zip64=True), encoding="utf-8", newline="")


def _write_nodes(label: str, nodes: Iterable[Node], text: IO[str]) -> None:
    first = next(iter(nodes), None)
    if first is None:
        return
    names = _FILM if label == "Entity" else [name for name in first.properties if name != "id"]
    _write_line(text, [f"id:ID({label})", ":LABEL", *map(_typed, names)], quoted=False)
    for node in chain([first], nodes):
        properties = node.properties
        _write_line(text, [properties["id"], list(node.labels), *(properties.get(name) for name in names)])


def _write_ties(start: str, end: str, ties: Iterable[Tie], text: IO[str]) -> None:
    stream = iter(ties)
    first = next(stream)
    names = list(first.properties)
    header = [f":START_ID({start})", f":END_ID({end})", ":TYPE", *map(_typed, names)]
    _write_line(text, header, quoted=False)
    for tie in chain([first], stream):
        _write_line(text, [tie.start[1], tie.end[1], tie.type, *(tie.properties[name] for name in names)])


def _typed(name: str) -> str:
    return f"{name}:{TYPES[name]}" if name in TYPES else name


def _write_line(text: IO[str], values: Iterable[Any], *, quoted: bool = True) -> None:
    """A line of CSV where nothing is told from the empty string, which the csv module cannot do."""
    text.write(",".join(_field(value, quoted=quoted) for value in values) + "\n")


def _field(value: Any, *, quoted: bool) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = SEPARATOR.join(value)
    if isinstance(value, date):
        value = value.isoformat()
    return '"' + value.replace('"', '""') + '"' if isinstance(value, str) and quoted else str(value)


_FILM = [
    name
    for name in entity_properties(EntityRow.of(Film("film:", ""), catalogued=True), 1)["properties"]
    if name != "id"
]
"""Properties that an entity may have; a film has them all."""
