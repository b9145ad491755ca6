"""Public catalogues: the files that say which films, people, works and franchises there are.

Three formats are read, each recognised by its file names:

- the IMDb datasets (`title.basics.tsv`, `title.akas.tsv`, `title.principals.tsv`, `title.ratings.tsv`,
  `name.basics.tsv`; plain or gzipped; see https://developer.imdb.com/non-commercial-datasets/),
- the seed's extra tables `franchises.tsv`, `influences.tsv` and `works.tsv`,
- MovieLens' `movies.csv` with the `links.csv` beside it.

A directory is read as a whole: its own files, those of a `catalog` directory in it, and, for a directory that
is itself called `catalog`, the extra tables beside that. All columns are found by the name in the header.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from filmgraph.errors import CatalogError
from filmgraph.model import (
    Credit,
    Entity,
    EntityKind,
    Film,
    FilmFormat,
    Franchise,
    Influence,
    Person,
    Work,
    catalogued_id,
)

__all__ = ["Catalog", "enriched", "load_catalog", "plain_title", "read_catalog"]

EntityType = TypeVar("EntityType", Film, Work, Person, Franchise, Influence)


class Catalog:
    """Entities in memory, by id and by kind. Of two with one id the last given counts; order is by id.

    >>> catalog = Catalog([Film("film:tt0133093", "The Matrix", 1999)])
    >>> len(catalog), catalog.get("film:tt0133093").name, catalog.get("film:tt0000000")
    (1, 'The Matrix', None)
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        found = {entity.id: entity for entity in entities}
        self._entities = {id: found[id] for id in sorted(found)}

    def get(self, id: str) -> Entity | None:
        """The entity of that id, or None."""
        return self._entities.get(id)

    def __len__(self) -> int:
        return len(self._entities)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities.values())

    def __contains__(self, id: object) -> bool:
        return id in self._entities

    @cached_property
    def films(self) -> tuple[Film, ...]:
        return self._of(Film)

    @cached_property
    def works(self) -> tuple[Work, ...]:
        return self._of(Work)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        return self._of(Person)

    @cached_property
    def franchises(self) -> tuple[Franchise, ...]:
        return self._of(Franchise)

    @cached_property
    def influences(self) -> tuple[Influence, ...]:
        return self._of(Influence)

    def _of(self, kind: type[EntityType]) -> tuple[EntityType, ...]:
        return tuple(entity for entity in self if isinstance(entity, kind))


def enriched(catalog: Catalog, lexicon: Catalog) -> Catalog:
    """The catalogue with the franchises, influences and works of `lexicon` that it lacks, and with the other titles
    and franchises that `lexicon` has for its films. Films and people stay as they are; links to films that the
    catalogue lacks are left out.
    """
    made: dict[str, Entity] = {}
    for entity in lexicon:
        own = catalog.get(entity.id)
        if isinstance(entity, Film) and isinstance(own, Film):
            aliases = dict.fromkeys((*own.aliases, *entity.aliases, entity.name))
            aliases.pop(own.name, None)
            made[own.id] = replace(own, aliases=tuple(aliases))
        elif own is None and isinstance(entity, Franchise):
            members = tuple(id for id in entity.members if id in catalog)
            origin = entity.origin if entity.origin in catalog else None
            made[entity.id] = replace(entity, members=members, origin=origin)
        elif own is None and isinstance(entity, Influence):
            made[entity.id] = replace(entity, origin=entity.origin if entity.origin in catalog else None)
        elif own is None and isinstance(entity, Work):
            made[entity.id] = replace(entity, adapted=tuple(id for id in entity.adapted if id in catalog))
    for franchise in lexicon.franchises:
        for id in franchise.members:
            film = made.get(id) or catalog.get(id)
            if isinstance(film, Film) and franchise.id not in film.franchises:
                made[id] = replace(film, franchises=(*film.franchises, franchise.id))
    return Catalog([*catalog, *made.values()])


def load_catalog(path: Path | list[Path]) -> Catalog:
    """`read_catalog` into memory."""
    return Catalog(read_catalog(path))


def read_catalog(path: Path | list[Path]) -> Iterator[Entity]:
    """Every entity of a catalogue's directory or file (or of several), kind by kind, in the files' order.

    A file is read by itself, but for `movies.csv`, which brings the `links.csv` beside it.
    Raises CatalogError naming file, line and column where a file is unreadable or a row is bad.
    """
    for place in [path] if isinstance(path, Path) else path:
        files = _files(place)
        if not files:
            raise CatalogError(f"{place}: holds none of the catalogue files {', '.join(sorted(_KNOWN))}")
        yield from _read(files)


