"""Reviews of one sentence, linked: what each surface was taken for."""

from __future__ import annotations

from filmgraph.documents import document_from_record
from filmgraph.linking import Linker, Linking
from filmgraph.model import Document


def review(text: str, title: str | None = "Nobody", year: int | None = 2021, **known: str) -> Document:
    """A review by its text, of Nobody (2021) unless told otherwise."""
    record = {"id": "review", "text": text, "title": title, "year": year} | known
    return document_from_record({key: value for key, value in record.items() if value}, "test")


def linked(linker: Linker, text: str, title: str | None = "Nobody", year: int | None = 2021) -> list[str]:
    """The links of a review in text order, each as "surface = entity"."""
    found: Linking = linker.link(review(text, title, year))
    return [f"{link.mention.surface} = {link.entity}" for link in found.links]
