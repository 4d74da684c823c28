"""`python -m bench.walls`: what session, permission and audit cost a signed-in page, beside a bare page.

Processor time of this process for one of each, on one throwaway database: the three statements of the walls (session
found, rights checked, a row in the trail) by themselves; the same as a browser pays for it, which is the difference
between one page of ours behind the walls and the same page in front of them (cookie, Flask-Login, lock, permission and
commit included); and the bare page of `bench.limit`. Prints a JSON line for each of several rounds, since whatever else
runs on the machine moves them.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.__main__ import limit_database
from demo.environment import port_near, remembered
from portal import create_app
from portal.adapters.embedded_postgres import EmbeddedPostgres
from portal.clock import now
from portal.config import Settings
from portal.db import Database, current_session
from portal.domain.permissions import Permission
from portal.domain.registry import permissions_of
from portal.migrate import upgrade
from portal.models import Officer
from portal.models.accounts import email_index
from portal.services import audit, sign_ins
from portal.web.access import requires
from portal.web.sessions import LIMITS, current_officer

TIMES, WARM = 400, 50
ROUNDS = 5
COOKIE_TOKEN = "bench"
TOKEN = hashlib.sha256(COOKIE_TOKEN.encode()).digest()
PAGE_BYTES = 20_000


def _cpu_ms(acts: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """The median of each, taken in turns: what disturbs the machine for a while disturbs all of them."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _turn in range(TIMES):
        for name, act in acts.items():
            began = time.process_time()
            act()
            taken[name].append((time.process_time() - began) * 1000)
    return {name: median(times[WARM:]) for name, times in taken.items()}


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


def _app_with_pages(settings: Settings) -> Flask:
    """The portal with one page in front of the walls and the same page behind them: one query, as many bytes."""
    app = create_app(settings)

    def page() -> str:
        current_session().execute(text("select 1"))
        return "x" * PAGE_BYTES

    @app.get("/bench/open")
    @requires(Permission.PUBLIC)
    def in_front() -> str:
        return page()

    @app.get("/bench/closed")
    @requires(Permission.OFFICER_USE)
    def behind() -> str:
        audit.record(current_session(), "bench:view", current_officer().id, by=current_officer())
        return page()

    return app


def _visited(app: Flask, path: str, *, signed_in: bool) -> Callable[[], object]:
    client = app.test_client()
    if signed_in:
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        client.set_cookie("passage", signer.dumps({"_user_id": COOKIE_TOKEN, "_fresh": True}))
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code} at {path}")
    return lambda: client.get(path)


def main() -> None:
    """Prepare, measure, print."""
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="passage-bench-")))
        postgres = stack.enter_context(EmbeddedPostgres(state / "postgresql"))
        told = remembered(port_near(23000, None, set()), state)
        os.environ.update(told.variables(DATABASE_URL=postgres.url("web"), OWNER_DATABASE_URL=postgres.url("owner")))
        os.environ["BENCH_DATABASE_URL"] = limit_database(postgres)
        from bench import limit  # reads the address when it is imported

        upgrade(postgres.url("owner"))
        app = _app_with_pages(Settings())  # type: ignore[call-arg]  # from the environment
        database, owner = app.extensions["database"], Database(postgres.url("owner"))
        with owner.transaction() as session:
            sign_ins.begin(session, _officer(session), token_hash=TOKEN, device="bench")
        owner.close()
        bare = limit.app.test_client()
        acts: dict[str, Callable[[], object]] = {
            "bare page": lambda: bare.get(f"/page/{PAGE_BYTES}"),
            "in front": _visited(app, "/bench/open", signed_in=False),
            "behind": _visited(app, "/bench/closed", signed_in=True),
            "statements": lambda: _walls(database),
            "transaction": lambda: _nothing(database),
        }
        for _round in range(ROUNDS):
            print(json.dumps(_line(_cpu_ms(acts))))
        limit.engine.dispose()
        database.close()


def _walls(database: Database) -> None:
    with database.transaction() as session:
        found = sign_ins.find(session, TOKEN, limits=LIMITS, at=now())
        assert found is not None and isinstance(found.person, Officer)
        assert Permission.OFFICER_USE in permissions_of(found.person.roles)
        audit.record(session, "bench:view", found.row, by=found.person)


def _nothing(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("select 1"))


def _line(cost: dict[str, float]) -> dict[str, float | str]:
    statements, page = cost["statements"] - cost["transaction"], cost["behind"] - cost["in front"]
    return {
        "what": "session, permission and audit",
        "bare_page_cpu_ms": round(cost["bare page"], 2),
        "statements_cpu_ms": round(statements, 2),
        "statements_share": round(statements / cost["bare page"], 2),
        "page_cpu_ms": round(page, 2),
        "page_share": round(page / cost["bare page"], 2),
    }


if __name__ == "__main__":
    main()
