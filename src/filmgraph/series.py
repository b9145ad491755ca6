"""Series of films in a review: named ("the Bond films"), and the reviewed film's own, by its name in other words
("a Home Alone movie", "all three critters movies") or by none ("the franchise").

What series the reviewed film is of is worked out from the catalogue's franchises and from its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from filmgraph.drafts import Draft
from filmgraph.forms import Form, series_key, series_title
from filmgraph.model import EntityKind, Film, Franchise, provisional_id
from filmgraph.names import NO_TITLES
from filmgraph.text import title_key

__all__ = [
    "ALWAYS_SERIES", "SERIES_WORDS", "add_franchises", "add_own_series", "add_sagas", "own_series", "series_of",
]  # fmt: skip

SERIES_WORDS = re.compile(
    r"[\"'_*]{0,2}(?:'s)? (?:\w+ )?(?P<word>series|franchise|saga|films|movies|trilogy|universe|flicks|cycle|canon|"
    r"pictures|sequels|installments|instalments|entries|quadrilogy|mythos)\b",
    re.IGNORECASE,
)
ALWAYS_SERIES = frozenset(
    ["series", "franchise", "saga", "universe", "mythos", "trilogy", "quadrilogy", "canon"]
)


def series_of(draft: Draft, film: str, key: str) -> str:
    """The franchise that a film's title with series words means."""
    known = draft.names.franchises.get(key)
    if known:
        return known
    entity = draft.entity(film)
    if isinstance(entity, Film) and entity.franchises:
        return entity.franchises[0]
    first = _first_of(draft, key, film)
    return _begun_by(draft, first, draft.name_of(first))


def _begun_by(draft: Draft, first: str, name: str) -> str:
    series = series_title(name)
    return draft.keep(Franchise(provisional_id(EntityKind.FRANCHISE, series), series, origin=first))


def _first_of(draft: Draft, key: str, film: str) -> str:
    """The film a series is named after: of those with just that title the best known."""
    titled = _titled(draft, key, Form.SHORT)
    if film in titled or not titled:
        base = series_key(draft.name_of(film))
        bare = _titled(draft, base, Form.ALIAS)
        return film if base == key or not bare else bare[0]
    return titled[0]


def _titled(draft: Draft, key: str, below: Form) -> list[str]:
    """The films with this name key in a better form, best known first."""
    return [id for id, form in draft.names.titles.get(key, ()) if form < below and id.startswith("film:")]


# ── series by name ──────────────────────────────────────────────────────────────────────────


def add_franchises(draft: Draft) -> None:
    """Franchises by a name of their own that is no film's title ("the Bond films", "a 007 adventure")."""
    words, known = draft.context.scan.words, draft.names.franchise_starts
    for number in words.proper:
        key = words.keys[number]
        for length in known.get(key) or (key[-1] == "s" and known.get(key[:-1])) or ():
            if _add_franchise(draft, number, length):
                break


def _add_franchise(draft: Draft, number: int, length: int) -> bool:
    words, text = draft.context.scan.words, draft.text
    last = number + length - 1
    if last >= len(words.keys):
        return False
    start, end, key = words.starts[number], words.ends[last], " ".join(words.keys[number : last + 1])
    if key not in draft.names.franchises and text[end - 2 : end] == "'s":
        key, end = key[:-1], end - 2
    id = draft.names.franchises.get(key)
    if id is None or not draft.free(start, end):
        return False
    means_else = key in draft.names.titles or key in NO_TITLES or _is_first_name(draft, number, length)
    spoken_of = _series_words_around(text, start, end)
    if means_else and not spoken_of:
        return False
    if not spoken_of and draft.context.scan.marked(start, end)[0] is not None:
        draft.add(start, end, _first_film(draft, id, key), 0.6, "name")
    else:
        draft.add(start, end, id, 0.6, "series")
    return True


def _first_film(draft: Draft, franchise: str, key: str) -> str:
    """The film that a series' name means where it is set apart as a title: the first one; else the series itself."""
    known = draft.entity(franchise)
    origin = draft.entity(known.origin) if isinstance(known, Franchise) and known.origin else None
    titled = isinstance(origin, Film) and f"{title_key(origin.name)} ".startswith(f"{key} ")
    return origin.id if origin is not None and titled else franchise


