"""Count how often words that may be a title are one, as the linker takes them in unlabelled reviews.

    OMP_NUM_THREADS=1 python training/priors.py [--eval DIR] [--share N]

Whether "Halloween" or "Gigli" is a film is told by the words around it, and by what they are elsewhere. The weights
learnt from the reviews annotated by us, without priors, judge every third unlabelled review (those that are measured
or annotated left out); `src/filmgraph/data/priors.json.gz` gets for each title key how many unmarked mentions in
capitals were judged and the mean of their chances, and for each title of several films or works which share of its
mentions meant each; the reviewed films' own titles are left out. Then `training/link.py` learns what a prior is worth.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from labelled import CORPUS, annotated, measured
from link import choices_of, context_of, fit_choices, read_pairs

from filmgraph.catalog import load_catalog
from filmgraph.context import Context
from filmgraph.counts import load_statistics
from filmgraph.documents import document_from_record
from filmgraph.linking import known_names
from filmgraph.model import Document
from filmgraph.names import Names
from filmgraph.scoring import Scored, score_titles
from filmgraph.settings import data_dir

LEAST = 3
LEAST_SHARE = 0.02
LIKELY = 0.3
STRENGTH = 0.5


@dataclass(slots=True)
class Judged:
    """What is seen of the title keys: how many mentions in plain capitals, the sum of their chances of being a title,
    and of the chances of each candidate, over mentions that are likely to be a title."""

    seen: Counter[str] = field(default_factory=Counter)
    chances: Counter[str] = field(default_factory=Counter)
    meant: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, context: Context, item: Scored) -> None:
        start, end, key = item.mention.start, item.mention.end, item.mention.key
        if key == context.reviewed_key:
            return
        if not context.scan.text[start].islower() and not any(context.scan.marked(start, end)):
            self.seen[key] += 1
            self.chances[key] += item.total
        if item.total >= LIKELY and len(item.candidates) > 1:
            for candidate in item.candidates:
                self.meant[key][candidate.entity] += candidate.score

    def titles(self) -> dict[str, list[float]]:
        """Key → how many mentions, the mean of their chances."""
        return {
            key: [n, round(self.chances[key] / n, 3)] for key, n in sorted(self.seen.items()) if n >= LEAST
        }

    def versions(self) -> dict[str, dict[str, float]]:
        """Key → candidate → its share of what the key means."""
        return {
            key: {
                id: round(share / meant.total(), 2)
                for id, share in sorted(meant.items())
                if share >= LEAST_SHARE * meant.total()
            }
            for key, meant in sorted(self.meant.items())
            if meant.total() >= LEAST
        }


def judge(documents: Iterable[Document], names: Names, weights: Mapping[str, float]) -> Judged:
    judged = Judged()
    for document in documents:
        context = context_of(document, names)
        for item in score_titles(context, weights):
            judged.add(context, item)
    return judged


def documents_of(evaluation: Path, left_out: set[str], share: int) -> Iterator[Document]:
    with gzip.open(evaluation / CORPUS, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % share == 0:
                record = json.loads(line)
                if record["id"] not in left_out:
                    yield document_from_record(record, "corpus")


def main() -> None:
    """Learn from the annotated reviews, count, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).parents[1]
    parser.add_argument("--eval", type=Path, default=root.parent / "shared" / "eval", dest="evaluation")
    parser.add_argument("--reviews", type=Path, default=root / "seed" / "training")
    parser.add_argument("--share", type=int, default=3)
    options = parser.parse_args()
    names = known_names(load_catalog(options.evaluation / "catalog"))
    names.statistics = replace(load_statistics(), priors={}, versions={})
    pairs = read_pairs(annotated(options.evaluation, sorted(options.reviews.glob("reviews-*.jsonl"))))
    weights = fit_choices([c for doc, gold in pairs for c in choices_of(doc, gold, names, 0)], STRENGTH)
    left_out = measured(options.evaluation) | {doc.id or "" for doc, _ in pairs}
    judged = judge(documents_of(options.evaluation, left_out, options.share), names, weights)
    table = {"titles": judged.titles(), "versions": judged.versions()}
    written = json.dumps(table, separators=(",", ":")).encode()
    (data_dir() / "priors.json.gz").write_bytes(gzip.compress(written, mtime=0))
    print(
        f"{judged.seen.total():,} mentions, {len(table['titles']):,} titles, {len(table['versions']):,} of several"
    )


if __name__ == "__main__":
    main()
