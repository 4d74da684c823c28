"""What is only half done at a door: a passkey's challenge, a sign-in before its second step, a recovery that waits."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Account
from portal.models.base import Base, Created, Identified


class PasskeyChallenge(Identified, Created, Base):
    """A challenge that a passkey has to sign: for one browser and one purpose, once, within five minutes."""

    __tablename__ = "passkey_challenge"

    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    purpose: Mapped[str] = mapped_column(Text)
    binding: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    holder_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class HalfSignIn(Identified, Created, Base):
    """Somebody showed one thing and has to show another. Opens nothing; its token is stored as a hash."""

    __tablename__ = "half_sign_in"
    __table_args__ = (CheckConstraint("purpose in ('sign_in', 'reset', 'enrol')", name="purpose_known"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    passed_at: Mapped[datetime | None]
    """When the second thing was shown, where another page follows it."""
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class RecoveryRequest(Identified, Created, Base):
    """Somebody lost their ways in: after a time of waiting with notice, or in person at a centre."""

    __tablename__ = "recovery_request"
    __table_args__ = (
        CheckConstraint("way in ('waiting', 'centre')", name="way_known"),
        CheckConstraint("(confirmed_by is null) or way = 'centre'", name="confirmed_at_a_centre"),
        Index(
            "uq_recovery_request_open", "account_id", unique=True,
            postgresql_where="cancelled_at is null and completed_at is null",
        ),
        Index("uq_recovery_request_reference", "reference", unique=True),
    )  # fmt: skip

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(Text)
    ready_at: Mapped[datetime | None]
    """From when a new way in may be set up; at a centre, once an officer has seen the person."""
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"))
    cancelled_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
