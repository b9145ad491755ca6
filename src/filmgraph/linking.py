"""Linking: what each mention of a review means.

Title mentions are scored (`scoring`) and the best candidate is taken when it is good enough; otherwise the
mention is NIL. Around them the rest is found in order of certainty: franchises by their series words, people by
full name, surname or adjective, titles that no catalogue knows by their marks, influences, and what critics
only describe ("the original", "Conrad's novel"; `descriptions`). A character of the text belongs to one link,
but for an influence, whose name may hold a title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from filmgraph.adaptations import add_sources
from filmgraph.catalog import Catalog, enriched, load_catalog
from filmgraph.context import Context
from filmgraph.descriptions import add_descriptions
from filmgraph.drafts import Draft
from filmgraph.facts import medium_of
from filmgraph.influences import InfluencePatterns, add_influences
from filmgraph.mentions import SMALL, Scan, numbers_a_list, scan
from filmgraph.model import (
    Document,
    Entity,
    EntityKind,
    Film,
    Link,
    Mention,
)
from filmgraph.names import Names
from filmgraph.people import add_people
from filmgraph.provisional import add_unknown_titles
from filmgraph.reviewed import infer_reviewed, reviewed_from_record
from filmgraph.scoring import Scored, Weights, load_weights, score_titles
from filmgraph.series import (
    ALWAYS_SERIES,
    SERIES_WORDS,
    add_franchises,
    add_own_series,
    add_sagas,
    series_of,
)
from filmgraph.settings import seed_dir
from filmgraph.sources import source_named
from filmgraph.text import ARTICLES, cut_words, normalise, title_key, word_key
from filmgraph.versions import leave_versions_open

__all__ = ["Linker", "Linking", "known_names"]

THRESHOLD = 0.4
SERIES_LEAST = 0.15
IN_LIST = 0.02
AGAIN = 0.2
AGAIN_WITH_PEOPLE = 0.02
LEAST_INITIALS = 3
_INITIALS = re.compile(r"[A-Z](?<!\w.)[A-Z0-9]{2,}\b")


@dataclass(frozen=True, slots=True)
class Linking:
    """The links of a review in text order, the entities that no catalogue has, the id of the reviewed film.

    `sentences` are the bounds of those that are read. `rejected` are spans that read like a title and were given
    none (NIL), with their candidates; kept only to explain.
    """

    links: tuple[Link, ...]
    entities: tuple[Entity, ...] = ()
    reviewed: str | None = None
    rejected: tuple[Link, ...] = ()
    sentences: tuple[tuple[int, int], ...] = ()

    def moved(self, by: int) -> Linking:
        """The same links in a longer text, of which this one is the part from character `by` on."""
        return replace(
            self,
            links=tuple(_moved(link, by) for link in self.links),
            rejected=tuple(_moved(link, by) for link in self.rejected),
            sentences=tuple((start + by, end + by) for start, end in self.sentences),
        )


def _moved(link: Link, by: int) -> Link:
    mention = link.mention
    return replace(link, mention=replace(mention, start=mention.start + by, end=mention.end + by))


def known_names(catalog: Catalog) -> Names:
    """The names of a catalogue, and of the franchises, influences and works that seed and lexicon know besides."""
    return Names(enriched(catalog, load_catalog([seed_dir(), seed_dir() / "lexicon"])))


class Linker:
    """Links reviews to a catalogue's entities. Building takes about three seconds for 80,000 films."""

    def __init__(self, catalog: Catalog, names: Names | None = None, weights: Weights | None = None) -> None:
        self.names = names or known_names(catalog)
        self._given = catalog
        self._weights = load_weights() if weights is None else weights
        self._patterns = InfluencePatterns(self.names.catalog)

    def link(self, document: Document, *, explain: bool = False, infer: bool = True) -> Linking:
        """Every mention of `document` that could be made out; time linear in its length.

        `explain` keeps what was rejected, and what speaks for and against every candidate. Unless told to `infer`
        it, no film is reviewed where none is given.
        """
        draft, scored = self._draft(document, explain=explain, infer=infer)
        add_unknown_titles(draft, self._weights.unknown)
        add_short_forms(draft)
        add_influences(draft, self._patterns)
        add_sources(draft)
        add_descriptions(draft)
        add_sagas(draft)
        links, film = draft.in_order(), draft.film
        rejected = tuple(_rejected(scored, draft, links)) if explain else ()
        return Linking(
            links=links,
            entities=draft.entities_beyond(self._given),
            reviewed=film.id if film else None,
            rejected=rejected,
            sentences=tuple(draft.context.scan.sentences),
        )

    def draft(self, document: Document) -> Draft:
        """The reviewed film, and the links to what the catalogue names: titles, franchises, people."""
        return self._draft(document)[0]

    def _draft(
        self, document: Document, *, explain: bool = False, infer: bool = True
    ) -> tuple[Draft, list[Scored]]:
        found = scan(document, self.names)
        film = reviewed_from_record(document, self.names)
        context = self._context(document, found, film)
        scored = score_titles(context, self._weights.titles, explain=explain)
        if film is None and infer:
            film = infer_reviewed(context, scored)
            if film is not None:
                context = self._context(document, found, film)
                scored = score_titles(context, self._weights.titles, explain=explain)
        draft = Draft(context, film)
        add_own_series(draft)
        add_titles(draft, scored)
        add_franchises(draft)
        add_people(draft)
        return draft, scored

    def _context(self, document: Document, found: Scan, film: Film | None) -> Context:
        facts = self.names.facts_of(film) if film else None
        return Context.of(document, found, self.names, facts, document.title)


