"""Claims as critics had them by a day: what was written later, or at a day unknown, is not heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from filmgraph.belief import believe
from filmgraph.judgements import verdicts
from filmgraph.store import ClaimFilter, ClaimRecord, EvidenceRecord, Store

__all__ = ["claims_by", "claims_finder", "written_by"]

PAGE = 500


def written_by(records: Iterable[EvidenceRecord], day: date | None) -> list[EvidenceRecord]:
    """What of `records` had been written by `day`; all of it without one."""
    return [item for item in records if day is None or (item.published is not None and item.published <= day)]


def claims_by(store: Store, records: Sequence[ClaimRecord], day: date) -> list[ClaimRecord]:
    """`records` with the belief they had by `day`, those alone that had evidence then; two store calls."""
    said = store.evidence(record.id for record in records)
    decided = verdicts(store.judgements())
    then = []
    for record in records:
        items = written_by(said.get(record.id, ()), day)
        if items:
            belief = believe(
                sorted(((item.evidence, item.voice) for item in items), key=lambda pair: pair[0].id),
                judgement=decided.get(record.id),
            )
            anachronistic = all(item.evidence.anachronistic for item in items)
            then.append(replace(record, belief=belief, anachronistic=anachronistic))
    return then


def claims_finder(store: Store, where: ClaimFilter, day: date) -> Callable[..., list[ClaimRecord]]:
    """`store.find_claims` by id as of `day`: it takes after, before, limit and last. Belief is judged as of then."""
    asked = replace(where, min_belief=0.0, written_to=min(where.written_to or day, day))

    def find(*, after: str = "", before: str = "", limit: int = 50, last: bool = False) -> list[ClaimRecord]:
        found: list[ClaimRecord] = []
        while len(found) < limit:
            size = max(limit, PAGE) if where.min_belief > 0 else limit
            page = store.find_claims(asked, after=after, before=before, limit=size, last=last)
            believed = [r for r in claims_by(store, page, day) if r.belief.value >= where.min_belief]
            found = believed + found if last else found + believed
            if len(page) < size:
                break
            after, before = (after, page[0].id) if last else (page[-1].id, before)
        return found[-limit:] if last else found[:limit]

    return find
