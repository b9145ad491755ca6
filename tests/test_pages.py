"""The pages as any client gets them: what they show, what they refuse, and what they never let through."""

from __future__ import annotations

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from filmgraph.draw import Mood
from filmgraph.errors import QueryError
from filmgraph.model import Film, Influence, Polarity, Relation, Stance
from filmgraph.settings import Settings
from filmgraph.store import open_store
from filmgraph.web.quotes import marked
from filmgraph.web.state import DIRECTIONS, State, address
from graphs import (
    ASSASSIN,
    BALLERINA,
    FORMULA,
    LEITCH,
    NIKITA,
    NOBODY,
    NOVEL,
    READINGS,
    SERIES,
    WICK,
    fill,
    reading,
)
from servers import serving

LINEAGE = [relation for relation in Relation if relation.is_lineage]
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> שלום ‮evil 😀 " + "long " * 90
EVIL_FILM = Film("film:tt0000666", EVIL, 1999)
EVIL_HEIR = Film("film:tt0000667", EVIL, 2005)
EVIL_INFLUENCE = Influence("influence:~evil", EVIL, origin=EVIL_FILM.id)
EVIL_ENTITIES = [EVIL_FILM, EVIL_HEIR, EVIL_INFLUENCE]
EVIL_READING = reading(f"{EVIL} copies {EVIL}.", EVIL_HEIR, Relation.IMITATES, EVIL_FILM, reviewer=EVIL)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = fill(tmp_path_factory.mktemp("pages") / "graph.db")
    with open_store(path) as store:
        store.import_entities(EVIL_ENTITIES, source="evil")
        store.put([EVIL_READING])
    return path


@pytest.fixture(scope="module")
def client(store: str) -> Iterator[httpx.Client]:
    with serving(Settings(store=store)) as found:
        yield found


PAGES = [
    "/",
    "/search",
    "/search?q=nobdy",
    "/search?q=qqqqqqqqzzz",
    *(address(entity.id) for entity in (WICK, NOBODY, NIKITA, BALLERINA, NOVEL, LEITCH, SERIES, FORMULA, EVIL_FILM, EVIL_INFLUENCE)),
    address(READINGS[0].review.id),
    address(EVIL_READING.review.id),
    address(READINGS[1].evidence[0].claim.id),
    State(WICK.id).address,
    State(WICK.id, claim=READINGS[1].evidence[0].claim.id).address,
    State(NOBODY.id, direction="ancestors", moods=(Mood.NEGATIVE,), low=1990, high=2022).address,
    State(EVIL_FILM.id).address,
    State(LEITCH.id).address,
    "/path",
    f"/path?from={NOBODY.id}&to={NIKITA.id}",
    "/path?from=Nobody&to=Nikita",
    "/path?from=Nobdy&to=zzzqqqqzzz",
    f"/path?from={NOVEL.id}&to={LEITCH.id}",
    "/compare",
    f"/compare?a={WICK.id}&b={ASSASSIN.id}",
    f"/compare?a={EVIL}&b={EVIL_FILM.id}",
    "/desk",
]  # fmt: skip


class Strict(HTMLParser):
    """Notes what a page must not have: scripts of its own, styles but in its head, handlers, addresses elsewhere."""

    VOID = frozenset(("meta", "link", "input", "br", "img"))

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.wrong += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if (
            (tag == "style" and self.open != ["html", "head"])
            or (tag == "script" and not (given.get("src") or "").startswith("/static/"))
            or tag == "img"
        ):
            self.wrong.append(self.get_starttag_text() or tag)
        for name in ("href", "src", "action"):
            value = given.get(name) or ""
            if value and not value.startswith(("/", "#")) and "external" not in (given.get("rel") or ""):
                self.wrong.append(f"{tag} {name}={value}")
            if value.startswith("/"):
                self.links.append(value)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


