"""Lists in pages, and the graph as it was by a day, asked through the schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from filmgraph.model import Polarity, Relation
from filmgraph.paging import cursor
from filmgraph.service import Service
from filmgraph.settings import Settings
from filmgraph.store import open_store
from graphs import ASSASSIN, BALLERINA, FORMULA, LEITCH, NIKITA, NOBODY, NOVEL, READINGS, WICK, fill, reading
from test_api import Ask, asker, code


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path = fill(tmp_path_factory.mktemp("lists") / "graph.db")
    with open_store(path) as store:
        store.put([
            reading("The Killer Novel was born of Point of No Return.", NOVEL, Relation.INSPIRED_BY, ASSASSIN,
                    reviewer="Lou Oper", published=date(2024, 1, 1)),
            reading("Nobody is no copy of John Wick.", NOBODY, Relation.IMITATES, WICK, reviewer="Dee Nial",
                    polarity=Polarity.NEGATED, published=date(2024, 2, 2)),
        ])  # fmt: skip
    found = Service(Settings(store=path))
    yield found
    found.close()


@pytest.fixture
def ask(service: Service) -> Ask:
    return asker(service)


PAGE = "{ totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
LISTS = {
    "films": "", "people": "", "works": "", "franchises": "", "influences": "", "reviews": "", "claims": "",
    "judgements": "", "search": 'query: "wick"',
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_read_from_either_end(ask: Ask, name: str) -> None:
    fixed = f"{LISTS[name]}, " if LISTS[name] else ""

    def page(**window: Any) -> Any:
        declared = ", ".join(
            f"${key}: {'Int' if type(value) is int else 'String'}" for key, value in window.items()
        )
        given = ", ".join(f"{key}: ${key}" for key in window)
        query = f"query({declared}) {{ {name}({fixed}{given}) {PAGE} }}"
        if window.get("first", 0) is None:
            query = query.replace("$first: String", "$first: Int")
        return ask(query, **window)[name]

    whole = page(first=50)
    ids = [node["id"] for node in whole["nodes"]]
    assert whole["totalCount"] == len(ids) == len(set(ids))
    assert not whole["pageInfo"]["hasNextPage"] and not whole["pageInfo"]["hasPreviousPage"]
    forth, after = [], None
    while True:
        found = page(first=2, after=after) if after else page(first=2)
        forth += [node["id"] for node in found["nodes"]]
        assert found["pageInfo"]["hasPreviousPage"] == (after is not None)
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    back, before = [], None
    while True:
        found = page(last=2, before=before) if before else page(last=2)
        back = [node["id"] for node in found["nodes"]] + back
        assert found["pageInfo"]["hasNextPage"] == (before is not None)
        before = found["pageInfo"]["startCursor"]
        if not found["pageInfo"]["hasPreviousPage"]:
            break
    assert forth == ids == back


def test_counting_waits_until_it_is_asked_for(
    service: Service, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> int:
        raise AssertionError("counted")

    for name in ("count_entities", "count_reviews", "count_claims"):
        monkeypatch.setattr(service.store, name, never)
    found = ask("{ films { nodes { id } } reviews { nodes { id } } claims { nodes { id } } }")
    assert all(value["nodes"] for value in found.values())


def test_films_are_filtered_and_ordered(ask: Ask) -> None:
    query = "query($f: FilmFilter, $o: EntityOrder! = RENOWN) { films(filter: $f, orderBy: $o) { nodes { name } } }"

    def names(o: str = "RENOWN", **f: Any) -> list[str]:
        return [node["name"] for node in ask(query, f=f, o=o)["films"]["nodes"]]

    assert names() == ["John Wick", "Nobody", "La Femme Nikita", "Point of No Return", "Ballerina"]
    assert names(o="NEWEST")[:2] == ["Ballerina", "Nobody"] and names(o="OLDEST")[0] == "La Femme Nikita"
    assert names(genres=["action"]) == ["John Wick", "Nobody"] and names(genres=["Crime"]) == ["John Wick"]
    assert names(yearFrom=1993, yearTo=2014) == ["John Wick", "Point of No Return"]
    assert names(person=LEITCH.id, role="director") == ["John Wick"] == names(franchise="franchise:john-wick")
    assert names(provisional=True) == ["Ballerina"] and names(formats=["SHORT"]) == [] == names(
        countries=["FR"]
    )
    person = ask("query($id: ID!) { person(id: $id) { films { totalCount nodes { name } } } }", id=LEITCH.id)
    assert person["person"]["films"] == {"totalCount": 1, "nodes": [{"name": "John Wick"}]}


def test_reviews_are_filtered(ask: Ask) -> None:
    query = "query($f: ReviewFilter) { reviews(filter: $f) { totalCount nodes { id published } } }"
    days = [node["published"] for node in ask(query)["reviews"]["nodes"]]
    dated = [day for day in days if day]
    assert dated == sorted(dated, reverse=True) and days[-1] is None
    assert ask(query, f={"reviewer": "Bo Writer"})["reviews"]["nodes"] == [
        {"id": READINGS[0].review.id, "published": "2023-10-12"}
    ]
    assert ask(query, f={"outlet": "Nowhere"})["reviews"] == {"totalCount": 0, "nodes": []}
    assert ask(query, f={"film": NOBODY.id, "writtenTo": "2022-12-31"})["reviews"]["totalCount"] == 2


def test_disputed_claims_and_the_most_believed(ask: Ask) -> None:
    query = "query($f: ClaimFilter, $o: ClaimOrder! = ID) { claims(filter: $f, orderBy: $o) { nodes { belief dissent } } }"
    (disputed,) = ask(query, f={"disputed": True})["claims"]["nodes"]
    assert disputed["dissent"] > 0
    beliefs = [node["belief"] for node in ask(query, o="BELIEF")["claims"]["nodes"]]
    assert beliefs == sorted(beliefs, reverse=True)


def test_a_cursor_belongs_to_its_list(ask: Ask) -> None:
    films = ask("{ films(first: 1) { pageInfo { endCursor } } }")["films"]["pageInfo"]["endCursor"]
    for query in ("reviews(after: $c) { nodes { id } }", "claims(before: $c) { nodes { id } }"):
        refused = ask(f"query($c: String!) {{ {query} }}", fails=True, c=films)
        assert code(refused) == "BAD_CURSOR"
    gone = ask(
        "query($c: String!) { films(after: $c) { nodes { id } } }", fails=True, c="ZmlsbXMgZmlsbTpub25l"
    )
    assert code(gone) == "BAD_CURSOR" and "gone" in gone[0]["message"]
    for window in ("first: 0", "first: 101", "last: 0", "last: 101"):
        assert code(ask(f"{{ films({window}) {{ nodes {{ id }} }} }}", fails=True)) in (
            "BAD_QUERY",
            "QUERY_TOO_EXPENSIVE",
        )


def test_evidence_by_its_id_and_in_pages(ask: Ask) -> None:
    item = READINGS[1].evidence[0]
    node = "query($id: ID!) { node(id: $id) { __typename ... on Evidence { quote claim { id } } } }"
    assert ask(node, id=item.id)["node"] == {
        "__typename": "Evidence", "quote": item.quote, "claim": {"id": item.claim.id},
    }  # fmt: skip
    assert ask(node, id="evidence:none")["node"] is None is ask(node, id="nonsense")["node"]
    query = "query($id: ID!, $p: Polarity, $n: Int!, $a: String) { claim(id: $id) { evidenceConnection(polarity: $p,"
    query += " first: $n, after: $a) { totalCount nodes { quote polarity } pageInfo { endCursor } } } }"

    def pages(**asked: Any) -> Any:
        return ask(query, id=item.claim.id, **asked)["claim"]["evidenceConnection"]

    whole = pages(n=10)
    assert whole["totalCount"] == 3 == len(whole["nodes"])
    first = pages(n=2)
    assert first["nodes"] + pages(n=2, a=first["pageInfo"]["endCursor"])["nodes"] == whole["nodes"]
    assert [found["polarity"] for found in pages(n=9, p="NEGATED")["nodes"]] == ["NEGATED"]


# ── lineage ─────────────────────────────────────────────────────────────────────────────────


def test_a_lineage_is_gone_on_with(ask: Ask) -> None:
    query = (
        "query($of: ID!, $n: Int!, $a: String) { lineage(of: $of, depth: 9, first: $n, after: $a) { leftOut"
    )
    query += " nodes { entity { name } } edges { claimIds } pageInfo { hasNextPage endCursor } } }"
    whole = ask(query, of=NIKITA.id, n=50)["lineage"]
    first = ask(query, of=NIKITA.id, n=2)["lineage"]
    assert first["leftOut"] == len(whole["nodes"]) - 3 and first["pageInfo"]["hasNextPage"]
    rest = ask(query, of=NIKITA.id, n=50, a=first["pageInfo"]["endCursor"])["lineage"]
    assert first["nodes"] + rest["nodes"][1:] == whole["nodes"] and rest["leftOut"] == 0
    ids = sorted(id for part in (first, rest) for edge in part["edges"] for id in edge["claimIds"])
    assert ids == sorted(id for edge in whole["edges"] for id in edge["claimIds"])
    stray = ask(query, of=NIKITA.id, n=2, a=cursor("lineage", "film:none"), fails=True)
    assert code(stray) == "BAD_CURSOR"


def test_cycles_and_disputes_are_shown(ask: Ask) -> None:
    query = "query($of: ID!) { lineage(of: $of, depth: 9) { cycles { name } edges { disputed subject { name } } } }"
    found = ask(query, of=NIKITA.id)["lineage"]
    assert {work["name"] for work in found["cycles"][0]} == {
        "La Femme Nikita",
        "Point of No Return",
        "The Killer Novel",
    }
    assert {edge["subject"]["name"] for edge in found["edges"] if edge["disputed"]} == {"Nobody"}
    cycles = "query($d: Date) { allCycles(asOf: $d) { works { name } edges { relation subject { name } } } }"
    (cycle,) = ask(cycles)["allCycles"]
    assert len(cycle["works"]) == 3 == len(cycle["edges"])
    assert ask(cycles, d="2023-12-31")["allCycles"] == []


def test_the_clone_wave(ask: Ask) -> None:
    wave = "query($of: ID!, $d: Date) { cloneWave(of: $of, asOf: $d) { year works relations { relation count } } }"
    assert ask(wave, of=WICK.id)["cloneWave"] == [
        {"year": 2021, "works": 1, "relations": [{"relation": "IMITATES", "count": 1}]},
        {"year": 2023, "works": 1, "relations": [{"relation": "FOLLOWS_FORMULA_OF", "count": 1}]},
    ]
    assert [year["year"] for year in ask(wave, of=WICK.id, d="2022-06-01")["cloneWave"]] == [2021]
    assert code(ask(wave, fails=True, of="film:none")) == "NOT_FOUND"


def test_what_came_of_both(ask: Ask) -> None:
    query = (
        "query($a: ID!, $b: ID!, $d: Date) { commonDescendants(a: $a, b: $b, asOf: $d) { entity { name } } }"
    )
    found = ask(query, a=NIKITA.id, b=WICK.id)["commonDescendants"]
    assert {shared["entity"]["name"] for shared in found} >= {"John Wick", "Nobody", "Ballerina"}
    assert ask(query, a=NIKITA.id, b=WICK.id, d="1999-01-01")["commonDescendants"] == []


DAY = "2022-06-01"


def test_every_reading_of_the_graph_can_be_as_of_a_day(ask: Ask) -> None:
    claims = "query($d: Date, $b: Float! = 0) { claims(asOf: $d, filter: {minBelief: $b}) { totalCount nodes"
    claims += " { id belief voicesFor explanation evidence { review { published } } subject { name } } } }"
    now, then = ask(claims)["claims"], ask(claims, d=DAY)["claims"]
    assert then["totalCount"] == len(then["nodes"]) < now["totalCount"]
    for node in then["nodes"]:
        assert node["evidence"] and all(item["review"]["published"] <= DAY for item in node["evidence"])
    nobody = READINGS[1].evidence[0].claim.id
    one, other = (next(n for n in found["nodes"] if n["id"] == nobody) for found in (now, then))
    assert one["voicesFor"] == 2 and other["voicesFor"] == 1 and one["belief"] != other["belief"]
    claim = "query($id: ID!, $d: Date) { claim(id: $id, asOf: $d) { belief } }"
    assert ask(claim, id=nobody, d=DAY)["claim"]["belief"] == other["belief"]
    assert ask(claim, id=nobody, d="1999-01-01")["claim"] is None
    least = other["belief"] + 1e-9
    assert nobody not in {n["id"] for n in ask(claims, d=DAY, b=least)["claims"]["nodes"]}
    refused = ask('{ claims(asOf: "2022-06-01", orderBy: BELIEF) { nodes { id } } }', fails=True)
    assert code(refused) == "BAD_QUERY"


def test_ranks_paths_and_recommendations_as_of_a_day(ask: Ask) -> None:
    query = """query($wick: ID!, $ballerina: ID!, $formula: ID!, $d: Date) {
      mostInfluential(asOf: $d, first: 50) { entity { id } }
      influencePaths(from: $ballerina, to: $wick, asOf: $d) { belief }
      recommendations(liked: [$wick], asOf: $d) { film { id } reason { evidence { review { published } } } }
      film(id: $ballerina) { originality(asOf: $d) ancestors(asOf: $d) { entity { id } } franchises(asOf: $d) { id } }
      influence(id: $formula) { followers(asOf: $d) { belief } }
    }"""
    asked = {"wick": WICK.id, "ballerina": BALLERINA.id, "formula": FORMULA.id}
    now, then = ask(query, **asked), ask(query, **asked, d=DAY)
    assert now["influencePaths"] and then["influencePaths"] == []
    assert now["film"]["originality"] < 1 == then["film"]["originality"]
    assert now["film"]["ancestors"] and then["film"]["ancestors"] == []
    assert now["influence"]["followers"] and then["influence"]["followers"] == []
    assert len(now["mostInfluential"]) > len(then["mostInfluential"]) > 0
    films = {item["film"]["id"] for item in then["recommendations"]}
    assert NOBODY.id in films and BALLERINA.id not in films
    for item in then["recommendations"]:
        assert all(found["review"]["published"] <= DAY for found in item["reason"]["evidence"])
