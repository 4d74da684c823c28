"""What each agency does with an application: its review, questions, notes, proposals to refuse and decisions."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, LANGUAGE, of_the_agency
from portal.models.applications import Application
from portal.models.base import Base, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column

STAGE = "stage in ('review', 'final')"


class _OfApplication(Identified):
    application: Mapped[Application]

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person


class Review(_OfApplication, Base):
    """One agency's review of one application: own state, own clock. Its state has one writer: `transitions`."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("application_id", "agency"),
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint(
            "state in ('waiting', 'in_review', 'awaiting_applicant', 'refusal_proposed', 'finished', 'not_needed')",
            name="state_known",
        ),
        of_the_agency("officer_id"),
        Index("ix_review_agency_state_opened_at", "agency", "state", "opened_at"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    agency: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    opened_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    officer_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    held_until: Mapped[datetime | None]
    """Set where the officer took it over in an emergency: from then on the officer does not hold it any more."""
    paused_at: Mapped[datetime | None]
    paused_seconds: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(nullable=False)

    application: Mapped[Application] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"version_id_col": revision}


class InformationRequest(_OfApplication, Base):
    """A question of one agency to the applicant, and the answer."""

    __tablename__ = "information_request"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint(LANGUAGE, name="language_known"),
        of_the_agency("asked_by"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    _question: Mapped[bytes | None] = sealed_column("question")
    question = SealedText()
    wants_document: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[uuid.UUID]
    asked_at: Mapped[datetime]
    due_on: Mapped[date] = mapped_column(Date)
    extended_at: Mapped[datetime | None]
    _answer: Mapped[bytes | None] = sealed_column("answer")
    answer = SealedText()
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("document.id"))
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


class ReviewNote(_OfApplication, Base):
    """An officer's note for colleagues of the same agency. Never edited, only followed by another."""

    __tablename__ = "review_note"
    __table_args__ = (CheckConstraint(AGENCY, name="agency_known"), of_the_agency("officer_id"))

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[uuid.UUID]
    _text: Mapped[bytes | None] = sealed_column("text")
    text = SealedText()
    written_at: Mapped[datetime]

    application: Mapped[Application] = relationship()


class RefusalProposal(_OfApplication, Base):
    """An officer's proposal to refuse, which a second officer of the same agency confirms or sends back."""

    __tablename__ = "refusal_proposal"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint(STAGE, name="stage_known"),
        CheckConstraint("settled_by is null or settled_by <> proposed_by", name="settled_by_another"),
        CheckConstraint("(settled_by is null) = (settled_at is null)", name="settled_who_and_when"),
        of_the_agency("proposed_by"),
        of_the_agency("settled_by"),
        Index(
            "uq_refusal_proposal_open", "application_id", "agency", "stage",
            unique=True, postgresql_where="settled_at is null",
        ),
    )  # fmt: skip

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    agency: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    _note: Mapped[bytes | None] = sealed_column("note")
    note = SealedText()
    version_number: Mapped[int]
    proposed_by: Mapped[uuid.UUID]
    proposed_at: Mapped[datetime]
    settled_by: Mapped[uuid.UUID | None]
    settled_at: Mapped[datetime | None]
    is_confirmed: Mapped[bool | None]

    application: Mapped[Application] = relationship()


class AgencyDecision(_OfApplication, Base):
    """What one agency decided at one stage. A refusal names a reason and was confirmed by another officer."""

    __tablename__ = "agency_decision"
    __table_args__ = (
        Index(
            "uq_agency_decision_in_force",
            "application_id",
            "agency",
            "stage",
            unique=True,
            postgresql_where="superseded_at is null",
        ),
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint(STAGE, name="stage_known"),
        CheckConstraint("outcome in ('cleared', 'refused')", name="outcome_known"),
        CheckConstraint(
            "(outcome = 'refused') = (reason is not null) and (outcome = 'refused') = (confirmed_by is not null)",
            name="refusal_has_reason_and_confirmation",
        ),
        CheckConstraint("confirmed_by is null or confirmed_by <> decided_by", name="confirmed_by_another"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed_who_and_when"),
        of_the_agency("decided_by"),
        of_the_agency("confirmed_by"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    agency: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    version_number: Mapped[int]
    decided_by: Mapped[uuid.UUID]
    decided_at: Mapped[datetime]
    confirmed_by: Mapped[uuid.UUID | None]
    confirmed_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    """When the applicant changed what it rests on: it does not count any more."""

    application: Mapped[Application] = relationship()
