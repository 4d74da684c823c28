"""A closed-loop HTTP client over raw sockets: a few connections, each asking again as soon as it was answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

Exchange = Callable[[], list[bytes]]
"""The messages of the next exchange: sent one after the other on one connection, and timed together."""


@dataclass(frozen=True)
class Result:
    """What a run gave: exchanges a second, how long they took in milliseconds, and how large the last answer was."""

    rps: float
    p50: float
    p99: float
    count: int
    failures: int
    body_bytes: int


def get(path: str, cookie: str = "", encoding: str = "identity") -> bytes:
    """A GET of `path`."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", f"Accept-Encoding: {encoding}"]
    return "\r\n".join([*lines, *([f"Cookie: {cookie}"] if cookie else []), "", ""]).encode()


def post(path: str, fields: dict[str, str], cookie: str = "") -> bytes:
    """A POST of a form to `path`."""
    body = urlencode(fields)
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Sec-Fetch-Site: same-origin",
        "Accept-Encoding: identity",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"Cookie: {cookie}",
    )
    return "\r\n".join([*lines, "", body]).encode()


def measure(port: int, exchange: Exchange, *, seconds: float = 2.0, connections: int = 4) -> Result:
    """Repeat `exchange` for `seconds` on `connections` connections at once."""
    return asyncio.run(_measure(port, exchange, seconds, connections))


async def _measure(port: int, exchange: Exchange, seconds: float, connections: int) -> Result:
    took: list[float] = []
    seen: list[tuple[int, int]] = []
    began = time.perf_counter()
    await asyncio.gather(*(_repeat(port, exchange, began + seconds, took, seen) for _ in range(connections)))
    elapsed = time.perf_counter() - began
    took.sort()
    return Result(
        rps=len(took) / elapsed,
        p50=took[len(took) // 2] * 1000,
        p99=took[min(len(took) - 1, len(took) * 99 // 100)] * 1000,
        count=len(took),
        failures=sum(1 for status, _length in seen if status >= 400),
        body_bytes=seen[-1][1],
    )


async def _repeat(port: int, exchange: Exchange, until: float, took: list[float], seen: list[tuple[int, int]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        messages = exchange()
        began = time.perf_counter()
        for message in messages:
            writer.write(message)
            answer = await _answer(reader)
        took.append(time.perf_counter() - began)
        seen.append(answer)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """The status and the length of the body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
    if length:
        await reader.readexactly(length)
    return int(head[9:12]), length