# ── which files ─────────────────────────────────────────────────────────────────────────────

_EXTRAS = {"franchises.tsv", "influences.tsv", "works.tsv"}
_KNOWN = _EXTRAS | {
    "title.basics.tsv",
    "title.akas.tsv",
    "title.principals.tsv",
    "title.ratings.tsv",
    "name.basics.tsv",
    "movies.csv",
    "links.csv",
}


def _files(place: Path) -> dict[str, Path]:
    """Canonical file name → where it is, for a directory or a single file."""
    if place.is_dir():
        beside = _in(place.parent, _EXTRAS) if place.name == "catalog" else {}
        return beside | _in(place / "catalog", _KNOWN) | _in(place, _KNOWN)
    if not place.exists():
        raise CatalogError(f"{place}: no such file or directory")
    name = place.name.removesuffix(".gz")
    if name == "movies.csv":
        return _in(place.parent, {"links.csv"}) | {name: place}
    if name in _KNOWN - {"title.akas.tsv", "title.principals.tsv", "title.ratings.tsv", "links.csv"}:
        return {name: place}
    raise CatalogError(
        f"{place}: is no catalogue that can be read by itself; give the directory of an IMDb dataset, or one"
        f" of title.basics.tsv, name.basics.tsv, movies.csv, {', '.join(sorted(_EXTRAS))} (.gz or not)"
    )


