"""Who may ask, and who may change: what a bearer token stands for."""

from __future__ import annotations

import hmac
from enum import IntEnum

from filmgraph.errors import AccessError
from filmgraph.settings import Settings

__all__ = ["Access", "Role"]


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    NOBODY = 0
    READER = 1
    WRITER = 2


class Access:
    """The roles of tokens, as the settings have it."""

    def __init__(self, settings: Settings) -> None:
        self._write_token = settings.write_token
        self._open = settings.reads == "open"

    def role(self, token: str | None) -> Role:
        """What the bearer of `token` may do; without one, what anybody may."""
        if self._write_token and token and hmac.compare_digest(token.encode(), self._write_token.encode()):
            return Role.WRITER
        return Role.READER if self._open else Role.NOBODY

    def check_write(self, role: Role) -> None:
        """Raise AccessError unless `role` may change the graph."""
        if role >= Role.WRITER:
            return
        if self._write_token is None:
            raise AccessError(
                "this server only answers questions; FILMGRAPH_WRITE_TOKEN would let it take changes"
            )
        raise AccessError("changes need the server's token: send it as `Authorization: Bearer TOKEN`")