def _rejected(scored: Iterable[Scored], draft: Draft, links: Iterable[Link]) -> Iterator[Link]:
    """The title mentions that no link begins with, as NIL links."""
    linked = {link.mention.start for link in links}
    for item in scored:
        start, end = item.mention.start, item.mention.end
        if start not in linked:
            mention = Mention(start, end, draft.context.document.text[start:end], EntityKind.FILM)
            yield Link(mention, None, item.best.score, "nil", item.candidates)


# ── titles ───────────────────────────────────────────────────────────────────────


def add_titles(draft: Draft, scored: list[Scored]) -> None:
    """Link title mentions to films and works, or to the franchise when series words follow."""
    in_lists = _sure_lists(draft, scored)
    for item in scored:
        mention, best = item.mention, item.best
        start, end = mention.start, mention.end
        if not draft.free(start, end):
            continue
        likely = item.total > SERIES_LEAST and not draft.text[start].islower()
        series = SERIES_WORDS.match(draft.text, end) if likely else None
        if series:
            word = series["word"].lower()
            film = _likeliest_film(item)
            reviewed = draft.film is not None and film == draft.film.id
            if film and (word in ALWAYS_SERIES or not reviewed):
                draft.add(start, end, series_of(draft, film, mention.key), max(best.score, 0.5), "series")
                continue
        if likely and _add_further_part(draft, item):
            continue
        least = IN_LIST if mention.start in in_lists or _named_as_work(draft, item) else THRESHOLD
        if item.total >= least:
            _add_title(draft, item)
        else:
            draft.refused[start] = item
    _add_again(draft)
    leave_versions_open(draft)
    _add_reviewed_title(draft)


def _likeliest_film(item: Scored) -> str | None:
    """The likeliest film among the candidates, where films are together likelier than works."""
    films = [candidate for candidate in item.candidates if candidate.entity.startswith("film:")]
    return films[0].entity if films and 2 * sum(c.score for c in films) >= item.total else None


def _add_again(draft: Draft) -> None:
    """Link refused mentions that may well be titles to what the review elsewhere means by the same words."""
    known = {title_key(link.mention.surface): link for link in draft.links if link.how == "name"}
    for start, item in list(draft.refused.items()):
        link = known.get(item.mention.key)
        if link is None or not link.entity or draft.text[start].islower():
            continue
        if item.total >= (AGAIN_WITH_PEOPLE if _people_beside(draft, start, link.entity) else AGAIN):
            draft.accept(start, link.entity)


