"""Signing a traveller in through pages: password, then a code of the app, which is set up where there is none."""

from __future__ import annotations

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.db import Database
from portal.models import Account, AuthenticatorApp
from portal.models.accounts import email_index
from portal.services import authenticator
from tests.browsing import Browser, Page


def database_of(browser: Browser) -> Database:
    """The database of the application that the browser talks to."""
    database: Database = browser.client.application.extensions["database"]
    return database


def code_of(browser: Browser, email: str) -> str:
    """What the account's app shows now, as if none of its codes had been used yet: a test does not wait 30 seconds."""
    with database_of(browser).transaction() as session:
        query = select(AuthenticatorApp).join(Account, AuthenticatorApp.account_id == Account.id)
        app = session.scalars(query.where(Account.email_index == email_index(email))).one()
        app.last_step = None
        return pyotp.TOTP(app.secret or "").at(now())


def sign_in(browser: Browser, email: str, password: str, url: str = "/en/sign-in") -> Page:
    """The page on which the traveller is, signed in; or the page that refused the password."""
    page = browser.fill(url, email=email, password=password)
    if page.url.endswith(("/second-step", "/seconde-etape")):
        return browser.send(page, code=code_of(browser, email))
    if page.url.endswith(("/choose-sign-in", "/choisir-connexion")):
        return enrol(browser, page)
    return page


def enrol(browser: Browser, page: Page) -> Page:
    """Set up an app on the page that asks how to sign in, and save the recovery codes."""
    page = browser.open(str(page.soup.select("a.govuk-button")[0]["href"]))
    page = browser.send(page, code=shown_code(page))
    assert page.soup.select("ol.codes li"), page.text
    return browser.send(page)


def shown_code(page: Page) -> str:
    """What an app shows that took the key from this page."""
    key = page.soup.select_one("code.key")
    assert key is not None, page.text
    return pyotp.TOTP(key.get_text().replace(" ", "")).at(now())


def give_app(session: Session, account: Account) -> AuthenticatorApp:
    """An app that the account signs in with."""
    app = authenticator.begin(session, account)
    app.confirmed_at = account.enrolled_at = now()
    session.flush()
    return app
