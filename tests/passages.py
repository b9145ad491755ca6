"""Small passages for tests of reading: the mentions are the names of a few works, given in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from filmgraph.model import Entity, EntityKind, Film, Franchise, Link, Mention, Person, Work
from filmgraph.passages import Passage, passage

ORCA, JAWS = Film("film:1", "Orca", 1977), Film("film:2", "Jaws", 1975)
PIRANHA, PSYCHO = Film("film:3", "Piranha", 1978), Film("film:4", "Psycho", 1960)
HALLOWEEN, FRIDAY = Film("film:5", "Halloween", 1978), Film("film:6", "Friday the 13th", 1980)
HITCHCOCK, BOND = Person("person:1", "Hitchcock"), Franchise("franchise:1", "James Bond")
NOVEL = Work("work:1", "The White Whale", 1951)
ALL: tuple[Entity, ...] = (ORCA, JAWS, PIRANHA, PSYCHO, HALLOWEEN, FRIDAY, HITCHCOCK, BOND, NOVEL)


def mentioned(
    text: str,
    reviewed: Film | None = ORCA,
    described: Sequence[tuple[str, Entity, str]] = (),
) -> Passage:
    """A passage cut after full stops. `described` are words, what they mean and how that was found out."""
    links = [_link(match, entity) for entity in ALL for match in re.finditer(rf"\b{entity.name}\b", text)]
    for words, entity, how in described:
        links += [_link(match, entity, how) for match in re.finditer(rf"\b{words}\b", text)]
    bounds = [(match.start(), match.end()) for match in re.finditer(r"[^.!?]+[.!?]+\s*", text)]
    known = (*ALL, *(entity for _, entity, _ in described), *([reviewed] if reviewed else []))
    entities = {entity.id: entity for entity in known}
    return passage(text, bounds, links, entities, reviewed.id if reviewed else None)


def _link(match: re.Match[str], entity: Entity, how: str = "name") -> Link:
    kind = EntityKind(entity.id.partition(":")[0])
    return Link(Mention(match.start(), match.end(), match[0], kind), entity.id, 1.0, how)
