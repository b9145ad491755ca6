"""The process that serves: sockets, signals and logs around the application."""

from __future__ import annotations

import contextlib
from math import ceil

import uvicorn

from filmgraph.app import create_app
from filmgraph.operations import logs
from filmgraph.settings import Settings

__all__ = ["configuration", "serve"]

WEBSOCKET_MESSAGE = 1_000_000
"""The longest message over a WebSocket, in bytes."""


def configuration(settings: Settings, host: str, port: int) -> uvicorn.Config:
    """How the application of `settings` is served. Behind a proxy, FORWARDED_ALLOW_IPS names whose word about
    the client's address is taken."""
    return uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        http="httptools",
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=WEBSOCKET_MESSAGE,
        limit_concurrency=settings.max_connections,
        timeout_graceful_shutdown=ceil(settings.shutdown_timeout),
        log_config=None,
        access_log=False,
        server_header=False,
    )


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop; then finish what is under way, within the time that is set for that."""
    secrets = [settings.write_token] if settings.write_token else []
    logs.configure(settings.log_level, json=settings.log_format == "json", secrets=secrets)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(configuration(settings, host, port)).run()
