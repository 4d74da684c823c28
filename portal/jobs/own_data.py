"""Background work on one's own data: copies made, addresses changed, drafts and what is past its time forgotten."""

from __future__ import annotations

import uuid

from portal.db import Database
from portal.jobs.app import every, job
from portal.services import closing, email_changes, exports, files, retention
from portal.services.retention import Line


@job("make_export")
def make_export(database: Database, export_id: str) -> None:
    """Make one copy of everything that an account holds."""
    with database.transaction() as session:
        exports.make(session, uuid.UUID(export_id))


@job("forget_drafts")
def forget_drafts(database: Database, account_id: str) -> None:
    """Forget the drafts of an account that was closed."""
    with database.transaction() as session:
        keys = closing.forget_drafts(session, uuid.UUID(account_id))
    _discard(keys)


@every("*/10 * * * *")
def land_email_changes(database: Database) -> None:
    """Make the changes of address whose cooling time is over, each in a transaction of its own."""
    with database.transaction() as session:
        due = email_changes.due(session)
    for change_id in due:
        with database.transaction() as session:
            email_changes.land(session, change_id)


@every("17 3 * * *")
def purge(database: Database) -> None:
    """Forget what is past its time, in batches, and keep the numbers."""
    counts = {line.name: _purge(database, line) for line in retention.LINES}
    with database.transaction() as session:
        retention.write_report(session, counts)


def _purge(database: Database, line: Line) -> int:
    total = 0
    while True:
        with database.transaction() as session:
            done = retention.purge_batch(session, line)
        _discard(done.files)
        total += done.count
        if done.count < retention.BATCH:
            return total


def _discard(keys: list[str]) -> None:
    for key in keys:
        files.discard(key)
