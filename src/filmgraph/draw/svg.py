"""A lineage as SVG: text that is text, shapes with titles, one stylesheet for light and dark."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import quoteattr

from filmgraph.draw.layout import BEND, SPAN, Band, Box, Layout, Point, Route, lay_out
from filmgraph.draw.metrics import legible, width
from filmgraph.draw.picture import Mood, Picture, Tie, Work
from filmgraph.draw.style import TINTS, Theme, stylesheet
from filmgraph.draw.tree import DOT
from filmgraph.model import EntityKind, Family

__all__ = ["Links", "document", "element", "lineage_svg", "number", "text"]

HEAD = 34.0
AXIS = 30.0
LINE = 20.0
FAMILY_WORDS = {
    Family.INFLUENCE: "influence", Family.DERIVATION: "remake, sequel, adaptation",
    Family.MEMBERSHIP: "same series", Family.COMPARISON: "likeness",
}  # fmt: skip
MOOD_WORDS = {
    Mood.POSITIVE: "told fondly", Mood.NEGATIVE: "told with scorn", Mood.MIXED: "critics differ",
    Mood.NEUTRAL: "told plainly",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Links:
    """Where the parts of a picture lead to on a page."""

    work: Callable[[Work], str]
    tie: Callable[[Tie], str]
    more: Callable[[int], str]


def lineage_svg(
    picture: Picture,
    *,
    theme: Theme = "auto",
    links: Links | None = None,
    heading: bool = True,
    styled: bool = True,
    span: float = SPAN,
) -> str:
    """The picture as one SVG element; `span` as for `lay_out`.

    Without `styled` it carries no stylesheet: the page that holds it has `style.stylesheet()` among its own.
    """
    layout = lay_out(picture, span=span)
    top = HEAD if heading else 6.0
    legend = list(_legend(picture, max(layout.width, 420.0) - 32))
    wide = max(layout.width, 420.0, width(picture.title, 17) + 40 if heading else 0)
    tall = top + layout.height + AXIS + LINE * (1 + max((line for line, *_ in legend), default=-1)) + 12
    parts = [element("rect", "", cls="fg-paper", width=wide, height=tall)]
    if heading:
        parts.append(text(picture.title, 16, 24, "fg-title"))
    shift = (wide - layout.width) / 2
    parts.append(
        element("g", _body(picture, layout, links), transform=f"translate({number(shift)} {number(top)})")
    )
    parts.append(element("g", _drawn_legend(legend, top + layout.height + AXIS + 14), cls="fg-legend"))
    return document(
        "".join(parts),
        wide,
        tall,
        picture.title,
        picture.description(),
        theme=theme,
        styled=styled,
        drawing=links is None,
    )


def document(
    body: str,
    wide: float,
    tall: float,
    title: str,
    description: str,
    *,
    theme: Theme,
    styled: bool,
    drawing: bool,
) -> str:
    """An SVG element with its title and description; a `drawing` is one image, others hold links."""
    style = element("style", stylesheet(theme)) if styled else ""
    label = legible(title)
    head = element("title", _text(label)) + element("desc", _text(description))
    return element(
        "svg",
        head + style + body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(wide)} {number(tall)}",
        width=wide,
        height=tall,
        cls="fg-picture",
        role="img" if drawing else "group",
        aria_label=label,
    )


def element(name: str, body: str = "", **attributes: object) -> str:
    """An element; `cls` is its class, underscores in names are hyphens, None is left out."""
    shown = "".join(
        f" {'class' if key == 'cls' else key.replace('_', '-')}={quoteattr(number(value))}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{shown}>{body}</{name}>" if body else f"<{name}{shown}/>"


def text(value: str, x: float, y: float, cls: str | None = None, *, anchor: str | None = None) -> str:
    """A line of text, harmless whatever it holds."""
    return element("text", _text(legible(value)), x=x, y=y, cls=cls, text_anchor=anchor)


def _text(value: str) -> str:
    value = _escape(value)
    if any(unicodedata.bidirectional(char) in ("R", "AL") for char in value):
        return f"\u2068{value}\u2069"
    return value


def _escape(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def number(value: object) -> str:
    """Numbers to a tenth of a pixel, without idle zeros."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


# ── the body ────────────────────────────────────────────────────────────────────────────────


def _body(picture: Picture, layout: Layout, links: Links | None) -> str:
    far = [route for route in layout.routes if not route.own]
    near = sorted((route for route in layout.routes if route.own), key=lambda route: route.tie.belief)
    return "".join(
        [
            *(_band(band) for band in layout.bands),
            *_axis(layout),
            *(element("path", cls="fg-trunk", d=_elbows(trunk)) for trunk in layout.trunks),
            *(_route(picture, route, links) for route in (*far, *near)),
            *(_more(layout, *more, links) for more in layout.more),
            *(_box(box, links) for box in layout.boxes[1:]),
            _focus(layout.boxes[0], links),
        ]
    )


