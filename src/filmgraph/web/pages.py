"""HTML over the same service that GraphQL answers from.

To add a page, add a method to `Pages` and a line to `routes`; what it shows is worked out in `views`, `explorer` or
`desk`, in a thread of `workers`. Pages hold no script of their own and but one sheet of styles, the same in all,
so that their policy can forbid all others.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jinja2
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from filmgraph.access import Role
from filmgraph.errors import AccessError, DeadlineError, FilmgraphError, NotFoundError, QueryError
from filmgraph.etags import etag, has_it
from filmgraph.model import Entity, EntityKind, is_provisional, kind_of
from filmgraph.service import Service
from filmgraph.web import desk, explorer, views
from filmgraph.web.assets import SHEET, SHEET_SOURCE, Assets
from filmgraph.web.examples import examples
from filmgraph.web.quotes import POLARITY_WORDS, STANCE_WORDS, emphasised
from filmgraph.web.state import State, address
from filmgraph.web.views import Graph
from filmgraph.wording import label
from filmgraph.workers import Workers

__all__ = ["Pages", "routes"]

FOLDER = Path(__file__).parent
KINDS = "|".join([*EntityKind, "review", "claim"])
POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {SHEET_SOURCE}; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GRAPHIQL_POLICY = POLICY.replace(SHEET_SOURCE, "'unsafe-inline'") + "; font-src data:"
"""GraphiQL's editor writes styles of its own; scripts stay as strict as everywhere."""
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
MAX_FORM = 6_000_000
log = logging.getLogger("filmgraph.pages")
Answer = Callable[[Graph, Request], Response]


def routes(pages: Pages) -> list[BaseRoute]:
    """Every page of the site."""
    return [
        Route("/", pages.home),
        Route("/search", pages.search),
        Route("/search.json", pages.suggestions),
        Route("/path", pages.path),
        Route("/compare", pages.compare),
        Route("/desk", pages.desk, methods=["GET", "POST"]),
        Route("/lineage/{kind}/{key:path}", pages.lineage),
        Route("/export/{form}/{kind}/{key:path}", pages.export),
        Route("/static/{version}/{name}", pages.assets.serve),
        *(Route(f"/{kind}/{{key:path}}", pages.entity) for kind in KINDS.split("|")),
        Route("/{rest:path}", pages.nothing),
    ]


