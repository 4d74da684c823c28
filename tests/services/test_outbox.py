"""Sending: a mail server that is away, busy, or will not have it; and nothing sent twice."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.adapters import mailer
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.jobs import worker
from portal.jobs.app import FIRST_PAUSE, LONGEST_PAUSE, Backoff
from portal.jobs.messages import _alone, send_message
from portal.models import Account, OutgoingMessage
from portal.models.accounts import email_index
from portal.services import notifications, outbox
from tests.mailbox import Mailbox, free_port

ADDRESS = "elise@example.org"


def a_message(database: Database) -> str:
    """A message in the outbox, with its job."""
    with database.transaction() as session:
        account = Account(email=ADDRESS, email_index=email_index(ADDRESS), language="fr")
        session.add(account)
        return str(notifications.send(session, "email_code", to=account, secrets={"code": "482917"}).id)


def the_row(database: Database, message_id: str) -> OutgoingMessage:
    with database.transaction() as session:
        return session.get_one(OutgoingMessage, uuid.UUID(message_id))


def waiting_jobs(database: Database) -> list[tuple[str, float | None]]:
    """The state of each job that sends a message, and in how many seconds it is due."""
    query = text(
        "select status, extract(epoch from scheduled_at - now()) from procrastinate_jobs"
        " where task_name = 'send_message'"
    )
    with database.transaction() as session:
        return [(status, float(due) if due else None) for status, due in session.execute(query)]


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
    assert waiting_jobs(worker_database) == []


def test_greylisting_is_waited_out(
    database: Database, worker_settings: Settings, worker_database: Database, mailbox: Mailbox
) -> None:
    message_id = a_message(database)
    mailbox.answers.append("451 come back later")
    worker.run(worker_settings, until_idle=True)
    ((status, due),) = waiting_jobs(worker_database)
    assert status == "todo" and due is not None and due > 4.5 * 60
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
    assert waiting_jobs(worker_database) == []


def test_a_mail_server_that_is_away_is_tried_again(
    worker_database: Database, worker_settings: Settings, mailbox: Mailbox
) -> None:
    message_id = a_message(worker_database)
    away = worker_settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}"})
    worker.run(away, until_idle=True)
    ((status, due),) = waiting_jobs(worker_database)
    assert status == "todo" and due is not None and FIRST_PAUSE * 0.8 < due < LONGEST_PAUSE
    mailer.configure(worker_settings)
    send_message(worker_database, message_id)
    assert len(mailbox.to(ADDRESS)) == 1


def test_after_three_days_it_is_given_up(worker_database: Database, worker_settings: Settings) -> None:
    message_id = a_message(worker_database)
    with worker_database.transaction() as session:
        session.get_one(OutgoingMessage, uuid.UUID(message_id)).created_at = now() - timedelta(days=4)
    mailer.configure(worker_settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{free_port()}"}))
    try:
        send_message(worker_database, message_id)
    finally:
        mailer.configure(worker_settings)
    assert the_row(worker_database, message_id).failed_at is not None


def test_two_workers_never_send_one_message_at_once(worker_database: Database, mailbox: Mailbox) -> None:
    message_id = a_message(worker_database)
    with _alone(worker_database, uuid.UUID(message_id)) as is_ours:
        assert is_ours
        send_message(worker_database, message_id)
        assert not mailbox.messages
    send_message(worker_database, message_id)
    assert len(mailbox.messages) == 1


def test_a_forgotten_message_is_queued_again(worker_database: Database) -> None:
    message_id = a_message(worker_database)
    with worker_database.transaction() as session:
        session.get_one(OutgoingMessage, uuid.UUID(message_id)).created_at = now() - timedelta(minutes=10)
        assert outbox.requeue_forgotten(session) == 0
        session.execute(text("delete from procrastinate_jobs"))
        assert outbox.requeue_forgotten(session) == 1


@pytest.mark.parametrize("attempts", range(0, 80, 7))
def test_pauses_grow_from_a_minute_to_an_hour(attempts: int) -> None:
    from procrastinate.jobs import Job

    job = Job(id=1, queue="mail", lock=None, queueing_lock=None, task_name="send_message", attempts=attempts)
    decision = Backoff().get_retry_decision(exception=RuntimeError(), job=job)
    assert decision is not None and decision.retry_at is not None
    pause = (decision.retry_at - now()).total_seconds()
    assert FIRST_PAUSE * 0.9 <= pause <= LONGEST_PAUSE * 1.2