def _band(band: Band) -> str:
    shape = element(
        "rect",
        cls=f"fg-tint-{band.number % TINTS}",
        x=band.left,
        y=band.top,
        width=band.right - band.left,
        height=band.bottom - band.top,
        rx=7.0,
    )
    return shape + (text(band.caption, band.left + 22, band.top + 12, "fg-caption") if band.caption else "")


def _axis(layout: Layout) -> Iterator[str]:
    y = layout.height
    yield element("path", cls="fg-rule", d=f"M0 {number(y)}H{number(layout.width)}")
    for tick in layout.ticks:
        yield element("path", cls="fg-rule", d=f"M{number(tick.x)} {number(y)}v5")
        yield text(str(tick.year), tick.x, y + 18, "fg-tick", anchor="middle")


def _route(picture: Picture, route: Route, links: Links | None) -> str:
    tie = route.tie
    path = _elbows(route.points) if route.own else _curve(route.points)
    own = _elbows(route.own) if route.own else path
    line = element("path", cls="fg-line", d=own, stroke_width=1 + 3 * tie.belief)
    hit = element("path", cls="fg-trace", d=path) + element("path", cls="fg-hit", d=own) if links else ""
    head = _head(tie.mood, *route.arrow, 1 + tie.belief * 0.5, route.turn)
    word = _word(route) if route.word else ""
    classes = f"fg-tie fg-{tie.relation.family} fg-{tie.mood}{'' if route.own else ' fg-far'}"
    marks = {
        "data_earlier": tie.earlier, "data_later": tie.later, "data_belief": f"{tie.belief:.3f}",
        "data_since": tie.since, "data_claims": " ".join(tie.claims),
    }  # fmt: skip
    inside = element("title", _text(picture.sentence(tie))) + line + hit + head + word
    if not links:
        return element("g", inside, cls=classes, **marks)
    link = element("a", inside, href=links.tie(tie), aria_label=picture.sentence(tie), tabindex=0)
    return element("g", link, cls=classes, **marks)


def _word(route: Route) -> str:
    """What the tie says, above the middle of its level stretch."""
    (a, y), (b, _) = max(pairwise(route.points), key=lambda ends: abs(ends[1][0] - ends[0][0]))
    return text(route.word, (a + b) / 2, y - 5, "fg-word fg-halo", anchor="middle")


def _elbows(points: Sequence[Point], radius: float = BEND) -> str:
    """A line through corners, each rounded."""
    path = f"M{number(points[0][0])} {number(points[0][1])}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        r = min(radius, _length(before, corner) / 2, _length(corner, after) / 2)
        a, b = _toward(corner, before, r), _toward(corner, after, r)
        path += f"L{number(a[0])} {number(a[1])}Q{number(corner[0])} {number(corner[1])} {number(b[0])} {number(b[1])}"
    return f"{path}L{number(points[-1][0])} {number(points[-1][1])}"


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _toward(a: Point, b: Point, by: float) -> Point:
    whole = _length(a, b) or 1.0
    return a[0] + (b[0] - a[0]) * by / whole, a[1] + (b[1] - a[1]) * by / whole


def _curve(points: Sequence[Point]) -> str:
    return f"M{_point(points[0])}C{' '.join(map(_point, points[1:]))}"


