"""Bodies as small as the asker can take them: zstd or gzip, by `Accept-Encoding` (RFC 9110, 12.5.3)."""

from __future__ import annotations

import gzip
from functools import lru_cache

import zstandard

__all__ = ["compress", "encoding"]

SMALLEST = 1_000
ZSTD_LEVEL, GZIP_LEVEL = 3, 5


@lru_cache(maxsize=256)
def encoding(accepted: str) -> str | None:
    """The coding to use for an Accept-Encoding header, zstd before gzip when they are as welcome.

    >>> encoding("gzip, deflate, br, zstd"), encoding("gzip;q=1, zstd;q=0.5"), encoding("br"), encoding("zstd;q=0")
    ('zstd', 'gzip', None, None)
    """
    weights = dict(_weight(part) for part in accepted.lower().split(",") if part.strip())
    wanted = {name: weights.get(name, weights.get("*", 0.0)) for name in ("zstd", "gzip")}
    best = max(wanted, key=lambda name: wanted[name])
    return best if wanted[best] > 0 else None


def _weight(part: str) -> tuple[str, float]:
    name, _, parameter = part.partition(";")
    try:
        return name.strip(), float(parameter.partition("=")[2]) if parameter.strip() else 1.0
    except ValueError:
        return name.strip(), 0.0


def compress(body: bytes, accepted: str) -> tuple[bytes, str | None]:
    """The body as it is sent, and the coding it is sent in; small ones are left as they are."""
    coding = encoding(accepted) if len(body) >= SMALLEST else None
    if coding == "zstd":
        return zstandard.compress(body, ZSTD_LEVEL), coding
    if coding == "gzip":
        return gzip.compress(body, GZIP_LEVEL, mtime=0), coding
    return body, None
