"""`python -m bench.drop`: many travellers after few newly released places, over the real HTTP stack.

Four `portal serve` processes on one throwaway durable database in which nothing else is free; the drop goes to
two of them. Every traveller holds and confirms; where somebody was faster, the time that is held instead, or one of
those that the answer offers, until nothing is left. Rate and processor time (web processes and PostgreSQL) are those
until the last place is gone. Beside it, in the same run, server and number of processes, the bare reference handler:
one statement that claims a place and writes its event and its message. Then an open loop at half of the rate, the
sharp race of eight for one place with a negative control that must fail, and robots among the people who wait.
Afterwards the database is counted. Prints JSON lines; ends with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench import people, races, rush
from bench.__main__ import Server, limit_database, serving
from bench.rush import Outcome
from demo.environment import port_near, remembered
from portal import create_app
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.migrate import upgrade
from portal.models import EnrolmentCentre, Place, Slot
from portal.services import centres, places

WARM = 200
SERVERS, DROPPED_ON = 4, 2
COUNTS = """
    select count(interview_part_id), count(distinct interview_part_id),
           (select count(*) from interview where state = 'booked' and id in (
                select interview_id from interview_part part join place on place.interview_part_id = part.id
                where place.centre_id = :centre))
    from place where centre_id = :centre
"""


@dataclass
class Spent:
    """Seconds of processor time: of the web processes, and of PostgreSQL."""

    web: float
    database: float

    def ms(self, count: int) -> dict[str, float]:
        """Milliseconds for each of `count`."""
        each = 1000 / max(1, count)
        return {"cpu_ms_web": round(self.web * each, 2), "cpu_ms_with_database": round(self.total * each, 2)}

    @property
    def total(self) -> float:
        return self.web + self.database

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.web - other.web, self.database - other.database)


@dataclass
class Stage:
    """What everything runs on."""

    postgres: EmbeddedPostgres
    app: Flask
    owner: Database
    portals: list[Server]
    limits: list[Server]
    centre: EnrolmentCentre

    @property
    def ports(self) -> list[int]:
        return [server.port for server in self.portals]

    @property
    def bare_ports(self) -> list[int]:
        return [server.port for server in self.limits]

    def spent(self, servers: Iterable[Server]) -> Spent:
        """By these servers and the database so far."""
        return Spent(sum(server.cpu_seconds() for server in servers), _of_tree(self.postgres.process.pid))  # type: ignore[union-attr]


def _of_tree(parent: int) -> float:
    """Processor time of PostgreSQL: of its processes, and of those that ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if stat.parent.name == str(parent):
            ticks += sum(int(field) for field in fields[11:15])
        elif fields[1] == str(parent):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _staged(stack: ExitStack) -> Stage:
    state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passage-drop-")))
    postgres = stack.enter_context(EmbeddedPostgres(state / "postgresql"))
    told = remembered(port_near(23500, None, set()), state)
    environment = told.variables(DATABASE_URL=postgres.url("web"), OWNER_DATABASE_URL=postgres.url("owner"))
    os.environ.update(environment)
    upgrade(postgres.url("owner"))
    app, owner = create_app(Settings()), Database(postgres.url("owner"))  # type: ignore[call-arg]  # from the environment
    with owner.transaction() as session:
        people.open_centres(session)
        centre = next(one for one in centres.all_centres(session) if one.interview_model == "joint")
        session.execute(text("delete from place where interview_part_id is null and hold_id is null"))
    command = str(Path(sys.executable).with_name("portal"))

    def served(port: int, name: str, words: list[str], more: dict[str, str]) -> Server:
        return stack.enter_context(serving(words, port, {**environment, **more}, state / f"{name}-{port}.log"))

    tables = limit_database(postgres)
    return Stage(
        postgres, app, owner,
        [served(port, "web", [command, "serve", "--port", str(port)], {}) for port in _ports(told.port)],
        [
            served(port, "limit", [sys.executable, "-m", "bench.limit"],
                   {"BENCH_DATABASE_URL": tables, "BENCH_PORT": str(port)})
            for port in _ports(told.port + 10)
        ],
        centre,
    )  # fmt: skip


def _ports(first: int) -> range:
    return range(first, first + SERVERS)


def release(session: Session, centre: EnrolmentCentre, count: int, *, days: int, apart: timedelta) -> list[str]:
    """So many new places, one a slot, from `days` ahead at a centre; the slots' identifiers."""
    first = now().replace(second=30, microsecond=0) + timedelta(days=days)  # no rule makes times like these
    made = []
    for number in range(count):
        starts_at = first + number * apart
        slot_id = uuid.uuid4()
        session.add(Slot(id=slot_id, centre_id=centre.id, starts_at=starts_at, local_on=starts_at.date(), minutes=1))
        made.append((slot_id, starts_at))
    session.flush()
    session.add_all(Place(slot_id=slot, centre_id=centre.id, starts_at=at, desk=1) for slot, at in made)
    session.flush()
    return [str(slot) for slot, _at in made]


def _measured(stage: Stage, servers: Sequence[Server], run: Coroutine[Any, Any, Outcome]) -> tuple[Outcome, Spent]:
    """What a run gave, and what it took."""
    before = stage.spent(servers)
    outcome = asyncio.run(run)
    return outcome, stage.spent(servers) - before


def _say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


