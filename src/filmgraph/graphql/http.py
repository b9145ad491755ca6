"""GraphQL over HTTP, as its specification has it: what comes in, what goes out.

Both `application/graphql-response+json` and `application/json` are served. With the former a request that
could not be executed is a 400; with the latter a well-formed one is a 200 with `errors`, as older clients
expect. `text/event-stream` gives the answers of a subscription one by one (see `streams`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Message, Receive, Scope, Send

from filmgraph.etags import etag, has_it
from filmgraph.graphql.cache import Reply
from filmgraph.graphql.execution import Answer, Question
from filmgraph.operations.compression import compress

__all__ = [
    "LEGACY",
    "MODERN",
    "STREAM",
    "Call",
    "RequestError",
    "negotiate",
    "read_body",
    "read_question",
    "read_questions",
    "refusal_reply",
    "reply",
    "send_reply",
]

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
STREAM = "text/event-stream"
TYPES = {media: f"{media}; charset=utf-8".encode() for media in (MODERN, LEGACY, STREAM)}
BAD = "BAD_REQUEST"
CLOSE = {"connection": "close"}
"""What comes with a refusal of a body that is still on its way."""


class RequestError(Exception):
    """A request that is no GraphQL request; `status` is HTTP's, `code` ours."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


class Call:
    """The head of an HTTP request: those of its parts that matter here."""

    __slots__ = ("accept", "authorization", "content_type", "encodings", "known", "method", "query_string")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.query_string: bytes = scope["query_string"]
        self.accept = self.authorization = self.content_type = self.encodings = self.known = ""
        for name, value in scope["headers"]:
            match name:
                case b"accept":
                    self.accept = (
                        f"{self.accept},{value.decode('latin-1')}" if self.accept else value.decode("latin-1")
                    )
                case b"authorization":
                    self.authorization = value.decode("latin-1")
                case b"content-type":
                    self.content_type = value.decode("latin-1")
                case b"accept-encoding":
                    self.encodings = value.decode("latin-1")
                case b"if-none-match":
                    self.known = value.decode("latin-1")

    @property
    def token(self) -> str | None:
        """The token in `Authorization: Bearer TOKEN`."""
        if not self.authorization:
            return None
        scheme, _, token = self.authorization.partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    @property
    def is_browser(self) -> bool:
        """Somebody who opens the address in a browser, and asks nothing yet."""
        return self.method == "GET" and "text/html" in self.accept and b"query=" not in self.query_string


@lru_cache(maxsize=256)
def negotiate(accept: str) -> str | None:
    """The media type to answer with; None when the asker takes none of ours.

    >>> negotiate("text/html, application/json;q=0.9"), negotiate("*/*"), negotiate("image/png")
    ('application/json', 'application/json', None)
    >>> negotiate("application/json;q=0.5, application/graphql-response+json")
    'application/graphql-response+json'
    """
    if not accept.strip():
        return LEGACY
    best, best_weight = None, 0.0
    for part in accept.split(","):
        kind, *parameters = (item.strip().lower() for item in part.split(";"))
        weights = [item[2:] for item in parameters if re.fullmatch(r"q=[01](\.\d{0,3})?", item)]
        weight = float(weights[0]) if weights else 1.0
        served = (
            kind if kind in (MODERN, LEGACY, STREAM) else LEGACY if kind in ("*/*", "application/*") else None
        )
        if served and weight > best_weight:
            best, best_weight = served, weight
    return best


def check_head(call: Call) -> str:
    """The media type to answer with; RequestError when the head alone shows that this is no question."""
    media = negotiate(call.accept)
    if media is None:
        raise RequestError(406, "NOT_ACCEPTABLE", f"this endpoint answers with {MODERN} or {LEGACY}")
    if call.method not in ("GET", "POST"):
        raise RequestError(405, "METHOD_NOT_ALLOWED", "use POST or GET", {"allow": "GET, POST"})
    if call.method == "POST" and not _is_json(call.content_type):
        raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", "send the body as application/json in UTF-8")
    return media


@lru_cache(maxsize=256)
def _is_json(content_type: str) -> bool:
    kind, _, parameters = content_type.lower().partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters)
    return kind.strip() == LEGACY and (charset is None or charset[1] in ("utf-8", "utf8"))


