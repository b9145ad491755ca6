"""Names without offsets, as a language model gives them, to entities.

The review's own links are asked first, then the catalogue; what neither knows becomes provisional.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from filmgraph.extractor import LinkedText
from filmgraph.forms import Form, surface_forms
from filmgraph.model import (
    Entity,
    EntityKind,
    Film,
    Franchise,
    Person,
    Work,
    kind_of,
    provisional_id,
)
from filmgraph.text import title_key

__all__ = ["Named", "resolve"]


@dataclass(frozen=True, slots=True)
class Named:
    """What a name is said to mean: a film, work, person or franchise, and its year where that is known."""

    kind: EntityKind
    name: str
    year: int | None = None


def resolve(named: Named, text: LinkedText) -> Entity:
    """The entity that `named` means in a review, known to the review from now on."""
    known = next(_in_review(named, text), None) or _in_catalogue(named, text)
    return text.keep(known or _provisional(named))


def _in_review(named: Named, text: LinkedText) -> Iterator[Entity]:
    """Entities of the review that go by the name: the reviewed film, then those linked, in text order."""
    key = title_key(named.name)
    if text.linking.reviewed:
        film = text.entity(text.linking.reviewed)
        forms = [film.name, text.document.title or "", *(form for form, _ in surface_forms(film.name))]
        if key in map(title_key, forms) and _fits(film, named):
            yield film
    for link in text.linking.links:
        if link.entity is None or kind_of(link.entity) is not named.kind:
            continue
        entity = text.entity(link.entity)
        names = {entity.name, link.mention.surface.strip("_*\"'"), *getattr(entity, "aliases", ())}
        if key in map(title_key, names) and _fits(entity, named):
            yield entity


def _fits(entity: Entity, named: Named) -> bool:
    """Whether kind and year agree; years within one, for release dates differ by country."""
    if kind_of(entity.id) is not named.kind:
        return False
    return named.year is None or entity.year is None or abs(entity.year - named.year) <= 1


def _in_catalogue(named: Named, text: LinkedText) -> Entity | None:
    names, key = text.names, title_key(named.name)
    if named.kind is EntityKind.FILM:
        known = [(names.catalog.get(id), form) for id, form in names.titles.get(key, ())]
        fitting = [(film, form) for film, form in known if film is not None and _fits(film, named)]
        short = [film for film, form in fitting if form is Form.SHORT and named.year is not None]
        return next((film for film, form in fitting if form is not Form.SHORT), short[0] if short else None)
    if named.kind is EntityKind.PERSON:
        return names.catalog.get(names.people.get(key, ""))
    if named.kind is EntityKind.FRANCHISE:
        return names.catalog.get(names.franchises.get(key, ""))
    work = names.work_titled(named.name)
    return work if work and _fits(work, named) else None


_MAKERS = {
    EntityKind.FILM: Film, EntityKind.WORK: Work, EntityKind.PERSON: Person, EntityKind.FRANCHISE: Franchise,
}  # fmt: skip


def _provisional(named: Named) -> Entity:
    dated = named.kind in (EntityKind.FILM, EntityKind.WORK)
    year = named.year if dated else None
    entity: Entity = _MAKERS[named.kind](provisional_id(named.kind, named.name, year), named.name, year)
    return entity
