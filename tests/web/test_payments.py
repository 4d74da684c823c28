"""Paying, page by page, and what the payment company says meanwhile: forged, repeated, at once, in any order."""

from __future__ import annotations

import json
import random
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from demo.payment_notices import signature
from demo.payments import Running
from portal.config import Settings
from portal.db import Database
from portal.jobs import payments as jobs
from portal.models import (
    AccountPerson,
    Application,
    Attempt,
    AuditEntry,
    Event,
    OutgoingMessage,
    Payment,
    PaymentNotice,
    Review,
)
from portal.services.payments import ASK_AFTER
from tests import servers
from tests.browsing import Browser
from tests.families import token_of
from tests.interviewing import PASSWORD
from tests.paying import DECLINED_CARD, TEST_CARD, payment_company, ready_to_pay, to_portal, years_ago
from tests.signing_in import sign_in

EMAIL = "elise@example.org"
Deliver = Callable[[bytes, str], int]


@pytest.fixture
def running(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Running]:
    with payment_company(settings, tmp_path, to_portal(app)) as running:
        yield running


@pytest.fixture
def reference(database: Database, browser: Browser) -> str:
    """The reference of an application to pay, whose holder is signed in."""
    with database.transaction() as session:
        reference = ready_to_pay(session, EMAIL).reference
    sign_in(browser, EMAIL, PASSWORD)
    return reference


def _begin(browser: Browser, reference: str) -> str:
    """Go to the company's page; gives its address."""
    page = browser.fill(f"/en/applications/{reference}/pay", follow=False)
    assert page.status == 303
    return page.response.headers["Location"]


