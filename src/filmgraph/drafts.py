"""A review's links while they are being made: who holds which characters, which entities are new."""

from __future__ import annotations

from dataclasses import replace

from filmgraph.catalog import Catalog
from filmgraph.context import Context
from filmgraph.model import (
    Candidate,
    Entity,
    EntityKind,
    Film,
    Link,
    Mention,
    Work,
    kind_of,
    provisional_id,
    sorted_entities,
)
from filmgraph.names import Names
from filmgraph.scoring import Scored

__all__ = ["Draft"]


class Draft:
    """Links added one by one; `film` is the reviewed one. Whoever adds a link asks first whether its span is free.

    `series` is the id of the reviewed film's own series, once `series.add_own_series` has found it out; `refused` are
    the title mentions that were given no link, by where they start.
    """

    def __init__(self, context: Context, film: Film | None) -> None:
        self.context = context
        self.film = film
        self.series: str | None = None
        self.links: list[Link] = []
        self.refused: dict[int, Scored] = {}
        self.text = context.scan.text
        self._taken = bytearray(len(self.text))
        self._new: dict[str, Entity] = {}
        for start, end in context.document.skip:
            self._take(start, end)
        if film is not None and film.id not in context.names.catalog:
            self._new[film.id] = film

    @property
    def names(self) -> Names:
        return self.context.names

    def free(self, start: int, end: int) -> bool:
        """Whether no link holds a character of the span."""
        return 1 not in self._taken[start:end]

    def accept(self, start: int, entity: str) -> None:
        """Link the title mention at `start`, which was refused, to an entity after all."""
        item = self.refused.pop(start)
        self.add(start, item.mention.end, entity, item.best.score, "name", item.candidates)

    def add(
        self,
        start: int,
        end: int,
        entity: str,
        score: float,
        how: str,
        candidates: tuple[Candidate, ...] = (),
    ) -> None:
        """Link the span to `entity`."""
        surface = self.context.document.text[start:end]
        mention = Mention(start, end, surface, kind_of(entity))
        self.links.append(Link(mention, entity, score, how, candidates))
        self._take(start, end)

    def relink(self, link: Link, entity: str) -> None:
        """Let a link mean `entity` instead."""
        self.links[self.links.index(link)] = replace(link, entity=entity)

    def drop_epithet(self, start: int, end: int) -> None:
        """Give up the adjectives inside a span, for a better name of it."""
        self.links = [
            link
            for link in self.links
            if link.how != "epithet" or link.mention.start < start or link.mention.end > end
        ]

    def _take(self, start: int, end: int) -> None:
        self._taken[start:end] = b"\x01" * (min(end, len(self._taken)) - start)

    # ── entities ────────────────────────────────────────────────────────────────────────────

    def entity(self, id: str) -> Entity | None:
        """An entity of the catalogue or of this review."""
        return self._new.get(id) or self.names.catalog.get(id)

    def name_of(self, id: str) -> str:
        """Its name; the id itself when it is unknown."""
        entity = self.entity(id)
        return entity.name if entity else id

    def keep(self, entity: Entity) -> str:
        """Add an entity that the catalogue lacks; returns its id."""
        if entity.id not in self.names.catalog:
            self._new.setdefault(entity.id, entity)
        return entity.id

    def new_film(self, name: str, year: int | None = None) -> str:
        """A provisional film; one of that name which the review has already named stands for it."""
        plain = " ".join(name.split())
        bare = provisional_id(EntityKind.FILM, plain)
        for id in self._new:
            if id == bare or (id.startswith(f"{bare}-") and id.removeprefix(f"{bare}-").isdigit()):
                return id
        return self.keep(Film(provisional_id(EntityKind.FILM, plain, year), plain, year))

    def work(self, name: str, form: str = "") -> str:
        """The work of that title: the catalogue's when it has one, else a provisional one."""
        known = self.names.work_titled(name, form)
        if known is not None:
            return known.id
        return self.keep(Work(provisional_id(EntityKind.WORK, name), name, form=form))

    def in_order(self) -> tuple[Link, ...]:
        """The links in text order, longer ones first where two begin together."""
        return tuple(sorted(self.links, key=lambda link: (link.mention.start, -link.mention.end)))

    def entities_beyond(self, catalog: Catalog) -> tuple[Entity, ...]:
        """The entities of this review that `catalog` lacks, by id."""
        used = {link.entity for link in self.links if link.entity and link.entity not in catalog}
        found = dict(self._new) | {id: entity for id in used if (entity := self.entity(id))}
        return tuple(sorted_entities(found.values()))
