"""Lineage questions over small graphs drawn by hand."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmgraph.errors import NotFoundError, QueryError
from filmgraph.index import LineageIndex
from filmgraph.model import Relation
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


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), min_size=1, max_size=25))
def test_lineage_agrees_with_networkx(pairs: list[tuple[str, str]]) -> None:
    index = index_of([(s, IMITATES, o, 0.5) for s, o in pairs])
    graph = nx.DiGraph([(o, s) for s, o in pairs if s != o])
    start = pairs[0][1]
    graph.add_node(start)
    expected = nx.single_source_shortest_path_length(graph, start, cutoff=4)
    assert generations(index, start, depth=4) == dict(expected)
    drawn = index.lineage(start, depth=4).to_networkx()
    assert set(drawn) == set(expected)
