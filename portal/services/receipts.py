"""Receipts: what one payment paid for, a line for each person, on the screen and as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.adapters import pdf, templates
from portal.clock import now
from portal.domain.fees import REASONS
from portal.i18n import Lazy as _l
from portal.i18n import current_language, speaking
from portal.models import Account, Payment
from portal.services import family, payments


@dataclass(frozen=True)
class Line:
    """What was paid for one person, and why it is that much; `amount` in whole units of the currency."""

    reference: str
    name: str
    reason: _l
    amount: Decimal


@dataclass(frozen=True)
class Receipt:
    """One payment. `number` is what the payer names when they write to us."""

    number: str
    paid_on: date
    currency: str
    lines: Sequence[Line]

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


def of_payment(session: Session, payment: Payment, reader: Account) -> Receipt:
    """The receipt of a payment as `reader` may see it: whoever paid sees every line, by given name where the person is
    another account's; anybody else the line of the own application."""
    rows = payments.paid_together(session, payment) if payment.payer_id == reader.id else [payment]
    first = min(rows, key=lambda row: row.id)
    return Receipt(
        number=first.id.hex[:12].upper(),
        paid_on=(payment.paid_at or now()).date(),
        currency=payment.currency,
        lines=[_line(row, reader) for row in rows],
    )


def as_pdf(receipt: Receipt, language: str | None = None) -> bytes:
    """The receipt as a tagged PDF in the language being spoken, or in `language`."""
    with speaking(language or current_language()):
        return pdf.render(templates.render("exports/receipt.html", receipt=receipt, fonts=pdf.fonts(), made_at=now()))


def _line(row: Payment, reader: Account) -> Line:
    person, application = row.application.person, row.application
    is_own = application.account_id == reader.id
    return Line(
        reference=application.reference if is_own else "",
        name=person.full_name if is_own else family.given_name(person),
        reason=REASONS["adult_cents" if row.amount_cents else "minor_with_parent_cents"],
        amount=Decimal(row.amount_cents) / 100,
    )
