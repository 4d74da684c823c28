"""`make bench`: the portal as shipped beside the bare limit, on one throwaway durable database. Prints JSON lines."""

from __future__ import annotations

import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from bench import people
from bench.client import Exchange, Result, get, measure, post
from demo.environment import port_near, remembered
from portal import create_app
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.config import Settings
from portal.db import Database
from portal.migrate import upgrade
from portal.services import slots

TABLES = (
    "create table bench_row (id int primary key, words text)",
    "insert into bench_row select n, 'words' from generate_series(1, 10000) n",
    "create table bench_place (id int primary key, who uuid)",
    "insert into bench_place select n from generate_series(1, 200000) n",
    "create table bench_event (id bigserial primary key, place int, who uuid, at timestamptz)",
    "create index bench_event_place on bench_event (place)",
    "create table bench_outbox (id bigserial primary key, place int, kind text, at timestamptz)",
    "analyze",
)

ROUNDS = 5
SECONDS = 1.2
DRAFTS, BOOKERS = 32, 1200
IDENTITY = {
    "given_names": "Marie-Ève", "family_name": "Tremblay", "birth_on-day": "27", "birth_on-month": "3",
    "birth_on-year": "1986", "birth_city": "Québec", "birth_country": "CA", "sex": "F", "phone": "514 555-0123",
    "country": "CA", "street": "55 Rue Saint-Paul Ouest", "unit": "310", "city": "Montréal", "region": "Québec",
    "postal_code": "h2y1h2",
}  # fmt: skip


@dataclass
class Server:
    """A running web server: where it listens, and how much processor time it has used."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """Processor time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Case:
    """What is measured: an exchange with the portal, and the one that the limit answers instead."""

    name: str
    portal: Exchange
    limit: Callable[[int], Exchange]
    """Given the size of the portal's page."""
    rounds: list[tuple[Result, float]] = field(default_factory=list)
    limit_rounds: list[tuple[Result, float]] = field(default_factory=list)

    def run(self, portal: Server, limit: Server) -> None:
        """One round: the portal, then its limit."""
        self.rounds.append(_timed(portal, self.portal))
        self.limit_rounds.append(_timed(limit, self.limit(self.rounds[0][0].body_bytes)))

    def line(self) -> dict[str, Any]:
        """The medians; and of the rounds, where both ran one after the other, the median ratio."""
        pairs = list(zip(self.rounds, self.limit_rounds, strict=True))
        return {
            "what": self.name,
            **_median(self.rounds),
            "limit": _median(self.limit_rounds),
            "ratio": round(statistics.median(ours[0].rps / theirs[0].rps for ours, theirs in pairs), 2),
            "cpu_ratio": round(statistics.median(theirs[1] / ours[1] for ours, theirs in pairs), 2),
        }


def _timed(server: Server, exchange: Exchange) -> tuple[Result, float]:
    """What a run gave, and the server's milliseconds of processor time for one exchange."""
    before = server.cpu_seconds()
    result = measure(server.port, exchange, seconds=SECONDS)
    if result.failures:
        raise SystemExit(f"{result.failures} of {result.count} exchanges failed")
    return result, (server.cpu_seconds() - before) * 1000 / result.count


def _median(rounds: list[tuple[Result, float]]) -> dict[str, Any]:
    def of(value: Callable[[Result], float]) -> float:
        return round(statistics.median(value(result) for result, _cpu in rounds), 1)

    return {
        "rps": of(lambda result: result.rps),
        "p50_ms": of(lambda result: result.p50),
        "p99_ms": of(lambda result: result.p99),
        "bytes": rounds[-1][0].body_bytes,
        "cpu_ms": round(statistics.median(cpu for _result, cpu in rounds), 2),
    }


def _always(*messages: bytes) -> Exchange:
    return lambda: list(messages)


