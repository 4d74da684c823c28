"""kill -9 of a real worker while it rotates keys: the next one goes on, and nothing is lost or wrapped twice."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from typing import Any

from portal.adapters import queue
from portal.config import Settings
from portal.db import Database
from portal.jobs import keys as work
from portal.models import Person
from portal.services import keys
from tests import servers
from tests.services.test_export_kills import let_the_dead_be_noticed
from tests.services.test_keys import PEOPLE, PORTAL, later, without_old
from tests.services.test_outbox_kill import a_worker, environment_of, until


def test_a_worker_killed_in_the_middle_of_a_rotation(
    database: Database,
    settings: Settings,
    worker_settings: Settings,
    using: Callable[[Settings], None],
    server: Any,
    urls: servers.Urls,
) -> None:
    with database.transaction() as session:
        session.add_all(Person(given_names="Somebody") for _ in range(PEOPLE))
    using(later(settings))

    def left() -> int:
        with database.transaction() as session:
            return keys.left(session, "master")

    with database.transaction() as session:
        queue.enqueue(session, "rotate_master_keys", once="rotate_master_keys")
    environment = environment_of(later(worker_settings), settings.smtp_url)
    with subprocess.Popen([PORTAL, "work"], env=environment, stderr=subprocess.DEVNULL) as worker:
        until(lambda: left() < PEOPLE, patience=60)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=30)
    assert 0 < left() < PEOPLE

    let_the_dead_be_noticed(server.url("superuser", servers.database_name(urls)))
    with a_worker(environment):
        until(lambda: left() == 0, patience=90)
    using(without_old(settings))
    lines: list[str] = []
    assert work.verify(database, None, lines.append) == []
    assert f"person: {PEOPLE} tried" in lines
