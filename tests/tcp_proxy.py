"""A TCP proxy that misbehaves on demand: it cuts connections, or leaves them open and silent."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Proxy:
    """Forwards `port` on loopback to `target`, until it is told otherwise."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.forwarded = 0
        self._flowing = threading.Event()
        self._flowing.set()
        self._cut_after: int | None = None
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()
        self._flowing.set()
        self.cut()

    def cut(self) -> None:
        """Cut all connections; new ones are served."""
        for pair in self._pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._pairs.clear()

    def cut_after(self, size: int) -> None:
        """Cut all connections, once, when that many more bytes have come from the client."""
        self._cut_after = size

    def stall(self) -> None:
        """Forward nothing any more, on connections that stay open."""
        self._flowing.clear()

    def flow(self) -> None:
        """Forward again."""
        self._flowing.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                if self._listener.fileno() < 0:
                    client.close()
                    return
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                if self._listener.fileno() < 0:
                    return
                client.close()  # nobody answers at the target
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs.append((client, server))
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                self._flowing.wait()
                if counted and self._is_cut(len(data)):
                    self.cut()
                    return
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _is_cut(self, size: int) -> bool:
        self.forwarded += size
        if self._cut_after is None:
            return False
        self._cut_after -= size
        if self._cut_after > 0:
            return False
        self._cut_after = None
        return True
