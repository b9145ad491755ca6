"""Lineage questions over small graphs drawn by hand."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgraph import neighbourhood
from filmgraph.errors import NotFoundError, QueryError
from filmgraph.index import LineageIndex
from filmgraph.lineage import Lineage
from filmgraph.model import Relation
from filmgraph.ranks import descendants
from filmgraph.store import EdgeBatch

RELATIONS = tuple(Relation)


def index_of(
    edges: list[tuple[str, Relation, str, float]],
    years: dict[str, int] | None = None,
    origins: dict[str, str] | None = None,
) -> LineageIndex:
    """An index of (subject, relation, object, belief) rows over nodes named by letters."""
    years, origins = years or {}, origins or {}
    nodes = sorted({end for s, _, o, _ in edges for end in (s, o)} | set(origins.values()))
    number = {id: n for n, id in enumerate(nodes)}
    return LineageIndex(
        EdgeBatch(
            revision=1,
            nodes=tuple(nodes),
            years=np.array([years.get(id, 0) for id in nodes], dtype=np.int32),
            origins=tuple(origins.get(id) for id in nodes),
            claims=np.array([f"claim:{n}" for n in range(len(edges))], dtype=object),
            subject=np.array([number[s] for s, _, _, _ in edges], dtype=np.int32),
            object=np.array([number[o] for _, _, o, _ in edges], dtype=np.int32),
            relation=np.array([RELATIONS.index(r) for _, r, _, _ in edges], dtype=np.int8),
            belief=np.array([b for _, _, _, b in edges]),
        )
    )


IMITATES, R, F = Relation.IMITATES, Relation.REMAKE_OF, Relation.FOLLOWS_FORMULA_OF
CHAIN = index_of(
    [
        ("b", IMITATES, "a", 0.9),
        ("c", R, "b", 0.8),
        ("d", IMITATES, "c", 0.5),
        ("d", IMITATES, "a", 0.2),
        ("e", Relation.RESEMBLES, "a", 1),
    ]
)


def generations(index: LineageIndex, of: str, **options: object) -> dict[str, int]:
    return {node.entity: node.generation for node in index.lineage(of, **options).nodes}  # type: ignore[arg-type]


def test_descendants_and_ancestors_by_generation() -> None:
    assert generations(CHAIN, "a") == {"a": 0, "b": 1, "d": 1, "c": 2}
    assert generations(CHAIN, "d", direction="ancestors") == {"d": 0, "a": 1, "c": 1, "b": 2}
    assert generations(CHAIN, "a", depth=1) == {"a": 0, "b": 1, "d": 1}
    assert generations(CHAIN, "a", relations=[Relation.RESEMBLES]) == {"a": 0, "e": 1}
    assert generations(CHAIN, "a", min_belief=0.5) == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_a_limit_says_what_it_left_out() -> None:
    found = CHAIN.lineage("a", limit=1)
    assert [node.entity for node in found.nodes] == ["a", "b"] and found.left_out == 2
    assert [(edge.subject, edge.object) for edge in found.edges] == [("b", "a")]


def test_an_influence_is_passed_in_one_step() -> None:
    index = index_of([("n", F, "formula", 0.7), ("n", IMITATES, "w", 0.6)], origins={"formula": "w"})
    found = index.lineage("w")
    assert generations(index, "w") == {"w": 0, "n": 1}
    assert {(edge.relation, edge.via) for edge in found.edges} == {(F, "formula"), (IMITATES, None)}
    assert generations(index, "formula") == {"w": 0, "n": 1}


def test_cycles_end() -> None:
    index = index_of([("a", IMITATES, "b", 0.5), ("b", IMITATES, "a", 0.5)])
    assert generations(index, "a", depth=9) == {"a": 0, "b": 1}


def test_paths_are_the_best_first() -> None:
    paths = CHAIN.paths("d", "a")
    assert [[edge.object for edge in path.edges] for path in paths] == [["c", "b", "a"], ["a"]]
    assert paths[0].belief == pytest.approx(0.9 * 0.8 * 0.5)
    assert CHAIN.paths("d", "a", max_depth=1)[0].belief == pytest.approx(0.2)
    assert CHAIN.paths("a", "d") == []


def test_common_ancestors_are_the_nearest_first() -> None:
    index = index_of(
        [
            ("b", IMITATES, "a", 0.9),
            ("c", IMITATES, "a", 0.9),
            ("d", IMITATES, "c", 0.9),
            ("d", IMITATES, "b", 0.9),
        ]
    )
    assert [found.entity for found in index.common("b", "c")] == ["a"]
    assert index.common("d", "c")[0].entity == "c"
    assert [found.entity for found in index.common("b", "c", direction="descendants")] == ["d"]


def test_ranks() -> None:
    years = {"a": 1950, "b": 1960, "c": 1980, "d": 1990}
    edges = [("b", IMITATES, "a", 0.9), ("c", IMITATES, "a", 0.9), ("d", IMITATES, "c", 0.9)]
    index = index_of(edges, years)
    assert [(rank.entity, rank.value) for rank in index.ranks("descendants")] == [("a", 3), ("c", 1)]
    assert [(rank.entity, rank.value) for rank in index.ranks("long_gap")] == [("a", 1)]
    assert [rank.entity for rank in index.ranks("citations", years=(1970, None))] == ["c"]
    assert index.ranks("pagerank", among=["c"])[0].entity == "c"
    graph = nx.DiGraph([(s, o) for s, _, o, _ in edges])
    theirs = nx.pagerank(graph, tol=1e-12)
    for rank in index.ranks("pagerank"):
        assert rank.value == pytest.approx(theirs[rank.entity], abs=1e-6)


def test_waves_and_originality() -> None:
    index = index_of(
        [("b", IMITATES, "a", 0.5), ("c", R, "a", 0.5), ("c", IMITATES, "b", 0.5)], {"b": 1977, "c": 1980}
    )
    assert index.wave("a") == {1977: {IMITATES: 1}, 1980: {IMITATES: 1, R: 1}}
    assert (index.originality("a"), index.originality("c")) == (1, 0.25)


def test_bad_questions_are_refused() -> None:
    with pytest.raises(NotFoundError, match="'zz'"):
        CHAIN.lineage("zz")
    for options in ({"depth": 0}, {"limit": 0}, {"direction": "sideways"}):
        with pytest.raises(QueryError):
            CHAIN.lineage("a", **options)  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="metric"):
        CHAIN.ranks("fame")


def test_the_best_way_counts_however_long_within_the_depth() -> None:
    def belief(depth: int) -> float:
        return next(node.belief for node in CHAIN.lineage("a", depth=depth).nodes if node.entity == "d")

    assert (belief(1), belief(2)) == (0.2, 0.2)
    assert belief(3) == pytest.approx(0.9 * 0.8 * 0.5)


def test_a_lineage_goes_on_after_a_work() -> None:
    first = CHAIN.lineage("a", limit=2)
    rest = CHAIN.lineage("a", limit=2, after=first.nodes[-1].entity)
    assert [node.entity for node in (*first.nodes, *rest.nodes[1:])] == ["a", "b", "d", "c"]
    assert (first.left_out, rest.left_out, rest.nodes[0].entity) == (1, 0, "a")
    shown = [(edge.subject, edge.object) for edge in (*first.edges, *rest.edges)]
    assert sorted(shown) == [("b", "a"), ("c", "b"), ("d", "a"), ("d", "c")]
    with pytest.raises(NotFoundError, match="'e'"):
        CHAIN.lineage("a", after="e")


def test_works_that_come_from_each_other() -> None:
    index = index_of([
        ("b", IMITATES, "a", 0.9), ("c", R, "b", 0.8), ("a", IMITATES, "c", 0.3), ("d", R, "c", 0.9),
        ("x", F, "y", 0.9), ("y", F, "x", 0.9), ("e", Relation.RESEMBLES, "d", 1), ("d", Relation.RESEMBLES, "e", 1),
    ])  # fmt: skip
    assert index.cycles() == [("a", "b", "c"), ("x", "y")] and CHAIN.cycles() == []
    assert index.cycles(min_belief=0.5) == [("x", "y")]
    assert [(e.subject, e.object) for e in index.between("abc")] == [("a", "c"), ("b", "a"), ("c", "b")]


# ── beside networkx, on graphs drawn at random ──────────────────────────────────────────────

EDGE = st.tuples(
    st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.sampled_from([0.2, 0.5, 0.8, 1.0])
)
EDGES = st.lists(EDGE, min_size=1, max_size=25, unique_by=lambda edge: edge[:2])
Drawn = list[tuple[str, str, float]]


def both(edges: Drawn) -> tuple[LineageIndex, nx.DiGraph[str]]:
    """The index, and the graph with edges from the earlier to the later work."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(end for s, o, _ in edges for end in (s, o))
    graph.add_edges_from((o, s, {"belief": belief}) for s, o, belief in edges if s != o)
    return index_of([(s, IMITATES, o, belief) for s, o, belief in edges]), graph


