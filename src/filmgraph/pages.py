"""A web page's review: what JSON-LD says of it, what the page's metadata says, and the running text.

JSON-LD is schema.org's (`Review` about a `Movie`); the text is trafilatura's, with emphasis kept as spans.
"""

from __future__ import annotations

import copy
import html as entities
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import trafilatura
from lxml.etree import ParserError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import Document as Extracted

from filmgraph.errors import DocumentError

__all__ = ["read_page"]

NO_TEXT = "//figcaption|//figure|//aside|//nav|//footer"
NOT_SHOWN = "//script|//style|//head|//template"
LINKED_DATA = "//script[@type='application/ld+json']"
BLOCKS = {
    "p": "\n\n",
    "head": "\n\n",
    "quote": "\n\n",
    "list": "\n\n",
    "item": "\n",
    "lb": "\n",
    "code": "\n\n",
}
"""Elements of trafilatura's that begin anew, and what parts them from the text before."""


def read_page(html: str, place: str) -> tuple[str, tuple[tuple[int, int], ...], dict[str, Any]]:
    """A page's running text, the spans of it that are emphasised, and what the page says of its review.

    Raises DocumentError when no running text is found.
    """
    tree = _parsed(html, place)
    known = _known(tree)
    body = known.pop("text", None)
    for element in tree.xpath(NO_TEXT):
        element.drop_tree()
    found = trafilatura.bare_extraction(
        copy.deepcopy(tree),
        include_formatting=True,
        include_comments=False,
        include_tables=False,
        favor_recall=True,
    )
    text, emphasis = _running(found.body) if isinstance(found, Extracted) else ("", ())
    if not text.strip():
        text, emphasis = body or _shown(tree), ()
    if not text.strip():
        raise DocumentError(place, "no running text was found on the page")
    return text, emphasis, known


def _parsed(html: str, place: str) -> HtmlElement:
    try:
        return document_fromstring(html.encode(), parser=HTMLParser(encoding="utf-8"))
    except (ParserError, UnicodeEncodeError) as error:
        raise DocumentError(place, f"is no readable HTML: {error}") from None


def _shown(tree: HtmlElement) -> str:
    """All the text of a page that has no article."""
    for element in tree.xpath(NOT_SHOWN):
        element.drop_tree()
    return str(tree.text_content()).strip()


def _running(body: HtmlElement) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text below trafilatura's `body`, blocks a blank line apart, and the spans that were emphasised."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    open_at: dict[Any, int] = {}
    length = 0

    def add(words: str | None) -> None:
        nonlocal length
        if words:
            parts.append(words)
            length += len(words)

    for event, element in iterwalk(body, events=("start", "end")):
        if event == "start":
            if element.tag in BLOCKS and parts and not parts[-1].endswith("\n"):
                add(BLOCKS[element.tag])
            open_at[element] = length
            add(element.text)
            continue
        if element.tag == "hi" and open_at[element] < length:
            spans.append((open_at[element], length))
        if element is not body:
            add(element.tail)
    return "".join(parts), tuple(sorted(spans))


def _known(tree: HtmlElement) -> dict[str, Any]:
    """What the page says of its review: linked data first, then metadata."""
    known: dict[str, Any] = {}
    meta = trafilatura.extract_metadata(tree)
    if meta is not None:
        stated = {
            "reviewer": meta.author,
            "outlet": meta.sitename,
            "published": meta.date,
            "url": meta.url,
            "licence": meta.license,
        }
        known |= {name: value for name, value in stated.items() if value}
    for node in _linked_data(tree):
        known |= {name: value for name, value in _from_node(node).items() if value not in (None, "")}
    return known


def _linked_data(tree: HtmlElement) -> Iterator[Mapping[str, Any]]:
    """Every object of the page's JSON-LD, nested ones too; broken blocks are passed over."""
    for block in tree.xpath(LINKED_DATA):
        try:
            stack: list[Any] = [json.loads(block.text or "")]
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
