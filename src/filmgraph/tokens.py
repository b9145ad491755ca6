"""Bearer tokens: who they were given to and what these may do. Of a token itself only a hash is kept.

They stand in a small JSON file of their own beside the store, which servers read again when it has changed; so a
token that is revoked is refused at once, by every server of that file.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from filmgraph.errors import NotFoundError, QueryError, SettingsError

__all__ = ["ROLES", "Token", "Tokens"]

ROLES = ("read", "write")
_TOKEN = re.compile(r"fg_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept. `digest` is the SHA-256 of its secret part, which has 256 bits of chance."""

    id: str
    name: str
    role: str
    created: datetime
    digest: str = field(repr=False)
    expires: datetime | None = None
    revoked: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked is None and (self.expires is None or now < self.expires)


class Tokens:
    """The tokens in the file at `path`, which need not be there yet. Safe from several threads and processes."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._known: dict[str, Token] = {}
        self._mark: tuple[int, int, int] | None = None
        self._reading = Lock()

    def create(self, name: str, role: str, *, days: float | None = None) -> str:
        """A new token for `name`, shown this once; it ends after `days`. QueryError for a name or role that is none."""
        if not name.strip() or not name.isprintable() or len(name) > 100:
            raise QueryError(f"name {name[:100]!r} must have 1 to 100 characters that can be printed")
        if role not in ROLES:
            raise QueryError(f"role {role!r} is none of {', '.join(ROLES)}")
        if days is not None and days <= 0:
            raise QueryError(f"days {days:g} must be more than 0")
        secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._changing() as known:
            id = secrets.token_hex(4)
            while id in known:
                id = secrets.token_hex(4)
            expires = now + timedelta(days=days) if days is not None else None
            known[id] = Token(id, name.strip(), role, now, _digest(secret), expires)
        return f"fg_{id}_{secret}"

    def revoke(self, id: str) -> Token:
        """Let the token of that id be worth nothing from now on; NotFoundError when there is none."""
        with self._changing() as known:
            if id not in known:
                raise NotFoundError(f"there is no token {id!r}; `filmgraph token list` shows them")
            known[id] = replace(known[id], revoked=known[id].revoked or datetime.now(UTC))
            return known[id]

    def all(self) -> list[Token]:
        """Every token there has been, the oldest first."""
        return sorted(self._read().values(), key=lambda token: (token.created, token.id))

    def find(self, given: str) -> Token | None:
        """The token that `given` is, if it is valid now."""
        match = _TOKEN.fullmatch(given)
        token = self._read().get(match[1]) if match else None
        if match is None or token is None or not hmac.compare_digest(_digest(match[2]), token.digest):
            return None
        return token if token.is_valid(datetime.now(UTC)) else None

    def valid(self) -> list[Token]:
        """Those that are worth something now."""
        now = datetime.now(UTC)
        return [token for token in self.all() if token.is_valid(now)]

    def _read(self) -> dict[str, Token]:
        """The tokens by id, read again when the file is another."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return {}
        mark = (status.st_mtime_ns, status.st_size, status.st_ino)
        with self._reading:
            if mark != self._mark:
                self._known, self._mark = self._load(), mark
            return self._known

    def _load(self) -> dict[str, Token]:
        try:
            records = orjson.loads(self.path.read_bytes())
            return {record["id"]: _token(record) for record in records}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{self.path} holds no tokens of filmgraph: {error}") from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Token]]:
        """The tokens by id, written in one step when the block ends; one process at a time."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_name(self.path.name + ".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                known = self._load() if self.path.exists() else {}
                yield known
                fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
                with open(fresh, "wb", opener=_private) as file:
                    file.write(
                        orjson.dumps([_record(token) for token in known.values()], option=orjson.OPT_INDENT_2)
                    )
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(self.path)
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be written: {error.strerror}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(token: Token) -> dict[str, Any]:
    return {name: value for name, value in asdict(token).items() if value is not None}


def _token(record: dict[str, Any]) -> Token:
    times: dict[str, Any] = {
        name: datetime.fromisoformat(record[name])
        for name in ("created", "expires", "revoked")
        if name in record
    }
    return Token(**record | times)
