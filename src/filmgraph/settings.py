"""Settings: the environment, read once into one frozen value."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filmgraph.errors import SettingsError

__all__ = ["ModelSettings", "Settings", "data_dir", "packaged_table", "seed_dir"]

PREFIX = "FILMGRAPH_"


def seed_dir() -> Path:
    """The seed catalogue and reviews: beside the package when installed, at the top of a checkout."""
    packaged = Path(__file__).parent / "seed"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "seed"


def data_dir() -> Path:
    """The package's own data: trained weights."""
    return Path(__file__).parent / "data"


def packaged_table(name: str) -> dict[str, Any]:
    """A table that training wrote into the package's data, gzipped JSON; empty when the file is not there yet."""
    file = data_dir() / name
    found: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes())) if file.exists() else {}
    return found


def _setting(default: Any, read: Callable[[str], Any], *, secret: bool = False) -> Any:
    """A field read from the environment by `read`, which raises ValueError saying what it takes."""
    return field(default=default, repr=not secret, metadata={"read": read, "secret": secret})


def _number(kind: type[int] | type[float], low: float, high: float) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"is no number: {low:g} to {high:g}") from None
        if not low <= value <= high:
            raise ValueError(f"is out of range; it takes {low:g} to {high:g}")
        return kind(value)

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.strip().lower() not in choices:
            raise ValueError(f"is none of {', '.join(choices)}")
        return text.strip().lower()

    return read


def _switch(text: str) -> bool:
    return _one_of("on", "off")(text) == "on"


def _token(text: str) -> str | None:
    token = text.strip()
    if token and not (token.isascii() and token.isprintable() and len(token) >= 16 and " " not in token):
        raise ValueError("must be 16 or more ASCII characters without spaces")
    return token or None


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/").lower() for part in text.split(",") if part.strip())
    for origin in origins:
        scheme, place, *rest = urlsplit(origin)
        if scheme not in ("http", "https") or not place or any(rest):
            raise ValueError(f"holds {origin!r}: it takes origins such as https://example.org, with commas")
    return origins


def _text(text: str) -> str | None:
    return text.strip() or None


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set by environment variables, each FILMGRAPH_ and the field's name in capitals.

    `docs/settings.md` explains them all; a test compares.
    """

    store: str = _setting("filmgraph.db", str)
    host: str = _setting("127.0.0.1", str)
    port: int = _setting(8000, _number(int, 0, 65_535))
    max_document_chars: int = _setting(400_000, _number(int, 1_000, 50_000_000))
    fetch_timeout: float = _setting(15.0, _number(float, 0.1, 600))
    fetch_max_bytes: int = _setting(5_000_000, _number(int, 1_000, 1_000_000_000))
    # a store in Neo4j
    neo4j_user: str = _setting("neo4j", str)
    neo4j_password: str | None = _setting(None, _text, secret=True)
    neo4j_password_file: str | None = _setting(None, _text)
    neo4j_patience: float = _setting(30.0, _number(float, 0, 3_600))
    error_rates: str | None = _setting(None, _text)
    # who may ask
    write_token: str | None = _setting(None, _token, secret=True)
    tokens: str = _setting("filmgraph-tokens.json", str)
    reads: str = _setting("open", _one_of("open", "closed"))
    cors_origins: tuple[str, ...] = _setting((), _origins)
    rate: float = _setting(200.0, _number(float, 0, 1_000_000))
    rate_burst: int = _setting(400, _number(int, 1, 1_000_000))
    # what may be asked
    introspection: bool = _setting(True, _switch)
    graphiql: bool = _setting(True, _switch)
    trusted_documents: str | None = _setting(None, _text)
    max_body: int = _setting(100_000, _number(int, 1_000, 1_000_000_000))
    max_batch: int = _setting(10, _number(int, 1, 1_000))
    max_query_chars: int = _setting(20_000, _number(int, 100, 10_000_000))
    max_query_tokens: int = _setting(2_000, _number(int, 10, 1_000_000))
    max_query_nodes: int = _setting(400, _number(int, 10, 100_000))
    max_query_fields: int = _setting(1_000, _number(int, 10, 1_000_000))
    max_query_aliases: int = _setting(40, _number(int, 0, 100_000))
    max_query_depth: int = _setting(15, _number(int, 1, 100))
    max_query_cost: int = _setting(100_000, _number(int, 100, 1_000_000_000))
    # how it is answered
    timeout: float = _setting(10.0, _number(float, 0.05, 3_600))
    shutdown_timeout: float = _setting(10.0, _number(float, 0, 3_600))
    threads: int = _setting(8, _number(int, 1, 256))
    max_connections: int = _setting(5_000, _number(int, 1, 1_000_000))
    max_subscriptions: int = _setting(1_000, _number(int, 0, 1_000_000))
    kept_records: int = _setting(20_000, _number(int, 0, 100_000_000))
    cache_bytes: int = _setting(64_000_000, _number(int, 0, 100_000_000_000))
    # what the operator sees
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"))
    log_format: str = _setting("json", _one_of("json", "text"))
    metrics: bool = _setting(True, _switch)
    tracing: bool = _setting(False, _switch)

    def neo4j_login(self) -> tuple[str, str] | None:
        """Name and password for the database; none when it asks for none. SettingsError without the file."""
        password = self.neo4j_password
        if self.neo4j_password_file:
            try:
                password = Path(self.neo4j_password_file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                name = f"{PREFIX}NEO4J_PASSWORD_FILE"
                raise SettingsError(f"{name}={self.neo4j_password_file} cannot be read: {error}") from None
        return (self.neo4j_user, password) if password else None

    def secrets(self) -> list[str]:
        """The values that must not be seen in any log."""
        values = (getattr(self, item.name) for item in fields(self) if item.metadata.get("secret"))
        return [value for value in values if value]

    def replace(self, **changes: Any) -> Settings:
        """The same settings but for `changes`."""
        return replace(self, **changes)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Every setting that the environment names; the others keep their defaults.

        >>> Settings.from_environment({"FILMGRAPH_PORT": "9000"}).port
        9000

        Raises SettingsError, naming the variable and what it takes, when a value makes no sense.
        """
        return cls(**_read(cls, PREFIX, environment))