def ways(graph: nx.DiGraph[str], start: str, end: str, depth: int) -> list[float]:
    """The products of the beliefs of all loopless ways, the greatest first."""
    if start == end:
        return []
    found = nx.all_simple_edge_paths(graph, start, end, cutoff=depth)
    return sorted((math.prod(graph.edges[step]["belief"] for step in way) for way in found), reverse=True)


@given(
    EDGES, st.integers(1, 5), st.sampled_from(["ancestors", "descendants"]), st.sampled_from([0.0, 0.5, 0.8])
)
def test_lineage_agrees_with_networkx(edges: Drawn, depth: int, direction: str, least: float) -> None:
    index, whole = both(edges)
    graph = nx.DiGraph((o, s, d) for o, s, d in whole.edges(data=True) if d["belief"] >= least)
    graph.add_nodes_from(whole)
    graph = graph if direction == "descendants" else graph.reverse()
    start = edges[0][1]
    found = index.lineage(start, depth=depth, direction=direction, min_belief=least)
    expected = nx.single_source_shortest_path_length(graph, start, cutoff=depth)
    assert {node.entity: node.generation for node in found.nodes} == dict(expected)
    for node in found.nodes[1:]:
        assert node.belief == pytest.approx(max(ways(graph, start, node.entity, depth)))
    places = [(node.generation, -node.belief, node.entity) for node in found.nodes]
    assert places == sorted(places)
    ends = [
        (e.object, e.subject) if direction == "descendants" else (e.subject, e.object) for e in found.edges
    ]
    assert sorted(ends) == sorted(graph.subgraph(expected).edges)
    drawn = found.to_networkx()
    assert set(drawn) == set(expected) and drawn.number_of_edges() == len(found.edges)


