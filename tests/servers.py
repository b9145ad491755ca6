"""A real server in a thread, and a real client of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from filmgraph.server import Server, server
from filmgraph.settings import Settings


class _Client(httpx.Client):
    """A client of one server, which it can tell to end, as a signal would."""

    running: Server

    def stop(self) -> None:
        self.running.should_exit = True


@contextmanager
def serving(settings: Settings) -> Iterator[_Client]:
    """Serve the store of `settings` on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = server(settings, "127.0.0.1", 0)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        while not running.started and thread.is_alive():
            time.sleep(0.01)
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with _Client(base_url=address, timeout=30, trust_env=False) as client:
                client.running = running
                yield client
        finally:
            running.should_exit = True
            thread.join(timeout=20)
            assert not thread.is_alive(), "the server does not end"
