"""The version that names what reads must know every module that reads."""

from __future__ import annotations

import ast
from pathlib import Path

from filmgraph.extractor import READING, Rules, code_digest

SOURCE = Path(__file__).parents[1] / "src" / "filmgraph"


def imported(module: str) -> set[str]:
    tree = ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[1] for name in names if name.startswith("filmgraph.")}


def test_the_digest_covers_whatever_the_reader_imports() -> None:
    reached, todo = set[str](), ["reader"]
    while todo:
        module = todo.pop()
        if module not in reached and (SOURCE / f"{module}.py").exists():
            reached.add(module)
            todo += imported(module)
    assert reached - {"errors", "memory", "settings", "records", "explain"} <= set(READING), (
        "add these to READING in extractor.py"
    )


def test_the_thresholds_are_part_of_the_version() -> None:
    assert (
        Rules().version
        == code_digest()
        != Rules(min_confidence=0.5).version
        != Rules(min_confidence=0.6).version
    )
