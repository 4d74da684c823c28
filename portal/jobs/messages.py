"""Sending what is in the outbox: every worker drains it, message by message, and no job stands for one."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from portal.adapters import mailer
from portal.db import Database
from portal.services import outbox

log = logging.getLogger(__name__)


def drain(database: Database) -> int:
    """Send every message that is due. Returns how many were tried."""
    tried = 0
    while send_next(database):
        tried += 1
    return tried


def send_next(database: Database) -> bool:
    """Send the message that has been due for longest. False when none is."""
    with database.transaction() as session:
        message_id = outbox.take_next(session)
    if message_id is None:
        return False
    try:
        send_message(database, message_id)
    except Exception:  # one message that cannot be made holds up no other; its own next time is set already
        log.exception("message %s was not made", message_id)
    return True


def send_message(database: Database, message_id: uuid.UUID) -> None:
    """Send one message. No transaction stays open while the mail server is spoken to."""
    with _alone(database, message_id) as is_ours:
        if is_ours:
            _send(database, message_id)


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
            outbox.mark_deferred(session, key, str(error), pause=error.pause)
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
