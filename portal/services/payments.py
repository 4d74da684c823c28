"""Fees: a checkout begun, the company's notices applied once each in any order, what is unclear asked about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.adapters import payments as company
from portal.adapters.payments import Checkout, Notice
from portal.clock import now, today
from portal.domain.errors import NotOpenToThis
from portal.domain.fees import Fee
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.i18n import current_language
from portal.models import Account, Application, Attempt, Payment, PaymentNotice
from portal.models.encryption import keyring
from portal.services import audit, fees, reviews
from portal.services.actors import SYSTEM

NOT_TO_PAY = _l("There is nothing to pay for this application now.")
DESCRIPTION = _l("Application for a membership")
ASK_AFTER = timedelta(minutes=10)
REUSE_FOR = timedelta(hours=20)
"""A checkout lives a day; one that is older than this is closed rather than offered again."""
NOT_DUE = ("to_refund", "refunding", "refunded")
"""The states of a payment that came although none was due: services/refunds.py gives it back."""
FAILED = "checkout.session.async_payment_failed"


class Outcome(StrEnum):
    """What somebody is told who comes back from the checkout."""

    PAID = "paid"
    CONFIRMING = "confirming"
    NOT_PAID = "not_paid"


@dataclass(frozen=True)
class Addresses:
    """Where the hosted page leads when it is done, and when it is left."""

    done: str
    left: str


def begin_checkout(session: Session, application: Application, addresses: Addresses, *, by: Account) -> Payment:
    """The payment to make now: the open checkout if there is one, else a new one; nothing to pay passes at once.

    Gives a paid one where an earlier checkout turns out to have been paid. Raises NotOpenToThis where no payment is
    due, and payments.Unreachable where the company does not answer.
    """
    session.refresh(application, with_for_update=True)
    if application.status != Status.AWAITING_PAYMENT:
        raise NotOpenToThis(NOT_TO_PAY)
    fee = fees.fee_for(session, application, today())
    if fee.cents == 0:
        return _pass(session, application, fee, by=by)
    for earlier in _started(session, application):
        checkout = company.retrieve_checkout(str(earlier.checkout_id))
        if _can_be_used_again(earlier, checkout, fee):
            return earlier
        _settle(session, earlier, company.expire_checkout(checkout.id) if checkout.status == "open" else checkout)
    return paid_payment(session, application) or _begin(session, application, fee, addresses, by=by)


def pass_if_free(session: Session, application: Application) -> bool:
    """Let an application pass for which nothing is to be paid; whether it did. Its status has been locked."""
    if application.status != Status.AWAITING_PAYMENT:
        return False
    fee = fees.fee_for(session, application, today())
    if fee.cents == 0:
        _pass(session, application, fee, by=application.account)
    return fee.cents == 0


def apply_notice(session: Session, notice: Notice) -> None:
    """Apply a verified notice of the company: once, whatever the number of times it comes and in whatever order."""
    if notice.checkout is None or not _is_new(session, notice):
        return
    payment = _of_checkout(session, notice.checkout.id)
    if payment is None:
        audit.record(session, "payment:unknown", "payment_notice", by=SYSTEM, notice=notice.id)
        return
    _lock(session, payment)
    _settle(session, payment, notice.checkout)
    if notice.kind == FAILED and payment.state == "started":
        _end(session, payment, "failed")


def reconcile(session: Session, payment: Payment) -> Checkout | None:
    """Ask the company what became of a payment that is not settled, and settle it. Raises payments.Unreachable."""
    if payment.checkout_id is None or payment.state != "started":
        return None
    checkout = company.retrieve_checkout(payment.checkout_id)
    _lock(session, payment)
    _settle(session, payment, checkout)
    return checkout


def outcome(session: Session, application: Application) -> Outcome:
    """How it stands with the fee for somebody who comes back from the checkout; what is open is asked about."""
    if paid_payment(session, application):
        return Outcome.PAID
    payment = latest(session, application)
    if payment is None:
        return Outcome.NOT_PAID
    try:
        checkout = reconcile(session, payment)
    except company.Unreachable:
        return Outcome.CONFIRMING
    if payment.state == "started" and checkout and checkout.status == "complete":
        return Outcome.CONFIRMING
    return Outcome.PAID if payment.state == "paid" else Outcome.NOT_PAID


def to_reconcile(session: Session) -> list[uuid.UUID]:
    """The payments that began a while ago and are not settled."""
    query = select(Payment.id).where(Payment.state == "started", Payment.created_at < now() - ASK_AFTER)
    return list(session.scalars(query.order_by(Payment.created_at)))


def find(session: Session, payment_id: uuid.UUID) -> Payment | None:
    """The payment with this id; for jobs."""
    return session.get(Payment, payment_id)


def latest(session: Session, application: Application) -> Payment | None:
    """The payment of an application that was begun last."""
    query = select(Payment).where(Payment.application_id == application.id)
    return session.scalars(query.order_by(Payment.created_at.desc(), Payment.id).limit(1)).one_or_none()


def paid_payment(session: Session, application: Application) -> Payment | None:
    """The payment that paid the application's fee, if it is paid."""
    query = select(Payment).where(Payment.application_id == application.id, Payment.state == "paid")
    return session.scalars(query).one_or_none()


