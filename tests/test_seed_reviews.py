"""The seed's reviews: many hands, facts in order, and the lineages they are said to tell."""

import csv
import gzip
import re
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from filmgraph.model import Polarity, Relation

SEED = Path(__file__).parents[1] / "seed"
FILES = sorted((SEED / "reviews").glob("*.md"))
FIELDS = {"film", "year", "imdb", "reviewer", "outlet", "date", "rating"}
RATING = re.compile(r"\d+(\.\d)?/(4|5|6|10)|[A-D][+-]?|F")


@cache
def read(slug: str) -> tuple[dict[str, Any], str]:
    """The front matter and the body of a review."""
    text = (SEED / "reviews" / f"{slug}.md").read_text(encoding="utf-8")
    opening, front, body = text.split("---\n", 2)
    assert opening == "", f"{slug}: does not begin with front matter"
    return yaml.safe_load(front), body


def lineages() -> list[dict[str, str]]:
    with (SEED / "lineages.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def pair(row: dict[str, str]) -> tuple[str, ...]:
    return row["earlier"], row["earlier_year"], row["later"], row["later_year"]


def told(title: str, text: str) -> bool:
    """Whether the text names the title as words of its own, underscores of emphasis aside."""
    return re.search(rf"(?<![^\W_]){re.escape(title)}(?![^\W_])", text) is not None


SHORT = {
    "Mad Max 2": "The Road Warrior",
    "The Cabinet of Dr. Caligari": "Caligari",
    "The Blair Witch Project": "Blair Witch",
}


def test_there_are_enough_reviews_by_enough_critics() -> None:
    assert len(FILES) >= 48
    assert len({read(file.stem)[0]["reviewer"] for file in FILES}) >= 24


@pytest.mark.parametrize("slug", [file.stem for file in FILES])
def test_a_review_is_whole(slug: str) -> None:
    front, body = read(slug)
    assert set(front) <= FIELDS
    assert FIELDS - set(front) <= {"imdb", "rating"}
    assert all(isinstance(front[key], str) and front[key] for key in ("film", "reviewer", "outlet"))
    assert re.fullmatch(r"tt\d{7,8}", front.get("imdb", "tt0000000"))
    assert RATING.fullmatch(front.get("rating", "4/4"))
    assert isinstance(front["date"], date)
    assert 1920 < front["year"] <= front["date"].year
    assert 150 <= len(body.split()) <= 500


def test_no_two_reviews_share_a_sentence() -> None:
    seen: dict[str, str] = {}
    for file in FILES:
        for sentence in re.split(r"(?<=[.!?])\s+", read(file.stem)[1]):
            if len(sentence.split()) >= 6:
                assert seen.setdefault(sentence, file.stem) == file.stem, sentence


def test_a_reviewer_keeps_one_outlet() -> None:
    outlets = defaultdict(set)
    for file in FILES:
        front = read(file.stem)[0]
        outlets[front["reviewer"]].add(front["outlet"])
    assert all(len(names) == 1 for names in outlets.values()), dict(outlets)


@pytest.mark.parametrize("row", lineages(), ids=lambda row: f"{row['review']}<{row['earlier']}")
def test_a_lineage_is_told_by_its_review(row: dict[str, str]) -> None:
    front, body = read(row["review"])
    Relation(row["relation"])
    Polarity(row["polarity"])
    assert int(row["earlier_year"]) <= int(row["later_year"]) <= front["date"].year
    assert told(row["earlier"], body) or told(SHORT.get(row["earlier"], row["earlier"]), body)
    assert told(row["later"], body)


def test_the_lineages_span_a_century_and_disagree() -> None:
    rows = lineages()
    asserted = {pair(row) for row in rows if row["polarity"] == Polarity.ASSERTED}
    denying = {row["review"] for row in rows if row["polarity"] == Polarity.NEGATED}
    told_by = defaultdict(set)
    for row in rows:
        told_by[pair(row)].add(row["review"])
    years = [int(row["later_year"]) for row in rows]
    assert len(asserted) >= 25
    assert len(denying) >= 6
    assert sum(len(reviews) > 1 for reviews in told_by.values()) >= 6
    assert min(years) <= 1925
    assert max(years) >= 2021


def test_some_reviews_say_nothing_of_influence() -> None:
    silent = {file.stem for file in FILES} - {row["review"] for row in lineages()}
    assert len(silent) >= 6
    for slug in silent:
        front, body = read(slug)
        titles = set(re.findall(r"[*_]([^*_]+)[*_]", body))
        assert titles <= {front["film"]}, f"{slug} names another film"


def test_ids_are_those_of_a_public_catalogue() -> None:
    """An id stands for the film named, give or take the years between festival and release."""
    catalogue = SEED.parents[1] / "shared" / "eval" / "catalog" / "title.basics.tsv.gz"
    if not catalogue.exists():
        pytest.skip(f"no catalogue at {catalogue}")
    with gzip.open(catalogue, "rt", encoding="utf-8") as file:
        rows = (line.rstrip("\n").split("\t") for line in file)
        known = {row[0]: ({row[2], row[3]}, row[5]) for row in rows}
    for file in FILES:
        front, _ = read(file.stem)
        if front.get("imdb") in known:
            names, year = known[front["imdb"]]
            assert abs(front["year"] - int(year)) <= 2, file.stem
            assert any(front["film"].split()[-1] in name for name in names), (file.stem, names)
