"""The queue of background work: a job is recorded in the same transaction as the change that causes it."""

from __future__ import annotations

import contextlib
import functools
from datetime import datetime
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector
from sqlalchemy.orm import Session


@functools.cache
def _writer() -> procrastinate.App:
    # It never opens a pool: each job goes through the connection of the session that causes it.
    return procrastinate.App(connector=SyncPsycopgConnector())


def enqueue(session: Session, task: str, *, at: datetime | None = None, once: str | None = None, **ids: str) -> None:
    """Record the job `task` in the session's own transaction.

    `ids` are identifiers, never personal data. `at` delays the job; with `once` (a lock's name) nothing is recorded
    while the same job still waits.
    """
    session.flush()
    options: dict[str, Any] = {"schedule_at": at} if at else {}
    if not once:
        _record(session, task, options, ids)
        return
    with contextlib.suppress(AlreadyEnqueued), session.begin_nested():
        _record(session, task, options | {"queueing_lock": once}, ids)


def _record(session: Session, task: str, options: dict[str, Any], ids: dict[str, str]) -> None:
    connection = session.connection().connection.driver_connection
    _writer().configure_task(task, connection=connection, **options).defer(**ids)
