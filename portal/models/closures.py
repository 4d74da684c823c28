"""When a centre does not interview although its rules say so, and the new times kept for those who were booked."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Created, Identified
from portal.models.interviews import EnrolmentCentre, Interview, Place


class Closure(Identified, Created, Base):
    """A centre closed for a while: planned first, so that everybody sees whom it hits; then in force; or reopened."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("state in ('planned', 'dropped', 'in_force', 'reopened')", name="state_known"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index("ix_closure_centre_id_ends_at", "centre_id", "ends_at"),
    )

    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment_centre.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="planned")
    planned_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("officer.id"))
    kept_until: Mapped[datetime]
    """Until when a planned closure keeps the new times; then it has to look for them again."""
    published_at: Mapped[datetime | None]

    centre: Mapped[EnrolmentCentre] = relationship()


class Replacement(Identified, Base):
    """The interview of one applicant that a closure hits, and the place that is kept instead, where one was found."""

    __tablename__ = "replacement"
    __table_args__ = (
        UniqueConstraint("closure_id", "interview_id"),
        Index("ix_replacement_place_id", "place_id", unique=True, postgresql_where="settled_at is null"),
        Index("ix_replacement_interview_id", "interview_id"),
    )

    closure_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("closure.id"))
    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"))
    old_place_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("place.id"))
    place_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("place.id"))
    settled_at: Mapped[datetime | None]
    """When the place was taken, let go, or kept for nobody any more."""

    closure: Mapped[Closure] = relationship()
    interview: Mapped[Interview] = relationship()
    old_place: Mapped[Place] = relationship(foreign_keys=old_place_id)
    place: Mapped[Place | None] = relationship(foreign_keys=place_id)