@given(
    EDGES,
    st.integers(1, 5),
    st.sampled_from(["ancestors", "descendants"]),
    st.sampled_from([0.0, 0.5, 0.8]),
    st.sampled_from([None, 1, 3]),
    st.sampled_from([None, [IMITATES], [R, F]]),
)
def test_few_works_are_found_as_many_are(
    edges: Drawn,
    depth: int,
    direction: str,
    least: float,
    limit: int | None,
    relations: list[Relation] | None,
) -> None:
    index, _ = both(edges)

    def asked(after: str | None = None) -> Lineage:
        return index.lineage(
            edges[0][1], depth=depth, direction=direction, min_belief=least, limit=limit, relations=relations,
            after=after,
        )  # fmt: skip

    few = asked()
    places = [None, *(node.entity for node in few.nodes[1:])]
    by_steps = [asked(place) for place in places]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbourhood, "FEW", -1)
        assert by_steps == [asked(place) for place in places]


@given(EDGES, st.integers(1, 5), st.integers(1, 4))
def test_a_limited_lineage_is_the_beginning_of_the_whole(edges: Drawn, depth: int, limit: int) -> None:
    index, _ = both(edges)
    whole = index.lineage(edges[0][1], depth=depth)
    seen, part = list(whole.nodes[:1]), index.lineage(edges[0][1], depth=depth, limit=limit)
    told = list(part.edges)
    while True:
        seen += part.nodes[1:]
        assert len(seen) + part.left_out == len(whole.nodes)
        if not part.left_out:
            break
        part = index.lineage(edges[0][1], depth=depth, limit=limit, after=part.nodes[-1].entity)
        told += part.edges
    assert seen == list(whole.nodes)
    assert set(told) == set(whole.edges)


