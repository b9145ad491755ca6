"""Asking a language model over the OpenAI chat-completions protocol, for an answer of a given JSON shape.

What is temporary is waited for and asked again: time-outs, broken connections, 408, 409, 429 (as long as
`Retry-After` says) and 5xx. What is not (a refused key, an unknown model) is a ModelError at once. Tokens are
counted before and after each request, so that a cap holds also when several requests are on their way.
Reference: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from filmgraph.errors import BudgetError, MalformedError, ModelError, SettingsError, UnansweredError
from filmgraph.settings import ModelSettings

__all__ = ["Chat", "Spending"]

T = TypeVar("T")
CHARS_A_TOKEN = 3.5
"""Characters of English a token, on the low side: an estimate for requests on their way."""
ANSWER_TOKENS = 4_000
"""The longest answer that is asked for."""
MALFORMED = 2
"""How often a malformed answer is asked for again."""
MAX_ANSWER_BYTES = 4_000_000
LONGEST_WAIT = 120.0
GIVE_UP = 5
"""After so many prompts in a row that had no answer, none is asked any more in this run."""
_TEMPORARY = frozenset([408, 409, 425, 429])


@dataclass(slots=True)
class Spending:
    """What a run has cost so far. `cost` is None when no price is known."""

    requests: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    price: tuple[float, float] | None = None

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.answer_tokens

    @property
    def cost(self) -> float | None:
        if self.price is None:
            return None
        return (self.prompt_tokens * self.price[0] + self.answer_tokens * self.price[1]) / 1e6

    def __str__(self) -> str:
        cost = "" if self.cost is None else f", cost {self.cost:.4f}"
        return f"{self.requests} requests, {self.prompt_tokens:,} tokens asked, {self.answer_tokens:,} answered{cost}"


class Chat:
    """A connection to one model; may be used from several threads. Close it, or use it in a `with`.

    Raises SettingsError when a cap on cost is set but no price.
    """

    def __init__(self, settings: ModelSettings) -> None:
        if settings.max_cost and settings.price is None:
            raise SettingsError("a cap on cost needs FILMGRAPH_LLM_PRICE, what a million tokens cost")
        self.settings = settings
        self.spent = Spending(price=settings.price)
        self._reserved = Spending(price=settings.price)
        self._lock = threading.Condition()
        self._renamed: dict[str, str] = {}
        self._silent = 0
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        self._client = httpx.Client(headers=headers, timeout=settings.timeout, follow_redirects=False)

    def __enter__(self) -> Chat:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, system: str, question: str, schema: Mapping[str, Any], parse: Callable[[Any], T]) -> T:
        """`parse` of the model's answer as JSON; `parse` raises ValueError when it has not the shape asked for.

        Raises BudgetError before a request that the caps leave no room for, UnansweredError when there was no usable
        answer after all retries, ModelError when the endpoint will answer nothing at all.
        """
        request = _Request(system, question, schema)
        if self._silent >= GIVE_UP:
            raise UnansweredError(f"the endpoint has left {GIVE_UP} prompts in a row unanswered")
        try:
            answer = self._patiently(request, parse)
        except BudgetError:
            raise
        except UnansweredError as error:
            self._silent += not isinstance(error, MalformedError)
            raise
        self._silent = 0
        return answer

    def _patiently(self, request: _Request, parse: Callable[[Any], T]) -> T:
        """One request, asked again as long as that may help."""
        failures = malformed = 0
        while True:
            self._reserve(request)
            try:
                return parse(self._once(request))
            except _TemporaryError as error:
                failures += 1
                reason, wait = str(error), error.wait
            except ValueError as error:
                malformed += 1
                if malformed > MALFORMED:
                    raise MalformedError(f"{error}, {malformed} times") from None
                continue
            finally:
                self._release(request)
            pause = _pause(failures) if wait is None else wait
            if failures > self.settings.retries or pause > LONGEST_WAIT:
                raise UnansweredError(f"{reason}, {failures} times")
            time.sleep(pause)

    # ── one request ─────────────────────────────────────────────────────────────────────────

    def _once(self, request: _Request) -> Any:
        """The answer parsed from JSON; ValueError when it is malformed."""
        status, headers, content = self._post(self._body(request))
        if status == 400 and self._spare(content):
            status, headers, content = self._post(self._body(request))
        if status != 200:
            raise self._refused(status, headers, content)
        try:
            answer = json.loads(content)
            choice = answer["choices"][0]
            text = str(choice["message"]["content"] or "")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            self._count(request.prompt_tokens, 0)
            raise ValueError("the endpoint's answer is no chat completion") from None
        usage = answer.get("usage") or {}
        self._count(
            _whole(usage.get("prompt_tokens"), request.prompt_tokens),
            _whole(usage.get("completion_tokens"), _tokens(text)),
        )
        if choice.get("finish_reason") == "length":
            raise MalformedError("the answer was cut off")
        try:
            return json.loads(_unfenced(text))
        except (ValueError, RecursionError):
            raise ValueError("the answer is no JSON") from None

    def _body(self, request: _Request) -> dict[str, Any]:
        optional = {"temperature": 0, "max_tokens": request.answer_tokens}
        named = ((self._renamed.get(name, name), value) for name, value in optional.items())
        return {"model": self.settings.model} | request.body | {name: value for name, value in named if name}

    def _post(self, body: dict[str, Any]) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body; the time-out counts for the whole, so that a trickle is no way around it."""
        deadline = time.monotonic() + self.settings.timeout
        try:
            with self._client.stream("POST", f"{self.settings.url}/chat/completions", json=body) as answer:
                content = bytearray()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if time.monotonic() > deadline:
                        raise _TemporaryError(f"no answer within {self.settings.timeout:g} s")
                    if len(content) > MAX_ANSWER_BYTES:
                        raise UnansweredError(f"an answer of more than {MAX_ANSWER_BYTES:,} bytes")
                return answer.status_code, answer.headers, bytes(content)
        except httpx.TimeoutException:
            raise _TemporaryError(f"no answer within {self.settings.timeout:g} s") from None
        except httpx.HTTPError as error:
            raise _TemporaryError(f"the connection failed ({type(error).__name__})") from None

    def _refused(self, status: int, headers: httpx.Headers, content: bytes) -> Exception:
        if status in _TEMPORARY or status >= 500:
            return _TemporaryError(f"status {status}", _retry_after(headers))
        if status == 413 or (status == 400 and b"context" in content):
            return MalformedError(f"status {status}: the text is too long for the model")
        hints = {401: "FILMGRAPH_LLM_KEY is not accepted", 403: "FILMGRAPH_LLM_KEY may not use this model",
                 404: "there is no such address or model"}  # fmt: skip
        said = _message(content).replace(self.settings.key or "\0", "[key]")
        return ModelError(
            f"{self.settings.url} refuses to read with {self.settings.model!r}: status {status}, "
            f"{hints.get(status, said or 'without saying why')}"
        )

    def _spare(self, content: bytes) -> bool:
        """Whether the endpoint refuses an optional parameter; from now on it goes without, or by another name."""
        said = _message(content)
        for name in ("temperature", "max_tokens"):
            if name in said and name not in self._renamed:
                other = "max_completion_tokens"
                self._renamed[name] = other if name == "max_tokens" and other in said else ""
                return True
        return False

    # ── the budget ──────────────────────────────────────────────────────────────────────────

    def _reserve(self, request: _Request) -> None:
        """Wait until the caps leave room beside the requests that are on their way."""
        with self._lock:
            while not self._fits(request, self._reserved):
                if not self._reserved.tokens:
                    raise BudgetError("the cap on tokens or cost is reached")
                self._lock.wait()
            self._reserved.prompt_tokens += request.prompt_tokens
            self._reserved.answer_tokens += request.answer_tokens

    def _fits(self, request: _Request, reserved: Spending) -> bool:
        ahead = Spending(
            prompt_tokens=self.spent.prompt_tokens + reserved.prompt_tokens + request.prompt_tokens,
            answer_tokens=self.spent.answer_tokens + reserved.answer_tokens + request.answer_tokens,
            price=self.settings.price,
        )
        tokens, cost = self.settings.max_tokens, self.settings.max_cost
        return (not tokens or ahead.tokens <= tokens) and (not cost or (ahead.cost or 0.0) <= cost)

    def _release(self, request: _Request) -> None:
        with self._lock:
            self._reserved.prompt_tokens -= request.prompt_tokens
            self._reserved.answer_tokens -= request.answer_tokens
            self._lock.notify_all()

    def _count(self, prompt: int, answer: int) -> None:
        with self._lock:
            self.spent.requests += 1
            self.spent.prompt_tokens += prompt
            self.spent.answer_tokens += answer


