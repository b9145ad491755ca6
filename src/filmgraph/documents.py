"""Review documents, from wherever they come: files, folders, globs, standard input, URLs.

`read` yields one `Document` at a time. A document that cannot be read is reported by name and reason, and the
rest goes on. Known formats: plain text, Markdown with front matter, HTML, JSON lines, CSV, Parquet, RSS and
Atom; all but HTML and feeds may be gzipped.
"""

from __future__ import annotations

import csv
import glob
import gzip
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import feedparser
import yaml

from filmgraph.errors import DocumentError
from filmgraph.fetch import fetch
from filmgraph.model import Document
from filmgraph.pages import read_page
from filmgraph.settings import Settings

__all__ = ["SUFFIXES", "checked", "document_from_record", "parse_date", "parse_rating", "parse_text", "read"]

OnError = Callable[[DocumentError], None]
SUFFIXES = (
    *(".txt", ".md", ".markdown", ".html", ".htm"),
    *(".jsonl", ".ndjson", ".csv", ".parquet", ".xml", ".rss", ".atom"),
)


def read(
    sources: Iterable[str],
    settings: Settings,
    *,
    on_error: OnError,
    stdin: BinaryIO | None = None,
    allow_loopback: bool = False,
) -> Iterator[Document]:
    """The documents of all `sources`, in order; folders and globs are sorted by path.

    A source is a path, a glob, "-" for `stdin`, or an http(s) URL. `allow_loopback` lets URLs name this
    machine; addresses of private networks are refused in any case.
    """
    for source in sources:
        try:
            yield from _source(source, settings, on_error, stdin, allow_loopback)
        except DocumentError as error:
            on_error(error)


def _source(
    source: str, settings: Settings, on_error: OnError, stdin: BinaryIO | None, allow_loopback: bool
) -> Iterator[Document]:
    if source == "-":
        if stdin is None:
            raise DocumentError("-", "there is no standard input here")
        yield from _bytes(stdin.read(), "standard input", "", settings, on_error)
    elif re.match(r"https?://", source):
        page = fetch(source, settings, allow_loopback=allow_loopback)
        for document in _bytes(page.body, source, page.suffix, settings, on_error, page.charset):
            yield replace(document, url=document.url or page.url)
    else:
        for path in _paths(source):
            try:
                yield from _file(path, settings, on_error)
            except DocumentError as error:
                on_error(error)


def _paths(source: str) -> Iterator[Path]:
    path = Path(source)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file() and _suffix(file.name) in SUFFIXES)
        if not found:
            raise DocumentError(source, f"the folder holds no document ({', '.join(SUFFIXES)})")
        yield from found
    elif path.exists():
        yield path
    elif glob.has_magic(source) and (matches := _matches(source)):
        yield from matches
    else:
        raise DocumentError(source, "there is no such file, folder or glob")


def _matches(pattern: str) -> list[Path]:
    anchor = Path(Path(pattern).anchor or ".")
    return sorted(path for path in anchor.glob(str(Path(pattern).relative_to(anchor))) if path.is_file())