def _analysed(stage: Stage) -> None:
    address = stage.postgres.url("superuser").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("vacuum analyze")  # as the database does by itself within a minute
        connection.execute("update sign_in set seen_at = now()")  # each has just opened the page of free times


def _rush(stage: Stage, asked: argparse.Namespace) -> tuple[bool, float]:
    """The drop itself beside its reference. Whether every promise was kept, and the rate of bookings."""
    minute = timedelta(minutes=1)
    with stage.owner.transaction() as session:
        offered = release(session, stage.centre, asked.places, days=20, apart=minute)
        for_warming = release(session, stage.centre, WARM, days=60, apart=minute)
        warm = people.crowd(stage.app, session, WARM)
        travellers = people.crowd(stage.app, session, asked.travellers)
    _analysed(stage)
    portals, limits = stage.portals[:DROPPED_ON], stage.limits[:DROPPED_ON]
    ports, bare = stage.ports[:DROPPED_ON], stage.bare_ports[:DROPPED_ON]
    asyncio.run(rush.reference(bare, range(1, WARM + 1)))
    first = WARM + 1
    bare_run, bare_spent = _measured(stage, limits, rush.reference(bare, range(first, first + asked.places)))
    asyncio.run(rush.drop(ports, warm, for_warming, tries=12))
    with stage.owner.transaction() as session:
        gone = {"slots": [uuid.UUID(slot) for slot in for_warming], "now": now()}
        session.execute(text(f"delete from place where slot_id = any(:slots) and {places.FREE}"), gone)
        before = _counted(session, stage.centre)
    begin = stage.spent(portals)
    until_sold: list[Spent] = []

    def sold_out() -> None:
        until_sold.append(stage.spent(portals) - begin)

    run, spent = _measured(stage, portals, rush.drop(ports, travellers, offered, tries=12, sold_out=sold_out))
    with stage.owner.transaction() as session:
        booked = [now_ - was for now_, was in zip(_counted(session, stage.centre), before, strict=True)]
    is_kept = booked == [asked.places] * 3 and run.told["booked"] == asked.places and set(run.told) <= rush.CLEAR
    sold = until_sold[0] if until_sold else spent
    _say(**bare_run.line("bare reference"), **bare_spent.ms(asked.places))
    _say(**run.line("drop"), answered_until_sold_out=run.answered_by_then, **sold.ms(asked.places))
    late = asked.travellers - run.answered_by_then
    _say(what="the answer that nothing is left", **(spent - sold).ms(late))
    _say(
        places=asked.places, places_booked=booked[0], by_different_people=booked[1], interviews=booked[2], kept=is_kept
    )
    ratios = {
        "throughput": run.rate / bare_run.rate,
        "cpu_web": sold.web / bare_spent.web,
        "cpu_with_database": sold.total / bare_spent.total,
    }
    _say(ratios={name: round(ratio, 2) for name, ratio in ratios.items()})
    return is_kept, run.rate


def _counted(session: Session, centre: EnrolmentCentre) -> list[int]:
    """At this centre: places booked, parts that have one, interviews booked."""
    return [int(number) for number in session.execute(text(COUNTS), {"centre": centre.id}).one()]


def _calm(stage: Stage, count: int, rate: float) -> bool:
    with stage.owner.transaction() as session:
        calm = people.crowd(stage.app, session, count)
        more = release(session, stage.centre, count, days=40, apart=timedelta(minutes=1))
    _analysed(stage)
    run = asyncio.run(rush.open_loop(stage.ports[:DROPPED_ON], calm, more, rate=rate))
    _say(**run.line(f"open loop, {rate:.1f} travellers a second"))
    return set(run.told) <= rush.CLEAR


def _sharp(stage: Stage, rounds: int) -> bool:
    with stage.owner.transaction() as session:
        racers = people.crowd(stage.app, session, races.RACERS)
        slots = release(session, stage.centre, rounds, days=100, apart=timedelta(days=2))
    _analysed(stage)
    told = races.sharp(stage.ports, stage.owner, racers, slots)
    naive = asyncio.run(races.careless(stage.bare_ports, rounds))
    is_sharp = sum(naive) > rounds
    _say(what="sharp race, 8 at once for one place", servers=SERVERS, rounds=rounds, booked=sum(told),
         twice=sum(one > 1 for one in told), careless_twice=sum(one > 1 for one in naive),
         careless_booked=sum(naive), finds_the_mistake=is_sharp)  # fmt: skip
    return told == [1] * rounds and is_sharp


def _robots(stage: Stage) -> bool:
    line = races.with_robots(stage.ports, stage.app, stage.owner, stage.centre)
    _say(**line)
    return line["gain"] is not None and line["gain"] <= 0.05 and line["given"] == line["released"]


def main() -> None:
    """Prepare, let everybody loose, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--travellers", type=int, default=10_000)
    parser.add_argument("--places", type=int, default=2_000)
    parser.add_argument("--open-loop", type=int, default=400, help="travellers in the open loop")
    parser.add_argument("--rounds", type=int, default=100, help="of the sharp race")
    asked = parser.parse_args()
    with ExitStack() as stack:
        stage = _staged(stack)
        is_kept, rate = _rush(stage, asked)
        kept = [is_kept, _calm(stage, asked.open_loop, rate / 2), _sharp(stage, asked.rounds), _robots(stage)]
        stage.owner.close()
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
