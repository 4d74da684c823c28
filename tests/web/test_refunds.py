"""The pages on which a supervisor gives back a payment that was not due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from demo import seed
from demo.payments import Running
from portal.adapters import passwords
from portal.config import Settings
from portal.db import Database
from portal.models import Payment
from portal.services import payments
from portal.services.payments import Addresses
from tests import servers
from tests.browsing import Browser
from tests.interviewing import PASSWORD
from tests.paying import payment_company, ready_to_pay
from tests.signing_in import sign_in

LIST = "/en/officers/refunds"
ADDRESSES = Addresses("http://localhost/en/done", "http://localhost/en/left")


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Running]:
    with payment_company(settings, tmp_path) as running:
        yield running


@pytest.fixture
def address(database: Database, running: Running, browser: Browser) -> str:
    """The page of a payment that came after its application was withdrawn; a supervisor is signed in."""
    with database.transaction() as session:
        with servers.as_owner(session):
            seed.hire(session, passwords.hash(PASSWORD))
        application = ready_to_pay(session, "elise@example.org")
        payment = payments.begin_checkout(session, application, ADDRESSES, by=application.account)
        running.courier.books.pay(str(payment.checkout_id))
        application.status = "withdrawn"
        session.flush()
        payments.reconcile(session, payment)
        payment_id = payment.id
    sign_in(browser, "supervisor.ca@example.org", PASSWORD, "/en/officers/sign-in")
    return f"{LIST}/{payment_id}"


def _state(database: Database) -> str:
    with database.transaction() as session:
        return session.query(Payment).one().state


def test_it_is_listed_given_back_and_no_longer_listed(
    database: Database, running: Running, browser: Browser, address: str
) -> None:
    assert browser.open(LIST).link("Give it back") == address
    assert "US$120.00" in browser.open(address).text
    page = browser.fill(address)
    assert "The payment was given back" in page.text and "No payment waits" in page.text
    assert (_state(database), len(running.courier.books.pages.refunds)) == ("refunded", 1)


def test_a_second_press_gives_nothing_back_and_says_so(
    running: Running, app: Flask, browser: Browser, address: str
) -> None:
    colleague = Browser(app)
    sign_in(colleague, "supervisor.us@example.org", PASSWORD, "/en/officers/sign-in")
    opened = colleague.open(address)
    browser.fill(address)
    page = colleague.press("Give it back", opened)
    assert page.status == 422 and "does not wait to be given back" in page.text
    assert len(running.courier.books.pages.refunds) == 1


def test_without_the_company_the_page_says_so_and_it_waits(
    database: Database, running: Running, browser: Browser, address: str
) -> None:
    running.courier.books.pages.sessions.clear()
    page = browser.fill(address)
    assert page.status == 503 and "nothing is given back twice" in page.text
    assert _state(database) == "to_refund"


def test_the_traveller_reads_that_it_went_back(browser: Browser, app: Flask, address: str, database: Database) -> None:
    browser.fill(address)
    with database.transaction() as session:
        reference = session.query(Payment).one().application.reference
    traveller = Browser(app)
    sign_in(traveller, "elise@example.org", PASSWORD)
    assert "A payment was given back to you" in traveller.open(f"/en/applications/{reference}/payment").text
