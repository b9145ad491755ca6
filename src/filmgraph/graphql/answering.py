"""From questions to answers: who may ask, what it would cost, and where the work is done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from math import inf
from time import monotonic
from typing import Any, Protocol

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution.execute import create_source_event_stream

from filmgraph import deadline
from filmgraph.access import Access, Role
from filmgraph.graphql.documents import Document
from filmgraph.graphql.execution import Answer, Engine, Question
from filmgraph.graphql.limits import refusal
from filmgraph.graphql.persisted import PersistedDocuments
from filmgraph.settings import Settings
from filmgraph.workers import Workers

__all__ = ["Answering", "Asker"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the role that a token gave them, the token, and the id of the request."""

    role: Role
    token: str | None
    request_id: str


class Context(Protocol):
    """What the resolvers of one request are given."""

    def release(self) -> None:
        """All has been answered: let go of what was loaded, so that nobody has to look for it."""


class NewContext(Protocol):
    """Makes a request's context; it is asked in a thread."""

    def __call__(self, asker: Asker) -> Any: ...


class Answering:
    """What HTTP, event streams and WebSockets have in common."""

    def __init__(
        self,
        engine: Engine,
        persisted: PersistedDocuments,
        workers: Workers,
        access: Access,
        settings: Settings,
        new_context: NewContext,
    ) -> None:
        self.engine = engine
        self.persisted = persisted
        self.workers = workers
        self.access = access
        self.settings = settings
        self.new_context = new_context

    def prepare(self, question: Question) -> tuple[Document, OperationDefinitionNode, int]:
        """The question's document, its operation and what that costs; raises what refuses it."""
        text = self.persisted.text(question.query, question.extensions)
        document, costs = self.engine.documents.prepare(text, question.variables)
        if "persistedQuery" in question.extensions:
            self.persisted.remember(text)
        operation = document.operation(question.operation)
        return document, operation, costs[operation.name.value if operation.name else None]

    def answers(
        self, questions: Sequence[Question], context: Context, asker: Asker, until: float
    ) -> list[Answer]:
        """An answer for each question, and the context released; what they cost together must be within what one may
        cost."""
        left, answers = self.engine.limits.cost, []
        for question in questions:
            try:
                document, operation, cost = self.prepare(question)
                left -= cost
                _check(operation, question, left)
            except (GraphQLError, ExceptionGroup) as error:
                answers.append(self.engine.refused(error, asker.request_id))
                continue
            # a change is made as a whole or not at all, so that only questions are stopped
            end = until if operation.operation is OperationType.QUERY else inf
            with deadline.within(end):
                answers.append(self.engine.execute(document, question, context, asker.request_id, end))
        context.release()
        return answers

    async def results(self, question: Question, asker: Asker) -> AsyncIterator[Answer]:
        """The answers to a subscription, one for each event; the one answer to anything else."""
        document, operation, _ = await self.workers.run(lambda: self.prepare(question))
        until = monotonic() + self.settings.timeout
        context = await self.workers.run(lambda: self.new_context(asker))
        if operation.operation is not OperationType.SUBSCRIPTION:
            (answer,) = await self.workers.run(
                lambda: self.answers([question], context, asker, until), seconds=inf
            )
            yield answer
            return
        async for answer in self._events(document, operation, question, context, asker):
            yield answer

    async def _events(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        question: Question,
        context: Any,
        asker: Asker,
    ) -> AsyncIterator[Answer]:
        stream = self.engine.stream(document, question, context)
        source = stream if isinstance(stream, list) else create_source_event_stream(stream)
        if isawaitable(source):
            source = await source
        if isinstance(source, list):
            yield Answer({"errors": [self.engine.shown(error, asker.request_id) for error in source]})
            return
        if isinstance(source, ExecutionResult):
            yield self.engine.answer(source, operation, asker.request_id)
            return
        assert not isinstance(stream, list)
        try:
            async for event in source:
                answer = self._answer_to(stream, event, operation, asker)
                yield await self.workers.run(answer)
        finally:
            await source.aclose()  # type: ignore[attr-defined]

    def _answer_to(
        self, stream: Any, event: Any, operation: OperationDefinitionNode, asker: Asker
    ) -> Callable[[], Answer]:
        """The work of answering with one event, from the graph as it is then."""

        def work() -> Answer:
            context = self.new_context(asker)
            executor = self.engine.for_event(stream, event, context)
            with deadline.within(monotonic() + self.settings.timeout):
                result = executor.execute_operation()
            context.release()
            assert isinstance(result, ExecutionResult)
            return self.engine.answer(result, operation, asker.request_id)

        return work


def _check(operation: OperationDefinitionNode, question: Question, left: int) -> None:
    """Raise GraphQLError for what cannot be answered by one reply, or costs more than is `left`."""
    if operation.operation is OperationType.SUBSCRIPTION:
        raise refusal(
            "a subscription is answered over a WebSocket (graphql-transport-ws) or as text/event-stream",
            "BAD_REQUEST",
        )
    if question.safe and operation.operation is not OperationType.QUERY:
        raise refusal("GET is for queries only; use POST", "METHOD_NOT_ALLOWED")
    if left < 0:
        raise refusal("the queries of this batch cost too much together", "QUERY_TOO_EXPENSIVE")