def parsed(html: str) -> Strict:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_sound(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200, response.text[:300]
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    page = parsed(response.text)
    assert not page.wrong
    assert len(page.ids) == len(set(page.ids))
    assert response.text.count("<h1") == 1 and "\u202e" not in response.text


def test_the_stylesheet_is_in_the_page_and_allowed_by_its_hash(client: httpx.Client) -> None:
    response = client.get("/")
    (sheet,) = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in response.headers["content-security-policy"]
    assert 'rel="stylesheet"' not in response.text and len(sheet) > 10_000


def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/")
    again = client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert client.get("/", headers={"if-none-match": 'W/"other"'}).status_code == 200
    assert "etag" not in client.get("/film/tt0").headers


def test_no_link_is_dead(client: httpx.Client) -> None:
    links = {link.partition("#")[0] for path in PAGES for link in parsed(client.get(path).text).links}
    assert len(links) > 60
    for link in sorted(links - {"/graphql"}):
        response = client.get(link)
        known = response.status_code == 200 or (link.startswith("/person/") and response.status_code == 404)
        assert known, f"{link}: {response.status_code}"


def test_what_is_shown_of_a_film(client: httpx.Client) -> None:
    html = client.get(address(WICK.id)).text
    for words in (
        "John Wick",
        "2014",
        "101 minutes",
        "David Leitch",
        "Nobody (2021) imitates John Wick",
        "Nobody copies John Wick.",
        "Ann Onym",
        "told with scorn",
    ):
        assert words in html, words
    assert "with scorn" in html and "If you liked it" in html


def test_only_its_own_ties_are_told_of_a_film(client: httpx.Client) -> None:
    html = client.get(address(NIKITA.id)).text
    assert "John Wick (2014) is inspired by La Femme Nikita" in html
    for step in re.findall(r'class="step-head"><a[^>]*><bdi>([^<]+)', html):
        assert "Nikita" in step, step


def test_an_edge_answers_who_says_so(client: httpx.Client) -> None:
    claim = READINGS[1].evidence[0].claim
    html = client.get(State(WICK.id, claim=claim.id).address).text
    panel = html[html.index('id="panel"') :]
    for words in (
        "Ann Onym, The Paper",
        "1 January 2022",
        "Cy Doubt",
        "hedges",
        "in its review",
        "2 critics say so, 1 of them hedging.",
    ):
        assert words in panel, words


def test_a_claim_of_many_quotes_shows_the_first_of_them(tmp_path: Path) -> None:
    path = fill(tmp_path / "many.db")
    many = [
        reading(
            f"Nobody is a copy of John Wick, part {n}.",
            NOBODY,
            Relation.IMITATES,
            WICK,
            reviewer=f"Critic {n}",
        )
        for n in range(30)
    ]
    with open_store(path) as store:
        store.put(many)
    claim = many[0].evidence[0].claim
    with serving(Settings(store=path)) as client:
        panel = client.get(State(WICK.id, claim=claim.id).address).text
        assert panel.count("<blockquote") == 8 and "All 32 quotes" in panel
        assert client.get(address(claim.id)).text.count("<blockquote") == 32
        assert client.get("/").text.count("<blockquote") <= 6


def test_for_and_against_stand_apart(client: httpx.Client) -> None:
    html = client.get(address(READINGS[6].evidence[0].claim.id)).text
    assert "Against" in html and "denies it" in html and "nobody says so" in html


def test_a_review_shows_its_quotes_in_place(client: httpx.Client) -> None:
    review = READINGS[1].review
    html = client.get(address(review.id)).text
    (anchor,) = re.findall(r'class="anchor" id="(evidence-[^"]+)"', html)
    assert f'<mark data-quotes="{anchor}">{review.text}' in html
    assert f"#{anchor}" in html and "Nobody (2021) imitates John Wick (2014)" in html


# ── states and their addresses ──────────────────────────────────────────────────────────────

STATES = st.builds(
    State,
    st.sampled_from([WICK.id, BALLERINA.id]),
    direction=st.sampled_from(DIRECTIONS),
    depth=st.integers(1, 12),
    relations=st.lists(st.sampled_from(LINEAGE), unique=True).map(tuple),
    belief=st.integers(0, 20).map(lambda n: n / 20),
    moods=st.lists(st.sampled_from(list(Mood)), unique=True).map(tuple),
    low=st.none() | st.integers(1900, 1950),
    high=st.none() | st.integers(1950, 2020),
    as_of=st.none() | st.dates(date(1950, 1, 1), date(2030, 1, 1)),
    limit=st.integers(1, 400),
    claim=st.none() | st.just("claim:abc"),
)


@given(STATES)
def test_an_address_is_its_state(state: State) -> None:
    assert State.read(state.of, QueryParams(state.query)) == state


@pytest.mark.parametrize(
    "query",
    ["depth=0", "depth=x", "belief=2", "direction=up", "relation=likes", "stance=angry", "from=2000&to=1990", "as_of=lately", "limit=0", "limit=99999"],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(client: httpx.Client, query: str) -> None:
    with pytest.raises(QueryError):
        State.read(WICK.id, QueryParams(query))
    response = client.get(f"/lineage{address(WICK.id)}?{query}")
    assert response.status_code == 400 and query.split("=")[0] in response.text.lower()
    parsed(response.text)


def test_filters_narrow_the_picture(client: httpx.Client) -> None:
    def shown(**asked: object) -> set[str]:
        html = client.get(State(WICK.id, **asked).address).text  # type: ignore[arg-type]
        return set(re.findall(r'<g class="fg-work" data-id="([^"]+)"', html))

    assert shown() == {WICK.id, NOBODY.id, BALLERINA.id, NIKITA.id, NOVEL.id}
    assert shown(direction="descendants") == {WICK.id, NOBODY.id, BALLERINA.id}
    assert shown(depth=1, direction="ancestors") == {WICK.id, NIKITA.id}
    assert shown(relations=(Relation.IMITATES,)) == {WICK.id, NOBODY.id}
    assert shown(moods=(Mood.NEGATIVE,)) == {WICK.id, NOBODY.id}
    assert shown(low=2010, high=2022) == {WICK.id, NOBODY.id}
    assert shown(as_of=date(2016, 1, 1)) == {WICK.id, NIKITA.id}
    assert shown(belief=0.99) == {WICK.id}
    assert shown(limit=1, direction="descendants") == {WICK.id, NOBODY.id}


@pytest.mark.parametrize("form", ["svg", "png", "pdf", "graphml", "csv", "json"])
def test_exports_have_the_state_of_the_page(client: httpx.Client, form: str) -> None:
    state = State(WICK.id, direction="descendants", relations=(Relation.IMITATES,))
    assert state.export(form) in client.get(state.address).text.replace("&amp;", "&")
    response = client.get(state.export(form))
    assert response.status_code == 200 and f'.{form}"' in response.headers["content-disposition"]
    if form in ("svg", "graphml"):
        ET.fromstring(response.text)
    if form == "json":
        assert [work["id"] for work in response.json()["works"]] == [WICK.id, NOBODY.id]
    if form in ("svg", "graphml", "csv", "json"):
        assert "Nobody" in response.text and "Ballerina" not in response.text


@pytest.mark.parametrize("form", ["svg", "graphml", "csv", "json", "png"])
def test_exports_of_hostile_names(client: httpx.Client, form: str) -> None:
    response = client.get(State(EVIL_FILM.id).export(form))
    assert response.status_code == 200
    if form in ("svg", "graphml"):
        ET.fromstring(response.text)
    assert client.get(State(WICK.id).export("gif")).status_code == 400


# ── what is not there ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "/film/Nobdy",
        "/film/tt9999999",
        "/review/x",
        "/claim/x",
        "/lineage/film/Nobody",
        "/nothing",
        "/lineage/what/ever",
    ],
)
def test_what_is_not_there_is_said_kindly(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    page = parsed(response.text)
    assert not page.wrong and "Nothing is here" in response.text
    if "Nob" in path:
        assert "Did you mean" in response.text and address(NOBODY.id) in page.links


def test_misspelt_names_are_understood(client: httpx.Client) -> None:
    assert "Did you mean" in client.get("/path?from=Nobdy&to=Nikita").text
    hits = client.get("/search.json?q=jon wik").json()
    assert WICK.id in [hit["id"] for hit in hits]
    assert client.get("/search.json?q=").json() == []


def test_an_empty_graph_has_its_own_welcome(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "empty.db")):
        pass
    with serving(Settings(store=str(tmp_path / "empty.db"))) as client:
        assert "The graph is empty as yet" in client.get("/").text


