"""`python -m bench.slots`: looking for free places among 24 centres, 180 days, 40 a day, nine of ten taken.

One throwaway database; each look through the service that the pages use, timed in turns with `select 1`, which shows
what the machine did meanwhile. Milliseconds, p50 and p99: by the clock, and of processor time, ours and that of the
connection's server process together, which says something on a busy machine too. Prints JSON lines.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from demo.environment import port_near, remembered
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now, today
from portal.config import Settings
from portal.db import Database
from portal.migrate import upgrade
from portal.models.viewers import JOINT
from portal.services import centres, public_slots, slots
from portal.start import prepare

DAYS, A_DAY, TAKEN = 180, 40, 0.9
TIMES, WARM = 600, 60
FILL = """
    with slot_made as (
        insert into slot (id, centre_id, starts_at, local_on, minutes)
        select gen_random_uuid(), at.id, starts_at, (starts_at at time zone at.zone)::date, 15
        from (
            select centre.id, zone, date_trunc('day', now()) + make_interval(days => day, mins => 720 + nth * 15)
            from enrolment_centre centre, generate_series(1, {days}) as day, generate_series(0, {a_day} - 1) as nth
        ) as at (id, zone, starts_at)
        on conflict do nothing returning id, centre_id, starts_at
    )
    insert into place (id, slot_id, centre_id, starts_at, desk)
    select gen_random_uuid(), id, centre_id, starts_at, 1 from slot_made
"""
PAST = """
    with past as (
        insert into slot (id, centre_id, starts_at, local_on, minutes)
        select gen_random_uuid(), centre.id, at, at::date, 15
        from (select id, row_number() over () as nth, count(*) over () as all_of_them from enrolment_centre) as centre,
             generate_series(1, {slots} / 24 + 1) as number,
             lateral (select date_trunc('day', now()) - make_interval(mins => 15 * number::int) as at) as begins
        on conflict do nothing returning id, centre_id, starts_at
    )
    insert into place (id, slot_id, centre_id, starts_at, desk, interview_part_id)
    select gen_random_uuid(), id, centre_id, starts_at, desk, gen_random_uuid()
    from past, generate_series(1, {desks}) as desk
"""
DESKS = 40
TAKE = "update place set interview_part_id = gen_random_uuid() where random() < {taken}"


def _filled(address: str) -> None:
    """Fill the tables as they would be; whose interviews they are plays no part, so the keys to them are left out."""
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(FILL.format(days=DAYS, a_day=A_DAY))
        connection.execute(TAKE.format(taken=TAKEN))
        connection.execute("vacuum analyze slot")
        connection.execute("vacuum analyze place")


def _grown(address: str, bookings: int) -> None:
    """Add so many bookings of the past."""
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        connection.execute(PAST.format(slots=bookings // DESKS, desks=DESKS))
        connection.execute("vacuum analyze slot")
        connection.execute("vacuum analyze place")


Took = list[tuple[float, float]]
"""Milliseconds of each look: by the clock, and of processor time."""


def _timed(looks: dict[str, Callable[[Session], object]], database: Database) -> dict[str, Took]:
    took: dict[str, Took] = {name: [] for name in looks}
    with database.transaction(JOINT) as session:
        server = session.execute(text("select pg_backend_pid()")).scalar_one()
        for number in range(WARM + TIMES):
            for name, look in looks.items():
                began, cpu = time.perf_counter(), _cpu_ms(server)
                look(session)
                if number >= WARM:
                    took[name].append(((time.perf_counter() - began) * 1000, _cpu_ms(server) - cpu))
    return took


def _cpu_ms(server: int) -> float:
    """Processor time so far of this thread and of a server process, in milliseconds."""
    spent = Path(f"/proc/{server}/schedstat").read_text().split()[0]
    return time.thread_time() * 1000 + int(spent) / 1e6


def main() -> None:
    """Prepare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=1_000_000, help="bookings of the past, added for a second look")
    history = parser.parse_args().history
    with tempfile.TemporaryDirectory(prefix="passage-bench-") as folder:
        state = Path(folder)
        with EmbeddedPostgres(state / "postgresql") as postgres:
            told = remembered(port_near(23900, None, set()), state)
            addresses = {"DATABASE_URL": postgres.url("web"), "OWNER_DATABASE_URL": postgres.url("owner")}
            os.environ.update(told.variables(**addresses))
            upgrade(postgres.url("owner"))
            database = prepare(Settings())  # type: ignore[call-arg]  # from the environment
            with database.transaction() as session:
                known = [one for one in centres.load(session) if one.second_of_id is None]
            _filled(postgres.url("superuser"))
            month, one = today() + timedelta(days=40), known[0]
            looks: dict[str, Callable[[Session], object]] = {
                "select 1": lambda session: session.execute(text("select 1")).all(),
                "soonest 36 over all centres": lambda session: slots.free(session, limit=36),
                "soonest 36 of one centre": lambda session: slots.free(session, centre=one, limit=36),
                "soonest 4 of each centre": lambda session: public_slots.soonest(session, known, each=4),
                "a month of one centre, counted": lambda session: public_slots.of_centre(
                    session, one, now() + timedelta(days=40), now() + timedelta(days=70), limit=2000
                ),
                "first free day after a date": lambda session: slots.free(session, centre=one, from_on=month, limit=1),
            }
            _report(_timed(looks, database), database)
            if history:
                _grown(postgres.url("superuser"), history)
                _report(_timed(looks, database), database)
            database.engine.dispose()


def _report(took: dict[str, Took], database: Database) -> None:
    for name, looks in took.items():
        line: dict[str, object] = {"what": name}
        for kind, times in zip(("", "cpu_"), map(sorted, zip(*looks, strict=True)), strict=True):
            line |= {f"{kind}p50_ms": round(times[len(times) // 2], 2)}
            line |= {f"{kind}p99_ms": round(times[len(times) * 99 // 100], 2)}
        print(json.dumps(line), flush=True)
    with database.transaction() as session:
        counts = session.execute(text("select count(*), count(interview_part_id) from place")).one()
    print(json.dumps({"places": counts[0], "taken": counts[1], "times": TIMES}), flush=True)


if __name__ == "__main__":
    main()
