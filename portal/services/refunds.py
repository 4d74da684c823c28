"""Giving back what was paid although nothing was due: an officer presses, the company returns it to the card."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.adapters import payments as company
from portal.adapters.payments import Refund
from portal.clock import now, today
from portal.domain.errors import NotFound, NotOpenToThis
from portal.i18n import Lazy as _l
from portal.models import Officer, Payment
from portal.services import audit, notifications
from portal.services.actors import SYSTEM, Actor

WAITING = ("to_refund", "refunding")
NOT_TO_GIVE_BACK = _l("This payment does not wait to be given back.")


def waiting(session: Session) -> list[Payment]:
    """The payments that are to go back or are on their way, the oldest first."""
    query = select(Payment).where(Payment.state.in_(WAITING)).options(joinedload(Payment.application))
    return list(session.scalars(query.order_by(Payment.paid_at, Payment.id)))


def find(session: Session, payment_id: uuid.UUID) -> Payment:
    """One of them. Raises NotFound for any other payment."""
    payment = session.get(Payment, payment_id)
    if payment is None or payment.state not in (*WAITING, "refunded"):
        raise NotFound(str(payment_id))
    return payment


def give_back(session: Session, payment: Payment, *, by: Officer) -> None:
    """Have the company return what was not due to the card it came from; once, however often it is pressed.

    Raises NotOpenToThis where it is under way or done, and payments.Unreachable where the company does not answer:
    what it did then is found again under the same key.
    """
    session.refresh(payment, with_for_update=True)
    if payment.state != "to_refund" or payment.checkout_id is None:
        raise NotOpenToThis(NOT_TO_GIVE_BACK)
    refund = company.refund_checkout(payment.checkout_id, key=_key(payment), cents=payment.received_cents or 0)
    payment.refund_id, payment.refunded_by = refund.id, by.id
    audit.record(session, "payment:refund", payment, by=by, amount_cents=payment.received_cents)
    _settle(session, payment, refund, by=by)


def settle(session: Session, payment: Payment) -> None:
    """Ask what became of a refund that is under way. Raises payments.Unreachable."""
    session.refresh(payment, with_for_update=True)
    if payment.state == "refunding" and payment.refund_id:
        _settle(session, payment, company.retrieve_refund(payment.refund_id), by=SYSTEM)


def under_way(session: Session) -> list[uuid.UUID]:
    """The payments whose refund the company has begun and not finished."""
    return list(session.scalars(select(Payment.id).where(Payment.state == "refunding").order_by(Payment.paid_at)))


def _key(payment: Payment) -> str:
    """The same for a press that was cut short, another one after a refund that failed."""
    return f"refund {payment.id} after {payment.refund_id or 'none'}"


def _settle(session: Session, payment: Payment, refund: Refund, *, by: Actor) -> None:
    if refund.status == "pending":
        payment.state = "refunding"
    elif refund.status == "failed":
        payment.state = "to_refund"
        audit.record(session, "payment:refund_failed", payment, by=by)
    else:
        _finish(session, payment, by=by)


def _finish(session: Session, payment: Payment, *, by: Actor) -> None:
    payment.state, payment.refunded_at = "refunded", now()
    audit.record(session, "payment:refunded", payment, by=by, amount_cents=payment.received_cents)
    facts = {
        "amount_cents": payment.received_cents,
        "currency": payment.currency,
        "returned_on": today().isoformat(),
    }
    notifications.send(session, "payment_refunded", payment.application, facts=facts)
