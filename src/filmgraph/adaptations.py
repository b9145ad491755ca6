"""Works that critics describe and do not name: "the novel", "King's book", "the stage version", "a comic strip by …".

They are what the reviewed film was made from: a work of the catalogue, else one of the film's title. After a film that
is named just before, "the novel of the same name" is that film's.
"""

from __future__ import annotations

import re

from filmgraph.drafts import Draft
from filmgraph.facts import medium_of
from filmgraph.model import Film, Link, Work
from filmgraph.sources import source_named
from filmgraph.text import Phrase, title_key

__all__ = ["add_sources", "source_of"]

_NO_SOURCE = r"(?! (?:idea|approach|twist|concept|way|premise|take|plot|method|use|and)\b)"
_STAGE = r"(?:broadway|west end|stage)(?: (?:hit|smash|show|play|musical|version|production))+"
_STORY_OF = r"(?= by [A-Z]| (?:that )?(?:it|this|the film|the movie) (?:is|was) based on)"
_SOURCE = Phrase(
    rf"\b(?P<form>novels?{_NO_SOURCE}|novellas?|books?|memoirs?|autobiography|source material"
    r"|comics?(?:[ -](?:books?|strips?))?|graphic novels?|manga"
    r"|(?:video|computer|arcade) ?games?(?: series)?|game series"
    rf"|{_STAGE}|stage ?plays?|(?:play|stage) version|plays?(?= by| of the)|musical"
    rf"|(?:short|original) stor(?:y|ies)|stor(?:y|ies){_STORY_OF}|fairy ?tales?|(?:original |epic )?poem"
    r"|literary classic|children's classic|(?:tv|television) (?:series|show)|radio (?:show|series))\b",
    "novel novella book memoir autobiography source comic graphic manga video videogame computer arcade game broadway "
    "west stage stageplay play musical short original story stories fairy fairytale epic poem literary children tv "
    "television radio",
)
_ADAPTED = re.compile(
    r"\b(?:adapt\w*|based|from the|lifted|written by|author|faithful|source|read|spin-?off"
    r"|(?:screen|film|movie|big-screen) version|novel\w*|book|comics?|manga|best-?sell\w*|broadway|stage|poem|classic"
    r"|game series)\b",
    re.IGNORECASE,
)
_FORMS = {
    "tv": "tv series",
    "television": "tv series",
    "comic": "comic",
    "comics": "comic",
    "comic-strip": "comic",
    "graphic": "comic",
    "video": "game",
    "computer": "game",
    "arcade": "game",
    "game": "game",
    "play": "play",
    "plays": "play",
    "stage": "play",
    "broadway": "play",
    "west": "play",
    "adaptation": "novel",
}


def add_sources(draft: Draft) -> None:
    """Link "the novel" and the like where the sentence speaks of adaptation, and works named by their author alone."""
    if draft.film is None:
        return
    people = _people(draft)
    for match in _SOURCE.found_in(draft.text, draft.context.scan.words):
        if draft.free(*match.span()):
            work, score = _described(draft, match, people)
            if work:
                draft.add(*match.span(), work, score, "source")
    _add_by_author(draft, people)
    _add_adaptations(draft)
    _add_shows(draft)


_SPEAKS_OF_SOURCE = re.compile(
    r"\bbased\b|\badapt|\bnovel(?!ty)|\bauthor|best-?sell|of the same name|\bfrom a\b|\bsource material"
    r"|\b(?:play|book|story|musical) by\b|\bread(?:ing)? (?:the|this|his|her|a|that) (?:\w+ )?books?\b"
    r"|\b(?:the (?:original )?|in the |than the |(?:to|from|like|by) the )"
    r"(?:books?|comics?|manga|play|poem|story)\b(?! of)|\b(?:play|stage|screen|film|movie) version",
    re.IGNORECASE,
)
"""One of these stands in a review that speaks of a source no catalogue knows; of other reviews one in ten does."""


def _described(draft: Draft, match: re.Match[str], people: dict[int, str]) -> tuple[str | None, float]:
    """The work that a description means, and how sure that is."""
    form = match["form"].lower()
    named = _of_named_film(draft, match)
    if named:
        return source_of(draft, named, form), 0.6
    written = _work_by_author_before(draft, match.start(), people)
    if written is not None:
        return written or None, 0.6
    assert draft.film is not None
    start, end = draft.context.scan.sentences[draft.context.scan.sentence(match.start())]
    told = form.endswith(" version") or _ADAPTED.search(draft.text, start, end)
    if (
        not told
        or _ATTRIBUTE.match(draft.text, match.end())
        or _is_any(draft.text[start : match.start()], form)
    ):
        return None, 0.0
    work = source_of(draft, draft.film, form)
    unheard_of = work not in draft.names.catalog and not _SPEAKS_OF_SOURCE.search(draft.text)
    return (None, 0.0) if unheard_of else (work, 0.5)


