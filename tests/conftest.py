"""What several tests share: the seed's catalogue and reader, and a store that has read the seed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from filmgraph.catalog import Catalog, load_catalog
from filmgraph.documents import read
from filmgraph.errors import DocumentError
from filmgraph.ingest import ingest
from filmgraph.linking import Linker
from filmgraph.model import Document
from filmgraph.reader import Reader
from filmgraph.settings import Settings, seed_dir
from filmgraph.store import Store, open_store
from neo4j_server import Neo4jServer, start_for_tests, wipe

SHARED = Path(__file__).parents[2] / "shared" / "eval"


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The evaluation data beside the checkout; tests that need it are skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"no evaluation data at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def seed_catalog() -> Catalog:
    return load_catalog(seed_dir())


@pytest.fixture(scope="session")
def seed_reader(seed_catalog: Catalog) -> Reader:
    return Reader(seed_catalog)


@pytest.fixture(scope="session")
def seed_documents() -> list[Document]:
    refused: list[DocumentError] = []
    documents = list(read([str(seed_dir() / "reviews")], Settings(), on_error=refused.append))
    assert not refused
    return documents


@pytest.fixture(scope="session")
def seed_store(
    tmp_path_factory: pytest.TempPathFactory,
    seed_catalog: Catalog,
    seed_reader: Reader,
    seed_documents: list[Document],
) -> Iterator[Store]:
    """A store that holds the seed; tests only read it."""
    with open_store(str(tmp_path_factory.mktemp("seed") / "seed.db")) as store:
        store.import_entities(seed_catalog, source="seed")
        ingest(seed_documents, store, seed_reader)
        yield store


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A real Neo4j with two databases."""
    server = start_for_tests(tmp_path_factory.mktemp("neo4j"), databases=2)
    yield server
    server.kill()  # to shut down in order would take longer than most tests


@pytest.fixture
def neo4j_addresses(neo4j_server: Neo4jServer) -> list[str]:
    """The addresses of two empty databases."""
    for address in neo4j_server.addresses:
        wipe(address)
    return neo4j_server.addresses


@pytest.fixture
def neo4j_address(neo4j_addresses: list[str]) -> str:
    """The address of an empty database."""
    return neo4j_addresses[0]


@pytest.fixture(scope="session")
def seed_linker(seed_catalog: Catalog) -> Linker:
    return Linker(seed_catalog)
