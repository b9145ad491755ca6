"""Execution: a question becomes the answer that its asker may see."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any, cast

import graphql
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution.execute import assume_not_async_iterable, assume_not_awaitable
from graphql.execution.executor import Executor
from strawberry import Schema

from filmgraph.errors import (
    AccessError,
    DeadlineError,
    DocumentError,
    NotFoundError,
    QueryError,
    StoreBusyError,
)
from filmgraph.graphql.documents import Document, PreparedDocuments
from filmgraph.graphql.limits import DEFAULTS, Limits
from filmgraph.graphql.projection import PINNED, Expired, ProjectingExecutor

__all__ = ["Answer", "Engine", "Question", "internal"]

PUBLIC = (QueryError, NotFoundError, AccessError, DocumentError, StoreBusyError, DeadlineError)
"""Errors whose message is for the asker; all others might tell of files and hosts."""
PROJECTING = graphql.__version__ == PINNED
log = logging.getLogger("filmgraph.graphql")


@dataclass(frozen=True, slots=True)
class Question:
    """One GraphQL request. `safe` asks for queries only, as GET does; `query` is None when only its hash came."""

    query: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation: str | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the specification has it, without `data` if nothing was run. `kept` may be given again to
    whoever asks the same of the same graph; `late` was stopped by its deadline."""

    body: dict[str, Any]
    kept: bool = False
    late: bool = False

    @property
    def executed(self) -> bool:
        return "data" in self.body

    @property
    def code(self) -> str | None:
        """That of the first error."""
        errors = self.body.get("errors")
        return errors[0]["extensions"]["code"] if errors else None


class Engine:
    """A schema with its prepared documents, and how questions are run over it."""

    def __init__(
        self,
        schema: Schema,
        prices: Mapping[str, int],
        limits: Limits = DEFAULTS,
        *,
        introspection: bool = True,
    ) -> None:
        self.schema = schema._schema
        self.limits = limits
        self.documents = PreparedDocuments(self.schema, limits, prices, introspection=introspection)
        self._converter = schema.schema_converter
        if not PROJECTING:
            log.warning(
                "graphql-core is %s, not %s: answers are built without generated code",
                graphql.__version__, PINNED,
            )  # fmt: skip

    def ask(self, question: Question, context: Any, request_id: str) -> Answer:
        """The answer to a question by its text, with neither HTTP nor a deadline."""
        try:
            document, _ = self.documents.prepare(question.query or "", question.variables)
        except (GraphQLError, ExceptionGroup) as error:
            return self.refused(error, request_id)
        return self.execute(document, question, context, request_id)

    def execute(
        self, document: Document, question: Question, context: Any, request_id: str, until: float = inf
    ) -> Answer:
        """The answer to a question whose document is prepared, or that its time was over at `until`."""
        try:
            operation = document.operation(question.operation)
            data = self.projected(document, operation, question, context, until)
            if data is not None:
                return Answer({"data": data}, kept=True)
            executor = self.executor(document, question, context, until)
            if isinstance(executor, list):
                return Answer({"errors": [self.shown(error, request_id) for error in executor]})
            result = executor.execute_operation()
            assert isinstance(result, ExecutionResult)
            if result.errors and monotonic() > until:  # a store that was interrupted, say
                raise Expired
        except GraphQLError as error:
            return self.refused(error, request_id)
        except Expired:
            return self.refused(DeadlineError("the time for this request is over; ask for less"), request_id)
        return self.answer(result, operation, request_id)

    def projected(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        question: Question,
        context: Any,
        until: float,
    ) -> dict[str, Any] | None:
        """The data of a query if generated code can give all of it."""
        if not PROJECTING:
            return None
        return document.projections.data(
            operation,
            dict(question.variables),
            context,
            until,
            lambda: cast(
                "ProjectingExecutor | list[GraphQLError]", self.executor(document, question, context, until)
            ),
        )

    def executor(
        self,
        document: Document,
        question: Question,
        context: Any,
        until: float,
        *,
        projecting: bool = PROJECTING,
    ) -> Executor[None] | list[GraphQLError]:
        """What runs the question, or why its variables make no sense."""
        custom: dict[str, Any] = {}
        executor: type[Executor[None]] = Executor
        if projecting:
            executor = ProjectingExecutor
            custom = {
                "projections": document.projections,
                "converter": self._converter,
                "until": until,
            }
        return executor.build(
            self.schema,
            document.ast,
            context_value=context,
            raw_variable_values=dict(question.variables),
            operation_name=question.operation,
            is_awaitable=assume_not_awaitable,
            is_async_iterable=assume_not_async_iterable,
            **custom,
        )

    def stream(
        self, document: Document, question: Question, context: Any
    ) -> Executor[None] | list[GraphQLError]:
        """What a subscription's events come from: an executor whose resolvers may be awaited."""
        return Executor.build(
            self.schema,
            document.ast,
            context_value=context,
            raw_variable_values=dict(question.variables),
            operation_name=question.operation,
        )

    def for_event(self, stream: Executor[None], event: Any, context: Any) -> Executor[None]:
        """What answers with one event of a stream."""
        executor = stream.build_per_event_executor(event)
        executor.context_value = context
        # graphql-core shares what it remembers of selections between all events, and never forgets any of it
        executor._relevant_sub_fields = {}
        executor._stream_usages = type(executor._stream_usages)()
        executor.is_awaitable = assume_not_awaitable
        executor.is_async_iterable = assume_not_async_iterable
        return executor

    def answer(self, result: ExecutionResult, operation: OperationDefinitionNode, request_id: str) -> Answer:
        """What was executed, with its errors as a stranger may see them."""
        found = result.errors or ()
        errors = [self.shown(error, request_id) for error in found]
        if result.data is None and errors and all(not error.path for error in found):
            return Answer({"errors": errors})
        if errors:
            return Answer({"errors": errors, "data": result.data})
        return Answer({"data": result.data}, kept=operation.operation is OperationType.QUERY)

    def refused(self, error: Exception, request_id: str) -> Answer:
        """The answer to what could not be run; an ExceptionGroup gives all of its errors."""
        errors = error.exceptions if isinstance(error, ExceptionGroup) else [error]
        late = isinstance(error, DeadlineError)
        return Answer({"errors": [self.shown(item, request_id) for item in errors]}, late=late)

    def shown(self, error: Exception, request_id: str) -> dict[str, Any]:
        """An error as a stranger may see it: ours by code, everything unforeseen by request id only."""
        cause = _cause(error)
        shown: dict[str, Any] = dict(error.formatted) if isinstance(error, GraphQLError) else {"message": ""}
        if isinstance(cause, PUBLIC):
            return shown | {"message": str(cause), "extensions": {"code": cause.code}}
        if cause is None or isinstance(cause, GraphQLError):
            return shown | {"extensions": {"code": "BAD_USER_INPUT"} | dict(shown.get("extensions") or {})}
        log.error("request %s failed", request_id, exc_info=cause, extra={"request_id": request_id})
        return shown | internal(request_id)


def _cause(error: Exception) -> Exception | None:
    cause = error.original_error if isinstance(error, GraphQLError) else error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    return cause


def internal(request_id: str) -> dict[str, Any]:
    """What is said of a failure within."""
    return {
        "message": f"something failed within; give this request's id when you report it: {request_id}",
        "extensions": {"code": "INTERNAL", "requestId": request_id},
    }
