"""GraphQL over HTTP: what is asked well, what is asked badly, and what would cost too much."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from filmgraph.graphql.http import negotiate
from filmgraph.settings import Settings
from graphs import READINGS, fill
from servers import serving

AUDIT = Path(__file__).parent / "graphql_http_audit"
MODERN, LEGACY = "application/graphql-response+json", "application/json"
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    store = fill(tmp_path_factory.mktemp("http") / "graph.db")
    with serving(Settings(store=store, write_token=TOKEN)) as found:
        yield found


def code(response: httpx.Response) -> str:
    errors = response.json()["errors"]
    assert errors and all(error["message"] for error in errors)
    return str(errors[0]["extensions"]["code"])


def post(client: httpx.Client, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/graphql", content=content, headers={"content-type": LEGACY, **headers})


# ── well asked ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("accept", [MODERN, LEGACY, "*/*", f"{LEGACY};q=0.1, {MODERN}"])
def test_a_question_by_post_and_by_get(client: httpx.Client, accept: str) -> None:
    body = {"query": "query A($t: String!) { film(title: $t) { name } } query B { __typename }",
            "variables": {"t": "Nikita"}, "operationName": "A"}  # fmt: skip
    expected = {"data": {"film": {"name": "La Femme Nikita"}}}
    by_post = post(client, body, accept=accept)
    by_get = client.get(
        "/graphql", params=body | {"variables": json.dumps(body["variables"])}, headers={"accept": accept}
    )
    for response in (by_post, by_get):
        assert (response.status_code, response.json()) == (200, expected)
        assert response.headers["content-type"] == f"{negotiate(accept)}; charset=utf-8"
        assert "accept" in response.headers["vary"] and response.headers["x-request-id"]


# ── badly asked ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"1", b'"x"', b"[]", b"[{}]", b"{}", b"\xff\xfe", b'{"query": "\xff"}', b"[" * 50_000,
        b'{"query": null}', b'{"query": 1}', b'{"query": ""}', b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}', b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "variables": 0}', b'{"query": "{ __typename }", "variables": false}',
        b'{"query": "{ __typename }", "operationName": 1}', b'{"query": "{ __typename }", "extensions": 1}',
        b'{"query": "\\ud800"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
def test_bodies_that_are_no_question(client: httpx.Client, body: bytes, accept: str) -> None:
    response = post(client, body, accept=accept)
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", "BAD_REQUEST"),
        ("fragment A on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($t: String!) { film(title: $t) { name } }", "BAD_USER_INPUT"),
    ],
)
def test_documents_that_cannot_be_run(client: httpx.Client, query: str, expected: str) -> None:
    for accept, status in ((MODERN, 400), (LEGACY, 200)):
        response = post(client, {"query": query}, accept=accept)
        assert (response.status_code, code(response)) == (status, expected)
        assert "data" not in response.json()


def test_what_http_itself_refuses(client: httpx.Client) -> None:
    query = {"query": "{ __typename }"}
    assert post(client, query, **{"content-type": "text/plain"}).status_code == 415
    assert post(client, query, **{"content-type": f"{LEGACY}; charset=latin-1"}).status_code == 415
    assert post(client, query, accept="image/png").status_code == 406
    assert client.put("/graphql", json=query).status_code == 405
    assert client.get("/graphql", headers={"accept": MODERN}).status_code == 400
    assert client.get("/graphql?query={__typename}&variables=1").status_code == 400
    change = 'mutation { retractReview(id: "x") { id } }'
    refused = client.get("/graphql", params={"query": change}, headers={"authorization": f"Bearer {TOKEN}"})
    assert refused.status_code == 405 and "POST" in refused.headers["allow"]


def test_long_bodies_are_read_for_writers_only(client: httpx.Client) -> None:
    body = {"query": "{ __typename }", "variables": {"x": "y" * Settings().max_body}}
    assert code(post(client, body)) == "BODY_TOO_LARGE"
    assert post(client, body).status_code == 413
    assert post(client, body, authorization=f"Bearer {TOKEN}").status_code == 200


def test_who_may_write(client: httpx.Client) -> None:
    body = {
        "query": "mutation($id: ID!) { retractReview(id: $id) { id } }",
        "variables": {"id": "review:none"},
    }
    for header in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN):
        assert code(post(client, body, authorization=header)) == "FORBIDDEN"
    assert code(post(client, body, authorization=f"bearer {TOKEN}")) == "NOT_FOUND"


def test_failures_within_tell_nothing(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from filmgraph.sqlite_store import SqliteStore

    def fail(*_: object) -> None:
        raise RuntimeError("the secret is /etc/passwd")

    monkeypatch.setattr(SqliteStore, "entities", fail)
    response = post(client, {"query": '{ film(imdbId: "tt1") { name } stats { films } }'})
    monkeypatch.undo()
    assert code(response) == "INTERNAL" and "secret" not in response.text
    assert response.json()["data"]["stats"]["films"] > 0
    assert response.json()["errors"][0]["extensions"]["requestId"] == response.headers["x-request-id"]
    assert response.headers["x-request-id"] in caplog.text and "the secret" in caplog.text


@pytest.mark.parametrize(
    "query",
    [
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Nope }",
        "{ film(title: 1) { name } }",
        "{ __typename @skip(if: true) @skip(if: true) }",
        "{ search(query: " + "9" * 5000 + ") { nodes { id } } }",
    ],
)
def test_wrong_documents_are_named_wrong(client: httpx.Client, query: str) -> None:
    assert code(post(client, {"query": query})) == "GRAPHQL_VALIDATION_FAILED"


def test_the_standard_introspection_is_answered(client: httpx.Client) -> None:
    from graphql import build_client_schema, get_introspection_query

    response = post(client, {"query": get_introspection_query()})
    schema = build_client_schema(response.json()["data"])
    assert schema.query_type and "lineage" in schema.query_type.fields


# ── the public audit ────────────────────────────────────────────────────────────────────────


def test_many_ask_at_once(client: httpx.Client) -> None:
    query = {"query": "{ claims { nodes { id evidence { quote review { text } } } } }"}
    answers: list[str] = []

    def ask() -> None:
        for _ in range(10):
            answers.append(client.post("/graphql", json=query).text)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 80 and len(set(answers)) == 1
    assert all(reading.evidence[0].quote in answers[0] for reading in READINGS)


def test_all_audits_of_graphql_http_pass(client: httpx.Client, tmp_path: Path) -> None:
    lacking = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    if not (shutil.which("node") and shutil.which("npm")):
        lacking("the audit needs node and npm")
    for name in ("package.json", "audit.mjs"):
        shutil.copy(AUDIT / name, tmp_path)
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if installed.returncode:
        lacking(f"npm cannot install the audit: {installed.stderr[-300:]}")
    done = subprocess.run(
        ["node", "audit.mjs", str(client.base_url.join("/graphql"))],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found == {"passed": 61, "failed": []}
