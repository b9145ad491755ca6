"""The schema, asked without a server between."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import build_schema, find_breaking_changes, parse, validate

from filmgraph import rows
from filmgraph.api import PRICES, SCHEMA
from filmgraph.cli import DEMO_QUERIES
from filmgraph.graphql.execution import Engine, Question
from filmgraph.request import Context
from filmgraph.service import Service
from filmgraph.settings import Settings, seed_dir
from filmgraph.store import Store, open_store
from filmgraph.tokens import Tokens
from filmgraph.web.examples import examples
from graphs import ASSASSIN, BALLERINA, FORMULA, LEITCH, NIKITA, NOBODY, NOVEL, READINGS, SERIES, WICK, fill

ROOT = Path(__file__).parents[1]
TOKEN = "correct-horse-battery"
CORE = SCHEMA._schema
ENGINE = Engine(SCHEMA, PRICES)

Ask = Callable[..., Any]


def asker(service: Service, token: str | None = None) -> Ask:
    """A function from a query and its variables to the answer's data, or to its errors when told that it fails."""

    def ask(query: str, *, fails: bool = False, **variables: Any) -> Any:
        context = Context(service, service.index(), token, "test-request")
        answer = ENGINE.ask(Question(query, variables), context, "test-request")
        found = orjson.loads(orjson.dumps(answer.body))
        if fails:
            return found["errors"]
        assert "errors" not in found, found["errors"]
        return found["data"]

    return ask


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    found = Service(Settings(store=fill(tmp_path_factory.mktemp("api") / "graph.db")))
    yield found
    found.close()


@pytest.fixture
def ask(service: Service) -> Ask:
    return asker(service)


@pytest.fixture
def writable(tmp_path: Path) -> Iterator[Service]:
    found = Service(Settings(store=fill(tmp_path / "graph.db"), write_token=TOKEN))
    yield found
    found.close()


def code(errors: list[dict[str, Any]]) -> str:
    (error,) = errors
    return str(error["extensions"]["code"])


# ── the schema ──────────────────────────────────────────────────────────────────────────────


