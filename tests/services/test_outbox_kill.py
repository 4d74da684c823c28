"""kill -9 of a real worker while it hands a message over: at worst the message comes twice, under one identity."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SMTPSession
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from portal.config import Settings
from portal.db import Database
from tests import servers
from tests.mailbox import Mailbox
from tests.services.test_outbox import ADDRESS, a_message, the_row

PORTAL = Path(sys.executable).with_name("portal")


class Trap(Mailbox):
    """Kills the worker that speaks to it, once, at one point of the conversation."""

    def __init__(self, point: str) -> None:
        super().__init__()
        self.point = point
        self.worker: subprocess.Popen[bytes] | None = None

    def spring(self, point: str) -> None:
        if self.worker is not None and point == self.point:
            self.worker.kill()
            self.worker = None

    async def handle_RCPT(
        self, server: SMTP, session: SMTPSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.spring("before the message")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: SMTPSession, envelope: Envelope) -> str:
        self.spring("after 250, before the mark")
        return "221 bye"


@pytest.mark.parametrize(
    ("point", "copies"), [("before the message", 1), ("after 250, before the mark", 2)], ids=["before", "after-250"]
)
def test_a_worker_killed_while_sending(
    point: str, copies: int, database: Database, worker_settings: Settings, server: Any, urls: servers.Urls
) -> None:
    message_id = a_message(database)
    with Trap(point) as trap:
        environment = environment_of(worker_settings, trap.url)
        with a_worker(environment) as first:
            trap.worker = first
            first.wait(timeout=30)
        assert first.returncode == -signal.SIGKILL
        assert the_row(database, message_id).sent_at is None
        let_time_pass(server.url("superuser", servers.database_name(urls)))
        with a_worker(environment):
            until(lambda: the_row(database, message_id).sent_at is not None)
        received = trap.to(ADDRESS)
    assert 1 <= len(received) <= copies
    assert len({message["Message-ID"] for message in received}) == 1


def test_a_worker_ends_cleanly_when_asked(worker_settings: Settings, database: Database, mailbox: Mailbox) -> None:
    a_message(database)
    with a_worker(environment_of(worker_settings, mailbox.url)) as worker:
        until(lambda: bool(mailbox.messages))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=15) == 0


@contextmanager
def a_worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`portal work` as an operator starts it."""
    worker = subprocess.Popen([PORTAL, "work"], env=environment, stderr=subprocess.PIPE)
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def environment_of(settings: Settings, smtp_url: str) -> dict[str, str]:
    """The settings as a process of its own reads them."""
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if value is not None
    }
    variables = {f"PASSAGE_{name.upper()}": value for name, value in values.items()}
    return {**os.environ, **variables, "PASSAGE_SMTP_URL": smtp_url}


def let_time_pass(url: str) -> None:
    """The minute in which nobody else takes up what the dead worker took is over."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update outgoing_message set due_at = now()"))
    engine.dispose()


def until(happened: Any, patience: float = 30.0) -> None:
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
