"""Who may ask, and who may change: what a bearer token stands for."""

from __future__ import annotations

import hmac
from enum import IntEnum

from filmgraph.errors import AccessError
from filmgraph.settings import Settings
from filmgraph.tokens import Tokens

__all__ = ["Access", "Role"]


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    NOBODY = 0
    READER = 1
    WRITER = 2


class Access:
    """The roles of tokens: those made by `filmgraph token create`, and the one that the settings may name."""

    def __init__(self, settings: Settings) -> None:
        self._write_token = settings.write_token
        self._open = settings.reads == "open"
        self._tokens = Tokens(settings.tokens)

    @property
    def takes_changes(self) -> bool:
        """Whether there is a token that lets somebody change the graph."""
        return self._write_token is not None or any(token.role == "write" for token in self._tokens.valid())

    def role(self, token: str | None) -> Role:
        """What the bearer of `token` may do; without one, what anybody may."""
        role, _ = self._bearer(token)
        return max(role, Role.READER if self._open else Role.NOBODY)

    def writer(self, token: str | None) -> str:
        """The name of the bearer of `token`; AccessError unless they may change the graph."""
        role, name = self._bearer(token)
        if role >= Role.WRITER:
            return name
        if role is Role.READER:
            raise AccessError(f"the token of {name!r} is for reading only; changes need one that may write")
        if not self.takes_changes:
            raise AccessError(
                "this server only answers questions; `filmgraph token create NAME --role write`, or"
                " FILMGRAPH_WRITE_TOKEN, would let it take changes"
            )
        raise AccessError("changes need a token that may write: send it as `Authorization: Bearer TOKEN`")

    def _bearer(self, token: str | None) -> tuple[Role, str]:
        """What a token by itself allows, and whose it is."""
        if not token:
            return Role.NOBODY, ""
        if self._write_token and hmac.compare_digest(token.encode(), self._write_token.encode()):
            return Role.WRITER, "the server's token"
        found = self._tokens.find(token)
        if found is None:
            return Role.NOBODY, ""
        return (Role.WRITER if found.role == "write" else Role.READER), found.name
