"""The sentences written for training: spans that stand, labels that keep the rules, words that are our own."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from filmgraph.model import EntityKind, Polarity, Relation, Stance

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "seed" / "training").glob("claims-*.jsonl"))
EVALUATION = ROOT.parent / "shared" / "eval"
LONGEST_RUN = 8
_NEEDS_NO_ORDER = {Relation.PREQUEL_TO, Relation.RESEMBLES}
"""A prequel may be named beside a later film of the series, and a comparison runs either way."""


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def end_of(record: dict[str, Any], end: int | str) -> dict[str, Any]:
    """The work at one end of a claim: a span by its number, or the reviewed film."""
    return record["reviewed"] if end == "reviewed" else record["spans"][end]


def named(work: dict[str, Any]) -> tuple[Any, ...]:
    return work.get("kind", "film"), work["title"], work.get("year")


def refuse(record: dict[str, Any], reason: str) -> None:
    raise AssertionError(f"{reason}: {record['text']!r}")


def check_spans(record: dict[str, Any]) -> None:
    text, spans = record["text"], record["spans"]
    for span in spans:
        EntityKind(span["kind"])
        surface = text[span["start"] : span["end"]]
        if not 0 <= span["start"] < span["end"] <= len(text) or surface != surface.strip():
            refuse(record, f"the span {surface!r} does not stand")
        if span["kind"] == "film" and not 1880 < span["year"] < 2026:
            refuse(record, f"{span['title']} has no year")
    for first, second in pairwise(sorted(spans, key=lambda span: span["start"])):
        if first["end"] > second["start"]:
            refuse(record, "spans overlap")


def check_claims(record: dict[str, Any]) -> None:
    told = Counter()
    for claim in record["claims"]:
        relation, polarity = Relation(claim["relation"]), Polarity(claim["polarity"])
        Stance(claim["stance"])
        subject, object_ = (end_of(record, claim[end]) for end in ("subject", "object"))
        told[claim["subject"], relation, claim["object"], polarity] += 1
        if subject.get("kind", "film") == "person" or named(subject) == named(object_):
            refuse(record, "a claim needs a work for its subject and another object")
        if relation is Relation.PART_OF and object_.get("kind") != "franchise":
            refuse(record, "a film is part of franchises only")
        years = subject.get("year"), object_.get("year")
        free = relation in _NEEDS_NO_ORDER or polarity is Polarity.NEGATED or None in years
        if not free and years[0] < years[1]:
            refuse(record, f"the subject of {relation} is the earlier of the two")
    if told and max(told.values()) > 1:
        refuse(record, "a claim is told twice")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_spans_stand_and_claims_keep_the_rules(file: Path) -> None:
    for record in lines(file):
        check_spans(record)
        check_claims(record)


def test_no_sentence_is_written_twice() -> None:
    texts = Counter(record["text"].casefold() for file in FILES for record in lines(file))
    assert [text for text, times in texts.items() if times > 1] == []


def test_there_are_claims_of_every_kind_and_as_many_sentences_without() -> None:
    records = [record for file in FILES for record in lines(file)]
    lineage = [r for r in records if any(Relation(c["relation"]).is_lineage for c in r["claims"])]
    told = {Relation(claim["relation"]) for record in records for claim in record["claims"]}
    assert told == set(Relation)
    assert 0.4 < len(lineage) / len(records) < 0.65


# ── our own words ───────────────────────────────────────────────────────────────────────────


WORD = re.compile(r"[a-z0-9']+")


def words(text: str) -> list[str]:
    return WORD.findall(text.lower().replace("’", "'"))


def runs(record: dict[str, Any], length: int) -> Iterator[tuple[str, ...]]:
    """The runs of `length` words of which at most half are a title's: names are nobody's own."""
    names = [range(span["start"], span["end"]) for span in record["spans"]]
    text = record["text"].lower().replace("’", "'")
    found = [(match[0], any(match.start() in name for name in names)) for match in WORD.finditer(text)]
    for n in range(len(found) - length + 1):
        run = found[n : n + length]
        if sum(named for _, named in run) <= length / 2:
            yield tuple(word for word, _ in run)


def texts_of_others() -> Iterator[str]:
    """All prose of the evaluation data."""
    for file in sorted(EVALUATION.glob("*/*.jsonl*")):
        opened = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rt", encoding="utf-8") as records:
            for line in records:
                record = json.loads(line)
                yield record.get("text") or record.get("sentence") or ""
    yield from (file.read_text("utf-8") for file in sorted(EVALUATION.glob("seed/*.txt")))


def test_no_run_of_words_is_anybody_elses() -> None:
    """Every run of eight words has four that begin at a multiple of four, so only those are looked up."""
    if not EVALUATION.exists():
        pytest.skip(f"no reviews to compare with at {EVALUATION}")
    records = [record for file in FILES for record in lines(file)]
    ours = {run for record in records for run in runs(record, LONGEST_RUN)}
    blocks = {run[n : n + LONGEST_RUN // 2] for run in ours for n in range(LONGEST_RUN // 2 + 1)}
    shared = set()
    for text in map(words, texts_of_others()):
        for block in range(0, len(text), LONGEST_RUN // 2):
            if tuple(text[block : block + LONGEST_RUN // 2]) in blocks:
                starts = range(max(0, block - LONGEST_RUN // 2), block + 1)
                shared |= ours.intersection(tuple(text[n : n + LONGEST_RUN]) for n in starts)
    assert {" ".join(run) for run in shared} == set()
