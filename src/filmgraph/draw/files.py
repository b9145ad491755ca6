"""Pictures as files, by the ending of their name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from filmgraph.draw.graphs import dot, mermaid
from filmgraph.draw.picture import Picture, franchise_picture, picture_of
from filmgraph.draw.style import Theme
from filmgraph.draw.svg import lineage_svg
from filmgraph.draw.wave import Wave, wave_svg
from filmgraph.errors import QueryError
from filmgraph.index import LineageIndex
from filmgraph.lineage import Lineage, Node
from filmgraph.model import Entity, Franchise, Relation
from filmgraph.store import Store

__all__ = ["FORMATS", "draw_entity", "drawn", "format_of", "rendered"]

FORMATS = {
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
}
SHARP = 2.0
MOST_PIXELS = 40_000_000


def format_of(path: Path) -> str:
    """The format that a file's name asks for; QueryError for an ending that is none of `FORMATS`."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise QueryError(f"{path.name} ends in no known format; there are {', '.join(FORMATS)}") from None


def draw_entity(
    store: Store,
    index: LineageIndex,
    entity: Entity,
    form: str,
    *,
    kind: str = "lineage",
    direction: str = "both",
    depth: int = 3,
    relations: Sequence[Relation] = (),
    min_belief: float = 0.0,
    limit: int = 40,
    as_of: date | None = None,
    theme: Theme = "auto",
) -> bytes:
    """The `kind` of picture of an entity, lineage, wave or franchise, in `form`; the wave has no DOT or Mermaid.

    Works that no claim names are drawn alone. Raises QueryError where there is no such picture.
    """
    if kind == "franchise":
        if not isinstance(entity, Franchise):
            raise QueryError(f"{entity.name} is no franchise: `search` finds franchises by name")
        return drawn(franchise_picture(store, index, entity, limit=limit), form, theme=theme)
    if kind == "wave":
        if form in ("dot", "mermaid"):
            raise QueryError(f"a wave cannot be drawn as {form}; take svg, png or pdf")
        counts = index.wave(entity.id, depth=depth) if entity.id in index else {}
        return rendered(wave_svg(Wave(entity.name, entity.year, counts), theme=_fixed(theme, form)), form)
    ways = ("ancestors", "descendants") if direction == "both" else (direction,)
    lineages = [
        index.lineage(
            entity.id,
            direction=way,
            depth=depth,
            relations=relations or None,
            min_belief=min_belief,
            limit=limit,
        )
        if entity.id in index
        else Lineage(entity.id, way, (Node(entity.id, 0, 1.0),), ())
        for way in ways
    ]
    return drawn(picture_of(store, *lineages, as_of=as_of), form, theme=theme)


def drawn(picture: Picture, form: str, *, theme: Theme = "auto") -> bytes:
    """The picture in `form`, one of the values of `FORMATS`; PNG and PDF are light unless `theme` is dark."""
    if form in ("dot", "mermaid"):
        return (dot if form == "dot" else mermaid)(picture).encode()
    return rendered(lineage_svg(picture, theme=_fixed(theme, form)), form)


def rendered(svg: str, form: str) -> bytes:
    """SVG as SVG, PNG at twice its size, or PDF with text as text."""
    if form == "svg":
        return svg.encode()
    import vl_convert

    if form == "pdf":
        return bytes(vl_convert.svg_to_pdf(svg))
    return bytes(vl_convert.svg_to_png(svg, scale=_scale(svg)))


def _fixed(theme: Theme, form: str) -> Theme:
    return "light" if theme == "auto" and form != "svg" else theme


def _scale(svg: str) -> float:
    """`SHARP`, or less where the image would be larger than a program can be expected to open."""
    box = svg.partition('viewBox="0 0 ')[2].partition('"')[0].split()
    area = float(box[0]) * float(box[1])
    return min(SHARP, math.sqrt(MOST_PIXELS / area))