_OF_IT = re.compile(
    r"s? (?:of|with) (?:the|that) (?:same|very same) (?:name|title)"
    r"|s? (?:(?:that|which) )?it (?:is|was|had been)(?: \w+)? (?:based|adapted|taken)\b",
    re.IGNORECASE,
)
_NEAR = 160


def _of_named_film(draft: Draft, match: re.Match[str]) -> Film | None:
    """ "Dune, from the novel of the same name", "Dune is worse than the novel it was based on": the film that the
    sentence names last before it."""
    if not _OF_IT.match(draft.text, match.end() - (draft.text[match.end() - 1] == "s")):
        return None
    low = draft.context.scan.sentences[draft.context.scan.sentence(match.start())][0]
    before = [
        link
        for link in draft.links
        if max(low, match.start() - _NEAR) <= link.mention.start < match.start()
        and isinstance(draft.entity(link.entity or ""), Film)
    ]
    film = draft.entity(max(before, key=lambda link: link.mention.start).entity or "") if before else None
    return film if isinstance(film, Film) else None


_ANY = re.compile(
    r"(?P<before>\b(?:\w+ ){0,2}|[,(] )\b(?i:an?|any|every|some|another|no) (?:(?![A-Z])[\w'-]+ ){0,2}$"
)
_MADE_FROM = re.compile(
    r"(?:\b(?:from|on|upon|by|after|is|was|(?:adaptation|adaption|version|telling|film) of)|[,(]) $",
    re.IGNORECASE,
)
_SOME_CERTAIN = re.compile(
    r"(?:\b(?i:the|these|those|his|her|their|its|whose|both|all|original)|['’]s|s['’]) (?:[\w'’-]+ )?"
    r"(?:[\w'’-]+ )?$|[\w,] [A-Z][\w.-]+ $"
)
_SAYING = re.compile(
    r"\b(?:tricks?|clich[eé]s?|tropes?|jokes?|gags?|oldest)\b[^.;]{0,25} in the $|\bin my $|\bthrow(?:s|n|ing)? the $",
    re.IGNORECASE,
)
"""Ahead of the book in "every trick in the book"."""
_ATTRIBUTE = re.compile(
    r"[ -](?:geeks?|nerds?|aficionados?|buffs?|stores?|shops?|bold|parod\w+|styl\w+|colou?rs?|conventions?)\b",
    re.IGNORECASE,
)


def _is_any(before: str, form: str) -> bool:
    """Whether no certain work is meant: "based on books", "like a comic book"; but "based on a hit play"."""
    if _SAYING.search(before):
        return True
    if form.endswith("s") and not form.endswith("series"):
        return not _SOME_CERTAIN.search(before)
    any_ = _ANY.search(before)
    return any_ is not None and not _MADE_FROM.search(any_["before"])


def source_of(draft: Draft, film: Film, form: str) -> str:
    """The id of the work a film was made from: the catalogue's, of that form or that title if it has several, else
    for the reviewed film the one that the review names, else one of the film's title."""
    works = draft.names.works_behind(film.id)
    medium, key = medium_of(form), title_key(film.name)

    def fitness(work: Work) -> tuple[bool, bool]:
        return medium_of(work.form) == medium, title_key(work.name) == key

    if works:
        return max(works, key=fitness).id
    titled = draft.names.work_titled(film.name, _FORMS.get(form.split()[0], form))
    named = _named_source(draft, titled is None) if film is draft.film else None
    return named or draft.work(film.name, _FORMS.get(form.split()[0], form))


_PRINTED = (
    "novel",
    "book",
    "stage",
    "play",
    "short",
    "story",
    "graphic",
    "comic",
    "manga",
    "memoir",
    "bio",
    "auto",
)
_MADE_INTO_FILM = re.compile(
    r"\b(?:based|adapt\w*|from (?:the|an?|his|her)\b|on which|screenplay|script|source)\b", re.IGNORECASE
)


def _named_source(draft: Draft, guess: bool) -> str | None:
    """The work that a review calls a novel, a play … in a sentence that speaks of adaptation; or, for a guess, the
    only one that it calls so."""
    named = [link for link in draft.links if link.how != "source" and _is_printed(draft, link)]
    for link in named:
        start, end = draft.context.scan.sentences[draft.context.scan.sentence(link.mention.start)]
        if _MADE_INTO_FILM.search(draft.text, start, end):
            return link.entity
    return named[0].entity if guess and len({link.entity for link in named}) == 1 else None


def _is_printed(draft: Draft, link: Link) -> bool:
    if not (link.entity or "").startswith("work:"):
        return False
    form = source_named(draft.text, link.mention.start, link.mention.end)
    return form is not None and form.startswith(_PRINTED)