def _cases(app: Any, session: Session) -> list[Case]:
    from bench import limit  # reads its database's address when it is imported

    drafts = people.saving([people.with_draft(app, session) for _draft in range(DRAFTS)])
    bookers = iter([people.with_interview_to_book(app, session) for _booker in range(BOOKERS)])
    chooser, member = people.with_interview_to_book(app, session), people.with_draft(app, session)
    free = iter([slot.id for slot in slots.free(session, limit=BOOKERS)])

    def save() -> list[bytes]:
        draft, seq = next(drafts)
        fields = draft.form(seq=str(seq), **IDENTITY)
        return [post(f"/en/applications/{draft.reference}/identity", fields, draft.cookie)]

    def book() -> list[bytes]:
        booker, slot = next(bookers), next(free)
        interview = f"/en/applications/{booker.reference}/interview"
        claim = post(f"{interview}/times", booker.form(slot=str(slot)), booker.cookie)
        return [claim, post(f"{interview}/confirm", booker.form(slot=str(slot)), booker.cookie)]

    def page(size: int) -> Exchange:
        return _always(get(f"/page/{size}"))

    typed = {"csrf_token": limit.TOKEN, "form_key": "k" * 22, "seq": "1", **IDENTITY}
    row, place = itertools.count(1), itertools.count(1)
    home = Case("home page", _always(get("/en/")), page)
    return [
        home,
        Case(
            "home page in brotli", _always(get("/en/", encoding="br")), lambda _size: page(home.rounds[0][0].body_bytes)
        ),
        Case("dashboard", _always(get("/en/applications", member.cookie)), page),
        Case(
            "slot list",
            _always(get(f"/en/applications/{chooser.reference}/interview/times", chooser.cookie)),
            page,
        ),
        Case(
            "form save",
            save,
            lambda _size: lambda: [post("/save-form", typed, limit.signed_in(next(row) % 10000 + 1))],
        ),
        Case("booking (hold and confirm)", book, lambda _size: lambda: [post("/book", {"slot": str(next(place))})]),
    ]


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str], log: Path) -> Iterator[Server]:
    """A server that answers at `port` while the block runs."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        _wait_for(port, process, log)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 300  # others may use the machine too
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(log.read_text())


def limit_database(server: EmbeddedPostgres) -> str:
    """A database with the limit's own tables; its address."""
    address = server.url("superuser", "postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("create database bench owner passage_owner")
    with psycopg.connect(server.url("owner", "bench").replace("+psycopg", ""), autocommit=True) as connection:
        for statement in TABLES:
            connection.execute(statement)
    return server.url("owner", "bench")


def _processor() -> str:
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}"


def main() -> None:
    """Prepare, measure, print."""
    began = time.monotonic()
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passage-bench-")))
        postgres = stack.enter_context(EmbeddedPostgres(state / "postgresql"))
        told = remembered(port_near(23000, None, set()), state)
        addresses = {"DATABASE_URL": postgres.url("web"), "OWNER_DATABASE_URL": postgres.url("owner")}
        environment = told.variables(**addresses)
        os.environ.update(environment)
        settings = Settings()  # type: ignore[call-arg]  # from the environment
        upgrade(postgres.url("owner"))
        limit_port = told.port + 10
        os.environ["BENCH_DATABASE_URL"] = limit_database(postgres)
        limit_environment = {**os.environ, **environment, "BENCH_PORT": str(limit_port)}
        app, owner = create_app(settings), Database(postgres.url("owner"))
        with owner.transaction() as session:
            people.open_centres(session)
            cases = _cases(app, session)
        with psycopg.connect(postgres.url("superuser").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("analyze")
        command = str(Path(sys.executable).with_name("portal"))
        portal = stack.enter_context(
            serving([command, "serve", "--port", str(told.port)], told.port, environment, state / "web.log")
        )
        limit = stack.enter_context(
            serving([sys.executable, "-m", "bench.limit"], limit_port, limit_environment, state / "limit.log")
        )
        for _round in range(ROUNDS):
            for case in cases:
                case.run(portal, limit)
    for case in cases:
        print(json.dumps(case.line(), ensure_ascii=False))
    print(json.dumps({"machine": _processor(), "seconds": round(time.monotonic() - began)}))


if __name__ == "__main__":
    main()
