"""Each stage is judged by itself, on reviews of our own with gold records made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from filmgraph.evaluate import Tally
from filmgraph.reader import Reader
from filmgraph.stages import STAGES, Judged, judge_links, read_judged, stage

ORCA = {"kind": "film", "name": "Orca: The Killer Whale", "year": 1977, "id": "tt0076504"}
JAWS = {"kind": "film", "name": "Jaws", "year": 1975, "id": "tt0073195"}
ALIEN = {"kind": "film", "name": "Alien", "year": 1979, "id": "tt0078748"}
TEXT = "Orca is a shameless rip-off of Jaws. Two years on, Richard Harris was still wet."


def claim(subject: Any, relation: str, object_: Any, quote: str) -> dict[str, Any]:
    return {
        "subject": subject, "relation": relation, "object": object_,
        "polarity": "asserted", "stance": "negative", "quote": quote,
    }  # fmt: skip


def judged(reader: Reader, text: str, *claims: Any, films: Any = ()) -> list[Judged]:
    record = {"id": "1", "title": "Orca", "year": 1977, "text": text}
    return list(
        read_judged(reader, [record], [{"id": "1", "films": list(films), "claims": list(claims)}], "here")
    )


def named(film: dict[str, Any], surface: str) -> dict[str, Any]:
    return {"surface": surface, "title": film["name"], "year": film["year"], "id": film["id"]}


def test_a_claim_that_is_read_is_reached_after_every_stage(seed_reader: Reader) -> None:
    told = claim(ORCA, "imitates", JAWS, "a shameless rip-off of Jaws")
    items = judged(seed_reader, TEXT, told, films=[named(JAWS, "Jaws")])
    for name in STAGES:
        found = stage(name, items, seed_reader)
        assert (found.reached, found.claims, found.oracle) == (1, 1, (1.0, 1.0)), name
    assert stage("mentions", items, seed_reader).tallies == {"film": Tally(1, 0, 0)}
    assert stage("links", items, seed_reader).tallies == {"film": Tally(1, 0, 0)}
    pairs = {"film": Tally(1, 0, 0), "film, as linked": Tally(1, 0, 0)}
    assert stage("candidates", items, seed_reader).tallies == pairs


def test_what_nothing_in_the_text_names_is_lost_at_the_first_stage(seed_reader: Reader) -> None:
    items = judged(seed_reader, TEXT, claim(ORCA, "imitates", ALIEN, "still wet"))
    assert [stage(name, items, seed_reader).reached for name in STAGES] == [0, 0, 0, 0]
    assert stage("mentions", items, seed_reader).tallies["described"] == Tally(0, 0, 1)


def test_a_namesake_is_lost_at_linking_and_put_right_for_what_follows(seed_reader: Reader) -> None:
    other = {"kind": "film", "name": "Jaws", "year": 1931, "id": "tt9999999"}
    told = claim(ORCA, "imitates", other, "a shameless rip-off of Jaws")
    items = judged(seed_reader, TEXT, told, films=[named(other, "Jaws")])
    assert [stage(name, items, seed_reader).reached for name in STAGES] == [1, 0, 0, 0]
    assert stage("links", items, seed_reader).tallies["film"] == Tally(0, 1, 1)
    by_itself = stage("claims", items, seed_reader).report
    assert by_itself and by_itself.tallies["lineage"] == Tally(1, 0, 0)


def test_a_claim_that_links_lose_is_no_pair_as_linked(seed_reader: Reader) -> None:
    other = {"kind": "film", "name": "Jaws", "year": 1931, "id": "tt9999999"}
    told = claim(ORCA, "imitates", other, "a shameless rip-off of Jaws")
    tallies = stage(
        "candidates", judged(seed_reader, TEXT, told, films=[named(other, "Jaws")]), seed_reader
    ).tallies
    assert tallies == {"film": Tally(1, 0, 0), "film, as linked": Tally(0, 0, 1)}


def test_a_novel_of_the_films_title_is_not_looked_for_where_the_film_is_meant(seed_reader: Reader) -> None:
    novel = {"kind": "work", "name": "Orca", "year": 1931, "id": None}
    told = claim(ORCA, "adapted_from", novel, "It is based on the novel.")
    items = judged(seed_reader, "Orca is wet. It is based on the novel.", told)
    assert "work" not in stage("links", items, seed_reader).tallies


def test_an_unlisted_film_is_an_extra_mention(seed_reader: Reader) -> None:
    items = judged(seed_reader, TEXT)
    assert stage("mentions", items, seed_reader).tallies["film"] == Tally(0, 1, 0)


def test_stages_are_told_in_words_and_as_data(seed_reader: Reader) -> None:
    items = judged(seed_reader, TEXT, claim(ORCA, "imitates", JAWS, "rip-off of Jaws"))
    found = stage("claims", items, seed_reader)
    assert "a perfect rest would reach lineage R 1.000" in str(found) and "typed" in str(found)
    assert found.to_json()["oracle"] == {"reached": 1, "claims": 1, "recall": 1.0, "f1": 1.0}


@pytest.mark.parametrize(("id", "expected"), [("tt0073195", "right"), ("tt0000001", "wrong")])
def test_reviewers_own_links_are_judged(seed_reader: Reader, id: str, expected: str) -> None:
    mentions = [{"start": 31, "end": 35, "imdb_id": id}]
    counts = judge_links(
        seed_reader, [{"id": "1", "title": "Orca", "year": 1977, "text": TEXT, "mentions": mentions}]
    )
    assert counts == {"right": 0, "wrong": 0, "nil": 0} | {expected: 1}


def test_a_link_where_nothing_was_found_is_nil(seed_reader: Reader) -> None:
    mentions = [{"start": 71, "end": 76, "imdb_id": "tt0073195"}]
    assert judge_links(seed_reader, [{"id": "1", "text": TEXT, "mentions": mentions}])["nil"] == 1
