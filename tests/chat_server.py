"""A small HTTP server that speaks the chat-completions protocol, well or badly as each test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["ChatServer", "Reply", "answer", "claim", "serving_chat"]


@dataclass
class Reply:
    """What one request gets: `content` is the message, or `body` replaces the whole; `delay` comes first,
    `trickle` sends a byte every so many seconds."""

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0.0
    trickle: float = 0.0
    finish: str = "stop"
    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 20}
    )

    def payload(self) -> bytes:
        if self.body is not None:
            return self.body
        if self.status != 200:
            return json.dumps({"error": {"message": self.content or "no"}}).encode()
        message = {"role": "assistant", "content": self.content}
        done: dict[str, Any] = {"choices": [{"message": message, "finish_reason": self.finish}]}
        return json.dumps(done | ({"usage": self.usage} if self.usage else {})).encode()


class ChatServer:
    """Answers by `respond(body, number)`; keeps every request's body and headers."""

    def __init__(self, respond: Callable[[dict[str, Any], int], Reply]) -> None:
        self.respond = respond
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.lock = threading.Lock()
        self.url = ""

    def excerpts(self, number: int) -> list[dict[str, Any]]:
        """The excerpts that request `number` asked about."""
        asked: list[dict[str, Any]] = json.loads(self.requests[number]["messages"][-1]["content"])["excerpts"]
        return asked


@contextmanager
def serving_chat(respond: Callable[[dict[str, Any], int], Reply]) -> Iterator[ChatServer]:
    """The server on a free loopback port, until the block ends."""
    chat = ChatServer(respond)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with chat.lock:
                number = len(chat.requests)
                chat.requests.append(body)
                chat.headers.append({name.lower(): value for name, value in self.headers.items()})
                chat.paths.append(self.path)
            reply = chat.respond(body, number)
            payload = reply.payload()
            time.sleep(reply.delay)
            try:
                self.send_response(reply.status)
                self.send_header("content-length", str(len(payload)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for n in range(len(payload) if reply.trickle else 0):
                    self.wfile.write(payload[n : n + 1])
                    self.wfile.flush()
                    time.sleep(reply.trickle)
                if not reply.trickle:
                    self.wfile.write(payload)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def claim(subject: str, relation: str, object_: str, quote: str, **more: Any) -> dict[str, Any]:
    """A claim as a model writes it: ends as "Title (year)", a film unless `kind` says otherwise."""
    return {
        "subject": _end(subject, "film"), "relation": relation, "object": _end(object_, more.pop("kind", "film")),
        "polarity": "asserted", "stance": "neutral", "quote": quote, "confidence": 0.9, **more,
    }  # fmt: skip


def _end(name: str, kind: str) -> dict[str, Any]:
    title, _, rest = name.partition(" (")
    return {"kind": kind, "name": title, "year": int(rest[:4]) if rest else None}


def answer(*claims_of: list[dict[str, Any]]) -> Reply:
    """A good answer: the claims of each excerpt in order."""
    return Reply(
        json.dumps({"excerpts": [{"n": n, "claims": claims} for n, claims in enumerate(claims_of, 1)]})
    )
