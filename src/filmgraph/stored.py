"""How stores keep values: canonical JSON, the digest of it, and names as search compares them.

Equal values have equal canonical forms, in every store, so that a store can tell what has changed by comparing text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from datetime import date

from filmgraph.model import (
    Credit,
    Entity,
    Film,
    FilmFormat,
    Franchise,
    Influence,
    Person,
    Review,
    Work,
    slug,
)

__all__ = ["ENTITY_TYPES", "canonical", "digest", "entity_from", "fold", "folded_names", "review_from"]

ENTITY_TYPES: dict[str, type[Entity]] = {
    "film": Film,
    "work": Work,
    "person": Person,
    "franchise": Franchise,
    "influence": Influence,
}
"""The part of an id before the colon → what it is the id of."""


def canonical(value: Entity | Review) -> str:
    """Canonical JSON without the id and without empty fields.

    >>> canonical(Film("film:tt0073195", "Jaws", 1975, genres=("Thriller",)))
    '{"format":"movie","genres":["Thriller"],"name":"Jaws","renown":0.0,"year":1975}'
    """
    fields = {
        field.name: getattr(value, field.name)
        for field in dataclasses.fields(value)
        if field.init and field.name != "id"
    }
    for name, item in fields.items():
        if name == "credits":
            fields[name] = [dataclasses.astuple(credit) for credit in item]
        elif isinstance(item, date):
            fields[name] = item.isoformat()
    return json.dumps(
        {name: item for name, item in fields.items() if item not in (None, (), [], "")},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )


def entity_from(id: str, data: str) -> Entity:
    """The entity with `id` whose canonical form is `data`."""
    fields = json.loads(data)
    for name, value in fields.items():
        if name == "credits":
            fields[name] = tuple(Credit(*credit) for credit in value)
        elif isinstance(value, list):
            fields[name] = tuple(value)
        elif name == "format":
            fields[name] = FilmFormat(value)
    return ENTITY_TYPES[id.partition(":")[0]](id=id, **fields)


def review_from(id: str, data: str) -> Review:
    """The review with `id` whose canonical form is `data`."""
    fields = json.loads(data)
    if "published" in fields:
        fields["published"] = date.fromisoformat(fields["published"])
    return Review(id=id, **fields)


def digest(data: str) -> int:
    """128 bits that name a canonical form; sums of them name a set, in whatever order it came."""
    return int.from_bytes(hashlib.blake2b(data.encode(), digest_size=16).digest(), "big")


def fold(name: str) -> str:
    """The name as search compares it: plain lower-case words, no leading article.

    >>> fold("The Wild-Bunch")
    'wild bunch'
    """
    folded = slug(name).replace("-", " ") if re.search(r"\w", name) else ""
    return re.sub(r"^(the|an?) (?=.)", "", folded)


def folded_names(entity: Entity) -> list[str]:
    """All names of an entity, folded, its own first."""
    names = [entity.name, *entity.aliases]
    if isinstance(entity, Film) and entity.original_name:
        names.append(entity.original_name)
    return list(dict.fromkeys(fold(name) for name in names if fold(name)))
