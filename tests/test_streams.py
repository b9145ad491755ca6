"""Subscriptions by their two protocols, over a real server: a real WebSocket client, a real HTTP client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from filmgraph.settings import Settings
from filmgraph.store import open_store
from graphs import READINGS, fill
from servers import serving

CHANGED = "subscription { graphChanged { revision edges } }"
PROGRESS = "subscription { ingestProgress { reviews } }"
TOKEN = "correct-horse-battery"


@pytest.fixture
def store(tmp_path: Path) -> str:
    return fill(tmp_path / "graph.db")


@pytest.fixture
def client(store: str) -> Iterator[httpx.Client]:
    settings = Settings(store=store, write_token=TOKEN, cors_origins=("https://friend.example",))
    with serving(settings) as found:
        yield found


def socket(client: httpx.Client, *, protocol: str = "graphql-transport-ws", origin: str | None = None) -> Any:
    address = str(client.base_url.join("/graphql")).replace("http:", "ws:")
    return connect(address, subprotocols=[protocol], origin=origin, open_timeout=10)  # type: ignore[list-item, arg-type]


INIT = '{"type": "connection_init"}'


def subscribe(id: str, query: str = CHANGED) -> str:
    return json.dumps({"type": "subscribe", "id": id, "payload": {"query": query}})


def say(connection: ClientConnection, **message: Any) -> None:
    connection.send(json.dumps(message))


def heard(connection: ClientConnection) -> Any:
    text = connection.recv(timeout=10)
    assert isinstance(text, str)
    return json.loads(text)


def begin(connection: ClientConnection) -> None:
    say(connection, type="connection_init")
    assert heard(connection) == {"type": "connection_ack"}


def closed(connection: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as caught:
        while True:
            connection.recv(timeout=10)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def retract(store: str) -> None:
    with open_store(store) as writer:
        writer.retract(READINGS[0].review.id)


# ── WebSockets ──────────────────────────────────────────────────────────────────────────────


def test_a_change_by_another_process_is_told(client: httpx.Client, store: str) -> None:
    with socket(client) as connection:
        begin(connection)
        say(connection, type="subscribe", id="a", payload={"query": PROGRESS})
        assert heard(connection)["payload"]["data"]["ingestProgress"]["reviews"] == len(READINGS)
        say(connection, type="subscribe", id="b", payload={"query": CHANGED})
        say(connection, type="ping")
        assert heard(connection) == {"type": "pong"}
        retract(store)
        told = {
            message["id"]: message["payload"]["data"] for message in (heard(connection), heard(connection))
        }
        assert told["a"] == {"ingestProgress": {"reviews": len(READINGS) - 1}}
        assert told["b"]["graphChanged"]["edges"] == 4
        say(connection, type="complete", id="a")
        say(connection, type="subscribe", id="a", payload={"query": "{ __typename }"})
        assert heard(connection) == {"type": "next", "id": "a", "payload": {"data": {"__typename": "Query"}}}
        assert heard(connection) == {"type": "complete", "id": "a"}


def test_errors_belong_to_their_subscription(client: httpx.Client) -> None:
    with socket(client) as connection:
        begin(connection)
        say(connection, type="subscribe", id="a", payload={"query": "subscription { nothing }"})
        refused = heard(connection)
        assert (refused["type"], refused["id"]) == ("error", "a")
        assert refused["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        say(
            connection,
            type="subscribe",
            id="b",
            payload={"query": 'mutation { retractReview(id: "x") { id } }'},
        )
        refused = heard(connection)
        assert (refused["type"], refused["payload"]["errors"][0]["extensions"]["code"]) == (
            "next",
            "FORBIDDEN",
        )


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        (["{"], 4400), (["[]"], 4400), (['{"type": "what"}'], 4400), ([b"\x00"], 4400),
        ([subscribe("a", "{ __typename }")], 4401),
        ([INIT, INIT], 4429),
        ([INIT, '{"type": "subscribe", "id": "a", "payload": 1}'], 4400),
        ([INIT, subscribe("a"), subscribe("a")], 4409),
        ([INIT, *(subscribe(str(number)) for number in range(21))], 4429),
    ],
)  # fmt: skip
def test_what_ends_a_connection(client: httpx.Client, messages: list[Any], code: int) -> None:
    with socket(client) as connection:
        for message in messages:
            connection.send(message)
        assert closed(connection) == code


def test_only_pages_of_known_origins_connect(client: httpx.Client) -> None:
    own = str(client.base_url).rstrip("/")
    for origin in (None, own, "https://friend.example"):
        with socket(client, origin=origin) as connection:
            begin(connection)
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        with pytest.raises(InvalidStatus) as caught:
            socket(client, origin=origin)
        assert caught.value.response.status_code == 403
    with socket(client, protocol="graphql-ws") as connection:
        assert closed(connection) == 4406


def test_closed_reads_are_closed_over_websockets_too(store: str) -> None:
    with serving(Settings(store=store, write_token=TOKEN, reads="closed")) as client:
        with socket(client) as connection:
            say(connection, type="connection_init")
            assert closed(connection) == 4403
        with socket(client) as connection:
            say(connection, type="connection_init", payload={"Authorization": f"Bearer {TOKEN}"})
            assert heard(connection) == {"type": "connection_ack"}
        query = {"query": "{ __typename }"}
        assert client.post("/graphql", json=query).status_code == 401
        assert (
            client.post("/graphql", json=query, headers={"authorization": f"Bearer {TOKEN}"}).status_code
            == 200
        )


# ── server-sent events ──────────────────────────────────────────────────────────────────────


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data" or line == "data:":
            yield kind, json.loads(value) if value else None


STREAM = {"accept": "text/event-stream"}


def test_events_come_as_they_happen(client: httpx.Client, store: str) -> None:
    with client.stream("POST", "/graphql", json={"query": PROGRESS}, headers=STREAM) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        stream = events(response)
        assert next(stream) == ("next", {"data": {"ingestProgress": {"reviews": len(READINGS)}}})
        retract(store)
        assert next(stream) == ("next", {"data": {"ingestProgress": {"reviews": len(READINGS) - 1}}})


def test_a_query_is_a_stream_of_one(client: httpx.Client) -> None:
    for response in (
        client.post("/graphql", json={"query": "{ __typename }"}, headers=STREAM),
        client.get("/graphql", params={"query": "{ __typename }"}, headers=STREAM),
    ):
        assert list(events(response)) == [("next", {"data": {"__typename": "Query"}}), ("complete", None)]


def test_a_stream_that_cannot_be_is_refused(client: httpx.Client) -> None:
    for query in (
        "subscription { nothing }",
        "{",
        "subscription { a: graphChanged { revision } b: graphChanged { revision } }",
    ):
        assert client.post("/graphql", json={"query": query}, headers=STREAM).status_code == 400
    refused = client.post("/graphql", json={"query": CHANGED})
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_the_number_of_subscriptions_is_limited(store: str) -> None:
    asked: dict[str, Any] = {"url": "/graphql", "json": {"query": PROGRESS}, "headers": STREAM}
    with (
        serving(Settings(store=store, max_subscriptions=1)) as client,
        client.stream("POST", **asked) as response,
    ):
        stream = events(response)
        next(stream)
        assert client.post(**asked).status_code == 503
        assert "filmgraph_subscriptions 1.0" in client.get("/metrics").text


def test_streams_end_in_good_order_with_the_server(store: str) -> None:
    asked: dict[str, Any] = {"url": "/graphql", "json": {"query": PROGRESS}, "headers": STREAM}
    settings = Settings(store=store, shutdown_timeout=20)
    with serving(settings) as client, client.stream("POST", **asked) as response:
        stream = events(response)
        next(stream)
        with socket(client) as connection:
            begin(connection)
            client.stop()
            assert next(stream) == ("complete", None)
            assert closed(connection) in (1001, 1012)
