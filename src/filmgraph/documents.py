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
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import feedparser

from filmgraph.errors import DocumentError
from filmgraph.fetch import fetch
from filmgraph.fields import with_fields
from filmgraph.model import Document
from filmgraph.pages import read_page
from filmgraph.plain import headline_film, parse_text
from filmgraph.settings import Settings

__all__ = ["SUFFIXES", "checked", "document_from_record", "expected", "read"]

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


def expected(sources: Iterable[str]) -> int | None:
    """How many documents `read` is going to find or refuse; None when only reading them would tell.

    Files and lines of JSON are counted, O(bytes) for the latter; tables, feeds and URLs are not looked into.
    """
    count = 0
    for source in sources:
        if source == "-" or re.match(r"https?://", source):
            return None
        try:
            paths = list(_paths(source))
        except DocumentError:
            continue
        for path in paths:
            suffix = _suffix(path.name)
            if suffix in (".jsonl", ".ndjson"):
                count += _lines(path)
            elif suffix in (".txt", ".md", ".markdown", ".html", ".htm"):
                count += 1
            else:
                return None
    return count


def _lines(path: Path) -> int:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            return sum(1 for line in lines if not line.isspace())
    except (OSError, EOFError):
        return 0


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
        title, year = headline_film(entry.get("title", ""))
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


def document_from_record(record: Mapping[str, Any], place: str) -> Document:
    """A document from a JSON object, a table's row or front matter; unknown keys are ignored.

    Raises DocumentError when there is no text, or a field that cannot be what its name says.
    """
    text = record.get("text") or record.get("review") or record.get("body")
    if not isinstance(text, str):
        raise DocumentError(place, "has no text (a string under 'text')")
    marked = parse_text(text, place, front_matter=False)
    id = record.get("id")
    return with_fields(replace(marked, id=str(id) if id is not None else None), record)


def _page(html: str, place: str) -> Document:
    text, emphasis, known = read_page(html, place)
    found = parse_text(text, place, front_matter=False)
    return with_fields(replace(found, emphasis=emphasis), known)
