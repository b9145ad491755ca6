"""What a record knows of a review: the names its fields go by, and how dates and ratings are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from filmgraph.errors import DocumentError
from filmgraph.model import Document

__all__ = ["parse_date", "parse_rating", "with_fields"]

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


def with_fields(document: Document, record: Mapping[str, Any]) -> Document:
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
