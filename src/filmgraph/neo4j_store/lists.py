"""Lists of entities, reviews and claims: what is asked of them, their orders and their pages, as constant queries.

A filter's fields are parameters, null where nothing is asked. A query starts from the rarest thing that is asked
for; orders are ascending keys with ties by id, and a page lies between the keys of two rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, LiteralString, NamedTuple

from filmgraph.errors import NotFoundError
from filmgraph.neo4j_store.connection import Connection, Row
from filmgraph.neo4j_store.rows import CLAIM
from filmgraph.store import (
    ClaimFilter,
    ClaimOrder,
    EntityFilter,
    EntityOrder,
    ReviewFilter,
    ReviewOrder,
)

__all__ = ["CLAIMS", "ENTITIES", "REVIEWS", "Listing", "Page"]

HIGHEST = "\U0010ffff"
"""Comes after every id."""


class Page(NamedTuple):
    """Which rows of a list: see `Store`."""

    after: str
    before: str
    limit: int
    last: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """How one sort of rows is listed. Queries name a row `n`."""

    start: Callable[[Any], LiteralString]
    """A filter → the beginning of a query, which binds `n`."""
    where: LiteralString
    keys: Mapping[Any, LiteralString]
    """An order → the key it goes by."""
    label: LiteralString
    returns: LiteralString

    def find(self, connection: Connection, where: Any, order: Any, page: Page) -> list[Row]:
        """The rows of a page, in the list's order."""
        key, by_id = self.keys[order], self.keys[order] == "n.id"
        bounds = {"after": page.after, "before": page.before or HIGHEST}
        if not by_id:
            bounds |= self._bounds(connection, key, page)
        query = (
            self.start(where) + " WITH n WHERE " + self.where
            + (BETWEEN_IDS if by_id else BETWEEN_KEYS.replace("KEY", key))
            + " WITH n ORDER BY " + key + (" DESC, n.id DESC" if page.last else ", n.id") + " LIMIT $limit "
            + self.returns
        )  # fmt: skip
        rows = connection.rows(query, limit=page.limit, **bounds, **_parameters(where))
        return rows[::-1] if page.last else rows

    def _bounds(self, connection: Connection, key: LiteralString, page: Page) -> dict[str, Any]:
        """The keys of the rows that bound a page; NotFoundError when one is gone."""
        ids = [id for id in (page.after, page.before) if id]
        query = "UNWIND $ids AS id MATCH (n:" + self.label + " {id: id}) RETURN id, " + key
        found = dict(connection.rows(query, ids=ids)) if ids else {}
        for id in ids:
            if id not in found:
                raise NotFoundError(f"{id} is gone: ask for the list from its beginning")
        return {"after_key": found.get(page.after), "before_key": found.get(page.before)}

    def count(self, connection: Connection, where: Any) -> int:
        query = self.start(where) + " WITH n WHERE " + self.where + " RETURN count(n)"
        return int(connection.rows(query, **_parameters(where))[0][0])


BETWEEN_IDS: LiteralString = " AND n.id > $after AND n.id < $before"
BETWEEN_KEYS: LiteralString = (
    " AND ($after_key IS NULL OR KEY > $after_key OR (KEY = $after_key AND n.id > $after))"
    " AND ($before_key IS NULL OR KEY < $before_key OR (KEY = $before_key AND n.id < $before))"
)


def _parameters(where: Any) -> dict[str, Any]:
    """The fields of a filter as parameters."""
    return {field.name: _plain(getattr(where, field.name)) for field in dataclasses.fields(where)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value] or None
    return value.value if isinstance(value, Enum) else value


# ── entities ────────────────────────────────────────────────────────────────────────────────


def _entities(where: EntityFilter) -> LiteralString:
    films = (where.person, where.franchise, where.genres, where.countries, where.formats)
    if any(films) or where.kind == "film":
        return "MATCH (n:Film)"
    return "MATCH (n:Provisional)" if where.provisional else "MATCH (n:Entity)"


