"""Each stage of the reading by itself, and what a perfect rest would make of what it leaves.

    mentions     has every work that careful readers listed a mention at all?
    links        does a mention that was found mean the right thing?
    candidates   are the two ends of a gold claim a candidate pair?
    claims       what is decided, when mentions and links are those of the careful readers?

The oracle (`Reached`) counts the gold lineage claims that are still reachable after each stage: a perfect
later stage would find these and nothing else.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filmgraph.candidates import pairs
from filmgraph.documents import document_from_record
from filmgraph.evaluate import Report, evaluate, format_report
from filmgraph.extractor import LinkedText, entities_meant
from filmgraph.matching import (
    LINEAGE,
    Record,
    Tally,
    claims_of,
    folded,
    same_entity,
    same_pair_and_sign,
    share,
)
from filmgraph.model import (
    Entity,
    EntityKind,
    Film,
    Franchise,
    Link,
    Mention,
    Person,
    Work,
    catalogued_id,
    provisional_id,
)
from filmgraph.passages import passage
from filmgraph.reader import Reader
from filmgraph.records import entity_record, object_record
from filmgraph.text import normalise

__all__ = ["STAGES", "Judged", "Stage", "judge_links", "read_judged", "reviewers_links", "stage"]

STAGES = ("mentions", "links", "candidates", "claims")


@dataclass(frozen=True, slots=True)
class Judged:
    """A review with its gold record, as it was read: linked (with what was rejected) and extracted."""

    gold: Record
    record: Record
    text: LinkedText
    predicted: Record


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage does by itself: counts per kind, further figures, and the gold lineage claims that a
    perfect later stage would still reach."""

    name: str
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    reached: int = 0
    claims: int = 0
    report: Report | None = None

    @property
    def oracle(self) -> tuple[float, float]:
        """Recall and F1 of a perfect later stage, which adds nothing wrong."""
        recall = share(self.reached, self.claims)
        return recall, share(2 * recall, 1 + recall)

    def to_json(self) -> dict[str, Any]:
        recall, f1 = self.oracle
        record: dict[str, Any] = {
            "stage": self.name,
            "counts": {
                name: {"hits": t.hits, "extra": t.extra, "missed": t.missed, "recall": round(t.recall, 3)}
                for name, t in self.tallies.items()
            },
            "figures": {name: round(value, 3) for name, value in self.figures.items()},
            "oracle": {
                "reached": self.reached,
                "claims": self.claims,
                "recall": round(recall, 3),
                "f1": round(f1, 3),
            },
        }
        return record | ({"report": self.report.to_json()} if self.report else {})

    def __str__(self) -> str:
        lines = [f"{self.name}, by itself"]
        lines += [f"  {name:22s} {_rates(tally)}" for name, tally in self.tallies.items()]
        lines += [f"  {name}: {value:.3f}".removesuffix(".000") for name, value in self.figures.items()]
        if self.report:
            lines += ["  " + line for line in format_report(self.report).split("\n")]
        recall, f1 = self.oracle
        lines.append(
            f"  a perfect rest would reach lineage R {recall:.3f}, F1 {f1:.3f} ({self.reached} of {self.claims} claims)"
        )
        return "\n".join(lines)


def _rates(tally: Tally) -> str:
    precision = f"P {tally.precision:.3f}  " if tally.extra else ""
    return f"{precision}R {tally.recall:.3f}   hits {tally.hits} extra {tally.extra} missed {tally.missed}"


def read_judged(
    reader: Reader, records: Iterable[Record], golds: Iterable[Record], place: str
) -> Iterator[Judged]:
    """Every review of an evaluation directory, read with what was rejected kept."""
    known = {gold["id"]: gold for gold in golds}
    for record in records:
        text = reader.link(document_from_record(record, place), explain=True)
        extracted = reader.extractor.extract([text])[0]
        gold = known.get(record["id"], {"id": record["id"], "films": [], "claims": []})
        yield Judged(gold, record, text, reader.record(text, extracted))


def stage(name: str, judged: Sequence[Judged], reader: Reader) -> Stage:
    """One stage of STAGES over reviews that were read."""
    reached = sum(_reaches(name, item, claim) for item in judged for claim in claims_of(item.gold, LINEAGE))
    found = _MEASURES[name](judged, reader)
    return replace(found, reached=reached, claims=sum(len(claims_of(item.gold, LINEAGE)) for item in judged))


