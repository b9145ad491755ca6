"""A real Neo4j for tests: started once a session, wiped between tests. tests/neo4j says what it is made of."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

import neo4j

START = Path(__file__).parent / "neo4j" / "start"


class Neo4jServer:
    """A process with a database in each of `homes`; `addresses` are where they answer."""

    def __init__(self, homes: Sequence[Path], ports: Sequence[int] = ()) -> None:
        self.homes = homes
        pairs = [
            str(part)
            for home, port in zip(homes, ports or [0] * len(homes), strict=True)
            for part in (home, port)
        ]
        self._process = subprocess.Popen(
            [str(START), *pairs], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self.addresses = [self._process.stdout.readline().strip() for _ in homes]
        if not all(self.addresses):
            self.stop()
            raise RuntimeError(f"Neo4j did not start; `{START} DIRECTORY 0` tells why")

    @property
    def ports(self) -> list[int]:
        return [int(address.rpartition(":")[2]) for address in self.addresses]

    def stop(self) -> None:
        """Shut the databases down, as an operator would."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        self.stop()

    def restart(self) -> None:
        """Start again after `stop` or `kill`: the same files, the same ports."""
        self.__init__(self.homes, self.ports)  # type: ignore[misc]


def start_for_tests(directory: Path, databases: int) -> Neo4jServer:
    """Start it; where Maven or Java is missing, skip the test on a laptop and fail it in CI."""
    missing = [tool for tool in ("mvn", "javac") if shutil.which(tool) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"a real Neo4j needs {' and '.join(missing)}: install a JDK (17) and Maven")
    return Neo4jServer([directory / str(number) for number in range(databases)])


WIPE = "MATCH (n) WHERE NOT n:Graph CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
RESET = (
    "MATCH (g:Graph) SET g.revision = 0, g.catalogue = '0', g.written = [], g.judgements = 0, g.changes = 0"
)


def wipe(address: str) -> None:
    """Empty a database; its schema stays."""
    with neo4j.GraphDatabase.driver(address) as driver, driver.session() as session:
        session.run(WIPE).consume()
        session.run(RESET).consume()
