"""Sending what is in the outbox."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from portal.adapters import mailer
from portal.db import Database
from portal.jobs.app import every, job
from portal.services import outbox


@job("send_message")
def send_message(database: Database, message_id: str) -> None:
    """Send one message. No transaction stays open while the mail server is spoken to."""
    key = uuid.UUID(message_id)
    with _alone(database, key) as is_ours:
        if is_ours:
            _send(database, key)


def _send(database: Database, key: uuid.UUID) -> None:
    with database.transaction() as session:
        email = outbox.take(session, key)
    if email is None:
        return
    try:
        mailer.deliver(email)
    except mailer.Refused as error:
        with database.transaction() as session:
            outbox.mark_refused(session, key, str(error))
    except mailer.Deferred as error:
        with database.transaction() as session:
            is_to_try_again = outbox.mark_deferred(session, key, str(error))
        if is_to_try_again:
            raise
    else:
        with database.transaction() as session:
            outbox.mark_sent(session, key)


@contextmanager
def _alone(database: Database, key: uuid.UUID) -> Iterator[bool]:
    """Whether nobody else sends this message now; the database frees it by itself when this process dies."""
    lock = {"key": key.int % 2**63}
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = connection.scalar(text("select pg_try_advisory_lock(:key)"), lock)
        try:
            yield bool(is_ours)
        finally:
            if is_ours:
                connection.execute(text("select pg_advisory_unlock(:key)"), lock)


@every("*/5 * * * *")
def sweep_messages(database: Database) -> None:
    """Queue the messages that were left behind, as after a job that was given up."""
    with database.transaction() as session:
        outbox.requeue_forgotten(session)
