"""The server: GraphQL over HTTP, the pages, its health and figures, each at its address."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from filmgraph.api import PRICES, SCHEMA
from filmgraph.graphql.answering import Answering, Asker
from filmgraph.graphql.cache import ResponseCache
from filmgraph.graphql.endpoint import Endpoint
from filmgraph.graphql.execution import Engine
from filmgraph.graphql.http import Call
from filmgraph.graphql.limits import Limits
from filmgraph.graphql.persisted import PersistedDocuments, load_trusted
from filmgraph.graphql.streams import Streams
from filmgraph.operations.logs import AccessLog
from filmgraph.operations.metrics import MEDIA_TYPE, Metrics
from filmgraph.operations.observing import Observed
from filmgraph.operations.rates import RateLimit
from filmgraph.operations.tracing import Traced
from filmgraph.request import Context
from filmgraph.service import Service
from filmgraph.settings import Settings
from filmgraph.web import pages
from filmgraph.workers import Workers

__all__ = ["Application", "create_app"]

SWITCH_INTERVAL = 0.001
"""Seconds that a thread may keep the interpreter for itself. With Python's 5 ms, light questions wait long."""
WATCH_EVERY = 0.5


def create_app(settings: Settings, access: AccessLog | None = None) -> Application:
    """The ASGI application over the store that `settings` name; it closes the store when it is shut down.
    Every request is told to `access`.

    Raises StoreError when the store cannot be opened for reading, SettingsError for a file that settings name
    and that makes no sense.
    """
    trusted = load_trusted(Path(settings.trusted_documents)) if settings.trusted_documents else None
    return Application(settings, PersistedDocuments(trusted), access)


def limits(settings: Settings) -> Limits:
    """The limits of queries as they are set."""
    return Limits(
        chars=settings.max_query_chars,
        tokens=settings.max_query_tokens,
        nodes=settings.max_query_nodes,
        fields=settings.max_query_fields,
        aliases=settings.max_query_aliases,
        depth=settings.max_query_depth,
        cost=settings.max_query_cost,
        batch=settings.max_batch,
    )


class Application:
    """The ASGI application: what answers at which address, and what is around it.

    `idle` is false when it was shut down before all work had ended.
    """

    def __init__(self, settings: Settings, persisted: PersistedDocuments, access: AccessLog | None) -> None:
        self.settings = settings
        self.access = access
        self.traced: Traced | None = None
        self.service = Service(settings)
        self.workers = Workers(settings.threads, settings.timeout)
        self.idle = True
        self.cache = ResponseCache(settings.cache_bytes)
        self.engine = Engine(SCHEMA, PRICES, limits(settings), introspection=settings.introspection)
        answering = Answering(
            self.engine, persisted, self.workers, self.service.access, settings, self._new_context
        )
        self.streams = Streams(answering)
        self.graphql = Endpoint(answering, self.streams, self.cache, self.service)
        self.metrics = Metrics(
            gauges={
                "requests_under_way": lambda: self._entry.under_way,
                "revision": lambda: self.service.present.revision,
                "edges": lambda: len(self.service.present),
                "documents_prepared": lambda: len(self.engine.documents),
                "cached_bytes": lambda: self.cache.size,
                "subscriptions": lambda: self.streams.subscriptions,
            },
            counters={"cache_hits": lambda: self.cache.hits, "cache_misses": lambda: self.cache.misses},
        )
        self.site = self._site()
        self._entry = self._observed()

    def _new_context(self, asker: Asker) -> Context:
        return Context(self.service, self.service.index(), asker.token, asker.request_id)

    def _observed(self) -> Observed:
        app: ASGIApp = self._route
        if self.settings.cors_origins:
            app = CORSMiddleware(
                app,
                allow_origins=self.settings.cors_origins,
                allow_methods=("GET", "POST"),
                allow_headers=("authorization", "content-type", "x-request-id"),
                expose_headers=("x-request-id", "retry-after", "etag"),
                max_age=600,
            )
        if self.settings.tracing:
            app = self.traced = Traced(app)
        limit = RateLimit(self.settings.rate, self.settings.rate_burst)
        return Observed(app, limit, self.metrics, self.access)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._entry(scope, receive, send)

    def stop(self) -> None:
        """The server is about to end: streams, which never would, end now."""
        self.streams.stop()

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GraphQL comes before all routing, since it is asked most."""
        at_graphql = scope["type"] != "lifespan" and scope["path"] == "/graphql"
        if at_graphql and scope["type"] == "websocket":
            await self.streams.socket(scope, receive, send)
        elif at_graphql and not self._opens_page(scope):
            await self.graphql(scope, receive, send)
        else:
            await self.site(scope, receive, send)

    def _opens_page(self, scope: Scope) -> bool:
        return scope["method"] == "GET" and self.settings.graphiql and Call(scope).is_browser

    def _site(self) -> Starlette:
        site = pages.Pages(self.service, self.workers)
        routes: list[BaseRoute] = [
            Route("/healthz", self.health),
            Route("/readyz", self.ready),
        ]
        if self.settings.graphiql:
            routes.append(Route("/graphql", site.query))
        if self.settings.metrics:
            routes.append(Route("/metrics", self.figures))
        routes += pages.routes(site)  # last: they answer for every address that is left
        return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware)], lifespan=self.lifespan)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        usual = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL)
        watch = asyncio.create_task(self._watch())
        names = asyncio.create_task(self._read_names())
        try:
            yield
        finally:
            watch.cancel()
            names.cancel()
            sys.setswitchinterval(usual)
            self._entry.flush()
            if self.traced is not None:
                await asyncio.to_thread(self.traced.close)
            self.idle = await asyncio.to_thread(self.workers.close, self.settings.shutdown_timeout)
            if self.idle:
                self.service.close()

    async def _read_names(self) -> None:
        """Have the names ready before somebody searches; who comes sooner waits for them."""
        with suppress(Exception):  # the first search will tell of it
            await self.workers.run(self.service.names)

    async def _watch(self) -> None:
        """See what other processes write while somebody listens for changes."""
        while True:
            await asyncio.sleep(WATCH_EVERY)
            if len(self.service.events):
                with suppress(Exception):  # the next question will tell of it
                    await self.workers.run(self.service.index)

    async def health(self, request: Request) -> Response:
        """The process lives."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """The store can be read."""
        try:
            index = await self.workers.run(lambda: self.service.index(fresh=True))
        except Exception:
            return JSONResponse({"status": "the store cannot be read"}, 503)
        return JSONResponse({"status": "ready", "revision": index.revision, "edges": len(index)})

    async def figures(self, request: Request) -> Response:
        """For Prometheus."""
        self._entry.flush()
        text: Any = await self.workers.run(self.metrics.text)
        return Response(text, headers={"content-type": MEDIA_TYPE, "cache-control": "no-store"})
