"""Plain text and Markdown: the review's head, its emphasis, and what in it is no text of the critic's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from filmgraph.errors import DocumentError
from filmgraph.fields import parse_date, parse_rating, with_fields
from filmgraph.model import Document

__all__ = ["headline_film", "parse_text"]

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
    r"^[^\n]{0,60}?\b(?:image|photo|picture|video) (?:credit|courtesy|by|source)s?\b[^\n]{0,80}$|"
    r"^[ \t]*(?:article topics|tags|filed under)[ \t]*:?[ \t]*\n(?:[ \t]*\n)?[^\n]*$|"
    r"^[ \t]*(?:pictured|photo|image|caption|credit|advertisement|share this|related(?: articles| stories)?|"
    r"read more|tags|filed under|article topics)[ \t]*:[^\n]*(?:\n(?![ \t]*\n)[^\n]*)*$|"
    r"^[ \t]*comments[ \t]*:[^\n]{0,30}$|"
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
    title, year = headline_film(head)
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
    return with_fields(found, record) if record else found


def _byline(head: str) -> str | None:
    for match in BYLINE.finditer(head):
        name = NAME.match(match.group("name") or match.group("alone"))
        if name:
            return name.group().strip()
    return None


def headline_film(head: str) -> tuple[str | None, int | None]:
    """The film a headline such as "Ballerina Review" or "Review: Orca (1977)" names."""
    match = HEADLINE.search(head)
    if not match:
        return None, None
    title = (match.group("after") or match.group("before") or "").strip(" \t\"'“”‘’*_-–—:")
    year = match.group("year1") or match.group("year2")
    if not title or (not title[0].isupper() and not title[0].isdigit()):
        return None, None
    return title, int(year) if year else None
