"""A web page's review: what JSON-LD says of it, what the page's metadata says, and the running text.

JSON-LD is schema.org's (`Review` about a `Movie`); the text is trafilatura's, with emphasis kept as spans.
"""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import trafilatura

from filmgraph.errors import DocumentError

__all__ = ["read_page"]

LINKED_DATA = re.compile(
    r"<script[^>]+type=[\"']application/ld\+json[\"'][^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
CAPTIONS = re.compile(r"<(figcaption|figure|aside|nav|footer)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


def read_page(html: str, place: str) -> tuple[str, tuple[tuple[int, int], ...], dict[str, Any]]:
    """A page's running text, the spans of it that are emphasised, and what the page says of its review.

    Raises DocumentError when no running text is found.
    """
    marked = trafilatura.extract(
        CAPTIONS.sub(" ", html),
        include_formatting=True,
        include_comments=False,
        include_tables=False,
        favor_recall=True,
        output_format="markdown",
    )
    known = _known(html)
    body = known.pop("text", None)
    marked = marked or body or _bare(html)
    if not marked.strip():
        raise DocumentError(place, "no running text was found on the page")
    text, emphasis = _unmark(marked)
    return text, emphasis, known


def _bare(html: str) -> str:
    body = re.sub(r"<(script|style|head)\b.*?</\1\s*>", " ", html, flags=re.DOTALL | re.IGNORECASE)
    return entities.unescape(re.sub(r"<[^>]+>", " ", body)).strip()


MARK = re.compile(
    r"(\*\*|__|\*|_|`)(?=\S)(.{1,120}?)(?<=\S)\1(?!\w)|^#+ +|\[([^\]\n]*)\]\([^)\n]*\)|^> ?", re.MULTILINE
)


def _unmark(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Markdown without its marks, and the spans that were emphasised."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    length = place = 0
    for match in MARK.finditer(marked):
        before, inner = marked[place : match.start()], match.group(2) or match.group(3) or ""
        parts += [before, inner]
        length += len(before)
        if match.group(1):
            spans.append((length, length + len(inner)))
        length += len(inner)
        place = match.end()
    parts.append(marked[place:])
    return "".join(parts), tuple(spans)


def _known(html: str) -> dict[str, Any]:
    """What the page says of its review: linked data first, then metadata."""
    known: dict[str, Any] = {}
    meta = trafilatura.extract_metadata(html)
    if meta is not None:
        stated = {
            "reviewer": meta.author,
            "outlet": meta.sitename,
            "published": meta.date,
            "url": meta.url,
            "licence": meta.license,
        }
        known |= {name: value for name, value in stated.items() if value}
    for node in _linked_data(html):
        known |= {name: value for name, value in _from_node(node).items() if value not in (None, "")}
    return known


def _linked_data(html: str) -> Iterator[Mapping[str, Any]]:
    """Every object of the page's JSON-LD, nested ones too; broken blocks are passed over."""
    for block in LINKED_DATA.findall(html):
        try:
            stack: list[Any] = [json.loads(block)]
        except (ValueError, RecursionError):
            continue
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack += reversed(node)
            elif isinstance(node, dict):
                yield node
                stack += [value for value in node.values() if isinstance(value, dict | list)]


def _from_node(node: Mapping[str, Any]) -> dict[str, Any]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "Movie" in kinds:
        return _film(node)
    if not {"Review", "CriticReview", "UserReview"} & set(map(str, kinds)):
        return {}
    about = node.get("itemReviewed")
    rating = node.get("reviewRating")
    found = {
        "reviewer": _name(node.get("author")),
        "outlet": _name(node.get("publisher")),
        "published": node.get("datePublished"),
        "url": node.get("url"),
        "licence": node.get("license"),
        "text": node.get("reviewBody"),
    }
    if isinstance(about, dict):
        found |= _film(about)
    if isinstance(rating, dict) and rating.get("ratingValue") is not None:
        best = rating.get("bestRating")
        found["rating"] = f"{rating['ratingValue']}/{best}" if best else rating["ratingValue"]
    return {name: value if isinstance(value, str | int | float) else None for name, value in found.items()}


def _film(node: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"title": _name(node)}
    year = re.match(r"\d{4}", str(node.get("dateCreated") or node.get("datePublished") or ""))
    if year:
        found["year"] = year.group()
    links = node.get("sameAs") or ""
    imdb = re.search(r"\btt\d{5,}\b", " ".join(map(str, links)) if isinstance(links, list) else str(links))
    if imdb:
        found["imdb_id"] = imdb.group()
    return found


def _name(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("name")
    return entities.unescape(value).strip() if isinstance(value, str) else None
