"""The server: GraphQL over HTTP, a page to ask from, and its health.

Questions are answered by a pool of threads, so that the loop stays free. The pool's threads are few and stay,
since each of them has its own connection to the store.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from filmgraph import graphql_http
from filmgraph.api import DOCUMENTS
from filmgraph.graphql_http import Question, RequestError
from filmgraph.rows import Context
from filmgraph.service import Service
from filmgraph.settings import Settings

__all__ = ["create_app"]

T = TypeVar("T")
THREADS = 8
PAGE = Path(__file__).parent / "web" / "query.html"


def create_app(settings: Settings) -> Starlette:
    """The ASGI application over the store that `settings` name; it closes the store when it is shut down.

    Raises StoreError when the store cannot be opened for reading.
    """
    server = _Server(Service(settings))
    return Starlette(
        routes=[
            Route("/", server.page),
            Route("/graphql", server.graphql, methods=["GET", "POST"]),
            Route("/healthz", server.health),
            Route("/readyz", server.ready),
        ],
        lifespan=server.lifespan,
    )


class _Server:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="filmgraph")
        self.html = PAGE.read_text(encoding="utf-8")

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            self.threads.shutdown()
            self.service.close()

    async def graphql(self, request: Request) -> Response:
        if request.method == "GET" and _is_browser(request):
            return await self.page(request)
        request_id = graphql_http.new_request_id()
        token = graphql_http.bearer_token(request)
        try:
            question = await graphql_http.read_question(request, self._max_body(token))
            answer = await self._in_thread(lambda: self._answer(question, token, request_id))
            return graphql_http.reply(request, answer, request_id)
        except RequestError as error:
            return graphql_http.refuse(request, error, request_id)
        except Exception as error:
            return graphql_http.fail(request, error, request_id)

    def _answer(self, question: Question, token: str | None, request_id: str) -> dict[str, Any]:
        context = Context(self.service, self.service.index(), token, request_id)
        return graphql_http.answer(DOCUMENTS, question, context, request_id)

    def _max_body(self, token: str | None) -> int:
        """Reviews are longer than questions; JSON may take six bytes for a character."""
        settings = self.service.settings
        writes = settings.write_token is not None and token is not None
        return graphql_http.MAX_BODY + (6 * settings.max_document_chars if writes else 0)

    async def page(self, request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {
            "content-security-policy": policy,
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "vary": "accept",
            "x-content-type-options": "nosniff",
        }
        return HTMLResponse(self.html.replace("{{nonce}}", nonce), headers=headers)

    async def health(self, request: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """The store can be read."""
        try:
            index = await self._in_thread(self.service.index)
        except Exception:
            return JSONResponse({"status": "the store cannot be read"}, 503)
        return JSONResponse({"status": "ready", "revision": index.revision, "edges": len(index)})

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and "query" not in request.query_params
