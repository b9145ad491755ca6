"""The same schema as strawberry serves it by itself."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from strawberry.asgi import GraphQL

from filmgraph.api import SCHEMA
from filmgraph.request import Context
from filmgraph.service import Service
from filmgraph.settings import Settings

SERVICE = Service(Settings(store=sys.argv[1]))


class Stock(GraphQL[Any, Any]):
    async def get_context(self, request: Any, response: Any) -> Any:
        return Context(SERVICE, SERVICE.index(), None, "stock")


if __name__ == "__main__":
    app = Stock(SCHEMA, graphql_ide=None)
    uvicorn.run(
        app, port=int(sys.argv[2]), http="httptools", loop="uvloop", access_log=False, log_level="warning"
    )
