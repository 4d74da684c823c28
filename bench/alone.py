"""`python -m bench.alone`: processor time and statements of one request each, in one process and one thread.

Without a server, clients or a second thread, so that it says something on a busy machine too: what a page costs by
itself, beside the bare routes of `bench.limit` in turns with it, on one throwaway durable database. The processor time
of PostgreSQL is not in it. With `--profile NAME` prints where the time of one page goes instead. Prints JSON lines.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import json
import os
import pstats
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from bench import people
from bench.__main__ import IDENTITY, limit_database
from demo.environment import port_near, remembered
from portal import create_app
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now, today
from portal.config import Settings
from portal.db import Database
from portal.migrate import upgrade
from portal.models import Place, Slot
from portal.services import centres, slots

WARM, ROUNDS, TIMES = 15, 8, 20


@dataclass
class Ask:
    """A request that is repeated: the next message of `messages`, answered by `app`."""

    app: Flask
    messages: Iterator[dict[str, Any]]
    status: str
    size: int = 0
    """Of the last answer, in bytes."""
    took: list[float] = field(default_factory=list)
    """Milliseconds of processor time."""

    def __call__(self) -> None:
        message = next(self.messages)
        said: list[str] = []
        began = time.thread_time()
        body = b"".join(self.app.wsgi_app(message, lambda status, _headers, *_rest: said.append(status)))  # type: ignore[arg-type]
        self.took.append((time.thread_time() - began) * 1000)
        self.size = len(body)
        if not said[0].startswith(self.status):
            raise SystemExit(f"answered {said[0]}")

    @property
    def cpu_ms(self) -> float:
        """The median."""
        return statistics.median(self.took)


def _message(path: str, cookie: str = "", fields: dict[str, str] | None = None) -> dict[str, Any]:
    headers = {"Host": "localhost", "Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    builder = EnvironBuilder(
        path,
        method="GET" if fields is None else "POST",
        headers=headers,
        data=urlencode(fields) if fields else None,
        content_type="application/x-www-form-urlencoded" if fields else None,
    )
    return builder.get_environ()


def _requests(app: Flask, database: Session, count: int) -> dict[str, Ask]:
    """The portal's requests by name; holding and confirming take turns, so they are asked equally often."""
    drafts = people.saving([people.with_draft(app, database) for _draft in range(8)])
    bookers = [people.with_interview_to_book(app, database) for _booker in range(count)]
    centre = next(one for one in centres.all_centres(database) if one.interview_model == "joint")  # as in `bench.drop`
    free = slots.free(database, centre=centre, from_on=today() + timedelta(days=7), limit=count)
    chosen = list(zip(bookers, [slot.id for slot in free], strict=True))
    late = itertools.cycle([people.with_interview_to_book(app, database) for _late in range(8)])
    gone = chosen[0][1]
    reader = people.with_interview_to_book(app, database)
    none_left = _taken_slot(database)

    def to_interview(step: str) -> Iterator[dict[str, Any]]:
        for one, slot in chosen:
            address = f"/en/applications/{one.reference}/interview/{step}"
            yield _message(address, one.cookie, one.form(slot=str(slot)))

    def always(path: str, cookie: str = "") -> Iterator[dict[str, Any]]:
        while True:
            yield _message(path, cookie)

    def saves() -> Iterator[dict[str, Any]]:
        for draft, seq in drafts:
            fields = draft.form(seq=str(seq), **IDENTITY)
            yield _message(f"/en/applications/{draft.reference}/identity", draft.cookie, fields)

    def too_late(slot: object) -> Iterator[dict[str, Any]]:
        for one in late:
            yield _message(f"/en/applications/{one.reference}/interview/times", one.cookie, one.form(slot=str(slot)))

    ok, moved = "200", "303"
    return {
        "home page": Ask(app, always("/en/"), status=ok),
        "dashboard": Ask(app, always("/en/applications", reader.cookie), status=ok),
        "slot list": Ask(app, always(f"/en/applications/{reader.reference}/interview/times", reader.cookie), status=ok),
        "form save": Ask(app, saves(), status=moved),
        "hold": Ask(app, to_interview("times"), status=moved),
        "confirm": Ask(app, to_interview("confirm"), status=moved),
        "too late (another time of the day is held)": Ask(app, too_late(gone), status=moved),
        "too late (nothing is left)": Ask(app, too_late(none_left), status="422"),
    }


def _taken_slot(database: Session) -> uuid.UUID:
    """A slot with one place, which is taken, and no other far and wide."""
    moment = now().replace(second=30, microsecond=0) + timedelta(days=400)
    centre = next(one for one in centres.all_centres(database) if centres.can_be_booked(one))
    slot = Slot(centre=centre, centre_id=centre.id, starts_at=moment, local_on=moment.date(), minutes=1)
    database.add(slot)
    database.flush()
    until = moment + timedelta(days=1)
    database.add(Place(slot_id=slot.id, centre_id=centre.id, starts_at=moment, desk=1, held_until=until))
    return slot.id


