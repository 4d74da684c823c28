"""Processes that are really killed, at any moment of their work: nothing half done, nothing done twice."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from portal.adapters.keys import Keyring
from portal.clock import now
from portal.config import Settings
from portal.db import Database
from portal.models import Account, Interview, Slot, encryption
from portal.services import applications, interviews, notifications, sign_ins
from tests import answers, interviewing, servers
from tests.browsing import Browser, Page
from tests.live import LiveClient
from tests.running import RunningPortal, running_portal

AT_ONCE = 6
"""Travellers whose forms are on their way when the process is killed."""
SPREAD = 0.2
"""Seconds within which all of them are sent, about as long as they take."""
FEW, MANY = 2, pytest.param(25, marks=pytest.mark.slow)


@dataclass
class Here:
    """The running portal, and two ways to its database: through the services, and as the superuser to look."""

    portal: RunningPortal
    owner: Database
    engine: Engine
    app: Flask

    def look(self, query: str, **values: Any) -> list[Any]:
        """The first column of what a query finds."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), values).scalars())

    def browser(self, account: Account) -> Browser:
        """A browser over the wire in which the traveller is signed in."""
        token = secrets.token_urlsafe(32)
        with self.owner.transaction() as session:
            row = session.merge(account)
            sign_ins.begin(session, row, token_hash=hashlib.sha256(token.encode()).digest(), device="")
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert serializer is not None
        client = LiveClient(self.portal.address)
        client.session.cookies.set(
            "passage", serializer.dumps({"_user_id": token, "_fresh": True}), domain="localhost.local"
        )
        return Browser(client=client, origin=self.portal.address)


@pytest.fixture(scope="module")
def here(
    app: Flask, settings: Settings, ring: Keyring, server: Any, template: str, tmp_path_factory: Any
) -> Iterator[Here]:
    """The web process at work, with this process's own secrets, so that both read the same database."""
    encryption.use(ring)
    state = tmp_path_factory.mktemp("running")
    known = {
        "PASSAGE_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PASSAGE_MASTER_KEY": settings.master_key.get_secret_value(),
        "PASSAGE_INDEX_KEY": settings.index_key.get_secret_value(),
    }
    (state / "demonstration.json").write_text(json.dumps({"secrets": known}))
    with running_portal(state, server, template) as portal:
        owner = Database(portal.urls["owner"])
        engine = create_engine(server.url("superuser", servers.database_name(portal.urls)))
        portal.start("web")
        yield Here(portal, owner, engine, app)
        owner.engine.dispose()
        engine.dispose()


class Sending(threading.Thread):
    """The main form of a page, sent over a connection of its own some moments after `gun`."""

    def __init__(self, browser: Browser, page: Page, fields: dict[str, str], gun: threading.Event) -> None:
        super().__init__(daemon=True)
        self.gun, self.delay = gun, random.uniform(0, SPREAD)
        self.address = urlsplit(urljoin(browser.origin, page.url))
        client: Any = browser.client
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.session.cookies)
        self.message = self._message(page, cookies, fields)
        self.answer: tuple[int, str] | None = None
        self.start()

    def _message(self, page: Page, cookies: str, fields: dict[str, str]) -> bytes:
        shown = {str(box["name"]): str(box.get("value", "")) for box in page.form().select("input[type=hidden]")}
        body = urlencode(shown | fields)
        return (
            f"POST {self.address.path} HTTP/1.1\r\nHost: {self.address.netloc}\r\nCookie: {cookies}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def run(self) -> None:
        self.gun.wait()
        time.sleep(self.delay)
        self.answer = self.send()

    def send(self) -> tuple[int, str] | None:
        """Send the form now; gives the status and where the answer leads, None where no answer came."""
        head = b""
        try:
            with socket.create_connection(("127.0.0.1", self.address.port or 80), timeout=30) as connection:
                connection.sendall(self.message)
                while b"\r\n\r\n" not in head:
                    if not (part := connection.recv(65536)):
                        return None
                    head += part
        except OSError:
            return None
        first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines)
        return int(first.split()[1]), fields.get("Location", "")


def _kill_while_sending(
    here: Here, pages: list[tuple[Browser, Page]], fields: list[dict[str, str]] | None = None
) -> list[Sending]:
    """Send the forms, each with its own `fields`, and kill the web process while they are on their way."""
    gun = threading.Event()
    told = fields or [{}] * len(pages)
    sendings = [Sending(browser, page, more, gun) for (browser, page), more in zip(pages, told, strict=True)]
    gun.set()
    time.sleep(random.uniform(0.02, SPREAD + 0.05))
    here.portal.kill("web")
    for sending in sendings:
        sending.join()
    _wait_for_the_database(here)
    return sendings


