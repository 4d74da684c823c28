"""`python -m bench.keys`: what decryption costs of a page, and how long the keys of 100,000 people take to rotate."""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert, select

from bench import people
from demo.environment import port_near, remembered
from portal import create_app
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.adapters.keys import Keyring
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.jobs import keys as work
from portal.migrate import upgrade
from portal.models import Application, ApplicationVersion, Person, encryption
from tests.answers import ANSWERS

PAGES = 150
AT_ONCE = 5000


class CountingRing:
    """The ring, which counts how often it opens something and how much processor time that takes."""

    def __init__(self, ring: Keyring) -> None:
        self.ring, self.opened, self.seconds = ring, 0, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ring, name)

    def open(self, *arguments: Any) -> bytes:
        """As the ring's own."""
        begun = time.thread_time()
        try:
            return self.ring.open(*arguments)
        finally:
            self.seconds += time.thread_time() - begun
            self.opened += 1


def decrypting(settings: Settings, owner: Database) -> list[dict[str, Any]]:
    """The share of decryption in the processor time of the pages that show an application."""
    app = create_app(settings)
    with owner.transaction() as session:
        traveller = people.with_draft(app, session)
        application = session.scalars(select(Application).where(Application.reference == traveller.reference)).one()
        _fill(session, application)
    ring = CountingRing(encryption.keyring())  # type: ignore[arg-type]
    lines = [_measured(app, ring, traveller, page) for page in ("", "/identity", "/citizenship", "/check")]
    app.extensions["database"].close()
    return lines


def _fill(session: Any, application: Application) -> None:
    from portal.services import sections

    application.person.given_names, application.person.family_name = "Marie-Ève", "Tremblay"
    for section, answers in ANSWERS.items():
        sections.save(session, application.id, section, raw={}, answers=answers, by=application.account)
    session.add(ApplicationVersion(application=application, number=1, answers=ANSWERS, made_at=now()))


def _measured(app: Any, ring: CountingRing, traveller: people.Traveller, page: str) -> dict[str, Any]:
    client, path = app.test_client(), f"/en/applications/{traveller.reference}{page}"
    client.set_cookie("passage", traveller.cookie.partition("=")[2])
    encryption.use(ring)
    for _warm in range(10):
        answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code} at {path}")
    ring.opened, ring.seconds, begun = 0, 0.0, time.thread_time()
    for _page in range(PAGES):
        client.get(path)
    spent = time.thread_time() - begun
    return {
        "what": f"decryption of {page or 'the tracker'}",
        "fields": round(ring.opened / PAGES, 1),
        "cpu_ms": round(spent * 1000 / PAGES, 2),
        "decrypt_ms": round(ring.seconds * 1000 / PAGES, 3),
        "share": round(ring.seconds / spent, 4),
    }


def rotating(owner: Database, count: int) -> dict[str, Any]:
    """How long it takes to wrap the keys of so many people anew, in one process."""
    old, index = os.urandom(32), os.urandom(32)
    encryption.use(Keyring([old], [index]))
    _fill_with_people(owner, count)
    encryption.use(Keyring([os.urandom(32), old], [index]))
    begun, cpu = time.monotonic(), time.process_time()
    outcome = work.rotate(owner, "master")
    took = time.monotonic() - begun
    return {
        "what": "rotation of the master key",
        "people": outcome.changed,
        "seconds": round(took, 1),
        "a_second": round(outcome.changed / took),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _fill_with_people(owner: Database, count: int) -> None:
    for _batch in range(count // AT_ONCE):
        rows = [{"id": (one := uuid.uuid4()), "created_at": now(),
                 "wrapped_key": encryption.keyring().new_wrapped_key(str(one))} for _ in range(AT_ONCE)]  # fmt: skip
        with owner.transaction() as session:
            session.execute(insert(Person.__table__), rows)  # type: ignore[arg-type]


def main() -> None:
    """Prepare, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=100_000)
    wanted = parser.parse_args()
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passage-bench-")))
        postgres = stack.enter_context(EmbeddedPostgres(state / "postgresql"))
        told = remembered(port_near(23000, None, set()), state)
        os.environ.update(told.variables(DATABASE_URL=postgres.url("web"), OWNER_DATABASE_URL=postgres.url("owner")))
        settings = Settings()  # type: ignore[call-arg]  # from the environment
        upgrade(postgres.url("owner"))
        owner = Database(postgres.url("owner"))
        for line in decrypting(settings, owner):
            print(json.dumps(line))
        with psycopg.connect(postgres.url("superuser").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("analyze")
        print(json.dumps(rotating(owner, wanted.people)))
        owner.close()


if __name__ == "__main__":
    main()
