"""Fees: a checkout begun, the company's notices applied once each in any order, what is unclear asked about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.adapters import payments as company
from portal.adapters.payments import Checkout, Line, Notice
from portal.clock import now, today
from portal.domain.errors import NotOpenToThis
from portal.domain.fees import Fee
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.i18n import current_language
from portal.models import Account, Application, Attempt, Payment, PaymentNotice
from portal.models.encryption import keyring
from portal.services import audit, fees, notifications, reviews
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


def begin_checkout(
    session: Session,
    application: Application,
    addresses: Addresses,
    *,
    others: Sequence[Application] = (),
    by: Account,
) -> Payment:
    """The payment to make now, for this application and `others` at once: the open checkout if it is for the same ones,
    else a new one; where nothing is to be paid for any of them, all pass at once.

    Gives a paid one where an earlier checkout turns out to have been paid. Raises NotOpenToThis where no payment is
    due, and payments.Unreachable where the company does not answer.
    """
    together = _locked(session, [application, *others])
    if any(one.status != Status.AWAITING_PAYMENT for one in together):
        raise NotOpenToThis(NOT_TO_PAY)
    due = {one.id: fees.fee_for(session, one, today()) for one in together}
    if not any(fee.cents for fee in due.values()):
        passed = {one.id: _pass(session, one, due[one.id], by=by) for one in together}
        return passed[application.id]
    for rows in _started(session, together):
        checkout = company.retrieve_checkout(str(rows[0].checkout_id))
        if _can_be_used_again(rows, checkout, due):
            return next(row for row in rows if row.application_id == application.id)
        _settle(session, rows, company.expire_checkout(checkout.id) if checkout.status == "open" else checkout)
    if paid := paid_payment(session, application):
        return paid
    unpaid = [one for one in together if one.status == Status.AWAITING_PAYMENT]
    return next(row for row in _begin(session, unpaid, due, addresses, by=by) if row.application_id == application.id)


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
    rows = _of_checkout(session, notice.checkout.id)
    if not rows:
        audit.record(session, "payment:unknown", "payment_notice", by=SYSTEM, notice=notice.id)
        return
    _lock(session, rows)
    _settle(session, rows, notice.checkout)
    if notice.kind == FAILED:
        _fail(session, [row for row in rows if row.state == "started"])


def reconcile(session: Session, payment: Payment) -> Checkout | None:
    """Ask the company what became of a payment that is not settled, and settle it. Raises payments.Unreachable."""
    if payment.checkout_id is None or payment.state != "started":
        return None
    checkout = company.retrieve_checkout(payment.checkout_id)
    rows = _of_checkout(session, payment.checkout_id)
    _lock(session, rows)
    _settle(session, rows, checkout)
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


def paid_together(session: Session, payment: Payment) -> list[Payment]:
    """Everything that was paid with this payment, the payment itself among it: the lines of one receipt."""
    if payment.checkout_id is None:
        return [payment]
    return [row for row in _of_checkout(session, payment.checkout_id) if row.state == "paid"]


def to_be_returned(session: Session, application: Application) -> list[Payment]:
    """Payments that came although none was due: those that go back to whoever paid, and those that went back."""
    query = select(Payment).where(Payment.application_id == application.id, Payment.state.in_(NOT_DUE))
    return list(session.scalars(query.order_by(Payment.created_at)))


def note_forgery(session: Session, source: str) -> None:
    """Count a notice that the company did not sign, by where it came from, and write it into the audit trail."""
    audit.record(session, "payment:forged", "payment_notice", by=SYSTEM)
    session.add(Attempt(action="payment_notice", key=keyring().blind_index("attempt", source), at=now()))


def _pass(session: Session, application: Application, fee: Fee, *, by: Account) -> Payment:
    payment = _new(session, application, fee)
    audit.record(session, "payment:waive", payment, by=by, amount_cents=0)
    _accept(session, payment)
    return payment


def _begin(
    session: Session, unpaid: list[Application], due: Mapping[uuid.UUID, Fee], addresses: Addresses, *, by: Account
) -> list[Payment]:
    rows = [_new(session, one, due[one.id], together=len(unpaid)) for one in unpaid]
    checkout = company.create_checkout(
        key=_key(rows),
        lines=[
            Line(f"{DESCRIPTION} ({row.application.reference})", row.amount_cents) for row in rows if row.amount_cents
        ],
        currency=rows[0].currency,
        language=current_language(),
        return_url=addresses.done,
        cancel_url=addresses.left,
    )
    for row in rows:
        row.checkout_id, row.checkout_url, row.payer_id = checkout.id, checkout.url, by.id
        audit.record(session, "payment:begin", row, by=by, amount_cents=row.amount_cents)
    session.flush()
    return rows


def _key(rows: list[Payment]) -> str:
    """By which the company knows a checkout again: of one payment its id, of several one that follows from theirs."""
    first, *rest = rows
    return str(uuid.uuid5(first.id, " ".join(str(row.id) for row in rest)) if rest else first.id)


def _new(session: Session, application: Application, fee: Fee, *, together: int = 1) -> Payment:
    # The id follows from the application and the number of tries, so that a try that was cut short is found again by
    # its key at the company instead of becoming a second checkout.
    count = session.scalars(select(func.count(Payment.id)).where(Payment.application_id == application.id)).one()
    what = f"{fee.cents} {fee.currency}, {current_language()}" + (f", one of {together}" if together > 1 else "")
    payment = Payment(
        id=uuid.uuid5(application.id, f"payment {count + 1} of {what}"),
        application=application,
        application_id=application.id,
        amount_cents=fee.cents,
        currency=fee.currency,
        state="started",
    )
    session.add(payment)
    return payment


def _locked(session: Session, wanted: Sequence[Application]) -> list[Application]:
    """The applications, each once, read anew while nobody else can settle any payment of theirs, nor of those that
    share an open checkout with them: always in the same order, so that two who pay at once wait for each other."""
    ids = {one.id for one in wanted}
    open_now = select(Payment.checkout_id).where(Payment.application_id.in_(ids), Payment.state == "started")
    shared = select(Payment.application_id).where(Payment.checkout_id.in_(open_now))
    query = select(Application).where(Application.id.in_(ids) | Application.id.in_(shared)).order_by(Application.id)
    found = session.scalars(query.with_for_update(of=Application), execution_options={"populate_existing": True})
    return [one for one in found if one.id in ids]


def _started(session: Session, together: list[Application]) -> list[list[Payment]]:
    """The open checkouts that have to do with one of these applications, each with all its payments."""
    query = select(Payment.checkout_id).distinct().where(
        Payment.application_id.in_([one.id for one in together]),
        Payment.state == "started",
        Payment.checkout_id.is_not(None),
    )  # fmt: skip
    return [_of_checkout(session, str(checkout_id)) for checkout_id in session.scalars(query)]


def _can_be_used_again(rows: list[Payment], checkout: Checkout, due: Mapping[uuid.UUID, Fee]) -> bool:
    same = {row.application_id: row.amount_cents for row in rows} == {key: fee.cents for key, fee in due.items()}
    asked, wanted = (checkout.amount_cents, checkout.currency), (_total(rows), rows[0].currency)
    is_fresh = checkout.status == "open" and rows[0].created_at > now() - REUSE_FOR
    return same and is_fresh and asked == wanted and checkout.language == current_language()


def _total(rows: list[Payment]) -> int:
    return sum(row.amount_cents for row in rows)


def _is_new(session: Session, notice: Notice) -> bool:
    """Write the notice into the inbox; False where it lies there. One that comes twice at once waits for itself."""
    checkout_id = notice.checkout.id if notice.checkout else ""
    row = insert(PaymentNotice).values(
        notice_id=notice.id, kind=notice.kind, checkout_id=checkout_id, received_at=now()
    )
    added = session.execute(row.on_conflict_do_nothing().returning(PaymentNotice.notice_id))
    return added.first() is not None


def _of_checkout(session: Session, checkout_id: str) -> list[Payment]:
    query = select(Payment).where(Payment.checkout_id == checkout_id)
    return list(session.scalars(query.order_by(Payment.amount_cents.desc(), Payment.application_id)))


def _lock(session: Session, rows: list[Payment]) -> None:
    """Read applications and payments anew while nobody else can settle any payment of the applications."""
    for row in sorted(rows, key=lambda row: row.application_id):
        session.refresh(row.application, with_for_update=True)
        session.refresh(row)


def _settle(session: Session, rows: list[Payment], checkout: Checkout) -> None:
    """Bring payments to what the company says of their checkout. Paid is the last word; the rest may come late."""
    is_right = (checkout.amount_cents, checkout.currency) == (_total(rows), rows[0].currency)
    open_rows = [row for row in rows if row.state not in ("paid", *NOT_DUE)]
    if checkout.is_paid and not is_right:
        for row in open_rows:  # what came belongs to the first line, and goes back as a whole
            _return(session, row, "amount", checkout.amount_cents if row is open_rows[0] else 0)
    elif checkout.is_paid:
        for row in open_rows:
            if row.application.status == Status.AWAITING_PAYMENT:
                _accept(session, row)
            else:
                _return(session, row, "application", row.amount_cents)
    elif checkout.status == "expired":
        for row in rows:
            if row.state == "started":
                _end(session, row, "expired")


def _return(session: Session, row: Payment, wrong: str, cents: int) -> None:
    """A line that was paid although it was not due; one without money ends."""
    if cents:
        _end(session, row, "to_refund", wrong=wrong, received_cents=cents)
    elif row.state == "started":
        _end(session, row, "expired")


def _fail(session: Session, rows: list[Payment]) -> None:
    for row in rows:
        _end(session, row, "failed")
    for payer in {row.payer_id for row in rows if row.payer_id}:
        notifications.send(session, "payment_failed", to=session.get_one(Account, payer))


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
