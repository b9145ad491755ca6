"""Imports go only to the same or a lower layer."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "filmgraph"
LAYERS = [
    {"deadline", "errors", "memory", "model", "settings"},
    {
        "adaptations",
        "answers",
        "belief",
        "candidates",
        "cascade",
        "catalog",
        "chat",
        "claims",
        "columns",
        "context",
        "counts",
        "cues",
        "descriptions",
        "discourse",
        "documents",
        "drafts",
        "encoder",
        "explain",
        "extractor",
        "facts",
        "features",
        "fetch",
        "fields",
        "findings",
        "forebears",
        "forms",
        "headings",
        "influences",
        "joint",
        "kinship",
        "language_model",
        "linking",
        "looks",
        "mentions",
        "names",
        "offshoots",
        "pages",
        "passages",
        "people",
        "plain",
        "polarity",
        "provisional",
        "quotes",
        "reader",
        "records",
        "resolution",
        "reviewed",
        "scoring",
        "series",
        "signs",
        "sources",
        "stance",
        "subjects",
        "text",
        "topics",
        "unknown_looks",
        "unknown_titles",
        "versions",
        "weights",
    },
    {
        "draw",
        "adjacency",
        "feed",
        "history",
        "index",
        "ingest",
        "kept_store",
        "judgements",
        "lineage",
        "neighbourhood",
        "neo4j_store",
        "paths",
        "ranks",
        "recommend",
        "search",
        "sqlite_file",
        "sqlite_lists",
        "sqlite_reader",
        "sqlite_store",
        "sqlite_tables",
        "store",
        "stored",
        "tables",
        "transaction",
        "wording",
    },
    {
        "access",
        "api",
        "app",
        "cli",
        "etags",
        "evaluate",
        "evaluation",
        "events",
        "export",
        "extractors",
        "filters",
        "graphql",
        "mutations",
        "paging",
        "tokens",
        "matching",
        "mistakes",
        "operations",
        "reliability",
        "request",
        "rows",
        "server",
        "service",
        "stages",
        "subscriptions",
        "terminal",
        "transfer",
        "web",
        "workers",
    },
]
LAYER = {module: depth for depth, modules in enumerate(LAYERS) for module in modules}
FILES = sorted(file for file in SOURCE.rglob("*.py") if file.name not in ("__init__.py", "__main__.py"))


def module_of(file: Path) -> str:
    """The part of the path that names the module below `filmgraph`."""
    return file.relative_to(SOURCE).with_suffix("").parts[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_imports_point_down(file: Path) -> None:
    here = module_of(file)
    assert here in LAYER, f"{here} belongs to no layer: add it to LAYERS"
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("filmgraph."):
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("filmgraph.")]
        for name in names:
            target = name.split(".")[1]
            assert LAYER[target] <= LAYER[here], (
                f"{file}:{node.lineno}: {here} imports {target}, which is above it"
            )
