"""What an operator relies on: logs, figures, caches, limits, and an end in good order."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard

from filmgraph.errors import SettingsError
from filmgraph.graphql.persisted import load_trusted
from filmgraph.settings import Settings
from filmgraph.sqlite_store import SqliteStore
from filmgraph.store import open_store
from graphs import READINGS, fill
from servers import serving

TOKEN = "correct-horse-battery"
FILMS = {"query": "{ stats { films } }"}
LONG = {"query": "{ claims { nodes { id explanation subject { name } evidence { quote } } } }"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fill(tmp_path_factory.mktemp("operations") / "graph.db")


@pytest.fixture(scope="module")
def client(store: str) -> Iterator[httpx.Client]:
    with serving(Settings(store=store, write_token=TOKEN, cors_origins=("https://friend.example",))) as found:
        yield found


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


# ── replies ─────────────────────────────────────────────────────────────────────────────────


def test_bodies_are_compressed_for_those_who_can_read_them(client: httpx.Client) -> None:
    plain = client.post("/graphql", json=LONG, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for coding, decompress in (("gzip", gzip.decompress), ("zstd", zstandard.decompress)):
        for _ in range(2):  # made, and from the cache
            with client.stream(
                "POST", "/graphql", json=LONG, headers={"accept-encoding": coding}
            ) as response:
                assert response.headers["content-encoding"] == coding
                assert "accept-encoding" in response.headers["vary"]
                assert decompress(b"".join(response.iter_raw())) == plain.content


def test_what_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    asked = {"url": "/graphql", "params": LONG}
    first = client.get(**asked)  # type: ignore[arg-type]
    etag = first.headers["etag"]
    for known in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
        again = client.get(**asked, headers={"if-none-match": known})  # type: ignore[arg-type]
        expected = 304 if known != etag.removeprefix("W/") else 200
        assert again.status_code == expected, known
        assert again.headers["etag"] == etag and again.headers["x-request-id"]
        assert bool(again.content) == (expected == 200)
    assert client.get(**asked, headers={"if-none-match": '"other"'}).content == first.content  # type: ignore[arg-type]
    assert "etag" not in client.post("/graphql", json=LONG).headers


def test_a_request_keeps_its_id(client: httpx.Client) -> None:
    given = client.post("/graphql", json=FILMS, headers={"x-request-id": "trace-12345678"})
    assert given.headers["x-request-id"] == "trace-12345678"
    odd = client.post("/graphql", json=FILMS, headers={"x-request-id": 'x" injected="1'})
    assert odd.headers["x-request-id"].isalnum()
    assert client.get("/healthz").headers["x-request-id"] != client.get("/healthz").headers["x-request-id"]


def test_pages_of_other_origins_ask_if_they_are_allowed(client: httpx.Client) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    friend = client.options("/graphql", headers=asked | {"origin": "https://friend.example"})
    assert friend.status_code == 200
    assert friend.headers["access-control-allow-origin"] == "https://friend.example"
    answer = client.post("/graphql", json=FILMS, headers={"origin": "https://friend.example"})
    assert answer.headers["access-control-allow-origin"] == "https://friend.example"
    stranger = client.options("/graphql", headers=asked | {"origin": "https://evil.example"})
    assert stranger.status_code == 400 and "access-control-allow-origin" not in stranger.headers
    answer = client.post("/graphql", json=FILMS, headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


# ── the cache ───────────────────────────────────────────────────────────────────────────────


def counted(client: httpx.Client, name: str) -> float:
    line = next(line for line in client.get("/metrics").text.splitlines() if line.startswith(f"{name} "))
    return float(line.rpartition(" ")[2])


def test_a_cached_reply_is_for_the_same_question_of_the_same_graph(tmp_path: Path) -> None:
    path = fill(tmp_path / "graph.db")
    with serving(Settings(store=path)) as client:

        def films(**headers: str) -> tuple[str, float]:
            before = counted(client, "filmgraph_cache_hits_total")
            text = client.post("/graphql", json={"query": "{ stats { reviews } }"}, headers=headers).text
            return text, counted(client, "filmgraph_cache_hits_total") - before

        first, hits = films()
        assert hits == 0 and films() == (first, 1)
        assert films(accept="application/graphql-response+json")[1] == 0
        with open_store(path) as writer:
            writer.retract(READINGS[0].review.id)
        time.sleep(0.05)
        assert films() == (f'{{"data":{{"stats":{{"reviews":{len(READINGS) - 1}}}}}}}', 0)


def test_errors_and_changes_are_not_cached(client: httpx.Client) -> None:
    before = counted(client, "filmgraph_cache_hits_total")
    change = {"query": 'mutation { retractReview(id: "review:none") { id } }'}
    for body in (change, {"query": "{ nothing }"}, {"query": '{ lineage(of: "film:none") { leftOut } }'}):
        for _ in range(2):
            client.post("/graphql", json=body, headers={"authorization": f"Bearer {TOKEN}"})
    assert counted(client, "filmgraph_cache_hits_total") == before


# ── documents by their hash ─────────────────────────────────────────────────────────────────


def by_hash(query: str) -> dict[str, Any]:
    digest = hashlib.sha256(query.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}


def test_automatic_persisted_queries(client: httpx.Client) -> None:
    query = "{ stats { films works } }"
    unknown = client.post("/graphql", json=by_hash(query))
    assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    sent = client.post("/graphql", json=by_hash(query) | {"query": query})
    assert sent.json()["data"]["stats"]["films"] == 5
    assert client.post("/graphql", json=by_hash(query)).json() == sent.json()
    params = {"extensions": json.dumps(by_hash(query)["extensions"])}
    assert client.get("/graphql", params=params).json() == sent.json()
    assert (
        code(client.post("/graphql", json=by_hash(query) | {"query": "{ other }"}))
        == "PERSISTED_QUERY_MISMATCH"
    )
    client.post("/graphql", json=by_hash("{ bad") | {"query": "{ bad"})
    assert code(client.post("/graphql", json=by_hash("{ bad"))) == "PERSISTED_QUERY_NOT_FOUND"
    for odd in (
        {"version": 2, "sha256Hash": "0" * 64},
        {"version": 1, "sha256Hash": "x"},
        {"version": 1},
        1,
        None,
    ):
        assert code(client.post("/graphql", json={"extensions": {"persistedQuery": odd}})) == "BAD_REQUEST"


@pytest.mark.parametrize("form", ["folder", "list", "object"])
def test_only_trusted_documents_are_run(store: str, tmp_path: Path, form: str) -> None:
    trusted, path = "{ stats { films } }", tmp_path / "documents"
    if form == "folder":
        path.mkdir()
        (path / "films.graphql").write_text(trusted)
    else:
        path.write_text(json.dumps([trusted] if form == "list" else {"films": trusted}))
    with serving(Settings(store=store, trusted_documents=str(path))) as client:
        for body in ({"query": trusted}, by_hash(trusted), by_hash(trusted) | {"query": trusted}):
            assert client.post("/graphql", json=body).json()["data"]["stats"]["films"] == 5
        other = "{ stats { works } }"
        for body in ({"query": other}, by_hash(other), by_hash(other) | {"query": other}):
            assert code(client.post("/graphql", json=body)) == "PERSISTED_QUERY_NOT_FOUND"


def test_trusted_documents_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "number").write_text("1")
    for name in ("none", "empty", "number"):
        with pytest.raises(SettingsError, match="FILMGRAPH_TRUSTED_DOCUMENTS"):
            load_trusted(tmp_path / name)


# ── switches ────────────────────────────────────────────────────────────────────────────────


def test_what_is_switched_off_is_not_there(store: str) -> None:
    settings = Settings(store=store, introspection=False, graphiql=False, metrics=False, cache_bytes=0)
    with serving(settings) as client:
        refused = client.post("/graphql", json={"query": "{ __schema { types { name } } }"})
        assert code(refused) == "GRAPHQL_VALIDATION_FAILED"
        hinted = client.post("/graphql", json={"query": "{ flim { name } }"}).text
        assert "Did you mean" not in hinted
        assert client.post("/graphql", json={"query": "{ __typename }"}).json() == {
            "data": {"__typename": "Query"}
        }
        assert client.get("/graphql", headers={"accept": "text/html"}).status_code == 406
        assert client.get("/metrics").status_code == 404
        assert client.post("/graphql", json=FILMS).json() == client.post("/graphql", json=FILMS).json()


# ── figures ─────────────────────────────────────────────────────────────────────────────────


def test_figures_for_prometheus(client: httpx.Client) -> None:
    client.get("/nowhere/at/all")
    client.post("/graphql", json=FILMS)
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    text = response.text
    for name in (
        'filmgraph_request_seconds_count{route="/graphql",status="200"}',
        'filmgraph_request_seconds_count{route="page",status="404"}',
        'filmgraph_request_seconds_bucket{le="0.005",route="/graphql",status="200"}', "filmgraph_edges 5.0", "filmgraph_revision ",
        "filmgraph_requests_under_way 1.0", "process_resident_memory_bytes ", "filmgraph_documents_prepared ",
    ):  # fmt: skip
        assert name in text, name
    assert "nowhere" not in text


# ── the process ─────────────────────────────────────────────────────────────────────────────


class Process:
    """`filmgraph serve` as an operator starts it; what it logs is kept."""

    def __init__(self, store: str, environment: dict[str, str] | None = None, **settings: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FILMGRAPH_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "filmgraph", "serve", "--port", "0", "--store", store],
            stderr=subprocess.PIPE, text=True, env=clean | (environment or {}) | {f"FILMGRAPH_{n.upper()}": v for n, v in settings.items()},
        )  # fmt: skip
        self.lines: list[str] = []
        self.listening = threading.Event()
        self.address = ""
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        assert self.listening.wait(30), self.lines
        assert self.address, self.lines

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if "Uvicorn running on" in line:
                self.address = line.partition("running on ")[2].split()[0]
                self.listening.set()
        self.listening.set()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status


def test_logs_are_json_and_tell_no_secret(store: str) -> None:
    process = Process(store, write_token=TOKEN)
    secrets = [TOKEN, "another-token-of-mine", "my-private-question", "pass-of-db"]
    with httpx.Client(base_url=process.address, trust_env=False) as client:
        ids = [
            client.get("/graphql", params={"query": '{ film(title: "my-private-question") { name } }'}),
            client.post("/graphql", json=FILMS, headers={"authorization": f"Bearer {TOKEN}"}),
            client.post("/graphql", json={"query": "mutation { undo(judgement: \"x\") { id } }"},
                        headers={"authorization": "Bearer another-token-of-mine"}),
            client.post("/graphql", content=b'{"query": "my-private-question', headers={"content-type": "application/json"}),
            client.get("/neo4j://neo4j:pass-of-db@host"),
        ]  # fmt: skip
    process.end()
    entries = [json.loads(line) for line in process.lines]
    requests = {entry["request_id"]: entry for entry in entries if entry["message"] == "request"}
    for response in ids:
        entry = requests[response.headers["x-request-id"]]
        assert entry["status"] == response.status_code and entry["ms"] >= 0 and entry["client"] == "127.0.0.1"
    assert not any(secret in line for line in process.lines for secret in secrets)


def test_requests_are_spans_within_the_askers_trace(store: str) -> None:
    """A real process sends them to a real address, by OpenTelemetry's own protocol."""
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{collector.server_port}"
        process = Process(store, {"OTEL_EXPORTER_OTLP_ENDPOINT": address}, tracing="on")
        trace = "0af7651916cd43dd8448eb211c80319c"
        with httpx.Client(base_url=process.address, trust_env=False) as client:
            answer = client.post(
                "/graphql", json=FILMS, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
            )
        process.end()
        collector.shutdown()
    sent = b"".join(received)
    assert b"POST /graphql" in sent and bytes.fromhex(trace) in sent
    assert answer.headers["x-request-id"].encode() in sent