def _people_beside(draft: Draft, start: int, id: str) -> bool:
    """Whether the sentence around `start` names people of the film or work."""
    named = draft.context.sentence_people.get(draft.context.scan.sentence(start), set())
    return id in draft.names.catalog and not draft.names.facts(id).people.isdisjoint(named)


def _add_title(draft: Draft, item: Scored) -> None:
    """Link a title mention to its best candidate, to a source work where the text says so, else to the film."""
    start, end, chosen = item.mention.start, item.mention.end, item.best
    source = source_named(draft.text, start, end)
    if source and chosen.entity.startswith("film:"):
        draft.add(start, end, draft.work(draft.name_of(chosen.entity), source), chosen.score, "name")
        return
    if chosen.entity.startswith("work:") and not source:
        films = [c for c in item.candidates if c.entity.startswith("film:")]
        likelier = 2 * sum(c.score for c in films) >= item.total or _FILM_AFTER.match(draft.text, end)
        if films and (likelier or not _speaks_of_work(draft, item)):
            chosen = films[0]
    draft.add(start, end, chosen.entity, item.best.score, "name", item.candidates)


_FILM_AFTER = re.compile(r"[\"'_*]{0,2} (?:movie|film|flick|picture)\b")
_PART_AFTER = re.compile(
    r"[\"'_*]{0,2} (?P<number>[2-9]|II|III|IV|V|VI|VII|VIII|IX|X)"
    r"(?=[\"'_*]{0,2}(?:$|[,;:!?)\n]|\.(?!\d)| \((?:19|20)\d\d\)|"
    r" (?:and|or|is|was|has|had|in|with|which|that|than|but|as|for|on|at|to)\b))"
)


def _add_further_part(draft: Draft, item: Scored) -> bool:
    """Link a title with the number of a part behind its marks to that part, and to a film of its own where the
    catalogue lacks the part: "Cruel Intentions 3"."""
    start, end, key = item.mention.start, item.mention.end, item.mention.key
    match = _PART_AFTER.match(draft.text, end)
    if match is None or key[-1].isdigit() or numbers_a_list(draft.text, match.end(), match["number"]):
        return False
    if not item.best.entity.startswith("film:") or not draft.free(start, match.end("number")):
        return False
    part = f"{key} {word_key(match['number'])}"
    own = draft.film is not None and f"{title_key(draft.film.name)} ".startswith(f"{part} ")
    named = f"{draft.text[start:end]} {match['number']}"
    known = next((id for id, _ in draft.names.titles.get(part, ()) if id.startswith("film:")), None)
    film = draft.film.id if own and draft.film else known or draft.new_film(named)
    draft.add(start, match.end("number"), film, item.best.score, "name")
    return True


def _named_as_work(draft: Draft, item: Scored) -> bool:
    """Whether the words beside a title name the medium of the work it most likely means: "an episode of Columbo"."""
    if not item.best.entity.startswith("work:") or draft.text[item.mention.start].islower():
        return False
    source = source_named(draft.text, item.mention.start, item.mention.end)
    return bool(source) and medium_of(source or "") == draft.names.facts(item.best.entity).medium


_MADE_FROM_AFTER = re.compile(
    r"[\"'_*]*,? (?:(?:is|was|itself|loosely) )*(?:adapted |taken |made )?(?:from|based (?:up)?on) (?:the|an?) "
)


def _speaks_of_work(draft: Draft, item: Scored) -> bool:
    """Whether a work is meant and no film of its title: a television show, or one whose author or medium is named,
    unless it is said to be made from another."""
    if _MADE_FROM_AFTER.match(draft.text, item.mention.end):
        return False
    work = draft.names.facts(item.best.entity)
    sentence = draft.context.scan.sentence(item.mention.start)
    capitals = draft.context.capitals_in(sentence)
    media = draft.context.media_in(sentence)
    return work.medium == "tv" or work.medium in media or not capitals.isdisjoint(work.surnames)