# ── the oracle ──────────────────────────────────────────────────────────────────────────────


def _reaches(name: str, item: Judged, claim: Record) -> bool:
    """Whether a gold claim can still be found after stage `name`."""
    ends = claim["subject"], claim["object"]
    if name == "mentions":
        return all(
            _is_reviewed(end, item) or _linked(end, item) or _mentioned(end, item, claim) for end in ends
        )
    if name == "links":
        return all(_is_reviewed(end, item) or _linked(end, item) for end in ends)
    if name == "candidates":
        return any(_joins(pair, ends) for pair in _pairs(item.text))
    return any(same_pair_and_sign(claim, found) for found in claims_of(item.predicted, LINEAGE))


def _joins(pair: tuple[Record, Record], ends: tuple[Record, Record]) -> bool:
    return any(same_entity(ends[0], a) and same_entity(ends[1], b) for a, b in (pair, pair[::-1]))


def _pairs(text: LinkedText) -> list[tuple[Record, Record]]:
    """The candidate pairs of a review as records, each once."""
    ids = dict.fromkeys((pair.subject.entity, pair.object.entity) for pair in pairs(text.passage))
    return [(object_record(text.entity(a), text), object_record(text.entity(b), text)) for a, b in ids]


def _is_reviewed(end: Record, item: Judged) -> bool:
    reviewed = item.text.linking.reviewed
    return reviewed is not None and same_entity(end, entity_record(item.text.entity(reviewed)))


def _linked(end: Record, item: Judged) -> bool:
    return any(same_entity(end, record) for _, record in _links(item.text))


def _links(text: LinkedText) -> list[tuple[Link, Record]]:
    return [
        (link, object_record(text.entity(link.entity), text)) for link in text.linking.links if link.entity
    ]


def _mentioned(end: Record, item: Judged, claim: Record) -> bool:
    """Whether some mention stands where the text names `end`, or in the quote where it is only described."""
    spans = _places(end, item)
    if spans:
        return any(_overlaps(mention, span) for mention in _mentions(item) for span in spans)
    start = item.text.document.text.find(claim["quote"])
    quote = (start, start + len(claim["quote"]))
    described = (link.mention for link in item.text.linking.links if link.mention.kind == end["kind"])
    return start >= 0 and any(_overlaps(mention, quote) for mention in described)


def _mentions(item: Judged) -> list[Mention]:
    linking = item.text.linking
    return [link.mention for link in (*linking.links, *linking.rejected)]


def _overlaps(mention: Mention, span: tuple[int, int]) -> bool:
    return mention.start < span[1] and span[0] < mention.end


def _places(end: Record, item: Judged) -> list[tuple[int, int]]:
    """Where the text names an entity of the gold record: by its listed surface, its name, a person's surname."""
    names = {end["name"]}
    names |= {film["surface"] for film in item.gold["films"] if same_entity(_film(film), end)}
    if end["kind"] == EntityKind.PERSON:
        names.add(end["name"].split()[-1])
    text = normalise(item.text.document.text)
    found = []
    for name in sorted(names):
        bare = normalise(name).strip("_*\"' ")
        if bare:
            after = "" if end["kind"] == EntityKind.PERSON else r"(?![^\W_])"
            pattern = re.compile(rf"(?<![^\W_]){re.escape(bare)}{after}", re.IGNORECASE)
            found += [match.span() for match in pattern.finditer(text)]
    return sorted(set(found))


def _film(film: Record) -> dict[str, Any]:
    return {"kind": "film", "name": film["title"], "year": film.get("year"), "id": film.get("id")}


# ── mentions ────────────────────────────────────────────────────────────────────────────────


def _wanted(item: Judged) -> list[Record]:
    """What the gold record names, each once, the reviewed film left out."""
    ends = [_film(film) for film in item.gold["films"]]
    ends += [end for claim in item.gold["claims"] for end in (claim["subject"], claim["object"])]
    kept: list[Record] = []
    for end in ends:
        if not _is_reviewed(end, item) and not any(same_entity(other, end) for other in kept):
            kept.append(end)
    return kept