def _point(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _polygon(*points: Point) -> str:
    return "M" + "L".join(map(_point, points))


def _head(mood: Mood, x: float, y: float, size: float, turn: int = 0) -> str:
    """An arrowhead whose shape tells the mood: full, hollow, a chevron, a lozenge."""
    long, half = 7 * size, 3.4 * size
    back, upper, lower = x - long, y - half, y + half
    if mood is Mood.MIXED:
        shape = _polygon((back, y), (x - long / 2, upper), (x, y), (x - long / 2, lower))
    else:
        shape = _polygon((back, upper), (x, y), (back, lower))
    turned = f"rotate({turn} {_point((x, y))})" if turn else None
    return element("path", cls="fg-head", d=shape + ("" if mood is Mood.NEUTRAL else "Z"), transform=turned)


def _box(box: Box, links: Links | None) -> str:
    work = box.work
    at_left = box.left < box.x - DOT - 1
    year = element("tspan", f"\u2002{box.year}", cls="fg-year") if box.year else ""
    name = element("tspan", _text(box.label), cls="fg-name")
    x = box.x + (-1 if at_left else 1) * (DOT + 7)
    label = element(
        "text", name + year, x=x, y=box.y + 4.5, text_anchor="end" if at_left else None, cls="fg-halo"
    )
    inside = element("title", _text(_full(work))) + _dot(work, box.x, box.y) + label
    return _node(work, inside, links)


def _node(work: Work, inside: str, links: Links | None) -> str:
    marks = {"data_id": work.id, "data_generation": work.generation, "data_side": work.side}
    if links:
        inside = element("a", inside, href=links.work(work), aria_label=_full(work))
    return element("g", inside, cls="fg-work", **marks)


def _full(work: Work) -> str:
    return f"{legible(work.name)} ({work.year})" if work.year else legible(work.name)


def _dot(work: Work, x: float, y: float) -> str:
    cls = "fg-dot fg-provisional" if work.provisional else "fg-dot"
    if work.kind is EntityKind.FILM:
        return element("circle", cls=cls, cx=x, cy=y, r=DOT - 1)
    if work.kind is EntityKind.WORK:
        return element("rect", cls=cls, x=x - 4, y=y - 4, width=8, height=8)
    shape = _polygon((x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y))
    return element("path", cls=cls, d=f"{shape}Z")


def _focus(box: Box, links: Links | None) -> str:
    card = element(
        "rect",
        cls="fg-focus",
        x=box.left,
        y=box.top,
        width=box.right - box.left,
        height=box.bottom - box.top,
        rx=9.0,
    )
    first = box.top + 26
    names = "".join(
        text(line, box.x, first + 20 * n, "fg-focus-name", anchor="middle")
        for n, line in enumerate(box.lines)
    )
    below = box.year or str(box.work.kind)
    year = text(below, box.x, first + 20 * len(box.lines) - 3, "fg-focus-year", anchor="middle")
    return _node(box.work, element("title", _text(_full(box.work))) + card + names + year, links)


def _more(layout: Layout, x: float, y: float, count: int, side: int, links: Links | None) -> str:
    focus = layout.boxes[0]
    stub = element("path", cls="fg-stub", d=f"M{number(x)} {number(focus.y)}V{number(y)}h{side * 16}")
    label = text(
        f"+{count:,} more", x + side * 22, y + 4, "fg-more fg-name", anchor="end" if side < 0 else None
    )
    if links:
        label = element(
            "a", label, href=links.more(side), aria_label=f"Show more than now: {count:,} are left out"
        )
    return stub + label


# ── the legend ──────────────────────────────────────────────────────────────────────────────


def _legend(picture: Picture, room: float) -> Iterable[tuple[int, float, str, str]]:
    """(line, x, words, drawing at 0, 0) for each thing that the picture has."""
    line, x = 0, 16.0
    for words, drawing in _samples(picture):
        wide = 34 + width(words, 11) + 18
        if x > 16 and x + wide > room:
            line, x = line + 1, 16.0
        yield line, x, words, drawing
        x += wide


def _samples(picture: Picture) -> Iterator[tuple[str, str]]:
    for family in sorted({tie.relation.family for tie in picture.ties}, key=list(Family).index):
        line = element("path", cls="fg-line", d="M0 0H26", stroke_width=2)
        yield FAMILY_WORDS[family], element("g", line, cls=f"fg-{family} fg-neutral")
    told = [tie for tie in picture.ties if tie.claims]
    for mood in sorted({tie.mood for tie in told}, key=list(Mood).index):
        line = element("path", cls="fg-line", d="M0 0H18", stroke_width=2)
        yield MOOD_WORDS[mood], element("g", line + _head(mood, 26, 0, 1.2), cls=f"fg-{mood}")
    if told:
        wedge = element("path", cls="fg-bar-neutral", d="M0 -.5L26 -2V2L0 .5Z")
        yield "belief, from doubtful to sure", wedge
    kinds = {work.kind for work in picture.works[1:]}
    for kind, words in ((EntityKind.WORK, "book, play or other work"), (EntityKind.PERSON, "person")):
        if kind in kinds:
            yield words, _dot(Work("", "", None, kind, 0, 0, 0), 18, 0)
    if any(work.provisional for work in picture.works[1:]):
        yield (
            "met in reviews only",
            _dot(Work("", "", None, EntityKind.FILM, 0, 0, 0, provisional=True), 18, 0),
        )


def _drawn_legend(legend: Sequence[tuple[int, float, str, str]], top: float) -> str:
    return "".join(
        element(
            "g", drawing + text(words, 34, 4), transform=f"translate({number(x)} {number(top + LINE * line)})"
        )
        for line, x, words, drawing in legend
    )
