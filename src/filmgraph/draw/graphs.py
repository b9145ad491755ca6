"""A picture for other drawers: Graphviz DOT and Mermaid flowcharts."""

from __future__ import annotations

from collections import defaultdict

from filmgraph.draw.metrics import legible
from filmgraph.draw.picture import VERB, Mood, Picture, Tie, Work
from filmgraph.model import EntityKind, Family

__all__ = ["dot", "mermaid"]

_STYLE = {
    Family.INFLUENCE: "solid",
    Family.DERIVATION: "dashed",
    Family.MEMBERSHIP: "dotted",
    Family.COMPARISON: "dotted",
}
_COLOUR = {Mood.POSITIVE: "#0a5a9c", Mood.NEGATIVE: "#cf5510", Mood.NEUTRAL: "#7d776d", Mood.MIXED: "#7a4db0"}
_HEAD = {Mood.POSITIVE: "normal", Mood.NEGATIVE: "empty", Mood.NEUTRAL: "vee", Mood.MIXED: "diamond"}
_SHAPE = {EntityKind.FILM: "ellipse", EntityKind.WORK: "box"}


def dot(picture: Picture) -> str:
    """The picture in Graphviz's language, years as ranks from left to right."""
    out = [
        "digraph lineage {",
        "  rankdir=LR",
        f"  label={_dot_text(legible(picture.title))}",
        '  node [fontname="Helvetica"]',
    ]
    years: dict[int, list[str]] = defaultdict(list)
    for work in picture.works:
        bold = ", style=bold" if work is picture.focus else ""
        out.append(
            f"  {_dot_text(work.id)} [label={_dot_text(_name(work))}, shape={_SHAPE.get(work.kind, 'diamond')}{bold}]"
        )
        if work.year:
            years[work.year].append(_dot_text(work.id))
    out += [f"  {{ rank=same; {'; '.join(ids)} }}" for _, ids in sorted(years.items()) if len(ids) > 1]
    for tie in picture.ties:
        out.append(
            f"  {_dot_text(tie.earlier)} -> {_dot_text(tie.later)} [label={_dot_text(_verb(tie))}, "
            f'style={_STYLE[tie.relation.family]}, penwidth={1 + 3 * tie.belief:.2f}, color="{_COLOUR[tie.mood]}", '
            f"arrowhead={_HEAD[tie.mood]}]"
        )
    return "\n".join([*out, "}", ""])


def mermaid(picture: Picture) -> str:
    """The picture as a Mermaid flowchart."""
    number = {work.id: f"w{n}" for n, work in enumerate(picture.works)}
    out = ["flowchart LR"]
    for work in picture.works:
        left, right = ("[", "]") if work.kind is EntityKind.WORK else ("([", "])")
        out.append(f'  {number[work.id]}{left}"{_mermaid_text(_name(work))}"{right}')
    lines = {Family.INFLUENCE: "-->", Family.DERIVATION: "-.->"}
    for tie in picture.ties:
        line = lines.get(tie.relation.family, "-.-")
        out.append(f'  {number[tie.earlier]} {line}|"{_mermaid_text(_verb(tie))}"| {number[tie.later]}')
    colours = [
        f"  linkStyle {n} stroke:{_COLOUR[tie.mood]},stroke-width:{1 + 3 * tie.belief:.1f}px"
        for n, tie in enumerate(picture.ties)
    ]
    return "\n".join([*out, *colours, ""])


def _name(work: Work) -> str:
    return f"{legible(work.name)} ({work.year})" if work.year else legible(work.name)


def _verb(tie: Tie) -> str:
    via = f" by way of {' and '.join(map(legible, tie.via))}" if tie.via else ""
    return f"{VERB[tie.relation]}{via}"


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid_text(text: str) -> str:
    """Mermaid's own entities for what would end the text or be taken for markup."""
    return "".join(f"#{ord(char)};" if char in '"<>&#`\\;' else char for char in text)
