"""Codes of errors: one enumeration, each explained."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from filmgraph import errors
from filmgraph.errors import Code, FilmgraphError

ROOT = Path(__file__).parents[1]
EXPLAINED = re.findall(
    r"^\| `([A-Z_]+)` \| (\S.*)$", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.M
)


@pytest.mark.parametrize("code", Code)
def test_every_code_is_explained_once(code: Code) -> None:
    assert [name for name, _ in EXPLAINED].count(code.value) == 1, f"explain {code.value} in docs/errors.md"


def test_nothing_else_is_explained() -> None:
    assert {name for name, _ in EXPLAINED} <= {code.value for code in Code}


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FilmgraphError)
    ]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(isinstance(kind.code, Code) for kind in kinds)


def codes_in(file: Path) -> set[str]:
    """Words in capitals that a call, or the key "code", is given in `file`."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = node.args if name in ("refusal", "RequestError") else []
        elif isinstance(node, ast.Dict):
            given = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "code"
            ]
        found |= {arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
    return {word for word in found if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", word)}


def test_no_other_code_is_given_out() -> None:
    files = sorted((ROOT / "src" / "filmgraph").rglob("*.py"))
    used = {word for file in files for word in codes_in(file)}
    assert {"BAD_REQUEST", "QUERY_TOO_EXPENSIVE", "INTERNAL"} <= used
    assert used <= {code.value for code in Code}
