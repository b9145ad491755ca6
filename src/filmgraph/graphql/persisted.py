"""Documents by their hash: remembered when first sent (APQ), or only those that the operator trusts.

The `extensions.persistedQuery` of a request is that of Apollo's automatic persisted queries: `version` 1 and
`sha256Hash`, the SHA-256 of the document's text in hexadecimal.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from filmgraph.errors import SettingsError
from filmgraph.graphql.limits import refusal

__all__ = ["PersistedDocuments", "load_trusted"]

HASH = re.compile(r"[0-9a-f]{64}")


class PersistedDocuments:
    """Hash → text. With `trusted` given, no other text is run, whether sent by its hash or in full."""

    def __init__(self, trusted: Mapping[str, str] | None = None, *, keep_chars: int = 2_000_000) -> None:
        self._trusted = trusted
        self._keep_chars = keep_chars
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._chars = 0
        self._lock = Lock()

    def text(self, query: str | None, extensions: Mapping[str, Any]) -> str:
        """The text that a request means; raises GraphQLError when that cannot be told, or is not allowed."""
        asked = extensions.get("persistedQuery")
        if asked is None:
            if query is None:
                raise refusal("query must be a string that is not empty", "BAD_REQUEST")
            return query if self._trusted is None else self._known(_hash(query), None)
        digest = asked.get("sha256Hash") if isinstance(asked, dict) and asked.get("version") == 1 else None
        if not isinstance(digest, str) or not HASH.fullmatch(digest):
            raise refusal(
                "persistedQuery takes version 1 and a sha256Hash of 64 hexadecimal digits", "BAD_REQUEST"
            )
        if query is not None and _hash(query) != digest:
            raise refusal("sha256Hash is not the SHA-256 of the query", "PERSISTED_QUERY_MISMATCH")
        return self._known(digest, query)

    def _known(self, digest: str, query: str | None) -> str:
        if self._trusted is not None:
            if digest not in self._trusted:
                raise refusal("this server only runs documents that it trusts", "PERSISTED_QUERY_NOT_FOUND")
            return self._trusted[digest]
        with self._lock:
            if digest in self._texts:
                self._texts.move_to_end(digest)
                return self._texts[digest]
            if query is None:
                raise refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
            return query

    def remember(self, query: str) -> None:
        """Keep a text that was sent with its hash and may be run; the least used give way."""
        if self._trusted is not None:
            return
        with self._lock:
            digest = _hash(query)
            if digest not in self._texts:
                self._texts[digest] = query
                self._chars += len(query)
            while self._chars > self._keep_chars:
                self._chars -= len(self._texts.popitem(last=False)[1])


def _hash(query: str) -> str:
    return hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()


def load_trusted(path: Path) -> dict[str, str]:
    """Hash → text from a JSON list of texts, a JSON object whose values are texts, or a folder of .graphql files.

    Raises SettingsError when there is nothing of the kind at `path`.
    """
    try:
        if path.is_dir():
            texts = [file.read_text(encoding="utf-8") for file in sorted(path.glob("*.graphql"))]
        else:
            found = json.loads(path.read_text(encoding="utf-8"))
            texts = list(found.values()) if isinstance(found, dict) else found
    except (OSError, ValueError) as error:
        raise SettingsError(f"FILMGRAPH_TRUSTED_DOCUMENTS={path}: {error}") from None
    if not texts or not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise SettingsError(
            f"FILMGRAPH_TRUSTED_DOCUMENTS={path} holds no documents: a list of texts is wanted"
        )
    return {_hash(text): text for text in texts}
