"""Applications: what people type, what they sent, and what they consented to."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.domain.lifecycle import CLOSED_STATUSES, STATUSES
from portal.domain.sections import ROLES
from portal.models.accounts import LANGUAGE, Account
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedJSON, SealedText, sealed_column
from portal.models.people import Person


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(str(value)) for value in values)})"


class Application(Identified, Created, Base):
    """One person's application. Its status has one writer: `portal.services.transitions`."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(_one_of("status", STATUSES), name="status_known"),
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint(_one_of("role", ROLES), name="role_known"),
        Index(
            "uq_application_open_person_id",
            "person_id",
            unique=True,
            postgresql_where=f"not ({_one_of('status', CLOSED_STATUSES)})",
        ),
        Index("ix_application_status_submitted_at", "status", "submitted_at"),
    )

    reference: Mapped[str] = mapped_column(Text, unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(Text, default="self")
    """As what the account acts for the person: it says who signs and what is asked."""
    status: Mapped[str] = mapped_column(Text, default="draft")
    language: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    conditionally_approved_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    interview_deadline_on: Mapped[date | None] = mapped_column(Date)
    revision: Mapped[int] = mapped_column(nullable=False)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    account: Mapped[Account] = relationship()
    sections: Mapped[list[SectionDraft]] = relationship(back_populates="application", order_by="SectionDraft.section")
    versions: Mapped[list[ApplicationVersion]] = relationship(
        back_populates="application", order_by="ApplicationVersion.number"
    )

    __mapper_args__ = {"version_id_col": revision}

    @property
    def key_owner(self) -> KeyOwner:
        return self.person


class SectionDraft(Identified, Base):
    """What was typed into one section, fit or not; `answers` only where all of it was fit."""

    __tablename__ = "section_draft"
    __table_args__ = (UniqueConstraint("application_id", "section"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    section: Mapped[str] = mapped_column(Text)
    seq: Mapped[int] = mapped_column()
    _raw: Mapped[bytes | None] = sealed_column("raw")
    raw = SealedJSON()
    _answers: Mapped[bytes | None] = sealed_column("answers")
    answers = SealedJSON()
    is_complete: Mapped[bool]
    saved_at: Mapped[datetime]
    filled_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("helper.id"))
    """The helper who typed into it last; it stays when the applicant types too."""

    application: Mapped[Application] = relationship(back_populates="sections")

    __mapper_args__ = {"version_id_col": seq}

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person


class ApplicationVersion(Identified, Base):
    """The answers, frozen and numbered, as they were sent or corrected."""

    __tablename__ = "application_version"
    __table_args__ = (UniqueConstraint("application_id", "number"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int]
    _answers: Mapped[bytes | None] = sealed_column("answers")
    answers = SealedJSON()
    made_at: Mapped[datetime]

    application: Mapped[Application] = relationship(back_populates="versions")

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person


class Consent(Identified, Base):
    """A consent that somebody gave: to which text, in which language, when, signed with which name."""

    __tablename__ = "consent"
    __table_args__ = (CheckConstraint(LANGUAGE, name="language_known"),)

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"))
    text_version: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    _signed_name: Mapped[bytes | None] = sealed_column("signed_name")
    signed_name = SealedText()
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person
