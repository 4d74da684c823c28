"""Giving back what was not due: the whole of it, to the card, once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.payments import Running
from portal.adapters import payments as company
from portal.adapters.payments import Notice, Unreachable
from portal.config import Settings
from portal.domain.errors import NotFound, NotOpenToThis
from portal.models import AuditEntry, Officer, OutgoingMessage, Payment
from portal.services import payments, refunds
from portal.services.payments import Addresses
from tests.interviewing import officer
from tests.paying import payment_company, ready_to_pay

ADDRESSES = Addresses("http://localhost/en/done", "http://localhost/en/left")


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Running]:
    with payment_company(settings, tmp_path) as running:
        yield running


@pytest.fixture
def supervisor(session: Session) -> Officer:
    return officer(session, "CA")


def _paid_too_late(session: Session, running: Running, cents: int = 12000) -> Payment:
    """A payment of `cents` that was not due; the stand-in returns round sums of dollars at once, others later."""
    application = ready_to_pay(session)
    payment = payments.begin_checkout(session, application, ADDRESSES, by=application.account)
    application.status = "withdrawn"
    session.flush()
    books = running.courier.books
    books.pages.sessions[str(payment.checkout_id)]["amount_total"] = cents
    books.pay(str(payment.checkout_id))
    payments.reconcile(session, payment)
    assert (payment.state, payment.received_cents) == ("to_refund", cents)
    return payment


def _refunds(running: Running) -> list[int]:
    return [refund["amount"] for refund in running.courier.books.pages.refunds.values()]


def _messages(session: Session, payment: Payment) -> list[OutgoingMessage]:
    query = select(OutgoingMessage).where(OutgoingMessage.application_id == payment.application_id)
    return list(session.scalars(query.where(OutgoingMessage.event == "payment_refunded")))


def test_it_goes_back_once_and_the_payer_is_told(session: Session, running: Running, supervisor: Officer) -> None:
    payment = _paid_too_late(session, running)
    assert refunds.waiting(session) == [payment]
    refunds.give_back(session, payment, by=supervisor)
    assert (payment.state, payment.refunded_by, _refunds(running)) == ("refunded", supervisor.id, [12000])
    assert refunds.waiting(session) == []
    assert [message.facts["amount_cents"] for message in _messages(session, payment)] == [12000]
    with pytest.raises(NotOpenToThis):
        refunds.give_back(session, payment, by=supervisor)
    assert _refunds(running) == [12000]


def test_a_press_that_was_cut_short_makes_no_second_refund(
    session: Session, running: Running, supervisor: Officer
) -> None:
    payment = _paid_too_late(session, running)
    with session.begin_nested() as cut:
        refunds.give_back(session, payment, by=supervisor)
        cut.rollback()
    session.refresh(payment)
    assert payment.state == "to_refund"
    refunds.give_back(session, payment, by=supervisor)
    assert (payment.state, _refunds(running)) == ("refunded", [12000])


def test_what_the_company_finishes_later_is_asked_about(
    session: Session, running: Running, supervisor: Officer
) -> None:
    payment = _paid_too_late(session, running, cents=12001)
    refunds.give_back(session, payment, by=supervisor)
    assert (payment.state, _messages(session, payment), refunds.under_way(session)) == ("refunding", [], [payment.id])
    refunds.settle(session, payment)
    assert (payment.state, refunds.under_way(session)) == ("refunded", [])
    assert len(_messages(session, payment)) == 1


def test_a_refund_that_failed_waits_again_and_can_be_tried_again(
    session: Session, running: Running, supervisor: Officer
) -> None:
    payment = _paid_too_late(session, running, cents=12001)
    refunds.give_back(session, payment, by=supervisor)
    books = running.courier.books
    del books.pages.refunds[str(payment.refund_id)]  # the bank sent it back, and the company says so
    failed = company.Refund("re_failed", "failed")
    refunds._settle(session, payment, failed, by=supervisor)
    assert refunds.waiting(session) == [payment]
    refunds.give_back(session, payment, by=supervisor)
    assert payment.state == "refunding"


def test_late_notices_change_nothing_about_it(session: Session, running: Running, supervisor: Officer) -> None:
    payment = _paid_too_late(session, running)
    refunds.give_back(session, payment, by=supervisor)
    checkout = company.retrieve_checkout(str(payment.checkout_id))
    payments.apply_notice(session, Notice("evt_late", "checkout.session.completed", checkout))
    assert payment.state == "refunded"


def test_a_payment_that_was_due_never_goes_back(session: Session, running: Running, supervisor: Officer) -> None:
    application = ready_to_pay(session)
    payment = payments.begin_checkout(session, application, ADDRESSES, by=application.account)
    running.courier.books.pay(str(payment.checkout_id))
    payments.reconcile(session, payment)
    assert payment.state == "paid"
    with pytest.raises(NotFound):
        refunds.find(session, payment.id)
    with pytest.raises(NotOpenToThis):
        refunds.give_back(session, payment, by=supervisor)


def test_nothing_changes_while_the_company_does_not_answer(
    session: Session, settings: Settings, tmp_path: Path, supervisor: Officer
) -> None:
    with payment_company(settings, tmp_path) as running:
        payment = _paid_too_late(session, running)
    with pytest.raises(Unreachable):
        refunds.give_back(session, payment, by=supervisor)
    assert payment.state == "to_refund"
    assert not list(session.scalars(select(AuditEntry).where(AuditEntry.action == "payment:refund")))
