"""GraphQL over HTTP, as its specification has it: what comes in, what goes out.

Both `application/graphql-response+json` and `application/json` are served. With the former a request that
could not be executed is a 400; with the latter a well-formed one is a 200 with `errors`, as older clients
expect.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
)
from starlette.requests import Request
from starlette.responses import Response

from filmgraph.errors import AccessError, DocumentError, NotFoundError, QueryError, StoreBusyError
from filmgraph.graphql.documents import PreparedDocuments, refusal

__all__ = [
    "MAX_BODY",
    "Question",
    "RequestError",
    "answer",
    "bearer_token",
    "fail",
    "negotiate",
    "new_request_id",
    "read_question",
    "refuse",
    "reply",
]

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
MAX_BODY = 100_000
PUBLIC = (QueryError, NotFoundError, AccessError, DocumentError, StoreBusyError)
"""Errors whose message is for the asker; all others might tell of files and hosts."""
log = logging.getLogger("filmgraph.graphql")


class RequestError(Exception):
    """A request that is no GraphQL request; `status` is HTTP's, `code` ours."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Question:
    """One GraphQL request. `safe` asks for queries only, as GET does."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    safe: bool = False


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
        served = kind if kind in (MODERN, LEGACY) else LEGACY if kind in ("*/*", "application/*") else None
        if served and weight > best_weight:
            best, best_weight = served, weight
    return best


def bearer_token(request: Request) -> str | None:
    """The token in `Authorization: Bearer TOKEN`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def read_question(request: Request, max_body: int = MAX_BODY) -> Question:
    """The request's question; RequestError when there is none, or a body longer than `max_body` bytes."""
    if negotiate(request.headers.get("accept", "")) is None:
        raise RequestError(406, "NOT_ACCEPTABLE", f"this endpoint answers with {MODERN} or {LEGACY}")
    if request.method == "GET":
        values: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if values.get(name):
                values[name] = _json(values[name].encode("utf-8", "surrogatepass"), name)
        return _question(values, safe=True)
    if request.method != "POST":
        raise RequestError(405, "METHOD_NOT_ALLOWED", "use POST or GET", {"allow": "GET, POST"})
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", parameters)
    if kind.strip() != LEGACY or (charset and charset[1] not in ("utf-8", "utf8")):
        raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", "send the body as application/json in UTF-8")
    return _question(_json(await _body(request, max_body), "the body"))


async def _body(request: Request, most: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise RequestError(413, "BODY_TOO_LARGE", f"the body is longer than {most} bytes")
        parts.append(part)
    return b"".join(parts)


def _json(data: bytes, what: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "BAD_REQUEST", f"{what} is no JSON: {error}") from None


def _question(values: Any, *, safe: bool = False) -> Question:
    if not isinstance(values, dict):
        raise RequestError(400, "BAD_REQUEST", "the body must be a JSON object with a query")
    query, variables, operation = (values.get(name) for name in ("query", "variables", "operationName"))
    if not isinstance(query, str) or not query:
        raise RequestError(400, "BAD_REQUEST", "query must be a string that is not empty")
    for name in ("variables", "extensions"):
        if not isinstance(values.get(name, {}), dict | None):
            raise RequestError(400, "BAD_REQUEST", f"{name} must be an object")
    if operation is not None and not isinstance(operation, str):
        raise RequestError(400, "BAD_REQUEST", "operationName must be a string")
    return Question(query, variables or {}, operation or None, safe)


def answer(documents: PreparedDocuments, question: Question, context: Any, request_id: str) -> dict[str, Any]:
    """Execute a question; the response as the specification has it, without `data` if nothing was run."""
    try:
        document = documents.prepare(question.query, question.variables)
        _check_operation(document, question)
        result = execute_sync(
            documents.schema,
            document,
            context_value=context,
            variable_values=dict(question.variables),
            operation_name=question.operation,
        )
    except GraphQLError as error:
        return {"errors": [_formatted(error, request_id)]}
    except ExceptionGroup as group:
        return {"errors": [_formatted(error, request_id) for error in group.exceptions]}
    return _response(result, request_id)


def _check_operation(document: DocumentNode, question: Question) -> None:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    names = [node.name.value if node.name else None for node in operations]
    if question.operation is None and len(operations) > 1:
        raise refusal("there are several operations: say which by operationName", "BAD_REQUEST")
    chosen = (
        operations
        if question.operation is None
        else [node for node, name in zip(operations, names, strict=True) if name == question.operation]
    )
    if not chosen:
        raise refusal(f"there is no operation {question.operation!r} in the document", "BAD_REQUEST")
    if question.safe and chosen[0].operation is not OperationType.QUERY:
        raise RequestError(405, "METHOD_NOT_ALLOWED", "GET is for queries only; use POST", {"allow": "POST"})


def _response(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors = [_formatted(error, request_id) for error in result.errors or ()]
    if result.data is None and errors and all(not error.path for error in result.errors or ()):
        return {"errors": errors}
    return {"errors": errors, "data": result.data} if errors else {"data": result.data}


def _formatted(error: GraphQLError | Exception, request_id: str) -> dict[str, Any]:
    """An error as a stranger may see it: ours by code, everything unforeseen by request id only."""
    cause = error.original_error if isinstance(error, GraphQLError) else error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    shown: dict[str, Any] = dict(error.formatted) if isinstance(error, GraphQLError) else {"message": ""}
    if isinstance(cause, PUBLIC):
        return shown | {"message": str(cause), "extensions": {"code": cause.code}}
    if cause is None or isinstance(cause, GraphQLError):
        return shown | {"extensions": {"code": "BAD_USER_INPUT"} | dict(shown.get("extensions") or {})}
    log.error("request %s failed", request_id, exc_info=cause)
    return shown | _internal(request_id)


def _internal(request_id: str) -> dict[str, Any]:
    return {
        "message": f"something failed within; give this request's id when you report it: {request_id}",
        "extensions": {"code": "INTERNAL", "requestId": request_id},
    }


def reply(request: Request, response: Mapping[str, Any], request_id: str) -> Response:
    """The HTTP response for an executed question."""
    media = negotiate(request.headers.get("accept", "")) or LEGACY
    status = 400 if media == MODERN and "data" not in response else 200
    return _send(response, status, media, {}, request_id)


def refuse(request: Request, refused: RequestError, request_id: str) -> Response:
    """The HTTP response for what was no question."""
    media = negotiate(request.headers.get("accept", "")) or LEGACY
    error = {"message": str(refused), "extensions": {"code": refused.code}}
    return _send({"errors": [error]}, refused.status, media, refused.headers, request_id)


def fail(request: Request, error: Exception, request_id: str) -> Response:
    """The HTTP response for a failure that no resolver is to blame for."""
    log.error("request %s failed", request_id, exc_info=error)
    media = negotiate(request.headers.get("accept", "")) or LEGACY
    return _send({"errors": [_internal(request_id)]}, 500, media, {}, request_id)


def _send(
    body: Mapping[str, Any], status: int, media: str, headers: Mapping[str, str], request_id: str
) -> Response:
    sent = {
        "vary": "accept",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-request-id": request_id,
    } | dict(headers)
    return Response(orjson.dumps(body), status, sent, media_type=f"{media}; charset=utf-8")


def new_request_id() -> str:
    """A fresh id that joins a reply with its line in the log."""
    return uuid4().hex
