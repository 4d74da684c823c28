"""`python -m bench.drop`: many travellers after few newly released places, over the real HTTP stack.

Two `portal serve` processes on one throwaway durable database in which nothing else is free. Every traveller holds and
confirms; where somebody was faster, the time that is held instead, or one of those that the answer offers, until
nothing is left. The rate is that until the last place is gone. Beside it, in the same run and in as many processes, the
bare reference handler. Afterwards the database is counted: places booked, parts that have one, interviews booked.
Prints JSON lines; ends with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import people
from bench.__main__ import Server, limit_database, serving
from bench.client import post
from demo.environment import port_near, remembered
from portal import create_app
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.migrate import upgrade
from portal.models import EnrolmentCentre, Place, Slot
from portal.services import centres, places

AT_ONCE = 64
WARM = 200
SLOT = re.compile(rb'<input[^>]*name="slot"[^>]*value="([0-9a-f-]{36})"')
HELD = re.compile(rb"confirm\?slot=([0-9a-f-]{36})")
COUNTS = """
    select count(interview_part_id), count(distinct interview_part_id),
           (select count(*) from interview where state = 'booked' and id in (
                select interview_id from interview_part part join place on place.interview_part_id = part.id
                where place.centre_id = :centre))
    from place where centre_id = :centre
"""


@dataclass
class Outcome:
    """What the travellers were told, and how long each POST took, in milliseconds."""

    told: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    booked_at: float = 0.0
    """When the last place was booked, in seconds from the beginning."""

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
    address = f"/en/applications/{traveller.reference}/interview"
    for _number in range(tries):
        if not offered:
            return "nothing_left"
        slot = random.choice(offered)
        status, head, body = await _post(connection, f"{address}/times", traveller, slot, outcome)
        if status == 303:
            slot = HELD.findall(head)[0].decode()  # another one than was chosen, where somebody was faster
            status, _head, body = await _post(connection, f"{address}/confirm", traveller, slot, outcome)
            return "booked" if status == 303 else f"confirm_{status}"
        if status != 422:
            return f"hold_{status}"
        offered = [found.decode() for found in SLOT.findall(body)]
    return "taken"


async def _post(
    connection: Connection, address: str, traveller: people.Traveller, slot: str, outcome: Outcome
) -> tuple[int, bytes, bytes]:
    began = time.perf_counter()
    status, head, body = await connection.ask(post(address, traveller.form(slot=slot), traveller.cookie))
    outcome.took.append((time.perf_counter() - began) * 1000)
    return status, head, body


async def drop(
    ports: Sequence[int], travellers: Sequence[people.Traveller], offered: Sequence[str], *, tries: int
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
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(serve(ports[number % len(ports)]) for number in range(AT_ONCE)))
    outcome.seconds = time.perf_counter() - began
    return outcome


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
        first = len(outcome.took)
        mine = Outcome()
        outcome.told[await book(connection, traveller, [offered[number % len(offered)]], mine, 1)] += 1
        outcome.took[first:first] = [mine.took[0] + waited, *mine.took[1:]]
        free.append(connection)

    await asyncio.gather(*(one(number, traveller) for number, traveller in enumerate(travellers)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def reference(ports: Sequence[int], bookings: int) -> Outcome:
    """The bare handler: one statement that claims a place, asked by as many connections."""
    outcome, left = Outcome(), iter(range(bookings))

    async def serve(port: int) -> None:
        connection = Connection(port)
        for _number in left:
            began = time.perf_counter()
            status, _head, _body = await connection.ask(post("/book", {"slot": "1"}))
            outcome.took.append((time.perf_counter() - began) * 1000)
            outcome.told["booked" if status == 302 or status == 303 else f"status_{status}"] += 1
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(serve(ports[number % len(ports)]) for number in range(AT_ONCE)))
    outcome.seconds = time.perf_counter() - began
    return outcome


def release(session: Session, centre: EnrolmentCentre, count: int, *, days: int) -> list[str]:
    """So many new places, one a slot, `days` ahead at a centre; the slots' identifiers."""
    first = now().replace(second=30, microsecond=0) + timedelta(days=days)  # no rule makes times like these
    made = []
    for number in range(count):
        starts_at = first + timedelta(minutes=number)
        slot = Slot(centre=centre, centre_id=centre.id, starts_at=starts_at, local_on=starts_at.date(), minutes=1)
        session.add(slot)
        session.flush()
        session.add(Place(slot_id=slot.id, centre_id=centre.id, starts_at=starts_at, desk=1))
        made.append(str(slot.id))
    return made


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--travellers", type=int, default=10_000)
    parser.add_argument("--places", type=int, default=2_000)
    parser.add_argument("--open-loop", type=int, default=400)
    return parser.parse_args()


