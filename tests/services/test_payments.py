"""Payments: one open checkout, each notice once in any order, nothing accepted that was not due."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo.payments import Running
from portal.adapters import payments as company
from portal.adapters.payments import Checkout, Notice, Unreachable
from portal.clock import today
from portal.config import Settings
from portal.domain.errors import NotOpenToThis
from portal.i18n import speaking
from portal.models import AccountPerson, Application, AuditEntry, Payment, Person, Review
from portal.services import fees, payments, programme
from portal.services.payments import Addresses, Outcome
from tests.paying import payment_company, ready_to_pay, years_ago

PAID = Checkout("", None, "complete", is_paid=True, amount_cents=12000, currency="USD", language="en")
ADDRESSES = Addresses("http://localhost/en/done", "http://localhost/en/left")


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Running]:
    with payment_company(settings, tmp_path) as running:
        yield running


@pytest.fixture
def application(session: Session) -> Application:
    return ready_to_pay(session)


def _begin(session: Session, application: Application) -> Payment:
    return payments.begin_checkout(session, application, ADDRESSES, by=application.account)


def _checkout(payment: Payment, **changes: object) -> Checkout:
    return dataclasses.replace(PAID, id=str(payment.checkout_id), **changes)  # type: ignore[arg-type]


def _notice(number: int, checkout: Checkout, kind: str = "completed") -> Notice:
    return Notice(f"evt_{number}", f"checkout.session.{kind}", checkout)


def _reviews(session: Session, application: Application) -> int:
    query = select(func.count(Review.id)).where(Review.application_id == application.id)
    return session.scalars(query).one()


def _audited(session: Session, action: str) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_the_fee_rose_on_1_october_2024(session: Session) -> None:
    assert programme.setting(session, "fee", date(2024, 9, 30))["adult_cents"] == 5000
    assert programme.setting(session, "fee", date(2024, 10, 1))["adult_cents"] == 12000
    with pytest.raises(LookupError):
        programme.setting(session, "fee", date(1999, 1, 1))


def test_there_is_one_open_checkout_for_an_application(
    session: Session, application: Application, running: Running
) -> None:
    first, second = _begin(session, application), _begin(session, application)
    assert first is second
    assert len(running.courier.books.pages.sessions) == 1
    assert company.retrieve_checkout(str(first.checkout_id)).amount_cents == 12000


def test_in_the_other_language_the_open_checkout_is_closed_and_a_new_one_begun(
    session: Session, application: Application, running: Running
) -> None:
    english = _begin(session, application)
    with speaking("fr"):
        french = _begin(session, application)
    assert (english.state, french.state) == ("expired", "started")
    assert company.retrieve_checkout(str(french.checkout_id)).language == "fr"


def test_what_was_paid_before_the_notice_came_is_not_asked_for_again(
    session: Session, application: Application, running: Running
) -> None:
    payment = _begin(session, application)
    running.courier.books.pay(str(payment.checkout_id))
    assert _begin(session, application) is payment
    assert (payment.state, application.status) == ("paid", "under_review")


def test_a_begin_that_was_cut_short_finds_its_checkout_again(
    session: Session, application: Application, running: Running
) -> None:
    with session.begin_nested() as cut:
        before = str(_begin(session, application).checkout_id)
        cut.rollback()
    assert _begin(session, application).checkout_id == before
    assert len(running.courier.books.pages.sessions) == 1


def test_paid_by_notice_opens_both_reviews(session: Session, application: Application, running: Running) -> None:
    payment = _begin(session, application)
    payments.apply_notice(session, _notice(1, _checkout(payment)))
    assert (payment.state, application.status) == ("paid", "under_review")
    assert _reviews(session, application) == 2
    assert payments.outcome(session, application) == Outcome.PAID


def test_notices_have_one_effect_in_any_order(session: Session, running: Running) -> None:
    for order in itertools.permutations(("completed", "expired", "async_payment_failed", "completed")):
        application = ready_to_pay(session)
        payment = _begin(session, application)
        for number, kind in enumerate(order):
            about = _checkout(payment)
            if kind != "completed":
                status = "expired" if kind == "expired" else "open"
                about = _checkout(payment, status=status, is_paid=False)
            notice = Notice(f"evt_{payment.id}_{number}", f"checkout.session.{kind}", about)
            payments.apply_notice(session, notice)
            payments.apply_notice(session, notice)
        assert (payment.state, application.status) == ("paid", "under_review"), order
        assert _reviews(session, application) == 2


@pytest.mark.parametrize("wrong", [{"amount_cents": 1}, {"amount_cents": 12001}, {"currency": "CAD"}])
def test_a_wrong_amount_is_returned_and_opens_nothing(
    session: Session, application: Application, running: Running, wrong: dict[str, object]
) -> None:
    payment = _begin(session, application)
    payments.apply_notice(session, _notice(1, _checkout(payment, **wrong)))
    assert (payment.state, application.status) == ("to_refund", "awaiting_payment")
    assert [entry.facts["wrong"] for entry in _audited(session, "payment:to_refund")] == ["amount"]


def test_a_payment_for_what_is_no_longer_to_pay_is_returned(
    session: Session, application: Application, running: Running
) -> None:
    payment = _begin(session, application)
    application.status = "withdrawn"
    session.flush()
    payments.apply_notice(session, _notice(1, _checkout(payment)))
    assert (payment.state, application.status) == ("to_refund", "withdrawn")
    assert payments.to_be_returned(session, application) == [payment]


def test_an_unknown_checkout_changes_nothing_and_is_written_down(session: Session, application: Application) -> None:
    payments.apply_notice(session, _notice(1, dataclasses.replace(PAID, id="cs_of_somebody_else")))
    assert application.status == "awaiting_payment"
    assert len(_audited(session, "payment:unknown")) == 1


def test_after_an_expired_checkout_one_can_pay_again(
    session: Session, application: Application, running: Running
) -> None:
    first = _begin(session, application)
    running.courier.books.expire(str(first.checkout_id))
    payments.reconcile(session, first)
    assert first.state == "expired"
    second = _begin(session, application)
    assert second.checkout_id != first.checkout_id


def test_what_the_company_knows_is_found_without_any_notice(
    session: Session, application: Application, running: Running
) -> None:
    payment = _begin(session, application)
    assert payments.outcome(session, application) == Outcome.NOT_PAID
    running.courier.books.pay(str(payment.checkout_id))
    assert payments.outcome(session, application) == Outcome.PAID
    assert application.status == "under_review"


def test_a_company_that_does_not_answer_leaves_the_payment_open(
    session: Session, application: Application, settings: Settings, tmp_path: Path
) -> None:
    with payment_company(settings, tmp_path):
        payment = _begin(session, application)
    with pytest.raises(Unreachable):
        payments.reconcile(session, payment)
    assert payments.outcome(session, application) == Outcome.CONFIRMING
    assert payment.state == "started"


def test_nothing_is_paid_twice(session: Session, application: Application, running: Running) -> None:
    payment = _begin(session, application)
    payments.apply_notice(session, _notice(1, _checkout(payment)))
    with pytest.raises(NotOpenToThis):
        _begin(session, application)


def test_a_child_of_an_applicant_pays_nothing_and_passes_at_once(session: Session, application: Application) -> None:
    child = ready_to_pay(session, born=years_ago(9))
    own_account = child.account
    assert fees.fee_for(session, child, today()).cents == 12000
    parent = Person()
    session.add(AccountPerson(account=own_account, person=parent, role="self"))
    session.flush()
    assert fees.fee_for(session, child, today()).cents == 12000, "a parent who has not applied"
    application.person = parent
    application.account = own_account
    session.flush()
    assert fees.fee_for(session, child, today()).cents == 0
    payment = payments.begin_checkout(session, child, ADDRESSES, by=own_account)
    assert (payment.state, payment.checkout_id, child.status) == ("paid", None, "under_review")
