"""The server: GraphQL over HTTP, the pages, and its health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from filmgraph.api import DOCUMENTS
from filmgraph.graphql import http
from filmgraph.graphql.http import Question, RequestError
from filmgraph.rows import Context
from filmgraph.service import Service
from filmgraph.settings import Settings
from filmgraph.web import pages
from filmgraph.workers import Workers

__all__ = ["create_app"]


def create_app(settings: Settings) -> Starlette:
    """The ASGI application over the store that `settings` name; it closes the store when it is shut down.

    Raises StoreError when the store cannot be opened for reading.
    """
    server = _Server(Service(settings), Workers())
    return Starlette(
        routes=[
            Route("/graphql", server.graphql, methods=["GET", "POST"]),
            Route("/healthz", server.health),
            Route("/readyz", server.ready),
            *pages.routes(server.pages),
        ],
        lifespan=server.lifespan,
    )


class _Server:
    def __init__(self, service: Service, workers: Workers) -> None:
        self.service = service
        self.workers = workers
        self.pages = pages.Pages(service, workers)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self.workers.close()
            self.service.close()

    async def graphql(self, request: Request) -> Response:
        if request.method == "GET" and _is_browser(request):
            return await self.pages.query(request)
        request_id = http.new_request_id()
        token = http.bearer_token(request)
        try:
            question = await http.read_question(request, self._max_body(token))
            answer = await self.workers.run(lambda: self._answer(question, token, request_id))
            return http.reply(request, answer, request_id)
        except RequestError as error:
            return http.refuse(request, error, request_id)
        except Exception as error:
            return http.fail(request, error, request_id)

    def _answer(self, question: Question, token: str | None, request_id: str) -> dict[str, Any]:
        context = Context(self.service, self.service.index(), token, request_id)
        return http.answer(DOCUMENTS, question, context, request_id)

    def _max_body(self, token: str | None) -> int:
        """Reviews are longer than questions; JSON may take six bytes for a character."""
        settings = self.service.settings
        writes = settings.write_token is not None and token is not None
        return http.MAX_BODY + (6 * settings.max_document_chars if writes else 0)

    async def health(self, request: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """The store can be read."""
        try:
            index = await self.workers.run(self.service.index)
        except Exception:
            return JSONResponse({"status": "the store cannot be read"}, 503)
        return JSONResponse({"status": "ready", "revision": index.revision, "edges": len(index)})


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and "query" not in request.query_params
