"""What strangers try: queries that cost more than they look, bytes that are no HTTP, clients that never end."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema

from filmgraph import deadline
from filmgraph.api import PRICES, SCHEMA
from filmgraph.graphql.execution import Engine, Question
from filmgraph.operations import connections
from filmgraph.request import Context
from filmgraph.service import Service
from filmgraph.settings import Settings
from filmgraph.sqlite_store import SqliteStore
from graphs import fill
from servers import serving

MODERN = "application/graphql-response+json"
REFUSED = {"QUERY_TOO_EXPENSIVE", "QUERY_TOO_LONG", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "5"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill(tmp_path_factory.mktemp("abuse") / "graph.db")


@pytest.fixture(scope="module")
def client(store: str) -> Iterator[httpx.Client]:
    with serving(Settings(store=store, rate=0)) as found:
        yield found


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


# ── queries that cost more than they look ───────────────────────────────────────────────────


def bomb(depth: int, spread: int) -> str:
    """Fragments that each use the next several times: `spread ** depth` fields."""
    steps = " ".join(f"fragment F{n} on Query {{ {f'...F{n + 1} ' * spread}}}" for n in range(depth))
    return f"{{ ...F0 }} {steps} fragment F{depth} on Query {{ __typename stats {{ films }} }}"


def doubling(depth: int) -> str:
    """The same through aliased fields: `2 ** depth` rows in the answer."""
    steps = " ".join(
        f"fragment F{n} on Film {{ a: franchises {{ origin {{ ...F{n + 1} }} }} b: franchises {{ origin {{ ...F{n + 1} }} }} }}"
        for n in range(depth)
    )
    return f'{{ film(title: "x") {{ ...F0 }} }} {steps} fragment F{depth} on Film {{ name }}'


def nested(depth: int) -> str:
    opened = "{ lineage { nodes { entity " * depth
    return f'{{ film(title: "x") {opened}{{ name }}{" } } }" * depth} }}'


ATTACKS = {
    "deep": nested(8),
    "deep by fragments": '{ film(title: "x") { ...A0 } } ' + " ".join(
        f"fragment A{n} on Film {{ lineage {{ of {{ ...A{n + 1} }} }} }}" for n in range(12)) + " fragment A12 on Film { name }",
    "deep inline fragments": "{ " + "... { " * 400 + "__typename" + " }" * 400 + " }",
    "deep in parsing": "{ film " + "{ lineage " * 900 + "{ of }" + " }" * 900 + " }",
    "deep without end": "{a" * 9_000,
    "deeper without end": "{a" * 100_000,
    "a list without end": "{ film(title: " + "[" * 19_000,
    "a longer list without end": "{ film(title: " + "[" * 100_000,
    "aliases": "{ " + " ".join(f"a{n}: stats {{ films }}" for n in range(60)) + " }",
    "aliases by a fragment": '{ film(title: "x") { ...X lineage { of { ...X } } } } fragment X on Film { '
    + " ".join(f"a{n}: name" for n in range(30)) + " }",
    "aliases in two operations": "query A { " + " ".join(f"a{n}: stats {{ films }}" for n in range(45)) + " } query B { __typename }",
    "dear aliases": "{ " + " ".join(f"a{n}: mostInfluential(from: {n}) {{ value }}" for n in range(30)) + " }",
    "circular fragments": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "circular fragments with fields": '{ film(title: "x") { ...A } } fragment A on Film { lineage { of { ...A } } }',
    "a fragment bomb": bomb(18, 2),
    "a longer fragment bomb": bomb(20, 2),
    "a wide fragment bomb": bomb(7, 6),
    "a doubling of rows": doubling(18),
    "lists in lists": "{ claims(first: 100) { nodes { subject { claims(first: 100) { nodes { subject { claims(first: 100) { nodes { belief } } } } } } } } }",
    "one field over and over": "{ " + "__typename " * 1_900 + "}",
    "one object over and over": "{ " + "stats { films } " * 450 + "}",
    "inline fragments over and over": '{ film(title: "x") { ' + ("... on Film { " + "... on Film { name } " * 12 + "} ") * 25 + "} }",
    "introspection by ofType": "{ __schema { types { fields { type " + "{ ofType " * 60 + "{ name }" + " }" * 60 + " } } } }",
    "introspection by fields": "{ __schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }",
    "introspection in circles": '{ __type(name: "Film") { ' + "fields { type { ofType { ofType { " * 3 + "name" + " } } } }" * 3 + " } }",
    "directives over and over": "{ __typename " + "@skip(if: false) " * 250 + "}",
    "no such fragment": "{ ...Nope }",
    "a number of 5,000 digits": "{ claims(first: " + "9" * 5000 + ") { nodes { belief } } }",
    "a text of a megabyte": '{ film(title: "' + "x" * 1_000_000 + '") { name } }',
    "a remark of a megabyte": "{ __typename } #" + "x" * 1_000_000,
    "200,000 tokens": "{ " + "a " * 100_000 + "}",
    "fragments alone": "fragment A on Query { __typename }",
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_before_it_costs(store: str, name: str) -> None:
    """The best of three runs counts, since the machine may be busy; each with nothing prepared."""
    service, spent = Service(Settings(store=store)), []
    for _ in range(3):
        engine, context = Engine(SCHEMA, PRICES), Context(service, service.index(), None, "x")
        started = time.thread_time()
        answer = engine.ask(Question(ATTACKS[name]), context, "x")
        spent.append(time.thread_time() - started)
        assert not answer.executed and answer.code in REFUSED
        assert answer.body["errors"][0]["message"] and len(answer.body["errors"]) <= 6
    service.close()
    assert min(spent) < 0.1


def test_attacks_over_http(client: httpx.Client) -> None:
    for query in ATTACKS.values():
        response = client.post("/graphql", json={"query": query}, headers={"accept": MODERN})
        assert response.status_code in (400, 413)
        assert code(response) in REFUSED | {"BODY_TOO_LARGE"}


DEAR = "claims(first: {n}) {{ nodes {{ subject {{ claims(first: {n}) {{ nodes {{ belief object {{ name }} }} }} }} }} }}"
LIKED = "recommendations(liked: {ids}) {{ score }}"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ " + DEAR.format(n=100) + " }", {}),
        ("query($n: Int!) { " + DEAR.format(n="$n") + " }", {"n": 100}),
        ("query($n: Int!) { " + DEAR.format(n="$n") + " }", {"n": 100.0}),
        ("query($n: Int! = 100) { " + DEAR.format(n="$n") + " }", {}),
        (
            "query($n: Int! = 100, $m: Int = 1) { claims(first: $m) { nodes { id } } "
            + DEAR.format(n="$n")
            + " }",
            {"m": 1},
        ),
        ("{ ...X } fragment X on Query { " + DEAR.format(n=100) + " }", {}),
        ("{ ... on Query { ... { " + DEAR.format(n=100) + " } } }", {}),
        ("query A { __typename } query B { " + DEAR.format(n=100) + " }", {}),
        ("{ " + " ".join(f"a{n}: {DEAR.format(n=28)}" for n in range(30)) + " }", {}),
        (
            "{ "
            + " ".join("...X" for _ in range(30))
            + " } fragment X on Query { "
            + DEAR.format(n=28)
            + " }",
            {},
        ),
        ("{ a: ...X } fragment X on Query { x }", {}),
    ],
)
def test_no_way_of_writing_it_is_cheaper(client: httpx.Client, query: str, variables: dict[str, Any]) -> None:
    body = {"query": query, "variables": variables, "operationName": "A" if "query A" in query else None}
    assert code(client.post("/graphql", json=body)) in REFUSED


def test_a_batch_costs_what_its_queries_cost(client: httpx.Client) -> None:
    query = {"query": "{ " + DEAR.format(n=45) + " }"}
    answers = client.post("/graphql", json=[query] * 10).json()
    assert "data" in answers[0]
    assert answers[-1]["errors"][0]["extensions"]["code"] == "QUERY_TOO_EXPENSIVE"
    assert client.post("/graphql", json=[query] * 11).status_code == 400


def test_the_same_document_is_judged_by_its_variables(client: httpx.Client) -> None:
    body = {"query": "query($n: Int!) { " + DEAR.format(n="$n") + " }"}
    for _ in range(2):
        assert "data" in client.post("/graphql", json=body | {"variables": {"n": 5}}).json()
        assert code(client.post("/graphql", json=body | {"variables": {"n": 100}})) == "QUERY_TOO_EXPENSIVE"


# ── work that would not end ─────────────────────────────────────────────────────────────────

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_a_query_that_takes_too_long_is_stopped(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads are asked for something endless; they are free again when its time is over."""

    def endless(self: SqliteStore, *_: Any, **__: Any) -> Any:
        return self._db.execute(ENDLESS).fetchone()

    monkeypatch.setattr(SqliteStore, "find_claims", endless)
    with serving(Settings(store=store, timeout=0.3, threads=2)) as client:
        for _ in range(4):
            started = time.monotonic()
            response = client.post("/graphql", json={"query": "{ claims { nodes { id } } }"})
            assert (response.status_code, code(response)) == (503, "TIMED_OUT")
            assert response.headers["retry-after"] and time.monotonic() - started < 5
        assert client.post("/graphql", json={"query": "{ stats { films } }"}).status_code == 200


