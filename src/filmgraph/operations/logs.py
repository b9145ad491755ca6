"""Logs: a line of JSON for each event, or plain text for people; nothing secret in either."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import orjson

__all__ = ["AccessLog", "configure", "redacted"]

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
ACCESS = '"level":"info","logger":"filmgraph.access","message":"request"'
SECRETS = re.compile(r"(?i)(bearer\s+)[^\s\"',}]+|(://[^/\s:@]*:)[^@\s/]+(?=@)")


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without bearer tokens, passwords in addresses, and the `secrets` that are known.

    >>> redacted("neo4j://neo4j:hunter2@db:7687 refused Bearer abc.def")
    'neo4j://neo4j:***@db:7687 refused Bearer ***'
    """
    for secret in secrets:
        text = text.replace(secret, "***")
    return SECRETS.sub(lambda found: f"{found[1] or found[2]}***", text)


class _Formatter(logging.Formatter):
    """One event as one line."""

    def __init__(self, secrets: tuple[str, ...], *, json: bool) -> None:
        super().__init__()
        self.secrets = secrets
        self.json = json

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": _moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        event |= {name: value for name, value in record.__dict__.items() if name not in STANDARD}
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        if self.json:
            text = orjson.dumps(event, default=str).decode()
        else:
            rest = " ".join(f"{name}={value}" for name, value in list(event.items())[4:])
            text = (
                f"{event['time']} {event['level']:<7} {event['logger']}: {event['message']} {rest}".rstrip()
            )
        return redacted(text, self.secrets)


class AccessLog:
    """A line for every request, straight to the stream: it is what a server writes most.

    Lines are kept until `flush`, and written together.
    """

    def __init__(self, *, json: bool = True, stream: TextIO | None = None) -> None:
        self._json = json
        self._stream = stream or sys.stderr
        self._lines: list[str] = []

    def write(self, seconds: float, event: dict[str, Any]) -> None:
        """Write one event of that time; its values are our own, or the asker's and redacted already."""
        moment = _moment(seconds)
        if self._json:
            line = f'{{"time":"{moment}",{ACCESS},{orjson.dumps(event).decode()[1:]}'
        else:
            line = f"{moment} info    filmgraph.access: " + " ".join(f"{k}={v}" for k, v in event.items())
        self._lines.append(line)

    def flush(self) -> None:
        """Write what is kept."""
        lines, self._lines = self._lines, []
        if lines:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()


def _moment(seconds: float) -> str:
    """ISO 8601 in UTC, to the millisecond.

    >>> _moment(1.5)
    '1970-01-01T00:00:01.500+00:00'
    """
    return f"{_second(int(seconds))}.{int(seconds * 1e3) % 1000:03}+00:00"


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def configure(
    level: str, *, json: bool = True, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Send all logs of this process to `stream` (standard error), without the `secrets`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(tuple(secrets), json=json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
