"""Settings come from the environment; what makes no sense is refused by name."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from filmgraph import errors
from filmgraph.errors import FilmgraphError, SettingsError
from filmgraph.settings import ModelSettings, Settings

DOCS = Path(__file__).parents[1] / "docs"


def test_defaults_need_no_environment() -> None:
    assert Settings.from_environment({}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"), ("PORT", "-1"), ("PORT", "70000"), ("FETCH_TIMEOUT", "nan"), ("FETCH_TIMEOUT", "0"),
        ("MAX_DOCUMENT_CHARS", "1e12"), ("READS", "shut"), ("INTROSPECTION", "maybe"),
        ("CORS_ORIGINS", "example.org"), ("CORS_ORIGINS", "https://example.org/path"), ("RATE", "-1"), ("TIMEOUT", "0"),
        ("FETCH_MAX_BYTES", ""), ("WRITE_TOKEN", "short"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"FILMGRAPH_{name}"):
        Settings.from_environment({f"FILMGRAPH_{name}": value})


def test_every_setting_is_documented() -> None:
    documented = re.findall(
        r"^\| `FILMGRAPH_(\w+)` \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.M
    )
    assert {name.lower() for name in documented} >= {field.name for field in fields(Settings)}


def test_every_setting_of_a_language_model_is_documented_with_its_default() -> None:
    text = (DOCS / "language-model.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `FILMGRAPH_LLM_(\w+)` \| `?([^`|]*?)`? \|", text, re.M))
    assert {name.lower() for name in rows} == {field.name for field in fields(ModelSettings)}
    given = {
        f"FILMGRAPH_LLM_{name}": value for name, value in rows.items() if value != "none" and name != "CACHE"
    }
    assert ModelSettings.from_environment(given | {"FILMGRAPH_LLM_MODEL": "m"}) == ModelSettings(model="m")


@pytest.mark.parametrize(
    ("name", "value"),
    [("URL", "api.example.org"), ("URL", "https://me:secret@api.example.org/v1"), ("MODEL", " "), ("KEY", "two words"),
     ("PRICE", "cheap"), ("PRICE", "1"), ("MAX_TOKENS", "-1"), ("CONCURRENCY", "0")],
)  # fmt: skip
def test_nonsense_about_a_language_model_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"FILMGRAPH_LLM_{name}") as caught:
        ModelSettings.from_environment({"FILMGRAPH_LLM_MODEL": "m", f"FILMGRAPH_LLM_{name}": value})
    assert "secret" not in str(caught.value) and "two words" not in str(caught.value)


def test_every_error_has_a_code_of_its_own_and_one_base() -> None:
    found = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert all(issubclass(error, FilmgraphError) for error in found)
    assert len({error.code for error in found}) == len(found)
    assert all(error.__name__ in (errors.__doc__ or "") for error in found)


def test_documented_defaults_are_the_defaults() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, value in re.findall(r"^\| `(FILMGRAPH_\w+)` \| `([^`]*)` \|", text, re.M):
        assert Settings.from_environment({name: value}) == Settings(), name
