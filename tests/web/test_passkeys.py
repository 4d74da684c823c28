"""Passkeys through pages: made, shown, and refused for another site, another browser, a second time, another person."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import now, telling
from portal.db import Database
from portal.models import Account, AuditEntry, OutgoingMessage, Passkey
from tests.browsing import Browser, Page
from tests.interviewing import PASSWORD, account
from tests.signing_in import sign_in
from tests.soft_passkey import SoftPasskey

SIGN_IN, ADD = "/en/sign-in", "/en/account/passkeys/add"
SIGN_IN_OPTIONS, NEW_OPTIONS = "/en/sign-in/passkey-options", "/en/account/new-passkey-options"


def options(browser: Browser, page: Page, address: str) -> dict[str, Any]:
    """What the page's script gets to ask the browser."""
    token = page.value("csrf_token")
    reply = browser.client.post(address, data={"csrf_token": token}, base_url=browser.origin)
    assert reply.status_code == 200, reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(reply.text)
    return found


def add_passkey(browser: Browser, passkey: SoftPasskey, name: str = "My phone") -> Page:
    page = browser.open(ADD)
    return browser.send(page, name=name, answer=passkey.make(options(browser, page, NEW_OPTIONS)))


def show(browser: Browser, passkey: SoftPasskey, **changes: str) -> Page:
    page = browser.open(SIGN_IN)
    asked = options(browser, page, SIGN_IN_OPTIONS) | changes
    return browser.send(page, form=page.form(action="/sign-in/passkey"), answer=passkey.sign(asked))


@pytest.fixture
def email(database: Database) -> str:
    with database.transaction() as session:
        return account(session).email or ""


@pytest.fixture
def passkey(app: Flask, email: str) -> SoftPasskey:
    """A passkey of the account."""
    browser, made = Browser(app), SoftPasskey()
    sign_in(browser, email, PASSWORD)
    page = add_passkey(browser, made)
    assert "My phone" in page.text and "works from now on" in page.text
    return made


def is_inside(browser: Browser) -> bool:
    return browser.open("/en/account").heading == "Account and security"


def test_a_passkey_alone_opens_the_account(browser: Browser, passkey: SoftPasskey, database: Database) -> None:
    assert show(browser, passkey).url.endswith("/en/applications")
    with database.transaction() as session:
        kept = session.scalars(select(Passkey)).one()
        assert (kept.sign_count, kept.used_at is not None, kept.name) == (1, True, "My phone")
        told = session.scalars(select(OutgoingMessage.facts)).all()
        assert [facts["what"] for facts in told if "what" in facts].count("passkey_added") == 1


def test_a_new_traveller_needs_no_password(browser: Browser, database: Database) -> None:
    browser.fill("/en/account/create", email="maya@example.org", message_language="en")
    with database.transaction() as session:
        message = session.scalars(select(OutgoingMessage)).one()
        code = (message.secrets or {})["code"]
    page, made = browser.send(code=code), SoftPasskey()
    page = browser.send(page, answer=made.make(options(browser, page, NEW_OPTIONS)))
    assert page.heading == "Save your recovery codes"
    assert show(Browser(browser.client.application), made).url.endswith("/en/applications")
    with database.transaction() as session:
        assert session.scalars(select(Account)).one().password_hash is None


@pytest.mark.parametrize(
    "lie",
    [{"origin": "http://localhost.evil.example"}, {"origin": "http://localhost:8443"}, {"rp_id": "evil.example"},
     {"flags": 0x01}, {"count": -1}],
    ids=["another origin", "another port", "another party", "nobody verified", "a copy that counts backwards"],
)  # fmt: skip
def test_what_is_not_genuine_is_refused_and_recorded(
    app: Flask, browser: Browser, passkey: SoftPasskey, database: Database, lie: dict[str, Any]
) -> None:
    assert is_inside(browser) is False
    show(Browser(app), passkey)
    for name, value in lie.items():
        setattr(passkey, name, value)
    page = show(browser, passkey)
    assert page.problems == ["The passkey was not accepted. Try again, or sign in another way."]
    assert not is_inside(browser)
    with database.transaction() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "passkey:refuse")).all()


