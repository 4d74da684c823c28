"""Accounts through pages: the way in, the way out, and what a stranger cannot learn or do."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.clock import now, telling
from portal.db import Database
from portal.models import Account, OutgoingMessage, SignIn
from portal.models.accounts import email_index
from portal.services import accounts
from portal.web import guessing
from tests.browsing import Browser, Page
from tests.signing_in import code_of, give_app, shown_code, sign_in

PASSWORD = "quatre moineaux lisent"
KNOWN, UNFINISHED, DISABLED, UNKNOWN = (f"{name}@example.org" for name in ("known", "begun", "ended", "alien"))
"""Of one length, so that pages that repeat them are."""
LATER = itertools.count(1)


def _code(database: Database) -> str:
    with database.transaction() as session:
        query = select(OutgoingMessage).where(OutgoingMessage.event == "email_code")
        message = session.scalars(query.order_by(OutgoingMessage.created_at.desc())).first()
        assert message and message.secrets
        return str(message.secrets["code"])


def _make(database: Database, email: str, *, password: str | None = PASSWORD, is_disabled: bool = False) -> None:
    nonce = secrets.token_hex(8)
    with database.transaction() as session:
        accounts.sign_up(session, email, language="en", nonce=nonce)
    if password:
        code = _code(database)
        with database.transaction() as session:
            proof = accounts.confirm(session, email_index(email), purpose="sign_up", nonce=nonce, code=code)
            assert proof
            account = accounts.choose_password(session, proof, password)
            give_app(session, account)
            account.disabled_at = now() if is_disabled else None


@pytest.fixture
def known(database: Database) -> None:
    """An account."""
    _make(database, KNOWN)


@pytest.fixture
def people(known: None, database: Database) -> None:
    """An account in each state."""
    _make(database, UNFINISHED, password=None)
    _make(database, DISABLED, is_disabled=True)


def _sign_in(browser: Browser, email: str = KNOWN, password: str = PASSWORD, url: str = "/en/sign-in") -> Page:
    return sign_in(browser, email, password, url)


def _seen(page: Page) -> object:
    """Everything that an answer shows to who asks: status, headers, lengths, cookies but for their values, body."""
    told = [(name, value) for name, value in page.response.headers if name != "Set-Cookie"]
    cookies = [re.sub(r"=[^;]*", "", value, count=1) for value in page.response.headers.getlist("Set-Cookie")]
    unlike = r"""name="(?:csrf_token|form_key)" value="[^"]*"|[\w•]+@example\.org"""
    return page.status, sorted(told), cookies, re.sub(unlike, "", page.html)


def _signs_up(browser: Browser, email: str) -> list[Page]:
    sent = browser.fill("/en/account/create", email=email, message_language="en", follow=False)
    return [sent, browser.open("/en/account/code"), browser.send(code="123456")]


def _signs_in(browser: Browser, email: str) -> list[Page]:
    return [_sign_in(browser, email, "five wrong words in a row")]


def _forgets(browser: Browser, email: str) -> list[Page]:
    sent = browser.fill("/en/account/forgot-password", email=email, follow=False)
    return [sent, browser.open("/en/account/code"), browser.send(code="123456")]


def _asks_again(browser: Browser, email: str) -> list[Page]:
    then = now() + timedelta(hours=next(LATER))  # tries are counted by the clock, so the next one comes later
    with telling(then):
        browser.fill("/en/account/create", email=email, message_language="en")
    with telling(then + timedelta(minutes=20)):
        return [browser.press("Send a new code", follow=False), browser.open("/en/account/code")]


@pytest.mark.parametrize("door", [_signs_up, _signs_in, _forgets, _asks_again])
def test_no_door_tells_a_stranger_whose_address_it_knows(
    app: Flask, people: None, door: Callable[[Browser, str], list[Page]]
) -> None:
    known, unknown, disabled, unfinished = (
        [_seen(page) for page in door(Browser(app), email)] for email in (KNOWN, UNKNOWN, DISABLED, UNFINISHED)
    )
    assert known == unknown == disabled == unfinished


