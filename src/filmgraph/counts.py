"""What was counted in unlabelled reviews: how words that may be a title stand there, and how well known films are.

`training/titles.py` and `training/priors.py` count; `data/statistics.json.gz` and `data/priors.json.gz` keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from filmgraph.settings import packaged_table

__all__ = ["UNSEEN", "Statistics", "Use", "load_statistics"]


@dataclass(frozen=True, slots=True)
class Use:
    """How often a key was seen: alone between quotes or in italics, capitalised inside a sentence, in lower case."""

    marked: int = 0
    capital: int = 0
    lower: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was counted in unlabelled reviews: key → use, public film id → renown, key → how many mentions of it in
    plain capitals were judged and the mean of their chances of being a title, key → entity id → how often the key meant
    it, as a share."""

    uses: Mapping[str, Use]
    renown: Mapping[str, float]
    priors: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    versions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


UNSEEN = Use()


@lru_cache(maxsize=1)
def load_statistics() -> Statistics:
    """The statistics that come with the package; none when the file is not there yet."""
    table = packaged_table("statistics.json.gz")
    if not table:
        return Statistics({}, {})
    priors = packaged_table("priors.json.gz") or {"titles": {}, "versions": {}}
    return Statistics(
        uses={key: Use(*counts) for key, counts in table["uses"].items()},
        renown=table["renown"],
        priors={key: (count, mean) for key, (count, mean) in priors["titles"].items()},
        versions=priors["versions"],
    )