class _Request:
    """What is asked, and estimates of its tokens: the prompt's, and the most that the answer may have."""

    def __init__(self, system: str, question: str, schema: Mapping[str, Any]) -> None:
        form = {"name": "answer", "strict": True, "schema": dict(schema)}
        self.body = {
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": question}],
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        self.prompt_tokens = _tokens(json.dumps(self.body, ensure_ascii=False))
        self.answer_tokens = min(ANSWER_TOKENS, 1_000 + _tokens(question))


def _tokens(text: str) -> int:
    return int(len(text) / CHARS_A_TOKEN)


class _TemporaryError(Exception):
    """A temporary failure; `wait` is how long the server asked to wait, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def _pause(attempt: int) -> float:
    """Seconds before another try: twice as long each time, with jitter so that callers do not march in step."""
    return min(30.0, 0.25 * 2.0**attempt) * random.uniform(0.5, 1.0)


def _retry_after(headers: httpx.Headers) -> float | None:
    """`Retry-After` in seconds, given as a number or a date (RFC 9110, 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _message(content: bytes) -> str:
    """What an error body says, in a few words."""
    try:
        said = json.loads(content)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = content.decode("utf-8", "replace")
    return " ".join(str(said).split())[:300]


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and value >= 0 else otherwise


def _unfenced(text: str) -> str:
    """The JSON without the code fence that some models put around it."""
    bare = text.strip()
    if bare.startswith("```"):
        bare = bare.partition("\n")[2].rpartition("```")[0]
    return bare
