"""Everything that filmgraph refuses, as one tree.

    FilmgraphError
    ├── SettingsError          a setting has no usable value
    ├── DocumentError          a document cannot be read; the rest of a batch goes on
    ├── ModelError             a language model cannot be asked at all
    │   └── UnansweredError    one request had no usable answer; others may have one
    │       ├── MalformedError the answers came, and were none of the shape asked for
    │       └── BudgetError    the cap on tokens or cost leaves no room for it
    ├── CatalogError           a catalogue file is missing a column, or holds a bad row
    ├── StoreError             the store cannot do what was asked
    │   ├── StoreBusyError     another process is writing
    │   └── StoreVersionError  the store was written by a newer filmgraph
    ├── NotFoundError          no such entity, claim or review
    ├── AccessError            asked for by somebody who may not
    ├── DeadlineError          a question that took longer than the server gives it
    └── QueryError             a question that makes no sense (depth < 1, unknown relation …)
        └── CursorError        a cursor that this list never gave out

A message names the value, the place and the way out.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """What `extensions.code` of an error may say; `docs/errors.md` explains each."""

    BAD_CATALOG = "BAD_CATALOG"
    BAD_CURSOR = "BAD_CURSOR"
    BAD_DOCUMENT = "BAD_DOCUMENT"
    BAD_QUERY = "BAD_QUERY"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_SETTING = "BAD_SETTING"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    BUDGET_SPENT = "BUDGET_SPENT"
    FILMGRAPH_ERROR = "FILMGRAPH_ERROR"
    FORBIDDEN = "FORBIDDEN"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    INTERNAL = "INTERNAL"
    MALFORMED_ANSWER = "MALFORMED_ANSWER"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    MODEL_ERROR = "MODEL_ERROR"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    NOT_FOUND = "NOT_FOUND"
    PERSISTED_QUERY_MISMATCH = "PERSISTED_QUERY_MISMATCH"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    QUERY_TOO_EXPENSIVE = "QUERY_TOO_EXPENSIVE"
    QUERY_TOO_LONG = "QUERY_TOO_LONG"
    RATE_LIMITED = "RATE_LIMITED"
    STORE_BUSY = "STORE_BUSY"
    STORE_ERROR = "STORE_ERROR"
    STORE_VERSION = "STORE_VERSION"
    TIMED_OUT = "TIMED_OUT"
    TOO_MANY_SUBSCRIPTIONS = "TOO_MANY_SUBSCRIPTIONS"
    UNANSWERED = "UNANSWERED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"


class FilmgraphError(Exception):
    """Base of all errors that filmgraph raises on purpose; `code` is stable and public."""

    code = Code.FILMGRAPH_ERROR


class SettingsError(FilmgraphError):
    """A setting has no usable value; the message names the variable and what it accepts."""

    code = Code.BAD_SETTING


class DocumentError(FilmgraphError):
    """A document cannot be read as a review.

    >>> str(DocumentError("reviews/a.txt", "is empty"))
    'reviews/a.txt: is empty'
    """

    code = Code.BAD_DOCUMENT

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class ModelError(FilmgraphError):
    """The language model's endpoint refuses every request; the message names it and what it answered."""

    code = Code.MODEL_ERROR


class UnansweredError(ModelError):
    """One request had no usable answer, however often it was asked."""

    code = Code.UNANSWERED


class MalformedError(UnansweredError):
    """The model answered, again and again, and never in the shape asked for; a smaller question may help."""

    code = Code.MALFORMED_ANSWER


class BudgetError(UnansweredError):
    """The cap on tokens or cost leaves no room for a request."""

    code = Code.BUDGET_SPENT


class CatalogError(FilmgraphError):
    """A catalogue cannot be imported; the message names the file, the line and the column."""

    code = Code.BAD_CATALOG


class StoreError(FilmgraphError):
    """The store cannot do what was asked; nothing of the failed step was written."""

    code = Code.STORE_ERROR


class StoreBusyError(StoreError):
    """Another process holds the store's writer lock."""

    code = Code.STORE_BUSY


class StoreVersionError(StoreError):
    """The store's schema is newer than this program knows."""

    code = Code.STORE_VERSION


class NotFoundError(FilmgraphError):
    """There is no such entity, claim, review or judgement."""

    code = Code.NOT_FOUND


class AccessError(FilmgraphError):
    """A question or change by somebody who has not shown the right to it."""

    code = Code.FORBIDDEN


class DeadlineError(FilmgraphError):
    """The work was stopped because its time was over."""

    code = Code.TIMED_OUT


class QueryError(FilmgraphError):
    """A question outside of what can be answered; the message names the argument and its range."""

    code = Code.BAD_QUERY


class CursorError(QueryError):
    """A cursor that the list asked for has never given out."""

    code = Code.BAD_CURSOR
