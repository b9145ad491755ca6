"""The schema's mutations. Each needs a token whose bearer may write, and what was done is on record by their name."""

from __future__ import annotations

from datetime import date

import strawberry

from filmgraph import model
from filmgraph.documents import checked, document_from_record
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.ingest import ingest
from filmgraph.judgements import pinned
from filmgraph.model import JudgementAction, review_id
from filmgraph.paging import MAX_PAGE, Window, field
from filmgraph.request import Context, Info
from filmgraph.rows import Claim, Review, claim_pages, review_rows
from filmgraph.store import ClaimFilter, Store

__all__ = ["Mutation"]

ID = strawberry.ID


@strawberry.input(
    description="A review and what is known of it; the film is worked out when it is not given."
)
class ReviewInput:
    text: str
    title: str | None = None
    year: int | None = None
    imdb_id: str | None = None
    reviewer: str | None = None
    outlet: str | None = None
    published: date | None = None
    rating: str | None = strawberry.field(default=None, description="As printed: 3.5/5, B+, 7.")
    url: str | None = None
    licence: str | None = None


@strawberry.type(description="What a review said.")
class Ingested:
    review: Review
    claims: list[Claim]
    known: bool = strawberry.field(description="It had been read before; nothing changed.")


@strawberry.type
class Retracted:
    id: ID
    revision: int


@strawberry.input(description="A human decision.")
class JudgementInput:
    action: JudgementAction
    target: ID = strawberry.field(
        description="ACCEPT, REJECT: a claim. MERGE: the entity that gives way. SPLIT: one that was merged. "
        "PIN: a review and the entity that a name in it was taken for, `review:…#film:…`."
    )
    value: ID | None = strawberry.field(
        default=None, description="MERGE: the entity that stays. PIN: the one that is meant."
    )
    note: str = ""


@strawberry.type(description="A decision in the log of judgements.")
class Judged:
    id: ID
    action: JudgementAction
    target: ID
    value: ID | None
    by: str
    note: str
    revision: int


@strawberry.type(description="All of it needs the server's write token: `Authorization: Bearer …`.")
class Mutation:
    @field
    def ingest_review(self, info: Info, input: ReviewInput) -> Ingested:
        """Read a review into the graph; reading it twice changes nothing."""
        context, by = _writer(info)
        record = {name: value for name, value in vars(input).items() if value is not None}
        document = checked(document_from_record(record, "input"), context.service.settings)
        reader = context.service.reader()
        with context.service.writing() as store:
            progress = ingest([document], store, reader, by=by)
        _refresh(context)
        id = review_id(document.text)
        window = Window("claims", MAX_PAGE)
        claims = claim_pages(context, {"": ClaimFilter(review=id)}, window)[""].nodes
        return Ingested(review=review_rows(context, [id])[id], claims=claims, known=bool(progress.known))

    @field
    def retract_review(self, info: Info, id: ID) -> Retracted:
        """Take a review back: the graph is as if it had never been read."""
        context, by = _writer(info)
        with context.service.writing() as store:
            if not store.retract(id, by=by):
                raise NotFoundError(f"there is no review {id!r}")
        return Retracted(id=id, revision=_refresh(context))

    @field
    def judge(self, info: Info, input: JudgementInput) -> Judged:
        """Record a human decision; it outlasts every new reading."""
        context, by = _writer(info)
        with context.service.writing() as store:
            _check_judgement(store, input)
            id = f"judgement:{input.action}:{input.target}@{store.revision()}"
            store.judge(model.Judgement(id, input.action, input.target, input.value, by, note=input.note))
        return _judged(context, id)

    @field
    def undo(self, info: Info, judgement: ID) -> Judged:
        """Take a judgement back."""
        context, by = _writer(info)
        with context.service.writing() as store:
            store.undo(judgement, by=by)
        return _judged(context, judgement)


def _writer(info: Info) -> tuple[Context, str]:
    """The request's context and who asks; AccessError unless they may change the graph."""
    access = info.context.service.access
    return info.context, access.writer(info.context.token)


def _refresh(context: Context) -> int:
    """Answer the rest of this request from what has just been written; the new revision."""
    context.index = context.service.index(wait=True)
    return context.index.revision


def _check_judgement(store: Store, input: JudgementInput) -> None:
    if input.action in (JudgementAction.ACCEPT, JudgementAction.REJECT):
        if not store.claims([input.target]):
            raise NotFoundError(f"target: there is no claim {input.target!r}")
    elif input.action in (JudgementAction.MERGE, JudgementAction.SPLIT):
        wanted = [input.target, *([input.value] if input.value else [])]
        unknown = [id for id in wanted if store.entity(id) is None]
        if unknown:
            raise NotFoundError(f"there is no entity {unknown[0]!r}")
        if (input.value is None) != (input.action is JudgementAction.SPLIT):
            raise QueryError("value: MERGE names the entity that stays by it; SPLIT takes none")
    else:
        review, entity = pinned(input.target)
        if store.review(review) is None or store.entity(entity) is None:
            raise NotFoundError(
                f"target: {input.target!r} names no review and entity, as in 'review:…#film:…'"
            )
        if input.value is None or store.entity(input.value) is None:
            raise NotFoundError(f"value: there is no entity {input.value!r} that could be meant")


def _judged(context: Context, id: str) -> Judged:
    found = next(entry for entry in context.store.judgements() if entry.id == id)
    return Judged(
        id=ID(id),
        action=found.action,
        target=ID(found.target),
        value=ID(found.value) if found.value else None,
        by=found.by,
        note=found.note,
        revision=_refresh(context),
    )
