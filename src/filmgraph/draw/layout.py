"""Where things stand: release years along x, one row for each line of descent along y.

Each side of the focus is a tree of the strongest ties (see `tree`), laid out away from the focus, so that a tie runs
down a trunk at the earlier work and then along the later work's own row: it meets no other work and no label. Ties
outside of the tree are drawn behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from filmgraph.draw.metrics import fit, legible, lines, width
from filmgraph.draw.picture import VERB, Picture, Tie, Work
from filmgraph.draw.tree import DOT, Side, label_width
from filmgraph.model import Relation

__all__ = ["BEND", "SPAN", "Band", "Box", "Layout", "Point", "Route", "Tick", "lay_out"]

ROW = 30.0
SPAN = 620.0
TRUNK = 18.0
BEND = 9.0
CAPTION = 15.0

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A work's place: its dot at (x, y), its label in the box (left, top, right, bottom)."""

    work: Work
    x: float
    y: float
    label: str
    year: str
    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A tie's way from the earlier work to the later one, as corners (x, y); `arrow` is the arrow's tip.

    `own` is the part that it does not share with other ties of the trunk. Ties outside of the tree have no part of
    their own: their points are those of a cubic curve. `turn` is where the arrow points to, in degrees: 0 is on in
    time, 90 down.
    """

    tie: Tie
    points: tuple[Point, ...]
    own: tuple[Point, ...]
    arrow: Point
    word: str = ""
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """A franchise's ground behind a stretch of one row; the first of a franchise bears its name."""

    franchise: str
    left: float
    top: float
    right: float
    bottom: float
    number: int
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A year on the time axis."""

    x: float
    year: int
    focus: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """All places; the origin is the upper left corner, sizes are pixels."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    more: tuple[tuple[float, float, int, int], ...]
    """What was left out: x, y, how many, side."""
    trunks: tuple[tuple[Point, ...], ...]
    """The upright lines that several ties share, as corners."""


def lay_out(picture: Picture, *, span: float = SPAN) -> Layout:
    """The places of a picture's works and ties, `span` pixels of years on either side, more where they are crowded.

    O(n log n) for n works, and as many sweeps as `SWEEPS`.
    """
    card = _card(picture.focus)
    sides = {side: Side(picture, side, span) for side in (-1, 1)}
    return _Assembly(picture, card, sides).layout()


def _card(focus: Work) -> tuple[tuple[str, ...], float, float]:
    """The focus's title in lines, and its card's width and height."""
    title = lines(legible(focus.name), 190, 16, 2)
    wide = max(76.0, *(width(line, 16) * 1.05 for line in title)) + 28
    return tuple(title), wide, 26.0 + 20 * len(title) + 14