def _bare(sizes: dict[str, int]) -> dict[str, Ask]:
    from bench import limit  # reads its database's address when it is imported

    def always(path: str, fields: dict[str, str] | None = None, cookie: str = "") -> Iterator[dict[str, Any]]:
        while True:
            yield _message(path, cookie, fields)

    def bookings() -> Iterator[dict[str, Any]]:
        for number in itertools.count(1):
            yield _message("/book", fields={"slot": str(number)})

    typed = {"csrf_token": limit.TOKEN, "form_key": "k" * 22, "seq": "1", **IDENTITY}
    pages = {name: Ask(limit.app, always(f"/page/{size}"), status="200") for name, size in sizes.items()}
    return pages | {
        "form save": Ask(limit.app, always("/save-form", typed, limit.signed_in(7)), status="303"),
        "one update": Ask(limit.app, always("/save", {"id": "7", "words": "words"}), status="303"),
        "booking": Ask(limit.app, bookings(), status="303"),
    }


@contextmanager
def _counted(engine: Any) -> Iterator[list[str]]:
    """The statements that the driver executes meanwhile; BEGIN and COMMIT among them, for they are round trips too."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, statement: Any, *rest: Any, **more: Any) -> Any:
        seen.append(" ".join(str(statement).split()))
        return execute(cursor, statement, *rest, **more)

    def begun(_connection: Any) -> None:
        seen.append("BEGIN")

    def committed(_connection: Any) -> None:
        seen.append("COMMIT")

    psycopg.Cursor.execute = noted  # type: ignore[method-assign, assignment]
    event.listen(engine, "begin", begun)
    event.listen(engine, "commit", committed)
    yield seen
    psycopg.Cursor.execute = execute  # type: ignore[method-assign]
    event.remove(engine, "begin", begun)
    event.remove(engine, "commit", committed)


def _profile(requests: dict[str, Ask], name: str, before: str | None) -> None:
    profile = cProfile.Profile(time.thread_time)
    for _ in range(ROUNDS * TIMES):
        if before:
            requests[before]()
        profile.runcall(requests[name])
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    pstats.Stats(profile).sort_stats("cumtime").print_stats(110)


def main() -> None:
    """Prepare, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", help="the page whose time is broken down")
    parser.add_argument("--statements", action="store_true", help="print the statements too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="passage-bench-") as folder:
        state = Path(folder)
        with EmbeddedPostgres(state / "postgresql") as postgres:
            told = remembered(port_near(23700, None, set()), state)
            addresses = {"DATABASE_URL": postgres.url("web"), "OWNER_DATABASE_URL": postgres.url("owner")}
            os.environ.update(told.variables(**addresses))
            os.environ["BENCH_DATABASE_URL"] = limit_database(postgres)
            upgrade(postgres.url("owner"))
            app = create_app(Settings())  # type: ignore[call-arg]  # from the environment
            owner = Database(postgres.url("owner"))
            with owner.transaction() as session:
                people.open_centres(session)
                requests = _requests(app, session, WARM + ROUNDS * TIMES + 2)
            with psycopg.connect(postgres.url("superuser").replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("analyze")
                connection.execute("update sign_in set seen_at = now()")
            _report(app, requests, asked)
            app.extensions["database"].close()
            owner.close()


def _report(app: Flask, requests: dict[str, Ask], asked: argparse.Namespace) -> None:
    _repeat(requests, WARM)
    if asked.profile:
        return _profile(requests, asked.profile, "hold" if asked.profile == "confirm" else None)
    statements = {}
    for name, ask in requests.items():
        with _counted(app.extensions["database"].engine) as seen:
            ask()
        statements[name] = seen
    bare = _bare({name: requests[name].size for name in ("home page", "dashboard", "slot list")})
    _repeat(bare, WARM)
    for ask in (*requests.values(), *bare.values()):
        ask.took.clear()
    for _round in range(ROUNDS):
        _repeat(requests, TIMES)
        _repeat(bare, TIMES)
    for name, ask in requests.items():
        limit = bare.get(name, bare["booking"]).cpu_ms
        line = {"what": name, "cpu_ms": round(ask.cpu_ms, 2), "limit_cpu_ms": round(limit, 2)}
        line |= {"ratio": round(limit / ask.cpu_ms, 2), "statements": len(statements[name]), "bytes": ask.size}
        print(json.dumps(line))
        for statement in statements[name] if asked.statements else ():
            print("    ", statement[:600])
    save, limit = requests["form save"].cpu_ms, bare["one update"].cpu_ms
    line = {"what": "form save beside one update without session, token and boxes", "limit_cpu_ms": round(limit, 2)}
    print(json.dumps({**line, "ratio": round(limit / save, 2)}))
    both, limit = requests["hold"].cpu_ms + requests["confirm"].cpu_ms, bare["booking"].cpu_ms
    line = {"what": "booking (hold and confirm)", "cpu_ms": round(both, 2), "limit_cpu_ms": round(limit, 2)}
    print(json.dumps({**line, "times_the_limit": round(both / limit, 1)}))


def _repeat(asks: dict[str, Ask], times: int) -> None:
    for ask in asks.values():
        for _ in range(times):
            ask()


if __name__ == "__main__":
    main()
