"""One side of the focus as a tree: which tie bears each work, how far away it stands, and in which row.

The tree is that of the strongest ties. The strongest child that has room continues its parent's row, the others stand
above and below, the strongest nearest. Siblings are ordered in sweeps that shorten the ties outside of the tree (the
barycentre rule of Sugiyama, Tagawa and Toda 1981).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from filmgraph.draw.metrics import fit, legible, width
from filmgraph.draw.picture import Picture, Tie, Work

__all__ = ["DOT", "SMALL", "STEP", "TEXT", "Side", "label_width"]

STEP = 20.0
DOT = 5.0
TEXT = 13.0
SMALL = 11.0
LABELS = ((20, 300.0), (45, 230.0))
LABEL = 190.0
"""Most room for a title in a picture of many works; `LABELS` has those of pictures of at most so many."""
GAP = 26.0
"""Least visible length of a tie that continues a row."""
SWEEPS = 4
UNDATED = -(10**6)
"""Stands for the year of a focus that has none, on either side."""


@dataclass(slots=True)
class _Row:
    """Works on one line, from the focus outwards."""

    works: list[str] = field(default_factory=list)


class Side:
    """One side of the focus in its own terms: `u` pixels away from the focus, rows numbered from 0 at the focus."""

    def __init__(self, picture: Picture, side: int, span: float) -> None:
        self.span = span
        self.root = picture.focus.id
        self.works = {work.id: work for work in picture.works if work.side in (0, side)}
        self.side = side
        self.ties = [tie for tie in picture.ties if tie.earlier in self.works and tie.later in self.works]
        self.parent: dict[str, str] = {}
        self.tie: dict[str, Tie] = {}
        self.children: dict[str, list[str]] = defaultdict(list)
        self._grow()
        room = min(next((room for most, room in LABELS if len(picture.works) <= most), LABEL), span / 2)
        self.labels = {id: _label(work, room) for id, work in self.works.items()}
        self.u = self._distances()
        self.loose = [tie for tie in self.ties if self.tie.get(self._outer(tie)) is not tie]
        self.inline = self._continuations()
        self.rows: dict[str, int] = {}
        self._arrange()

    def _inner(self, tie: Tie) -> str:
        return tie.earlier if self.side > 0 else tie.later

    def _outer(self, tie: Tie) -> str:
        return tie.later if self.side > 0 else tie.earlier

    def _grow(self) -> None:
        """The tree of strongest ties, a generation at a time; what no tie reaches is left out."""
        ways: dict[str, list[Tie]] = defaultdict(list)
        for tie in self.ties:
            ways[self._inner(tie)].append(tie)
        reached, frontier = {self.root}, [self.root]
        while frontier:
            found: dict[str, Tie] = {}
            for near in frontier:
                for tie in ways[near]:
                    far = self._outer(tie)
                    if far not in reached and (far not in found or tie.belief > found[far].belief):
                        found[far] = tie
            for far, tie in found.items():
                near = self._inner(tie)
                self.parent[far], self.tie[far] = near, tie
                self.children[near].append(far)
            frontier = list(found)
            reached |= set(frontier)
        self.works = {id: work for id, work in self.works.items() if id in reached}
        self.ties = [tie for tie in self.ties if tie.earlier in reached and tie.later in reached]

    # ── x ───────────────────────────────────────────────────────────────────────────────────

    def _distances(self) -> dict[str, float]:
        """How far from the focus each work stands: a scale of years that gives more room to years with more to show."""
        when: dict[str, tuple[int, int]] = {}
        root_year = self.works[self.root].year
        nearer: dict[str, list[str]] = defaultdict(list)
        for tie in self.ties:
            nearer[self._outer(tie)].append(self._inner(tie))
        for id in self._in_order(nearer):
            year = self.works[id].year
            if id == self.root:
                when[id] = (self.side * root_year if root_year else UNDATED, 0)
                continue
            base, shift = max(when[near] for near in nearer[id] if near in when)
            own = self.side * year if year else base
            when[id] = (own, 0) if own > base else (base, shift + 1)
        columns: dict[int, int] = {}
        for year, shift in when.values():
            columns[year] = max(columns.get(year, 0), shift)
        starts = self._columns(columns)
        return {id: starts[year] + STEP * shift for id, (year, shift) in when.items()}

    def _columns(self, columns: Mapping[int, int]) -> dict[int, float]:
        years = sorted(columns)
        known = [year for year in years if year > UNDATED]
        pitch = self.span / max(1, known[-1] - known[0]) if len(known) > 1 else 40.0
        widest = max(self.span / 5, 0.9 * self.span / len(years))
        starts, at = {years[0]: 0.0}, STEP * columns[years[0]]
        for before, year in pairwise(years):
            span = year - before if before > UNDATED else 3
            at += min(widest, max(30.0, pitch * span))
            starts[year] = at
            at += STEP * columns[year]
        return starts

    def _in_order(self, nearer: Mapping[str, Sequence[str]]) -> list[str]:
        """Each work after all that it is tied to on the focus's side; cycles are cut where the tree meets them."""
        waiting, ordered = {id: set(nearer[id]) for id in self._outwards()}, list[str]()
        waiting[self.root] = set()
        done: set[str] = set()
        while waiting:
            ready = [id for id in waiting if waiting[id] <= done]
            ready = ready or [next(id for id in waiting if self.parent.get(id) in done)]
            ordered += ready
            done.update(ready)
            for id in ready:
                del waiting[id]
        return ordered

    def _outwards(self) -> Iterator[str]:
        queue = [self.root]
        for id in queue:
            yield id
            queue += self.children[id]

    # ── y ───────────────────────────────────────────────────────────────────────────────────

    def _continuations(self) -> dict[str, str]:
        """Parent → the strongest child with room to stand on the parent's own row."""
        found = {}
        for id, children in self.children.items():
            taken = 0.0 if id == self.root else DOT + 7 + label_width(*self.labels[id])
            fitting = [child for child in children if self.u[child] - self.u[id] >= taken + GAP]
            if fitting:
                found[id] = max(fitting, key=lambda child: (self._strength(child), -self.u[child], child))
        return found

    def _strength(self, id: str) -> float:
        return self.tie[id].belief + (0.001 * len(self.children[id]))

    def _arrange(self) -> None:
        """Order siblings by strength, then in sweeps by where their other ties lead, and keep the best order."""
        order = {id: self._by_strength(id) for id in self.works}
        best, least = order, self._number(order)
        for _ in range(SWEEPS if self.loose else 0):
            order = self._swept(best)
            cost = self._number(order)
            if cost >= least:
                break
            best, least = order, cost
        self._number(best)

    def _by_strength(self, id: str) -> tuple[list[str], list[str]]:
        """The children above, farthest first, and below, nearest first; a franchise's films keep together."""
        inline = self.inline.get(id)
        groups: dict[str, list[str]] = defaultdict(list)
        for child in self.children[id]:
            if child != inline:
                groups[self.works[child].franchise or child].append(child)
        strongest = sorted(
            groups.values(),
            key=lambda group: (
                -max(map(self._strength, group)),
                min(self.u[one] for one in group),
                min(group),
            ),
        )
        above: list[str] = []
        below: list[str] = []
        for group in strongest:
            ordered = sorted(group, key=lambda child: (self.u[child], child))
            if len(above) < len(below):
                above[:0] = ordered
            else:
                below += ordered
        return above, below

    def _swept(
        self, order: Mapping[str, tuple[list[str], list[str]]]
    ) -> dict[str, tuple[list[str], list[str]]]:
        pull: dict[str, list[int]] = defaultdict(list)
        for tie in self.loose:
            for one, other in ((tie.earlier, tie.later), (tie.later, tie.earlier)):
                at: str | None = one
                while at and at != self.root:
                    pull[at].append(self.rows[other])
                    at = self.parent.get(at)
        swept = {}
        for id, (above, below) in order.items():
            where = {
                child: sum(pull[child]) / len(pull[child]) if pull[child] else float(self.rows[child])
                for child in (*above, *below)
            }
            here = self.rows[id]
            swept[id] = (
                sorted((c for c in where if where[c] < here), key=lambda c: (where[c], c)),
                sorted((c for c in where if where[c] >= here), key=lambda c: (where[c], c)),
            )
        return swept

    def _number(self, order: Mapping[str, tuple[list[str], list[str]]]) -> float:
        """Give each work its row; the summed length of the loose ties in rows."""
        rows, at = self._block(order)
        self.rows = {id: n - at for n, row in enumerate(rows) for id in row.works}
        return sum(
            abs(self.rows[tie.earlier] - self.rows[tie.later]) * (0.2 + tie.belief) for tie in self.loose
        )

    def _block(self, order: Mapping[str, tuple[list[str], list[str]]]) -> tuple[list[_Row], int]:
        """The rows of the whole tree, and which of them is the root's."""
        done: dict[str, tuple[list[_Row], int]] = {}
        for id in reversed(list(self._outwards())):
            own, above, below = _Row([id]), list[_Row](), list[_Row]()
            if id in self.inline:
                rows, at = done.pop(self.inline[id])
                own.works += rows[at].works
                above, below = rows[:at], rows[at + 1 :]
            upper, lower = order[id]
            for child in reversed(upper):
                above = done.pop(child)[0] + above
            for child in lower:
                below = below + done.pop(child)[0]
            done[id] = [*above, own, *below], len(above)
        return done[self.root]


def _label(work: Work, room: float) -> tuple[str, str]:
    year = str(work.year) if work.year else ""
    return fit(legible(work.name), room - width(f"  {year}", SMALL), TEXT), year


def label_width(label: str, year: str) -> float:
    return width(label, TEXT) + (width(year, SMALL) + 6 if year else 0)
