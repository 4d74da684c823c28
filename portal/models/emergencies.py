"""Emergency access: an officer takes over, for some hours, what a colleague holds; a second person judges it after."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, of_the_agency
from portal.models.applications import Application
from portal.models.base import Base, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column
from portal.models.reviews import Review


class EmergencyAccess(Identified, Base):
    """One emergency: who took over, from whom, until when at most; and what a second person made of it."""

    __tablename__ = "emergency_access"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("ends_at > began_at", name="ends_later"),
        CheckConstraint("verdict in ('justified', 'not_justified')", name="verdict_known"),
        CheckConstraint("num_nonnulls(verdict, judged_by, judged_at) in (0, 3)", name="judged_by_somebody"),
        CheckConstraint("judged_by is null or judged_by <> officer_id", name="judged_by_another"),
        CheckConstraint(
            "judged_at is null or (ended_at is not null and judged_at >= ended_at)", name="judged_afterwards"
        ),
        of_the_agency("officer_id"),
        of_the_agency("held_before"),
        of_the_agency("judged_by"),
        Index("uq_emergency_access_open", "review_id", unique=True, postgresql_where="ended_at is null"),
        Index("ix_emergency_access_to_judge", "agency", "began_at", postgresql_where="judged_at is null"),
    )

    review_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("review.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[uuid.UUID]
    held_before: Mapped[uuid.UUID | None]
    """The colleague to whom the review goes back."""
    _reason: Mapped[bytes | None] = sealed_column("reason")
    reason = SealedText()
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """When it ends by itself."""
    ended_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(Text)
    _judgement: Mapped[bytes | None] = sealed_column("judgement")
    judgement = SealedText()
    """Why the second person says so."""
    judged_by: Mapped[uuid.UUID | None]
    judged_at: Mapped[datetime | None]

    review: Mapped[Review] = relationship()
    application: Mapped[Application] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person
