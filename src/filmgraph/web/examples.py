"""The queries of the documentation, for the pages that one asks from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Example", "examples"]

_EXAMPLE = re.compile(
    r"^## (?P<title>[^\n]+)$|^```graphql\n(?P<query>.*?)^```(?:\s*^```json\n(?P<variables>.*?)^```)?",
    re.M | re.S,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A query with its variables as JSON, under the heading it stands below."""

    title: str
    query: str
    variables: str


def examples() -> list[Example]:
    """Every query of `docs/api.md` that changes nothing; a second one below a heading says which it is."""
    found: list[Example] = []
    title = ""
    for match in _EXAMPLE.finditer(_document().read_text(encoding="utf-8")):
        if match["title"]:
            title = match["title"].strip()
        elif not match["query"].startswith(("mutation", "subscription")):
            before = sum(one.title.startswith(title) for one in found)
            shown = f"{title} ({before + 1})" if before else title
            found.append(Example(shown, match["query"].strip(), (match["variables"] or "{}").strip()))
    return found


def _document() -> Path:
    packaged = Path(__file__).parents[1] / "docs" / "api.md"
    return packaged if packaged.is_file() else Path(__file__).parents[3] / "docs" / "api.md"
