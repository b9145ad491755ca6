"""Edges as sentences."""

from pathlib import Path

from filmgraph.index import LineageIndex
from filmgraph.store import open_store
from filmgraph.wording import edge_sentence, name_of
from graphs import BALLERINA, NOBODY, WICK, fill


def test_edges_are_said_with_what_they_pass_through(tmp_path: Path) -> None:
    with open_store(fill(tmp_path / "graph.db"), readonly=True) as store:
        found = LineageIndex.build(store).lineage(WICK.id, direction="descendants", depth=1)
        edges = {edge.subject: edge for edge in found.edges}
        names = store.entities(end for e in found.edges for end in (e.subject, e.object, e.via) if end)
    assert edge_sentence(edges[BALLERINA.id], names) == "Ballerina follows the John Wick formula"
    assert (
        edge_sentence(edges[BALLERINA.id], names, dated=True)
        == "Ballerina (2023) follows the John Wick formula, which began with John Wick (2014)"
    )
    assert edge_sentence(edges[NOBODY.id], names).startswith("Nobody ")
    assert name_of("film:nowhere", names) == "film:nowhere"