def _suffix(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def _file(path: Path, settings: Settings, on_error: OnError) -> Iterator[Document]:
    place, suffix = str(path), _suffix(path.name)
    try:
        if suffix in (".jsonl", ".ndjson"):
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
                yield from _json_lines(lines, place, settings, on_error)
            return
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(place, f"cannot be read: {reason}") from error
    yield from _bytes(body, place, suffix, settings, on_error)


def _bytes(
    body: bytes, place: str, suffix: str, settings: Settings, on_error: OnError, charset: str | None = None
) -> Iterator[Document]:
    """The documents in `body`, by its suffix, or by its looks when it has none."""
    if not body.strip():
        raise DocumentError(place, "is empty")
    kind = suffix or _looks_like(body)
    if kind == ".parquet":
        yield from _parquet(body, place, settings, on_error)
    elif kind in (".jsonl", ".ndjson"):
        yield from _json_lines(io.BytesIO(body), place, settings, on_error)
    elif kind == ".csv":
        rows = csv.DictReader(io.StringIO(_decode(body, place, charset), newline=""))
        yield from _records(((n, dict(row)) for n, row in enumerate(rows, 2)), place, settings, on_error)
    elif kind in (".xml", ".rss", ".atom"):
        yield from _feed(body, place, settings, on_error)
    elif kind in (".html", ".htm"):
        declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", body[:2048], re.IGNORECASE)
        html = _decode(body, place, charset or (declared.group(1).decode() if declared else None))
        yield checked(_page(html, place), settings)
    else:
        yield checked(parse_text(_decode(body, place, charset), place), settings)


def _looks_like(body: bytes) -> str:
    head = body[:1024].lstrip().lower()
    if head.startswith(b"par1"):
        return ".parquet"
    if head.startswith(b"{"):
        return ".jsonl"
    if head.startswith((b"<?xml", b"<rss", b"<feed")):
        return ".xml" if b"<html" not in head else ".html"
    return ".html" if re.search(rb"<!doctype html|<html|<body|<article", head) else ".txt"


def _decode(body: bytes, place: str, charset: str | None = None) -> str:
    """The text of `body`: by its byte order mark, its declared charset, or as UTF-8; refused otherwise."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"
    elif b"\0" in body[:4096]:
        raise DocumentError(place, "is binary, not text")
    try:
        text = body.decode("utf-8-sig" if (charset or "utf-8").lower() in ("utf-8", "utf8") else str(charset))
    except LookupError:
        raise DocumentError(place, f"declares the unknown encoding {charset!r}; save it as UTF-8") from None
    except UnicodeDecodeError as error:
        raise DocumentError(
            place, f"is not valid {charset or 'UTF-8'} at byte {error.start}; save it as UTF-8"
        ) from None
    return text.replace("\r\n", "\n")


def checked(document: Document, settings: Settings) -> Document:
    """The document, if it is one; DocumentError when it is empty, too long or binary."""
    if not document.text.strip():
        raise DocumentError(document.place, "holds no text")
    if len(document.text) > settings.max_document_chars:
        raise DocumentError(
            document.place,
            f"has {len(document.text):,} characters, over the limit of {settings.max_document_chars:,};"
            " split it, or raise FILMGRAPH_MAX_DOCUMENT_CHARS",
        )
    controls = sum(character < " " and character not in "\n\t\r\f" for character in document.text[:4096])
    if controls > 40:
        raise DocumentError(document.place, "is binary, not text")
    return document


# ── tables of reviews ───────────────────────────────────────────────────────────────────────


def _json_lines(
    lines: Iterable[bytes], place: str, settings: Settings, on_error: OnError
) -> Iterator[Document]:
    def parsed() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line.decode("utf-8-sig") if number == 1 else line)
            except (ValueError, RecursionError) as error:
                on_error(DocumentError(f"{place}, line {number}", f"is no JSON: {error}"))
                continue
            if not isinstance(record, dict):
                on_error(DocumentError(f"{place}, line {number}", "is no JSON object"))
                continue
            yield number, record

    yield from _records(parsed(), place, settings, on_error)


def _records(
    records: Iterable[tuple[int, Mapping[str, Any]]], place: str, settings: Settings, on_error: OnError
) -> Iterator[Document]:
    for number, record in records:
        try:
            yield checked(document_from_record(record, f"{place}, line {number}"), settings)
        except DocumentError as error:
            on_error(error)


def _parquet(body: bytes, place: str, settings: Settings, on_error: OnError) -> Iterator[Document]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.ParquetFile(io.BytesIO(body))
        numbered = enumerate((row for batch in table.iter_batches(512) for row in batch.to_pylist()), 1)
        yield from _records(numbered, place, settings, on_error)
    except pyarrow.ArrowException as error:
        raise DocumentError(place, f"is no readable Parquet: {error}") from error


def _feed(body: bytes, place: str, settings: Settings, on_error: OnError) -> Iterator[Document]:
    feed = feedparser.parse(body)
    if not feed.entries:
        raise DocumentError(place, "is no RSS or Atom feed with entries")
    for number, entry in enumerate(feed.entries, 1):
        contents = [part.value for part in entry.get("content", [])] or [entry.get("summary", "")]
        html = f"<html><body><article>{contents[0]}</article></body></html>"
        try:
            found = checked(_page(html, f"{place}, entry {number}"), settings)
        except DocumentError as error:
            on_error(error)
            continue
        stamp = entry.get("published_parsed") or entry.get("updated_parsed")
        title, year = _headline_film(entry.get("title", ""))
        yield replace(
            found,
            title=found.title or title,
            year=found.year or year,
            reviewer=found.reviewer or entry.get("author"),
            outlet=found.outlet or feed.feed.get("title"),
            published=found.published or (date(*stamp[:3]) if stamp else None),
            url=entry.get("link") or found.url,
            licence=found.licence or entry.get("rights") or feed.feed.get("rights"),
        )


FIELDS = {
    "title": ("title", "film", "movie"),
    "year": ("year", "film_year"),
    "imdb_id": ("imdb_id", "imdb", "film_imdb"),
    "reviewer": ("reviewer", "author", "critic"),
    "outlet": ("outlet", "publication", "publisher"),
    "published": ("published", "date", "review_date"),
    "rating": ("rating", "score"),
    "verdict": ("verdict",),
    "url": ("url", "link"),
    "licence": ("licence", "license"),
    "language": ("language", "lang"),
}


def document_from_record(record: Mapping[str, Any], place: str) -> Document:
    """A document from a JSON object, a table's row or front matter; unknown keys are ignored.

    Raises DocumentError when there is no text, or a field that cannot be what its name says.
    """
    text = record.get("text") or record.get("review") or record.get("body")
    if not isinstance(text, str):
        raise DocumentError(place, "has no text (a string under 'text')")
    marked = parse_text(text, place, front_matter=False)
    id = record.get("id")
    return _with_fields(replace(marked, id=str(id) if id is not None else None), record)


def _with_fields(document: Document, record: Mapping[str, Any]) -> Document:
    """The document with what `record` knows; a record's word outweighs what the text seems to say."""
    known: dict[str, Any] = {}
    for field, names in FIELDS.items():
        value = next((record[name] for name in names if record.get(name) not in (None, "")), None)
        if value is None:
            continue
        if field == "year":
            known[field] = _year(value, document.place)
        elif field == "published":
            known[field] = parse_date(value)
        elif field == "rating":
            rating, scale, verdict = parse_rating(value)
            known |= {"rating": rating, "rating_scale": scale}
            if verdict:
                known["verdict"] = verdict
        elif field == "imdb_id":
            known[field] = str(value) if re.fullmatch(r"tt\d{5,}", str(value)) else None
        else:
            known[field] = str(value).strip()
    return replace(document, **known)


def _year(value: Any, place: str) -> int:
    match = re.fullmatch(r"\s*(1[89]\d\d|2[01]\d\d)(?:\.0)?\s*", str(value))
    if not match:
        raise DocumentError(place, f"year {value!r} is no year")
    return int(match.group(1))


LETTERS = re.compile(r"[A-F][+-]?")


def parse_rating(value: Any) -> tuple[float | None, float | None, str | None]:
    """A rating as (number, out of, words); never a number that is not written there.

    >>> parse_rating("3.5/5"), parse_rating("B+"), parse_rating(7)
    ((3.5, 5.0, None), (None, None, 'B+'), (7.0, None, None))
    """
    text = str(value).strip()
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(?:/|out of|of)\s*(\d+)(?:\s*stars?)?", text)
    if match:
        return float(match.group(1).replace(",", ".")), float(match.group(2)), None
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return float(text.replace(",", ".")), None, None
    if "★" in text:
        return text.count("★") + 0.5 * text.count("½"), float(text.count("★") + text.count("☆")) or None, None
    return None, None, text or None


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
DATES = (
    re.compile(r"\b(?P<year>\d{4})-(?P<number>\d\d)-(?P<day>\d\d)(?!\d)"),
    re.compile(rf"\b{MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {MONTH},? (?P<year>\d{{4}})\b", re.IGNORECASE),
)


def parse_date(value: Any) -> date | None:
    """The first date in a text, or the date of a date or time stamp; None when there is none.

    >>> parse_date("Posted October 12, 2023"), parse_date("12 Oct 2023") == parse_date("2023-10-12")
    (datetime.date(2023, 10, 12), True)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for pattern in DATES:
        for match in pattern.finditer(str(value)):
            found = match.groupdict()
            number = int(found.get("number") or 0) or next(
                n for n, name in enumerate(MONTHS, 1) if found["month"].lower() == name
            )
            try:
                return date(int(found["year"]), number, int(found["day"]))
            except ValueError:
                continue
    return None


# ── plain text and Markdown ─────────────────────────────────────────────────────────────────

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
EMPHASIS = re.compile(
    r"(?<![\w_])_([^_\n]{1,100}?)_(?![\w_])|(?<![\w*])\*{1,2}([^*\s][^*\n]{0,100}?)\*{1,2}(?![\w*])"
)
BYLINE = re.compile(
    r"\b(?:posted|written|reviewed|review) by:?\s+(?P<name>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3})|"
    r"^by:?\s+(?P<alone>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
NAME = re.compile(r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3}")
HEADLINE = re.compile(
    r"^(?:(?:film|movie) )?review:?\s+(?P<after>[^\n]{1,80}?)(?: \((?P<year1>\d{4})\))?[ \t]*$|"
    r"^(?P<before>[^\n]{1,80}?)(?: \((?P<year2>\d{4})\))?(?:['’]s)?(?: (?:film|movie))? review[\s\xa0]*$",
    re.IGNORECASE | re.MULTILINE,
)
VERDICT = re.compile(
    r"^(?:the )?(?:final score|verdict|rating|grade|score|overall)\b[^\n:]{0,20}:[ \t]*"
    r"(?:review )?(?P<words>[^\n]{1,40}?)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
HEAD_LINES, HEAD_CHARS = 14, 900
CHROME = re.compile(
    r"^[^\n]*?\b(?:image|photo|picture|video) (?:credit|courtesy|by|source)s?\b[^\n]*$|"
    r"^[ \t]*(?:article topics|tags|filed under)[ \t]*:?[ \t]*\n(?:[ \t]*\n)?[^\n]*$|"
    r"^[ \t]*(?:pictured|photo|image|caption|credit|advertisement|share this|related(?: articles| stories)?|"
    r"read more|tags|filed under|article topics|comments)[ \t]*:[^\n]*(?:\n(?![ \t]*\n)[^\n]*)*$|"
    r"^[^\n]{0,30}\b(?:community|your|user|reader) (?:grade|rating|score)s?[ \t]*$|"
    r"^[ \t]*(?:the )?[\w ]{0,20} rating[ \t]*$|"
    r"^[ \t]*(?:share|tweet|facebook|twitter|email|print|subscribe|advertisement)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)


def parse_text(text: str, place: str, *, front_matter: bool = True) -> Document:
    """A document from plain text or Markdown: front matter, byline, date, headline, verdict and emphasis.

    Metadata is looked for in the first lines only, and never guessed: a verdict in words gives no number.
    """
    record: Mapping[str, Any] = {}
    if front_matter and (match := FRONT_MATTER.match(text)):
        try:
            record = yaml.safe_load(match.group(1)) or {}
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
            raise DocumentError(place, f"its front matter is no YAML at line {line}") from None
        if not isinstance(record, dict):
            raise DocumentError(place, "its front matter is no list of 'name: value' lines")
        text = text[match.end() :].lstrip("\n")
    head = "\n".join(text.split("\n", HEAD_LINES)[:HEAD_LINES])[:HEAD_CHARS]
    title, year = _headline_film(head)
    verdict = VERDICT.search(text)
    rating, scale, words = parse_rating(verdict.group("words")) if verdict else (None, None, None)
    found = Document(
        place=place,
        text=text,
        title=title,
        year=year,
        reviewer=_byline(head),
        published=next(
            filter(None, map(parse_date, (line for line in head.split("\n") if len(line) < 80))), None
        ),
        rating=rating if scale else None,
        rating_scale=scale,
        verdict=words,
        skip=tuple(match.span() for match in CHROME.finditer(text)),
        emphasis=tuple(match.span(match.lastindex or 0) for match in EMPHASIS.finditer(text)),
    )
    return _with_fields(found, record) if record else found


def _byline(head: str) -> str | None:
    for match in BYLINE.finditer(head):
        name = NAME.match(match.group("name") or match.group("alone"))
        if name:
            return name.group().strip()
    return None


def _page(html: str, place: str) -> Document:
    text, emphasis, known = read_page(html, place)
    found = parse_text(text, place, front_matter=False)
    return _with_fields(replace(found, emphasis=emphasis), known)


def _headline_film(head: str) -> tuple[str | None, int | None]:
    """The film a headline such as "Ballerina Review" or "Review: Orca (1977)" names."""
    match = HEADLINE.search(head)
    if not match:
        return None, None
    title = (match.group("after") or match.group("before") or "").strip(" \t\"'“”‘’*_-–—:")
    year = match.group("year1") or match.group("year2")
    if not title or (not title[0].isupper() and not title[0].isdigit()):
        return None, None
    return title, int(year) if year else None
