"""How entities and edges are put into words, wherever a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

from filmgraph.lineage import Edge
from filmgraph.model import Entity, EntityKind, Relation, kind_of

__all__ = ["edge_sentence", "label", "name_of"]


def label(entity: Entity) -> str:
    """The name, with its year where there is one: "John Wick (2014)"."""
    return f"{entity.name} ({entity.year})" if entity.year else entity.name


def name_of(id: str, names: Mapping[str, Entity], *, dated: bool = False) -> str:
    """What an id is called in a sentence; the id itself when `names` lacks it."""
    if id not in names:
        return id
    name = label(names[id]) if dated else names[id].name
    is_pattern = kind_of(id) is EntityKind.INFLUENCE and not name.lower().startswith("the ")
    return f"the {name}" if is_pattern else name


def edge_sentence(edge: Edge, names: Mapping[str, Entity], *, dated: bool = False) -> str:
    """An edge as a sentence: "Nobody pays homage to John Wick".

    An edge that passes through an influence or a franchise names that; with `dated` also where it began:
    "Ballerina (2023) follows the John Wick formula, which began with John Wick (2014)".
    """
    passed = edge.via if edge.via in names else None
    follows = passed and edge.relation is Relation.FOLLOWS_FORMULA_OF
    verb = "follows" if follows else edge.relation.verb
    subject, object_ = (name_of(id, names, dated=dated) for id in (edge.subject, passed or edge.object))
    sentence = f"{subject} {verb} {object_}"
    if passed and dated:
        sentence += f", which began with {name_of(edge.object, names, dated=True)}"
    return sentence
