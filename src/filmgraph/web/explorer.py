"""The lineage explorer: a picture under some state, the quotes of one of its ties, and the same as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import networkx as nx
import orjson

from filmgraph.draw import Picture, drawn, narrowed, picture_of
from filmgraph.draw.picture import Mood, Tie
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.index import LineageIndex
from filmgraph.lineage import Lineage, Node
from filmgraph.model import Family, Relation
from filmgraph.web.quotes import Said, said_of
from filmgraph.web.state import DIRECTIONS, LIMITS, State
from filmgraph.web.views import WIDE, Graph, picture_html

__all__ = ["FORMATS", "explorer", "exported", "picture"]

STRONGEST = 6
CHOICE = 400
"""Works on either side that filters of stance and years choose from."""


def explorer(graph: Graph, state: State) -> dict[str, Any]:
    """The values of the explorer's page."""
    entity = graph.store.entity(state.of)
    if entity is None:
        raise NotFoundError(f"there is nothing with the id {state.of}")
    shown = picture(graph, state)
    return {
        "entity": entity,
        "state": state,
        "shown": shown,
        "picture": picture_html(shown, state, span=WIDE),
        "open": panel(graph, state, shown) if state.claim else [],
        "strongest": sorted(shown.ties, key=lambda tie: (-tie.belief, tie.later, tie.earlier))[:STRONGEST],
        "families": {
            family: [relation for relation in Relation if relation.family is family]
            for family in (Family.INFLUENCE, Family.DERIVATION)
        },
        "moods": list(Mood),
        "directions": DIRECTIONS,
        "limits": sorted({*LIMITS, state.limit}),
        "formats": {form: state.export(form) for form in FORMATS},
        "told": sorted({tie.since for tie in shown.ties if tie.since}),
    }


def picture(graph: Graph, state: State) -> Picture:
    """The lineage that a state asks for."""
    index = graph.service.index_as_of(graph.index, state.as_of) if state.as_of else graph.index
    choosy = bool(state.moods) or state.low is not None or state.high is not None
    ways = ("ancestors", "descendants") if state.direction == "both" else (state.direction,)
    lineages = [_lineage(index, state, way, CHOICE if choosy else state.limit) for way in ways]
    whole = picture_of(graph.store, *lineages, as_of=state.as_of)
    if not choosy:
        return whole
    return narrowed(whole, moods=state.moods, years=(state.low, state.high), limit=state.limit)


def _lineage(index: LineageIndex, state: State, direction: str, limit: int) -> Lineage:
    if state.of not in index:
        return Lineage(state.of, direction, (Node(state.of, 0, 1.0),), ())
    return index.lineage(
        state.of,
        direction=direction,
        depth=state.depth,
        relations=state.relations or None,
        min_belief=state.belief,
        limit=limit,
    )


def panel(graph: Graph, state: State, shown: Picture) -> list[Said]:
    """All that is said of the open tie: the claims of its pair of works, or that one claim where it is not shown."""
    tie = next((tie for tie in shown.ties if state.claim in tie.claims), None)
    ids = tie.claims if tie else (state.claim or "",)
    records = graph.store.claims(ids)
    if not records:
        raise NotFoundError(f"there is no claim {state.claim}; its reviews may have been taken back")
    return said_of(graph.store, (records[id] for id in ids if id in records), as_of=state.as_of)


# ── files ───────────────────────────────────────────────────────────────────────────────────


def exported(graph: Graph, state: State, form: str) -> tuple[bytes, str]:
    """The lineage in `form` and its media type; QueryError for a form that there is not."""
    if form not in FORMATS:
        raise QueryError(f"format {form!r} is none of {', '.join(FORMATS)}")
    write, media_type = FORMATS[form]
    return write(graph, picture(graph, state)), media_type


def _graphml(graph: Graph, shown: Picture) -> bytes:
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for work in shown.works:
        made.add_node(
            _legal(work.id),
            name=_legal(work.name),
            kind=work.kind.value,
            year=work.year or 0,
            generation=work.generation,
        )
    for tie in shown.ties:
        figures = {
            name: _legal(value) if isinstance(value, str) else value
            for name, value in _row(graph, tie).items()
        }
        made.add_edge(_legal(tie.later), _legal(tie.earlier), **figures)
    file = io.BytesIO()
    nx.write_graphml_xml(made, file, named_key_ids=True)
    return file.getvalue()


def _csv(graph: Graph, shown: Picture) -> bytes:
    names = {work.id: work for work in shown.works}
    file = io.StringIO(newline="")
    columns = ("later", "later_name", "later_year", "earlier", "earlier_name", "earlier_year")
    writer = csv.DictWriter(file, (*columns, "relation", "belief", "mood", "via", "since", "claims", "quote"))
    writer.writeheader()
    for tie in shown.ties:
        later, earlier = names[tie.later], names[tie.earlier]
        ends = (later.id, later.name, later.year, earlier.id, earlier.name, earlier.year)
        writer.writerow(dict(zip(columns, ends, strict=True)) | _row(graph, tie))
    return file.getvalue().encode()


def _json(graph: Graph, shown: Picture) -> bytes:
    works = [
        {
            "id": w.id,
            "name": w.name,
            "year": w.year,
            "kind": w.kind,
            "side": w.side,
            "generation": w.generation,
        }
        for w in shown.works
    ]
    ties = [{"later": tie.later, "earlier": tie.earlier, **_row(graph, tie)} for tie in shown.ties]
    whole = {
        "title": shown.title,
        "works": works,
        "ties": ties,
        "left_out": {"before": shown.before, "after": shown.after},
    }
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _row(graph: Graph, tie: Tie) -> dict[str, Any]:
    quotes = [
        item.evidence.quote for said in graph.store.evidence(tie.claims[:1]).values() for item in said[:1]
    ]
    return {
        "relation": tie.relation.value,
        "belief": round(tie.belief, 4),
        "mood": tie.mood.value,
        "via": "; ".join(tie.via),
        "since": tie.since.isoformat() if tie.since else "",
        "claims": " ".join(tie.claims),
        "quote": quotes[0] if quotes else "",
    }


def _legal(text: str) -> str:
    return "".join(char if char in "\t\n" or " " <= char < "\ufffe" else "\ufffd" for char in text)


FORMATS: dict[str, tuple[Callable[[Graph, Picture], bytes], str]] = {
    "svg": (lambda graph, shown: drawn(shown, "svg"), "image/svg+xml"),
    "png": (lambda graph, shown: drawn(shown, "png"), "image/png"),
    "pdf": (lambda graph, shown: drawn(shown, "pdf"), "application/pdf"),
    "graphml": (_graphml, "application/xml"),
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json"),
}
"""Name of a format → what writes it, and its media type."""