def _press(address: str, **fields: str) -> tuple[int, str, str]:
    """Send the company's page as a browser does: status, where it leads, what it says."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))
    opener.addheaders = []
    try:
        with opener.open(address, urllib.parse.urlencode(fields).encode(), timeout=5) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Location") or "", error.read().decode()


def _facts(database: Database, reference: str) -> dict[str, object]:
    with database.transaction() as session:
        application = session.scalars(select(Application).where(Application.reference == reference)).one()
        of_it = {kind: kind.application_id == application.id for kind in (Payment, Review, Event)}
        return {
            "status": application.status,
            "payments": sorted(session.scalars(select(Payment.state).where(of_it[Payment]))),
            "reviews": session.scalar(select(func.count(Review.id)).where(of_it[Review])),
            "begun": session.scalar(select(func.count(Event.id)).where(of_it[Event], Event.name == "payment_received")),
            "mails": session.scalar(
                select(func.count(OutgoingMessage.id)).where(OutgoingMessage.event == "application_received")
            ),
        }


PAID_ONCE = {"status": "under_review", "payments": ["paid"], "reviews": 2, "begun": 1, "mails": 1}


def test_a_traveller_pays_and_reads_the_receipt(
    browser: Browser, database: Database, reference: str, running: Running
) -> None:
    page = browser.open(f"/en/applications/{reference}/pay")
    assert "US$120.00" in page.text
    assert "not returned" in page.text
    status, leads_to, _ = _press(_begin(browser, reference), number=TEST_CARD, pay="1")
    assert status == 303
    page = browser.open(leads_to)
    assert page.heading == "We have your application"
    assert reference in page.text
    assert _facts(database, reference) == PAID_ONCE
    assert "US$120.00" in browser.open(page.link("See your receipt")).text
    assert "120,00 $ US" in browser.open(f"/fr/demandes/{reference}/recu").text


def test_a_declined_card_leaves_everything_as_it_was(
    browser: Browser, database: Database, reference: str, running: Running
) -> None:
    address = _begin(browser, reference)
    status, _, text = _press(address, number=DECLINED_CARD, pay="1")
    assert status == 422
    assert "declined" in text
    running.courier.deliver_due()
    page = browser.open(f"/en/applications/{reference}/payment")
    assert page.heading == "You have not paid yet"
    assert _facts(database, reference)["status"] == "awaiting_payment"
    assert _begin(browser, reference) == address, "the open checkout is used again"
    assert _press(address, number=TEST_CARD, pay="1")[0] == 303


def test_whoever_leaves_the_checkout_comes_back_to_the_fee(browser: Browser, reference: str, running: Running) -> None:
    status, leads_to, _ = _press(_begin(browser, reference), cancel="1")
    assert status == 303
    assert leads_to.endswith(f"/en/applications/{reference}/pay")
    assert browser.open(leads_to).status == 200


def test_a_real_card_number_is_never_taken(browser: Browser, reference: str, running: Running) -> None:
    status, _, text = _press(_begin(browser, reference), number="5555 5555 5555 4444", pay="1")
    assert status == 422
    assert "not one of the test numbers" in text


def test_the_company_speaks_both_languages(browser: Browser, reference: str, running: Running) -> None:
    page = browser.fill(f"/fr/demandes/{reference}/payer", follow=False)
    with urllib.request.urlopen(page.response.headers["Location"], timeout=5) as answer:
        french = answer.read().decode()
    assert 'lang="fr-CA"' in french
    assert "120,00" in french
    assert "Spécimen" in french
    assert re.search(r'href="\?lang=en"', french)


def test_when_the_company_is_away_nothing_is_lost(browser: Browser, database: Database, reference: str) -> None:
    page = browser.fill(f"/en/applications/{reference}/pay")
    assert page.status == 503
    assert "payment company" in page.problems[0]
    assert _facts(database, reference)["payments"] == []


def test_a_child_with_nothing_to_pay_sends_at_once(browser: Browser, database: Database, reference: str) -> None:
    with database.transaction() as session:
        parent = session.scalars(select(Application).where(Application.reference == reference)).one()
        child = ready_to_pay(session, "child@example.org", born=years_ago(9))
        session.add(AccountPerson(account=parent.account, person=child.person, role="parent"))
        child.account, child_reference = parent.account, child.reference
    page = browser.fill(f"/en/applications/{child_reference}/pay", together=[])
    assert page.heading == "We have your application"
    assert "nothing to pay" in page.text
    assert _facts(database, child_reference)["payments"] == ["paid"]


def test_a_linked_adult_pays_for_another_and_sees_no_more_than_a_given_name(
    app: Flask, browser: Browser, database: Database, reference: str, running: Running
) -> None:
    """One invites, the other agrees; one payment sends both applications, and each holder follows their own."""
    with database.transaction() as session:
        application = ready_to_pay(session, "marc@example.org")
        application.person.given_names, application.person.family_name = "Marc", "Villeneuve"
        other_reference = application.reference
    other = Browser(app)
    sign_in(other, "marc@example.org", PASSWORD)
    alone = browser.open(f"/en/applications/{reference}/pay")
    assert not alone.soup.select("[name=together]")

    browser.fill("/en/family", email="marc@example.org")
    with database.transaction() as session:
        link = token_of(session, "family_invited")
    other.fill(f"/en/family/link/{link}")
    assert browser.open(f"/en/applications/{other_reference}").status == 404

    page = browser.open(f"/en/applications/{reference}/pay")
    assert "Marc" in page.text and "US$240.00" in page.text
    assert other_reference not in page.html and "Villeneuve" not in page.html
    assert len(page.soup.select("[name=together]")) == 1
    _status, leads_to, _ = _press(_begin(browser, reference), number=TEST_CARD, pay="1")
    assert browser.open(leads_to).heading == "We have your application"
    assert _facts(database, reference)["status"] == _facts(database, other_reference)["status"] == "under_review"
    receipt = browser.open(f"/en/applications/{reference}/receipt")
    assert "Marc" in receipt.text and "US$240.00" in receipt.text
    assert other_reference not in receipt.html and "Villeneuve" not in receipt.html
    assert browser.open(f"/en/applications/{other_reference}/receipt").status == 404
    paid_for = other.open(f"/en/applications/{other_reference}/payment")
    assert paid_for.status == 200 and reference not in paid_for.html and "Tremblay" not in paid_for.html


def test_anothers_payment_pages_are_not_found(browser: Browser, database: Database, reference: str) -> None:
    with database.transaction() as session:
        other = ready_to_pay(session, "other@example.org").reference
    for path in ("pay", "payment", "receipt"):
        assert browser.open(f"/en/applications/{other}/{path}").status == 404


# Notices


@pytest.fixture
def notice(browser: Browser, reference: str, running: Running) -> bytes:
    """The notice of a checkout that was paid, which the courier has not delivered yet."""
    _press(_begin(browser, reference), number=TEST_CARD, pay="1")
    events = [notice["event"] for notice in running.courier.books.due()]
    return json.dumps(next(event for event in events if event["type"] == "checkout.session.completed")).encode()


def test_a_forged_notice_is_refused_and_counted(
    app: Flask, database: Database, reference: str, notice: bytes, settings: Settings
) -> None:
    deliver, secret = to_portal(app), settings.stripe_webhook_secret.get_secret_value()
    right = signature(notice, secret)
    for body, proof in (
        (notice, ""),
        (notice, "t=1,v1=00"),
        (notice, "t=é,v1=é"),
        (notice, signature(notice, "whsec_of_somebody_else")),
        (notice, signature(notice, secret, int(time.time()) - 3600)),
        (notice.replace(b"12000", b"12001"), right),
        (b"\xff\xfe", signature(b"\xff\xfe", secret)),
        (b"{}", signature(b"{}", secret)),
    ):
        assert deliver(body, proof) == 400, (body[:20], proof[:20])
    assert _facts(database, reference)["status"] == "awaiting_payment"
    with database.transaction() as session:
        assert session.scalar(select(func.count(Attempt.id)).where(Attempt.action == "payment_notice")) == 8


def test_a_notice_repeated_ten_times_at_once_has_one_effect(
    app: Flask, database: Database, reference: str, notice: bytes, settings: Settings
) -> None:
    deliver, secret = to_portal(app), settings.stripe_webhook_secret.get_secret_value()
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda _: deliver(notice, signature(notice, secret)), range(10)))
    assert statuses == [200] * 10
    assert _facts(database, reference) == PAID_ONCE
    with database.transaction() as session:
        assert session.scalar(select(func.count(PaymentNotice.notice_id))) == 1
        accepted = select(func.count(AuditEntry.id)).where(AuditEntry.action == "payment:accept")
        assert session.scalar(accepted) == 1


def test_different_notices_of_one_payment_at_once_and_shuffled_have_one_effect(
    app: Flask, browser: Browser, database: Database, reference: str, notice: bytes, settings: Settings
) -> None:
    deliver, secret = to_portal(app), settings.stripe_webhook_secret.get_secret_value()
    event = json.loads(notice)
    unpaid = {**event["data"]["object"], "payment_status": "unpaid", "status": "expired"}
    bodies = []
    for number in range(4):
        bodies.append(json.dumps({**event, "id": f"evt_again_{number}"}).encode())
        late = {**event, "id": f"evt_late_{number}", "type": "checkout.session.expired", "data": {"object": unpaid}}
        bodies.append(json.dumps(late).encode())
    random.shuffle(bodies)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda body: deliver(body, signature(body, secret)), bodies))
        page = browser.open(f"/en/applications/{reference}/payment")
    assert statuses == [200] * 8
    assert page.heading == "We have your application"
    assert _facts(database, reference) == PAID_ONCE


def test_the_courier_repeats_until_it_is_believed(
    app: Flask, database: Database, reference: str, notice: bytes, running: Running
) -> None:
    answers = iter([500, 0])
    running.courier.deliver = lambda body, proof: next(answers, None) or to_portal(app)(body, proof)
    until = time.monotonic() + 20
    while running.courier.books.pages.notices and time.monotonic() < until:
        running.courier.deliver_due()
        time.sleep(0.05)
    assert running.courier.books.pages.notices == []
    assert _facts(database, reference) == PAID_ONCE


def test_a_payment_of_which_no_notice_came_is_found_by_the_worker(
    worker_database: Database, browser: Browser, database: Database, reference: str, running: Running
) -> None:
    _press(_begin(browser, reference), number=TEST_CARD, pay="1")
    jobs.reconcile_payments(worker_database)
    assert _facts(database, reference)["payments"] == ["started"], "it began just now"
    with database.transaction() as session, servers.as_owner(session):
        session.scalars(select(Payment)).one().created_at -= 2 * ASK_AFTER
    jobs.reconcile_payments(worker_database)
    assert _facts(database, reference) == PAID_ONCE


def test_the_companys_books_outlive_it(notice: bytes, running: Running) -> None:
    known = running.courier.books
    again = type(known)(known.path)
    assert again.pages == known.pages
