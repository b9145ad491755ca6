"""Dockerfile and docker-compose.yml, as far as they can be checked without an engine."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from filmgraph.cli import cli

TOP = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, lines joined."""
    text = re.sub(r"^#.*\n", "", (TOP / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line.strip())]


def arguments(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def test_the_image_is_made_in_two_stages_and_runs_without_root() -> None:
    stages = [n for n, (word, _) in enumerate(instructions()) if word == "FROM"]
    assert len(stages) == 2
    last = instructions()[stages[1] :]
    words = [word for word, _ in last]
    assert not any("pip install" in rest for _, rest in last)
    (user,) = (rest for word, rest in last if word == "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user), "a user by number, so that it can be told from root"
    assert words.index("USER") > max(n for n, word in enumerate(words) if word in ("RUN", "COPY"))
    assert {"HEALTHCHECK", "ENTRYPOINT", "EXPOSE"} <= set(words)


def test_the_image_is_repeatable() -> None:
    for image in arguments("FROM"):
        assert re.match(r"python:3\.\d+-slim-\w+", image) and "latest" not in image
    assert not arguments("ADD")
    assert all("--constraint constraints.txt" in run for run in arguments("RUN") if "pip install" in run)
    for word in ("ENTRYPOINT", "CMD"):
        assert all(isinstance(json.loads(rest), list) for rest in arguments(word))


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    ignored = (TOP / ".dockerignore").read_text(encoding="utf-8").split()
    for copied in arguments("COPY"):
        *sources, _ = [part for part in copied.split() if not part.startswith("--")]
        for source in sources:
            if "--from=" not in copied:
                assert (TOP / source).exists() and f"!{source}" in ignored, source


def test_the_image_copies_all_that_the_build_reads() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {*wheel["packages"], *wheel["force-include"], project["project"]["readme"]}
    needed |= {hook["path"] for hook in wheel.get("hooks", {}).values()}
    copied = " ".join(arguments("COPY")).split()
    for path in needed:
        assert any(path == source or path.startswith(f"{source}/") for source in copied), path


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"]
    assert not service["user"].startswith(("0", "root"))
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:"), f"{name} is open to the network at {port}"
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or source.startswith("./")


def test_secrets_come_from_the_environment() -> None:
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if re.search("AUTH|PASSWORD|TOKEN", variable):
                assert re.fullmatch(r"(neo4j/)?\$\{\w+(:\?[^}]+|:-)\}", value), f"{name}: {variable}"


def test_services_wait_for_each_other_and_tell_how_they_are() -> None:
    assert SERVICES["neo4j"]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES["migrate"]["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert SERVICES["filmgraph"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for service in ("migrate", "filmgraph"):
        assert SERVICES[service]["command"][0] in cli.commands


def test_settings_in_compose_are_known() -> None:
    documented = (TOP / "docs" / "settings.md").read_text(encoding="utf-8")
    for variable in {
        *SERVICES["filmgraph"]["environment"],
        *re.findall(r"FILMGRAPH_\w+", " ".join(arguments("ENV"))),
    }:
        assert f"`{variable}`" in documented, variable


def test_the_database_is_configured_by_lines_that_neo4j_knows() -> None:
    conf = (TOP / "deploy" / "neo4j.conf").read_text(encoding="utf-8")
    for line in conf.splitlines():
        assert re.fullmatch(r"#.*|[a-z0-9_.]+=\S+", line), line
