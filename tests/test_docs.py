"""The documentation does what it says: its commands run, its Python runs, its links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from filmgraph.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
README = PAGES[0].read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    (filmgraph (?!COMMAND)[^#\n]+)", README, re.MULTILINE)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the reader of the README has it."""
    place = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "seed", place / "seed")
    return place


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", *shlex.split(command)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FILMGRAPH_")}
    return subprocess.run(words, cwd=place, capture_output=True, text=True, check=False, env=environment)


def test_the_commands_of_the_readme_run_in_their_order(workplace: Path) -> None:
    assert COMMANDS
    for command in COMMANDS:
        done = run(command, workplace)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout.strip() or " -o " in command or "import" in command, f"{command} printed nothing"


def test_every_command_is_in_the_readme_or_the_docs() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in cli.commands if f"filmgraph {name}" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_runs(page: Path) -> None:
    scope: dict[str, object] = {}
    for code in re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        exec(compile(code, page.name, "exec"), scope)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_readmes_question_has_the_readmes_answer(workplace: Path) -> None:
    from filmgraph.api import SCHEMA
    from filmgraph.request import Context
    from filmgraph.service import Service
    from filmgraph.settings import Settings

    blocks = dict(re.findall(r"^```(graphql|json)\n(.*?)^```", README, re.MULTILINE | re.DOTALL))
    service = Service(Settings(store=str(workplace / "filmgraph.db")))
    try:
        found = SCHEMA.execute_sync(
            blocks["graphql"], context_value=Context(service, service.index(), None, "readme")
        )
    finally:
        service.close()
    assert found.errors is None
    assert found.data == json.loads(blocks["json"])
