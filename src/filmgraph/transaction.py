"""What a write does to the graph: one algorithm over the tables of any store.

Facts are what reviews say and people judge. Claims, their beliefs and what provisional entities are called follow from
them, and are derived here, in the transaction that changes a fact, so that the order of writes leaves no trace.
`tables` says what a store must be able to read and write for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from filmgraph.belief import Belief, believe
from filmgraph.errors import NotFoundError, StoreError
from filmgraph.judgements import pinned, pins, standing, verdicts
from filmgraph.model import (
    Claim,
    Entity,
    Evidence,
    Judgement,
    JudgementAction,
    Reading,
    Review,
    kind_of,
    slug,
    sorted_entities,
    voice_of,
)
from filmgraph.store import ImportReport, StoredReading
from filmgraph.stored import canonical, digest, entity_from
from filmgraph.tables import Description, EntityRow, ReviewRow, Statement, Tables

__all__ = [
    "Transaction",
    "recognised",
    "stored_readings",
    "weigh",
]


class Transaction:
    """The writes of a store, over its tables. `changed` tells whether the content is now another."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.changed = False

    # ── readings ────────────────────────────────────────────────────────────────────────────

    def put(
        self, readings: Sequence[Reading], fingerprints: Sequence[str], pipeline: str, by: str = ""
    ) -> int:
        """How many readings were written; those that are there already, or give way, are not."""
        fresh, written = self._fresh(readings, pipeline)
        if fresh:
            self.changed = True
            self._write(fresh, pipeline)
            for id in fresh:
                self._record(by, "ingest", id)
        if fingerprints:
            pairs = zip(fingerprints, readings, strict=True)
            self.tables.mark({mark: reading.review.id for mark, reading in pairs if mark})
        return written

    def _fresh(self, readings: Sequence[Reading], pipeline: str) -> tuple[dict[str, Reading], int]:
        """Review id → the reading that is to be written, and how many came in turn."""
        ids = {reading.review.id for reading in readings}
        rows = self.tables.review_rows(ids)
        held = _held(self.tables.said_in(rows), self.tables.descriptions(rows)) if rows else {}
        known = self.tables.entity_rows({entity.id for reading in readings for entity in reading.entities})
        catalogued = {id for id, row in known.items() if row.catalogued}
        fresh: dict[str, Reading] = {}
        written, passed = 0, set()
        for reading in readings:
            id, content = reading.review.id, _content(reading, catalogued)
            row, new = rows.get(id), ReviewRow(id, canonical(reading.review), pipeline)
            if row and row.data < new.data and row.pipeline == pipeline:
                continue
            if row and row.data == new.data and held.get(id, _NOTHING) == content:
                if row.pipeline != pipeline:
                    passed.add(id)
            else:
                fresh[id], held[id] = reading, content
                written += 1
            rows[id] = new
        self.tables.set_pipeline(passed - fresh.keys(), pipeline)
        return fresh, written

    def _write(self, fresh: Mapping[str, Reading], pipeline: str) -> None:
        tables = self.tables
        claims, entities = self._forget(tables.review_rows(fresh))
        named = {entity.id: entity for reading in fresh.values() for entity in reversed(reading.entities)}
        known = tables.entity_rows(named)
        new = [EntityRow.of(entity, catalogued=False) for id, entity in named.items() if id not in known]
        tables.write_entities(new)
        tables.write_reviews([
            (reading.review, ReviewRow(id, canonical(reading.review), pipeline))
            for id, reading in fresh.items()
        ])  # fmt: skip
        descriptions = [
            Description(id, entity.id, canonical(entity))
            for id, reading in fresh.items()
            for entity in {entity.id: entity for entity in reversed(reading.entities)}.values()
            if not (entity.id in known and known[entity.id].catalogued)
        ]
        tables.write_descriptions(descriptions)
        self._merge_again({row.id for row in new})
        now = datetime.now(UTC)
        said = [
            (_recorded(item, now), voice_of(reading.review))
            for reading in fresh.values()
            for item in {item.id: item for item in reading.evidence}.values()
        ]
        statements = self._count(said)
        self._settle(claims | {item.claim.id for item in statements}, written=statements)
        self._settle_entities(entities | {description.entity for description in descriptions})

    def _forget(self, reviews: Collection[str]) -> tuple[set[str], set[str]]:
        """Delete what `reviews` say; the claims and provisional entities that are then to be settled."""
        claims = {item.claim.id for item in self.tables.said_in(reviews)}
        entities = {description.entity for description in self.tables.descriptions(reviews)}
        self.tables.forget(reviews)
        return claims, entities

    def retract(self, review: str, by: str = "") -> bool:
        """Whether there was such a review."""
        if not self.tables.review_rows([review]):
            return False
        self.changed = True
        claims, entities = self._forget([review])
        self.tables.delete_reviews([review])
        self._settle(claims)
        self._settle_entities(entities)
        self._record(by, "retract", review)
        return True

    def _record(self, by: str, action: str, target: str) -> None:
        """Put what somebody did into the log of changes."""
        if by:
            self.tables.add_change(by, action, target)

    # ── catalogues ──────────────────────────────────────────────────────────────────────────

    def import_entities(self, entities: Iterable[Entity]) -> tuple[ImportReport, list[Entity]]:
        """What was done with some entities of a catalogue, and those that are new to the store."""
        wanted = {entity.id: EntityRow.of(entity, catalogued=True) for entity in entities}
        known = self.tables.entity_rows(wanted)
        total = self.tables.catalogue()
        added: list[EntityRow] = []
        updated: list[EntityRow] = []
        for id, row in wanted.items():
            old = known.get(id)
            if old and old.catalogued and old.data == row.data:
                continue
            total += digest(row.data) - (digest(old.data) if old and old.catalogued else 0)
            (updated if old else added).append(row)
        if added or updated:
            self.changed = True
            self.tables.write_entities([*added, *updated])
            self.tables.set_catalogue(total % (1 << 128))
            self._recount({row.id for row in updated if row.year != known[row.id].year})
        report = ImportReport(len(added), len(updated), len(wanted) - len(added) - len(updated))
        return report, [row.entity for row in added]

    def merge_known(self, newcomers: Iterable[Entity], source: str) -> int:
        """Merge provisional entities with what a catalogue has newly told of; how many."""
        found = recognised((row.entity for row in self.tables.provisional()), newcomers)
        losers = {loser for loser, _ in self.tables.merges({loser for loser, _ in found})}
        found = [(loser, survivor) for loser, survivor in found if loser not in losers]
        note = f"recognised in the catalogue {source}"
        for loser, survivor in found:
            id = f"merge:{loser}>{survivor}@{self.tables.revision}"
            judgement = Judgement(id, JudgementAction.MERGE, loser, survivor, by="catalogue", note=note)
            self._log(judgement)
            self._merge(judgement)
        return len(found)

    # ── judgements ──────────────────────────────────────────────────────────────────────────

    def judge(self, judgement: Judgement) -> None:
        self._log(judgement)
        self._record(judgement.by, "judge", judgement.id)
        if judgement.action is JudgementAction.MERGE:
            self._merge(judgement)
        elif judgement.action is JudgementAction.SPLIT:
            self._unmerge(judgement.target)
        elif judgement.action is JudgementAction.PIN:
            self._pin(judgement)
        else:
            self._settle(self._there(judgement.target))

    def undo(self, id: str, by: str = "") -> None:
        log = self.tables.judgements()
        known = {entry.id: entry for entry in log}
        if id not in known:
            raise NotFoundError(f"there is no judgement {id}")
        if id in {entry.undoes for entry in log}:
            raise StoreError(f"judgement {id} is undone already")
        entry = known[id]
        self._log(Judgement(f"{id}/undone", entry.action, entry.target, by=by, undoes=id))
        self._record(by, "undo", id)
        if entry.action is JudgementAction.MERGE:
            self._unmerge(entry.target)
        elif entry.action is JudgementAction.SPLIT:
            self._merge_again({entry.target})
            self._recount({entry.target})
        elif entry.action is JudgementAction.PIN:
            self._count_again(self.tables.said_in([pinned(entry.target)[0]]))
        else:
            self._settle(self._there(entry.target))

    def replay(self, log: Sequence[Judgement]) -> None:
        """Take over another store's log; what is in this one's already is passed over."""
        known = {entry.id for entry in self.tables.judgements()}
        fresh = [entry for entry in log if entry.id not in known]
        for entry in fresh:
            self._log(entry)
        targets: dict[JudgementAction, set[str]] = defaultdict(set)
        for entry in fresh:
            targets[entry.action].add(entry.target)
        losers = targets[JudgementAction.MERGE] | targets[JudgementAction.SPLIT]
        for loser in sorted(losers):
            self.tables.delete_merge(loser)
        self._merge_again(losers)
        self._recount(losers)
        reviews = {pinned(target)[0] for target in targets[JudgementAction.PIN]}
        self._count_again(self.tables.said_in(reviews))
        claims = targets[JudgementAction.ACCEPT] | targets[JudgementAction.REJECT]
        self._settle({item.claim.id for item in self.tables.said_for(claims)})

    def _log(self, judgement: Judgement) -> None:
        if judgement.id in {entry.id for entry in self.tables.judgements()}:
            raise StoreError(f"there is a judgement {judgement.id} already")
        self.tables.add_judgement(replace(judgement, at=judgement.at or datetime.now(UTC)))
        self.changed = True

    def _there(self, claim: str) -> set[str]:
        return {item.claim.id for item in self.tables.said_for([claim])}

    def _merge(self, judgement: Judgement) -> None:
        loser, survivor = judgement.target, judgement.value
        if survivor is None or loser == survivor or len(self.tables.entity_rows([loser, survivor])) < 2:
            raise StoreError(f"cannot merge {loser} into {survivor}: both must be in the store, and differ")
        if self._survivors([survivor])[survivor] == loser:
            raise StoreError(f"cannot merge {loser} into {survivor}, which has been merged into it")
        self.tables.write_merge(loser, survivor, judgement.id)
        self._recount({loser})

    def _pin(self, judgement: Judgement) -> None:
        review, entity = pinned(judgement.target)
        meant = {judgement.value or ""}
        if not self.tables.review_rows([review]) or not self.tables.entity_rows(meant):
            raise StoreError(
                f"cannot pin {entity} in {review} to {judgement.value}: both must be in the store"
            )
        self._count_again(self.tables.said_in([review]))

    def _unmerge(self, loser: str) -> None:
        survivors = {survivor for lost, survivor in self.tables.merges([loser]) if lost == loser}
        self.tables.delete_merge(loser)
        self._recount({loser})
        self._settle_entities(survivors)

    def _merge_again(self, ids: Collection[str]) -> None:
        """Let merges of `ids` that have been judged, and not taken back, be in force (again)."""
        if not ids:
            return
        last = {entry.target: entry for entry in standing(self.tables.judgements()) if entry.target in ids}
        asked = {
            loser: entry.value
            for loser, entry in last.items()
            if entry.action is JudgementAction.MERGE and entry.value
        }
        there = self.tables.entity_rows(asked.values())
        for loser, survivor in sorted(asked.items()):
            if survivor in there and self._survivors([survivor])[survivor] != loser:
                self.tables.write_merge(loser, survivor, last[loser].id)

    def _survivors(self, ids: Collection[str]) -> dict[str, str]:
        """Each id → the entity that it has been merged into in the end; itself, as a rule."""
        merges: dict[str, str] = {}
        frontier = set(ids)
        while frontier:
            step = {loser: survivor for loser, survivor in self.tables.merges(frontier) if loser in frontier}
            merges |= step
            frontier = set(step.values()) - merges.keys()

        def last(id: str) -> str:
            return last(merges[id]) if id in merges else id

        return {id: last(id) for id in ids}

    def _losers(self, ids: Collection[str]) -> set[str]:
        """`ids` and all that has been merged into them."""
        found, frontier = set(ids), set(ids)
        while frontier:
            frontier = {
                loser for loser, survivor in self.tables.merges(frontier) if survivor in frontier
            } - found
            found |= frontier
        return found

    # ── what is derived ─────────────────────────────────────────────────────────────────────

    def _count(self, said: Collection[tuple[Evidence, str]]) -> list[Statement]:
        """Evidence with its voice → the claim it counts for; StoreError when an entity is unknown."""
        meant = pins(self.tables.judgements()) if said else {}
        ends = {end for item, _ in said for end in (item.claim.subject, item.claim.object)}
        survivors = self._survivors(ends | set(meant.values()))
        rows = self.tables.entity_rows(set(survivors.values()))

        def entity(item: Evidence, end: str) -> str:
            corrected = survivors.get(meant.get((item.review, end), ""), "")
            return corrected if corrected in rows else survivors[end]

        statements = []
        for item, voice in said:
            subject, object_ = (entity(item, end) for end in (item.claim.subject, item.claim.object))
            claim = Claim(subject, item.claim.relation, object_)
            for end in (claim.subject, claim.object):
                if end not in rows:
                    raise StoreError(
                        f"evidence names {end}, which is neither catalogued nor among the reading's entities"
                    )
            late = item.anachronistic or _is_late(rows[claim.subject], rows[claim.object])
            statements.append(Statement(replace(item, anachronistic=late), claim, voice))
        return statements

    def _recount(self, entities: Collection[str]) -> None:
        """Let the evidence that names `entities`, or what was merged into them, count anew."""
        if not entities:
            return
        losers = self._losers(entities)
        corrected = {
            review for (review, _), meant in pins(self.tables.judgements()).items() if meant in losers
        }
        self._count_again([*self.tables.said_of(losers), *self.tables.said_in(corrected)])

    def _count_again(self, old: Iterable[Statement]) -> None:
        old = list({item.evidence.id: item for item in old}.values())
        if old:
            new = self._count([(replace(item.evidence, anachronistic=False), item.voice) for item in old])
            self._settle({item.claim.id for item in [*old, *new]}, moved=new)

    def _settle(
        self,
        claims: Collection[str],
        *,
        written: Sequence[Statement] = (),
        moved: Sequence[Statement] = (),
    ) -> None:
        """Bring `claims` up to the evidence for them, some of which is only now written or moved."""
        if not claims:
            return
        self.changed = True
        now = {item.evidence.id: item for item in self.tables.said_for(claims)}
        now |= {item.evidence.id: item for item in (*written, *moved)}
        weighed = weigh(now.values(), verdicts(self.tables.judgements()))
        stated = {item.claim.id: item.claim for item in now.values()}
        self.tables.write_claims([
            (stated[id], *weighed[id]) for id in sorted(stated.keys() & set(claims))
        ])  # fmt: skip
        self.tables.write_evidence(written)
        self.tables.move_evidence(moved)
        self.tables.remove_claims(set(claims) - stated.keys())

    def _settle_entities(self, ids: Collection[str]) -> None:
        """A provisional entity is what the first of its descriptions says, and is gone with the last, unless
        another has been merged into it."""
        rows = {id: row for id, row in self.tables.entity_rows(ids).items() if not row.catalogued}
        if not rows:
            return
        first = self.tables.first_descriptions(rows)
        silent = rows.keys() - first.keys()
        merges = self.tables.merges(silent)
        self.tables.write_entities([
            EntityRow.of(entity_from(id, data), catalogued=False)
            for id, data in first.items()
            if data != rows[id].data
        ])  # fmt: skip
        gone = silent - {survivor for _, survivor in merges}
        self.tables.delete_entities(gone)
        self._settle_entities({survivor for loser, survivor in merges if loser in gone})


