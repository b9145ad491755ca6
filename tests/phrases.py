"""Phrases that are tried only at their opening words find whatever their pattern finds."""

from __future__ import annotations

from filmgraph.settings import seed_dir
from filmgraph.text import Phrase, cut_words, normalise


def check_found_everywhere(phrase: Phrase, told: str) -> None:
    """Over `told` and the seed's reviews, where the pattern must match somewhere."""
    read = (file.read_text("utf-8") for file in sorted((seed_dir() / "reviews").glob("*.md")))
    text = normalise("\n".join([told, *read]))
    everywhere = [match.span() for match in phrase.pattern.finditer(text)]
    assert everywhere and [match.span() for match in phrase.found_in(text, cut_words(text))] == everywhere
