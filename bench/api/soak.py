"""Many clients for a while: 2,000 connected, 200 of them asking; memory and errors as it goes: `make soak`.

A thousand hold a subscription, a thousand a kept connection; of the latter 200 ask all the time, the others now
and then. The graph is written to every ten seconds. Loopback only; SECONDS=600 for ten minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import data
from load import Connection, post
from run import BODIES, server
from websockets.asyncio.client import connect

from filmgraph.store import open_store

SECONDS = float(os.environ.get("SECONDS", "120"))
SUBSCRIBED, KEPT, ASKING = 1_000, 1_000, 200
SELDOM = 15
"""Seconds between the questions of a client that asks now and then; the server keeps a connection for 30."""
REQUESTS = [post(body) for bodies in BODIES.values() for body in bodies]
CHANGED = {"type": "subscribe", "id": "a", "payload": {"query": "subscription { graphChanged { revision } }"}}


def memory(process: int) -> float:
    """What the process holds, in megabytes."""
    line = next(x for x in Path(f"/proc/{process}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


class Soak:
    def __init__(self, port: int, process: int, store: str) -> None:
        self.port = port
        self.process = process
        self.store = store
        self.until = time.perf_counter() + SECONDS
        self.seen: Counter[str] = Counter()
        self.times: list[float] = []

    async def ask(self, pause: float, chance: random.Random) -> None:
        """One client that asks, waits, and asks again."""
        await asyncio.sleep(chance.random() * pause)
        connection: Connection | None = await Connection.to(self.port)
        self.seen["connected"] += 1
        while time.perf_counter() < self.until:
            started = time.perf_counter()
            try:
                connection = connection or await Connection.to(self.port)
                status, body = await connection.ask(chance.choice(REQUESTS))
                good = status == 200 and not body.startswith(b'{"errors"')
                self.seen["answers" if good else f"error {status}"] += 1
            except (OSError, EOFError) as error:
                self.seen[f"error {type(error).__name__}"] += 1
                connection = None  # to be made when it is used, as the server wants it
            self.times.append(time.perf_counter() - started)
            await asyncio.sleep(pause * (0.5 + chance.random()))
        if connection:
            connection.close()

    async def listen(self) -> None:
        """One client that is told of changes."""
        address = f"ws://127.0.0.1:{self.port}/graphql"
        try:
            async with connect(address, subprotocols=["graphql-transport-ws"], open_timeout=60) as socket:  # type: ignore[list-item]
                await socket.send('{"type": "connection_init"}')
                await socket.recv()
                await socket.send(json.dumps(CHANGED))
                self.seen["subscribed"] += 1
                while (left := self.until - time.perf_counter()) > 0:
                    async with asyncio.timeout(left):
                        told = json.loads(await socket.recv())
                    self.seen["changes told" if told["type"] == "next" else "error told"] += 1
        except TimeoutError:
            pass
        except Exception as error:
            self.seen[f"error {type(error).__name__}"] += 1

    async def write(self) -> None:
        """Another process's work: a review goes, and comes back."""
        reading = next(data.readings())
        while time.perf_counter() < self.until - 12:
            await asyncio.sleep(10)
            await asyncio.to_thread(self._change, reading)

    def _change(self, reading: data.Reading) -> None:
        with open_store(self.store) as writer:
            if not writer.retract(reading.review.id):
                writer.put([reading])
        self.seen["written"] += 1

    async def report(self) -> None:
        started = time.perf_counter()
        while time.perf_counter() < self.until:
            await asyncio.sleep(min(10, SECONDS / 4))
            recent, self.times = sorted(self.times) or [0.0], []
            counts = ", ".join(f"{name} {count:,}" for name, count in sorted(self.seen.items()))
            p50, p99 = (recent[int(len(recent) * share)] * 1e3 for share in (0.5, 0.99))
            head = f"{time.perf_counter() - started:4.0f} s  {memory(self.process):6.1f} MB"
            print(f"{head}  p50 {p50:.0f} ms  p99 {p99:.0f} ms  {counts}", flush=True)

    async def run(self) -> None:
        chance = random.Random(1)
        clients = [self.ask(0.25, random.Random(chance.random())) for _ in range(ASKING)]
        clients += [self.ask(SELDOM, random.Random(chance.random())) for _ in range(KEPT - ASKING)]
        clients += [self.listen() for _ in range(SUBSCRIBED)]
        await asyncio.gather(self.report(), self.write(), *clients)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (8_192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with tempfile.TemporaryDirectory() as folder:
        store = data.fill(Path(folder) / "graph.db")
        command = [sys.executable, "-m", "filmgraph", "serve", "--port", "PORT", "--store", store]
        with server(command, FILMGRAPH_RATE="0", FILMGRAPH_LOG_LEVEL="warning") as (port, process):
            print(f"   0 s  {memory(process):6.1f} MB")
            soak = Soak(port, process, store)
            asyncio.run(soak.run())
            time.sleep(2)
            print(f"after  {memory(process):6.1f} MB, all clients gone")
            errors = {name: count for name, count in soak.seen.items() if name.startswith("error")}
            print(f"errors: {errors or 'none'}")
            sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