def _measure_mentions(judged: Sequence[Judged], reader: Reader) -> Stage:
    tallies: Counter[tuple[str, str]] = Counter()
    for item in judged:
        mentions = _mentions(item)
        for end in _wanted(item):
            spans = _places(end, item)
            if spans:
                found = any(_overlaps(mention, span) for mention in mentions for span in spans)
            else:
                found = _linked(end, item)
            tallies[end["kind"] if spans else "described", "hits" if found else "missed"] += 1
        tallies["film", "extra"] += sum(not _listed(film, item) for film in item.predicted["films"])
    kinds = [*EntityKind, "described"]
    return Stage(
        "mentions",
        {kind: tally for kind in kinds if (tally := _tally_of(tallies, kind)) != Tally()},
        {"mentions a review": share(sum(len(_mentions(item)) for item in judged), len(judged))},
    )


def _tally_of(counts: Counter[tuple[str, str]], kind: str) -> Tally:
    return Tally(counts[kind, "hits"], counts[kind, "extra"], counts[kind, "missed"])


def _listed(film: Record, item: Judged) -> bool:
    """Whether careful readers took the same words for a work, whichever."""
    found = _film(film)
    if _is_reviewed(found, item) or any(same_entity(found, end) for end in _wanted(item)):
        return True
    listed = [other[key] for other in item.gold["films"] for key in ("surface", "title")]
    listed += [claim[end]["name"] for claim in item.gold["claims"] for end in ("subject", "object")]
    return folded(film["surface"]) in map(folded, listed)


# ── links ───────────────────────────────────────────────────────────────────────────────────


def _measure_links(judged: Sequence[Judged], reader: Reader) -> Stage:
    """Of the named works that have a mention: linked right, linked to something else (extra and missed), NIL.

    A novel or play of a listed film's title is left out: where the text has that name, it may mean the film.
    """
    tallies: Counter[tuple[str, str]] = Counter()
    offered = catalogued = 0
    for item in judged:
        for end in _wanted(item):
            here = _links_at(_places(end, item), item)
            if not here or _shares_title(end, item):
                continue
            linked = [item.text.entity(link.entity) for link in here if link.entity]
            right = any(same_entity(end, object_record(entity, item.text)) for entity in linked)
            tallies[end["kind"], "hits" if right else "missed"] += 1
            tallies[end["kind"], "extra"] += bool(linked) and not right
            id = catalogued_id(EntityKind.FILM, end.get("id") or "")
            if id in reader.catalog:
                catalogued += 1
                offered += right or any(id == other.entity for link in here for other in link.candidates)
    return Stage(
        "links",
        {kind: tally for kind in EntityKind if (tally := _tally_of(tallies, kind)) != Tally()},
        {"the right film among the candidates": share(offered, catalogued)},
    )


def _shares_title(end: Record, item: Judged) -> bool:
    """Whether a work that is no film has the title of the reviewed film or of a listed one."""
    titles = {folded(film["title"]) for film in item.gold["films"]} | {folded(item.record.get("title") or "")}
    return bool(end["kind"] == EntityKind.WORK and folded(end["name"]) in titles)


def _links_at(spans: Sequence[tuple[int, int]], item: Judged) -> list[Link]:
    linking = item.text.linking
    links = (*linking.links, *linking.rejected)
    return [link for link in links if any(_overlaps(link.mention, span) for span in spans)]


def judge_links(reader: Reader, records: Iterable[Record]) -> Counter[str]:
    """How reviewers' own links fare: right, wrong, or nil where nothing is linked.

    A record is a review with `mentions`: start, end, imdb_id. Of several links over a span the one that covers
    most of it counts.
    """
    counts = Counter(right=0, wrong=0, nil=0)
    for record in records:
        links = reader.link(document_from_record(record, "links")).linking.links
        for mention in record["mentions"]:
            start, end = mention["start"], mention["end"]
            over = [link for link in links if link.entity and _overlaps(link.mention, (start, end))]
            best = max(over, key=lambda link: _shared(link.mention, start, end), default=None)
            right = best is not None and best.entity == catalogued_id(EntityKind.FILM, mention["imdb_id"])
            counts["nil" if best is None else "right" if right else "wrong"] += 1
    return counts


def _shared(mention: Mention, start: int, end: int) -> int:
    return min(mention.end, end) - max(mention.start, start)


