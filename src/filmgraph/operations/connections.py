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
        self._in_head = True
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:  # most heads come whole, and need no timer
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self._refuse("The head of the request is too long.")
            elif self._patience is None:
                self._wait()

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._end()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_WITHIN, self._refuse, "The request did not come in time.")

    def _end(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, message: str) -> None:
        self._end()
        if not self.transport.is_closing():
            self.send_400_response(message)