# ── pure ────────────────────────────────────────────────────────────────────────────────────


def weigh(
    said: Iterable[Statement], verdicts: Mapping[str, JudgementAction]
) -> dict[str, tuple[Belief, bool]]:
    """Claim id → its belief, and whether all its evidence is anachronistic."""
    by_claim: dict[str, list[Statement]] = defaultdict(list)
    for item in said:
        by_claim[item.claim.id].append(item)
    return {
        claim: (
            believe(
                [(item.evidence, item.voice) for item in sorted(items, key=lambda item: item.evidence.id)],
                judgement=verdicts.get(claim),
            ),
            all(item.evidence.anachronistic for item in items),
        )
        for claim, items in by_claim.items()
    }


def stored_readings(
    reviews: Iterable[tuple[Review, str]],
    said: Iterable[Statement],
    described: Iterable[Description],
    marks: Iterable[tuple[str, str]],
) -> list[StoredReading]:
    """Reviews with their pipelines, what they say, and (review, fingerprint) → readings as they were put."""
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    entities: dict[str, list[Entity]] = defaultdict(list)
    fingerprints: dict[str, list[str]] = defaultdict(list)
    for item in said:
        evidence[item.evidence.review].append(item.evidence)
    for description in described:
        entities[description.review].append(entity_from(description.entity, description.data))
    for review, mark in marks:
        fingerprints[review].append(mark)
    return [
        StoredReading(
            Reading(
                review,
                evidence=tuple(sorted(evidence[review.id], key=lambda item: item.id)),
                entities=tuple(sorted_entities(entities[review.id])),
            ),
            pipeline,
            tuple(sorted(fingerprints[review.id])),
        )
        for review, pipeline in reviews
    ]


