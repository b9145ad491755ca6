"""Entity tags: what a body is known by, and whether the asker has it already (RFC 9110, 8.8.3 and 13.1.2)."""

from __future__ import annotations

import hashlib
import re

__all__ = ["etag", "has_it"]

_TAGS = re.compile(r'(?:W/)?"[^"]*"')


def etag(body: bytes) -> str:
    """A weak tag: the same answer may be sent in other codings."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def has_it(tag: str, known: str) -> bool:
    """Whether `tag` is among those of an If-None-Match header.

    >>> has_it('W/"a"', 'W/"b", W/"a"'), has_it('W/"a"', "*"), has_it('W/"a"', "")
    (True, True, False)
    """
    return known.strip() == "*" or tag in _TAGS.findall(known)