def _sure_lists(draft: Draft, scored: list[Scored]) -> set[int]:
    """Where the mentions begin that stand in a list of three or more, most of which are certainly titles."""
    numbers = {mention.start: n for n, mention in enumerate(draft.context.scan.titles)}
    listed = draft.context.listed
    runs: list[list[Scored]] = [[]]
    last = -2
    for item in scored:
        number = numbers[item.mention.start]
        if listed[number] and not (number == last + 1 and draft.context.joined[number]):
            runs.append([])
        if listed[number]:
            runs[-1].append(item)
            last = number
    return {
        item.mention.start
        for run in runs
        if len(run) >= 3 and sum(other.total >= THRESHOLD for other in run) * 2 > len(run)
        for item in run
        if not draft.text[item.mention.start].islower()
    }


def _add_reviewed_title(draft: Draft) -> None:
    """The reviewed film by its own title, where no catalogue offered it."""
    film = draft.film
    if film is None:
        return
    key = title_key(film.name)
    for mention in draft.context.scan.titles:
        if mention.key != key or not draft.free(mention.start, mention.end):
            continue
        known = any(id == film.id for id, _ in draft.names.titles.get(key, ()))
        mark, _ = draft.context.scan.marked(mention.start, mention.end)
        capital = not draft.text[mention.start].islower()
        if mark or (capital and not known and (" " in key or key not in draft.context.lower)):
            draft.add(mention.start, mention.end, film.id, 0.9, "name")


# ── short forms of titles that the review has spelt out ─────────────────────────────────────


def add_short_forms(draft: Draft) -> None:
    """ "Wick" after "John Wick", "Texas Chainsaw" or "TCM" after the full title: part of a title stands for it."""
    shorts = dict(_short_forms(draft))
    initials = dict(_initials(draft)) if _INITIALS.search(draft.text) else {}
    if not shorts and not initials:
        return
    words, text = draft.context.scan.words, draft.text
    for number in words.proper:
        start = words.starts[number]
        for length in (2, 1):
            if number + length > len(words):
                continue
            key = " ".join(words.keys[number : number + length])
            end = words.ends[number + length - 1]
            if key not in shorts and text[end - 2 : end] == "'s":
                key, end = key[:-1], end - 2
            id = shorts.get(key) or (initials.get(key) if text[start:end].isupper() else None)
            if id and draft.free(start, end):
                draft.add(start, end, id, 0.6, "short")


def _short_forms(draft: Draft) -> Iterator[tuple[str, str]]:
    """Unmistakable parts of the linked titles: the last word of a two-word title, the words before "of"."""
    linked = [link for link in draft.links if link.how == "name" and (link.entity or "").startswith("film:")]
    for link in linked:
        id = link.entity or ""
        keys = title_key(draft.name_of(id)).split()
        if len(keys) == 2 and not (draft.film and id == draft.film.id):
            yield from ((key, id) for key in keys[1:] if _distinctive(draft, key))
        if len(keys) >= 4 and sum(key not in SMALL for key in keys[:2]) == 2:
            yield " ".join(keys[:2]), id


def _initials(draft: Draft) -> Iterator[tuple[str, str]]:
    """The initials of the linked titles of three words and more, with and without a leading article."""
    linked = [link.entity or "" for link in draft.links if link.how == "name"]
    for id in linked:
        if id.startswith(("film:", "work:")):
            words = cut_words(normalise(draft.name_of(id))).keys
            whole = "".join(word[0] for word in words if word)
            bare = whole[1:] if words and words[0] in ARTICLES else whole
            for letters in {whole, bare}:
                if len(letters) >= LEAST_INITIALS:
                    yield letters, id


def _distinctive(draft: Draft, key: str) -> bool:
    """A word that is a name, not one of the language nor a person's, nor a title of its own."""
    use = draft.names.use(key)
    return (
        len(key) >= 4
        and not key.isdigit()
        and key not in draft.context.lower
        and key not in draft.context.people_words
        and key not in draft.names.surnames
        and use.lower <= 2 + use.capital // 20
    )