def test_the_schema_file_is_the_code() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "filmgraph.api"], capture_output=True, text=True, check=True
    ).stdout
    assert (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8") == printed, "run `make schema`"


def test_nothing_that_was_released_is_broken() -> None:
    released = build_schema((ROOT / "schema" / "released.graphql").read_text(encoding="utf-8"))
    broken = [change.description for change in find_breaking_changes(released, CORE)]
    assert broken == [], "a new name instead; or, for a new major version, `make release-schema`"


def test_a_break_would_be_noticed() -> None:
    text = (ROOT / "schema" / "released.graphql").read_text(encoding="utf-8")
    older = build_schema(text.replace("  stats: Stats!", "  stats: Stats!\n  gone: Int"))
    assert [change.description for change in find_breaking_changes(older, CORE)] == [
        "Field Query.gone was removed."
    ]


def test_every_page_example_and_demo_query_is_valid() -> None:
    shown = [example.query for example in examples()]
    assert len(shown) >= 8
    for query in (*shown, *DEMO_QUERIES):
        assert validate(CORE, parse(query)) == [], query


# ── questions ───────────────────────────────────────────────────────────────────────────────


def test_a_film_by_title_id_and_imdb_id(ask: Ask) -> None:
    fields = "{ id name year kind imdbId runtime genres provisional format } }"
    wick = {
        "id": WICK.id, "name": "John Wick", "year": 2014, "kind": "FILM", "imdbId": "tt2911666", "runtime": 101,
        "genres": ["Action", "Crime"], "provisional": False, "format": "FEATURE",
    }  # fmt: skip
    assert ask('{ film(title: "john wick")' + fields) == {"film": wick}
    assert ask('{ film(imdbId: "tt2911666")' + fields) == {"film": wick}
    assert ask("query($id: ID!) { film(id: $id)" + fields, id=WICK.id) == {"film": wick}
    assert ask('{ film(title: "Nikita", year: 1990) { name } }') == {"film": {"name": "La Femme Nikita"}}
    assert ask('{ film(title: "Nikita", year: 1991) { name } }') == {"film": None}
    assert ask('{ film(title: "Jon Wick") { name } }') == {"film": None}
    assert ask('{ film(id: "person:nm0500610") { name } }') == {"film": None}
    assert code(ask("{ film { name } }", fails=True)) == "BAD_QUERY"
    assert code(ask('{ film(id: "x", title: "y") { name } }', fails=True)) == "BAD_QUERY"


def test_every_kind_of_node(ask: Ask) -> None:
    review, claim = READINGS[0].review.id, READINGS[0].evidence[0].claim.id
    found = ask(
        "query($p: ID!, $f: ID!, $i: ID!, $w: ID!, $r: ID!, $c: ID!) {"
        " person(id: $p) { name professions } franchise(id: $f) { origin { name } films { name } }"
        ' influence(name: "John Wick formula") { id origin { name } followers { subject { name } } }'
        " work(id: $w) { form author films { name } }"
        " p: node(id: $p) { __typename id } f: node(id: $f) { __typename } i: node(id: $i) { __typename }"
        " w: node(id: $w) { __typename } r: node(id: $r) { __typename id } c: node(id: $c) { __typename id }"
        ' none: node(id: "film:tt404") { id } }',
        p=LEITCH.id, f=SERIES.id, i=FORMULA.id, w=NOVEL.id, r=review, c=claim,
    )  # fmt: skip
    assert found["person"] == {"name": "David Leitch", "professions": ["director"]}
    assert found["franchise"] == {"origin": {"name": "John Wick"}, "films": [{"name": "John Wick"}]}
    assert found["influence"] == {
        "id": FORMULA.id,
        "origin": {"name": "John Wick"},
        "followers": [{"subject": {"name": "Ballerina"}}],
    }
    assert found["work"] == {"form": "novel", "author": "A. Writer", "films": []}
    kinds = {key: value["__typename"] for key, value in found.items() if len(key) == 1}
    assert kinds == {
        "p": "Person",
        "f": "Franchise",
        "i": "Influence",
        "w": "Work",
        "r": "Review",
        "c": "Claim",
    }
    assert (found["r"]["id"], found["c"]["id"], found["none"]) == (review, claim, None)


def test_a_film_and_what_belongs_to_it(ask: Ask) -> None:
    film = ask(
        """{ film(title: "John Wick") {
          credits(role: "director") { role name person { id } }
          franchises { name }
          originality
          ancestors { generation entity { name } }
          descendants(first: 1) { generation entity { name } }
          claims { totalCount nodes { relation } }
          reviews { totalCount nodes { reviewer text film { name } claims { nodes { belief } } } }
        } }"""
    )["film"]
    assert film["credits"] == [{"role": "director", "name": "David Leitch", "person": {"id": LEITCH.id}}]
    assert film["franchises"] == [{"name": "John Wick"}]
    assert 0 < film["originality"] < 1
    assert [(n["generation"], n["entity"]["name"]) for n in film["ancestors"]] == [
        (1, "La Femme Nikita"),
        (2, "The Killer Novel"),
    ]
    assert len(film["descendants"]) == 1
    assert film["claims"]["totalCount"] == 2 == len(film["claims"]["nodes"])
    (review,) = film["reviews"]["nodes"]
    assert review["text"] == "John Wick is inspired by Nikita." and review["film"] == {"name": "John Wick"}
    assert len(review["claims"]["nodes"]) == 1


LINEAGE = """query($of: ID!, $asOf: Date) { lineage(of: $of, asOf: $asOf) {
  of { name } direction leftOut
  nodes { generation belief entity { name year } }
  edges {
    subject { name } relation object { name } via { name } belief claimIds
    claims { id explanation }
    evidence { quote start end polarity stance confidence extractor claim { id }
      review { reviewer outlet published url } }
  }
} }"""


def test_every_edge_of_a_lineage_leads_to_its_evidence(ask: Ask) -> None:
    found = ask(LINEAGE, of=WICK.id)["lineage"]
    assert (
        found["of"] == {"name": "John Wick"} and found["direction"] == "DESCENDANTS" and not found["leftOut"]
    )
    assert {(n["entity"]["name"], n["generation"]) for n in found["nodes"]} == {
        ("John Wick", 0), ("Nobody", 1), ("Ballerina", 1),
    }  # fmt: skip
    edges = {edge["subject"]["name"]: edge for edge in found["edges"]}
    ballerina = edges["Ballerina"]
    assert ballerina["relation"] == "FOLLOWS_FORMULA_OF" and ballerina["via"] == {"name": "John Wick formula"}
    (evidence,) = ballerina["evidence"]
    assert evidence["quote"] == "Ballerina follows the John Wick formula."
    assert (evidence["start"], evidence["end"]) == (0, len(evidence["quote"]))
    assert evidence["review"] == {
        "reviewer": "Bo Writer",
        "outlet": "The Paper",
        "published": "2023-10-12",
        "url": "https://example.org/a",
    }
    assert [evidence["claim"]["id"]] == ballerina["claimIds"] == [c["id"] for c in ballerina["claims"]]
    assert {item["polarity"] for item in edges["Nobody"]["evidence"]} == {"ASSERTED", "HEDGED"}


def test_a_lineage_as_of_a_day_knows_no_later_words(ask: Ask) -> None:
    found = ask(LINEAGE, of=WICK.id, asOf="2022-12-31")["lineage"]
    assert [n["entity"]["name"] for n in found["nodes"]] == ["John Wick", "Nobody"]
    assert [item["quote"] for item in found["edges"][0]["evidence"]] == ["Nobody copies John Wick."]
    assert code(ask(LINEAGE, fails=True, of=WICK.id, asOf="soon")) == "BAD_USER_INPUT"


def test_lineage_options(ask: Ask) -> None:
    query = "query($of: ID!, $r: [Relation!], $d: Int!, $b: Float!, $n: Int!) { lineage(of: $of,"
    query += " relations: $r, depth: $d, minBelief: $b, first: $n) { leftOut nodes { entity { name } } } }"

    def names(r: list[str] | None = None, d: int = 9, b: float = 0.0, n: int = 100) -> set[str]:
        found = ask(query, of=NIKITA.id, r=r, d=d, b=b, n=n)["lineage"]
        return {node["entity"]["name"] for node in found["nodes"][1:]}

    assert names() == {"John Wick", "Point of No Return", "Nobody", "Ballerina"}
    assert names(d=1) == {"John Wick", "Point of No Return"}
    assert names(r=["REMAKE_OF"]) == {"Point of No Return"}
    assert names(b=1.0) == set()
    assert len(names(n=1)) == 1
    for wrong in ({"d": 0}, {"n": 0}, {"n": 10**6}):
        variables = {"of": NIKITA.id, "d": 1, "b": 0.0, "n": 1} | wrong
        assert code(ask(query, fails=True, **variables)) in ("BAD_QUERY", "QUERY_TOO_EXPENSIVE")
    unknown = ask('{ lineage(of: "film:tt404") { leftOut } }', fails=True)
    assert code(unknown) == "NOT_FOUND" and "film:tt404" in unknown[0]["message"]


def test_paths_either_way_and_common_ancestors(ask: Ask) -> None:
    query = "query($a: ID!, $b: ID!) { influencePaths(from: $a, to: $b) { belief length edges { object { name } } } }"
    one, other = (ask(query, a=a, b=b) for a, b in ((NIKITA.id, BALLERINA.id), (BALLERINA.id, NIKITA.id)))
    assert one == other
    (path,) = one["influencePaths"]
    assert path["length"] == 2
    assert [edge["object"]["name"] for edge in path["edges"]] == ["John Wick", "La Femme Nikita"]
    shared = ask(
        "query($a: ID!, $b: ID!) { commonAncestors(a: $a, b: $b)"
        " { entity { name } generationFromA generationFromB } }",
        a=NOBODY.id,
        b=ASSASSIN.id,
    )["commonAncestors"]
    assert shared[0] == {"entity": {"name": "La Femme Nikita"}, "generationFromA": 2, "generationFromB": 1}


def test_the_most_influential(ask: Ask) -> None:
    query = "query($m: Metric!, $g: String, $from: Int) { mostInfluential(metric: $m, genre: $g, from: $from)"
    query += " { entity { name } value } }"
    ranks = ask(query, m="DESCENDANTS")["mostInfluential"]
    assert [(r["entity"]["name"], r["value"]) for r in ranks] == [
        ("The Killer Novel", 5), ("La Femme Nikita", 4), ("John Wick", 2),
    ]  # fmt: skip
    for metric in ("PAGERANK", "CITATIONS", "DESCENDANTS"):
        assert [r["entity"]["name"] for r in ask(query, m=metric, g="action")["mostInfluential"]] == [
            "John Wick"
        ]
    assert ask(query, m="CITATIONS", g="Western")["mostInfluential"] == []
    assert len(ask(query, m="CITATIONS", **{"from": 2000})["mostInfluential"]) == 1
    among = "query($p: ID, $c: String) { mostInfluential(person: $p, country: $c) { entity { name } } }"
    assert ask(among, p=LEITCH.id)["mostInfluential"] == [{"entity": {"name": "John Wick"}}]
    assert ask(among, p="person:nm0")["mostInfluential"] == ask(among, c="France")["mostInfluential"] == []


def test_claims_are_filtered_and_paged(ask: Ask) -> None:
    query = """query($filter: ClaimFilter, $first: Int!, $after: String) {
      claims(filter: $filter, first: $first, after: $after) {
        totalCount nodes { id subject { name } } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = ask(query, first=2, after=after)["claims"]
        assert page["totalCount"] == 6
        assert [edge["node"]["id"] for edge in page["edges"]] == [node["id"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        seen += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(set(seen)) and len(seen) == 6

    def subjects(**filter: Any) -> list[str]:
        found = ask(query, first=10, filter=filter)["claims"]
        assert found["totalCount"] == len(found["nodes"])
        return sorted(node["subject"]["name"] for node in found["nodes"])

    assert subjects(polarity="NEGATED") == ["Nobody"]
    assert subjects(stance="NEGATIVE", relations=["IMITATES"]) == ["Nobody"]
    assert subjects(subject=BALLERINA.id) == ["Ballerina"]
    assert subjects(object=NIKITA.id) == ["John Wick", "Nobody", "Point of No Return"]
    assert subjects(entity=NIKITA.id, reviewer="Ann Onym") == [
        "John Wick",
        "La Femme Nikita",
        "Point of No Return",
    ]
    assert subjects(writtenFrom="2023-01-01") == ["Ballerina", "Nobody"]
    assert subjects(review=READINGS[1].review.id) == ["Nobody"]
    assert subjects(minBelief=1.0) == []


@pytest.mark.parametrize("field", ["claims", 'search(query: "wick"', "film"])
@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "%%%", "Y2xhaW1z", "cmV2aWV3cyBy", "Y2xhaW1zIGNsYWltOjE=", "A" * 500]
)
def test_forged_cursors_are_refused(ask: Ask, field: str, cursor: str) -> None:
    queries = {
        "claims": "query($after: String!) { claims(after: $after) { nodes { id } } }",
        "film": 'query($after: String!) { film(title: "Nobody") { reviews(after: $after) { nodes { id } } } }',
    }
    query = queries.get(
        field, 'query($after: String!) { search(query: "wick", after: $after) { nodes { id } } }'
    )
    assert code(ask(query, fails=True, after=cursor)) == "BAD_CURSOR"


def test_search_forgives_and_pages(ask: Ask) -> None:
    query = "query($q: String!, $kinds: [EntityKind!], $first: Int!, $after: String) {"
    query += " search(query: $q, kinds: $kinds, first: $first, after: $after)"
    query += " { totalCount nodes { id kind name } pageInfo { hasNextPage endCursor } } }"
    assert ask(query, q="Jon Wik", first=1)["search"]["nodes"][0]["name"].startswith("John Wick")
    everything = ask(query, q="John Wick", first=10)["search"]
    assert {node["kind"] for node in everything["nodes"]} == {"FILM", "FRANCHISE", "INFLUENCE"}
    assert everything["totalCount"] == len(everything["nodes"])
    films = ask(query, q="John Wick", kinds=["FILM"], first=10)["search"]
    assert [node["id"] for node in films["nodes"]] == [WICK.id]
    paged, after = [], None
    for _ in everything["nodes"]:
        page = ask(query, q="John Wick", first=1, after=after)["search"]
        paged += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert paged == everything["nodes"] and not page["pageInfo"]["hasNextPage"]
    assert code(ask(query, fails=True, q="x" * 300, first=1)) == "BAD_QUERY"


def test_stats(ask: Ask, service: Service) -> None:
    found = ask("{ stats { films people works franchises influences reviews claims evidence revision } }")[
        "stats"
    ]
    assert found == service.store.stats() and found["reviews"] == len(READINGS)


def test_recommendations_give_their_reasons(ask: Ask) -> None:
    query = "query($liked: [ID!]!, $exclude: [ID!]) { recommendations(liked: $liked, exclude: $exclude) { film { name }"
    query += " score reason { sentence quotes path { relation } evidence { quote review { reviewer } } } } }"
    found = ask(query, liked=[WICK.id])["recommendations"]
    assert {"Nobody", "Ballerina"} <= {item["film"]["name"] for item in found}
    for item in found:
        reason = item["reason"]
        assert reason["sentence"] and reason["path"]
        assert reason["quotes"] == [evidence["quote"] for evidence in reason["evidence"]]
    without = ask(query, liked=[WICK.id], exclude=[NOBODY.id])["recommendations"]
    assert "Nobody" not in {item["film"]["name"] for item in without}
    assert code(ask(query, fails=True, liked=[])) == "BAD_QUERY"
    assert ask(query, liked=[LEITCH.id])["recommendations"] == []
    for unknown in ({"liked": ["film:tt404"]}, {"liked": [WICK.id], "exclude": ["film:tt404"]}):
        refused = ask(query, fails=True, **unknown)
        assert code(refused) == "NOT_FOUND" and "film:tt404" in refused[0]["message"]


# ── how it is loaded ────────────────────────────────────────────────────────────────────────


class Counting:
    """A store that counts the calls it passes on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def counted(*values: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return found(*values, **named)

        return counted


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (LINEAGE.replace("$of: ID!, $asOf: Date", "").replace("query()", "query").replace(
            "of: $of, asOf: $asOf", f'of: "{NIKITA.id}"'), {"entities": 4, "evidence": 1, "claims": 2}),
        ("{ claims { nodes { subject { ancestors { entity { name } } } evidence { review { text film { name } } } } } }",
         {"entities": 3, "evidence": 1, "reviews": 1, "find_claims": 1}),
        ('{ search(query: "wick", first: 3) { nodes { lineage { edges { claims { evidence { quote } } } } } } }',
         {"entities": 3}),
    ],
)  # fmt: skip
def test_store_calls_do_not_grow_with_rows(service: Service, query: str, most: dict[str, int]) -> None:
    counting = Counting(service.store)
    service.forget()
    service.store = counting  # type: ignore[assignment]
    try:
        asker(service)(query)
    finally:
        service.store = counting._store
    assert {name: counting.calls[name] for name in most if counting.calls[name] > most[name]} == {}


