"""What critics in general say of two works: how often they were read as kin in a large body of reviews.

A reader who knows films knows which of them are remakes of which, and whose formula everybody follows. This
knowledge is no evidence: no claim is made of it. It only helps to tell what a sentence means that names both. It is
counted by `training/kinship.py` from reviews without labels and is read from `data/kinship.json.gz`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from filmgraph.candidates import Pair
from filmgraph.settings import packaged_table

__all__ = ["KINSHIP", "Kin", "Kinship", "kinship_features", "load_kinship"]

KINSHIP = "kinship.json.gz"


@dataclass(frozen=True, slots=True)
class Kin:
    """In how many reviews two works are likely to be joined, the surest one left out; and mostly by what."""

    lineage: float
    comparison: float
    membership: float = 0.0
    relation: str = ""


@dataclass(frozen=True, slots=True)
class Kinship:
    """`pairs`: (subject, object) → their kin; `sources`: entity → what it is to those that are joined to it; `origins`:
    (subject, relation) → what it is mostly said to be that to, the surest first.
    """

    pairs: Mapping[tuple[str, str], Kin]
    sources: Mapping[str, Kin]
    origins: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@cache
def load_kinship() -> Kinship:
    """The counts that training wrote; none if it has not."""
    record = packaged_table(KINSHIP)
    if not record:
        return Kinship({}, {})
    ids = record["ids"]
    pairs = {
        (ids[a], ids[b]): Kin(x / 10, y / 10, z / 10, relation) for a, b, x, y, z, relation in record["pairs"]
    }
    sources = {ids[a]: Kin(x / 10, y / 10) for a, x, y in record["sources"]}
    return Kinship(pairs, sources, _origins(pairs))


SAID_OFTEN = 1.0
"""In how many reviews two works must be joined for one to be known as the other's origin."""
NOT_ONLY_COMPARED = 0.38
"""What share of these reviews must join them by lineage."""


def _origins(pairs: Mapping[tuple[str, str], Kin]) -> dict[tuple[str, str], tuple[str, ...]]:
    said = (
        (-kin.lineage, ends, kin.relation)
        for ends, kin in pairs.items()
        if kin.lineage >= SAID_OFTEN and _share(kin) >= NOT_ONLY_COMPARED
    )
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for _, (subject, object_), relation in sorted(said):
        found[subject, relation] = (*found.get((subject, relation), ()), object_)
    return found


_COUNTS = (0.25, 0.6, 1.2, 2.5, 5.0)
_SHARES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)
LEAST = 1.5


def kinship_features(pair: Pair) -> Iterator[str]:
    """What is generally said of a pair, as names of features."""
    known = load_kinship()
    subject, object_ = pair.subject.entity, pair.object.entity
    kin = known.pairs.get((subject, object_))
    if kin:
        yield f"kin:lineage{bisect_right(_COUNTS, kin.lineage)}"
        yield f"kin:comparison{bisect_right(_COUNTS, kin.comparison)}"
        yield f"kin:share{bisect_right(_SHARES, _share(kin))}"
        if kin.membership > _COUNTS[0]:
            yield "kin:member"
        if kin.relation and kin.lineage > _COUNTS[0]:
            yield f"kin:{kin.relation}"
    turned = known.pairs.get((object_, subject))
    if turned and turned.lineage > max(_COUNTS[1], 2 * kin.lineage if kin else 0.0):
        yield "kin turned"
    source = known.sources.get(object_)
    if source and source.lineage + source.comparison > LEAST:
        yield f"source:share{bisect_right(_SHARES, _share(source))}"
        yield f"source:lineage{bisect_right(_COUNTS, source.lineage / 4)}"


def _share(kin: Kin) -> float:
    return kin.lineage / max(kin.lineage + kin.comparison, 1e-9)
