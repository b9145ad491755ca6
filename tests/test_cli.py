"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from chat_server import answer, claim, serving_chat
from filmgraph.settings import seed_dir


def run(
    *arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "filmgraph", *arguments]
    inherited = {**os.environ, **(environment or {})}
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, timeout=120, env=inherited
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store that the command line has filled with the seed and the review of Ballerina below."""
    path = str(tmp_path_factory.mktemp("cli") / "graph.db")
    done = run("ingest", str(seed_dir() / "reviews"), "--store", path, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["read"] >= 48 and summary["refused"] == 0
    return path


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in (
        "catalog",
        "demo",
        "evaluate",
        "export",
        "extract",
        "ingest",
        "lineage",
        "path",
        "recommend",
    ):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE), command


def test_lineage_quotes_a_critic(store: str) -> None:
    done = run("lineage", "John Wick", "--store", store, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["of"] == {"id": "film:tt2911666", "name": "John Wick", "year": 2014}
    edges = found["descendants"]["edges"]
    assert edges and all(edge["quotes"] for edge in edges)
    shown = run("lineage", "John Wick", "--store", store)
    assert "Descendants of John Wick (2014)" in shown.stdout


def test_path_runs_from_the_later_film_to_the_earlier(store: str) -> None:
    done = run("path", "Starcrash", "Star Wars", "--store", store, "--json")
    assert done.returncode == 0, done.stderr
    paths = json.loads(done.stdout)
    assert paths and paths[0]["hops"][0]["quotes"]


def test_recommendations_give_reasons(store: str) -> None:
    done = run("recommend", "John Wick", "--store", store, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found and all(item["reason"] for item in found)


def test_an_unknown_film_is_an_error_with_suggestions(store: str) -> None:
    done = run("lineage", "Jonh Wikc", "--store", store)
    assert done.returncode in (0, 2)
    missing = run("lineage", "Zzyzzx Qqxqq", "--store", store)
    assert missing.returncode == 2
    assert "Zzyzzx Qqxqq" in missing.stderr and "Traceback" not in missing.stderr


@pytest.mark.parametrize("form", ["graphml", "gexf", "json", "csv"])
def test_exports_are_repeatable(store: str, form: str, tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for target in (first, second):
        done = run("export", "--format", form, "-o", str(target), "--store", store)
        assert done.returncode == 0, done.stderr
    assert first.read_bytes() == second.read_bytes() != b""


def test_verify(store: str) -> None:
    done = run("verify", "--store", store)
    assert (done.returncode, done.stdout.strip()) == (0, "The store is sound.")


def test_a_bad_document_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    (tmp_path / "b.bin.txt").write_bytes(b"\x00\x01\x02\x00" * 100)
    (tmp_path / "c.txt").write_text("Orca Review\n\nOrca is a shameless rip-off of Jaws.", encoding="utf-8")
    done = run("ingest", str(tmp_path), "--store", str(tmp_path / "graph.db"), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["read"] == 1 and json.loads(done.stdout)["refused"] == 2
    assert "a.txt" in done.stderr and "b.bin.txt" in done.stderr


def test_extract_reads_standard_input_and_keeps_offsets() -> None:
    text = "Piranha (1978) is a shameless rip-off of Jaws (1975). I liked the fish."
    line = json.dumps({"id": "one", "text": text, "title": "Piranha", "year": 1978})
    done = run("extract", "-", stdin=line + "\n")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["id"] == "one"
    (claim,) = found["claims"]
    assert (claim["subject"]["name"], claim["relation"], claim["object"]["name"]) == (
        "Piranha",
        "imitates",
        "Jaws",
    )
    assert text[claim["start"] : claim["end"]] == claim["quote"]


def test_demo_serves_and_ends_cleanly(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "filmgraph",
        "demo",
        "--port",
        str(port),
        "--store",
        str(tmp_path / "demo.db"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 90
        while True:
            try:
                answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": "{ __typename }"})
                break
            except httpx.TransportError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.2)
        assert answer.json() == {"data": {"__typename": "Query"}}
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "The strongest lineages" in out and f"http://127.0.0.1:{port}/graphql" in out
    assert "Traceback" not in err


def test_demo_queries_answer(seed_store: object) -> None:
    from graphql import parse, validate

    from filmgraph.api import SCHEMA
    from filmgraph.cli import DEMO_QUERIES

    for query in DEMO_QUERIES:
        assert validate(SCHEMA._schema, parse(query)) == []


def test_a_language_model_reads_over_the_command_line(tmp_path: Path) -> None:
    review = tmp_path / "orca.jsonl"
    review.write_text(
        '{"id": "1", "title": "Orca", "year": 1977, "text": "Orca is a shameless rip-off of Jaws."}'
    )
    told = claim("Orca (1977)", "imitates", "Jaws (1975)", "a shameless rip-off of Jaws")
    with serving_chat(lambda body, number: answer([told])) as server:
        environment = {
            "FILMGRAPH_LLM_URL": server.url, "FILMGRAPH_LLM_MODEL": "tiny-1", "FILMGRAPH_LLM_KEY": "not-to-be-seen",
            "FILMGRAPH_LLM_CACHE": str(tmp_path / "cache"),
        }  # fmt: skip
        done = run("extract", str(review), "--extractor", "llm", environment=environment)
        assert done.returncode == 0 and "1 requests, 100 tokens asked, 20 answered" in done.stderr
        assert json.loads(done.stdout)["claims"][0]["extractor"] == "llm/tiny-1"
        store = str(tmp_path / "graph.db")
        done = run("ingest", str(review), "--extractor", "llm", "--store", store, environment=environment)
        assert (
            done.returncode == 0
            and "1 answers from the cache" in done.stderr
            and "1 claims found" in done.stdout
        )
        assert len(server.requests) == 1
    assert "not-to-be-seen" not in done.stdout + done.stderr
    refused = run("extract", str(review), "--extractor", "llm", environment={"FILMGRAPH_LLM_MODEL": ""})
    assert refused.returncode == 2 and "FILMGRAPH_LLM_MODEL" in refused.stderr


def test_explanations_read_as_text_and_as_json() -> None:
    told = run("extract", "-", "--format", "text", stdin="Piranha (1978) is a cheap rip-off of Jaws (1975).")
    assert "→ imitates → Jaws (1975)" in told.stdout and "for and against the claim" in told.stdout
    piped = run("extract", "-", "--explain", stdin="Piranha (1978) is a cheap rip-off of Jaws (1975).")
    assert json.loads(piped.stdout)["claims"][0]["reasons"]
