"""One payment for a whole family: settled line by line, never twice, and only what is due; adults linked by consent."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.payments import Running
from portal.adapters import payments as company
from portal.adapters.payments import Checkout, Notice
from portal.config import Settings
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import Account, Application, OutgoingMessage, Payment
from portal.services import applications, payments, receipts, refunds, ties
from tests.families import child_of, mother, sent_child, token_of
from tests.interviewing import account, officer
from tests.paying import payment_company, ready_to_pay
from tests.services.test_payments import ADDRESSES


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Running]:
    with payment_company(settings, tmp_path) as running:
        yield running


@pytest.fixture
def family(session: Session) -> list[Application]:
    """A mother and two children, all sent: one is hers alone to pay for."""
    holder = mother(session, sent=True)
    sent_child(session, holder, 7)
    sent_child(session, holder, 15, name="Zoé")
    return sorted(applications.of_account(session, holder), key=lambda one: one.role, reverse=True)


def begin(session: Session, family: list[Application], **more: Any) -> Payment:
    by = more.pop("by", family[0].account)
    return payments.begin_checkout(session, family[0], ADDRESSES, others=family[1:], by=by)


def rows(session: Session, payment: Payment) -> dict[Any, Payment]:
    found = session.scalars(select(Payment).where(Payment.checkout_id == payment.checkout_id))
    return {row.application_id: row for row in found}


def notice(payment: Payment, number: int = 1, kind: str = "completed", **changes: Any) -> Notice:
    paid = Checkout(str(payment.checkout_id), None, "complete", is_paid=True, amount_cents=12000, currency="USD",
                    language="en")  # fmt: skip
    return Notice(f"evt_{number}", f"checkout.session.{kind}", dataclasses.replace(paid, **changes))


def test_one_payment_sends_a_whole_family(session: Session, family: list[Application], running: Running) -> None:
    payment = begin(session, family)
    assert begin(session, family) is payment and len(running.courier.books.pages.sessions) == 1
    assert company.retrieve_checkout(str(payment.checkout_id)).amount_cents == 12000, "the children pay nothing"
    for number in (1, 2, 1):
        payments.apply_notice(session, notice(payment, number))
    assert {one.status for one in family} == {"under_review"}
    assert {row.state for row in rows(session, payment).values()} == {"paid"}
    found = receipts.of_payment(session, payment, family[0].account)
    assert sorted(line.name for line in found.lines) == ["Léo Tremblay", "Marie-Ève Tremblay", "Zoé Tremblay"]
    assert found.total == 120
    assert receipts.as_pdf(found).startswith(b"%PDF-")


def test_leaving_somebody_out_closes_the_checkout_and_begins_another(
    session: Session, family: list[Application], running: Running
) -> None:
    whole = begin(session, family)
    alone = begin(session, family[:1])
    assert whole.checkout_id != alone.checkout_id
    assert {row.state for row in rows(session, whole).values()} == {"expired"}
    assert list(rows(session, alone)) == [family[0].id]


def test_who_withdrew_meanwhile_is_not_charged_and_the_rest_goes_on(session: Session, running: Running) -> None:
    one, other = ready_to_pay(session), ready_to_pay(session)
    payment = payments.begin_checkout(session, one, ADDRESSES, others=[other], by=one.account)
    applications.withdraw(session, other, by=other.account)
    running.courier.books.pay(str(payment.checkout_id))
    payments.reconcile(session, payment)
    found = rows(session, payment)
    assert (found[one.id].state, one.status) == ("paid", "under_review")
    assert (found[other.id].state, found[other.id].received_cents) == ("to_refund", 12000)
    refunds.give_back(session, found[other.id], by=officer(session, "CA"))
    (refund,) = running.courier.books.pages.refunds.values()
    assert (refund["amount"], found[other.id].state) == (12000, "refunded"), "half of what was paid"


@pytest.mark.parametrize("wrong", [{"amount_cents": 100}, {"currency": "CAD"}])
def test_another_amount_pays_for_nobody_and_goes_back(
    session: Session, family: list[Application], running: Running, wrong: dict[str, Any]
) -> None:
    payment = begin(session, family)
    payments.apply_notice(session, notice(payment, **wrong))
    assert {one.status for one in family} == {"awaiting_payment"}
    states = sorted(row.state for row in rows(session, payment).values())
    assert states == ["expired", "expired", "to_refund"]


def test_two_checkouts_that_share_a_person_charge_that_person_once(session: Session, running: Running) -> None:
    one, other = ready_to_pay(session), ready_to_pay(session)
    both = payments.begin_checkout(session, one, ADDRESSES, others=[other], by=one.account)
    running.courier.books.pay(str(both.checkout_id))
    alone = payments.begin_checkout(session, other, ADDRESSES, by=other.account)
    assert alone.checkout_id == both.checkout_id and alone.state == "paid", "what was paid is found, not asked again"
    assert (one.status, other.status) == ("under_review", "under_review")
    with pytest.raises(NotOpenToThis):
        payments.begin_checkout(session, one, ADDRESSES, by=one.account)


def test_a_failed_payment_is_told_and_loses_nothing(
    session: Session, family: list[Application], running: Running
) -> None:
    payment = begin(session, family)
    payments.apply_notice(session, notice(payment, kind="async_payment_failed", is_paid=False))
    assert {one.status for one in family} == {"awaiting_payment"}
    assert session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "payment_failed")).one()
    assert begin(session, family).checkout_id != payment.checkout_id


def test_nothing_to_pay_for_all_passes_at_once(session: Session, running: Running) -> None:
    holder = mother(session, sent=True)
    own = applications.of_account(session, holder)[0]
    own.status = "under_review"
    children = [sent_child(session, holder, 7), sent_child(session, holder, 3, name="Zoé")]
    assert begin(session, children).checkout_id is None
    assert {one.status for one in children} == {"under_review"}


# Adults linked as a family


@pytest.fixture
def couple(session: Session) -> tuple[Account, Account]:
    one, other = mother(session, sent=True), account(session)
    ties.invite(session, one, "other@example.org")
    ties.accept(session, token_of(session, "family_invited"), by=other)
    return one, other


def test_linked_adults_pay_for_each_other_and_see_the_given_name(
    session: Session, couple: tuple[Account, Account], running: Running
) -> None:
    one, other = couple
    (waiting,) = ties.to_pay(session, other)
    assert waiting.account_id == one.id and ties.given_name(session, one) == "Marie-Ève"
    with pytest.raises(NotFound):
        applications.own(session, other, waiting.reference)
    payment = payments.begin_checkout(session, waiting, ADDRESSES, by=other)
    payments.apply_notice(session, notice(payment))
    assert waiting.status == "under_review"
    (line,) = receipts.of_payment(session, payment, other).lines
    assert (line.name, line.reference) == ("Marie-Ève", ""), "no more than the given name"


def test_a_link_between_adults_works_once_is_for_the_other_and_ends_at_will(
    session: Session, couple: tuple[Account, Account]
) -> None:
    one, other = couple
    with pytest.raises(NotOpenToThis):
        ties.accept(session, token_of(session, "family_invited"), by=account(session))
    (tie,) = ties.of(session, one)
    with pytest.raises(NotFound):
        ties.end(session, tie.id, by=account(session))
    ties.end(session, tie.id, by=other)
    assert ties.of(session, one) == [] and ties.to_pay(session, other) == []


def test_nobody_is_linked_with_themselves(session: Session) -> None:
    holder = mother(session)
    ties.invite(session, holder, "me@example.org")
    with pytest.raises(RuleViolation, match="yourself"):
        ties.accept(session, token_of(session, "family_invited"), by=holder)


def test_a_draft_is_paid_by_nobody(session: Session, running: Running) -> None:
    holder = mother(session, sent=True)
    draft = child_of(session, holder)
    own = next(one for one in applications.of_account(session, holder) if one.role == "self")
    with pytest.raises(NotOpenToThis):
        payments.begin_checkout(session, own, ADDRESSES, others=[draft], by=holder)
