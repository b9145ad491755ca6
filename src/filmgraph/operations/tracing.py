"""Traces by OpenTelemetry, for those who have installed it: a span for every request, within the asker's trace.

Where spans go, and how many, is told by OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT`,
`OTEL_TRACES_SAMPLER` …).
"""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from filmgraph.errors import SettingsError

__all__ = ["Traced"]


class Traced:
    """An ASGI application whose requests are spans. `close` sends those that have not been sent yet.

    Raises SettingsError when OpenTelemetry is not installed.
    """

    def __init__(self, app: ASGIApp) -> None:
        try:
            from opentelemetry import propagate, trace
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            raise SettingsError(
                "FILMGRAPH_TRACING=on needs OpenTelemetry: pip install 'filmgraph[tracing]'"
            ) from None
        self.app = app
        resource = Resource.create({"service.name": "filmgraph"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("filmgraph")
        self._extract: Any = propagate.extract
        self._kind, self._status = trace.SpanKind.SERVER, trace.StatusCode.ERROR

    def close(self) -> None:
        self._provider.shutdown()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        about = {
            "http.request.method": scope["method"],
            "url.path": scope["path"],
            "filmgraph.request_id": scope["request_id"],
        }
        with self._tracer.start_as_current_span(
            f"{scope['method']} {scope['path'][:60]}", self._extract(headers), self._kind, about
        ) as span:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(self._status)
                await send(message)

            await self.app(scope, receive, send_and_note)
