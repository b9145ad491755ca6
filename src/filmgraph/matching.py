"""When two records mean the same: entities, claims and quotes, as careful readers would count them.

Records are plain dicts as `filmgraph extract` prints them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from filmgraph.model import Family, Polarity, Relation

__all__ = [
    "LINEAGE", "Judge", "Record", "Tally", "claims_of", "family_of", "folded", "match", "polarity_is",
    "quotes_overlap", "same_entity", "same_pair", "same_pair_and_sign", "same_pair_either_way", "same_typed",
    "share", "tally", "turned",
]  # fmt: skip

Record: TypeAlias = Mapping[str, Any]
Judge: TypeAlias = Callable[[Record, Record], bool]

LINEAGE = frozenset(relation.value for relation in Relation if relation.is_lineage)
_SERIES_WORD = re.compile(r"\b(?:franchise|series|saga|universe|films|movies|trilogy|cycle)\b")
_SEQUEL_MARK = re.compile(
    r"\d+|[ivx]+|part|chapter|returns|reloaded|revolutions|resurrection|covenant|two|three|four"
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts that add up, and the rates they give.

    >>> (Tally(1, 0, 1) + Tally(2, 1, 0)).f1
    0.75
    """

    hits: int = 0
    extra: int = 0
    missed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.extra + other.extra, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return share(self.hits, self.hits + self.extra)

    @property
    def recall(self) -> float:
        return share(self.hits, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return share(2 * self.hits, 2 * self.hits + self.extra + self.missed)


def share(part: float, whole: float) -> float:
    """`part / whole`; 0 of nothing."""
    return part / whole if whole else 0.0


def claims_of(record: Record, relations: Iterable[str], *, typed: bool = False) -> list[Record]:
    """The distinct claims of some relations; without `typed`, two relations of one pair are one claim."""
    wanted = frozenset(relations)
    same = same_typed if typed else same_pair_and_sign
    kept: list[Record] = []
    for claim in record.get("claims", ()):
        if claim["relation"] in wanted and not any(same(other, claim) for other in kept):
            kept.append(claim)
    return kept


def match(
    gold: Sequence[Record], predicted: Iterable[Record], same: Judge
) -> tuple[list[tuple[Record, Record]], list[Record], list[Record]]:
    """Hits as pairs, extra predictions, missed gold: each predicted item takes the first gold one it fits."""
    left, hits, extra = list(gold), [], []
    for item in predicted:
        place = next((n for n, wanted in enumerate(left) if same(wanted, item)), None)
        if place is None:
            extra.append(item)
        else:
            hits.append((left.pop(place), item))
    return hits, extra, left


def tally(gold: Sequence[Record], predicted: Iterable[Record], same: Judge) -> Tally:
    hits, extra, missed = match(gold, predicted, same)
    return Tally(len(hits), len(extra), len(missed))


# ── when two things are the same ────────────────────────────────────────────────────────────


def same_entity(gold: Record, predicted: Record) -> bool:
    """Whether two entity records mean the same thing: by id, or by name and year within one.

    >>> film = {"kind": "film", "name": "Jaws", "year": 1975}
    >>> same_entity(film, {"kind": "film", "name": "JAWS", "year": 1976})
    True
    >>> same_entity(film, {"kind": "franchise", "name": "The Jaws series"})
    True
    """
    kinds = {gold["kind"], predicted["kind"]}
    if "person" in kinds:
        return kinds == {"person"} and _same_person(folded(gold["name"]), folded(predicted["name"]))
    if "franchise" in kinds:
        return _same_series(folded(gold["name"]), folded(predicted["name"]))
    years = gold.get("year"), predicted.get("year")
    apart = all(years) and abs(int(years[0]) - int(years[1])) > 1  # type: ignore[arg-type]
    ids = gold.get("id"), predicted.get("id")
    if all(ids) and ids[0] == ids[1]:
        return True
    return not apart and _same_title(folded(gold["name"]), folded(predicted["name"]))


def _same_person(a: str, b: str) -> bool:
    short = min(len(a.split()), len(b.split())) == 1
    return a == b or (short and a.split()[-1:] == b.split()[-1:])


def _same_series(a: str, b: str) -> bool:
    a, b = (_SERIES_WORD.sub("", name).strip() for name in (a, b))
    return bool(a) and (a == b or a.startswith(b + " ") or b.startswith(a + " "))


def _same_title(a: str, b: str) -> bool:
    """Equal, or one the beginning of the other ("Star Wars"), but never a film and its numbered sequel."""
    short, long = sorted((a, b), key=len)
    if short == long:
        return True
    rest = long[len(short) + 1 :].split()
    return len(short) >= 5 and long.startswith(short + " ") and not _SEQUEL_MARK.fullmatch(rest[0])


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c)).lower().replace("&", " and ")
    words = " ".join(re.sub(r"[^\w ]+", " ", plain).split())
    return re.sub(r"^(?:the|a|an) ", "", words)


def same_pair(gold: Record, predicted: Record) -> bool:
    return same_entity(gold["subject"], predicted["subject"]) and same_entity(
        gold["object"], predicted["object"]
    )


def same_pair_either_way(gold: Record, predicted: Record) -> bool:
    return same_pair(gold, predicted) or same_pair(gold, turned(predicted))


def same_pair_and_sign(gold: Record, predicted: Record) -> bool:
    same_sign = polarity_is(gold, Polarity.NEGATED) == polarity_is(predicted, Polarity.NEGATED)
    return same_sign and same_pair(gold, predicted)


def same_typed(gold: Record, predicted: Record) -> bool:
    same_relation: bool = gold["relation"] == predicted["relation"]
    return same_relation and same_pair_and_sign(gold, predicted)


def turned(claim: Record) -> Record:
    return {**claim, "subject": claim["object"], "object": claim["subject"]}


def polarity_is(claim: Record, polarity: Polarity) -> bool:
    return bool(claim["polarity"] == polarity)


def family_of(claim: Record) -> Family:
    return Relation(claim["relation"]).family


def quotes_overlap(a: str, b: str) -> bool:
    first, second = set(folded(a).split()), set(folded(b).split())
    return bool(first and second) and 2 * len(first & second) >= min(len(first), len(second))