def _is_first_name(draft: Draft, number: int, length: int) -> bool:
    """Whether a single word is somebody's first name, with another name after it: "Jason Statham"."""
    words, text = draft.context.scan.words, draft.text
    if length > 1 or number + 1 >= len(words.keys) or words.keys[number] not in draft.names.first_names:
        return False
    return (
        text[words.ends[number] : words.starts[number + 1]] == " "
        and text[words.starts[number + 1]].isupper()
    )


def _series_words_around(text: str, start: int, end: int) -> bool:
    one = _ONE_FOLLOWS.match(text, end) is not None and _is_one_of_many(text, start)
    return one or SERIES_WORDS.match(text, end) is not None


# ── the reviewed film's own series ──────────────────────────────────────────────────────────


def own_series(draft: Draft) -> str | None:
    """The id of the series that the reviewed film belongs to; None when it stands alone as far as is known."""
    film = draft.film
    if film is None:
        return None
    base, key = series_key(film.name), title_key(film.name)
    known = film.franchises[0] if film.franchises else draft.names.franchises.get(base) or _begins(draft, key)
    if known:
        return known
    bare = _titled(draft, base, Form.ALIAS) if base != key else _begins_like(draft, film)
    if bare:
        return _begun_by(draft, bare[0], draft.name_of(bare[0]))
    if _NUMBER.match(key, len(base)):
        return _begun_by(draft, film.id, _beginning(film.name, base))
    if _numbered(draft, f"{base} 2"):
        return _begun_by(draft, film.id, film.name)
    return None


def _numbered(draft: Draft, key: str) -> bool:
    """Whether some film bears a series' name and a number, whatever else its title has."""
    return any(id.startswith("film:") for id, _ in draft.names.titles.get(key, ()))


_NUMBER = re.compile(r" (?:2\b|part \d|[13-9] \w)")
_LEAST_NAME = 6


def _begins(draft: Draft, key: str) -> str | None:
    """The franchise with whose name a title begins: The Amityville Curse. A common word alone says nothing."""
    words = key.split()
    for length in range(len(words) - 1, 0, -1):
        name = " ".join(words[:length])
        if name in draft.names.franchises and (length > 1 or _is_rare(draft, name)):
            return draft.names.franchises[name]
    return None


def _is_rare(draft: Draft, word: str) -> bool:
    use = draft.names.use(word)
    return len(word) >= _LEAST_NAME and word not in NO_TITLES and 3 * use.lower <= use.capital + use.marked


def _beginning(title: str, base: str) -> str:
    """The words of a title that its series shares, as they are written.

    >>> _beginning("Guinea Pig 2: Flower of Flesh and Blood", "guinea pig")
    'Guinea Pig'
    """
    words = title.split()
    for length in range(1, len(words) + 1):
        beginning = " ".join(words[:length]).rstrip(":,-")
        if title_key(beginning) == base:
            return beginning
    return title


def _begins_like(draft: Draft, film: Film) -> list[str]:
    """Earlier films with whose whole title this one's begins, and with a maker in common: Porky's, Porky's Revenge."""
    words = title_key(film.name).split()
    makers = {credit.person for credit in film.credits}
    for length in range(len(words) - 1, 0, -1):
        found = []
        for id in _titled(draft, " ".join(words[:length]), Form.ALIAS):
            other = draft.entity(id)
            earlier = isinstance(other, Film) and (other.year or 9999) < (film.year or 0)
            if isinstance(other, Film) and earlier and any(c.person in makers for c in other.credits):
                found.append(id)
        if found:
            return found
    return []


_ONE = frozenset(
    "movie film flick picture entry installment instalment chapter adventure outing feature".split()
)
_ONE_FOLLOWS = re.compile(rf"[\"'_*]{{0,2}} (?:{'|'.join(sorted(_ONE))})\b", re.IGNORECASE)
_MANY = frozenset(["films", "movies", "flicks", "pictures", "entries", "installments", "instalments"])
_ONE_OF_MANY = re.compile(
    r"\b(?:a|an|another|any|every|each|other|no|one|last|latest|final|only|(?:[2-9]|1\d)(?:nd|rd|th)|second|third|fourth|"
    r"fifth|sixth|seventh|eighth|ninth|tenth|favou?rite|most|[a-z]{2,}est|best|worst|better)"
    r"(?:,? (?:and )?(?!(?:the|this|that|its|his|of|in|to|for|and|than)\b)[\w'-]+){0,3}[\"'_* ]+$",
    re.IGNORECASE,
)
"""What may stand before "Bond movie" when one of the series is meant; "the Omen movie" is The Omen."""
_LEAST_IN_LOWER_CASE = 4


