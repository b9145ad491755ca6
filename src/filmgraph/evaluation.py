"""A directory of reviews with gold records, read and measured: `docs.jsonl`, `gold.jsonl`, and beside it
reviewers' own links in `../links/reviewer_links.jsonl.gz`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from filmgraph.documents import document_from_record
from filmgraph.errors import DocumentError
from filmgraph.evaluate import Report, evaluate
from filmgraph.matching import LINEAGE, claims_of
from filmgraph.reader import Reader
from filmgraph.reliability import Reliability, judge_claims, reliability
from filmgraph.stages import STAGES, Stage, judge_links, read_judged, reviewers_links, stage

__all__ = ["Evaluation"]

NOTHING: dict[str, Any] = {"claims": []}
"""The gold record of a review that has none."""
Watch: TypeAlias = Callable[[Sequence[Any], str], Iterable[Any]]
"""Passes items on, and shows how far it is."""


def _unwatched(items: Sequence[Any], description: str) -> Iterable[Any]:
    return items


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The reviews of `directory` with what careful readers found in them; `watch` shows progress."""

    directory: Path
    records: Sequence[dict[str, Any]]
    gold: Sequence[dict[str, Any]]
    links: Path
    watch: Watch = _unwatched

    @classmethod
    def of(cls, directory: Path, links: Path | None = None, watch: Watch = _unwatched) -> Evaluation:
        """Raises DocumentError when a file is missing or a line of it is no record."""
        beside = directory.parent / "links" / "reviewer_links.jsonl.gz"
        records, gold = _lines(directory / "docs.jsonl"), _lines(directory / "gold.jsonl")
        return cls(directory, records, gold, links or beside, watch)

    def predicted(self, reader: Reader) -> list[dict[str, Any]]:
        """What `reader` finds, as `extract` prints it."""
        records = self.watch(self.records, "Reading reviews")
        return list(
            reader.extract_all(document_from_record(record, str(self.directory)) for record in records)
        )

    def report(self, reader: Reader) -> Report:
        """The whole table; with the reviewers' own links where there are any."""
        started = time.perf_counter()
        predicted = self.predicted(reader)
        speed = len(self.records) / (time.perf_counter() - started)
        report = replace(evaluate(self.gold, predicted, self.records), speed=speed)
        if self.links.exists():
            linked = self.watch(reviewers_links(self.links), "Judging links")
            report = replace(report, links=judge_links(reader, linked))
        return report

    def stages(self, reader: Reader, names: Iterable[str]) -> list[Stage]:
        """Each stage that is named, or all, in the order of the reading."""
        wanted = set(names)
        records = self.watch(self.records, "Reading reviews")
        judged = list(read_judged(reader, records, self.gold, str(self.directory)))
        return [stage(name, judged, reader) for name in STAGES if {name, "all"} & wanted]

    def reliability(self, reader: Reader) -> Reliability:
        """Whether confidence and belief mean what they say."""
        gold = {record["id"]: record for record in self.gold}
        records = list(self.watch(self.records, "Reading reviews"))
        texts = [reader.link(document_from_record(record, str(self.directory))) for record in records]
        read = zip(
            texts,
            reader.extractor.extract(texts),
            (gold.get(record["id"], NOTHING) for record in records),
            strict=True,
        )
        found = sum(len(claims_of(record, LINEAGE)) for record in self.gold)
        return reliability(list(judge_claims(reader, read)), found)


def _lines(file: Path) -> list[dict[str, Any]]:
    records = []
    try:
        for number, line in enumerate(file.read_text("utf-8").split("\n"), 1):
            if line.strip():
                records.append(json.loads(line))
                if not isinstance(records[-1], dict) or "id" not in records[-1]:
                    raise DocumentError(f"{file}:{number}", "is no record with an id")
    except OSError as error:
        raise DocumentError(str(file), f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise DocumentError(f"{file}:{number}", f"is no JSON: {error}") from None
    return records