def test_every_row_type_is_in_the_schema() -> None:
    for row in (*rows.ENTITIES, rows.Claim, rows.Evidence, rows.Review, rows.Lineage, rows.LineageEdge):
        assert inspect.isclass(row) and row.__name__ in CORE.type_map


# ── changes ─────────────────────────────────────────────────────────────────────────────────

RETRACT = "mutation($id: ID!) { retractReview(id: $id) { id revision } }"
JUDGE = "mutation($input: JudgementInput!) { judge(input: $input) { id action target value revision } }"
UNDO = "mutation($id: ID!) { undo(judgement: $id) { id } }"
CLAIM = "query($id: ID!) { claim(id: $id) { belief explanation } }"


@pytest.mark.parametrize("token", [None, "", "wrong-token-wrong-token", "é"])
def test_changes_need_the_token(writable: Service, token: str | None) -> None:
    before = writable.store.revision()
    refused = asker(writable, token)(RETRACT, fails=True, id=READINGS[0].review.id)
    assert code(refused) == "FORBIDDEN" and TOKEN not in str(refused)
    assert writable.store.revision() == before


def test_a_server_without_token_takes_no_changes(service: Service) -> None:
    refused = asker(service, "any")(RETRACT, fails=True, id=READINGS[0].review.id)
    assert code(refused) == "FORBIDDEN" and "FILMGRAPH_WRITE_TOKEN" in refused[0]["message"]


