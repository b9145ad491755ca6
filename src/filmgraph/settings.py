"""Settings: the environment, read once into one frozen value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from filmgraph.errors import SettingsError

__all__ = ["Settings", "data_dir", "seed_dir"]


def seed_dir() -> Path:
    """The seed catalogue and reviews: beside the package when installed, at the top of a checkout."""
    packaged = Path(__file__).parent / "seed"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "seed"


def data_dir() -> Path:
    """The package's own data: trained weights."""
    return Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set by environment variables; `docs/settings.md` lists them."""

    store: str = "filmgraph.db"
    host: str = "127.0.0.1"
    port: int = 8000
    max_document_chars: int = 400_000
    fetch_timeout: float = 15.0
    fetch_max_bytes: int = 5_000_000
    write_token: str | None = field(default=None, repr=False)

    def replace(self, *, store: str) -> Settings:
        """The same settings over another store."""
        return replace(self, store=store)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read FILMGRAPH_STORE, _HOST, _PORT, _MAX_DOCUMENT_CHARS, _FETCH_TIMEOUT, _FETCH_MAX_BYTES and
        _WRITE_TOKEN.

        >>> Settings.from_environment({"FILMGRAPH_PORT": "9000"}).port
        9000

        Raises SettingsError when a value is no number or out of range.
        """
        default = cls()
        return cls(
            store=environment.get("FILMGRAPH_STORE", default.store),
            host=environment.get("FILMGRAPH_HOST", default.host),
            port=int(_number(environment, "PORT", default.port, 0, 65_535)),
            max_document_chars=int(
                _number(environment, "MAX_DOCUMENT_CHARS", default.max_document_chars, 1_000, 50_000_000)
            ),
            fetch_timeout=_number(environment, "FETCH_TIMEOUT", default.fetch_timeout, 0.1, 600),
            fetch_max_bytes=int(
                _number(environment, "FETCH_MAX_BYTES", default.fetch_max_bytes, 1_000, 1_000_000_000)
            ),
            write_token=_token(environment),
        )


def _token(environment: Mapping[str, str]) -> str | None:
    token = environment.get("FILMGRAPH_WRITE_TOKEN", "").strip()
    if token and not (token.isascii() and token.isprintable() and len(token) >= 16 and " " not in token):
        raise SettingsError("FILMGRAPH_WRITE_TOKEN must be 16 or more ASCII characters without spaces")
    return token or None


def _number(environment: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = environment.get(f"FILMGRAPH_{name}")
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"FILMGRAPH_{name}={text!r} is no number: {low:g} to {high:g}") from None
    if not low <= value <= high:
        raise SettingsError(f"FILMGRAPH_{name}={text} is out of range; it takes {low:g} to {high:g}")
    return value