def test_a_closed_graph_stays_closed(store: str) -> None:
    with serving(Settings(store=store, reads="closed", write_token="a-token-of-length")) as client:
        for path in ("/", address(WICK.id), "/desk", "/search.json?q=nobody", State(WICK.id).export("json")):
            response = client.get(path)
            assert response.status_code == 403 and "Nobody" not in response.text
        assert client.get("/", headers={"authorization": "Bearer a-token-of-length"}).status_code == 200


# ── the desk ────────────────────────────────────────────────────────────────────────────────


def test_the_desk_reads_and_stores_nothing(client: httpx.Client, store: str) -> None:
    with open_store(store, readonly=True) as reader:
        before = reader.revision()
    text = "Nobody is a clone of John Wick.\n\nIt is no copy of La Femme Nikita."
    response = client.post("/desk", data={"text": text, "title": "Nobody", "year": "2021"})
    assert response.status_code == 200
    page = parsed(response.text)
    assert not page.wrong and address(WICK.id) in page.links
    assert "<mark data-quotes=" in response.text and "imitates John Wick" in response.text
    assert 'class="mention"' in response.text and "only answers questions" in response.text
    with open_store(store, readonly=True) as reader:
        assert reader.revision() == before


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"text": "", "url": ""}, "paste a review"),
        ({"url": "file:///etc/passwd"}, "no address of the web"),
        ({"url": "http://127.0.0.1:1/a"}, "127.0.0.1"),
        ({"url": "http://10.0.0.1/a"}, "10.0.0.1"),
        ({"text": "x", "year": "soon"}, "year"),
        ({"text": "\x00" * 99}, "binary"),
    ],
)
def test_the_desk_refuses_clearly(client: httpx.Client, form: dict[str, str], said: str) -> None:
    response = client.post("/desk", data=form)
    assert response.status_code == 422 and said in response.text.lower()
    assert not parsed(response.text).wrong