def test_what_is_retracted_is_gone_at_once(writable: Service) -> None:
    ask = asker(writable, TOKEN)
    done = ask(RETRACT, id=READINGS[0].review.id)["retractReview"]
    assert done["revision"] == writable.store.revision() == writable.index().revision
    assert ask('{ film(title: "Ballerina") { id } }') == {"film": None}
    assert code(ask(RETRACT, fails=True, id=READINGS[0].review.id)) == "NOT_FOUND"


def test_a_judgement_and_its_undoing(writable: Service) -> None:
    ask = asker(writable, TOKEN)
    claim = READINGS[1].evidence[0].claim.id
    before = ask(CLAIM, id=claim)
    judged = ask(JUDGE, input={"action": "REJECT", "target": claim, "note": "seen it"})["judge"]
    assert ask(CLAIM, id=claim)["claim"]["belief"] == 0
    ask(UNDO, id=judged["id"])
    assert ask(CLAIM, id=claim) == before
    assert code(ask(UNDO, fails=True, id=judged["id"])) == "BAD_QUERY"
    assert code(ask(UNDO, fails=True, id="judgement:none")) == "NOT_FOUND"


def test_a_merge_moves_claims(writable: Service) -> None:
    ask = asker(writable, TOKEN)
    ask(JUDGE, input={"action": "MERGE", "target": BALLERINA.id, "value": ASSASSIN.id})
    found = ask(LINEAGE, of=WICK.id)["lineage"]
    edges = {edge["subject"]["name"]: edge for edge in found["edges"]}
    assert "Ballerina" not in edges
    (evidence,) = edges["Point of No Return"]["evidence"]
    assert [evidence["claim"]["id"]] == edges["Point of No Return"]["claimIds"]
    for wrong in (
        {"action": "MERGE", "target": WICK.id},
        {"action": "MERGE", "target": WICK.id, "value": WICK.id},
        {"action": "SPLIT", "target": WICK.id, "value": WICK.id},
    ):
        assert code(ask(JUDGE, fails=True, input=wrong)) == "BAD_QUERY"
    for wrong in (
        {"action": "ACCEPT", "target": "claim:none"},
        {"action": "MERGE", "target": WICK.id, "value": "film:none"},
    ):
        assert code(ask(JUDGE, fails=True, input=wrong)) == "NOT_FOUND"