ENTITIES = Listing(
    start=_entities,
    where=(
        "($kind IS NULL OR n.id STARTS WITH $kind + ':')"
        " AND ($year_from IS NULL OR n.year >= $year_from) AND ($year_to IS NULL OR n.year <= $year_to)"
        " AND ($provisional IS NULL OR n.catalogued <> $provisional)"
        " AND ($formats IS NULL OR n.format IN $formats)"
        " AND ($genres IS NULL OR any(x IN n.genres WHERE toLower(x) IN [y IN $genres | toLower(y)]))"
        " AND ($countries IS NULL OR any(x IN n.countries WHERE toLower(x) IN [y IN $countries | toLower(y)]))"
        " AND ($franchise IS NULL OR $franchise IN n.franchises)"
        " AND ($person IS NULL OR (CASE WHEN $role IS NULL THEN $person IN n.people"
        " ELSE $person + ' ' + $role IN n.parts END))"
    ),
    keys={
        EntityOrder.ID: "n.id",
        EntityOrder.RENOWN: "-coalesce(n.renown, 0.0)",
        EntityOrder.NAME: "n.folded",
        EntityOrder.OLDEST: "coalesce(n.year, 9999)",
        EntityOrder.NEWEST: "-coalesce(n.year, 0)",
    },
    label="Entity",
    returns="RETURN n.id, n.data",
)


# ── reviews ─────────────────────────────────────────────────────────────────────────────────


def _reviews(where: ReviewFilter) -> LiteralString:
    return "MATCH (n:Review {film: $film})" if where.film is not None else "MATCH (n:Review)"


REVIEWS = Listing(
    start=_reviews,
    where=(
        "($film IS NULL OR n.film = $film)"
        " AND ($reviewer IS NULL OR n.reviewer = $reviewer) AND ($outlet IS NULL OR n.outlet = $outlet)"
        " AND ($written_from IS NULL OR n.published >= $written_from)"
        " AND ($written_to IS NULL OR n.published <= $written_to)"
    ),
    keys={
        ReviewOrder.ID: "n.id",
        ReviewOrder.OLDEST: "coalesce(n.published, date('9999-12-31'))",
        ReviewOrder.NEWEST: "-coalesce(duration.inDays(date('0001-01-01'), n.published).days, -1)",
    },
    label="Review",
    returns="RETURN n.id, properties(n)",
)


# ── claims ──────────────────────────────────────────────────────────────────────────────────


def _claims(where: ClaimFilter) -> LiteralString:
    if where.subject is not None:
        return "MATCH (n:Claim {subject: $subject})"
    if where.object is not None:
        return "MATCH (n:Claim {object: $object})"
    if where.entity is not None:
        return (
            "CALL () { MATCH (n:Claim {subject: $entity}) RETURN n"
            " UNION MATCH (n:Claim {object: $entity}) RETURN n }"
        )
    if where.review is not None:
        return "MATCH (:Review {id: $review})-[:SAYS]->(:Evidence)-[:ABOUT]->(n:Claim) WITH DISTINCT n"
    return "MATCH (n:Claim)"


CLAIMS = Listing(
    start=_claims,
    where=(
        "($subject IS NULL OR n.subject = $subject) AND ($object IS NULL OR n.object = $object)"
        " AND ($entity IS NULL OR n.subject = $entity OR n.object = $entity)"
        " AND ($relations IS NULL OR n.relation IN $relations) AND n.belief >= $min_belief"
        " AND ($disputed IS NULL OR (n.support > 0 AND n.dissent > 0) = $disputed)"
        " AND ($anachronistic IS NULL OR n.anachronistic = $anachronistic)"
        " AND (coalesce($polarity, $stance, $review, $reviewer, $outlet, $written_from, $written_to) IS NULL"
        " OR EXISTS { MATCH (n)<-[:ABOUT]-(e:Evidence)<-[:SAYS]-(r:Review) WHERE"
        " ($polarity IS NULL OR e.polarity = $polarity) AND ($stance IS NULL OR e.stance = $stance)"
        " AND ($review IS NULL OR r.id = $review)"
        " AND ($reviewer IS NULL OR r.reviewer = $reviewer) AND ($outlet IS NULL OR r.outlet = $outlet)"
        " AND ($written_from IS NULL OR r.published >= $written_from)"
        " AND ($written_to IS NULL OR r.published <= $written_to) })"
    ),
    keys={ClaimOrder.ID: "n.id", ClaimOrder.BELIEF: "-n.belief"},
    label="Claim",
    returns="WITH n AS c " + CLAIM,
)
