"""Fees paid through the hosted checkout, and the payment company's notices as they came in."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.applications import Application
from portal.models.base import Base, Created, Identified


class Payment(Identified, Created, Base):
    """One attempt to pay an application's fee; at most one is ever paid."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(
            "state in ('started', 'paid', 'expired', 'failed', 'to_refund', 'refunding', 'refunded')",
            name="state_known",
        ),
        CheckConstraint("(state = 'refunded') = (refunded_at is not null)", name="refunded_when"),
        CheckConstraint("amount_cents >= 0", name="amount_not_negative"),
        Index("ix_payment_to_refund", "paid_at", postgresql_where="state in ('to_refund', 'refunding')"),
        Index("uq_payment_paid_application_id", "application_id", unique=True, postgresql_where="state = 'paid'"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="started")
    payer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    """Whose account began it; nobody’s where nothing was to be paid."""
    checkout_id: Mapped[str | None] = mapped_column(Text, index=True)
    """One checkout may pay for several applications: a row for each."""
    checkout_url: Mapped[str | None] = mapped_column(Text)
    paid_at: Mapped[datetime | None]
    received_cents: Mapped[int | None]
    """What came, where it was not due and goes back."""
    refund_id: Mapped[str | None] = mapped_column(Text, unique=True)
    refunded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"))
    refunded_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


class PaymentNotice(Base):
    """The inbox: each notice of the payment company once, whatever the number of times it was sent."""

    __tablename__ = "payment_notice"

    notice_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    checkout_id: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
