"""Around every request: its id, its limit of rate, its line in the log, its figures."""

from __future__ import annotations

import asyncio
import re
import secrets
from itertools import count
from time import perf_counter, time

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from filmgraph.operations.logs import AccessLog, redacted
from filmgraph.operations.metrics import Metrics
from filmgraph.operations.rates import RateLimit, client_of

__all__ = ["Observed"]

ASKED_ID = re.compile(rb"[A-Za-z0-9_.:-]{8,64}")
FLUSH_AFTER = 0.05
"""Seconds that figures and lines of the log may be behind."""
START, NUMBERS = secrets.token_hex(8), count(1)
"""A new id is this process's start, which no other has, and a number."""
ROUTES = frozenset({"/graphql", "/healthz", "/readyz", "/metrics"})
FREE = frozenset({"/healthz", "/readyz", "/metrics"})
"""What the machines of the operator ask, at whatever rate."""


class Observed:
    """An ASGI application with its requests counted, logged and limited.

    `scope["request_id"]` is the asker's X-Request-ID if it is a plain word, else a new one; the reply bears it.
    Addresses are logged without what follows the question mark, since that may hold the question.
    """

    def __init__(
        self, app: ASGIApp, limit: RateLimit, metrics: Metrics, access: AccessLog | None = None
    ) -> None:
        self.app = app
        self.limit = limit
        self.metrics = metrics
        self.access = access
        self.under_way = 0
        self._seen: list[tuple[float, str, str, str, int, float, str | None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 500
        id_header = (b"x-request-id", request_id.encode())

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), id_header]
            await send(message)

        self.under_way += 1
        try:
            wait = 0
            if self.limit.rate and scope["path"] not in FREE and scope.get("client"):
                wait = self.limit.wait(client_of(scope["client"][0]))
            await (_too_many(wait, send_with_id) if wait else self.app(scope, receive, send_with_id))
        finally:
            self.under_way -= 1
            self._note(scope, request_id, status, perf_counter() - started)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        """Keep what was seen until `flush`: many at once cost less than each when it ends."""
        if not self._seen:
            asyncio.get_running_loop().call_later(FLUSH_AFTER, self.flush)
        client = scope["client"][0] if scope.get("client") else None
        self._seen.append((time(), request_id, scope["method"], scope["path"], status, seconds, client))

    def flush(self) -> None:
        """Count and log all requests that have ended."""
        seen, self._seen = self._seen, []
        for moment, request_id, method, path, status, seconds, client in seen:
            self.metrics.observe(path if path in ROUTES else "page", status, seconds)
            if self.access is not None:
                event = {
                    "request_id": request_id,
                    "method": method,
                    "path": path if path in ROUTES else _shown(path),
                    "status": status,
                    "ms": round(seconds * 1e3, 2),
                    "client": client,
                }
                self.access.write(moment, event)
        if self.access is not None:
            self.access.flush()


def _shown(path: str) -> str:
    """An address as the log may have it."""
    return redacted(path[:200].encode("utf-8", "replace").decode())


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and ASKED_ID.fullmatch(value):
            return str(value.decode())
    return f"{START}{next(NUMBERS):08x}"


async def _too_many(wait: int, send: Send) -> None:
    message = f"too many requests; try again in {wait} seconds"
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": "RATE_LIMITED"}}]})
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(wait).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