def test_the_store_stops_when_time_is_over(store: str) -> None:
    with SqliteStore(store, readonly=True) as reader:
        with (
            deadline.within(time.monotonic() + 0.05),
            pytest.raises(sqlite3.OperationalError, match="interrupted"),
        ):
            reader._db.execute(ENDLESS)
        assert reader.stats()["films"]


def test_a_body_that_does_not_come_is_not_waited_for(store: str) -> None:
    with serving(Settings(store=store, timeout=0.2)) as client:
        head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
        assert exchange(client, head, end=False).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_does_not_end_is_not_waited_for(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN", 0.3)
    with serving(Settings(store=store)) as client:
        for beginning in (b"", b"GET /graphql HTTP/1.1\r\nhost: x\r\n"):
            assert exchange(client, beginning, end=False).startswith(b"HTTP/1.1 400 ")
        endless = b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000
        assert exchange(client, endless, end=False).startswith(b"HTTP/1.1 400 ")


# ── bytes that are no HTTP ──────────────────────────────────────────────────────────────────


def exchange(client: httpx.Client, sent: bytes, *, end: bool = True) -> bytes:
    """All that the server says to these bytes, until it closes the connection."""
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=10) as connection:
        received = b""
        try:
            connection.sendall(sent)
            if end:
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65_536):
                received += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
        return received


