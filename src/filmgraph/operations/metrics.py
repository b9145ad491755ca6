"""Figures for Prometheus: what was asked, how it went, and what the process holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

__all__ = ["MEDIA_TYPE", "Metrics"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counters of one server, in a registry of its own. `gauges` and `counters` are asked when somebody looks."""

    def __init__(
        self,
        gauges: Mapping[str, Callable[[], float]] | None = None,
        counters: Mapping[str, Callable[[], float]] | None = None,
    ) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(_Asked(gauges or {}, counters or {}))
        self._seconds = Histogram(
            "filmgraph_request_seconds", "Time from a request's head to its reply's end.", ["route", "status"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self._known: dict[tuple[str, int], Histogram] = {}

    def observe(self, route: str, status: int, seconds: float) -> None:
        """Count one request that has ended."""
        found = self._known.get((route, status))
        if found is None:
            found = self._known[route, status] = self._seconds.labels(route, str(status))
        found.observe(seconds)

    def text(self) -> bytes:
        """All of it in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Asked(Collector):
    """Figures that others keep."""

    def __init__(
        self, gauges: Mapping[str, Callable[[], float]], counters: Mapping[str, Callable[[], float]]
    ) -> None:
        self.gauges = gauges
        self.counters = counters

    def collect(self) -> Iterator[Metric]:
        for name, ask in self.gauges.items():
            yield GaugeMetricFamily(f"filmgraph_{name}", name.replace("_", " "), value=ask())
        for name, ask in self.counters.items():
            yield CounterMetricFamily(f"filmgraph_{name}", name.replace("_", " "), value=ask())