def _in(directory: Path, names: set[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in sorted(names):
        for file in (directory / name, directory / f"{name}.gz"):
            if file.is_file():
                found.setdefault(name, file)
    return found


def _read(files: dict[str, Path]) -> Iterator[Entity]:
    franchises = _franchises(files.get("franchises.tsv"))
    if "title.basics.tsv" in files or "name.basics.tsv" in files:
        yield from _imdb(files, franchises)
    if "movies.csv" in files:
        yield from _movielens(files["movies.csv"], files.get("links.csv"))
    yield from franchises
    yield from _works(files.get("works.tsv"))
    yield from _influences(files.get("influences.tsv"))


# ── the IMDb datasets ───────────────────────────────────────────────────────────────────────

NULL = "\\N"
_FORMATS = {format.value: format for format in FilmFormat} | {"tvShort": FilmFormat.SHORT}
_NO_FILMS = {"tvEpisode", "tvPilot", "videoGame"}


def _imdb(files: dict[str, Path], franchises: list[Franchise]) -> Iterator[Entity]:
    listed = list(_people(files["name.basics.tsv"])) if "name.basics.tsv" in files else []
    known = _same_people(listed)
    people = [person for id, person in known.items() if person.id == id]
    if "title.basics.tsv" in files:
        aliases = _akas(files["title.akas.tsv"]) if "title.akas.tsv" in files else {}
        credits = _credits(files.get("title.principals.tsv"), known)
        renown = _ratings(files["title.ratings.tsv"]) if "title.ratings.tsv" in files else {}
        member_of: dict[str, list[str]] = {}
        for franchise in franchises:
            for film in franchise.members:
                member_of.setdefault(film, []).append(franchise.id)
        yield from _films(files["title.basics.tsv"], aliases, credits, member_of, renown)
    yield from people


def _films(
    file: Path,
    aliases: dict[str, list[str]],
    credits: dict[str, list[Credit]],
    member_of: dict[str, list[str]],
    renown: dict[str, float],
) -> Iterator[Film]:
    table = _Table(file, ("tconst", "primaryTitle"))
    public, title = table.column("tconst"), table.column("primaryTitle")
    original, kind = table.optional("originalTitle"), table.optional("titleType")
    year, runtime = table.optional("startYear"), table.optional("runtimeMinutes")
    genres = table.optional("genres")
    for row in table:
        format = _FORMATS.get(row[kind], FilmFormat.OTHER) if row[kind] != NULL else FilmFormat.FEATURE
        if row[kind] in _NO_FILMS or row[title] == NULL:
            continue
        id = f"film:{table.id(row, public)}"
        name = plain_title(table.name(row, title))
        original_name = plain_title(row[original]) if row[original] != NULL else name
        others = aliases.get(row[public], ())
        yield Film(
            id=id,
            name=name,
            year=table.number(row, year),
            original_name=original_name if original_name != name else None,
            format=format,
            runtime=table.number(row, runtime),
            genres=_listed(row[genres], ","),
            aliases=tuple(dict.fromkeys(other for other in others if other not in (name, original_name))),
            credits=tuple(credits.get(row[public], ())),
            franchises=tuple(member_of.get(id, ())),
            renown=renown.get(row[public], 0.0),
        )


def _akas(file: Path) -> dict[str, list[str]]:
    table = _Table(file, ("titleId", "title"))
    public, title = table.column("titleId"), table.column("title")
    found: dict[str, list[str]] = {}
    for row in table:
        found.setdefault(row[public], []).append(plain_title(table.name(row, title)))
    return found


def _credits(file: Path | None, people: Mapping[str, Person]) -> dict[str, list[Credit]]:
    """Film's public id → its credits; people whose name no file gives are left out."""
    found: dict[str, list[Credit]] = {}
    if file is None:
        return found
    table = _Table(file, ("tconst", "nconst", "category"))
    public, person, role = table.column("tconst"), table.column("nconst"), table.column("category")
    for row in table:
        known = people.get(f"person:{row[person]}")
        if known:
            found.setdefault(row[public], []).append(Credit(known.id, row[role], known.name))
    return found


def _ratings(file: Path) -> dict[str, float]:
    table = _Table(file, ("tconst", "numVotes"))
    public, votes = table.column("tconst"), table.column("numVotes")
    return {row[public]: math.log1p(table.number(row, votes) or 0) for row in table}


def _people(file: Path) -> Iterator[Person]:
    table = _Table(file, ("nconst", "primaryName"))
    public, name = table.column("nconst"), table.column("primaryName")
    year, professions = table.optional("birthYear"), table.optional("primaryProfession")
    for row in table:
        if row[name] == NULL:
            continue
        yield Person(
            id=f"person:{table.id(row, public)}",
            name=table.name(row, name),
            year=table.number(row, year),
            professions=_listed(row[professions], ","),
        )


_RUN_ON = re.compile(r"(?P<name>\S+ .*[^\W\d_]{3})\. ?[A-Z]\w*")


def _same_people(listed: Sequence[Person]) -> dict[str, Person]:
    """Listed id → the person it means, in the list's order.

    Catalogues made from running text have names that the next sentence's first word sticks to ("Fritz Lang. It").
    It is cut off, and who then has the name of one other person is that person.
    """
    by_name: dict[str, list[Person]] = {}
    cut = {person.id: match["name"] for person in listed if (match := _RUN_ON.fullmatch(person.name))}
    for person in listed:
        if person.id not in cut:
            by_name.setdefault(person.name, []).append(person)
    known: dict[str, Person] = {}
    for person in listed:
        name = cut.get(person.id)
        if name is None:
            known[person.id] = person
            continue
        namesakes = by_name.setdefault(name, [replace(person, name=name)])
        known[person.id] = namesakes[0] if len(namesakes) == 1 else replace(person, name=name)
    return known


# ── the seed's extra tables ─────────────────────────────────────────────────────────────────


def _franchises(file: Path | None) -> list[Franchise]:
    if file is None:
        return []
    table = _Table(file, ("id", "name", "members"))
    id, name, members = table.column("id"), table.column("name"), table.column("members")
    aliases, origin = table.optional("aliases"), table.optional("origin")
    return [
        Franchise(
            id=_full_id(EntityKind.FRANCHISE, table.id(row, id)),
            name=table.name(row, name),
            aliases=_listed(row[aliases], "|"),
            members=tuple(_full_id(EntityKind.FILM, film) for film in _listed(row[members], "|")),
            origin=_optional_id(row[origin]),
        )
        for row in table
    ]


def _influences(file: Path | None) -> Iterator[Influence]:
    if file is None:
        return
    table = _Table(file, ("id", ("label", "name"), "patterns"))
    id, name, patterns = table.column("id"), table.column("label", "name"), table.column("patterns")
    origin, aliases = table.optional("origin"), table.optional("aliases")
    for row in table:
        yield Influence(
            id=_full_id(EntityKind.INFLUENCE, table.id(row, id)),
            name=table.name(row, name),
            aliases=_listed(row[aliases], "|"),
            patterns=_listed(row[patterns], "|"),
            origin=_optional_id(row[origin]),
        )


def _works(file: Path | None) -> Iterator[Work]:
    if file is None:
        return
    table = _Table(file, ("id", "name"))
    id, name = table.column("id"), table.column("name")
    year, form, author = table.optional("year"), table.optional("form"), table.optional("author")
    aliases, adapted = table.optional("aliases"), table.optional("adapted")
    for row in table:
        yield Work(
            id=_full_id(EntityKind.WORK, table.id(row, id)),
            name=table.name(row, name),
            year=table.number(row, year),
            form=_text(row[form]),
            author=_text(row[author]),
            aliases=_listed(row[aliases], "|"),
            adapted=tuple(_full_id(EntityKind.FILM, film) for film in _listed(row[adapted], "|")),
        )


def _full_id(kind: EntityKind, id: str) -> str:
    return id if id.partition(":")[0] in set(EntityKind) else catalogued_id(kind, id)


def _optional_id(cell: str) -> str | None:
    """An origin's id; a bare one names a film."""
    return None if cell in ("", NULL) else _full_id(EntityKind.FILM, cell)


# ── MovieLens ───────────────────────────────────────────────────────────────────────────────

_MOVIELENS_TITLE = re.compile(r"(?P<titles>.*?)\s*(?:\((?P<year>\d{4})(?:[-–]\d{0,4})?\)\)?)?\s*", re.DOTALL)
_PARENTHESIS = re.compile(r"\s*\(([^()]*)\)\s*$")
_MOVIELENS_ID = ("movieId", "item_id")


def _movielens(movies: Path, links: Path | None) -> Iterator[Film]:
    public = _movielens_links(links) if links else {}
    for row, place in _csv(movies, (_MOVIELENS_ID, ("title",))):
        number = _cell(row, _MOVIELENS_ID)
        if not number:
            raise CatalogError(f"{place}, column movieId: is empty; every row needs an id")
        name, year, aliases = _movielens_title(row["title"])
        genres = row.get("genres") or ""
        yield Film(
            id=catalogued_id(EntityKind.FILM, public.get(number, f"movielens-{number}")),
            name=name,
            year=year,
            aliases=aliases,
            genres=() if genres.startswith("(no") else _listed(genres, "|"),
        )


def _movielens_links(file: Path) -> dict[str, str]:
    found = {}
    for row, place in _csv(file, (_MOVIELENS_ID, ("imdbId",))):
        digits = row["imdbId"] or ""
        if digits and not digits.isdigit():
            raise CatalogError(f"{place}, column imdbId: {digits!r} is no number such as 0114709")
        if digits:
            found[_cell(row, _MOVIELENS_ID)] = f"tt{int(digits):07d}"
    return found


def _movielens_title(text: str) -> tuple[str, int | None, tuple[str, ...]]:
    """Title, year and other titles of a MovieLens title.

    >>> _movielens_title("City of Lost Children, The (Cité des enfants perdus, La) (1995)")
    ('The City of Lost Children', 1995, ('La Cité des enfants perdus',))
    """
    match = _MOVIELENS_TITLE.fullmatch(text)
    titles, year = (match["titles"], match["year"]) if match else (text, None)
    aliases = []
    while (parenthesis := _PARENTHESIS.search(titles)) and parenthesis.start():
        other = re.sub(r"^a\.?k\.?a\.?\s+", "", parenthesis[1])
        aliases.append(plain_title(other))
        titles = titles[: parenthesis.start()]
    name = plain_title(titles)
    return (
        name,
        int(year) if year else None,
        tuple(dict.fromkeys(alias for alias in aliases if alias != name)),
    )


# ── cells, rows, files ──────────────────────────────────────────────────────────────────────

_ARTICLES = "The|A|An|Le|La|Les|L'|Un|Une|Il|Lo|Gli|I|El|Los|Las|Der|Die|Das|Den|Det|De|Het|O|Os|As"
_INVERTED = re.compile(rf"(?P<rest>.+?)(?:, |,|; ?)(?P<article>{_ARTICLES})(?P<tail>\s*\(.*\))?", re.DOTALL)
_DISAMBIGUATION = re.compile(r"\s+\((?:\d{4}\s+)?film\)$")


def plain_title(title: str) -> str:
    """A title as it is spoken: a trailing article comes first; "(film)", which tells pages apart, goes.

    >>> plain_title("Matrix, The"), plain_title("Matrix;The"), plain_title("Oh, God!")
    ('The Matrix', 'The Matrix', 'Oh, God!')
    """
    title = title.strip()
    if title.endswith("film)"):
        title = _DISAMBIGUATION.sub("", title)
    if "," not in title and ";" not in title:
        return title
    match = _INVERTED.fullmatch(title)
    if not match:
        return title
    gap = "" if match["article"].endswith("'") else " "
    return match["article"] + gap + match["rest"] + (match["tail"] or "")


def _text(cell: str) -> str:
    return "" if cell == NULL else cell


def _listed(cell: str, separator: str) -> tuple[str, ...]:
    if cell in ("", NULL):
        return ()
    return tuple(dict.fromkeys(part.strip() for part in cell.split(separator) if part.strip()))


@dataclass(slots=True)
class _Table:
    """A tab-separated file with a header; rows are lists of cells with one extra null cell at the end,
    which stands for every optional column that the file lacks."""

    file: Path
    required: tuple[str | tuple[str, ...], ...]
    header: list[str]
    line: int

    def __init__(self, file: Path, required: tuple[str | tuple[str, ...], ...]) -> None:
        self.file, self.required, self.line = file, required, 1
        first = next(_lines(file), "")
        self.header = [cell.strip() for cell in first.split("\t")]
        for names in required:
            self.column(*([names] if isinstance(names, str) else names))

    def column(self, *names: str) -> int:
        """The index of the first of `names` that the header has."""
        for name in names:
            if name in self.header:
                return self.header.index(name)
        raise CatalogError(
            f"{self.file}, line 1: column {' or '.join(names)} is missing; the header has"
            f" {', '.join(self.header) or 'nothing'}"
        )

    def optional(self, name: str) -> int:
        return self.header.index(name) if name in self.header else len(self.header)

    def __iter__(self) -> Iterator[list[str]]:
        width = len(self.header)
        lines = enumerate(_lines(self.file), 1)
        next(lines, None)
        for self.line, line in lines:
            row = line.split("\t")
            if len(row) != width:
                if not line:
                    continue
                row = self._continued(line, lines)
            row.append(NULL)
            yield row

    def _continued(self, line: str, lines: Iterator[tuple[int, str]]) -> list[str]:
        """The cells of a row with a line break inside of a cell, which is read as a space."""
        width = len(self.header)
        row = line.split("\t")
        while len(row) < width and (following := next(lines, None)):
            line = f"{line} {following[1].strip(' ')}"
            row = line.split("\t")
        if len(row) != width:
            last = self.header[min(line.count("\t"), width - 1)]
            raise CatalogError(
                f"{self.file}, line {self.line}, column {last}: the row has not the header's {width} columns"
            )
        return row

    def id(self, row: list[str], column: int) -> str:
        cell = row[column]
        if not cell or cell == NULL or " " in cell:
            raise self.bad(column, cell, "is no id")
        return cell

    def name(self, row: list[str], column: int) -> str:
        cell = row[column].strip()
        if not cell or cell == NULL:
            raise self.bad(column, cell, "is no name")
        return cell

    def number(self, row: list[str], column: int) -> int | None:
        cell = row[column]
        if cell in (NULL, ""):
            return None
        try:
            return int(cell)
        except ValueError:
            raise self.bad(column, cell, r"is no whole number (\N stands for unknown)") from None

    def bad(self, column: int, cell: str, reason: str) -> CatalogError:
        name = self.header[column]
        return CatalogError(f"{self.file}, line {self.line}, column {name}: {cell!r} {reason}")


def _lines(file: Path) -> Iterator[str]:
    """Lines without their ends, plain or gzipped, UTF-8 with or without a byte order mark."""
    number = 0
    try:
        with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as stream:
            for line in stream:
                number += 1
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise CatalogError(f"{file}, line {number + 1}: cannot be read: {error}") from error


def _csv(file: Path, required: tuple[tuple[str, ...], ...]) -> Iterator[tuple[dict[str, str], str]]:
    """Rows by column name, each with its place for error messages."""
    reader = csv.DictReader(_lines(file))
    header = list(reader.fieldnames or ())
    for names in required:
        if not set(names) & set(header):
            raise CatalogError(
                f"{file}, line 1: column {' or '.join(names)} is missing; the header has"
                f" {', '.join(header) or 'nothing'}"
            )
    for row in reader:
        place = f"{file}, line {reader.line_num}"
        if None in row or None in row.values():
            raise CatalogError(
                f"{place}: has not the {len(header)} columns of the header: {', '.join(header)}"
            )
        yield row, place


def _cell(row: dict[str, str], names: tuple[str, ...]) -> str:
    return next(row[name] for name in names if name in row)
