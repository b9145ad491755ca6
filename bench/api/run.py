"""What an answer costs, beside others that give the same: `make bench-api`.

Each server is a process of its own, asked over kept connections in turn with the others, a slice of time each: what
else the machine does then meets all alike. CPU is that of all threads of the server, the median of the slices. Ours
runs as it is shipped, but for the limit of rates: with no cache of replies, so that every answer is made, and with
it. What both keep of their records is the same. `plain` keeps the answers as objects and writes them as JSON;
`stock` is the same schema served by strawberry; mercurius and yoga hold the rows in memory (npm).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import orjson

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import data  # noqa: E402
from load import Connection, Load, beside, drive, post  # noqa: E402

SECONDS, SLICES = 2.0, 8
LINEAGE = "a lineage, 1,000 films"


def body(question: tuple[str, dict[str, str]]) -> bytes:
    return orjson.dumps({"query": question[0], "variables": question[1]})


BODIES = {name: [body(question) for question in asked] for name, asked in data.QUESTIONS.items()}


@contextmanager
def server(command: list[str], **settings: str) -> Iterator[tuple[int, int]]:
    """Port and process of a server that has been started so, and answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [part.replace("PORT", str(port)) for part in command],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asyncio.run(_wait(port, process))
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


async def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} has ended with {process.returncode}")
        try:
            (await Connection.to(port)).close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{process.args} does not answer")


async def answers(port: int) -> list[tuple[str, Any]]:
    """What ours answers, for the servers that keep answers; keyed as `plain` looks them up."""
    connection, found = await Connection.to(port), []
    for asked in data.QUESTIONS.values():
        for query, variables in asked:
            _, reply = await connection.ask(post(body((query, variables))))
            key = f"{query[:20]} {next(iter(variables.values()), '')}"
            found.append((key, json.loads(reply)))
    connection.close()
    return found


def rows(found: list[tuple[str, Any]]) -> dict[str, Any]:
    """The rows that the answers hold, for the servers that answer from rows."""
    films: dict[str, Any] = {}
    lineages: dict[str, Any] = {}
    pages: dict[str, Any] = {}
    for key, answer in found:
        value = key[21:]
        for name, part in answer["data"].items():
            if name == "film":
                lineages[value] = part["lineage"] | {"nodes": []}
                films[value] = {k: v for k, v in part.items() if k != "lineage"} | {
                    "kind": "FILM",
                    "renown": 1.0,
                }
            elif name == "lineage":
                lineages[value] = part
            elif name == "search":
                pages[value] = part
    return {"films": films, "lineages": lineages, "found": pages}


def measure(servers: dict[str, tuple[int, int]]) -> dict[str, dict[str, Load]]:
    """The load of every question on every server, one connection for CPU and eight for requests a second."""
    results: dict[str, dict[str, Load]] = {name: {} for name in servers}
    for question, bodies in BODIES.items():
        slices: dict[str, list[Load]] = {name: [] for name in servers}
        for server in servers.values():
            asyncio.run(drive(*server, bodies, seconds=0.5, connections=1))
        for _ in range(SLICES):
            for name, server in servers.items():
                slices[name].append(
                    asyncio.run(drive(*server, bodies, seconds=SECONDS / SLICES, connections=1))
                )
        for name, server in servers.items():
            many = asyncio.run(drive(*server, bodies, seconds=SECONDS / 2, connections=8))
            times = [moment for load in slices[name] for moment in load.times]
            results[name][question] = Load(median(load.cpu for load in slices[name]), many.rate, times)
    return results


def node_modules(folder: Path) -> Path | None:
    """Mercurius and yoga, installed where nothing is left behind; None where that cannot be."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    shutil.copytree(HERE / "node", folder, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return folder if done.returncode == 0 else None


def show(title: str, results: dict[str, dict[str, Load]]) -> None:
    """A table of CPU per request, and one of requests a second."""
    print(f"\n{title}\n{'':<26}" + "".join(f"{name:>18}" for name in results))
    plain = results["plain"]
    for question in BODIES:
        cells = []
        for found in results.values():
            load = found.get(question)
            cells.append(f"{load.cpu:8.3f} ms {load.cpu / plain[question].cpu:5.1f}x" if load else "-")
        print(f"{question:<26}" + "".join(f"{cell:>18}" for cell in cells))
    print("  requests a second, 8 connections")
    for question in BODIES:
        cells = [f"{found[question].rate:,.0f}" if question in found else "-" for found in results.values()]
        print(f"{question:<26}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


def main() -> None:
    global SECONDS
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement")
    options.add_argument("--only", default="", help="servers, with commas: ours,plain,stock,mercurius,yoga")
    chosen = options.parse_args()
    SECONDS = chosen.seconds
    only = set(filter(None, chosen.only.split(",")))
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        place = Path(folder)
        store = data.fill(place / "graph.db")
        ours = [python, "-m", "filmgraph", "serve", "--port", "PORT", "--store", store]
        kept, memory = str(place / "answers.json"), str(place / "rows.json")
        servers = {
            "repeats": running.enter_context(server(ours, FILMGRAPH_RATE="0")),
            "ours": running.enter_context(server(ours, FILMGRAPH_RATE="0", FILMGRAPH_CACHE_BYTES="0")),
        }
        found = asyncio.run(answers(servers["repeats"][0]))
        Path(kept).write_text(json.dumps(found))
        Path(memory).write_text(json.dumps(rows(found)))
        sizes = {key: len(orjson.dumps(answer)) for key, answer in found}
        print(f"answers of {min(sizes.values()):,} to {max(sizes.values()):,} bytes")
        others = {
            "plain": [python, str(HERE / "plain.py"), kept, "PORT"],
            "stock": [python, str(HERE / "stock.py"), store, "PORT"],
        }
        modules = node_modules(place / "node") if not only or only & {"mercurius", "yoga"} else None
        if modules:
            others["mercurius"] = ["node", str(modules / "mercurius.mjs"), memory, "PORT"]
            others["yoga"] = ["node", str(modules / "yoga.mjs"), memory, "PORT"]
        elif not only:
            print("no npm: mercurius and yoga are not measured")
        for name, command in others.items():
            if not only or name in only or name == "plain":
                servers[name] = running.enter_context(server(command))
                assert asyncio.run(answers(servers[name][0])) == found, f"{name} answers otherwise"
        results = measure(servers)
        light, heavy = BODIES["{ __typename }"][0], BODIES[LINEAGE][0]
        times = asyncio.run(beside(servers["ours"][0], light, heavy, clients=2, seconds=4 * SECONDS))
    order = ["plain", "ours", "repeats", "stock", "mercurius", "yoga"]
    show(
        "CPU of the server for a request (times that of plain)",
        {n: results[n] for n in order if n in results},
    )
    times.sort()
    print(f"\n{{ __typename }} beside two clients that loop the lineage: {len(times)} requests,")
    print(f"p50 {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms")
    if "stock" in results:
        ratio = results["stock"][LINEAGE].cpu / results["ours"][LINEAGE].cpu
        print(f"the lineage costs stock strawberry {ratio:.1f} times what it costs ours")


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"({time.perf_counter() - started:.0f} s)")
