"""People in a review: full names, surnames once they are established, adjectives made of them."""

from __future__ import annotations

from filmgraph.drafts import Draft
from filmgraph.text import title_key

__all__ = ["add_people", "stems"]

_LEAST_SURNAME = 3


def add_people(draft: Draft) -> None:
    """Link full names, then names of one word, then adjectives ("Hitchcockian").

    A surname stands for whom the review has named in full, who made the reviewed film, or the one person whom
    all critics mean by it.
    """
    established = _own(draft)
    for name in draft.context.scan.people:
        established[name.key.split()[-1]] = name.person
        if draft.free(name.start, name.end):
            _add(draft, name.start, name.end, name.person, 0.9, "name")
    _add_adjectives(draft, established)
    _add_short_names(draft, established)


def _add(draft: Draft, start: int, end: int, person: str, score: float, how: str) -> None:
    stranger = draft.names.strangers.get(person)
    if stranger:
        draft.keep(stranger)
    draft.add(start, end, person, score, how)


def _own(draft: Draft) -> dict[str, str]:
    """Surname → person, of those who made the reviewed film."""
    if draft.film is None:
        return {}
    return {
        words[-1]: credit.person
        for credit in draft.film.credits
        if len(words := title_key(credit.name).split()) > 1
    }


def _add_short_names(draft: Draft, established: dict[str, str]) -> None:
    words, known = draft.context.scan.words, draft.names.short_names
    following, longer = 0, draft.names.short_starts
    for number in words.proper:
        key = words.keys[number]
        told = key in known or key in established or key in longer or key[-1] == "s"
        if told and number >= following:
            for size in (3, 2, 1) if key in longer else (1,):
                if number + size <= len(words) and _add_short_name(draft, established, number, size):
                    following = number + size
                    break


def _add_short_name(draft: Draft, established: dict[str, str], number: int, size: int) -> bool:
    """Link the name of `size` words that begins at word `number`, if it is known."""
    words = draft.context.scan.words
    start, end = words.starts[number], words.ends[number + size - 1]
    key = " ".join(words.keys[number : number + size])
    if draft.text[end - 2 : end] == "'s":
        key, end = key[:-1], end - 2
    if len(key) < _LEAST_SURNAME or not draft.free(start, end):
        return False
    person = established.get(key)
    if person is None and (size > 1 or not _follows_name(draft, number)):
        person = draft.names.short_names.get(key)
    if person:
        _add(draft, start, end, person, 0.7, "name")
    return person is not None


def _follows_name(draft: Draft, number: int) -> bool:
    """Whether a capitalised word stands right before: somebody else of that surname."""
    if number == 0:
        return False
    words, text = draft.context.scan.words, draft.text
    before, start = words.starts[number - 1], words.starts[number]
    return (
        text[before].isupper()
        and text[words.ends[number - 1] : start] in (" ", ". ")
        and before not in draft.context.scan.starts
        and words.keys[number - 1] not in draft.context.names.surnames
    )


def _add_adjectives(draft: Draft, established: dict[str, str]) -> None:
    known = draft.names.short_names
    for match in draft.context.scan.adjectives:
        if not draft.free(*match.span()):
            continue
        lower = match["stem"][0].islower()
        for key in stems(match["stem"]):
            person = (
                known.get(key)
                if lower
                else established.get(key) or known.get(key) or draft.names.people.get(key)
            )
            if person and not (lower and match["ending"] not in ("esque", "ian", "ean", "-esque", "-like")):
                _add(draft, *match.span(), person, 0.8, "epithet")
                break


def stems(stem: str) -> list[str]:
    """The names an adjective may come from, as keys.

    >>> stems("Wick"), stems("Felline")[:2]
    (['wick', 'wicke', 'wicki', 'wicko', 'wicks', 'wic'], ['felline', 'fellinee'])
    """
    key = title_key(stem)
    return [key, *(key + letter for letter in "eios"), key[:-1]]