def _wait_for_the_database(here: Here) -> None:
    """Until the database has noticed that its clients are gone: what was under way is then done or undone."""
    query = "select count(*) from pg_stat_activity where usename = 'passage_web' and datname = current_database()"
    until = time.monotonic() + 20
    while here.look(query) != [0]:
        assert time.monotonic() < until, "the database still has clients"
        time.sleep(0.02)


@pytest.mark.parametrize("rounds", [FEW, MANY])
def test_an_application_is_sent_once_or_not_at_all(here: Here, rounds: int) -> None:
    for _round in range(rounds):
        drafts = [_draft(here) for _traveller in range(AT_ONCE)]
        pages = [(browser, browser.open(f"/en/applications/{reference}/check")) for browser, reference in drafts]
        sendings = _kill_while_sending(here, pages)
        for sending, (_browser, reference) in zip(sendings, drafts, strict=True):
            is_sent = _is_sent(here, reference)
            assert is_sent or sending.answer is None, "an answer came for what was not done"
        here.portal.start("web")
        for sending, (browser, reference) in zip(sendings, drafts, strict=True):
            assert sending.send() == (303, f"/en/applications/{reference}/pay")
            assert _is_sent(here, reference)
            assert reference in browser.open("/en/applications").text


def _draft(here: Here) -> tuple[Browser, str]:
    with here.owner.transaction() as session:
        account = interviewing.account(session)
        application = applications.start(session, account, by=account)
        answers.complete(session, application, account)
    return here.browser(account), application.reference


def _is_sent(here: Here, reference: str) -> bool:
    """Whether an application was sent, with all that belongs to it. Fails where some of it is there and some is not."""
    sent = {
        "status": "select 1 from application where reference = :r and status = 'awaiting_payment'",
        "moment": "select 1 from application where reference = :r and submitted_at is not null",
        "version": "select 1 from application_version v join application a on v.application_id = a.id "
        "where reference = :r",
        "consent": "select 1 from consent c join application a on c.application_id = a.id where reference = :r",
        "event": "select 1 from event e join application a on e.application_id = a.id where reference = :r "
        "and name = 'application_submitted'",
        "audit": "select 1 from audit_entry e join application a on e.application_id = a.id where reference = :r "
        "and action = 'application:submit'",
        "answer": "select 1 from form_effect where location like '%' || :r || '/pay'",
    }
    return _all_or_nothing(here, sent, r=reference)


def _all_or_nothing(here: Here, queries: dict[str, str], **values: Any) -> bool:
    counts = {name: len(here.look(query, **values)) for name, query in queries.items()}
    assert set(counts.values()) in ({0}, {1}), f"half done or done twice: {counts}"
    return set(counts.values()) == {1}


NUMBERS = itertools.count(6000)


@dataclass
class Traveller:
    """A conditionally approved traveller, and the slot that he or she wants."""

    browser: Browser
    interview: Interview
    slot: Slot

    def path(self, page: str = "") -> str:
        """The address of the interview, or of one of its pages."""
        return f"/en/applications/{self.interview.application.reference}/interview{page}"


@pytest.mark.parametrize("rounds", [FEW, MANY])
def test_a_place_is_booked_once_or_not_at_all(here: Here, rounds: int) -> None:
    for _round in range(rounds):
        booking, choosing = _travellers(here)
        pages = [(one.browser, one.browser.open(one.path("/confirm"))) for one in booking]
        pages += [(one.browser, one.browser.open(one.path("/times"))) for one in choosing]
        claim = {"slot": str(choosing[0].slot.id)}
        sendings = _kill_while_sending(here, pages, [{}] * len(booking) + [claim] * len(choosing))
        confirmed, claimed = sendings[: len(booking)], sendings[len(booking) :]
        for sending, one in zip(confirmed, booking, strict=True):
            assert _is_booked(here, one) or (sending.answer is None and _holds(here, one))
        for sending, one in zip(claimed, choosing, strict=True):
            assert sending.answer is None or (sending.answer[0] == 303) == _holds(here, one)
        assert sum(_holds(here, one) for one in choosing) <= 1
        here.portal.start("web")
        for sending, one in zip(confirmed, booking, strict=True):
            assert sending.send() == (303, one.path())
            assert _is_booked(here, one)
            assert one.browser.open(one.path()).status == 200
        answered = [sending.send() for sending in claimed]
        assert [bool(answer and answer[0] == 303) for answer in answered] == [_holds(here, one) for one in choosing]
        assert sum(_holds(here, one) for one in choosing) == 1


