"""What people do with their own data: a new address, a copy of everything, corrections; and what is kept, and why."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, LANGUAGE, Account, of_the_agency
from portal.models.applications import Application
from portal.models.base import Base, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column
from portal.models.people import Person


class EmailChange(Identified, Base):
    """A wish to use another address: proved by a code, then made after a cooling time, unless it is cancelled."""

    __tablename__ = "email_change"
    __table_args__ = (
        CheckConstraint("outcome in ('done', 'cancelled', 'replaced', 'taken')", name="outcome_known"),
        CheckConstraint("(ended_at is null) = (outcome is null)", name="ended_with_an_outcome"),
        CheckConstraint("(proved_at is null) = (lands_at is null)", name="lands_once_proved"),
        Index("uq_email_change_open", "account_id", unique=True, postgresql_where="ended_at is null"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    _email: Mapped[bytes | None] = sealed_column("email")
    email = SealedText()
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    code_expires_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    lands_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)

    account: Mapped[Account] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.account


class DataExport(Identified, Base):
    """A copy of everything that an account holds: asked for, made by the worker, kept sealed for some days."""

    __tablename__ = "data_export"
    __table_args__ = (
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint(
            "(file_key is not null) = (made_at is not null and forgotten_at is null)", name="a_file_while_it_is_kept"
        ),
        CheckConstraint("(made_at is null) = (until is null)", name="kept_until_a_moment"),
        Index(
            "uq_data_export_waiting",
            "account_id",
            unique=True,
            postgresql_where="made_at is null and forgotten_at is null",
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    language: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    file_key: Mapped[str | None] = mapped_column(Text, unique=True)
    size: Mapped[int | None]
    forgotten_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.account


class CorrectionRequest(Identified, Base):
    """What somebody says is wrong in an application that was sent, what is right, and what an officer answered."""

    __tablename__ = "correction_request"
    __table_args__ = (
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint("outcome in ('accepted', 'refused')", name="outcome_known"),
        CheckConstraint(
            "num_nonnulls(outcome, decided_at, decided_by, agency) in (0, 4)", name="decided_by_somebody_at_some_time"
        ),
        CheckConstraint(AGENCY, name="agency_known"),
        of_the_agency("decided_by"),
        Index(
            "ix_correction_request_open",
            "asked_at",
            postgresql_where="outcome is null",
        ),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    section: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    _wrong: Mapped[bytes | None] = sealed_column("wrong")
    wrong = SealedText()
    _right: Mapped[bytes | None] = sealed_column("right")
    right = SealedText()
    asked_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(Text)
    _answer: Mapped[bytes | None] = sealed_column("answer")
    answer = SealedText()
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    agency: Mapped[str | None] = mapped_column(Text)
    """Of whoever decided."""

    application: Mapped[Application] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person


class LegalHold(Identified, Base):
    """An order to keep everything about a person, by a supervisor of one agency; the other agency does not see it."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("(lifted_at is null) = (lifted_by is null)", name="lifted_by_somebody"),
        of_the_agency("placed_by"),
        of_the_agency("lifted_by"),
        Index(
            "uq_legal_hold_open", "person_id", "agency", unique=True, postgresql_where="lifted_at is null"
        ),
    )  # fmt: skip

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    _reason: Mapped[bytes | None] = sealed_column("reason")
    reason = SealedText()
    placed_by: Mapped[uuid.UUID]
    placed_at: Mapped[datetime]
    lifted_by: Mapped[uuid.UUID | None]
    lifted_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.person


class RetentionReport(Base):
    """What one run of the purge forgot: numbers by line of the schedule, nothing personal."""

    __tablename__ = "retention_report"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