class _Assembly:
    """Both sides and the focus's card on one sheet."""

    def __init__(
        self, picture: Picture, card: tuple[tuple[str, ...], float, float], sides: Mapping[int, Side]
    ) -> None:
        self.picture = picture
        self.title, self.card_width, self.card_height = card
        self.sides = sides
        self.extra = self._captions()

    def layout(self) -> Layout:
        boxes = {id: box for side in self.sides.values() for id, box in self._boxes(side).items()}
        focus = self._focus_box()
        routes = [route for side in self.sides.values() for route in self._routes(side, boxes)]
        more = self._more(boxes)
        everything = [focus, *boxes.values()]
        left = min(box.left for box in everything) - 16
        right = max(box.right for box in everything) + 16
        left = min([left, *(x - 90 for x, _, _, side in more if side < 0)])
        right = max([right, *(x + 90 for x, _, _, side in more if side > 0)])
        top = (
            min([focus.top, *(box.top - CAPTION for box in boxes.values()), *(y - 14 for _, y, _, _ in more)])
            - 8
        )
        bottom = (
            max([focus.bottom, *(box.bottom for box in boxes.values()), *(y + 12 for _, y, _, _ in more)])
            + 14
        )
        move = _Move(-left, -top)
        return Layout(
            right - left,
            bottom - top,
            tuple(move.box(box) for box in everything),
            tuple(move.route(route) for route in routes),
            tuple(move.band(band) for band in self._bands(boxes)),
            tuple(Tick(tick.x - left, tick.year, tick.focus) for tick in self._ticks()),
            tuple((x - left, y - top, count, side) for x, y, count, side in more),
            tuple(
                tuple((x - left, y - top) for x, y in trunk)
                for side in self.sides.values()
                for trunk in self._trunks(side, boxes)
            ),
        )

    def _x(self, side: Side, u: float) -> float:
        """The sheet's x, with 0 at the card's middle."""
        return side.side * (self.card_width / 2 + TRUNK + u)

    def _y(self, side: Side, row: int) -> float:
        shift = self.extra[side.side]
        if row >= 0:
            return row * ROW + sum(CAPTION for r in shift if 0 < r <= row)
        return row * ROW - sum(CAPTION for r in shift if row < r <= 0)

    def _focus_box(self) -> Box:
        focus = self.picture.focus
        half, tall = self.card_width / 2, self.card_height / 2
        year = str(focus.year) if focus.year else ""
        return Box(focus, 0, 0, " ".join(self.title), year, -half, -tall, half, tall, self.title)

    def _boxes(self, side: Side) -> dict[str, Box]:
        boxes = {}
        for id, work in side.works.items():
            if id == side.root:
                continue
            x, y = self._x(side, side.u[id]), self._y(side, side.rows[id])
            label, year = side.labels[id]
            wide = DOT + 7 + label_width(label, year)
            left, right = (x - DOT, x + wide) if side.side > 0 else (x - wide, x + DOT)
            boxes[id] = Box(work, x, y, label, year, left, y - 9, right, y + 9)
        return boxes

    # ── ties ────────────────────────────────────────────────────────────────────────────────

    def _routes(self, side: Side, boxes: Mapping[str, Box]) -> Iterator[Route]:
        s = side.side
        for tie in side.loose:
            a, b = (self._end(id, boxes, side) for id in (tie.earlier, tie.later))
            points, turn = _curve(a, b, s)
            yield Route(tie, points, (), points[-1], turn=turn)
        for id, tie in side.tie.items():
            box, near = boxes[id], side.parent[id]
            end = (box.x - s * (DOT + 3), box.y)
            if side.inline.get(near) == id:
                start = s * self.card_width / 2 if near == side.root else self._outer_edge(boxes[near], s)
                corners = [(start, box.y), end]
            elif near == side.root:
                trunk = s * (self.card_width / 2 + TRUNK)
                corners = [(s * self.card_width / 2, 0.0), (trunk, 0.0), (trunk, box.y), end]
            else:
                parent = boxes[near]
                corners = [(parent.x, parent.y), (parent.x, box.y), end]
            arrow = end if s > 0 else (end[0] + 13, end[1])
            room = abs(end[0] - corners[-2][0]) - 34
            word = "" if tie.relation is Relation.PART_OF else _word(tie)
            word = word if width(word, 10) <= room else ""
            start_y = corners[-3][1] if len(corners) > 2 else box.y
            bend = (corners[-2][0], box.y + (BEND if start_y > box.y else -BEND))
            own = corners if len(corners) == 2 else [bend, *corners[-2:]]
            yield Route(tie, tuple(corners[::s]), tuple(own[::s]), arrow, word)

    def _trunks(self, side: Side, boxes: Mapping[str, Box]) -> Iterator[tuple[Point, ...]]:
        """What ties of one work have in common, as far up and down as they reach."""
        for id in side.works:
            ys = [boxes[child].y for child in side.children[id] if side.inline.get(id) != child]
            if id != side.root:
                x, y = boxes[id].x, boxes[id].y
                yield from (((x, y), (x, end)) for end in _ends(ys, y))
                continue
            edge, x = side.side * self.card_width / 2, side.side * (self.card_width / 2 + TRUNK)
            yield from (((edge, 0.0), (x, 0.0), (x, end)) for end in _ends(ys, 0.0))

    def _end(self, id: str, boxes: Mapping[str, Box], side: Side) -> tuple[float, float]:
        if id == side.root:
            return side.side * self.card_width / 2, 0.0
        return boxes[id].x, boxes[id].y

    def _outer_edge(self, box: Box, s: int) -> float:
        return box.right + 5 if s > 0 else box.left - 5

    def _more(self, boxes: Mapping[str, Box]) -> list[tuple[float, float, int, int]]:
        found = []
        for s, count in ((-1, self.picture.before), (1, self.picture.after)):
            if count:
                rows = self.sides[s].rows.values()
                y = self._y(self.sides[s], max(0, *rows) if len(rows) > 1 else 0) + ROW
                found.append((s * (self.card_width / 2 + TRUNK), y, count, s))
        return found

    # ── the axis and the ground ─────────────────────────────────────────────────────────────

    def _ticks(self) -> list[Tick]:
        """Years that are far enough apart to be read."""
        focus = self.picture.focus
        found = [Tick(0, focus.year, True)] if focus.year else []
        half = self.card_width / 2
        for side in self.sides.values():
            at: dict[int, float] = {}
            for id, work in side.works.items():
                if work.year and id != side.root:
                    x = self._x(side, side.u[id])
                    at[work.year] = (
                        min(at.get(work.year, x), x) if side.side > 0 else max(at.get(work.year, x), x)
                    )
            last = half - 4 if focus.year else -100.0
            for year, x in sorted(at.items(), key=lambda item: abs(item[1])):
                if abs(x) - last >= 34:
                    found.append(Tick(x, year))
                    last = abs(x)
        return sorted(found, key=lambda tick: tick.x)

    def _captions(self) -> dict[int, list[int]]:
        """Rows above which a franchise's name stands, by side."""
        return {s: [row for row, _ in self._tops(side)] for s, side in self.sides.items()}

    def _tops(self, side: Side) -> list[tuple[int, str]]:
        """(row, franchise) where a franchise's ground begins, going down."""
        rows: dict[str, set[int]] = defaultdict(set)
        members: dict[str, int] = defaultdict(int)
        for id, work in side.works.items():
            if work.franchise and id != side.root:
                rows[work.franchise].add(side.rows[id])
                members[work.franchise] += 1
        return sorted(
            (row, name)
            for name, found in rows.items()
            if members[name] > 1
            for row in found
            if row - 1 not in found
        )

    def _bands(self, boxes: Mapping[str, Box]) -> list[Band]:
        names = sorted({name for side in self.sides.values() for _, name in self._tops(side)})
        bands = []
        for side in self.sides.values():
            tops = {(row, name) for row, name in self._tops(side)}
            shown = {name for _, name in tops}
            rows: dict[int, list[Box]] = defaultdict(list)
            for id, box in boxes.items():
                if id in side.rows and id != side.root:
                    rows[side.rows[id]].append(box)
            for row, found in rows.items():
                for name, group in _stretches(sorted(found, key=lambda box: box.left)):
                    if name not in shown:
                        continue
                    caption = legible(self.picture.names.get(name, name)) if (row, name) in tops else ""
                    tops.discard((row, name))
                    bands.append(self._band(name, group, caption, names.index(name)))
        return bands

    def _band(self, name: str, group: Sequence[Box], caption: str, number: int) -> Band:
        left, right, y = group[0].left - 7, group[-1].right + 8, group[0].y
        if len(group) > 1:
            caption = fit(caption, (group[1].x - left - 26) / 1.1, 10)
        if caption:
            right = max(right, left + width(caption, 10) * 1.1 + 30)
        return Band(
            name, left, y - ROW / 2 - (CAPTION if caption else 0), right, y + ROW / 2, number, caption
        )