def test_a_traveller_makes_an_account_and_is_signed_in(browser: Browser, database: Database) -> None:
    page = browser.fill("/en/account/create", email="elise@example.org", message_language="fr")
    assert page.heading == "Enter the code from your email"
    assert "el•••@example.org" in page.text
    assert page.response.headers["Cache-Control"] == "no-store"
    page = browser.send(code=f" {_code(database)[:3]} {_code(database)[3:]} ")
    assert page.heading == "Choose how to sign in"
    assert page.response.headers["Cache-Control"] == "no-store"
    page = browser.open(page.link("Use a password and an app"))
    assert page.heading == "Choose a password"
    assert page.response.headers["Cache-Control"] == "no-store"
    page = browser.send(password=PASSWORD)
    assert page.heading == "Set up an authenticator app"
    assert browser.open("/en/applications").heading == "Sign in", "a password alone opens nothing"
    page = browser.open("/en/account/authenticator-app")
    page = browser.send(page, code=shown_code(page))
    assert page.heading == "Save your recovery codes"
    assert browser.press("I have saved them").url.endswith("/en/applications/start")
    with database.transaction() as session:
        account = session.scalars(select(Account)).one()
        assert (account.email, account.language) == ("elise@example.org", "fr")


def test_the_right_password_of_a_disabled_account_tells_as_little_as_a_wrong_one(app: Flask, people: None) -> None:
    right, wrong = (_sign_in(Browser(app), DISABLED, typed) for typed in (PASSWORD, "five wrong words in a row"))
    assert right.problems == ["The email address or the password is not right"]
    assert _seen(right) == _seen(wrong)


def test_signing_out_kills_the_old_cookie(browser: Browser, known: None) -> None:
    _sign_in(browser)
    cookie = browser.client.get_cookie("passage")
    assert cookie
    left = browser.press("Sign out", browser.open("/en/account"), follow=False)
    assert left.response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.open(left.response.headers["Location"]).heading == "You are signed out"
    browser.client.set_cookie("passage", cookie.value)
    assert browser.open("/en/account").heading == "Sign in"


def test_a_wrong_code_keeps_the_page_and_five_are_enough(browser: Browser, database: Database) -> None:
    browser.fill("/en/account/create", email="elise@example.org", message_language="en")
    right = _code(database)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        page = browser.send(code=wrong)
        assert (page.status, page.problems[0][:22]) == (422, "This code is not right")
    page = browser.send(code=right)
    assert (page.status, page.response.headers["Retry-After"]) == (429, "600")


def test_a_new_code_can_be_asked_for_after_thirty_seconds(browser: Browser, database: Database) -> None:
    browser.fill("/en/account/create", email="elise@example.org", message_language="en")
    first = _code(database)
    page = browser.press("Send a new code")
    assert page.status == 429
    assert "Wait 30 seconds" in page.problems[0] or "Wait 29 seconds" in page.problems[0]
    assert _code(database) == first


@pytest.mark.parametrize("password", ["too short", "passwordpassword"])
def test_a_weak_password_is_refused_with_its_reason(browser: Browser, database: Database, password: str) -> None:
    browser.fill("/en/account/create", email="elise@example.org", message_language="en")
    browser.send(code=_code(database))
    page = browser.fill("/en/account/password", password=password)
    assert (page.status, page.heading, len(page.problems)) == (422, "Choose a password", 1)
    assert password not in page.html


def test_nobody_chooses_a_password_without_a_proof(browser: Browser) -> None:
    assert browser.open("/en/account/password").heading == "Create an account"
    assert "works only in the browser" in browser.open("/en/account/code").text


def test_a_forgotten_password_is_replaced(browser: Browser, database: Database, known: None) -> None:
    browser.fill("/fr/compte/mot-de-passe-oublie", email=KNOWN)
    page = browser.send(code=_code(database))
    assert page.url.endswith("/fr/connexion/seconde-etape"), "email alone recovers nothing"
    assert browser.open("/fr/compte/mot-de-passe").url.endswith("/fr/compte/creer")
    browser.fill("/fr/connexion/seconde-etape", code=code_of(browser, KNOWN))
    assert browser.send(password="cinq corbeaux chantent").url.endswith("/fr/demandes")
    other = Browser(browser.client.application)
    assert _sign_in(other).problems
    assert _sign_in(other, password="cinq corbeaux chantent").url.endswith("/en/applications")


@pytest.mark.parametrize(
    ("wanted", "arrival"),
    [
        ("/en/account", "/en/account"),
        ("https://evil.example", "/en/applications"),
        ("//evil.example/en/", "/en/applications"),
        ("/\\evil.example", "/en/applications"),
        ("/en/\\evil.example", "/en/applications"),
        ("javascript:alert(1)", "/en/applications"),
    ],
)
def test_signing_in_leads_back_to_pages_of_ours_only(browser: Browser, known: None, wanted: str, arrival: str) -> None:
    page = browser.open("/en/sign-in?next=" + wanted)
    browser.send(page, email=KNOWN, password=PASSWORD)
    page = browser.send(code=code_of(browser, KNOWN), follow=False)
    assert page.response.headers["Location"] == arrival


