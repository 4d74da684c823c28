"""`python -m bench.walls`: what session, permission and audit cost a signed-in page, beside a bare page.

Processor time of this process for one of each: the three statements of the walls (session found, rights checked, a
row in the trail) on one throwaway database, and the bare page of `bench.limit`. Prints a JSON line.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.__main__ import limit_database
from demo.environment import port_near, remembered
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.domain.permissions import Permission
from portal.domain.registry import permissions_of
from portal.migrate import upgrade
from portal.models import Officer
from portal.models.accounts import email_index
from portal.services import audit, sign_ins
from portal.start import prepare
from portal.web.sessions import LIMITS

TIMES, WARM = 400, 50
TOKEN = hashlib.sha256(b"bench").digest()
PAGE_BYTES = 20_000


def _cpu_ms(act: Callable[[], object]) -> float:
    for _ in range(WARM):
        act()
    began = time.process_time()
    for _ in range(TIMES):
        act()
    return (time.process_time() - began) * 1000 / TIMES


def _officer(session: Session) -> Officer:
    email = "bench@example.org"
    made = Officer(
        email_index=email_index(email),
        agency="CA",
        roles=["officer"],
        language="en",
        activated_at=now(),
        staff_number="A1",
    )
    made.email, made.name = email, "Bench"
    session.add(made)
    session.flush()
    return made


def _bare_page_cpu_ms(postgres: EmbeddedPostgres) -> float:
    os.environ["BENCH_DATABASE_URL"] = limit_database(postgres)
    from bench import limit  # reads the address when it is imported

    client = limit.app.test_client()
    cost = _cpu_ms(lambda: client.get(f"/page/{PAGE_BYTES}"))
    limit.engine.dispose()
    return cost


def main() -> None:
    """Prepare, measure, print."""
    with tempfile.TemporaryDirectory(prefix="passage-bench-") as folder:
        state = Path(folder)
        with EmbeddedPostgres(state / "postgresql") as postgres:
            told = remembered(port_near(23000, None, set()), state)
            addresses = {"DATABASE_URL": postgres.url("web"), "OWNER_DATABASE_URL": postgres.url("owner")}
            os.environ.update(told.variables(**addresses))
            upgrade(postgres.url("owner"))
            database = prepare(Settings())  # type: ignore[call-arg]  # from the environment
            owner = Database(postgres.url("owner"))
            with owner.transaction() as session:
                sign_ins.begin(session, _officer(session), token_hash=TOKEN, device="bench")
            owner.close()

            def walls() -> None:
                with database.transaction() as session:
                    found = sign_ins.find(session, TOKEN, limits=LIMITS, at=now())
                    assert found is not None and isinstance(found.person, Officer)
                    assert Permission.OFFICER_USE in permissions_of(found.person.roles)
                    audit.record(session, "bench:view", found.row, by=found.person)

            def without() -> None:
                with database.transaction() as session:
                    session.execute(text("select 1"))

            ours = _cpu_ms(walls) - _cpu_ms(without)
            theirs = _bare_page_cpu_ms(postgres)
            database.engine.dispose()
    line = {"what": "session, permission and audit", "cpu_ms": round(ours, 2), "bare_page_cpu_ms": round(theirs, 2)}
    print(json.dumps({**line, "share": round(ours / theirs, 2)}))


if __name__ == "__main__":
    main()
