"""Which reader the command line is to read with: its options, and the reader they ask for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from filmgraph.cascade import Cascade
from filmgraph.chat import Chat
from filmgraph.extractor import Extractor, Rules
from filmgraph.language_model import LanguageModel
from filmgraph.settings import ModelSettings
from filmgraph.terminal import err

__all__ = ["Choice", "extractor_options"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The reader asked for: `kind` is rules, llm or cascade; the caps are a language model's, for one run."""

    kind: str = "rules"
    min_confidence: float | None = None
    max_tokens: int | None = None
    max_cost: float | None = None

    @contextmanager
    def open(self) -> Iterator[Extractor]:
        """The reader; what a language model has cost is told in the end, on the error stream.

        Raises SettingsError when a language model is asked for and none is set up.
        """
        if self.kind == "rules":
            yield Rules(min_confidence=self.min_confidence)
            return
        settings = ModelSettings.from_environment()
        caps = {"max_tokens": self.max_tokens, "max_cost": self.max_cost}
        with Chat(settings.replace(**{name: cap for name, cap in caps.items() if cap is not None})) as chat:
            model = LanguageModel(chat, min_confidence=self.min_confidence)
            try:
                if self.kind == "llm":
                    yield model
                else:
                    yield Cascade(Rules(min_confidence=self.min_confidence), model)
            finally:
                err.print(model.report(), markup=False, soft_wrap=True)


_OPTIONS = (
    click.option(
        "--extractor", "kind", type=click.Choice(["rules", "llm", "cascade"]), default="rules", show_default=True,
        help="Who reads: the rules; a language model (FILMGRAPH_LLM_…); or it where the rules are unsure.",
    ),
    click.option(
        "--min-confidence", type=click.FloatRange(0, 1),
        help="Keep claims at least this sure: higher for precision, lower for recall.  [default: as trained]",
    ),
    click.option(
        "--max-tokens", type=click.IntRange(1), help="Stop asking the language model before so many tokens."
    ),
    click.option(
        "--max-cost", type=click.FloatRange(0, min_open=True), help="Stop asking before it has cost so much."
    ),
)  # fmt: skip


def extractor_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options to a command, which gets them as one Choice named `choice`."""

    @functools.wraps(command)
    def wrapped(
        *,
        kind: str,
        min_confidence: float | None,
        max_tokens: int | None,
        max_cost: float | None,
        **rest: Any,
    ) -> Any:
        return command(choice=Choice(kind, min_confidence, max_tokens, max_cost), **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
