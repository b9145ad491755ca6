"""HTML over the same service that GraphQL answers from.

To add a page, add a method to `Pages` and a line to `routes`. What reads the store runs in `workers`.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from filmgraph.service import Service
from filmgraph.workers import Workers

__all__ = ["Pages", "routes"]

FOLDER = Path(__file__).parent


def routes(pages: Pages) -> list[BaseRoute]:
    """Every page of the site."""
    return [Route("/", pages.query)]


class Pages:
    """The site's pages, each an endpoint."""

    def __init__(self, service: Service, workers: Workers) -> None:
        self.service = service
        self.workers = workers
        self._query = (FOLDER / "query.html").read_text(encoding="utf-8")

    async def query(self, request: Request) -> Response:
        """The page to ask from; a browser that opens /graphql gets it too."""
        nonce = secrets.token_urlsafe(16)
        return page(self._query.replace("{{nonce}}", nonce), nonce)


def page(html: str, nonce: str) -> Response:
    """A page that loads nothing from elsewhere and runs only what carries `nonce`."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "vary": "accept",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(html, headers=headers)