def test_an_answer_opens_once_and_only_its_own_browser(app: Flask, browser: Browser, passkey: SoftPasskey) -> None:
    page = browser.open(SIGN_IN)
    form = page.form(action="/sign-in/passkey")
    answer = passkey.sign(options(browser, page, SIGN_IN_OPTIONS))
    elsewhere = Browser(app)
    there = elsewhere.open(SIGN_IN)
    options(elsewhere, there, SIGN_IN_OPTIONS)
    assert elsewhere.send(there, form=there.form(action="/sign-in/passkey"), answer=answer).problems
    cookies = browser.client.get_cookie("passage")
    assert browser.send(page, form=form, answer=answer).url.endswith("/en/applications")
    assert cookies
    browser.client.set_cookie("passage", cookies.value)
    assert browser.send(page, form=form, answer=answer, form_key="another-key-0123456789").problems


def test_a_challenge_is_used_up_by_a_wrong_answer(browser: Browser, passkey: SoftPasskey) -> None:
    page = browser.open(SIGN_IN)
    form, asked = page.form(action="/sign-in/passkey"), options(browser, page, SIGN_IN_OPTIONS)
    assert browser.send(page, form=form, answer="{}").problems
    assert browser.send(page, form=form, answer=passkey.sign(asked)).problems


def test_a_challenge_is_too_old_after_five_minutes(browser: Browser, passkey: SoftPasskey) -> None:
    page = browser.open(SIGN_IN)
    asked = options(browser, page, SIGN_IN_OPTIONS)
    with telling(now() + timedelta(minutes=6)):
        assert browser.send(page, form=page.form(action="/sign-in/passkey"), answer=passkey.sign(asked)).problems


def test_a_challenge_to_sign_in_makes_no_passkey(browser: Browser, email: str) -> None:
    sign_in(browser, email, PASSWORD)
    page, made = browser.open(ADD), SoftPasskey()
    asked = options(browser, page, NEW_OPTIONS)
    stale = asked | {"challenge": options(browser, page, SIGN_IN_OPTIONS)["challenge"]}
    page = browser.send(page, name="Mine", answer=made.make(stale))
    assert page.problems == ["The passkey could not be set up. Try again."]


def test_a_passkey_of_somebody_else_is_no_second_step(
    app: Flask, browser: Browser, passkey: SoftPasskey, database: Database
) -> None:
    with database.transaction() as session:
        other = account(session).email or ""
    sign_in(Browser(app), other, PASSWORD)
    mine = Browser(app)
    sign_in(mine, other, PASSWORD)
    add_passkey(mine, SoftPasskey())
    page = browser.fill(SIGN_IN, email=other, password=PASSWORD)
    form = page.form(action="/second-step/passkey")
    answer = passkey.sign(options(browser, page, SIGN_IN_OPTIONS))
    assert browser.send(page, form=form, answer=answer).problems
    assert not is_inside(browser)


def test_a_disabled_accounts_passkey_opens_nothing(browser: Browser, passkey: SoftPasskey, database: Database) -> None:
    with database.transaction() as session:
        session.scalars(select(Account)).one().disabled_at = now()
    assert show(browser, passkey).problems


def test_the_officers_door_does_not_know_a_travellers_passkey(passkey: SoftPasskey, database: Database) -> None:
    from portal.services import passkeys

    with database.transaction() as session:
        asked = json.loads(passkeys.begin_sign_in(session, audience="officer", binding=b"b"))
        claimed = passkeys.claim(session, binding=b"b", purpose=passkeys.SIGN_IN)
        answer = passkey.sign(asked)
        assert passkeys.finish_sign_in(session, claimed, answer=answer, audience="officer") is None
