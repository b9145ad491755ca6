"""The wheel's build: GraphiQL is fetched from npm, if npm is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GraphiqlHook(BuildHookInterface[Any]):
    """Fetches GraphiQL for a wheel; a checkout does so by `make graphiql`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "tools"))
        from graphiql import FetchError, fetch

        try:
            fetch()
        except (FetchError, OSError) as error:
            self.app.display_warning(f"Without GraphiQL: {error}. The server has its own query page.")
