"""Sending: a mail server that is away, busy, or will not have it; and nothing sent twice."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from portal.adapters import mailer
from portal.clock import now, telling
from portal.config import Settings
from portal.db import Database
from portal.jobs import worker
from portal.jobs.app import Backoff
from portal.jobs.messages import _alone, drain, send_message
from portal.models import Account, OutgoingMessage
from portal.models.accounts import email_index
from portal.services import notifications, outbox, pauses
from tests.mailbox import Mailbox, free_port

ADDRESS = "elise@example.org"


def a_message(database: Database) -> uuid.UUID:
    """A message in the outbox."""
    with database.transaction() as session:
        account = Account(email=ADDRESS, email_index=email_index(ADDRESS), language="fr")
        session.add(account)
        return notifications.send(session, "email_code", to=account, secrets={"code": "482917"}).id


def the_row(database: Database, message_id: uuid.UUID) -> OutgoingMessage:
    with database.transaction() as session:
        return session.get_one(OutgoingMessage, message_id)


def due_in(database: Database, message_id: uuid.UUID) -> float:
    """In how many seconds a message is tried again."""
    return (the_row(database, message_id).due_at - now()).total_seconds()


def test_the_worker_sends_it_once_and_forgets_the_code(
    database: Database, worker_settings: Settings, worker_database: Database, mailbox: Mailbox
) -> None:
    message_id = a_message(database)
    assert worker.run(worker_settings, until_idle=True) == 0
    send_message(worker_database, message_id)
    assert "482 917" in mailbox.text(ADDRESS)
    assert len(mailbox.to(ADDRESS)) == 1
    row = the_row(worker_database, message_id)
    assert row.sent_at is not None and row.secrets is None and row.attempts == 1


def test_greylisting_is_waited_out(
    database: Database, worker_settings: Settings, worker_database: Database, mailbox: Mailbox
) -> None:
    message_id = a_message(database)
    mailbox.answers.append("451 come back later")
    worker.run(worker_settings, until_idle=True)
    assert due_in(worker_database, message_id) > 4.5 * 60
    assert not mailbox.messages
    send_message(worker_database, message_id)
    assert len(mailbox.to(ADDRESS)) == 1


def test_a_refusal_for_good_is_not_tried_again(
    database: Database, worker_settings: Settings, worker_database: Database, mailbox: Mailbox
) -> None:
    message_id = a_message(database)
    mailbox.answers.append("550 no such mailbox")
    worker.run(worker_settings, until_idle=True)
    row = the_row(worker_database, message_id)
    assert row.failed_at is not None and row.sent_at is None and row.secrets is None


def test_a_mail_server_that_is_away_is_tried_again(
    worker_database: Database, worker_settings: Settings, mailbox: Mailbox
) -> None:
    message_id = a_message(worker_database)
    away = worker_settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    worker.run(away, until_idle=True)
    assert pauses.FIRST * 0.8 < due_in(worker_database, message_id) < pauses.LONGEST
    mailer.configure(worker_settings)
    send_message(worker_database, message_id)
    assert len(mailbox.to(ADDRESS)) == 1


def test_after_three_days_it_is_given_up(worker_database: Database, worker_settings: Settings) -> None:
    message_id = a_message(worker_database)
    with worker_database.transaction() as session:
        session.get_one(OutgoingMessage, message_id).created_at = now() - timedelta(days=4)
    mailer.configure(worker_settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}"}))
    try:
        send_message(worker_database, message_id)
    finally:
        mailer.configure(worker_settings)
    assert the_row(worker_database, message_id).failed_at is not None


def test_two_workers_never_send_one_message_at_once(worker_database: Database, mailbox: Mailbox) -> None:
    message_id = a_message(worker_database)
    with _alone(worker_database, message_id) as is_ours:
        assert is_ours
        send_message(worker_database, message_id)
        assert not mailbox.messages
    send_message(worker_database, message_id)
    assert len(mailbox.messages) == 1


def test_one_that_cannot_be_made_holds_up_no_other(
    worker_database: Database, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    with worker_database.transaction() as session:
        account = Account(email="broken@example.org", email_index=email_index("broken@example.org"), language="fr")
        session.add(account)
        broken = notifications.send(session, "email_code", to=account, secrets={"code": "000000"})
        broken.event, broken.due_at = "no_such_event", now() - timedelta(minutes=1)
    message_id = a_message(worker_database)
    assert drain(worker_database) == 2
    assert the_row(worker_database, message_id).sent_at is not None
    assert "was not made" in caplog.text
    with telling(now() + timedelta(minutes=2)):
        assert drain(worker_database) == 1


def test_what_a_dead_worker_took_is_taken_up_again(worker_database: Database, mailbox: Mailbox) -> None:
    message_id = a_message(worker_database)
    with worker_database.transaction() as session:
        assert outbox.take_next(session) == message_id
    assert drain(worker_database) == 0
    with telling(now() + timedelta(minutes=2)):
        assert drain(worker_database) == 1
    assert len(mailbox.to(ADDRESS)) == 1


@pytest.mark.parametrize("attempts", range(0, 80, 7))
def test_pauses_grow_from_a_minute_to_an_hour(attempts: int) -> None:
    from procrastinate.jobs import Job

    job = Job(id=1, queue="mail", lock=None, queueing_lock=None, task_name="send_message", attempts=attempts)
    decision = Backoff().get_retry_decision(exception=RuntimeError(), job=job)
    assert decision is not None and decision.retry_at is not None
    pause = (decision.retry_at - now()).total_seconds()
    assert pauses.FIRST * 0.9 <= pause <= pauses.LONGEST * 1.2
