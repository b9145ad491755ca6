"""Tokens: made, found, revoked; and what their bearers may do."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from filmgraph.access import Access, Role
from filmgraph.cli import cli
from filmgraph.errors import AccessError, NotFoundError, QueryError, SettingsError
from filmgraph.settings import Settings
from filmgraph.tokens import Tokens


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "tokens.json")


def test_a_token_is_shown_once_and_kept_as_a_hash(tokens: Tokens) -> None:
    made = tokens.create("Ann", "write")
    secret = made.rpartition("_")[2] if made.count("_") == 2 else made[12:]
    assert secret not in tokens.path.read_text() and tokens.path.stat().st_mode & 0o077 == 0
    found = tokens.find(made)
    assert found is not None and (found.name, found.role) == ("Ann", "write") and secret not in repr(found)
    assert Tokens(tokens.path).find(made) == found
    for wrong in ("", "fg_", made[:-1], made + "x", made.replace("fg_", "FG_"), made[:12] + "A" * 43):
        assert tokens.find(wrong) is None


def test_a_revoked_token_is_refused_at_once_by_whoever_reads_the_file(tokens: Tokens) -> None:
    made, other = tokens.create("Ann", "write"), tokens.create("Bo", "read")
    server = Tokens(tokens.path)
    assert server.find(made) and server.find(other)
    id = made.split("_")[1]
    assert tokens.revoke(id).name == "Ann"
    assert server.find(made) is None and server.find(other)
    assert [token.revoked is None for token in tokens.all()] == [False, True]
    with pytest.raises(NotFoundError, match="'none'"):
        tokens.revoke("none")


def test_a_token_ends(tokens: Tokens) -> None:
    made = tokens.create("Ann", "read", days=0.3 / 86_400)
    assert tokens.find(made)
    time.sleep(0.4)
    assert tokens.find(made) is None and tokens.valid() == []


def test_what_makes_no_token(tokens: Tokens) -> None:
    for name, role, days in (
        ("", "read", None),
        ("a\n", "read", None),
        ("Ann", "admin", None),
        ("Ann", "read", 0),
    ):
        with pytest.raises(QueryError):
            tokens.create(name, role, days=days)
    tokens.path.write_text("{")
    with pytest.raises(SettingsError, match="holds no tokens"):
        tokens.all()


def test_many_may_make_tokens_at_a_time(tokens: Tokens) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: Tokens(tokens.path).create(f"n{n}", "read"), range(24)))
    assert len(tokens.all()) == 24 and all(tokens.find(token) for token in made)


def test_roles(tmp_path: Path) -> None:
    settings = Settings(tokens=str(tmp_path / "tokens.json"))
    open_, closed = Access(settings), Access(settings.replace(reads="closed"))
    assert not open_.takes_changes
    with pytest.raises(AccessError, match="only answers"):
        open_.writer(None)
    tokens = Tokens(settings.tokens)
    reader, writer = tokens.create("Rea", "read"), tokens.create("Wri", "write")
    assert [open_.role(token) for token in (None, "x", reader, writer)] == [
        Role.READER, Role.READER, Role.READER, Role.WRITER,
    ]  # fmt: skip
    assert [closed.role(token) for token in (None, "x", reader, writer)] == [
        Role.NOBODY, Role.NOBODY, Role.READER, Role.WRITER,
    ]  # fmt: skip
    assert open_.takes_changes and open_.writer(writer) == "Wri"
    with pytest.raises(AccessError, match="'Rea' is for reading only"):
        open_.writer(reader)
    with pytest.raises(AccessError, match="Bearer"):
        open_.writer(None)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FILMGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FILMGRAPH_TOKENS", str(tmp_path / "tokens.json"))

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "no tokens" in run("token", "list")
    made = run("token", "create", "Ann Editor", "--role", "write", "--days", "90").strip().splitlines()[-1]
    assert Tokens(tmp_path / "tokens.json").find(made)
    id = made.split("_")[1]
    assert "Ann Editor" in run("token", "list") and f'"id": "{id}"' in run("token", "list", "--json")
    assert "Ann Editor" in run("token", "revoke", id)
    assert "revoked" in run("token", "list") and Tokens(tmp_path / "tokens.json").find(made) is None