def reviewers_links(file: Path) -> list[dict[str, Any]]:
    """The records of a file of reviewers' own links: JSON lines, gzipped."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


# ── candidates and claims ───────────────────────────────────────────────────────────────────


AS_LINKED = ", as linked"


def _measure_candidates(judged: Sequence[Judged], reader: Reader) -> Stage:
    """Gold claims whose ends are a pair: when the links are right, and as the review was linked."""
    tallies: Counter[tuple[str, str]] = Counter()
    proposed = 0
    for item in judged:
        right, own = _pairs(_with_gold_links(item)), _pairs(item.text)
        proposed += len(own)
        for claim in item.gold["claims"]:
            kind, ends = claim["object"]["kind"], (claim["subject"], claim["object"])
            for name, found in ((kind, right), (f"{kind}{AS_LINKED}", own)):
                tallies[name, "hits" if any(_joins(pair, ends) for pair in found) else "missed"] += 1
    kinds = [f"{kind}{how}" for how in ("", AS_LINKED) for kind in EntityKind]
    return Stage(
        "candidates",
        {kind: tally for kind in kinds if (tally := _tally_of(tallies, kind)) != Tally()},
        {"pairs a review": share(proposed, len(judged))},
    )


def _measure_claims(judged: Sequence[Judged], reader: Reader) -> Stage:
    texts = [_with_gold_links(item) for item in judged]
    extracted = reader.extractor.extract(texts)
    predicted = [
        {**reader.record(text, found), "id": item.gold["id"]}
        for item, text, found in zip(judged, texts, extracted, strict=True)
    ]
    return Stage(
        "claims", report=evaluate([item.gold for item in judged], predicted, [item.record for item in judged])
    )


def _with_gold_links(item: Judged) -> LinkedText:
    """The review with the links of the careful readers instead of its own."""
    text = item.text
    new: dict[str, Entity] = dict(text.new)
    links = sorted(_gold_links(item, new), key=lambda link: (link.mention.start, -link.mention.end))
    linking = replace(text.linking, links=tuple(links), entities=(), rejected=())
    entities = entities_meant(links, linking.reviewed, new, text.catalog)
    cut = passage(text.document.text, linking.sentences, links, entities, linking.reviewed)
    return replace(text, linking=linking, passage=cut, new=new)


def _gold_links(item: Judged, new: dict[str, Entity]) -> list[Link]:
    """The right links as found; what they lack is put in by its name, and made known to `new`.

    A work that is only described takes over what was linked wrongly in its quote.
    """
    found, wanted = _links(item.text), _wanted(item)
    right = [record for _, record in found if any(same_entity(end, record) for end in wanted)]
    links = [link for link, record in found if record in right or _is_reviewed(record, item)]
    for end in wanted:
        if any(same_entity(end, record) for record in right):
            continue
        entity = _entity(end, item.text)
        new[entity.id] = entity
        for start, stop in _places(end, item) or _described(end, item):
            if not any(_overlaps(link.mention, (start, stop)) for link in links):
                surface = item.text.document.text[start:stop]
                links.append(Link(Mention(start, stop, surface, EntityKind(end["kind"])), entity.id, 1.0))
    return links


def _described(end: Record, item: Judged) -> list[tuple[int, int]]:
    """The span of a wrong link in a quote that speaks of `end`."""
    for claim in item.gold["claims"]:
        if end in (claim["subject"], claim["object"]):
            start = item.text.document.text.find(claim["quote"])
            for link in item.text.linking.links:
                if (
                    start >= 0
                    and _overlaps(link.mention, (start, start + len(claim["quote"])))
                    and link.how != "name"
                ):
                    return [(link.mention.start, link.mention.end)]
    return []


_MAKERS = {
    EntityKind.FILM: Film, EntityKind.WORK: Work, EntityKind.PERSON: Person, EntityKind.FRANCHISE: Franchise,
}  # fmt: skip


def _entity(end: Record, text: LinkedText) -> Entity:
    """The entity of a gold record: the catalogue's, or one made for it."""
    kind = EntityKind(end["kind"])
    known = text.catalog.get(catalogued_id(kind, end["id"])) if end.get("id") else None
    return known or _MAKERS[kind](
        provisional_id(kind, end["name"], end.get("year")), end["name"], end.get("year")
    )


_MEASURES = {
    "mentions": _measure_mentions,
    "links": _measure_links,
    "candidates": _measure_candidates,
    "claims": _measure_claims,
}
