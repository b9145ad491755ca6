"""A clone wave: how many ties lead back to a work and its descendants, year by year, stacked by what they say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from filmgraph.draw.metrics import width
from filmgraph.draw.picture import VERB
from filmgraph.draw.style import Theme
from filmgraph.draw.svg import document, element, number, text
from filmgraph.model import Relation

__all__ = ["Wave", "wave_svg"]

SHADES = 6
HEIGHT = 190.0
TOP, LEFT, BOTTOM = 52.0, 44.0, 56.0
BAR, WIDEST = 14.0, 640.0


@dataclass(frozen=True, slots=True)
class Wave:
    """Year → relation → how many ties lead from works of that year back to `name`, of `year`, or to its heirs."""

    name: str
    year: int | None
    counts: Mapping[int, Mapping[Relation, int]]

    @property
    def total(self) -> int:
        return sum(sum(row.values()) for row in self.counts.values())


def wave_svg(wave: Wave, *, theme: Theme = "auto", heading: bool = True, styled: bool = True) -> str:
    """The wave as a bar for each year, on a true scale of years; the commonest relations have shades of their own."""
    title = f"The wave after {wave.name}"
    years = sorted(wave.counts)
    if not years:
        empty = text("No critic has dated anything that came of it.", 16, 34, "fg-soft")
        return document(empty, 420, 60, title, "Nothing to show.", theme=theme, styled=styled, drawing=True)
    top = TOP if heading else 18.0
    first, last = min([*years, wave.year or years[0]]), years[-1]
    pitch = max(7.0, min(34.0, WIDEST / (last - first + 1)))
    shades = _shades(wave)
    most = max(sum(row.values()) for row in wave.counts.values())
    legend, lines = _legend(shades, max(420.0, pitch * (last - first + 1) + 2 * LEFT))
    wide = max(420.0, pitch * (last - first + 1) + 2 * LEFT, width(title, 17) + 40 if heading else 0)
    tall = top + HEIGHT + BOTTOM + 20 * lines
    floor = top + HEIGHT

    def x(year: int) -> float:
        return LEFT + (year - first) * pitch

    bars = "".join(
        _bar(year, wave.counts[year], shades, x(year), min(BAR, pitch - 2), floor, HEIGHT / most)
        for year in years
    )
    parts = [
        element("rect", cls="fg-paper", width=wide, height=tall),
        text(title, 16, 24, "fg-title") if heading else "",
        *_scale(most, top, wide),
        bars,
        *_years(first, last, x, floor, wave.year, min(BAR, pitch - 2) / 2),
        element("g", legend, cls="fg-legend", transform=f"translate(16 {number(floor + 46)})"),
    ]
    told = ", ".join(f"{sum(wave.counts[year].values())} in {year}" for year in years)
    return document(
        "".join(parts), wide, tall, title, f"Ties by year: {told}.", theme=theme, styled=styled, drawing=True
    )


def _shades(wave: Wave) -> dict[Relation, int]:
    """Relation → shade, the commonest first; what is left shares the last."""
    totals: Counter[Relation] = Counter()
    for row in wave.counts.values():
        totals.update(row)
    common = sorted(totals, key=lambda relation: (-totals[relation], relation))
    return {relation: min(place, SHADES - 1) for place, relation in enumerate(common)}


def _bar(
    year: int,
    row: Mapping[Relation, int],
    shades: Mapping[Relation, int],
    x: float,
    wide: float,
    floor: float,
    unit: float,
) -> str:
    stack: dict[int, Counter[str]] = {}
    for relation in sorted(row, key=lambda one: (shades[one], one)):
        stack.setdefault(shades[relation], Counter())[VERB[relation]] += row[relation]
    y, parts = floor, []
    for shade, counts in stack.items():
        tall = counts.total() * unit
        y -= tall
        said = ", ".join(f"{count} {verb}" for verb, count in counts.items())
        title = element("title", f"{year}: {said}")
        parts.append(
            element("rect", title, cls=f"fg-shade-{shade}", x=x, y=y, width=wide, height=max(1.0, tall - 1))
        )
    return element("g", "".join(parts), data_year=year)


def _scale(most: int, top: float, wide: float) -> Iterator[str]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10**5) if most / step <= 5)
    for count in range(0, most + 1, step):
        y = top + HEIGHT * (1 - count / most)
        yield element("path", cls="fg-rule", d=f"M{number(LEFT - 6)} {number(y)}H{number(wide - 16)}")
        yield text(str(count), LEFT - 12, y + 4, "fg-tick", anchor="end")


def _years(
    first: int, last: int, x: Callable[[int], float], floor: float, own: int | None, half: float
) -> Iterator[str]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 1000) if step * (x(first + 1) - x(first)) >= 38)
    shown = [year for year in range(first, last + 1) if year % step == 0 or year == own]
    for year in shown:
        if year != own and own is not None and abs(x(year) - x(own)) < 36:
            continue
        yield text(str(year), x(year) + half, floor + 18, "fg-tick", anchor="middle")
    if own is not None:
        yield element("path", cls="fg-dot", d=f"M{number(x(own) + half)} {number(floor - 8)}l5 8h-10Z")


def _legend(shades: Mapping[Relation, int], room: float) -> tuple[str, int]:
    words: dict[int, list[str]] = {}
    for relation, shade in shades.items():
        words.setdefault(shade, []).append(VERB[relation])
    drawn, x, line = [], 0.0, 0
    for shade, names in words.items():
        label = _short(names)
        wide = 18 + width(label, 11) + 18
        if x and x + wide > room - 32:
            x, line = 0.0, line + 1
        swatch = element("rect", cls=f"fg-shade-{shade}", x=x, y=20 * line - 9, width=11, height=11)
        drawn.append(swatch + text(label, x + 18, 20 * line + 1))
        x += wide
    return "".join(drawn), line


def _short(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else "others"
