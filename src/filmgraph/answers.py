"""Answers of a language model kept on disk by content: what has been asked once is not paid for again.

One small JSON file an answer, named by a hash of the model, the prompt's version and the excerpt; written
whole or not at all, so that an interrupted run resumes where it was, and several may share a folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["Answers"]


class Answers:
    """The answers of one model to one version of the prompt, in `folder`."""

    def __init__(self, folder: Path, model: str, version: str) -> None:
        self._folder = folder
        self._asker = f"{model}\0{version}"

    def get(self, question: str) -> list[Any] | None:
        """The claims that were answered to `question`; None when it was never asked, or the file is damaged."""
        try:
            claims = json.loads(self._file(question).read_bytes())["claims"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return claims if isinstance(claims, list) else None

    def put(self, question: str, claims: list[Any]) -> None:
        """Keep an answer. A folder that cannot be written is no error: the answer is only not kept."""
        file = self._file(question)
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
            with os.fdopen(handle, "wb") as part:
                part.write(json.dumps({"claims": claims}, ensure_ascii=False).encode())
            Path(name).replace(file)

    def _file(self, question: str) -> Path:
        name = hashlib.blake2b(f"{self._asker}\0{question}".encode(), digest_size=16).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.json"
