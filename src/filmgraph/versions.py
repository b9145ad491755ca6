"""Which of several films of one title is meant, where that can be told.

Annotators leave the year out when they are unsure, and so do we: a wrong version is a wrong edge, a title without a
year is none.
"""

from __future__ import annotations

from filmgraph.drafts import Draft
from filmgraph.model import Link
from filmgraph.text import title_key

__all__ = ["SURE", "leave_versions_open"]

SURE = 0.85
"""The share of the chances of all films of a title from which on one of them is taken. Of those chosen in held-out
reviews with less than .7 half were right, with .7 to .85 six in ten."""


def leave_versions_open(draft: Draft) -> None:
    """Let a title whose version is unsure mean a film of that title without a year, unless the version is certain
    elsewhere in the review, or the title is that of the reviewed film."""
    shares = [(link, _share(draft, link)) for link in draft.links]
    certain = {link.entity for link, share in shares if share >= SURE}
    for link, share in shares:
        if share < SURE and link.entity and link.entity not in certain:
            draft.relink(link, draft.new_film(draft.name_of(link.entity)))


def _share(draft: Draft, link: Link) -> float:
    """The chance of the linked film or show among the candidates of its title but the reviewed film; 1 where it is
    alone."""
    if len(link.candidates) < 2 or not link.entity or not _is_on_screen(draft, link.entity):
        return 1.0
    facts = draft.names.facts
    key = facts(link.entity).key
    if draft.film and key == title_key(draft.film.name):
        return 1.0
    chances = {c.entity: c.score for c in link.candidates if _is_on_screen(draft, c.entity)}
    together = sum(chance for id, chance in chances.items() if facts(id).key == key)
    return chances[link.entity] / together if chances.get(link.entity) else 1.0


def _is_on_screen(draft: Draft, id: str) -> bool:
    return id in draft.names.catalog and (id.startswith("film:") or draft.names.facts(id).medium == "tv")
