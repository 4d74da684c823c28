"""The second step through pages: codes that work once, what is refused alike, and ways back in that take their time."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.db import Database
from portal.models import Account, AuthenticatorApp, OutgoingMessage, PrintedSheet
from portal.services import accounts, authenticator, factors, recovery, recovery_codes, sheets
from tests.browsing import Browser, Page
from tests.interviewing import PASSWORD, account, officer
from tests.signing_in import code_of, enrol, shown_code, sign_in

INSIDE = "Account and security"
WRONG = "This code is not right, or it was used before. Check it, or use another one."
DAYS = timedelta(hours=73)


@pytest.fixture
def email(database: Database) -> str:
    with database.transaction() as session:
        return account(session).email or ""


def holder(session: Session, email: str) -> Account:
    return next(one for one in session.scalars(select(Account)) if one.email == email)


def half_way(browser: Browser, email: str) -> Page:
    """The page that asks for the second step."""
    page = browser.fill("/en/sign-in", email=email, password=PASSWORD)
    assert page.heading == "Show that it is you"
    return page


def is_inside(browser: Browser) -> bool:
    return browser.open("/en/account").heading == INSIDE


def told(database: Database, event: str) -> list[str]:
    with database.transaction() as session:
        rows = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == event))
        return [str(row.facts.get("what") or row.facts.get("way")) for row in rows]


def mailed_code(database: Database) -> str:
    with database.transaction() as session:
        query = select(OutgoingMessage).where(OutgoingMessage.event == "email_code")
        row = session.scalars(query.order_by(OutgoingMessage.created_at.desc())).first()
        return str((row.secrets or {})["code"]) if row else ""


def test_half_signed_in_opens_nothing_and_ends_after_ten_minutes(browser: Browser, email: str) -> None:
    page = half_way(browser, email)
    assert page.response.headers["Cache-Control"] == "no-store"
    assert browser.open("/en/applications").heading == "Sign in"
    code = code_of(browser, email)
    with telling(now() + timedelta(minutes=11)):
        assert browser.send(page, code=code).heading == "Sign in"


def test_a_code_of_the_app_works_once(app: Flask, browser: Browser, email: str) -> None:
    code = code_of(browser, email)
    assert browser.send(half_way(browser, email), code=code).url.endswith("/en/applications")
    other = Browser(app)
    assert other.send(half_way(other, email), code=code).problems == [WRONG]
    assert not is_inside(other)


def test_foreign_and_old_codes_are_refused_alike_and_slowed_down(
    browser: Browser, email: str, database: Database
) -> None:
    with database.transaction() as session:
        secret = session.scalars(select(AuthenticatorApp)).one().secret or ""
        stranger = account(session)
        foreign = recovery_codes.renew(session, stranger)[0]
    old = pyotp.TOTP(secret).at(now() - timedelta(minutes=3))
    wrong = [old, foreign, pyotp.TOTP(pyotp.random_base32()).at(now()), "000", "Ω" * 30]
    page = half_way(browser, email)
    for code in wrong:
        page = browser.send(page, code=code)
        assert page.problems == [WRONG]
    page = browser.send(page, code=code_of(browser, email))
    assert page.status == 429 and not is_inside(browser)


def test_a_recovery_code_opens_once_however_it_is_typed(
    app: Flask, browser: Browser, email: str, database: Database
) -> None:
    with database.transaction() as session:
        code = recovery_codes.renew(session, holder(session, email))[3]
    typed = f" {code.lower().replace('-', ' ')} "
    assert browser.send(half_way(browser, email), code=typed).url.endswith("/en/applications")
    assert "You have 9 codes left" in browser.open("/en/account").text
    other = Browser(app)
    assert other.send(half_way(other, email), code=code).problems == [WRONG]


def test_recovery_codes_are_shown_until_they_are_saved(browser: Browser, email: str, database: Database) -> None:
    sign_in(browser, email, PASSWORD)
    page = browser.press("Make new recovery codes", browser.open("/en/account"))
    codes = [item.get_text() for item in page.soup.select("ol.codes code")]
    assert len(set(codes)) == 10
    file = browser.client.get("/en/account/recovery-codes.txt", base_url="http://localhost")
    assert all(code in file.text for code in codes)
    assert file.headers["Cache-Control"] == "no-store"
    browser.press("I have saved them", page)
    assert browser.open("/en/account/recovery-codes.txt").status == 404
    assert browser.open("/en/account/recovery-codes").heading == INSIDE
    with database.transaction() as session:
        assert recovery_codes.use(session, holder(session, email), codes[0])


def test_a_printed_sheet_is_asked_for_printed_and_used(browser: Browser, email: str, database: Database) -> None:
    sign_in(browser, email, PASSWORD)
    page = browser.fill("/en/account/printed-sheet", delivery="centre")
    reference = re.search(r"S-\w{4}-\w{4}", page.text)
    assert reference
    with database.transaction() as session:
        sheet = sheets.by_reference(session, reference.group())
        assert sheet is not None
        codes = sheets.print(session, sheet, by=officer(session, "CA"))
    assert len(codes) == 20
    other = Browser(browser.client.application)
    assert other.send(half_way(other, email), code=codes[0]).url.endswith("/en/applications")
    assert other.fill("/en/account/printed-sheet", delivery="centre").status == 200
    with database.transaction() as session:
        person = holder(session, email)
        assert not sheets.use(session, person, codes[0])
        assert sheets.use(session, person, codes[1]), "the sheet at hand works until the next one is printed"
        assert len(session.scalars(select(PrintedSheet)).all()) == 2


def test_the_last_way_in_stays(browser: Browser, email: str, database: Database) -> None:
    sign_in(browser, email, PASSWORD)
    page = browser.open(browser.open("/en/account").link("Remove Authenticator app 1"))
    page = browser.press("Remove", page)
    assert page.problems == ["This is your last way to sign in. Add another one first."]
    page = browser.open("/en/account/apps/add")
    page = browser.send(page, code=shown_code(page))
    assert "works from now on" in page.text
    page = browser.press("Remove", browser.open(page.link("Remove Authenticator app 1")))
    assert "It is removed" in page.text
    assert set(told(database, "sign_in_settings_changed")) >= {"authenticator_app_added", "authenticator_app_removed"}


def test_another_factor_ends_every_other_session(app: Flask, browser: Browser, email: str) -> None:
    elsewhere = Browser(app)
    sign_in(elsewhere, email, PASSWORD)
    sign_in(browser, email, PASSWORD)
    page = browser.open("/en/account/apps/add")
    browser.send(page, code=shown_code(page))
    assert is_inside(browser) and not is_inside(elsewhere)


def test_ways_are_changed_only_after_a_fresh_proof(browser: Browser, email: str) -> None:
    sign_in(browser, email, PASSWORD)
    with telling(now() + timedelta(minutes=11)):
        for address in ("passkeys/add", "apps/add", "printed-sheet", "change-password"):
            assert browser.open(f"/en/account/{address}").heading == "Show that it is you", address
        assert browser.open("/en/account").heading == INSIDE


def test_somebody_elses_way_is_not_found(browser: Browser, email: str, database: Database) -> None:
    with database.transaction() as session:
        other = account(session)
        theirs = authenticator.of(session, other)[0].id
    sign_in(browser, email, PASSWORD)
    assert browser.open(f"/en/account/ways/{theirs}/remove").status == 404


def test_an_unknown_browser_is_told_to_the_holder(app: Flask, browser: Browser, email: str, database: Database) -> None:
    sign_in(browser, email, PASSWORD)
    assert told(database, "sign_in_settings_changed") == ["new_device"]
    browser.press("Sign out", browser.open("/en/account"))
    sign_in(browser, email, PASSWORD)
    assert told(database, "sign_in_settings_changed") == ["new_device"]


def test_a_first_account_without_a_second_step_sets_one_up(browser: Browser, email: str, database: Database) -> None:
    with database.transaction() as session:
        person = holder(session, email)
        session.delete(authenticator.of(session, person)[0])
        person.enrolled_at = None
    page = browser.fill("/en/sign-in", email=email, password=PASSWORD)
    assert page.heading == "Choose how to sign in"
    assert enrol(browser, page).url.endswith("/en/applications/start")


def test_who_has_used_up_every_code_is_not_let_in_by_the_password(
    browser: Browser, email: str, database: Database
) -> None:
    with database.transaction() as session:
        session.delete(authenticator.of(session, holder(session, email))[0])
    assert "No code is left" in half_way(browser, email).text
    for address in ("choose-sign-in", "authenticator-app"):
        assert browser.open(f"/en/account/{address}").heading in ("Create an account", "Sign in")


def test_the_picture_of_the_secret_is_for_who_sets_it_up(app: Flask, browser: Browser, email: str) -> None:
    sign_in(browser, email, PASSWORD)
    browser.open("/en/account/apps/add")
    picture = browser.client.get("/en/account/authenticator-app.svg", base_url="http://localhost")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    assert Browser(app).client.get("/en/account/authenticator-app.svg", base_url="http://localhost").status_code == 404


# Getting back in


def test_a_recovery_waits_is_told_and_needs_the_address_too(
    app: Flask, browser: Browser, email: str, database: Database
) -> None:
    page = half_way(browser, email)
    page = browser.open(page.link("Get back into your account"))
    page = browser.send(page, way="waiting")
    assert "You can go on from" in page.text and "Go on" not in [b.get_text() for b in page.soup.find_all("button")]
    assert told(database, "recovery_started") == ["waiting"]
    assert not is_inside(browser)
    with telling(now() + DAYS):
        half_way(browser, email)
        browser.press("Go on", browser.open("/en/sign-in/recover"))
        page = browser.send(code=mailed_code(database))
        assert page.heading == "Choose how to sign in"
        with database.transaction() as session:
            assert len(authenticator.of(session, holder(session, email))) == 1, "what was lost goes with the new one"
        assert enrol(browser, page).url.endswith("/en/applications/start")
    with database.transaction() as session:
        person = holder(session, email)
        has = factors.of(session, person)
        assert (len(has.apps), has.recovery_codes_left, recovery.of(session, person)) == (1, 10, None)
    assert "recovered" in told(database, "sign_in_settings_changed")


def test_a_recovery_is_not_hurried(browser: Browser, email: str, database: Database) -> None:
    half_way(browser, email)
    page = browser.fill("/en/sign-in/recover", way="waiting")
    form = page.form(action="/sign-out") if page.soup.select("form[action*=sign-out]") else None
    assert form is None
    token = browser.open("/en/sign-in").value("csrf_token")
    reply = browser.client.post("/en/sign-in/recover/continue", data={"csrf_token": token}, base_url="http://localhost")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/en/sign-in/recover")
    assert mailed_code(database) == ""


def test_whoever_can_sign_in_cancels_a_recovery(app: Flask, browser: Browser, email: str, database: Database) -> None:
    half_way(browser, email)
    browser.fill("/en/sign-in/recover", way="waiting")
    owner = Browser(app)
    sign_in(owner, email, PASSWORD)
    page = owner.press("Cancel the recovery", owner.open("/en/account"))
    assert "The recovery is cancelled" in page.text
    with telling(now() + DAYS):
        half_way(browser, email)
        assert browser.open("/en/sign-in/recover").soup.find(attrs={"name": "way"}), "it would begin again"


def test_the_address_alone_recovers_only_in_person(browser: Browser, email: str, database: Database) -> None:
    browser.fill("/en/account/forgot-password", email=email)
    browser.send(code=mailed_code(database))
    page = browser.open("/en/sign-in/recover")
    assert [box["value"] for box in page.soup.select("input[name=way]")] == ["centre"]
    assert browser.send(page, way="waiting").status == 422
    page = browser.send(page, way="centre")
    reference = re.search(r"R-\w{4}-\w{4}", page.text)
    assert reference and "Go on" not in page.text
    with database.transaction() as session:
        recovery.confirm_in_person(session, reference.group(), by=officer(session, "CA"))
    page = browser.press("Go on", browser.open("/en/sign-in/recover"))
    assert page.heading == "Choose a password"
    page = browser.send(page, password="cinq corbeaux chantent")
    assert page.heading == "Set up an authenticator app"
    page = browser.send(page, code=shown_code(page))
    assert page.heading == "Save your recovery codes"
    with database.transaction() as session:
        assert len(authenticator.of(session, holder(session, email))) == 1
        assert accounts.is_password(holder(session, email), "cinq corbeaux chantent")
