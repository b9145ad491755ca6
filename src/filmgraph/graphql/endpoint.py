"""The address that GraphQL is asked at, as an ASGI application: one HTTP request from its head to its reply."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Protocol

from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope, Send

from filmgraph import deadline
from filmgraph.access import Access, Role
from filmgraph.graphql import http
from filmgraph.graphql.cache import Reply, ResponseCache
from filmgraph.graphql.execution import Answer, Engine, Question, internal, refuse_stream
from filmgraph.graphql.http import Call, RequestError
from filmgraph.graphql.limits import refusal
from filmgraph.graphql.persisted import PersistedDocuments
from filmgraph.operations.compression import encoding
from filmgraph.settings import Settings
from filmgraph.workers import Workers

__all__ = ["Endpoint"]

log = logging.getLogger("filmgraph.graphql")


class NewContext(Protocol):
    """Makes what the resolvers of one request are given; the graph's revision is its own from then on."""

    def __call__(self, role: Role, token: str | None, request_id: str) -> Any: ...


class Endpoint:
    """Answers questions over HTTP: from the cache, on the spot when nothing need be looked up, or in a thread."""

    def __init__(
        self,
        engine: Engine,
        persisted: PersistedDocuments,
        cache: ResponseCache,
        workers: Workers,
        access: Access,
        settings: Settings,
        *,
        new_context: NewContext,
        revision: Callable[[], int],
    ) -> None:
        self.engine = engine
        self.persisted = persisted
        self.cache = cache
        self.workers = workers
        self.access = access
        self.settings = settings
        self.new_context = new_context
        self.revision = revision

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope)
        request_id: str = scope["request_id"]
        try:
            found = await self._respond(call, receive, request_id)
        except RequestError as error:
            found = http.refusal_reply(call, error)
        except Exception as error:
            log.error("request %s failed", request_id, exc_info=error, extra={"request_id": request_id})
            found = http.failure_reply(call, internal(request_id))
        await http.send_reply(call, found, send)

    async def _respond(self, call: Call, receive: Receive, request_id: str) -> Reply:
        media = http.check_head(call)
        token = call.token
        role = self.access.role(token)
        if role < Role.READER:
            raise RequestError(
                401, "UNAUTHENTICATED", "this server answers to known tokens only: send `Authorization: Bearer TOKEN`",
                {"www-authenticate": "Bearer"},
            )  # fmt: skip
        body = call.query_string
        if call.method == "POST":
            body = await http.read_body(receive, self._most(role))
        key, revision = (role, media, encoding(call.encodings), call.method, body), self.revision()
        kept = self.cache.get(revision, key)
        if kept is not None:
            return kept
        questions, batch = http.read_questions(call, body, self.settings.max_batch)
        until = monotonic() + self.settings.timeout

        def work() -> Reply:
            context = self.new_context(role, token, request_id)
            answers = self.answers(questions, context, request_id, until)
            found = http.reply(call, media, answers, batch=batch)
            if all(answer.kept for answer in answers):
                self.cache.put(context.index.revision, key, found, len(body))
            return found

        return work() if self._is_light(questions) else await self.workers.run(work)

    def _is_light(self, questions: Sequence[Question]) -> bool:
        """Whether nothing need be looked up to answer, so that a thread would be but a detour."""
        text = questions[0].query if len(questions) == 1 else None
        document = self.engine.documents.known(text) if text else None
        return document is not None and document.light

    def _most(self, role: Role) -> int:
        """The longest body. Reviews are longer than questions; JSON may take six bytes for a character."""
        return self.settings.max_body + (6 * self.settings.max_document_chars if role >= Role.WRITER else 0)

    def answers(
        self, questions: Sequence[Question], context: Any, request_id: str, until: float
    ) -> list[Answer]:
        """An answer for each question; what they cost together must be within what one may cost."""
        left, answers = self.engine.limits.cost, []
        for question in questions:
            try:
                document, operation, cost = self.prepare(question)
                refuse_stream(operation)
                left -= cost
                if left < 0:
                    raise refusal("the queries of this batch cost too much together", "QUERY_TOO_EXPENSIVE")
            except (GraphQLError, ExceptionGroup) as error:
                answers.append(self.engine.refused(error, request_id))
                continue
            if operation.operation is OperationType.QUERY:
                with deadline.within(until):
                    answers.append(self.engine.execute(document, question, context, request_id, until))
            else:  # a change is made as a whole or not at all
                answers.append(self.engine.execute(document, question, context, request_id))
        return answers

    def prepare(self, question: Question) -> Any:
        """The question's document, its operation and what that costs; raises what refuses it."""
        text = self.persisted.text(question.query, question.extensions)
        document, costs = self.engine.documents.prepare(text, question.variables)
        if "persistedQuery" in question.extensions:
            self.persisted.remember(text)
        operation = document.operation(question.operation)
        if question.safe and operation.operation is not OperationType.QUERY:
            raise RequestError(
                405, "METHOD_NOT_ALLOWED", "GET is for queries only; use POST", {"allow": "POST"}
            )
        return document, operation, costs[operation.name.value if operation.name else None]