def add_own_series(draft: Draft) -> None:
    """Find out the reviewed film's series, and link its name where one or all of its films are spoken of, in capitals
    or not.
    """
    draft.series = series = own_series(draft)
    if series is None:
        return
    words = draft.context.scan.words
    for number, length in _told(draft, _own_names(draft, series)):
        start, end = words.starts[number], words.ends[number + length - 1]
        if draft.text[end - 2 : end] == "'s":
            end -= 2
        if draft.free(start, end):
            draft.add(start, end, series, 0.7, "series")


def _own_names(draft: Draft, series: str) -> list[list[str]]:
    """The words of each name of a series, the longest first."""
    assert draft.film is not None
    known = draft.entity(series)
    aliases = known.aliases if isinstance(known, Franchise) else ()
    keys = {title_key(name) for name in (draft.name_of(series), *aliases)}
    if len(series_key(draft.film.name)) > 1:
        keys.add(series_key(draft.film.name))
    return sorted((key.split() for key in keys if key), key=lambda words: (-len(words), words))


def _told(draft: Draft, names: list[list[str]]) -> Iterator[tuple[int, int]]:
    """Where a name stands with series words: the number of its first word and how many words it has."""
    words = draft.context.scan.words
    firsts = {first for name in names for first in _first_words(name)}
    for number in words.of(firsts):
        for name in names:
            following = number + len(name)
            if (
                following < len(words.keys)
                and _same_words(words.keys[number:following], name)
                and _speaks_of_series(draft, number, following)
            ):
                yield number, len(name)
                break


def _first_words(name: list[str]) -> tuple[str, ...]:
    """How the first of the words may be written that are the same as a name's."""
    bare = name[0].removesuffix("s")
    return (name[0],) if len(name) > 1 else (bare, f"{bare}s")


def _same_words(found: list[str], name: list[str]) -> bool:
    """Whether words are a name's, but for an s at its end ("Porky's Revenge", "any more Porky movies")."""
    return found[:-1] == name[:-1] and found[-1].removesuffix("s") == name[-1].removesuffix("s")


def _speaks_of_series(draft: Draft, number: int, following: int) -> bool:
    words, text = draft.context.scan.words, draft.text
    start, end = words.starts[number], words.ends[following - 1]
    if text[start].islower() and following == number + 1 and len(words.keys[number]) < _LEAST_IN_LOWER_CASE:
        return False
    if text[end : words.starts[following]].strip("\"'_* ") != "":
        return False
    noun = words.keys[following]
    if noun in ALWAYS_SERIES or noun in _MANY:
        return True
    return noun in _ONE and _is_one_of_many(text, start)


def _is_one_of_many(text: str, start: int) -> bool:
    """Whether what stands before a name says that one of several is meant: "the best Bond movie"."""
    return _ONE_OF_MANY.search(text, max(0, start - 60), start) is not None


_SAGAS = ("series", "franchise", "saga", "trilogy", "quadrilogy", "tetralogy")
_SAGA_KEYS = frozenset([*_SAGAS, *(f"{noun}s" for noun in _SAGAS)])
_SAGA = re.compile(
    r"\b(?:the|this|that|its|whose|entire|whole|overall|existing)(?: [\w'-]+){0,2}? [\"'_*]{0,2}"
    rf"(?P<word>{'|'.join(_SAGAS)})\b(?! of\b)",
    re.IGNORECASE,
)
_OTHER_SERIES = re.compile(
    r" (?:tv|television|cartoon|anime|animated|book|books|novel|novels|comic|game|video|radio|web|of|in|on|to|for) ",
    re.IGNORECASE,
)


def add_sagas(draft: Draft) -> None:
    """ "The franchise", "this series": the reviewed film's own, unless another is named just before."""
    series, words = draft.series, draft.context.scan.words
    for match in _SAGA.finditer(draft.text) if series and words.of(_SAGA_KEYS) else ():
        start, end = match.span("word")
        if series and draft.free(match.start(), end) and not _OTHER_SERIES.search(match[0]):
            draft.add(start, end, series, 0.5, "saga")