# ── authors ─────────────────────────────────────────────────────────────────────────────────


def _people(draft: Draft) -> dict[int, str]:
    """The people of a review by where their name ends; "Lovecraftian" is not one's name."""
    links = ((link.mention.end, link.entity or "") for link in draft.links if link.how != "epithet")
    return {end: id for end, id in links if id.startswith("person:")}


_POSSESSED = re.compile(r"(?:'s?|s')(?: [\w-]+){0,2} $")


def _work_by_author_before(draft: Draft, start: int, people: dict[int, str]) -> str | None:
    """ "Bradbury's novel": that author's only work, or the one whose film the review names; "" when there are
    several, None when no author of works the catalogue knows stands there."""
    before = _POSSESSED.search(draft.text[max(0, start - 30) : start])
    if before is None:
        return None
    author = draft.entity(people.get(start - (before.end() - before.start())) or "")
    works = draft.names.works_by(author.name) if author else []
    if not works:
        return None
    named = {link.entity for link in draft.links} | {draft.film.id if draft.film else None}
    told = [work for work in works if named.intersection(work.adapted)]
    return told[0].id if told else works[0].id if len(works) == 1 else ""


_STORY = re.compile(
    r" (?:(?:original|short|classic) )?(?P<word>story|stories|tale|tales|novel|book|play|adaptation)\b",
    re.IGNORECASE,
)
_POSSESSED_NEXT = re.compile(r"['’]s?\b|['’] ")
_ADAPTATION = Phrase(r"adapt(?:at)?ions? of ", "adaptation adaption")
_AND_THEN = re.compile(r"(?:the )?(?:[\w'-]+ ){0,2}")


def _add_by_author(draft: Draft, people: dict[int, str]) -> None:
    """ "A Ray Bradbury story", "an adaptation of Jules Verne": the reviewed film's source, by who wrote it."""
    assert draft.film is not None
    for end, person in people.items():
        story = _STORY.match(draft.text, end)
        if story and draft.free(*story.span("word")) and _is_author(draft, person):
            draft.add(*story.span("word"), source_of(draft, draft.film, story["word"].lower()), 0.5, "source")
    authors = sorted(
        link.mention.start
        for link in draft.links
        if link.mention.end in people and not _POSSESSED_NEXT.match(draft.text, link.mention.end)
    )
    for match in _ADAPTATION.found_in(draft.text, draft.context.scan.words) if authors else ():
        start, end = match.start(), match.end() - len(" of ")
        author = next((place for place in authors if place >= match.end()), len(draft.text))
        if _AND_THEN.fullmatch(draft.text, match.end(), author) and draft.free(start, end):
            draft.add(start, end, source_of(draft, draft.film, "novel"), 0.5, "source")


def _is_author(draft: Draft, person: str) -> bool:
    """Whether somebody wrote works that the catalogue knows, or has a part in the reviewed film's writing."""
    entity = draft.entity(person)
    credits = draft.film.credits if draft.film else ()
    writes = any(credit.person == person and credit.role == "writer" for credit in credits)
    return writes or (entity is not None and bool(draft.names.works_by(entity.name)))


_ITSELF = Phrase(r"adapt(?:at)?ion\b(?! (?:of|by|from)\b)", "adaptation adaption")
_THIS_ONE = re.compile(
    r"\b(?:this|the|an|film|movie|screen|big-screen|cinematic|faithful|unfaithful|loose|straight|worthy) $",
    re.IGNORECASE,
)


def _add_adaptations(draft: Draft) -> None:
    """ "As an adaptation", "this film adaptation": the reviewed film's source (said so of 68 films in 69)."""
    assert draft.film is not None
    for match in _ITSELF.found_in(draft.text, draft.context.scan.words):
        told = _THIS_ONE.search(draft.text, max(0, match.start() - 12), match.start())
        if told and draft.free(*match.span()):
            draft.add(*match.span(), source_of(draft, draft.film, "novel"), 0.5, "source")


# ── shows ───────────────────────────────────────────────────────────────────────────────────

_SHOW = re.compile(
    r"\b(?:the|this)(?: original| old| classic| tv| television)* (?:series|show|sitcom|cartoon)\b", re.I
)


def _add_shows(draft: Draft) -> None:
    """ "The show", "the original series": the television series of the reviewed film's title, if there is one."""
    assert draft.film is not None
    shows = [*draft.names.works_behind(draft.film.id), draft.names.work_titled(draft.film.name, "tv series")]
    show = next((work for work in shows if work and medium_of(work.form) == "tv"), None)
    if show is not None:
        for match in _SHOW.finditer(draft.text):
            if draft.free(*match.span()):
                draft.add(*match.span(), show.id, 0.5, "source")
