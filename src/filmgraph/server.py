"""The process that serves: sockets, signals and logs around the application."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import socket
from math import ceil

import uvicorn

from filmgraph import memory
from filmgraph.app import Application, create_app
from filmgraph.operations import logs
from filmgraph.operations.connections import GuardedProtocol
from filmgraph.operations.logs import AccessLog
from filmgraph.settings import Settings

__all__ = ["Server", "serve", "server"]

KEEP_ALIVE = 30
"""Seconds that a connection may be idle between requests."""
WEBSOCKET_MESSAGE = 1_000_000
"""The longest message over a WebSocket, in bytes."""


class Server(uvicorn.Server):
    """uvicorn's server over our application, whose streams it ends before it waits for what is under way."""

    def __init__(self, app: Application, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.stop()
        await super().shutdown(sockets)


def server(settings: Settings, host: str, port: int) -> Server:
    """A server for the application of `settings`, to be run. Behind a proxy, FORWARDED_ALLOW_IPS names whose word about
    the client's address is taken."""
    informed = settings.log_level in ("debug", "info")
    app = create_app(settings, AccessLog(json=settings.log_format == "json") if informed else None)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=GuardedProtocol,
        loop="uvloop",
        ws="websockets-sansio",
        ws_max_size=WEBSOCKET_MESSAGE,
        ws_per_message_deflate=False,  # messages are short, and its memory is not, for a thousand who only listen
        limit_concurrency=settings.max_connections,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=ceil(settings.shutdown_timeout),
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return Server(app, config)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop; then finish what is under way, within the time that is set for that."""
    logs.configure(settings.log_level, json=settings.log_format == "json", secrets=settings.secrets())
    memory.share_freed()
    ready = server(settings, host, port)
    gc.collect()
    memory.keep()
    with contextlib.suppress(KeyboardInterrupt):
        ready.run()
    if not ready.app.idle:
        logging.getLogger("filmgraph").error("work was still under way when the time to end was over")
        os._exit(1)  # Python would wait for its threads
