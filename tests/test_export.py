"""What other programs are given of the graph."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

from filmgraph.errors import QueryError
from filmgraph.export import COLUMNS, FORMATS, export, to_networkx
from filmgraph.model import Relation
from filmgraph.store import Store, open_store
from graphs import ASSASSIN, BALLERINA, CATALOGUE, FORMULA, NIKITA, READINGS, WICK, fill, reading


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(fill(tmp_path_factory.mktemp("export") / "graph.db"), readonly=True) as opened:
        yield opened


def exported(store: Store, form: str) -> bytes:
    file = io.BytesIO()
    export(store, form, file)
    return file.getvalue()


def test_graphml_and_gexf_are_read_back(store: Store) -> None:
    graph = to_networkx(store)
    for form, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        found = read(io.BytesIO(exported(store, form)))
        assert set(found) == set(graph) and found.number_of_edges() == graph.number_of_edges()
        assert found.nodes[WICK.id]["year"] == 2014
        between = [shown for *ends, shown in found.edges(data=True) if ends == [ASSASSIN.id, NIKITA.id]]
        assert [shown["relation"] for shown in between] == ["remake_of"]


def test_json_carries_every_quote_with_its_critic(store: Store) -> None:
    graph = nx.node_link_graph(json.loads(exported(store, "json")), edges="edges")
    (edge,) = graph.get_edge_data(BALLERINA.id, FORMULA.id).values()
    (said,) = edge["evidence"]
    assert said["quote"] == "Ballerina follows the John Wick formula." and said["reviewer"] == "Bo Writer"
    assert graph.nodes[FORMULA.id]["origin"] == WICK.id


def test_csv_has_a_row_for_each_piece_of_evidence(store: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(store, "csv").decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == store.stats()["evidence"]
    assert {row["claim"] for row in rows} == {record.id for record in store.find_claims(limit=1000)}


def test_hostile_names_and_quotes_survive(tmp_path: Path) -> None:
    text = 'A\x0bremake,\r"of" <La Femme>\u202e & more\ud7ff'
    with open_store(str(tmp_path / "hostile.db")) as store:
        store.import_entities(CATALOGUE, source="test")
        store.put([reading(text, ASSASSIN, Relation.REMAKE_OF, NIKITA)])
        (row,) = csv.DictReader(io.StringIO(exported(store, "csv").decode(), newline=""))
        assert row["quote"] == text
        assert nx.read_graphml(io.BytesIO(exported(store, "graphml"))).has_edge(ASSASSIN.id, NIKITA.id)
        assert nx.read_gexf(io.BytesIO(exported(store, "gexf"))).has_edge(ASSASSIN.id, NIKITA.id)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_equal_graphs_give_equal_bytes(store: Store, form: str, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "again.db")) as again:
        again.import_entities(reversed(CATALOGUE), source="test")
        for one in reversed(READINGS):
            again.put([one])
        assert exported(again, form) == exported(store, form)


def test_an_empty_graph_is_a_graph(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "empty.db")) as store:
        assert nx.read_graphml(io.BytesIO(exported(store, "graphml"))).number_of_nodes() == 0
        assert exported(store, "csv").decode().strip() == ",".join(COLUMNS)


def test_an_unknown_format_is_refused(store: Store) -> None:
    with pytest.raises(QueryError, match=r"'pajek'.*graphml"):
        export(store, "pajek", io.BytesIO())