def recognised(provisional: Iterable[Entity], newcomers: Iterable[Entity]) -> list[tuple[str, str]]:
    """(provisional id, newcomer's id) where exactly one newcomer has its kind, name and year, by id."""
    wanted = {
        (kind_of(entity.id), slug(entity.name), entity.year): entity.id
        for entity in sorted(provisional, key=lambda entity: entity.id)
    }
    fits: dict[str, set[str]] = defaultdict(set)
    for entity in newcomers if wanted else ():
        kind = kind_of(entity.id)
        for name in {slug(entity.name), *map(slug, entity.aliases)}:
            if (kind, name, entity.year) in wanted and (entity.year or kind != "film"):
                fits[wanted[kind, name, entity.year]].add(entity.id)
    return [(loser, min(ids)) for loser, ids in sorted(fits.items()) if len(ids) == 1]


def _is_late(subject: EntityRow, object: EntityRow) -> bool:
    """A film cannot descend from a later one."""
    if subject.year is None or object.year is None:
        return False
    films = subject.id.startswith("film:") and object.id.startswith("film:")
    return films and subject.year < object.year


def _recorded(item: Evidence, now: datetime) -> Evidence:
    if item.provenance.recorded:
        return item
    return replace(item, provenance=replace(item.provenance, recorded=now))


