"""kill -9 of a real worker while it makes somebody's copy of everything: none, or a whole one, told of once."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from portal.adapters import files as store
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.models import AuditEntry, DataExport, OutgoingMessage
from portal.services import files
from tests import servers
from tests.browsing import Browser
from tests.interviewing import PASSWORD, account
from tests.mailbox import Mailbox
from tests.services.test_outbox_kill import a_worker, environment_of, until
from tests.signing_in import sign_in

PAGE = "/en/account/your-data"
POINTS = {"while the file is written": False, "before the commit": False, "after the commit": True}
"""Where the worker is killed, and whether the copy can be fetched before another one goes on."""
SAMPLE = "before the commit"
"""What `make test` tries; `make test-all` tries every point."""
CASES = [pytest.param(point, marks=() if point == SAMPLE else pytest.mark.slow) for point in POINTS]

WORKER = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from portal.cli import main

point, is_written = sys.argv[1], False

def reached(where):
    if where == point:
        os.kill(os.getpid(), signal.SIGKILL)

def hook(what, arguments):  # the interpreter tells of each call before it is made
    global is_written
    if what == "os.rename" and "unfinished" in str(arguments[0]):
        reached("while the file is written")
        is_written = True

sys.addaudithook(hook)
event.listen(Session, "before_commit", lambda _: is_written and reached("before the commit"))
event.listen(Session, "after_commit", lambda _: is_written and reached("after the commit"))
main(["work"])
"""


def let_the_dead_be_noticed(url: str) -> None:
    """The minute after which a worker that says nothing counts as dead is over."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update procrastinate_workers set last_heartbeat = now() - interval '1 minute'"))
    engine.dispose()


@pytest.mark.parametrize("point", CASES)
def test_a_worker_killed_while_it_makes_a_copy(
    point: str,
    app: Flask,
    database: Database,
    settings: Settings,
    worker_settings: Settings,
    server: Any,
    urls: servers.Urls,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    told = worker_settings.model_copy(update={"files": tmp_path / "files"})
    store.configure(told)
    superuser = server.url("superuser", servers.database_name(urls))
    environment = environment_of(told, mailbox.url)
    with database.transaction() as session:
        email = account(session).email or ""
    browser = Browser(app)
    sign_in(browser, email, PASSWORD)
    browser.press("Ask for a copy", browser.open(PAGE))

    killed = subprocess.run([sys.executable, "-c", WORKER, point], env=environment, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    is_whole = POINTS[point]
    assert bool(_copies(browser)) is is_whole

    let_the_dead_be_noticed(superuser)
    with a_worker(environment):
        until(lambda: _nothing_waits(superuser), patience=90)
    [link] = _copies(browser)
    with zipfile.ZipFile(io.BytesIO(browser.client.get(link, base_url="http://localhost").data)) as archive:
        assert archive.testzip() is None
        assert {"data.json", "copy.pdf"} <= set(archive.namelist())
    _is_told_once(database)
    _nothing_is_left_over(database, tmp_path / "files")
    store.configure(settings)


def _copies(browser: Browser) -> list[str]:
    """What the page of one's own data offers to fetch."""
    page = browser.open(PAGE)
    return [str(link["href"]) for link in page.soup.select('a[href*="/copy/"]')]


def _nothing_waits(url: str) -> bool:
    engine = create_engine(url)
    with engine.connect() as connection:
        waits = connection.scalar(text("select count(*) from procrastinate_jobs where task_name = 'make_export'"))
    engine.dispose()
    return waits == 0


def _is_told_once(database: Database) -> None:
    with database.transaction() as session:
        events = session.scalars(select(OutgoingMessage.event)).all()
        actions = session.scalars(select(AuditEntry.action)).all()
    assert events.count("data_ready") == actions.count("data_export:make") == 1


def _nothing_is_left_over(database: Database, folder: Path) -> None:
    """A day later the nightly look has removed what the dead worker had begun, and nothing else."""
    then = (now() - 2 * files.ORPHAN_AFTER).timestamp()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        os.utime(path, (then, then))
    with database.transaction() as session:
        files.sweep(session)
        kept = session.scalars(select(DataExport.file_key)).all()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == kept
