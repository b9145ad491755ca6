"""A claim found in a passage: what every way of reading claims comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from filmgraph.model import Polarity, Relation, Stance
from filmgraph.passages import Span

__all__ = ["Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """A claim found in a passage; `start` and `end` bound its quote. `reasons` decided that it is one,
    `relation_reasons` which."""

    subject: Span
    relation: Relation
    object: Span
    polarity: Polarity
    stance: Stance
    start: int
    end: int
    confidence: float
    reasons: tuple[tuple[str, float], ...] = ()
    relation_reasons: tuple[tuple[str, float], ...] = ()

    def moved(self, by: int) -> Found:
        """The same claim with its quote in a longer text, of which this one is the part from character `by` on."""
        return replace(self, start=self.start + by, end=self.end + by)
