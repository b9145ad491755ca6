"""The names of a catalogue's entities, ready to be looked up in a text by key (see `forms`).

How often a key stands in reviews quoted, capitalised or in lower case, and how well known each film is, was counted
once over many unlabelled reviews (see `counts`).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from rapidfuzz import fuzz, process

from filmgraph.catalog import Catalog
from filmgraph.counts import UNSEEN, Statistics, Use, load_statistics
from filmgraph.facts import NOBODY, Facts, Namesakes, make_facts, medium_of
from filmgraph.forms import Form, numbered_parts, person_keys, skeleton, surface_forms
from filmgraph.model import (
    EntityKind,
    Film,
    Person,
    Work,
    provisional_id,
)
from filmgraph.settings import data_dir
from filmgraph.text import Remembered, title_key

__all__ = ["NO_TITLES", "Names"]

MAX_CANDIDATES = 16
LEAST_DIRECTED = 3
LEAST_FAME = 30.0
LEAST_SPELT = 6
LEAST_COINED = 4
COMMON = 3
LEAST_GLUED = 8
LEAST_SKELETON = 4
LEAST_LIKENESS = 84.0
LONG = 14
LEAST_RENOWN = 1.5
"""What a misspelt title must have, unless it is `LONG` or of several words."""
LEAST_COMPARED = 10
LEAST_NEARNESS = 85.0
WELL_KNOWN = 2.5


# ── the index ───────────────────────────────────────────────────────────────────────────────

NO_TITLES = frozenset(
    """
    i the a an in on of and if what when after it he she we they you this that here there then now why
    who how so not no yes first second one two three 1 2 3 4 5 6 7 8 9 10 spoilers spoiler movie film
    films movies director december november october september august july june april march february
    january monday tuesday wednesday thursday friday saturday sunday american british english french
    german but or all his her my its as at by for from with to into is are was were be do does did has
    have had their our your me him us them these those
    """.split()
)
"""Words that are too common for a title's short form or a series' name to be read in them."""


_PART = re.compile(r"(?:part|chapter|episode|vol) (?:\d|one|two|three|four|five|six)")
"""A part of whatever series is spoken of, not of that whose title ends so."""


class Names:
    """Names of a catalogue's films, works, people, franchises, looked up by key.

    `titles` gives for a key its candidates, best form first, then best known; `title_words` in how many keys a word
    stands; `coined` are titles of one word that is
    hardly one of the language; `people` the best-known bearer of a full name; `surnames` the best-known director of a
    surname; `short_names` those whom a surname alone means; `strangers` are people whom the catalogue lacks. Building
    takes time linear in the names.
    """

    def __init__(self, catalog: Catalog, statistics: Statistics | None = None) -> None:
        self.catalog = catalog
        self.statistics = load_statistics() if statistics is None else statistics
        self._facts: dict[str, Facts] = {}
        self._namesakes: dict[str, Namesakes] = {}
        self.titles = self._titles()
        self.glued = {
            key.replace(" ", ""): key for key in self.titles if " " in key and len(key) >= LEAST_GLUED
        }
        self.title_prefixes = _prefixes(self.titles)
        self.title_starts = _first_pairs(self.titles)
        self.title_words = Counter(word for key in self.titles for word in set(key.split(" ")))
        self.coined = {key for key in self.titles if self._is_coined(key)}
        self._spellings = self._skeletons()
        self._spelt = Remembered(self._spelling)
        self._renowned = [
            key for key in self.titles if len(key) >= LEAST_COMPARED and self._is_well_known(key)
        ]
        self.first_names: set[str] = set()
        self._surname_fame: dict[str, float] = {}
        self._surname_share: dict[str, float] = {}
        self.people, self.surnames = self._people()
        self.franchises = self._franchises()
        self._by_author: dict[str, list[Work]] = {}
        self._by_film: dict[str, list[Work]] = {}
        for work in catalog.works:
            self._by_author.setdefault(title_key(work.author), []).append(work)
            for film in work.adapted:
                self._by_film.setdefault(film, []).append(work)
        self.franchise_starts = _starts(self.franchises)
        self.strangers: dict[str, Person] = {}
        self.short_names = self._short_names()
        self.people_starts = _starts(self.people)
        self.short_starts = frozenset(key.partition(" ")[0] for key in self.short_names if " " in key)

    def facts(self, id: str) -> Facts:
        """What linking asks of a film or work; raises KeyError when the catalogue lacks it."""
        found = self._facts.get(id)
        if found is None:
            entity = self.catalog.get(id)
            if not isinstance(entity, Film | Work):
                raise KeyError(id)
            found = self._facts[id] = make_facts(entity, self.renown(entity))
        return found

    def facts_of(self, film: Film) -> Facts:
        """What linking asks of a film that the catalogue may lack."""
        known = self.catalog.get(film.id) is film
        return self.facts(film.id) if known else make_facts(film, self.renown(film))

    def namesakes(self, key: str) -> Namesakes:
        """The candidates of a title key."""
        if key not in self.titles:
            return NOBODY
        found = self._namesakes.get(key)
        if found is None:
            facts = [(self.facts(id), form) for id, form in self.titles[key]]
            titled = [fact.year for fact, form in facts if fact.year and form < Form.SHORT]
            found = self._namesakes[key] = Namesakes(
                facts=facts,
                best=max((fact.renown for fact, _ in facts if fact.id.startswith("film:")), default=0.0),
                earliest=min(titled or [fact.year for fact, _ in facts if fact.year], default=0),
                films=sum(not fact.medium for fact, _ in facts),
                works=any(fact.medium for fact, _ in facts),
            )
        return found

    def renown(self, entity: Film | Work) -> float:
        """How well known it is, 0 and up, about 9 for the best known."""
        if isinstance(entity, Work):
            return 3.0
        counted = self.statistics.renown.get(entity.id.partition(":")[2], 0.0)
        return max(counted, entity.renown / 2) + 0.1 * math.log1p(len(entity.credits))

    def use(self, key: str) -> Use:
        """How a key stands in reviews."""
        return self.statistics.uses.get(key, UNSEEN)

    def _is_common(self, key: str) -> bool:
        """Whether a word is so much one of the language that no title is shortened to it: "beyond"."""
        use = self.use(key)
        return use.lower > COMMON * (use.marked + use.capital) and " " not in key

    def _is_coined(self, key: str) -> bool:
        """Whether a title of one word is seldom seen in lower case: "superbad", "nosferatu"."""
        use = self.use(key)
        seen = use.marked + use.capital
        return (
            " " not in key
            and len(key) >= LEAST_COINED <= seen
            and use.lower * 4 <= seen
            and not key.isdigit()
        )

    def films_titled(self, name: str) -> list[Film]:
        """The films that have exactly this title or alias, best known first."""
        found = (
            self.catalog.get(id) for id, form in self.titles.get(title_key(name), ()) if form < Form.SHORT
        )
        return [film for film in found if isinstance(film, Film)]

    def version(
        self,
        title: str,
        *,
        after: int | None = None,
        before: int | None = None,
        years: Collection[int] = (),
        series: Collection[str] = (),
        other_than: str = "",
    ) -> Film | None:
        """Which of the films of a title is meant, made in the years between `after` and `before`, both left out.

        One of the `years` that are named, else one of the `series` (ids), else the best known, else the earliest.

        >>> films = [Film(f"film:{year}", "Ben-Hur", year) for year in (1907, 1925, 1959)]
        >>> names = Names(Catalog(films), Statistics({}, {"1959": 5.0}))
        >>> [names.version("Ben-Hur", before=year).year for year in (2016, 1959)]
        [1959, 1907]
        """
        low, high = after or 0, before or 9999
        found = [
            film
            for film in self.films_titled(title)
            if film.year and low < film.year < high and film.id != other_than
        ]

        def fitness(film: Film) -> tuple[bool, bool, float, int, str]:
            akin = not frozenset(series).isdisjoint((film.id, *film.franchises))
            return film.year in years, akin, self.renown(film), -(film.year or 0), film.id

        return max(found, key=fitness, default=None)

    def spelt_like(self, key: str) -> str | None:
        """The film or work whose title key is but misspelt in `key`, the best known of them.

        >>> names = Names(Catalog([Film("film:tt0119217", "Good Will Hunting", 1997, renown=9.0)]), Statistics({}, {}))
        >>> names.spelt_like("goodwill huntting"), names.spelt_like("hunting season")
        ('film:tt0119217', None)
        """
        other = self.spelling(key)
        return self.titles[other][0][0] if other else None

    def spelling(self, key: str) -> str | None:
        """The title key that is but misspelt in `key`; of several that of the best known film or work."""
        return self._spelt[key]

    def _spelling(self, key: str) -> str | None:
        bones = skeleton(key)
        if len(bones) < LEAST_SKELETON:
            return None
        tried = [bones, *[bones[:n] + bones[n + 1 :] for n in range(1, len(bones))]]
        for other in filter(None, map(self._spellings.get, tried)):
            if fuzz.ratio(key, other) >= LEAST_LIKENESS:
                return other
        return None

    def nearest(self, key: str) -> str | None:
        """The film or work of a title of several words that is well known and nearly `key`, whatever differs.

        Unlike `spelt_like` it compares with each of them, which takes a millisecond.

        >>> films = [Film("film:tt0109831", "Four Weddings and a Funeral", 1994, renown=9.0)]
        >>> Names(Catalog(films), Statistics({}, {})).nearest("two weddings and funeral")
        'film:tt0109831'
        """
        if len(key) < LEAST_COMPARED:
            return None
        found = process.extractOne(key, self._renowned, scorer=fuzz.ratio, score_cutoff=LEAST_NEARNESS)
        if found is None or _digits(found[0]) != _digits(key):
            return None
        return self.titles[found[0]][0][0]

    def _skeletons(self) -> dict[str, str]:
        """What titles are without what is often misspelt → the best known; little known ones of several words too."""
        found: dict[str, tuple[float, str]] = {}
        for key, candidates in self.titles.items():
            id, form = candidates[0]
            if form < Form.SHORT and len(key) >= LEAST_SPELT:
                entity = self.catalog.get(id)
                assert isinstance(entity, Film | Work)
                bones, renown = skeleton(key), self.renown(entity)
                least = -1.0 if key.count(" ") >= 2 or len(key) >= LONG else LEAST_RENOWN
                if len(bones) >= LEAST_SKELETON and renown > max(least, found.get(bones, (-1.0, ""))[0]):
                    found[bones] = renown, key
        return {bones: key for bones, (_, key) in found.items()}

    def _is_well_known(self, key: str) -> bool:
        id, form = self.titles[key][0]
        entity = self.catalog.get(id)
        return form < Form.SHORT and isinstance(entity, Film) and self.renown(entity) >= WELL_KNOWN

    def work_titled(self, name: str, form: str = "") -> Work | None:
        """The work of that title, of the medium of the form asked for when there are several."""
        found = (
            self.catalog.get(id) for id, kind in self.titles.get(title_key(name), ()) if kind < Form.SHORT
        )
        works = [work for work in found if isinstance(work, Work)]
        medium = medium_of(form) if form else ""
        return next((work for work in works if medium_of(work.form) == medium), works[0] if works else None)

    def works_by(self, author: str) -> list[Work]:
        """The works of an author by full name, in the catalogue's order."""
        return self._by_author.get(title_key(author), [])

    def works_behind(self, film: str) -> list[Work]:
        """The works that a film (by id) was made from, in the catalogue's order."""
        return self._by_film.get(film, [])

    def _titles(self) -> dict[str, tuple[tuple[str, Form], ...]]:
        forms: dict[str, dict[str, Form]] = {}
        titled: tuple[Film | Work, ...] = (*self.catalog.films, *self.catalog.works)
        for entity in titled:
            for surface, form in _all_forms(entity):
                key = title_key(surface)
                if _is_name(key, form) and not (form is Form.SHORT and self._is_common(key)):
                    of_key = forms.setdefault(key, {})
                    if form < of_key.get(entity.id, 9):
                        of_key[entity.id] = form
        _share_glued(forms)
        for key, id in numbered_parts(self.catalog.films):
            forms.setdefault(key, {id: Form.ALIAS})
        return {key: self._ranked(self._without_twins(found)) for key, found in forms.items()}

    def _without_twins(self, found: dict[str, Form]) -> dict[str, Form]:
        """Candidates without the films that a catalogue of many sources has a second time, without an IMDb id: the one
        with an id stands for both."""
        if len(found) == 1 or all(id.startswith(("film:tt", "work:")) for id in found):
            return found
        films = [(film, form) for id, form in found.items() if isinstance(film := self.catalog.get(id), Film)]
        known = [(film, form) for film, form in films if film.id.startswith("film:tt")]
        kept = dict(found)
        for film, form in films:
            if film.id.startswith("film:tt") or form is Form.SHORT:
                continue
            for other, whole in known:
                if _are_twins(film, other, sure=whole < Form.SHORT):
                    kept.pop(film.id, None)
                    kept[other.id] = min(kept[other.id], Form.ALIAS)
        return kept

    def _ranked(self, found: dict[str, Form]) -> tuple[tuple[str, Form], ...]:
        if len(found) == 1:
            return tuple(found.items())

        def rank(item: tuple[str, Form]) -> tuple[float, str]:
            entity = self.catalog.get(item[0])
            assert isinstance(entity, Film | Work)
            return item[1] * 1.5 - self.renown(entity), item[0]

        return tuple(sorted(found.items(), key=rank)[:MAX_CANDIDATES])

    def _people(self) -> tuple[dict[str, str], dict[str, str]]:
        """Full name → best-known bearer; surname → the best-known director of that surname."""
        fame: dict[str, float] = {}
        directed: dict[str, int] = {}
        for film in self.catalog.films:
            renown = self.renown(film)
            for credit in film.credits:
                is_director = credit.role == "director"
                fame[credit.person] = fame.get(credit.person, 0.0) + renown * (3 if is_director else 1)
                if is_director:
                    directed[credit.person] = directed.get(credit.person, 0) + 1
        people: dict[str, str] = {}
        surnames: dict[str, str] = {}
        totals: dict[str, float] = {}
        for person in sorted(self.catalog.people, key=lambda p: (-fame.get(p.id, 0.0), p.id)):
            for key in person_keys(person):
                people.setdefault(key, person.id)
            words = title_key(person.name).split()
            if len(words) < 2:
                continue
            own = fame.get(person.id, 0.0)
            self.first_names.add(words[0])
            totals[words[-1]] = totals.get(words[-1], 0.0) + own
            if directed.get(person.id, 0) >= LEAST_DIRECTED and words[-1] not in surnames:
                surnames[words[-1]] = person.id
                self._surname_fame[words[-1]] = own
        self._surname_share = {name: self._surname_fame[name] / max(1.0, totals[name]) for name in surnames}
        return people, surnames

    def _short_names(self) -> dict[str, str]:
        """Names of one word (or joint ones) that everybody takes for one person.

        They are those of `data/people.tsv` and the surnames that nearly all credits of the name belong to; authors of
        works and people whom the catalogue lacks become provisional.
        """
        known: dict[str, str] = {key: id for key, id in self.surnames.items() if self._unmistakable(key)}
        for work in self.catalog.works:
            if len(work.author.split()) > 1:
                self._stranger(work.author)
        for line in (data_dir() / "people.tsv").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                word, name = line.split("\t")
                known[title_key(word)] = self._stranger(name)
        return known

    def _unmistakable(self, surname: str) -> bool:
        use = self.use(surname)
        return (
            use.capital >= 10
            and use.lower * 10 <= use.capital
            and surname not in self.first_names
            and self._surname_share[surname] >= 0.75
            and self._surname_fame[surname] >= LEAST_FAME
        )

    def _stranger(self, name: str) -> str:
        """The id of a person by full name, provisional where the catalogue lacks them."""
        key = title_key(name)
        if key not in self.people:
            person = Person(provisional_id(EntityKind.PERSON, name), name)
            self.strangers[person.id] = person
            for own in person_keys(person):
                self.people.setdefault(own, person.id)
            self.people.setdefault(key, person.id)
        return self.people[key]

    def _franchises(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for franchise in self.catalog.franchises:
            for name in (franchise.name, *franchise.aliases):
                found.setdefault(title_key(name), franchise.id)
        return found


def _digits(key: str) -> list[str]:
    return [word for word in key.split() if word.isdigit()]


def _is_name(key: str, form: Form) -> bool:
    if not key or _PART.fullmatch(key):
        return False
    return key not in NO_TITLES or (form is Form.TITLE and len(key) > 3 and " " in key)


def _are_twins(one: Film, other: Film, *, sure: bool) -> bool:
    """Whether two films of about the same year share people; if `sure` of the title, where these are unknown too."""
    if one.year is None or other.year is None or abs(one.year - other.year) > 1:
        return False
    people, others = ({title_key(credit.name) for credit in film.credits} for film in (one, other))
    return not people.isdisjoint(others) or (sure and not (people and others))


def _all_forms(entity: Film | Work) -> Iterator[tuple[str, Form]]:
    yield from surface_forms(entity.name)
    others = list(entity.aliases)
    if isinstance(entity, Film) and entity.original_name:
        others.append(entity.original_name)
    for other in others:
        for surface, form in surface_forms(other):
            yield surface, max(form, Form.ALIAS)


def _share_glued(forms: dict[str, dict[str, Form]]) -> None:
    """Let keys that differ by spaces alone share what bears them: Goldeneye and The Golden Eye."""
    for key in [key for key in forms if " " in key and len(key) >= LEAST_GLUED]:
        glued = forms.get(key.replace(" ", ""))
        if glued is not None:
            spaced = forms[key]
            for own, others in ((spaced, dict(glued)), (glued, dict(spaced))):
                for id, form in others.items():
                    own.setdefault(id, max(form, Form.ALIAS))


def _starts(keys: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """First word of a key → the lengths in words of the keys that begin so, longest first."""
    lengths: dict[str, set[int]] = {}
    for key in keys:
        first, _, rest = key.partition(" ")
        lengths.setdefault(first, set()).add(1 + (rest.count(" ") + 1 if rest else 0))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def _first_pairs(keys: Iterable[str]) -> frozenset[str]:
    """The first two words of the keys that have as many, and both as a possessive where there is no third."""
    found: set[str] = set()
    for key in keys:
        words = key.split(" ", 2)
        if len(words) > 1:
            found.add(f"{words[0]} {words[1]}")
        if len(words) == 2:
            found.add(f"{key}s")
    return frozenset(found)


def _prefixes(keys: Iterable[str]) -> frozenset[str]:
    """What the keys of more than one word begin with, cut at words: "star", "star trek" of "star trek beyond"."""
    found: set[str] = set()
    for key in keys:
        head, gap, _ = key.rpartition(" ")
        while gap and head not in found:
            found.add(head)
            head, gap, _ = head.rpartition(" ")
    return frozenset(found)
