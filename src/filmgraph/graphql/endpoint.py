"""The address that GraphQL is asked at, as an ASGI application: one HTTP request from its head to its reply."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from math import inf
from time import monotonic
from typing import Protocol

from starlette.types import Receive, Scope, Send

from filmgraph.access import Role
from filmgraph.graphql import http
from filmgraph.graphql.answering import Answering, Asker
from filmgraph.graphql.cache import Reply, ResponseCache
from filmgraph.graphql.documents import Document
from filmgraph.graphql.execution import Question, internal
from filmgraph.graphql.http import STREAM, Call, RequestError
from filmgraph.graphql.streams import Streams
from filmgraph.operations.compression import encoding

__all__ = ["Endpoint"]

QUICK = 0.003
ON_THE_SPOT = 0.01
log = logging.getLogger("filmgraph.graphql")


class Graph(Protocol):
    """What is asked of the graph beside its answers."""

    @property
    def is_near(self) -> bool:
        """Whether it can be asked in the event loop, since it answers at once or not at all."""

    @property
    def knows_revision(self) -> bool:
        """Whether `revision` need not ask anybody."""

    def revision(self) -> int: ...


class Endpoint:
    """Answers from the cache, on the spot when a document's answers are quick, or in a thread.

    A thread is a detour that costs as much as a small answer. What turns out not to be quick is stopped after
    ON_THE_SPOT seconds, so that nobody else waits, and done again in a thread.

    What is cached is for one revision of the graph alone. A graph on another machine is never asked in the event
    loop, which would hang when that machine does.
    """

    def __init__(self, answering: Answering, streams: Streams, cache: ResponseCache, graph: Graph) -> None:
        self.answering = answering
        self.streams = streams
        self.cache = cache
        self.graph = graph
        self.settings = answering.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = Call(scope)
        request_id: str = scope["request_id"]
        try:
            found = await self._respond(call, receive, send, request_id)
        except RequestError as error:
            found = http.refusal_reply(call, error)
        except Exception as error:
            log.error("request %s failed", request_id, exc_info=error, extra={"request_id": request_id})
            found = http.failure_reply(call, internal(request_id))
        if found is not None:
            await http.send_reply(call, found, send)

    async def _respond(self, call: Call, receive: Receive, send: Send, request_id: str) -> Reply | None:
        """The reply, or None when a stream has been sent in its place."""
        media, token = http.check_head(call), call.token
        role = self._role(token)
        body = call.query_string
        if call.method == "POST":
            body = await http.read_body(receive, self._most(role), self.settings.timeout)
        key = (role, media, encoding(call.encodings), call.method, body)
        here = self.graph.is_near or self.graph.knows_revision
        revision = self.graph.revision() if here else await self.answering.workers.run(self.graph.revision)
        kept = self.cache.get(revision, key)
        if kept is not None:
            return kept
        asker = Asker(role, token, request_id)
        questions, batch = http.read_questions(call, body, self.settings.max_batch)
        if media == STREAM:
            return await self.streams.events(questions, asker, receive, send)
        document, arrived = self._known(questions), monotonic()

        def work(seconds: float) -> Reply | None:
            """The reply, or None when `seconds` on the spot were too few."""
            started = monotonic()
            context = self.answering.new_context(asker)
            answers = self.answering.answers(questions, context, asker, arrived + seconds)
            if document is not None:
                document.took(monotonic() - started)
            if seconds == ON_THE_SPOT and any(answer.late for answer in answers):
                return None
            found = http.reply(call, media, answers, batch=batch)
            if all(answer.kept for answer in answers):
                self.cache.put(context.index.revision, key, found, len(body))
            return found

        if document is not None and document.typical < QUICK and self.graph.is_near:
            reply = work(ON_THE_SPOT)
            if reply is not None:
                return reply
        return await self.answering.workers.run(
            lambda: work(self.settings.timeout),
            seconds=inf,  # it minds the time itself, for questions
        )

    def _known(self, questions: Sequence[Question]) -> Document | None:
        """The document of a single question if it has been prepared and changes nothing."""
        text = questions[0].query if len(questions) == 1 else None
        document = self.answering.engine.documents.known(text) if text else None
        return document if document is not None and document.asks else None

    def _role(self, token: str | None) -> Role:
        role = self.answering.access.role(token)
        if role < Role.READER:
            raise RequestError(
                401, "UNAUTHENTICATED", "this server answers to known tokens only: send `Authorization: Bearer TOKEN`",
                {"www-authenticate": "Bearer"},
            )  # fmt: skip
        return role

    def _most(self, role: Role) -> int:
        """The longest body. Reviews are longer than questions; JSON may take six bytes for a character."""
        return self.settings.max_body + (6 * self.settings.max_document_chars if role >= Role.WRITER else 0)