def test_a_page_for_members_leads_through_the_door_and_back(browser: Browser, known: None) -> None:
    page = browser.open("/en/account/change-password")
    assert page.heading == "Sign in"
    browser.send(email=KNOWN, password=PASSWORD)
    assert browser.send(code=code_of(browser, KNOWN)).heading == "Change your password"


def test_a_stranger_who_guesses_slows_down_strangers_only(app: Flask, browser: Browser, known: None) -> None:
    _sign_in(browser)
    browser.press("Sign out", browser.open("/en/account"))
    stranger = Browser(app)
    pages = [_sign_in(stranger, password="five wrong words in a row") for _ in range(11)]
    assert [page.status for page in pages] == [422] * 10 + [429]
    assert "Retry-After" in pages[-1].response.headers
    assert _sign_in(browser).url.endswith("/en/applications")


def test_the_account_lists_devices_and_signs_them_out(app: Flask, browser: Browser, known: None) -> None:
    elsewhere = Browser(app)
    _sign_in(elsewhere)
    _sign_in(browser)
    page = browser.open("/en/account")
    assert page.text.count("Signed in on") == 2
    assert browser.press("Sign out this device", page).text.count("Signed in on") == 1
    assert elsewhere.open("/en/account").heading == "Sign in"


def test_changing_the_password_asks_for_the_present_one(app: Flask, browser: Browser, known: None) -> None:
    elsewhere = Browser(app)
    _sign_in(elsewhere)
    _sign_in(browser)
    url, new = "/en/account/change-password", "cinq corbeaux chantent"
    assert browser.fill(url, present="wrong", password=new).problems == ["The current password is not right"]
    assert "Your password is changed" in browser.fill(url, present=PASSWORD, password=new).text
    assert elsewhere.open("/en/account").heading == "Sign in"


def test_the_language_of_messages_is_kept(browser: Browser, database: Database, known: None) -> None:
    _sign_in(browser)
    browser.fill("/en/account/language", message_language="fr")
    with database.transaction() as session:
        account = accounts.find(session, email_index(KNOWN))
        assert account and account.language == "fr"


def test_another_travellers_device_is_not_found(app: Flask, browser: Browser, database: Database, known: None) -> None:
    _make(database, "other@example.org")
    other = Browser(app)
    _sign_in(other, "other@example.org")
    _sign_in(browser)
    with database.transaction() as session:
        who = accounts.find(session, email_index("other@example.org"))
        theirs = session.scalars(select(SignIn).where(SignIn.account == who)).one()
    form = browser.open("/en/account").form(action="/en/sign-out")
    form["action"] = f"/en/account/devices/{theirs.id}/end"
    assert browser.send(form=form).status == 404
    assert other.open("/en/account").heading == "Account and security"


@pytest.mark.parametrize(
    ("one", "another", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_tries_from_one_network_count_together(app: Flask, one: str, another: str, is_same: bool) -> None:
    claims = []
    for address in (one, another):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            claims.append(guessing.source_claim("sign_in_source"))
    assert (claims[0] == claims[1]) is is_same


@pytest.mark.parametrize(("wanted", "lands"), (("/en/helpers/link/abc.def", True), ("//evil.example", False)))
def test_who_comes_by_a_mailed_link_and_makes_an_account_arrives_there(
    browser: Browser, database: Database, wanted: str, lands: bool
) -> None:
    """Through the address, its code, the app and the recovery codes; an address that is not ours is forgotten."""
    page = browser.open(wanted) if lands else browser.open(f"/en/sign-in?next={wanted}")
    assert page.heading == "Sign in"
    page = browser.open(page.link("Create an account"))
    page = browser.send(page, email="not an address")
    page = browser.send(page, email=UNKNOWN)
    page = browser.send(page, code=_code(database))
    page = browser.open(page.link("password"))
    page = browser.send(page, password=PASSWORD) if "password" in page.url else page
    page = browser.send(page, code=shown_code(page))
    page = browser.send(page)
    assert page.url.endswith(wanted) if lands else page.heading == "Start an application", page.url
