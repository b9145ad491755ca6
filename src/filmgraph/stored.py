"""How stores keep values: canonical JSON, the digest of it, and names as search compares them.

Equal values have equal canonical forms, in every store, so that a store can tell what has changed by comparing text.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import unicodedata
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
)

__all__ = [
    "ENTITY_TYPES",
    "canonical",
    "digest",
    "entity_from",
    "facets",
    "fold",
    "folded_names",
    "renown",
    "review_from",
]

_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "&": " and ",
     "'": None, "’": None, "`": None}
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_ARTICLE = re.compile(r"^\s*(?:the|an?)\s+(?=\S)")


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
    """The name as search compares it: words without accents or case, no leading article; "" for none.

    >>> fold("The Amélie & L'Été"), fold("A.I."), fold("A"), fold("$")
    ('amelie and lete', 'a i', 'a', '$')
    """
    plain = _ARTICLE.sub("", name.casefold()).translate(_LETTERS)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain)) or "".join(plain.split())


def folded_names(entity: Entity) -> list[str]:
    """All names of an entity, folded, its own first."""
    names = [entity.name, *entity.aliases]
    if isinstance(entity, Film) and entity.original_name:
        names.append(entity.original_name)
    return list(dict.fromkeys(folded for name in names if (folded := fold(name))))


def facets(entity: Entity) -> list[tuple[str, str, str]]:
    """What an entity may be listed by: facet (genre, country, franchise, person), value, and a person's role.

    >>> facets(Film("film:tt0073195", "Jaws", 1975, genres=("Thriller",)))
    [('genre', 'thriller', '')]
    """
    if not isinstance(entity, Film):
        return []
    found = [("genre", genre.lower(), "") for genre in entity.genres]
    found += [("country", country.lower(), "") for country in entity.countries]
    found += [("franchise", franchise, "") for franchise in entity.franchises]
    found += [("person", credit.person, credit.role) for credit in entity.credits]
    return list(dict.fromkeys(found))


def renown(entity: Entity) -> float:
    """How well known a catalogue has it; 0 for all but films."""
    return entity.renown if isinstance(entity, Film) else 0.0