def test_what_is_under_way_is_finished_before_the_end(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def slow(self: SqliteStore) -> dict[str, int]:
        begun.set()
        time.sleep(0.5)
        return dict.fromkeys(
            (
                "films",
                "people",
                "works",
                "franchises",
                "influences",
                "reviews",
                "claims",
                "evidence",
                "revision",
            ),
            7,
        )

    monkeypatch.setattr(SqliteStore, "stats", slow)
    found: list[httpx.Response] = []
    with serving(Settings(store=store, shutdown_timeout=5)) as client:
        asking = threading.Thread(target=lambda: found.append(client.post("/graphql", json=FILMS)))
        asking.start()
        assert begun.wait(5)
        client.stop()
        asking.join(10)
    assert found[0].json() == {"data": {"stats": {"films": 7}}}


def test_the_end_does_not_wait_longer_than_it_may(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, over = threading.Event(), threading.Event()

    def stuck(self: SqliteStore) -> dict[str, int]:
        begun.set()
        over.wait(20)
        raise OSError("at last")

    monkeypatch.setattr(SqliteStore, "stats", stuck)
    found: list[Exception] = []

    def ask(client: httpx.Client) -> None:
        try:
            client.post("/graphql", json=FILMS)
        except httpx.HTTPError as error:
            found.append(error)

    with serving(Settings(store=store, shutdown_timeout=1)) as client:
        asking = threading.Thread(target=ask, args=(client,))
        asking.start()
        assert begun.wait(5)
        started = time.monotonic()
    assert time.monotonic() - started < 10
    over.set()
    asking.join(10)
    assert found


def test_a_page_that_takes_too_long_is_stopped(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    monkeypatch.setattr(SqliteStore, "stats", lambda self: self._db.execute(endless).fetchone())
    with serving(Settings(store=store, timeout=0.3)) as client:
        assert client.get("/").status_code == 503


def test_a_bad_setting_stops_the_start(store: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "filmgraph", "serve", "--store", store],
        env=os.environ | {"FILMGRAPH_RATE": "often"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0 and "FILMGRAPH_RATE='often' is no number: 0 to 1e+06" in done.stderr
    assert "Traceback" not in done.stderr
