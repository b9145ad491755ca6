"""Asking a server over kept connections, and what that cost it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests showed: CPU of the server in milliseconds each, how many a second, waiting times."""

    cpu: float
    rate: float
    times: list[float]

    def quantile(self, share: float) -> float:
        """In milliseconds."""
        return sorted(self.times)[min(len(self.times) - 1, int(share * len(self.times)))] * 1e3


def cpu_seconds(process: int) -> float:
    """Time on a processor of all threads that the process has, in seconds."""
    spent = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        try:
            spent += int((task / "schedstat").read_text().split()[0])
        except OSError:  # a thread that has just ended
            continue
    return spent / 1e9


class Connection:
    """One kept connection that asks and reads whole replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 22))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        place = lower.index(b"content-length:") + 15
        length = int(lower[place : lower.index(b"\r\n", place)])
        return int(head[9:12]), await self.reader.readexactly(length)

    def close(self) -> None:
        self.writer.close()


def post(body: bytes) -> bytes:
    """A request for /graphql."""
    return (
        b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    )


async def drive(port: int, process: int, bodies: list[bytes], *, seconds: float, connections: int) -> Load:
    """Ask `bodies` in turn over so many connections for so long; each reply must be a 200 without errors."""
    requests = [post(body) for body in bodies]
    times: list[float] = []
    until = time.perf_counter() + seconds

    async def loop(number: int) -> None:
        connection = await Connection.to(port)
        at = number
        while (started := time.perf_counter()) < until:
            status, body = await connection.ask(requests[at % len(requests)])
            times.append(time.perf_counter() - started)
            at += 1
            if status != 200 or body.startswith(b'{"errors"'):
                raise RuntimeError(f"{status}: {body[:300]!r}")
        connection.close()

    began, before = time.perf_counter(), cpu_seconds(process)
    await asyncio.gather(*(loop(number) for number in range(connections)))
    spent, lasted = cpu_seconds(process) - before, time.perf_counter() - began
    return Load(spent / len(times) * 1e3, len(times) / lasted, times)


async def beside(port: int, light: bytes, heavy: bytes, *, clients: int, seconds: float) -> list[float]:
    """Times of `light` in seconds, while `clients` in processes of their own ask `heavy` without pause."""
    command = [sys.executable, __file__, str(port), str(seconds + 1)]
    busy = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(clients)]
    for process in busy:
        assert process.stdin
        process.stdin.write(heavy)
        process.stdin.close()
    await asyncio.sleep(1)
    connection, request, times = await Connection.to(port), post(light), []
    until = time.perf_counter() + seconds
    while (started := time.perf_counter()) < until:
        await connection.ask(request)
        times.append(time.perf_counter() - started)
        await asyncio.sleep(0.005)
    connection.close()
    for process in busy:
        process.wait()
    return times


async def repeat(port: int, body: bytes, seconds: float) -> None:
    """Ask the same without pause for so long."""
    connection, request, until = await Connection.to(port), post(body), time.perf_counter() + seconds
    while time.perf_counter() < until:
        await connection.ask(request)
    connection.close()


if __name__ == "__main__":
    asyncio.run(repeat(int(sys.argv[1]), sys.stdin.buffer.read(), float(sys.argv[2])))