@given(EDGES, st.integers(1, 6), st.integers(1, 5))
def test_paths_agree_with_networkx(edges: Drawn, depth: int, k: int) -> None:
    index, graph = both(edges)
    later, earlier = edges[0][0], edges[-1][1]
    found = index.paths(later, earlier, k=k, max_depth=depth)
    expected = ways(graph, earlier, later, depth)[:k]
    assert [path.belief for path in found] == pytest.approx(expected)
    for path in found:
        works = [path.edges[0].subject, *(edge.object for edge in path.edges)]
        assert (works[0], works[-1]) == (later, earlier) and len(set(works)) == len(works)
        assert all(one.object == two.subject for one, two in itertools.pairwise(path.edges))
        assert math.prod(edge.belief for edge in path.edges) == pytest.approx(path.belief)


@given(EDGES, st.integers(1, 5), st.sampled_from(["ancestors", "descendants"]))
def test_what_works_share_agrees_with_networkx(edges: Drawn, depth: int, direction: str) -> None:
    index, graph = both(edges)
    graph = graph if direction == "descendants" else graph.reverse()
    a, b = edges[0][0], edges[-1][0]
    one, two = (dict(nx.single_source_shortest_path_length(graph, x, cutoff=depth)) for x in (a, b))
    found = index.common(a, b, direction=direction, depth=depth, first=100)
    assert {shared.entity: shared.generations for shared in found} == {
        id: (one[id], two[id]) for id in one.keys() & two.keys()
    }
    distances = [sum(shared.generations) for shared in found]
    assert distances == sorted(distances)


@given(EDGES)
def test_ranks_agree_with_networkx(edges: Drawn) -> None:
    index, graph = both(edges)
    cited = [node for node in graph if graph.out_degree(node)]

    def values(metric: str) -> dict[str, float]:
        return {rank.entity: rank.value for rank in index.ranks(metric, first=100)}

    assert values("citations") == {node: graph.out_degree(node) for node in cited}
    assert values("descendants") == {node: len(nx.descendants(graph, node)) for node in cited}
    touched = graph.subgraph(node for node in graph if graph.degree(node)).reverse()
    expected = nx.pagerank(touched, weight=None, tol=1e-12, max_iter=1000) if touched else {}
    assert values("pagerank") == pytest.approx({node: expected[node] for node in cited}, abs=1e-6)


@given(EDGES, st.sampled_from([0.0, 0.5, 1.0]))
def test_cycles_agree_with_networkx(edges: Drawn, least: float) -> None:
    index, graph = both(edges)
    kept = nx.DiGraph((o, s) for o, s, belief in graph.edges(data="belief") if belief >= least)
    knots = [tuple(sorted(knot)) for knot in nx.strongly_connected_components(kept) if len(knot) > 1]
    assert sorted(index.cycles(min_belief=least)) == sorted(knots)


def test_the_greatest_are_found_without_counting_all() -> None:
    random = np.random.default_rng(3)
    size = 3_000
    subject = np.sort(random.integers(1, size, 2 * size)).astype(np.int32)
    object = (random.random(2 * size) ** 2 * subject).astype(np.int32)
    pairs = np.unique(np.stack([subject, object]), axis=1)
    candidates = np.unique(pairs[1]).astype(np.int32)
    every = descendants(pairs[0], pairs[1], size, candidates, exact=size)
    found = descendants(pairs[0], pairs[1], size, candidates, exact=128)
    best = np.argsort(-every, kind="stable")[:20]
    assert (found[best] == every[best]).mean() >= 0.9
    assert set(found[found > 0].tolist()) <= set(every.tolist())