async def read_body(receive: Receive, most: int, seconds: float) -> bytes:
    """The whole body; RequestError when it is longer than `most` bytes, breaks off, or takes too long."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) <= most:
            return body
    try:
        async with asyncio.timeout(seconds):
            return await _read_on(message, receive, most)
    except TimeoutError:
        raise RequestError(
            408, "TIMED_OUT", f"the body has not come within {seconds:g} seconds", CLOSE
        ) from None


async def _read_on(message: Message, receive: Receive, most: int) -> bytes:
    parts, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise RequestError(400, BAD, "the body breaks off")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise RequestError(413, "BODY_TOO_LARGE", f"the body is longer than {most} bytes", CLOSE)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def read_questions(call: Call, body: bytes, most: int) -> tuple[list[Question], bool]:
    """The request's questions, and whether they came as a batch; RequestError when there is none."""
    if call.method == "GET":
        values: dict[str, Any] = dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))
        for name in ("variables", "extensions"):
            if values.get(name):
                values[name] = _json(values[name].encode("utf-8", "surrogatepass"), name)
        return [read_question(values, safe=True)], False
    found = _json(body, "the body")
    if not isinstance(found, list):
        return [read_question(found)], False
    if not 0 < len(found) <= most:
        raise RequestError(400, BAD, f"a batch of {len(found)} requests; it takes 1 to {most}")
    return [read_question(item) for item in found], True


def _json(data: bytes, what: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, BAD, f"{what} is no JSON: {error}") from None


def read_question(values: Any, *, safe: bool = False) -> Question:
    """The question of one JSON object; RequestError when it holds none."""
    if not isinstance(values, dict):
        raise RequestError(400, BAD, "the body must be a JSON object with a query")
    query, operation = values.get("query"), values.get("operationName")
    variables, extensions = (values.get(name) for name in ("variables", "extensions"))
    for name, value in (("variables", variables), ("extensions", extensions)):
        if not isinstance(value, dict | None):
            raise RequestError(400, BAD, f"{name} must be an object")
    persisted = bool(extensions and "persistedQuery" in extensions)
    if not (isinstance(query, str) and query) and not (query is None and persisted):
        raise RequestError(400, BAD, "query must be a string that is not empty")
    if operation is not None and not isinstance(operation, str):
        raise RequestError(400, BAD, "operationName must be a string")
    return Question(query, variables or {}, operation or None, extensions or {}, safe)


def reply(call: Call, media: str, answers: Sequence[Answer], *, batch: bool) -> Reply:
    """The HTTP reply to executed questions."""
    status = 200
    if call.method == "GET" and any(answer.code == "METHOD_NOT_ALLOWED" for answer in answers):
        raise RequestError(405, "METHOD_NOT_ALLOWED", "GET is for queries only; use POST", {"allow": "POST"})
    if any(answer.late for answer in answers):
        status = 503
    elif media == MODERN and not batch and not answers[0].executed:
        status = 400
    body = orjson.dumps([answer.body for answer in answers] if batch else answers[0].body)
    headers = [] if status != 503 else [(b"retry-after", b"1")]
    if call.method == "GET" and status == 200:
        headers.append((b"etag", etag(body).encode()))
    return _reply(call, status, media, body, headers)


def refusal_reply(call: Call, refused: RequestError) -> Reply:
    """The HTTP reply to what was no question."""
    error = {"message": str(refused), "extensions": {"code": refused.code}}
    headers = [(name.encode(), value.encode()) for name, value in refused.headers.items()]
    media = negotiate(call.accept)
    return _reply(
        call,
        refused.status,
        media if media in (MODERN, LEGACY) else LEGACY,
        orjson.dumps({"errors": [error]}),
        headers,
    )


def failure_reply(call: Call, error: Mapping[str, Any]) -> Reply:
    """The HTTP reply when something failed that no resolver is to blame for."""
    media = negotiate(call.accept)
    return _reply(
        call, 500, media if media in (MODERN, LEGACY) else LEGACY, orjson.dumps({"errors": [error]}), []
    )


def _reply(call: Call, status: int, media: str, body: bytes, more: list[tuple[bytes, bytes]]) -> Reply:
    sent, coding = compress(body, call.encodings) if call.encodings else (body, None)
    headers = [
        (b"content-type", TYPES[media]),
        (b"content-length", b"%d" % len(sent)),
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"accept, accept-encoding, authorization"),
        *more,
    ]
    if call.method != "POST" or status != 200:  # nobody keeps what a POST is answered with (RFC 9110, 9.3.3)
        kept = call.method == "GET" and status == 200
        headers.append((b"cache-control", b"private, no-cache" if kept else b"no-store"))
    if coding:
        headers.append((b"content-encoding", coding.encode()))
    return Reply(status, tuple(headers), sent)


async def send_reply(call: Call, found: Reply, send: Send) -> None:
    """Send it, or only that it is still the one that the asker knows by its ETag (RFC 9110, 13.1.2)."""
    if call.known:
        tag = next((value for name, value in found.headers if name == b"etag"), None)
        if tag and has_it(tag.decode(), call.known):
            kept = (b"etag", b"vary", b"cache-control")
            headers = [pair for pair in found.headers if pair[0] in kept]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
    await send({"type": "http.response.start", "status": found.status, "headers": list(found.headers)})
    await send({"type": "http.response.body", "body": found.body})
