"""Spans that may be titles no catalogue knows: what is set apart, runs of capitals, single words called films."""

from __future__ import annotations

import pytest

from filmgraph.catalog import Catalog
from filmgraph.linking import Linker
from filmgraph.model import Film
from filmgraph.unknown_looks import unknown_title_features
from filmgraph.unknown_titles import as_unknown, unknown_titles
from linked import review


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He made "the quiet ferryman" there.', ["the quiet ferryman"]),
        ("He made Quiet Ferryman of Zadar there.", ["Quiet Ferryman of Zadar"]),
        ("I count 1938's Ferry Madness in.", ["Ferry Madness"]),
        ("It is a copy of Zadarman Ferry from 1995.", ["Zadarman Ferry"]),
        ("I saw the BBC's Zadar Ferry Hour TV show.", ["Zadar Ferry Hour"]),
        ("They watched Dr. Zadar and Mr. Ferry there.", ["Dr. Zadar and Mr. Ferry"]),
        ("A comedy called Zadarman was on.", ["Zadarman"]),
        ("They say Zadarman (1981) was on.", ["Zadarman"]),
        ("They say Zadarman was on.", []),
        ("Quiet Ferryman was on.", []),
    ],
)
def test_spans(seed_linker: Linker, text: str, expected: list[str]) -> None:
    draft = seed_linker.draft(review(text))
    assert [text[span.start : span.end] for span in unknown_titles(draft)] == expected


def test_catalogued_titles_as_if_they_were_unknown(seed_linker: Linker) -> None:
    draft = seed_linker.draft(review("It owes a lot to _Die Hard_ and Atomic Blonde."))
    (marked, apart), (plain, _) = as_unknown(draft)
    assert [marked.kind, plain.kind] == ["italic", "capital"]
    assert [link.mention.surface for link in apart.links] == ["Atomic Blonde"]
    assert len(draft.links) == 2
    assert "beside:1,italic" in unknown_title_features(apart, marked)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It reminds me of the film _Zadarman_.", {"b:film", "cues:italic,1"}),
        ('In Italy it is known as "Zadarman Fifty".', {"elsewhere"}),
        ("He sold _Nobody at Zadar_ too.", {"reviewed:italic,True"}),
    ],
)
def test_what_is_seen(seed_linker: Linker, text: str, shown: set[str]) -> None:
    draft = seed_linker.draft(review(text))
    (span,) = {span.start: span for span in unknown_titles(draft)}.values()
    assert shown <= {*unknown_title_features(draft, span)}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("I was reminded of the film _Four Harvests and a Wedding_.", "film:tt9900001"),
        (
            "I was reminded of the film _Four Harvests and a Wedding_ (1952).",
            "film:~four-harvests-and-a-wedding-1952",
        ),
        ("The old comedy _Five Harvests in Wales_ was better.", "film:~five-harvests-in-wales"),
        ('I love the film "Silent Lantern Boy".', "film:tt9900002"),
        ('I love the film "Lantern Boys".', "film:tt9900002"),
    ],
)
def test_what_is_but_written_wrong_is_no_new_film(text: str, meant: str) -> None:
    known = Film("film:tt9900001", "Three Harvests and a Wedding", 1994, renown=9.0)
    reviewed = {"title": "The Silent Lantern Boys", "year": 1995, "imdb_id": "tt9900002"}
    (link,) = Linker(Catalog([known])).link(review(text, **reviewed)).links
    assert link.entity == meant
