"""What is asked of a list, as SQL: conditions with their values, and the keys that lists are ordered by.

Every order is an ascending key with ties by id, so that a page is `(key, id) > (?, ?)` along an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from filmgraph.store import (
    ClaimFilter,
    ClaimOrder,
    EntityFilter,
    EntityOrder,
    ReviewFilter,
    ReviewOrder,
)

__all__ = [
    "CLAIM_KEYS",
    "ENTITY_KEYS",
    "REVIEW_KEYS",
    "Where",
    "claims_where",
    "entities_where",
    "page",
    "reviews_where",
]

ENTITY_KEYS = {
    EntityOrder.ID: "e.id",
    EntityOrder.RENOWN: "-e.renown",
    EntityOrder.NAME: "e.folded",
    EntityOrder.OLDEST: "ifnull(e.year, 9999)",
    EntityOrder.NEWEST: "-ifnull(e.year, 0)",
}
_DAY = "CAST(replace(r.published, '-', '') AS INTEGER)"
REVIEW_KEYS = {
    ReviewOrder.ID: "r.id",
    ReviewOrder.OLDEST: f"ifnull({_DAY}, 99999999)",
    ReviewOrder.NEWEST: f"-ifnull({_DAY}, 0)",
}
CLAIM_KEYS = {ClaimOrder.ID: "c.id", ClaimOrder.BELIEF: "-c.belief"}
_ENTITY = "(SELECT key FROM entities WHERE id = ?)"


class Where(NamedTuple):
    """A condition and the values of its marks."""

    test: str
    values: list[Any]

    @classmethod
    def all_of(cls, tests: Sequence[tuple[str, Sequence[Any]]]) -> Where:
        return cls(" AND ".join(test for test, _ in tests) or "1", [v for _, values in tests for v in values])


def page(key: str, id: str, bounds: Sequence[tuple[Any, str, bool]], *, last: bool) -> tuple[Where, str]:
    """The condition and the order of a page by `key`; `bounds` are (key, id, whether rows come after it)."""
    tests = [
        (f"({key}, {id}) {'>' if after else '<'} (?, ?)", (value, bound)) for value, bound, after in bounds
    ]
    way = "DESC" if last else "ASC"
    return Where.all_of(tests), f"{key} {way}, {id} {way}"


def entities_where(where: EntityFilter) -> Where:
    """A condition on a row `e` of entities."""
    rare = where.person is not None or where.franchise is not None
    kind = where.kind.value if where.kind else None
    tests: list[tuple[str, Sequence[Any]]] = []
    if kind:
        # What few films have is sought first; a plus keeps SQLite from walking all films in order.
        tests.append(("+e.kind = ?" if rare else "e.kind = ?", [kind]))
    if where.year_from is not None:
        tests.append(("e.year >= ?", [where.year_from]))
    if where.year_to is not None:
        tests.append(("e.year <= ?", [where.year_to]))
    if where.provisional is not None:
        tests.append(("e.catalogued = ?", [int(not where.provisional)]))
    if where.formats:
        tests.append((
            f"ifnull(json_extract(e.data, '$.format'), 'movie') IN ({_marks(where.formats)})",
            [form.value for form in where.formats],
        ))  # fmt: skip
    for facet, wanted in (("genre", where.genres), ("country", where.countries)):
        if wanted:
            tests.append((
                f"EXISTS (SELECT 1 FROM facets f WHERE f.facet = ? AND f.value IN ({_marks(wanted)})"
                " AND f.entity = e.key)",
                [facet, *(value.lower() for value in wanted)],
            ))  # fmt: skip
    for facet, id in (("person", where.person), ("franchise", where.franchise)):
        if id is not None:
            role = " AND role = ?" if facet == "person" and where.role is not None else ""
            values = [facet, id, where.role] if role else [facet, id]
            tests.append((
                f"e.key IN (SELECT entity FROM facets WHERE facet = ? AND value = ?{role})", values
            ))  # fmt: skip
    return Where.all_of(tests)


def reviews_where(where: ReviewFilter) -> Where:
    """A condition on a row `r` of reviews."""
    tests = [
        ("r.film = ?", where.film),
        ("r.reviewer = ?", where.reviewer),
        ("r.outlet = ?", where.outlet),
        ("r.published >= ?", _iso(where.written_from)),
        ("r.published <= ?", _iso(where.written_to)),
    ]
    return Where.all_of([(test, [value]) for test, value in tests if value is not None])


def claims_where(where: ClaimFilter) -> Where:
    """A condition on a row `c` of claims."""
    tests: list[tuple[str, Sequence[Any]]] = []
    if where.min_belief > 0:
        tests.append(("c.belief >= ?", [where.min_belief]))
    if where.disputed is not None:
        tests.append((f"(c.support > 0 AND c.dissent > 0) = {int(where.disputed)}", []))
    if where.anachronistic is not None:
        tests.append((f"c.anachronistic = {int(where.anachronistic)}", []))
    if where.subject is not None:
        tests.append((f"c.subject = {_ENTITY}", [where.subject]))
    if where.object is not None:
        tests.append((f"c.object = {_ENTITY}", [where.object]))
    if where.entity is not None:
        ends = (f"SELECT key FROM claims WHERE {end} = {_ENTITY}" for end in ("subject", "object"))
        tests.append((f"c.key IN ({' UNION '.join(ends)})", [where.entity, where.entity]))
    if where.relations:
        tests.append((f"c.relation IN ({_marks(where.relations)})", [r.value for r in where.relations]))
    said = _said(where)
    if said.values:
        evidence = "FROM evidence e JOIN reviews r ON r.key = e.review WHERE"
        if where.review is not None or where.reviewer is not None:
            tests.append((f"c.key IN (SELECT e.claim {evidence} {said.test})", said.values))
        else:
            tests.append((f"EXISTS (SELECT 1 {evidence} e.claim = c.key AND {said.test})", said.values))
    return Where.all_of(tests)


def _said(where: ClaimFilter) -> Where:
    """A condition on one piece of evidence `e` and its review `r`."""
    tests = [
        ("e.polarity = ?", where.polarity and where.polarity.value),
        ("e.stance = ?", where.stance and where.stance.value),
        ("r.id = ?", where.review),
        ("r.reviewer = ?", where.reviewer),
        ("r.outlet = ?", where.outlet),
        ("r.published >= ?", _iso(where.written_from)),
        ("r.published <= ?", _iso(where.written_to)),
    ]
    return Where.all_of([(test, [value]) for test, value in tests if value is not None])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
