"""Influences in a review: patterns that films follow, by a known surface form or named after a film."""

from __future__ import annotations

import re
from collections.abc import Iterator

from filmgraph.catalog import Catalog
from filmgraph.drafts import Draft
from filmgraph.model import EntityKind, Film, Influence, provisional_id
from filmgraph.people import stems
from filmgraph.text import ARTICLES, normalise, title_key, word_key

__all__ = ["InfluencePatterns", "add_influences"]

_FORMULA = re.compile(
    r"(?:['’]s?)?[\"'_*]{0,2} (?P<word>formula|template|playbook|blueprint|recipe)s?\b", re.IGNORECASE
)
_GAP = r"(?:[\w'-]+ ?){0,4}?"


class InfluencePatterns:
    """The surface forms of a catalogue's influences. "…" in one stands for up to four words."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_word: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        self.of_origin: dict[str, str] = {}
        for influence in catalog.influences:
            if influence.origin and _FORMULA.search(f" {influence.name}"):
                self.of_origin.setdefault(influence.origin, influence.id)
            for pattern in {*influence.patterns, *influence.aliases, influence.name}:
                words = normalise(pattern).replace("...", "…").strip(" …").split(" ")
                while len(words) > 1 and words[0].lower() in ARTICLES:
                    del words[0]
                expression = r" ".join(_GAP if word == "…" else re.escape(word) for word in words)
                expression = expression.replace(f"{_GAP} ", _GAP)
                compiled = re.compile(rf"{expression}(?![\w-])", re.IGNORECASE)
                first = word_key(re.split(r"[^\w']", words[0])[0])
                self._by_word.setdefault(first, []).append((compiled, influence.id))
        for found in self._by_word.values():
            found.sort(key=lambda item: (-len(item[0].pattern), item[1]))

    def __bool__(self) -> bool:
        return bool(self._by_word)

    def found_in(self, draft: Draft) -> Iterator[tuple[int, int, str]]:
        """Where surface forms stand, with the influence's id; of two that begin together the longer pattern."""
        words = draft.context.scan.words
        for number in words.of(self._by_word.keys()):
            start = words.starts[number]
            for pattern, id in self._by_word[words.keys[number]]:
                match = pattern.match(draft.text, start)
                if match and match[0].strip():
                    yield start, match.end(), id
                    break


def add_influences(draft: Draft, patterns: InfluencePatterns) -> None:
    """Link influences: "the X formula" of a linked film, "Xian" of its name, and the catalogue's surface forms.

    A film inside the span keeps its own link: it is named too.
    """
    _add_adjectives(draft)
    for link in list(draft.links):
        entity = link.entity
        formula = _FORMULA.match(draft.text, link.mention.end)
        own = draft.film is not None and entity == draft.film.id
        if entity and formula and not own and entity.startswith(("film:", "franchise:", "person:")):
            named = _named_after(draft, entity, patterns)
            draft.add(link.mention.start, formula.end(), named, 0.8, "influence")
    held = [(link.mention.start, link.mention.end) for link in draft.links if link.how == "influence"]
    for start, end, id in patterns.found_in(draft):
        if not any(low < end and start < high for low, high in held):
            draft.drop_epithet(start, end)
            _add_origin(draft, start, id)
            draft.add(start, end, id, 0.8, "influence")


def _add_origin(draft: Draft, start: int, id: str) -> None:
    """Link the doubtful title that begins an influence's name to the film the influence is named after."""
    item, named = draft.refused.get(start), draft.entity(id)
    if item and isinstance(named, Influence) and item.best.entity == named.origin:
        draft.accept(start, item.best.entity)


def _named_after(draft: Draft, origin: str, patterns: InfluencePatterns) -> str:
    known = patterns.of_origin.get(origin)
    if known:
        return known
    name = f"{draft.name_of(origin)} formula"
    return draft.keep(Influence(provisional_id(EntityKind.INFLUENCE, name), name, origin=origin))


def _add_adjectives(draft: Draft) -> None:
    """ "Wickian": an adjective of the name in a film's title that the review has linked."""
    by_word: dict[str, str] = {}
    for link in draft.links:
        entity = draft.entity(link.entity or "")
        if isinstance(entity, Film) and not (draft.film and entity.id == draft.film.id):
            keys = title_key(entity.name).split()
            if 0 < len(keys) <= 3:
                by_word.setdefault(keys[-1], entity.id)
                by_word.setdefault(" ".join(keys), entity.id)
    for match in draft.context.scan.adjectives if by_word else ():
        if draft.free(*match.span()):
            film = next((by_word[key] for key in stems(match["stem"])[:1] if key in by_word), None)
            if film:
                draft.add(*match.span(), film, 0.7, "epithet")