def test_a_busy_store_says_so_without_its_path(writable: Service) -> None:
    with open_store(writable.settings.store):
        refused = asker(writable, TOKEN)(RETRACT, fails=True, id=READINGS[0].review.id)
    assert code(refused) == "STORE_BUSY" and writable.settings.store not in str(refused)


def test_the_index_follows_another_writer(writable: Service) -> None:
    ask = asker(writable)
    with open_store(writable.settings.store) as store:
        store.retract(READINGS[0].review.id)
    found = ask(LINEAGE, of=WICK.id)["lineage"]
    assert [node["entity"]["name"] for node in found["nodes"]] == ["John Wick", "Nobody"]


def test_an_ingested_review_is_answered_from_at_once(writable: Service) -> None:
    ask = asker(writable, TOKEN)
    query = "mutation($input: ReviewInput!) { ingestReview(input: $input)"
    query += " { known review { id reviewer published } claims { subject { name } object { name } } } }"
    review = {
        "text": "Nobody (2021) is a shameless rip-off of John Wick. It copies John Wick scene by scene.",
        "title": "Nobody", "year": 2021, "reviewer": "Eve Ning", "published": date(2021, 4, 1).isoformat(),
    }  # fmt: skip
    done = ask(query, input=review)["ingestReview"]
    assert not done["known"] and done["review"]["reviewer"] == "Eve Ning"
    assert {"subject": {"name": "Nobody"}, "object": {"name": "John Wick"}} in done["claims"]
    assert ask(query, input=review)["ingestReview"]["known"]
    assert code(ask(query, fails=True, input={"text": "  "})) == "BAD_DOCUMENT"


