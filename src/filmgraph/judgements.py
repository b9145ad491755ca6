"""What the log of judgements amounts to: which of them are in force, and what they decide."""

from __future__ import annotations

from collections.abc import Sequence

from filmgraph.model import Judgement, JudgementAction

__all__ = ["pinned", "pins", "standing", "verdicts"]


def standing(log: Sequence[Judgement]) -> list[Judgement]:
    """Judgements in force: neither undone nor undoing."""
    undone = {entry.undoes for entry in log}
    return [entry for entry in log if entry.undoes is None and entry.id not in undone]


def verdicts(log: Sequence[Judgement]) -> dict[str, JudgementAction]:
    """Claim id → the last accept or reject that has not been undone."""
    decided = (JudgementAction.ACCEPT, JudgementAction.REJECT)
    return {entry.target: entry.action for entry in standing(log) if entry.action in decided}


def pinned(target: str) -> tuple[str, str]:
    """The review and the entity that a pin's target names: "review:…#film:…"."""
    review, _, entity = target.partition("#")
    return review, entity


def pins(log: Sequence[Judgement]) -> dict[tuple[str, str], str]:
    """(review, entity that a name in it was taken for) → the entity that is meant, by the last pin of each."""
    return {
        pinned(entry.target): entry.value
        for entry in standing(log)
        if entry.action is JudgementAction.PIN and entry.value
    }
