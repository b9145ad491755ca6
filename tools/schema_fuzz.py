"""Let schemathesis ask a server of the seed for SECONDS (default 60): no answer may be a 5xx. `make fuzz` does.

schemathesis is installed in an environment of its own, since it wants other versions of what the tests use.
Status 0 when it found nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "schemathesis"
sys.path[:0] = [str(ROOT / "bench" / "api")]

from run import server  # noqa: E402


def main() -> int:
    tool = PLACE / "bin" / "schemathesis"
    if not tool.exists():
        venv.create(PLACE, with_pip=True)
        subprocess.run([PLACE / "bin" / "pip", "install", "--quiet", "schemathesis"], check=True)
    store = str(ROOT / "build" / "schemathesis.db")
    filmgraph = [sys.executable, "-m", "filmgraph"]
    subprocess.run([*filmgraph, "demo", "--no-serve", "--store", store], check=True, stdout=subprocess.DEVNULL)
    with server([*filmgraph, "serve", "--port", "PORT", "--store", store], FILMGRAPH_RATE="0") as (port, _):
        done = subprocess.run(
            [tool, "run", f"http://127.0.0.1:{port}/graphql", "--checks", "nothing_fails_within",
             "--max-time", os.environ.get("SECONDS", "60"), "--suppress-health-check", "all"],
            env=os.environ | {"SCHEMATHESIS_HOOKS": "schema_fuzz_hooks", "PYTHONPATH": str(Path(__file__).parent)},
            cwd=ROOT / "build",
            check=False,
        )  # fmt: skip
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
