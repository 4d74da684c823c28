"""Two applicants, one with hits and one without: the same pages, headers, mails and log, but for their own names."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from portal.clock import now, telling
from portal.db import Database
from portal.jobs.lateness import tell_who_waits_longer_than_usual
from portal.jobs.screening import screen_application, screen_behind
from portal.models import Application, LookoutHit, OutgoingMessage
from portal.models.viewers import JOINT
from portal.services import outbox, usual_times
from tests import reviewing
from tests.browsing import Browser
from tests.interviewing import PASSWORD
from tests.reviewing import lists, paid
from tests.signing_in import sign_in

PAGES = ("", "/ask", "/looks", "/correction", "/withdraw")
VARIES = ("Date", "Set-Cookie", "X-Request-ID")


def test_an_applicant_with_hits_reads_and_receives_the_same_as_one_without(
    app: Flask,
    database: Database,
    worker_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with database.transaction(JOINT) as session:
        with telling(now() - timedelta(days=2, hours=-1)):
            earlier = paid(session)
        for agency in ("CA", "US"):
            review = reviewing.review_of(session, earlier, agency)
            review.state, review.finished_at = "finished", now()
        with telling(now() - timedelta(days=40)):
            hit, innocent = paid(session), paid(session, birth_on="1951-01-02")
        lists(session, reviewing.LOOKALIKE, reviewing.STRANGER)
    monkeypatch.setattr(usual_times, "ENOUGH", 1)
    told = {}
    for application in (hit, innocent):
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="portal"):
            screen_application(worker_database, str(application.id))
            told[application.id] = [_plain(record.getMessage(), application) for record in caplog.records]
    screen_behind(worker_database)
    tell_who_waits_longer_than_usual(worker_database)
    with worker_database.transaction() as session:
        found = session.scalars(select(LookoutHit.application_id)).all()
        assert hit.id in found and innocent.id not in found  # the test compares what it says it compares
    assert told[hit.id] == told[innocent.id]
    assert _seen(app, hit) == _seen(app, innocent)
    assert _mailed(worker_database, hit) == _mailed(worker_database, innocent)
    assert _asked(app, hit) == _asked(app, innocent)


def _seen(app: Flask, application: Application) -> list[tuple[int, dict[str, str], str]]:
    browser = Browser(app)
    sign_in(browser, application.account.email or "", PASSWORD)
    seen = []
    for language, root in (("en", "/en/applications"), ("fr", "/fr/demandes")):
        addresses = [
            root,
            *(f"{root}/{application.reference}{rest}" for rest in (PAGES if language == "en" else ("",))),
        ]
        for address in addresses:
            page = browser.open(address)
            headers = {name: _plain(value, application) for name, value in page.response.headers if name not in VARIES}
            headers.pop("Content-Length", None)
            seen.append((page.status, headers, _plain(page.html, application)))
    assert any("taking longer" in html or "nine in ten" in html for _status, _headers, html in seen)
    return seen


def _asked(app: Flask, application: Application) -> list[str]:
    """What the database is asked for the tracker: as many and the same statements take the same time."""
    browser, statements = Browser(app), []
    sign_in(browser, application.account.email or "", PASSWORD)
    address = f"/en/applications/{application.reference}"
    browser.open(address)  # what is kept for a minute is known from here on

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.open(address).status == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert statements
    return statements


def _mailed(database: Database, application: Application) -> list[tuple[str, str]]:
    with database.transaction() as session:
        query = select(OutgoingMessage).where(OutgoingMessage.application_id == application.id)
        rows = sorted(session.scalars(query), key=lambda row: (row.event, str(row.facts)))
        return [(row.event, _plain(str(outbox.compose(session, row)), application)) for row in rows]


def _plain(text: str, application: Application) -> str:
    """The text without what is anybody's own: identifiers, tokens, keys, addresses and moments."""
    for own in (application.reference, application.reference[-4:], application.account.email or ""):
        text = text.replace(own, "…")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "…", text)
    text = re.sub(r'(csrf_token|form_key|nonce)(" value)?="?[^"\s]+', r"\1=…", text)
    text = re.sub(r"(?m)^(Date|Message-ID|To):.*$|boundary=.*|^--=+.*$|nonce-[\w+/=-]+", "…", text)
    return text
