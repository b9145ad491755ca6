"""Connections whose heads come in time and in reason.

uvicorn waits for the head of a request as long as the client likes, and takes as much of it as the client
sends; a stranger could hold connections, or fill memory, for nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["GuardedProtocol"]

HEAD_WITHIN = 10.0
"""Seconds from a connection, or from the first byte of a further request, to the end of its head."""
HEAD_BYTES = 65_536


class GuardedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, for heads that end within HEAD_WITHIN seconds and HEAD_BYTES bytes."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._patience: asyncio.TimerHandle | None = None
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        waiting = self._patience
        super().data_received(data)
        if waiting is not None and self._patience is waiting:  # all of it belongs to one head
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._refuse("The head of the request is too long.")

    def on_message_begin(self) -> None:
        if self._patience is None:
            self._begin()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._end()
        super().on_headers_complete()

    def _begin(self) -> None:
        self._head = 0
        self._patience = self.loop.call_later(HEAD_WITHIN, self._refuse, "The request did not come in time.")

    def _end(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, message: str) -> None:
        self._end()
        if not self.transport.is_closing():
            self.send_400_response(message)
