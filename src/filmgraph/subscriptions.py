"""The schema's subscriptions: what the graph tells by itself.

They speak of the graph, whoever has written to it: this server by a change, or another process by reading
reviews into the same store. Generators run in the event loop and only wait; what is to be looked up is looked
up by the resolvers of the event, in a thread.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from typing import Any

import strawberry

from filmgraph.paging import field
from filmgraph.request import Info
from filmgraph.service import GraphChanged

__all__ = ["Subscription"]


@strawberry.type(description="The graph has moved on.")
class GraphChange:
    revision: int

    @field
    def edges(self, info: Info) -> int:
        """How many claims lineages can run along now."""
        return len(info.context.index)


@strawberry.type(description="How far reading has come: what the graph holds in all.")
class IngestProgress:
    revision: int

    @field
    def reviews(self, info: Info) -> int:
        return _count(info, "reviews")

    @field
    def claims(self, info: Info) -> int:
        return _count(info, "claims")

    @field
    def evidence(self, info: Info) -> int:
        return _count(info, "evidence")


def _count(info: Info, what: str) -> int:
    context = info.context
    counts = context.service.remember((context.store.revision(), "stats"), context.store.stats)
    return counts[what]


def subscription(resolver: Callable[..., Any]) -> Any:
    """A subscription, described by its resolver's docstring."""
    return strawberry.subscription(resolver, description=inspect.getdoc(resolver))


@strawberry.type(description="Over a WebSocket (graphql-transport-ws) or as text/event-stream.")
class Subscription:
    @subscription
    async def graph_changed(self, info: Info) -> AsyncIterator[GraphChange]:
        """Whenever the graph's content has changed."""
        async for event in info.context.service.events.listen(GraphChanged):
            yield GraphChange(revision=event.revision)

    @subscription
    async def ingest_progress(self, info: Info) -> AsyncIterator[IngestProgress]:
        """Now, and whenever the graph's content has changed."""
        changes = info.context.service.events.listen(GraphChanged)
        yield IngestProgress(revision=info.context.index.revision)
        async for event in changes:
            yield IngestProgress(revision=event.revision)
