"""A host of the officers' own: their pages, cookies and passkeys are at home there, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import select

from portal import adapters, create_app
from portal.config import Settings
from portal.db import Database
from portal.jobs import worker
from portal.models import AuditEntry
from portal.services import notifications, officers
from tests.browsing import ORIGIN, Browser, Page
from tests.interviewing import PASSWORD, account, officer
from tests.mailbox import Mailbox
from tests.signing_in import sign_in
from tests.soft_passkey import SoftPasskey
from tests.web.test_officers_door import OFFICERS_PAGES
from tests.web.test_passkeys import options

OFFICERS = "http://officers.localhost"
DOOR, WORK = "/en/officers/sign-in", "/en/officers/work"
PEOPLE = [("Ada Roy", "ada@ca.example.org"), ("Ben Côté", "ben@ca.example.org")]


@pytest.fixture
def two_hosts(settings: Settings, database: Database) -> Iterator[Flask]:
    """The portal with a host for officers."""
    app = create_app(settings.model_copy(update={"officers_url": OFFICERS}))
    yield app
    app.extensions["database"].engine.dispose()
    adapters.configure(settings)


def _accept(app: Flask, database: Database, passkey: SoftPasskey) -> Page:
    with database.transaction() as session:
        (_first, token), _second = officers.bootstrap(session, "CA", PEOPLE)
    browser, link = Browser(app, origin=OFFICERS), f"/en/officers/invitation/{token}"
    page = browser.open(link)
    return browser.send(page, answer=passkey.make(options(browser, page, f"{link}/options")))


def test_at_the_travellers_host_there_are_no_officers_pages(two_hosts: Flask) -> None:
    client = two_hosts.test_client()
    assert {client.get(page, base_url=ORIGIN).status_code for page in OFFICERS_PAGES} == {404}
    assert "/officers" not in client.get("/en/help", base_url=ORIGIN).text
    assert client.get(DOOR, base_url=OFFICERS).status_code == 200
    assert client.get(DOOR, base_url="http://elsewhere.example.org").status_code == 400


def test_at_the_officers_host_travellers_pages_lead_to_theirs(two_hosts: Flask) -> None:
    client = two_hosts.test_client()
    for page in ("/en/sign-in?next=/en/applications", "/fr/aide", "/schedulerapi/slots?limit=1"):
        answer = client.get(page, base_url=OFFICERS)
        assert (answer.status_code, answer.headers["Location"]) == (303, ORIGIN + page)
    assert client.post("/en/sign-in", data={"email": "a@example.org"}, base_url=OFFICERS).status_code == 404
    for beginning in ("/", "/en/"):
        assert client.get(beginning, base_url=OFFICERS).headers["Location"] == WORK
    assert client.get("/health/live", base_url=OFFICERS).status_code == 200


def test_a_session_of_one_host_opens_nothing_at_the_other(two_hosts: Flask, database: Database) -> None:
    with database.transaction() as session:
        traveller, staff = account(session).email or "", officer(session, "CA").email or ""
    inside = Browser(two_hosts, origin=OFFICERS)
    assert inside.fill(DOOR, email=staff, password=PASSWORD).heading == "My work"
    outside = Browser(two_hosts)
    sign_in(outside, traveller, PASSWORD)
    outside.origin = OFFICERS
    assert outside.open(WORK).heading == "Sign in to the workbench"
    cookie = inside.client.get_cookie("passage", domain="officers.localhost")
    assert cookie is not None and cookie.origin_only


def test_a_passkey_made_at_the_officers_host_answers_there_only(two_hosts: Flask, database: Database) -> None:
    passkey = SoftPasskey(origin=OFFICERS)
    assert _accept(two_hosts, database, passkey).heading == "My work"
    assert passkey.rp_id == "officers.localhost"
    assert _show(two_hosts, passkey).heading == "My work"
    passkey.origin = ORIGIN
    assert _show(two_hosts, passkey).heading == "Sign in to the workbench"
    passkey.origin, passkey.rp_id = OFFICERS, "localhost"
    assert _show(two_hosts, passkey).heading == "Sign in to the workbench"
    with database.transaction() as session:
        refused = session.scalars(select(AuditEntry.id).where(AuditEntry.action == "passkey:refuse")).all()
        assert len(refused) == 2


def _show(app: Flask, passkey: SoftPasskey) -> Page:
    browser = Browser(app, origin=OFFICERS)
    page = browser.open(DOOR)
    asked = options(browser, page, f"{DOOR}/passkey-options")
    return browser.send(page, form=page.form(action="/sign-in/passkey"), answer=passkey.sign(asked))


def test_links_in_mails_lead_to_the_host_of_who_reads_them(
    two_hosts: Flask, database: Database, worker_settings: Settings, worker_database: Database, mailbox: Mailbox
) -> None:
    given = worker_settings.model_copy(update={"officers_url": OFFICERS})
    with database.transaction() as session:
        (_first, token), _second = officers.bootstrap(session, "CA", PEOPLE)
        traveller = account(session)
        notifications.send(session, "password_changed", to=traveller)
        email = traveller.email or ""
    adapters.configure(given)
    assert worker.run(given, until_idle=True) == 0
    assert f"{OFFICERS}/en/officers/invitation/{token}" in mailbox.text(PEOPLE[0][1])
    assert f"{ORIGIN}/en/account" in mailbox.text(email) and OFFICERS not in mailbox.text(email)


@pytest.mark.parametrize(
    "url", ["http://localhost", "http://localhost:8443", "https://officers.localhost", "officers.localhost",
            "http://officers.localhost/door"]
)  # fmt: skip
def test_a_host_that_is_none_of_its_own_keeps_the_portal_from_starting(settings: Settings, url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(**{**settings.model_dump(), "officers_url": url})
