"""Travellers who come all at once, over raw sockets: closed loop, open loop, and robots that never stop asking."""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import people
from bench.client import post

AT_ONCE = 64
SLOT = re.compile(rb'<input[^>]*name="slot"[^>]*value="([0-9a-f-]{36})"')
HELD = re.compile(rb"confirm\?slot=([0-9a-f-]{36})")
CLEAR = frozenset({"booked", "nothing_left", "taken"})
"""What somebody may be told: all of it in words, with what to do next."""


@dataclass
class Outcome:
    """What the travellers were told, and how long each POST took, in milliseconds."""

    told: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    booked_at: float = 0.0
    """When the last place was booked, in seconds from the beginning."""
    answered_by_then: int = 0
    """How many had their answer when the last place was booked, those who came too late among them."""

    @property
    def rate(self) -> float:
        """Bookings a second until the last one."""
        return self.told["booked"] / (self.booked_at or self.seconds)

    def line(self, what: str) -> dict[str, Any]:
        """One line of the report."""
        took = sorted(self.took)
        return {
            "what": what,
            "told": dict(self.told),
            "seconds": round(self.seconds, 1),
            "bookings_per_second": round(self.rate, 1),
            "posts": len(took),
            "p50_ms": round(statistics.median(took), 1) if took else None,
            "p99_ms": round(took[min(len(took) - 1, len(took) * 99 // 100)], 1) if took else None,
        }


class Connection:
    """One kept-alive connection to one of the servers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, message: bytes) -> tuple[int, bytes, bytes]:
        """The status, the head and the body of the answer."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        return int(head[9:12]), head, body

    def close(self) -> None:
        """Let it go."""
        if self.streams:
            self.streams[1].close()


async def book(
    connection: Connection, traveller: people.Traveller, offered: Sequence[str], outcome: Outcome, tries: int
) -> str:
    """One traveller holds and confirms, and tries again with a time that the answer offers. Gives what was told."""
    for _number in range(tries):
        if not offered:
            return "nothing_left"
        slot = random.choice(offered)
        status, head, body = await hold(connection, traveller, slot, outcome)
        if status == 303:
            slot = HELD.findall(head)[0].decode()  # another one than was chosen, where somebody was faster
            status = await confirm(connection, traveller, slot, outcome)
            return "booked" if status == 303 else f"confirm_{status}"
        if status != 422:
            return f"hold_{status}"
        offered = [found.decode() for found in SLOT.findall(body)]
    return "taken"


async def hold(
    connection: Connection, traveller: people.Traveller, slot: str, outcome: Outcome
) -> tuple[int, bytes, bytes]:
    """The first press: hold the place."""
    return await _post(connection, traveller, "times", slot, outcome)


async def confirm(connection: Connection, traveller: people.Traveller, slot: str, outcome: Outcome) -> int:
    """The second press: book it. The status."""
    status, _head, _body = await _post(connection, traveller, "confirm", slot, outcome)
    return status


async def _post(
    connection: Connection, traveller: people.Traveller, step: str, slot: str, outcome: Outcome
) -> tuple[int, bytes, bytes]:
    address = f"/en/applications/{traveller.reference}/interview/{step}"
    began = time.perf_counter()
    answer = await connection.ask(post(address, traveller.form(slot=slot), traveller.cookie))
    outcome.took.append((time.perf_counter() - began) * 1000)
    return answer


async def drop(
    ports: Sequence[int],
    travellers: Sequence[people.Traveller],
    offered: Sequence[str],
    *,
    tries: int,
    sold_out: Callable[[], None] = lambda: None,
) -> Outcome:
    """Closed loop: `AT_ONCE` connections, each serving the next traveller as soon as the last one has an answer."""
    outcome, waiting = Outcome(), iter(travellers)

    async def serve(port: int) -> None:
        connection = Connection(port)
        for traveller in waiting:
            told = await book(connection, traveller, offered, outcome, tries)
            outcome.told[told] += 1
            if told == "booked":
                outcome.booked_at = time.perf_counter() - began
                outcome.answered_by_then = outcome.told.total()
                if outcome.told["booked"] == len(offered):
                    sold_out()
        connection.close()

    began = time.perf_counter()
    outcome.seconds = await _all_at_once(ports, serve)
    return outcome


async def _all_at_once(ports: Sequence[int], serve: Callable[[int], Coroutine[Any, Any, None]]) -> float:
    """Serve on `AT_ONCE` connections, spread over the servers; gives the seconds until all are done."""
    began = time.perf_counter()
    await asyncio.gather(*(serve(ports[number % len(ports)]) for number in range(AT_ONCE)))
    return time.perf_counter() - began


async def open_loop(
    ports: Sequence[int], travellers: Sequence[people.Traveller], offered: Sequence[str], *, rate: float
) -> Outcome:
    """So many travellers begin each second, whatever becomes of those before; times count from when they were due."""
    outcome = Outcome()
    free = [Connection(ports[number % len(ports)]) for number in range(AT_ONCE)]
    began = time.perf_counter()

    async def one(number: int, traveller: people.Traveller) -> None:
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        while not free:
            await asyncio.sleep(0.001)
        connection = free.pop()
        waited = (time.perf_counter() - due) * 1000
        mine = Outcome()
        outcome.told[await book(connection, traveller, [offered[number % len(offered)]], mine, 1)] += 1
        outcome.took += [mine.took[0] + waited, *mine.took[1:]]
        free.append(connection)

    await asyncio.gather(*(one(number, traveller) for number, traveller in enumerate(travellers)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def reference(ports: Sequence[int], slots: Sequence[int]) -> Outcome:
    """The bare handler: one statement that claims a place, asked by as many connections, one place each time."""
    outcome, left = Outcome(), iter(slots)

    async def serve(port: int) -> None:
        connection = Connection(port)
        for slot in left:
            began = time.perf_counter()
            status, _head, _body = await connection.ask(post("/book", {"slot": str(slot)}))
            outcome.took.append((time.perf_counter() - began) * 1000)
            outcome.told["booked" if status == 303 else f"status_{status}"] += 1
        connection.close()

    outcome.seconds = await _all_at_once(ports, serve)
    return outcome


async def hammer(
    ports: Sequence[int], robots: Sequence[people.Traveller], slots: Sequence[str], *, times: int
) -> tuple[int, int]:
    """Each robot asks `times` times and confirms what it is given: how often they asked, and how many were given."""
    asked = given = 0

    async def one(port: int, robot: people.Traveller) -> None:
        nonlocal asked, given
        connection, outcome = Connection(port), Outcome()
        for _number in range(times):
            status, head, _body = await hold(connection, robot, random.choice(slots), outcome)
            asked += 1
            if status == 303:
                given += await confirm(connection, robot, HELD.findall(head)[0].decode(), outcome) == 303
                break
        connection.close()

    await asyncio.gather(*(one(ports[number % len(ports)], robot) for number, robot in enumerate(robots)))
    return asked, given
