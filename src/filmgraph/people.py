"""People in a review: full names, surnames once they are established, adjectives made of them."""

from __future__ import annotations

import re

from filmgraph.drafts import Draft
from filmgraph.model import Film
from filmgraph.text import title_key

__all__ = ["ADJECTIVE", "add_people", "stems"]

ADJECTIVE = re.compile(
    r"\b(?P<stem>[A-Z][a-z]+(?: ?[A-Z][a-z]+)?)(?P<ending>-?esque|-?ian|-?ean|-?ish|-?like|-style|-type|-lite)\b"
)
_LEAST_SURNAME = 3


def add_people(draft: Draft) -> None:
    """Link full names, then surnames, then adjectives ("Hitchcockian"); the reviewed film's own people too."""
    established = _own(draft)
    for name in draft.context.scan.people:
        established[name.key.split()[-1]] = name.person
        if draft.free(name.start, name.end):
            _keep_author(draft, name.person)
            draft.add(name.start, name.end, name.person, 0.9, "name")
    _add_adjectives(draft, established)
    _add_surnames(draft, established)


def _own(draft: Draft) -> dict[str, str]:
    """Surname → person, of those who made the reviewed film."""
    if not isinstance(draft.film, Film):
        return {}
    return {
        words[-1]: credit.person for credit in draft.film.credits if len(words := title_key(credit.name).split()) > 1
    }


def _keep_author(draft: Draft, person: str) -> None:
    author = draft.names.authors.get(person)
    if author:
        draft.keep(author)


def _add_surnames(draft: Draft, established: dict[str, str]) -> None:
    words, text = draft.context.scan.words, draft.text
    for start, end, key in zip(words.starts, words.ends, words.keys, strict=True):
        if text[start].islower() or len(key) < _LEAST_SURNAME:
            continue
        if text[end - 2 : end] == "'s":
            key, end = key[:-1], end - 2
        person = established.get(key) or _famous(draft, key)
        if person and draft.free(start, end):
            _keep_author(draft, person)
            draft.add(start, end, person, 0.7, "name")


def _famous(draft: Draft, key: str) -> str | None:
    """The director whom a bare surname means everywhere: one that is no common word."""
    person = draft.names.surnames.get(key)
    if person is None:
        return None
    use = draft.names.use(key)
    return person if draft.names.directed.get(person, 0) >= 5 and use.lower * 10 <= use.capital else None


def _add_adjectives(draft: Draft, established: dict[str, str]) -> None:
    for match in ADJECTIVE.finditer(draft.text):
        if not draft.free(*match.span()):
            continue
        for key in stems(match["stem"]):
            person = established.get(key) or _famous(draft, key) or draft.names.people.get(key)
            if person:
                _keep_author(draft, person)
                draft.add(*match.span(), person, 0.8, "epithet")
                break


def stems(stem: str) -> list[str]:
    """The names an adjective may come from, as keys.

    >>> stems("Wick"), stems("Felline")[:2]
    (['wick', 'wicke', 'wicki', 'wicko', 'wicks', 'wic'], ['felline', 'fellinee'])
    """
    key = title_key(stem)
    return [key, *(key + letter for letter in "eios"), key[:-1]]