def main() -> None:
    """Prepare, let everybody loose, count."""
    asked = _arguments()
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passage-drop-")))
        postgres = stack.enter_context(EmbeddedPostgres(state / "postgresql"))
        told = remembered(port_near(23500, None, set()), state)
        environment = told.variables(DATABASE_URL=postgres.url("web"), OWNER_DATABASE_URL=postgres.url("owner"))
        os.environ.update(environment)
        settings = Settings()  # type: ignore[call-arg]  # from the environment
        upgrade(postgres.url("owner"))
        app, owner = create_app(settings), Database(postgres.url("owner"))
        with owner.transaction() as session:
            people.open_centres(session)
            centre = next(one for one in centres.all_centres(session) if centres.can_be_booked(one))
            session.execute(text("delete from place where interview_part_id is null and hold_id is null"))
            offered = release(session, centre, asked.places, days=20)
            for_warming = release(session, centre, WARM, days=60)
            warm = [people.with_interview_to_book(app, session) for _ in range(WARM)]
            rush = [people.with_interview_to_book(app, session) for _ in range(asked.travellers)]
            calm = [people.with_interview_to_book(app, session) for _ in range(asked.open_loop)]
        with psycopg.connect(postgres.url("superuser").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("analyze")
            connection.execute("update sign_in set seen_at = now()")  # each has just opened the page of free times
        ports = [told.port, told.port + 1]
        command = str(Path(sys.executable).with_name("portal"))
        servers = [
            stack.enter_context(
                serving([command, "serve", "--port", str(port)], port, environment, state / f"web-{port}.log")
            )
            for port in ports
        ]
        bare = [told.port + 10, told.port + 11]
        tables = limit_database(postgres)
        limits = [
            stack.enter_context(
                serving(
                    [sys.executable, "-m", "bench.limit"],
                    port,
                    {**environment, "BENCH_DATABASE_URL": tables, "BENCH_PORT": str(port)},
                    state / f"limit-{port}.log",
                )
            )
            for port in bare
        ]
        _measured(limits, lambda: reference(bare, WARM))
        bare_run, bare_cpu = _measured(limits, lambda: reference(bare, asked.places))
        left = {"slots": [uuid.UUID(slot) for slot in for_warming], "now": now()}
        _measured(servers, lambda: drop(ports, warm, for_warming, tries=12))
        with owner.transaction() as session:
            session.execute(text(f"delete from place where slot_id = any(:slots) and {places.FREE}"), left)
            before = _counted(session, centre)
        run, cpu = _measured(servers, lambda: drop(ports, rush, offered, tries=12))
        with owner.transaction() as session:
            booked = [now_ - was for now_, was in zip(_counted(session, centre), before, strict=True)]
            more = release(session, centre, asked.open_loop, days=40)
        rate = run.rate / 2
        calm_run = asyncio.run(open_loop(ports, calm, more, rate=rate))
    bookings = max(1, run.told["booked"])
    print(json.dumps(bare_run.line("bare reference") | {"cpu_ms": round(bare_cpu * 1000 / asked.places, 2)}))
    print(json.dumps(run.line("drop") | {"cpu_ms_per_booking": round(cpu * 1000 / bookings, 2)}))
    print(json.dumps(calm_run.line(f"open loop, {rate:.1f} travellers a second")))
    kept = booked == [asked.places] * 3 and run.told["booked"] == asked.places
    print(json.dumps({"places_booked": booked[0], "interviews_booked": booked[2], "kept": kept}))
    ratios = {"throughput": run.rate / bare_run.rate, "cpu": cpu / bookings / (bare_cpu / asked.places)}
    print(json.dumps({"ratios": {name: round(ratio, 2) for name, ratio in ratios.items()}}))
    sys.exit(0 if kept and _is_clear(run) else 1)


def _counted(session: Session, centre: EnrolmentCentre) -> list[int]:
    """At this centre: places booked, parts that have one, interviews booked."""
    return [int(number) for number in session.execute(text(COUNTS), {"centre": centre.id}).one()]


def _is_clear(run: Outcome) -> bool:
    return set(run.told) <= {"booked", "nothing_left", "taken"}


def _measured(servers: Sequence[Server], run: Any) -> tuple[Outcome, float]:
    """What a run gave, and the seconds of processor time that the servers used."""
    before = sum(server.cpu_seconds() for server in servers)
    outcome: Outcome = asyncio.run(run())
    return outcome, sum(server.cpu_seconds() for server in servers) - before


if __name__ == "__main__":
    main()
