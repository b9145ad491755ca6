"""Subscriptions: over WebSockets by graphql-transport-ws, and as server-sent events.

The protocols are those of the npm packages graphql-ws (its PROTOCOL.md; the sub-protocol graphql-transport-ws)
and graphql-sse (its "distinct connections mode"). Queries and changes are answered over both too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import orjson
from graphql import GraphQLError
from starlette.types import Message, Receive, Scope, Send

from filmgraph.access import Role
from filmgraph.graphql.answering import Answering, Asker
from filmgraph.graphql.cache import Reply
from filmgraph.graphql.execution import Answer, Question, internal
from filmgraph.graphql.http import BAD, RequestError, read_question

__all__ = ["Streams"]

PROTOCOL = "graphql-transport-ws"
INIT_WITHIN = 10.0
PING_EVERY = 12.0
PER_CONNECTION = 20
log = logging.getLogger("filmgraph.graphql")


class Streams:
    """All streams of one server; `stop` ends them in good order."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.settings = answering.settings
        self.open: set[asyncio.Task[Any]] = set()
        self.subscriptions = 0

    def stop(self) -> None:
        """End every stream; their clients are told."""
        for task in self.open:
            task.cancel()

    def take(self) -> bool:
        """Make room for a subscription, unless there are as many as may be; `give_back` ends it."""
        if self.subscriptions >= self.settings.max_subscriptions:
            return False
        self.subscriptions += 1
        return True

    def give_back(self) -> None:
        self.subscriptions -= 1

    # ── server-sent events ──────────────────────────────────────────────────────────────────

    async def events(
        self, questions: Sequence[Question], asker: Asker, receive: Receive, send: Send
    ) -> Reply | None:
        """Send the answers to one question as events; RequestError, before any is sent, when it is refused."""
        if len(questions) != 1:
            raise RequestError(400, BAD, "an event stream answers one question, no batch")
        if not self.take():
            raise RequestError(503, "TOO_MANY_SUBSCRIPTIONS", "no more subscriptions are taken now")
        answers = self.answering.results(questions[0], asker)
        here = asyncio.current_task()
        assert here is not None
        gone = asyncio.create_task(_disconnected(receive, here))
        self.open.add(here)
        try:
            await self._send_events(answers, questions[0], asker, send)
        except asyncio.CancelledError:
            with suppress(OSError, RuntimeError):
                await send(_event("complete", b"", more=False))
        finally:
            self.give_back()
            self.open.discard(here)
            gone.cancel()
            await answers.aclose()  # type: ignore[attr-defined]
        return None

    async def _send_events(
        self, answers: AsyncIterator[Answer], question: Question, asker: Asker, send: Send
    ) -> None:
        begun = False
        async for answer in _or_refusal(answers, self.answering, asker, question):
            if not begun and answer is not None and not answer.executed:
                raise RequestError(400, answer.code or BAD, answer.body["errors"][0]["message"])
            if not begun:
                await send({"type": "http.response.start", "status": 200, "headers": _EVENT_HEADERS})
                begun = True
            if answer is None:
                await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
            else:
                await send(_event("next", orjson.dumps(answer.body), more=True))
        await send(_event("complete", b"", more=False))

    # ── WebSockets ──────────────────────────────────────────────────────────────────────────

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket from handshake to close."""
        message = await receive()
        assert message["type"] == "websocket.connect"
        if not self._welcome(scope):
            await send({"type": "websocket.close", "code": 4403, "reason": "Forbidden"})
            return
        if PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        await _Socket(self, scope, receive, send).serve()

    def _welcome(self, scope: Scope) -> bool:
        """Whether a page of that origin may connect: ours, or one of those allowed. Programs send none."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        if not origin:
            return True
        host = headers.get(b"host", b"").decode("latin-1").lower()
        return origin in self.settings.cors_origins or (urlsplit(origin).netloc == host and bool(host))


