"""Which of several films of one title is meant, where that can be told.

Annotators leave the year out when they are unsure, and so do we: a wrong version is a wrong edge, a title without a
year is none.
"""

from __future__ import annotations

from filmgraph.drafts import Draft
from filmgraph.model import Link
from filmgraph.text import title_key

__all__ = ["SURE", "leave_versions_open"]

SURE = 0.7
"""The share of the chances of all films of a title from which on one of them is taken. Of those chosen with less, half
were right in held-out reviews."""


def leave_versions_open(draft: Draft) -> None:
    """Let a title whose version is unsure mean a film of that title without a year, unless the version is certain
    elsewhere in the review, or the title is that of the reviewed film."""
    shares = [(link, _share(draft, link)) for link in draft.links]
    certain = {link.entity for link, share in shares if share >= SURE}
    for link, share in shares:
        if share < SURE and link.entity and link.entity not in certain:
            draft.relink(link, draft.new_film(draft.name_of(link.entity)))


def _share(draft: Draft, link: Link) -> float:
    """The chance of the linked film among the candidates of its title but the reviewed film; 1 where it is alone."""
    film = link.entity or ""
    if len(link.candidates) < 2 or not film.startswith("film:"):
        return 1.0
    facts = draft.names.facts
    key = facts(film).key
    if draft.film and key == title_key(draft.film.name):
        return 1.0
    chances = {c.entity: c.score for c in link.candidates if c.entity.startswith("film:")}
    films = sum(chance for id, chance in chances.items() if facts(id).key == key)
    return chances[film] / films if chances.get(film) else 1.0