class Pages:
    """The site's pages, each an endpoint."""

    def __init__(self, service: Service, workers: Workers) -> None:
        self.service = service
        self.workers = workers
        self.access = service.access
        self.assets = Assets()
        self._templates = _templates(self.assets)
        self._templates.globals["graphiql"] = service.settings.graphiql
        self._examples = examples()

    async def home(self, request: Request) -> Response:
        """Once it is sent, the names are read, so that the first letter typed finds them ready."""
        response = await self._answer(request, lambda graph, _: self._page("home.html", views.home(graph)))
        response.background = BackgroundTask(self.workers.run, self.service.names)
        return response

    async def entity(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            return self._page(*views.page_of(graph, _id(request)))

        return await self._answer(request, answer)

    async def lineage(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            return self._page(
                "lineage.html", explorer.explorer(graph, State.read(_id(request), request.query_params))
            )

        return await self._answer(request, answer)

    async def export(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            form, state = request.path_params["form"], State.read(_id(request), request.query_params)
            if graph.store.entity(state.of) is None:
                raise NotFoundError(f"there is nothing with the id {state.of}")
            content, media_type = explorer.exported(graph, state, form)
            name = state.of.partition(":")[2].lstrip("~").encode("ascii", "replace").decode().replace('"', "")
            headers = {**HEADERS, "content-disposition": f'attachment; filename="lineage-{name}.{form}"'}
            return Response(content, media_type=media_type, headers=headers)

        return await self._answer(request, answer)

    async def search(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            query = request.query_params.get("q", "").strip()[:200]
            hits = views.found(self.service, query)
            sure = [entity for entity, score in hits if score >= views.SAME_NAME]
            near = [entity for entity, score in hits if score < views.SAME_NAME]
            return self._page("search.html", {"query": query, "sure": sure, "near": near})

        return await self._answer(request, answer)

    async def suggestions(self, request: Request) -> Response:
        """What a search as one types shows: JSON."""

        def answer(graph: Graph, request: Request) -> Response:
            hits = views.found(self.service, request.query_params.get("q", ""), 8)
            rows = [
                {"id": e.id, "name": e.name, "year": e.year, "kind": kind_of(e.id), "address": address(e.id)}
                for e, _ in hits
            ]
            return JSONResponse(rows, headers=HEADERS)

        return await self._answer(request, answer)

    async def path(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            asked = request.query_params
            ends = [views.best_match(self.service, asked.get(name, "")) for name in ("from", "to")]
            k = min(10, max(1, int(asked.get("k", "") if asked.get("k", "").isdecimal() else 3)))
            shown: dict[str, Any] = {"asked": asked, "ends": ends, "k": k, "paths": None, "picture": None}
            if ends[0][0] and ends[1][0]:
                shown |= views.paths(graph, ends[0][0], ends[1][0], k=k, depth=6)
            return self._page("path.html", shown)

        return await self._answer(request, answer)

    async def compare(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            asked = request.query_params
            ends = [views.best_match(self.service, asked.get(name, "")) for name in ("a", "b")]
            shown: dict[str, Any] = {"asked": asked, "ends": ends, "compared": None}
            if ends[0][0] and ends[1][0]:
                shown["compared"] = views.comparison(graph, ends[0][0], ends[1][0])
            return self._page("compare.html", shown)

        return await self._answer(request, answer)

    async def desk(self, request: Request) -> Response:
        try:
            form = await _form(request) if request.method == "POST" else {}
        except QueryError as error:
            return self._refusal(error, [])
        settings, writer = self.service.settings, self._role(request) >= Role.WRITER

        def answer(graph: Graph, request: Request) -> Response:
            shown: dict[str, Any] = {
                "form": form,
                "writable": self.access.takes_changes,
                "refused": None,
            }
            if not form:
                return self._page("desk.html", shown)
            try:
                allowed = desk.may_fetch(settings, writer=writer)
                shown |= desk.read_review(graph, desk.document_of(form, settings, may_fetch=allowed))
            except FilmgraphError as error:
                return self._page("desk.html", shown | {"refused": str(error)}, status=422)
            return self._page("desk.html", shown)

        return await self._answer(request, answer)

    async def nothing(self, request: Request) -> Response:
        def answer(graph: Graph, request: Request) -> Response:
            raise NotFoundError(f"there is no page {request.url.path[:100]}")

        return await self._answer(request, answer)

    async def query(self, request: Request) -> Response:
        """What a browser that opens /graphql gets: GraphiQL, or our own small page where npm was missing."""
        if self.assets.has_graphiql:
            shown = {"examples": self._examples, "version": self.assets.version}
            html = self._templates.get_template("graphiql.html").render(shown)
            return HTMLResponse(
                html, headers={**HEADERS, "content-security-policy": GRAPHIQL_POLICY, "vary": "accept"}
            )
        nonce = secrets.token_urlsafe(16)
        return page(
            self._templates.get_template("query.html").render(examples=self._examples, nonce=nonce), nonce
        )

    # ── what all pages share ────────────────────────────────────────────────────────────────

    async def _answer(self, request: Request, answer: Answer) -> Response:
        """What `answer` gives, in a thread; a page that says what is wrong when it gives nothing."""
        try:
            if self._role(request) < Role.READER:
                raise AccessError("this graph is open only to those who have its token")
            found = await self.workers.run(lambda: answer(Graph(self.service, self.service.index()), request))
            return _unless_known(request, found)
        except FilmgraphError as error:
            near = (
                await self.workers.run(lambda: self._near(request))
                if isinstance(error, NotFoundError)
                else []
            )
            return self._refusal(error, near)
        except Exception:
            log.exception("a page failed", extra={"path": request.url.path[:200]})
            return self._page("error.html", {"status": 500, "message": "", "near": []}, status=500)

    def _role(self, request: Request) -> Role:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self.access.role(token.strip() or None if scheme.lower() == "bearer" else None)

    def _refusal(self, error: FilmgraphError, near: list[Entity]) -> Response:
        kinds = {NotFoundError: 404, AccessError: 403, DeadlineError: 503}
        status = next((status for kind, status in kinds.items() if isinstance(error, kind)), 400)
        return self._page(
            "error.html", {"status": status, "message": str(error), "near": near}, status=status
        )

    def _near(self, request: Request) -> list[Entity]:
        """What somebody may have meant by an address that leads nowhere."""
        words = request.url.path.rsplit("/", 1)[-1].replace("-", " ").replace("~", " ").strip()
        return [entity for entity, _ in views.found(self.service, words, 6)]

    def _page(self, template: str, shown: Mapping[str, Any], *, status: int = 200) -> Response:
        html = self._templates.get_template(template).render(shown)
        return HTMLResponse(html, status, headers=HEADERS)


def _unless_known(request: Request, found: Response) -> Response:
    """The page with its ETag, or that it is still the one that the asker has (RFC 9110, 13.1.2)."""
    if request.method != "GET" or found.status_code != 200:
        return found
    found.headers["etag"] = tag = etag(bytes(found.body))
    if not has_it(tag, request.headers.get("if-none-match", "")):
        return found
    of_body = ("content-type", "content-length")
    kept = {name: value for name, value in found.headers.items() if name not in of_body}
    return Response(status_code=304, headers=kept)


def _id(request: Request) -> str:
    kind = request.path_params.get("kind") or request.url.path.split("/")[1]
    return f"{kind}:{request.path_params['key']}"


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form sent as browsers send them; QueryError for what is too long or none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            raise QueryError(f"the form is longer than {MAX_FORM:,} bytes")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise QueryError(f"the form cannot be read: {error}") from None


def _templates(assets: Assets) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_turns,
    )
    made.globals.update(
        asset=assets.address,
        sheet=Markup(SHEET),
        state_of=State,
        stance_words=STANCE_WORDS,
        polarity_words=POLARITY_WORDS,
    )
    made.filters.update(
        address=address,
        emphasised=emphasised,
        label=label,
        kind=lambda id: kind_of(id).value,
        query=urlencode,
    )
    made.tests["provisional"] = is_provisional
    return made


def _without_turns(value: Any) -> Any:
    """What a template puts out, without the characters that turn the direction of what follows them."""
    if isinstance(value, str) and _TURNS.search(value):
        return type(value)(_TURNS.sub("", value))
    return value


_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def page(html: str, nonce: str) -> Response:
    """A page that loads nothing from elsewhere and runs only what carries `nonce`."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(
        html,
        headers={**HEADERS, "content-security-policy": policy, "cache-control": "no-store", "vary": "accept"},
    )