_EVENT_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def _event(kind: str, data: bytes, *, more: bool) -> Message:
    body = b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _disconnected(receive: Receive, task: asyncio.Task[Any]) -> None:
    """Stop a task when the client of its request has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    task.cancel()


async def _or_refusal(
    answers: AsyncIterator[Answer], answering: Answering, asker: Asker, question: Question
) -> AsyncIterator[Answer | None]:
    """Answers, errors among them as answers; None now and then while there is nothing to say."""
    pending: asyncio.Future[Answer] = asyncio.ensure_future(anext(answers))
    try:
        while True:
            done, _ = await asyncio.wait([pending], timeout=PING_EVERY)
            if not done:
                yield None
                continue
            try:
                answer = pending.result()
            except StopAsyncIteration:
                return
            except (GraphQLError, ExceptionGroup) as error:
                yield answering.engine.refused(error, asker.request_id)
                return
            except Exception as error:
                log.error("request %s failed", asker.request_id, exc_info=error)
                yield Answer({"errors": [internal(asker.request_id)]})
                return
            yield answer
            pending = asyncio.ensure_future(anext(answers))
    finally:
        if not pending.done():
            pending.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await pending


class _ClosedError(Exception):
    """The connection is to be closed, with this code and reason of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _Socket:
    """One connection: its state, and the tasks that answer over it."""

    def __init__(self, streams: Streams, scope: Scope, receive: Receive, send: Send) -> None:
        self.streams = streams
        self.answering = streams.answering
        self.receive = receive
        self.send = send
        self.request_id: str = scope["request_id"]
        self.asker: Asker | None = None
        self.header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        here = asyncio.current_task()
        assert here is not None
        self.streams.open.add(here)
        try:
            async with asyncio.timeout(INIT_WITHIN) as patience:
                while True:
                    message = await self.receive()
                    if message["type"] == "websocket.disconnect":
                        return
                    await self._heed(_parsed(message))
                    if self.asker is not None:
                        patience.reschedule(None)
        except TimeoutError:
            await self._close(4408, "Connection initialisation timeout")
        except _ClosedError as closed:
            await self._close(closed.code, str(closed))
        except asyncio.CancelledError:
            await self._close(1001, "Going away")
        finally:
            self.streams.open.discard(here)
            for task in list(self.tasks.values()):
                task.cancel()

    async def _close(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, OSError):
            await self.send({"type": "websocket.close", "code": code, "reason": reason})

    async def _say(self, **message: Any) -> None:
        await self.send({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    async def _heed(self, message: dict[str, Any]) -> None:
        kind, id = message.get("type"), message.get("id")
        if kind == "connection_init":
            await self._init(message.get("payload"))
        elif kind == "ping":
            await self._say(type="pong")
        elif kind == "pong":
            pass
        elif kind == "subscribe" and isinstance(id, str) and id:
            self._subscribe(id, message.get("payload"))
        elif kind == "complete" and isinstance(id, str):
            task = self.tasks.pop(id, None)
            if task:
                task.cancel()
        else:
            raise _ClosedError(4400, "Invalid message")

    async def _init(self, payload: Any) -> None:
        """The token comes in the handshake, or as `Authorization` in the payload, as browsers must have it."""
        if self.asker is not None:
            raise _ClosedError(4429, "Too many initialisation requests")
        given = payload if isinstance(payload, dict) else {}
        text = next((value for name, value in given.items() if name.lower() == "authorization"), self.header)
        scheme, _, token = str(text).partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        role = self.answering.access.role(token or None)
        if role < Role.READER:
            raise _ClosedError(4403, "Forbidden")
        self.asker = Asker(role, token or None, self.request_id)
        await self._say(type="connection_ack")

    def _subscribe(self, id: str, payload: Any) -> None:
        if self.asker is None:
            raise _ClosedError(4401, "Unauthorized")
        if id in self.tasks:
            raise _ClosedError(4409, f"Subscriber for {id[:80]} already exists")
        try:
            question = read_question(payload)
        except RequestError as error:
            raise _ClosedError(4400, str(error)[:100]) from None
        if len(self.tasks) >= PER_CONNECTION or not self.streams.take():
            raise _ClosedError(4429, "Too many subscriptions")
        task = asyncio.create_task(self._answer(id, question, self.asker))
        self.tasks[id] = task
        task.add_done_callback(lambda done: self._ended(id, done))

    def _ended(self, id: str, task: asyncio.Task[None]) -> None:
        self.streams.give_back()
        if self.tasks.get(id) is task:
            del self.tasks[id]

    async def _answer(self, id: str, question: Question, asker: Asker) -> None:
        answers = self.answering.results(question, asker)
        try:
            async for answer in _or_refusal(answers, self.answering, asker, question):
                if answer is None:
                    continue
                if not answer.executed:
                    await self._say(type="error", id=id, payload=answer.body["errors"])
                    return
                await self._say(type="next", id=id, payload=answer.body)
            await self._say(type="complete", id=id)
        finally:
            await answers.aclose()  # type: ignore[attr-defined]


def _parsed(message: Message) -> dict[str, Any]:
    try:
        found = orjson.loads(message.get("text") or b"")
    except orjson.JSONDecodeError:
        raise _ClosedError(4400, "Invalid message") from None
    if not isinstance(found, dict):
        raise _ClosedError(4400, "Invalid message")
    return found