def _endpoint(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError(
            "must be an http or https address without name, password or query, as https://example.org/v1"
        )
    return text.strip().rstrip("/")


def _key(text: str) -> str | None:
    key = text.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("must be ASCII characters without spaces")
    return key or None


def _price(text: str) -> tuple[float, float] | None:
    if not text.strip():
        return None
    prices = [_number(float, 0, 1_000_000)(part) for part in text.split(",")]
    if len(prices) != 2:
        raise ValueError("must be two numbers with a comma, as 0.15,0.60")
    return prices[0], prices[1]


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "filmgraph" / "answers"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which language model reads, and what it may cost, each FILMGRAPH_LLM_ and the field's name in capitals.

    `price` is that of a million prompt tokens and of a million answer tokens, in any currency; `max_tokens` and
    `max_cost` cap a run, and 0 is no cap. `docs/language-model.md` explains them.
    """

    url: str = _setting("http://127.0.0.1:11434/v1", _endpoint, secret=True)
    model: str | None = _setting(None, _text)
    key: str | None = _setting(None, _key, secret=True)
    timeout: float = _setting(60.0, _number(float, 0.1, 3_600))
    retries: int = _setting(5, _number(int, 0, 100))
    concurrency: int = _setting(4, _number(int, 1, 64))
    price: tuple[float, float] | None = _setting(None, _price)
    max_tokens: int = _setting(0, _number(int, 0, 1e12))
    max_cost: float = _setting(0.0, _number(float, 0, 1e9))
    cache: Path = field(default_factory=_cache_folder, metadata={"read": Path, "secret": False})

    def replace(self, **changes: Any) -> ModelSettings:
        """The same settings but for `changes`."""
        return replace(self, **changes)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ModelSettings:
        """As `Settings.from_environment`; a model has to be named.

        >>> ModelSettings.from_environment({"FILMGRAPH_LLM_MODEL": "m", "FILMGRAPH_LLM_PRICE": "0.5,2"}).price
        (0.5, 2.0)
        """
        settings = cls(**_read(cls, f"{PREFIX}LLM_", environment))
        if settings.model is None:
            raise SettingsError(
                "FILMGRAPH_LLM_MODEL is not set: it names the model that FILMGRAPH_LLM_URL reads with"
            )
        return settings


def _read(cls: Any, prefix: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Field → value for the fields of `cls` that the environment names."""
    values = {}
    for item in fields(cls):
        name = prefix + item.name.upper()
        if name in environment:
            try:
                values[item.name] = item.metadata["read"](environment[name])
            except ValueError as error:
                shown = name if item.metadata["secret"] else f"{name}={environment[name]!r}"
                raise SettingsError(f"{shown} {error}") from None
    return values