BODY = b'{"query":"{ __typename }"}'
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(BODY), BODY)
)


def test_arbitrary_bytes_end_in_4xx(client: httpx.Client) -> None:
    chance = Random(1)
    for number in range(300):
        garbage = chance.randbytes(chance.randint(1, 200))
        if number % 2:
            garbage += b"\r\n\r\n"
        received = exchange(client, garbage)
        assert received == b"" or received.startswith(b"HTTP/1.1 4"), garbage


def test_mutilated_requests_never_end_in_5xx(client: httpx.Client) -> None:
    chance = Random(2)
    seen: set[bytes] = set()
    for _ in range(400):
        request = bytearray(REQUEST)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(request))
            request[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
        received = exchange(client, bytes(request))
        seen.add(received[9:12])
        assert received == b"" or received[9:10] in (b"2", b"3", b"4"), bytes(request)
        if received[9:10] == b"2":
            json.loads(received.partition(b"\r\n\r\n")[2])
    assert {b"200", b"400"} <= seen


LENIENT = settings(
    max_examples=200, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@LENIENT
@given(body=st.binary(max_size=300))
def test_arbitrary_bodies_end_in_400(client: httpx.Client, body: bytes) -> None:
    response = client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400 and code(response) == "BAD_REQUEST"


@LENIENT
@given(query=st.binary(max_size=100), path=st.binary(max_size=20))
def test_arbitrary_addresses_end_in_4xx(client: httpx.Client, query: bytes, path: str) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in query)
    asked = client.get(f"/graphql?query={quoted}&variables={quoted}", headers={"accept": MODERN})
    assert asked.status_code == 400
    pages = client.get(f"/none/{quote(path)}")
    assert 400 <= pages.status_code < 500


def test_random_queries_find_no_failure(client: httpx.Client) -> None:
    """hypothesis-graphql's queries and changes; `make fuzz` gives it ten minutes."""
    until, begin, asked = time.monotonic() + FUZZ_SECONDS, int(os.environ.get("FUZZ_SEED", "3")), 0

    def ask(query: str) -> None:
        nonlocal asked
        if time.monotonic() > until:
            return
        asked += 1
        response = client.post("/graphql", json={"query": query}, headers={"accept": MODERN})
        assert response.status_code in (200, 400), query
        errors = response.json().get("errors", ())
        assert all(error["extensions"]["code"] != "INTERNAL" for error in errors), (query, errors)

    queries = given(from_schema(SCHEMA.as_str(), custom_scalars=SCALARS, allow_null=True))
    while time.monotonic() < until:  # a hundred at a time
        seed(begin)(settings(LENIENT, max_examples=100, derandomize=False)(queries(ask)))()
        begin += 1
    assert asked > 10


def _literals(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    from graphql import StringValueNode

    return values.map(lambda value: StringValueNode(value=str(value)))


SCALARS = {"Date": _literals(st.dates()), "DateTime": _literals(st.datetimes())}


# ── clients that ask too often ──────────────────────────────────────────────────────────────


def test_one_client_may_ask_so_often(store: str) -> None:
    with serving(Settings(store=store, rate=1, rate_burst=5)) as client:
        replies = [client.post("/graphql", json={"query": "{ __typename }"}) for _ in range(8)]
        refused = [reply for reply in replies if reply.status_code == 429]
        assert len(refused) == 3 and {code(reply) for reply in refused} == {"RATE_LIMITED"}
        assert 1 <= int(refused[0].headers["retry-after"]) <= 2 and refused[0].headers["x-request-id"]
        assert client.get("/healthz").status_code == 200
        elsewhere = {"x-forwarded-for": "198.51.100.7"}
        assert client.post("/graphql", json={"query": "{ __typename }"}, headers=elsewhere).status_code == 200


def test_more_connections_than_may_be_are_told_so(store: str) -> None:
    with serving(Settings(store=store, max_connections=2)) as client:
        assert client.post("/graphql", json={"query": "{ __typename }"}).status_code == 200
        with httpx.Client(base_url=client.base_url, trust_env=False) as another:
            assert another.get("/healthz").status_code == 503
