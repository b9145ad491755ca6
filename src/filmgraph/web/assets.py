"""Files that pages load: read once, named by their content, so that browsers may keep them for ever.

The stylesheet stands in every page: a browser that had to ask for it could not draw the page before it came.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from filmgraph.draw import stylesheet

__all__ = ["SHEET", "SHEET_SOURCE", "Assets"]

FOLDER = Path(__file__).parent / "static"
GRAPHIQL = FOLDER / "graphiql"
GRAPHIQL_FILES = ("graphiql.css", "graphiql.js", "react.js", "react-dom.js")
SHEET = (FOLDER / "site.css").read_text(encoding="utf-8") + stylesheet()
"""The site's styles and those of its pictures."""
SHEET_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()}'"
"""What a content security policy calls the sheet (CSP 3, 2.3.1)."""
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """The folder `static`, and GraphiQL where it was fetched."""

    def __init__(self) -> None:
        self.files = {
            file.name: file.read_bytes() for file in sorted(FOLDER.iterdir()) if file.suffix in TYPES
        }
        self.has_graphiql = all((GRAPHIQL / name).is_file() for name in GRAPHIQL_FILES)
        if self.has_graphiql:
            self.files |= {name: (GRAPHIQL / name).read_bytes() for name in GRAPHIQL_FILES}
        self.version = hashlib.blake2b(b"\0".join(self.files.values()), digest_size=6).hexdigest()

    def address(self, name: str) -> str:
        """Where a file is; KeyError for one that there is not. Modules import each other from the same place."""
        return f"/static/{self.version}/{name}" if self.files[name] else ""

    async def serve(self, request: Request) -> Response:
        name, version = request.path_params["name"], request.path_params["version"]
        if name not in self.files:
            return Response("there is no such file", 404, media_type="text/plain")
        fresh = "public, max-age=31536000, immutable" if version == self.version else "no-cache"
        headers = {"cache-control": fresh, "x-content-type-options": "nosniff"}
        return Response(self.files[name], media_type=TYPES[Path(name).suffix], headers=headers)
