"""The server around GraphQL: pages, health, and a store that changes or goes away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest

from filmgraph.app import create_app
from filmgraph.errors import SettingsError, StoreError
from filmgraph.settings import Settings
from filmgraph.store import open_store
from filmgraph.web import assets
from graphs import CATALOGUE, READINGS, fill
from servers import serving


@pytest.fixture
def store(tmp_path: Path) -> str:
    return fill(tmp_path / "graph.db")


@pytest.fixture
def client(store: str) -> Iterator[httpx.Client]:
    with serving(Settings(store=store)) as found:
        yield found


@pytest.fixture
def plain_client(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """A server that was built without npm."""
    monkeypatch.setattr(assets, "GRAPHIQL", tmp_path)
    with serving(Settings(store=store)) as found:
        yield found


def test_the_query_page_loads_nothing_from_elsewhere(plain_client: httpx.Client) -> None:
    client, path = plain_client, "/graphql"
    response = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 200 and response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', response.text))
    assert f"script-src 'nonce-{nonce}'" in policy and "default-src 'none'" in policy
    assert not re.search(r"https?://|\bsrc=|\bon\w+=|\bstyle=|\{\{", response.text)
    assert "make graphiql" in response.text
    again = client.get(path, headers={"accept": "text/html"})
    assert nonce not in again.text


def test_every_example_of_the_page_is_answered(plain_client: httpx.Client) -> None:
    client = plain_client
    page = client.get("/graphql", headers={"accept": "text/html"}).text
    examples = re.findall(
        r'<template data-example="[^"]+" data-variables="([^"]+)">(.*?)</template>', page, re.S
    )
    assert len(examples) >= 8
    for variables, query in ((unescape(one), unescape(other)) for one, other in examples):
        answer = client.get("/graphql", params={"query": query, "variables": variables}).json()
        wrong = [error for error in answer.get("errors", ()) if error["extensions"]["code"] != "NOT_FOUND"]
        assert not wrong, (query, answer)


def test_health_and_readiness(client: httpx.Client, store: str) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["edges"]) == (200, 5)
    with open_store(store) as writer:
        writer.retract(READINGS[0].review.id)
    assert client.get("/readyz").json()["edges"] == 4


def test_an_unreadable_store_is_not_ready(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from filmgraph.sqlite_store import SqliteStore

    def fail(_: object) -> int:
        raise OSError("gone")

    monkeypatch.setattr(SqliteStore, "revision", fail)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    answer = client.post("/graphql", json={"query": "{ __typename }"})
    assert answer.status_code == 500 and answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"


def test_a_store_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="ingest"):
        create_app(Settings(store=str(tmp_path / "none.db")))


def test_a_server_that_may_write_makes_its_store(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path / "new.db"), write_token="correct-horse-battery")
    with serving(settings) as client:
        with open_store(settings.store) as store:
            store.import_entities(CATALOGUE, source="test")
        films = client.post("/graphql", json={"query": "{ stats { films } }"}).json()["data"]["stats"][
            "films"
        ]
        assert films == 4


def test_the_token_is_long_and_hidden() -> None:
    settings = Settings.from_environment({"FILMGRAPH_WRITE_TOKEN": "correct-horse-battery"})
    assert settings.write_token == "correct-horse-battery" and "horse" not in repr(settings)
    assert Settings.from_environment({"FILMGRAPH_WRITE_TOKEN": ""}).write_token is None
    for bad in ("short", "with spaces in between", "é" * 20):
        with pytest.raises(SettingsError, match="FILMGRAPH_WRITE_TOKEN") as caught:
            Settings.from_environment({"FILMGRAPH_WRITE_TOKEN": bad})
        assert bad not in str(caught.value)
