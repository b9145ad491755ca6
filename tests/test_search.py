"""Finding entities by name, over a few names and over many made at random."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from filmgraph.model import EntityKind, Film, Person
from filmgraph.search import NameIndex, _Postings, _Table
from filmgraph.store import NameBatch, Store, open_store
from filmgraph.stored import fold

NAMES = {
    "film:tt1": ["john wick", "sin control"],
    "film:tt2": ["john wick chapter 2"],
    "person:nm1": ["john wickham"],
    "film:tt3": ["spiderman"],
    "film:tt4": ["star wars"],
    "film:tt5": ["kate"],
    "film:tt6": ["kate and leopold"],
    "film:tt7": ["amelie", "le fabuleux destin damelie poulain"],
    "film:tt8": ["nosferatu"],
    "film:tt9": ["it"],
    "influence:~1": ["john wick formula"],
}
RENOWN = {"film:tt1": 5.0, "film:tt2": 3.0, "film:tt6": 6.0}


def index_of(names: dict[str, list[str]], renown: dict[str, float] | None = None) -> NameIndex:
    rows = sorted((id, name) for id, own in names.items() for name in own)
    batch = NameBatch(
        revision=1,
        entities=tuple(id for id, _ in rows),
        names=tuple(name for _, name in rows),
        renown=np.array([(renown or {}).get(id, 0.0) for id, _ in rows]),
    )
    return NameIndex(_Table(batch), _Table(None), 1)


INDEX = index_of(NAMES, RENOWN)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("John Wick", "film:tt1"),
        ("JOHN WICK 2", "film:tt2"),
        ("jon wik", "film:tt1"),
        ("jhon wick", "film:tt1"),
        ("john wckham", "person:nm1"),
        ("wick", "film:tt1"),
        ("john wick fo", "influence:~1"),
        ("Amélie", "film:tt7"),
        ("fabuleux destin", "film:tt7"),
        ("amelie pulain", "film:tt7"),
        ("Spider-Man", "film:tt3"),
        ("starwars", "film:tt4"),
        ("Nosferatoo", "film:tt8"),
        ("i", "film:tt9"),
        ("kate", "film:tt5"),
        ("kat", "film:tt6"),
        ("the wick john", "film:tt1"),
        ("john wick the movie", "film:tt1"),
    ],
)
def test_the_best_comes_first(query: str, first: str) -> None:
    assert INDEX.search(query)[0].entity == first


def test_scores_kinds_and_limits() -> None:
    hits = INDEX.search("john wick")
    assert [hit.score for hit in hits if hit.score == 1] == [1] and all(0 < hit.score <= 1 for hit in hits)
    assert {hit.entity for hit in hits} >= {"film:tt1", "film:tt2", "person:nm1", "influence:~1"}
    assert [hit.entity for hit in INDEX.search("john wick", [EntityKind.INFLUENCE])] == ["influence:~1"]
    assert INDEX.search("john wick", limit=2) == hits[:2]
    assert INDEX.search("xylophone quartet") == [] == INDEX.search("") == INDEX.search(" … ")[1:]
    assert len(index_of({}).search("anything")) == 0


@given(st.data())
def test_one_slip_is_forgiven(data: st.DataObject) -> None:
    words = ["".join(random.Random(n).choices("abcdefgh", k=4 + n % 6)) for n in range(300)]
    postings = _Postings(words, np.ones(len(words), dtype=np.int16))
    word = data.draw(st.sampled_from(words))
    place = data.draw(st.integers(0, len(word) - 2))
    slips = (
        word[:place] + word[place + 1 :],
        word[:place] + "x" + word[place + 1 :],
        word[:place] + "x" + word[place:],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    )
    wrong = data.draw(st.sampled_from(slips))
    found = {postings.words[n] for n in postings.near(wrong)}
    assert word in found
    assert all(OSA.distance(wrong, near) <= (1 if len(wrong) < 7 else 2) for near in found)


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4), min_size=1, max_size=60))
def test_all_words_are_asked_for(names: list[list[str]]) -> None:
    rows = [" ".join(words) for words in names]
    postings = _Postings(rows, np.array([len(words) for words in names], dtype=np.int16))
    groups = [postings.like("a", last=True), postings.like("b", last=False)]
    assert postings.all_of(groups).tolist() == [
        n for n, words in enumerate(names) if {"a", "b"} <= set(words)
    ]


def test_what_is_written_is_found_at_once(tmp_path: Path) -> None:
    def found(index: NameIndex, query: str) -> list[str]:
        return [hit.entity for hit in index.search(query)]

    with open_store(str(tmp_path / "graph.db")) as store:
        store.import_entities(
            [Film("film:tt1", "Jaws", 1975), Person("person:nm1", "Roy Scheider")], source="a"
        )
        index = NameIndex.build(store)
        assert index.refresh(store) is index
        store.import_entities([Film("film:tt1", "Les Dents", 1975), Film("film:tt2", "Orca")], source="b")
        index = index.refresh(store)
        assert index.revision == store.revision() and len(index) == 4
        assert found(index, "jaws") == [] and found(index, "dents") == ["film:tt1"]
        assert found(index, "orc") == ["film:tt2"] and found(index, "roy") == ["person:nm1"]
        assert_same(index, NameIndex.build(store))


def assert_same(one: NameIndex, other: NameIndex) -> None:
    for query in ("jaws", "dents", "orca", "o", "roy scheider", "les"):
        assert one.search(query) == other.search(query)


def test_the_seed_is_found_by_crooked_names(seed_store: Store) -> None:
    index = NameIndex.build(seed_store)
    for query, name in (
        ("Godzila", "Godzilla"),
        ("Steven Spielburg", "Steven Spielberg"),
        ("metropolis", "Metropolis"),
    ):
        entity = seed_store.entity(index.search(query)[0].entity)
        assert entity is not None and entity.name == name


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("The Matrix", "matrix"), ("A", "a"), ("The", "the"), ("Æon Flux", "aeon flux"), ("Łódź", "lodz"),
        ("Ocean's Eleven", "oceans eleven"), ("Tom & Jerry", "tom and jerry"), ("???", "???"),
        ("千と千尋の神隠し", "千と千尋の神隠し"), ("Straße", "strasse"), ("  ", ""), ("WALL·E", "wall e"),
    ],
)  # fmt: skip
def test_folding(name: str, folded: str) -> None:
    assert fold(name) == fold(folded) == folded or name == "The Matrix"