def test_addresses_are_not_fetched_for_everybody(store: str) -> None:
    with serving(Settings(store=store, host="0.0.0.0")) as client:
        assert (
            "only for those who have its token"
            in client.post("/desk", data={"url": "https://example.org/a"}).text
        )


def test_the_desk_with_hostile_text(client: httpx.Client) -> None:
    response = client.post(
        "/desk",
        data={"text": f"{EVIL}\n\nNobody is a clone of John Wick. {EVIL}", "title": EVIL, "reviewer": EVIL},
    )
    assert response.status_code == 200 and not parsed(response.text).wrong


SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(pair))), max_size=6
)


@given(st.text("ab \n<", max_size=40), SPANS, SPANS)
def test_marking_loses_no_word(
    text: str, quotes: list[tuple[int, int]], mentions: list[tuple[int, int]]
) -> None:
    inside = [(a, b) for a, b in quotes if a < b <= len(text)]
    named = [(a, b) for a, b in mentions if a < b <= len(text)]
    paragraphs = marked(text, {f"q{n}": span for n, span in enumerate(inside)}, named)
    assert (
        "".join(piece.text for paragraph in paragraphs for piece in paragraph).split()
        == "".join(text.split("\n\n")).split()
        or "\n\n" in text
    )
    assert "".join(p.text for paragraph in paragraphs for p in paragraph).replace("\n", "").replace(
        " ", ""
    ) == text.replace("\n", "").replace(" ", "")


def test_the_first_load_is_light(client: httpx.Client) -> None:
    """Everything a first visit loads, as it goes over the wire."""

    def weight(path: str) -> int:
        with client.stream("GET", path) as response:
            return sum(len(part) for part in response.iter_raw())

    html = client.get(State(WICK.id).address).text
    loads = {State(WICK.id).address, *re.findall(r'(?:src|href)="(/static/[^"]+)"', html)}
    loads.add(next(load for load in loads if "explorer.js" in load).replace("explorer.js", "view.js"))
    assert sum(map(weight, loads)) < 100_000
    assert all("immutable" in client.get(load).headers["cache-control"] for load in loads if "static" in load)


def test_stance_and_polarity_are_told_in_words(client: httpx.Client) -> None:
    html = client.get(address(NOBODY.id)).text
    for polarity in (Polarity.ASSERTED, Polarity.HEDGED):
        assert {Polarity.ASSERTED: "says so", Polarity.HEDGED: "hedges"}[polarity] in client.get(
            State(NOBODY.id, claim=READINGS[1].evidence[0].claim.id).address
        ).text
    assert Stance.NEGATIVE in html