def test_what_is_done_is_on_record_by_the_name_of_the_token(tmp_path: Path) -> None:
    settings = Settings(store=fill(tmp_path / "graph.db"), tokens=str(tmp_path / "tokens.json"))
    tokens = Tokens(settings.tokens)
    writer, reader = tokens.create("Ann Editor", "write"), tokens.create("Rea", "read")
    service = Service(settings)
    try:
        ask = asker(service, writer)
        claim = READINGS[1].evidence[0].claim.id
        judged = ask(JUDGE, input={"action": "REJECT", "target": claim})["judge"]
        ask(UNDO, id=judged["id"])
        ask(RETRACT, id=READINGS[0].review.id)
        log = "query($after: String) { changes(first: 2, after: $after) { totalCount nodes { id by action target at }"
        log += " pageInfo { hasNextPage endCursor } } }"
        page = ask(log)["changes"]
        rest = ask(log, after=page["pageInfo"]["endCursor"])["changes"]
        done = [(item["by"], item["action"], item["target"]) for item in (*page["nodes"], *rest["nodes"])]
        assert done == [
            ("Ann Editor", "retract", READINGS[0].review.id),
            ("Ann Editor", "undo", judged["id"]),
            ("Ann Editor", "judge", judged["id"]),
        ]
        assert (
            page["totalCount"] == 3
            and page["pageInfo"]["hasNextPage"]
            and not rest["pageInfo"]["hasNextPage"]
        )
        entries = "query($t: ID) { judgements(target: $t) { nodes { id by action standing undoes } } }"
        nodes = ask(entries, t=claim)["judgements"]["nodes"]
        assert [(n["by"], n["standing"], n["undoes"]) for n in nodes] == [
            ("Ann Editor", False, judged["id"]), ("Ann Editor", False, None),
        ]  # fmt: skip
        assert ask(entries, t="claim:none")["judgements"]["nodes"] == []
        for id in (page["nodes"][0]["id"], judged["id"]):
            assert ask("query($id: ID!) { node(id: $id) { id } }", id=id)["node"] == {"id": id}
        refused = asker(service, reader)(RETRACT, fails=True, id=READINGS[1].review.id)
        assert code(refused) == "FORBIDDEN" and "reading only" in refused[0]["message"]
        tokens.revoke(writer.split("_")[1])
        assert code(ask(RETRACT, fails=True, id=READINGS[1].review.id)) == "FORBIDDEN"
    finally:
        service.close()


