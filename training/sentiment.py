"""Learn from rated reviews how far each word leans to praise or to scorn.

    OMP_NUM_THREADS=1 python training/sentiment.py [--eval DIR]

Logistic regression over the words of reviews rated 1 to 5 or 6 to 10 (reviews with gold claims left out).
Writes `src/filmgraph/data/sentiment.json.gz` with a digest of the data, and prints how often the words alone
tell good ratings from bad ones in reviews held out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from labelled import CORPUS, measured
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from filmgraph.cues import words_of
from filmgraph.settings import data_dir
from filmgraph.stance import LEANINGS

ROOT = Path(__file__).parents[1]
REVIEWS, HELD_OUT = 24_000, 2_000
LEAST = 40
"""In how many reviews a word must stand."""
WEIGHT = 0.06
"""Below which a word leans nowhere."""


def rated(evaluation: Path) -> Iterator[tuple[bool, str]]:
    """Whether a review's rating is good, and its text; in an order that mixes good and bad."""
    left_out = measured(evaluation)
    found = []
    with gzip.open(evaluation / CORPUS, "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            if record["rating"] and record["id"] not in left_out:
                order = hashlib.blake2b(record["id"].encode(), digest_size=8).digest()
                found.append((order, record["rating"] > 5, record["text"]))
    for _, good, text in sorted(found)[:REVIEWS]:
        yield good, text


def learn(reviews: Sequence[tuple[bool, str]]) -> tuple[dict[str, int], float]:
    """Word → lean in thousandths, and the share of held-out reviews told right."""
    words = [set(words_of(text)) for _, text in reviews]
    counts = Counter(word for found in words for word in found)
    column = {w: n for n, w in enumerate(sorted(w for w, c in counts.items() if c >= LEAST and w.isalpha()))}
    cells = [(row, column[word]) for row, found in enumerate(words) for word in found if word in column]
    table = csr_matrix(
        (np.ones(len(cells)), tuple(zip(*cells, strict=True))), shape=(len(words), len(column))
    )
    good = np.array([good for good, _ in reviews])
    model = LogisticRegression(C=0.02, max_iter=200, tol=1e-3).fit(table[:-HELD_OUT], good[:-HELD_OUT])
    right = float(model.score(table[-HELD_OUT:], good[-HELD_OUT:]))
    leanings = {word: round(float(model.coef_[0][n]) * 1000) for word, n in column.items()}
    return {word: lean for word, lean in leanings.items() if abs(lean) >= WEIGHT * 1000}, right


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--eval", type=Path, default=ROOT.parent / "shared" / "eval")
    evaluation = parser.parse_args().eval
    reviews = list(rated(evaluation))
    leanings, right = learn(reviews)
    digest = hashlib.blake2b("\x1f".join(text for _, text in reviews).encode(), digest_size=8).hexdigest()
    text = json.dumps({"digest": digest, "words": leanings}, separators=(",", ":"))
    (data_dir() / LEANINGS).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(leanings)} words tell {right:.3f} of {HELD_OUT} held-out reviews right; data {digest}")


if __name__ == "__main__":
    main()
