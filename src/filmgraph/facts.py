"""What linking asks of each film and work that a catalogue knows, and of all that one key may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from filmgraph.forms import Form, series_key
from filmgraph.model import Film, Work
from filmgraph.text import ARTICLES, normalise, title_key

__all__ = ["NOBODY", "Facts", "Namesakes", "make_facts", "medium_of"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What linking asks of a film or work. People and surnames are name keys; `medium` is a work's (see `MEDIA`)."""

    id: str
    name: str
    key: str
    year: int | None
    renown: float
    series: str
    article: bool
    directors: frozenset[str]
    people: frozenset[str]
    surnames: frozenset[str]
    director_surnames: frozenset[str]
    franchises: frozenset[str]
    medium: str


@dataclass(frozen=True, slots=True)
class Namesakes:
    """What may be meant by one key, best form first: the candidates, the renown of the best-known film among them,
    the year of the first of just this title (of those of which it is but a part, where there is none), how many are
    films, and whether there are works."""

    facts: Sequence[tuple[Facts, Form]]
    best: float
    earliest: int
    films: int
    works: bool


NOBODY = Namesakes((), 0.0, 0, 0, False)


def make_facts(entity: Film | Work, renown: float) -> Facts:
    """The facts of a film or work."""
    credits = entity.credits if isinstance(entity, Film) else ()
    makers = ("director", "writer")
    keys = [(title_key(credit.name), credit.role) for credit in credits]
    directors = frozenset(key for key, role in keys if role in makers)
    people = frozenset(key for key, _ in keys)
    if isinstance(entity, Work) and entity.author:
        directors = people = frozenset([title_key(entity.author)])
    words = normalise(entity.name).split()
    return Facts(
        id=entity.id,
        name=entity.name,
        key=title_key(entity.name),
        year=entity.year,
        renown=renown,
        series=series_key(entity.name),
        article=len(words) > 1 and words[0].lower() in ARTICLES,
        directors=directors,
        people=people,
        surnames=frozenset([key.rpartition(" ")[2] for key in people if key]),
        director_surnames=frozenset([key.rpartition(" ")[2] for key in directors if key]),
        franchises=frozenset(entity.franchises if isinstance(entity, Film) else ()),
        medium=medium_of(entity.form) if isinstance(entity, Work) else "",
    )


MEDIA = {
    "tv": ("tv", "television", "miniseries", "anime", "radio"),
    "comic": ("comic", "manga", "cartoon", "graphic"),
    "game": ("game", "toy"),
    "stage": ("play", "musical", "opera", "ballet"),
}


def medium_of(form: str) -> str:
    """The medium of a work's form: tv, comic, game, stage, or else book.

    >>> medium_of("tv series"), medium_of("stage play"), medium_of("short story")
    ('tv', 'stage', 'book')
    """
    return next((medium for medium, words in MEDIA.items() if any(word in form for word in words)), "book")