# ── the documentation ───────────────────────────────────────────────────────────────────────

EXAMPLES = re.findall(
    r"```graphql\n(.*?)```(?:\s*```json\n(.*?)```)?",
    (ROOT / "docs" / "api.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize(("query", "variables"), EXAMPLES)
def test_documented_queries_are_valid(query: str, variables: str) -> None:
    assert validate(CORE, parse(query)) == []


@pytest.mark.parametrize(("query", "variables"), [e for e in EXAMPLES if not e[0].startswith("mutation")])
def test_documented_queries_are_answered(request: pytest.FixtureRequest, query: str, variables: str) -> None:
    service = seed_service(request)
    try:
        found = asker(service)(query, **orjson.loads(variables or "{}"))
    finally:
        service.close()
    logs = {"changes", "judgements"}  # empty in the seed, which nobody has changed
    assert all(value not in (None, []) for name, value in found.items() if name not in logs), found
    assert all(
        value.get("nodes") != [] for name, value in found.items() if name not in logs and type(value) is dict
    )


def test_documented_changes_are_made(writable: Service) -> None:
    changes = {e[0].split()[1].partition("(")[0]: e for e in EXAMPLES if e[0].startswith("mutation")}
    assert set(changes) == {"Ingest", "Retract", "Judge", "Undo"}
    ask, claim = asker(writable, TOKEN), READINGS[1].evidence[0].claim.id
    review = ask(changes["Ingest"][0], **orjson.loads(changes["Ingest"][1]))["ingestReview"]["review"]
    judged = ask(changes["Judge"][0], input={"action": "ACCEPT", "target": claim})["judge"]
    assert ask(CLAIM, id=claim)["claim"]["belief"] == 1
    assert ask(changes["Undo"][0], judgement=judged["id"])["undo"]["revision"] > judged["revision"]
    assert ask(changes["Retract"][0], id=review["id"])["retractReview"]["id"] == review["id"]


@pytest.mark.parametrize("query", DEMO_QUERIES)
def test_demo_queries_are_answered(request: pytest.FixtureRequest, query: str) -> None:
    service = seed_service(request)
    try:
        found = asker(service)(query)
    finally:
        service.close()
    assert all(value not in (None, []) for value in found.values()), found


def seed_service(request: pytest.FixtureRequest) -> Service:
    """A service over the store that has read the seed."""
    assert seed_dir().is_dir()
    store: Any = request.getfixturevalue("seed_store")
    return Service(Settings(store=str(store.path)))
