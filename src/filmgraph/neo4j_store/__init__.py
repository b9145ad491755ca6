"""The store over a Neo4j database: many writers, many readers, one graph that Cypher can browse.

`store` answers and writes, `tables` is what a write needs, `connection` rides out what happens to connections,
`migrations` bring a database up to date. The model is described in docs/neo4j.md; every query is a constant.
"""

from filmgraph.neo4j_store.store import Neo4jStore

__all__ = ["Neo4jStore"]