def to_be_returned(session: Session, application: Application) -> list[Payment]:
    """Payments that came although none was due: those that go back to whoever paid, and those that went back."""
    query = select(Payment).where(Payment.application_id == application.id, Payment.state.in_(NOT_DUE))
    return list(session.scalars(query.order_by(Payment.created_at)))


def note_forgery(session: Session, source: str) -> None:
    """Count a notice that the company did not sign, by where it came from."""
    session.add(Attempt(action="payment_notice", key=keyring().blind_index("attempt", source), at=now()))


def _pass(session: Session, application: Application, fee: Fee, *, by: Account) -> Payment:
    payment = _new(session, application, fee)
    audit.record(session, "payment:waive", payment, by=by, amount_cents=0)
    _accept(session, payment)
    return payment


def _begin(session: Session, application: Application, fee: Fee, addresses: Addresses, *, by: Account) -> Payment:
    payment = _new(session, application, fee)
    checkout = company.create_checkout(
        key=str(payment.id),
        amount_cents=fee.cents,
        currency=fee.currency,
        description=f"{DESCRIPTION} ({application.reference})",
        language=current_language(),
        return_url=addresses.done,
        cancel_url=addresses.left,
    )
    payment.checkout_id, payment.checkout_url = checkout.id, checkout.url
    audit.record(session, "payment:begin", payment, by=by, amount_cents=fee.cents)
    session.flush()
    return payment


def _new(session: Session, application: Application, fee: Fee) -> Payment:
    # The id follows from the application and the number of tries, so that a try that was cut short is found again by
    # its key at the company instead of becoming a second checkout.
    count = session.scalars(select(func.count(Payment.id)).where(Payment.application_id == application.id)).one()
    payment = Payment(
        id=uuid.uuid5(application.id, f"payment {count + 1} of {fee.cents} {fee.currency}, {current_language()}"),
        application=application,
        application_id=application.id,
        amount_cents=fee.cents,
        currency=fee.currency,
        state="started",
    )
    session.add(payment)
    return payment


def _started(session: Session, application: Application) -> list[Payment]:
    query = select(Payment).where(Payment.application_id == application.id, Payment.state == "started")
    return list(session.scalars(query))


def _can_be_used_again(payment: Payment, checkout: Checkout, fee: Fee) -> bool:
    asked, wanted = (checkout.amount_cents, checkout.currency), (fee.cents, fee.currency)
    is_fresh = checkout.status == "open" and payment.created_at > now() - REUSE_FOR
    return is_fresh and asked == wanted and checkout.language == current_language()


def _is_new(session: Session, notice: Notice) -> bool:
    """Write the notice into the inbox; False where it lies there. One that comes twice at once waits for itself."""
    checkout_id = notice.checkout.id if notice.checkout else ""
    row = insert(PaymentNotice).values(
        notice_id=notice.id, kind=notice.kind, checkout_id=checkout_id, received_at=now()
    )
    added = session.execute(row.on_conflict_do_nothing().returning(PaymentNotice.notice_id))
    return added.first() is not None


def _of_checkout(session: Session, checkout_id: str) -> Payment | None:
    return session.scalars(select(Payment).where(Payment.checkout_id == checkout_id)).one_or_none()


def _lock(session: Session, payment: Payment) -> None:
    """Read application and payment anew while nobody else can settle any payment of the application."""
    session.refresh(payment.application, with_for_update=True)
    session.refresh(payment)


def _settle(session: Session, payment: Payment, checkout: Checkout) -> None:
    """Bring a payment to what the company says of its checkout. Paid is the last word; the rest may come late."""
    if checkout.is_paid and payment.state not in ("paid", *NOT_DUE):
        if wrong := _why_not_due(payment, checkout):
            _end(session, payment, "to_refund", wrong=wrong, received_cents=checkout.amount_cents)
        else:
            _accept(session, payment)
    elif checkout.status == "expired" and payment.state == "started":
        _end(session, payment, "expired")


def _why_not_due(payment: Payment, checkout: Checkout) -> str | None:
    if (checkout.amount_cents, checkout.currency) != (payment.amount_cents, payment.currency):
        return "amount"
    if payment.application.status != Status.AWAITING_PAYMENT:
        return "application"
    return None


def _accept(session: Session, payment: Payment) -> None:
    """The fee is paid: the review begins, in the same transaction."""
    payment.state, payment.paid_at = "paid", now()
    session.flush()
    audit.record(session, "payment:accept", payment, by=SYSTEM, amount_cents=payment.amount_cents)
    reviews.open_reviews(session, payment.application, amount_cents=payment.amount_cents, paid_on=today(), by=SYSTEM)


def _end(
    session: Session, payment: Payment, state: str, *, wrong: str | None = None, received_cents: int | None = None
) -> None:
    payment.state = state
    payment.paid_at, payment.received_cents = now() if state == "to_refund" else None, received_cents
    session.flush()
    audit.record(session, f"payment:{state}", payment, wrong=wrong, received_cents=received_cents, by=SYSTEM)