_NOTHING: tuple[frozenset[object], frozenset[object]] = frozenset(), frozenset()


def _content(reading: Reading, catalogued: Collection[str]) -> tuple[frozenset[object], frozenset[object]]:
    """What of a reading tells whether another says the same."""
    described = {entity.id: entity for entity in reversed(reading.entities)}
    return (
        frozenset(_mark(item) for item in {item.id: item for item in reading.evidence}.values()),
        frozenset((id, canonical(entity)) for id, entity in described.items() if id not in catalogued),
    )


def _held(
    said: Iterable[Statement], described: Iterable[Description]
) -> dict[str, tuple[frozenset[object], frozenset[object]]]:
    """Review id → what is kept of it, as `_content`."""
    evidence: dict[str, set[object]] = defaultdict(set)
    descriptions: dict[str, set[object]] = defaultdict(set)
    for item in said:
        evidence[item.evidence.review].add(_mark(item.evidence))
    for description in described:
        descriptions[description.review].add((description.entity, description.data))
    return {
        id: (frozenset(evidence[id]), frozenset(descriptions[id]))
        for id in evidence.keys() | descriptions.keys()
    }


def _mark(item: Evidence) -> object:
    provenance = item.provenance
    return item.id, item.stance, item.confidence, provenance.extractor, provenance.version