def _curve(a: Point, b: Point, side: int) -> tuple[tuple[Point, ...], int]:
    """A curve that keeps clear of its two ends' labels: these stand to the right of what came later than the focus,
    to the left of what came before it. Within one row it goes over what stands between."""
    (x, y), (to, down) = a, b
    if abs(y - down) < 1:
        over = y - ROW * 0.8
        return ((x, y - DOT - 2), (x, over), (to, over), (to, down - DOT - 3)), 90
    if side > 0:
        tip = (to - DOT - 14, down)
        return (a, (x, y + (down - y) * 0.75), (tip[0] - 34, down), tip), 0
    leave = x + min(46.0, abs(to - x) * 0.6)
    if down == 0:
        tip = (to - 8, down)
        return ((x + DOT, y), (leave, y), (to - 46, down), tip), 0
    tip = (to, down - (DOT + 3) * (1 if down > y else -1))
    return ((x + DOT, y), (leave, y), (to, y + (down - y) * 0.25), tip), 90 if down > y else -90


def _ends(ys: Sequence[float], start: float) -> Iterator[float]:
    """How far a trunk goes up and down, short of the last bend."""
    if ys and min(ys) < start:
        yield min(ys) + BEND
    if ys and max(ys) > start:
        yield max(ys) - BEND


def _word(tie: Tie) -> str:
    return fit(legible(tie.via[0].removeprefix("the ")), 150, 10) if tie.via else VERB[tie.relation]


def _stretches(row: Sequence[Box]) -> Iterator[tuple[str, list[Box]]]:
    """Runs of neighbours of one franchise."""
    group: list[Box] = []
    for box in row:
        if group and box.work.franchise != group[-1].work.franchise:
            yield group[-1].work.franchise or "", group
            group = []
        group.append(box)
    if group:
        yield group[-1].work.franchise or "", group


@dataclass(frozen=True, slots=True)
class _Move:
    """Everything by the same way."""

    x: float
    y: float

    def box(self, box: Box) -> Box:
        return Box(
            box.work, box.x + self.x, box.y + self.y, box.label, box.year,
            box.left + self.x, box.top + self.y, box.right + self.x, box.bottom + self.y, box.lines,
        )  # fmt: skip

    def route(self, route: Route) -> Route:
        points, own = (tuple(map(self._point, part)) for part in (route.points, route.own))
        return Route(route.tie, points, own, self._point(route.arrow), route.word, route.turn)

    def _point(self, point: Point) -> Point:
        return point[0] + self.x, point[1] + self.y

    def band(self, band: Band) -> Band:
        return Band(
            band.franchise, band.left + self.x, band.top + self.y, band.right + self.x, band.bottom + self.y,
            band.number, band.caption,
        )  # fmt: skip