def _travellers(here: Here) -> tuple[list[Traveller], list[Traveller]]:
    """Those who hold a place each and are about to book it, and those who are about to claim one and the same place."""
    with here.owner.transaction() as session:
        centre = interviewing.centre(session, number=next(NUMBERS))
        slots = [interviewing.slot(session, centre, interviewing.soon(hour=hour)) for hour in range(12, 16)]
        wanted = [*slots[:3], *[slots[3]] * 3]
        waiting = [interviewing.applicant(session) for _slot in wanted]
        for interview, slot in zip(waiting[:3], slots[:3], strict=True):
            interviews.hold(session, interview, centre, slot.starts_at, by=interview.application.account)
    told = [
        Traveller(here.browser(interview.application.account), interview, slot)
        for interview, slot in zip(waiting, wanted, strict=True)
    ]
    return told[:3], told[3:]


def _is_booked(here: Here, one: Traveller) -> bool:
    """Whether the place is booked, with all that belongs to it. Fails where some of it is there and some is not."""
    booked = {
        "place": "select 1 from place p join interview_part i on p.interview_part_id = i.id "
        "where i.interview_id = :i and p.slot_id = :s",
        "part": "select 1 from interview_part where interview_id = :i and state = 'booked'",
        "interview": "select 1 from interview where id = :i and state = 'booked'",
        "event": "select 1 from event where application_id = :a and name = 'interview_booked'",
        "audit": "select 1 from audit_entry where application_id = :a and action = 'interview:book'",
        "message": "select 1 from outgoing_message where application_id = :a and event = 'interview_booked'",
    }
    return _all_or_nothing(here, booked, i=one.interview.id, a=one.interview.application_id, s=one.slot.id)


def _holds(here: Here, one: Traveller) -> bool:
    """Whether the traveller holds the place, for ten minutes at most."""
    held = {
        "hold": "select 1 from hold where interview_id = :i and until between :now and :now + interval '10 minutes'",
        "place": "select 1 from place p join hold h on p.hold_id = h.id where h.interview_id = :i and p.slot_id = :s "
        "and p.interview_part_id is null and p.held_until = h.until",
    }
    return _all_or_nothing(here, held, i=one.interview.id, s=one.slot.id, now=now())


class SlowMail:
    """A mail server that takes its time: some of it before it keeps a message, some before it says so."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []
        self.pauses = (0.0, 0.0)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        before, after = self.pauses
        await asyncio.sleep(random.uniform(0, before))
        message = message_from_bytes(envelope.content)
        self.kept.append((str(message["To"]), str(message["Message-ID"])))
        await asyncio.sleep(random.uniform(0, after))
        return "250 OK"


@contextmanager
def _slow_mail(port: int) -> Iterator[SlowMail]:
    mail = SlowMail()
    controller = Controller(mail, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()


@pytest.mark.parametrize("rounds", [1, MANY])
def test_a_message_arrives_once_or_twice_with_one_name(here: Here, rounds: int) -> None:
    with _slow_mail(here.portal.demonstration.mail_port) as mail:
        for _round in range(rounds):
            mail.kept, mail.pauses = [], (0.3, 0.6)
            readers = _write_to(here, AT_ONCE)
            here.portal.start("worker")
            _wait(lambda: len(mail.kept) > 0, "no message came")
            time.sleep(random.uniform(0, 0.6))
            here.portal.kill("worker")
            mail.pauses = (0.0, 0.0)
            _pretend_that_a_minute_has_passed(here)
            here.portal.start("worker")
            _wait(lambda: not here.look("select 1 from outgoing_message where sent_at is null"), "not all was sent")
            here.portal.kill("worker")
            # Others may be written to meanwhile: what the clock brings (reminders) is not held back by a test.
            arrived = Counter(one for one in mail.kept if one[0] in readers)
            assert {to for to, _name in arrived} == readers
            assert len(arrived) == len(readers), "one message came under two names"
            assert max(arrived.values()) <= 2


def _write_to(here: Here, count: int) -> set[str]:
    """Put a message to each of some new travellers into the outbox, and no other; returns their addresses."""
    with here.owner.transaction() as session:
        session.execute(text("delete from procrastinate_jobs"))
        session.execute(text("update outgoing_message set sent_at = now() where sent_at is null"))
        accounts = [interviewing.account(session) for _reader in range(count)]
        for account in accounts:
            notifications.send(session, "password_changed", to=account)
        return {account.email or "" for account in accounts}


def _pretend_that_a_minute_has_passed(here: Here) -> None:
    # What a worker took is due again a minute later, should it have died meanwhile: let that be now.
    with here.owner.transaction() as session:
        session.execute(text("update outgoing_message set due_at = now() where sent_at is null"))


def _wait(done: Callable[[], bool], otherwise: str, patience: float = 40.0) -> None:
    until = time.monotonic() + patience
    while not done():
        assert time.monotonic() < until, otherwise
        time.sleep(0.02)
