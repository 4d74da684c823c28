"""The waiting list for earlier interviews, and the places that were offered from it."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKey, Index, Integer, Text, Time, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import LANGUAGE
from portal.models.base import Base, Created, Identified
from portal.models.interviews import Interview, Place


class WaitingEntry(Identified, Created, Base):
    """Somebody who wants an earlier time, since when, and what would do. An empty list means that any will."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint("notice_hours between 2 and 720", name="notice_fit"),
        Index("ix_waiting_entry_party_id", "party_id", postgresql_where="party_id is not null"),
        Index("ix_waiting_entry_order", "approved_at", "created_at", "id", postgresql_where="stopped_at is null"),
    )

    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"), unique=True)
    approved_at: Mapped[datetime]
    """When the application was conditionally approved: whoever has waited longest comes first."""
    centre_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid), default=list)
    from_on: Mapped[date | None] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    from_time: Mapped[time | None] = mapped_column(Time)
    until_time: Mapped[time | None] = mapped_column(Time)
    modes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    language: Mapped[str | None] = mapped_column(Text)
    notice_hours: Mapped[int] = mapped_column(default=24)
    stopped_at: Mapped[datetime | None]
    party_id: Mapped[uuid.UUID | None]
    """The interview of the family member who was named first, for everybody who waits together with that one."""

    interview: Mapped[Interview] = relationship()


class Offer(Identified, Created, Base):
    """One place offered to one person: held for them alone, once and never again."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("interview_id", "slot_id"),
        CheckConstraint("state in ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="state_known"),
        CheckConstraint("(state = 'open') = (settled_at is null)", name="settled_when"),
        Index("uq_offer_open_interview_id", "interview_id", unique=True, postgresql_where="state = 'open'"),
        Index("uq_offer_open_place_id", "place_id", unique=True, postgresql_where="state = 'open'"),
        Index("ix_offer_party_id", "party_id", postgresql_where="party_id is not null"),
        Index("ix_offer_until", "until", postgresql_where="state = 'open'"),
    )

    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"))
    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slot.id"))
    place_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("place.id"))
    until: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, default="open")
    settled_at: Mapped[datetime | None]
    party_id: Mapped[uuid.UUID | None]
    """The first of the offers that were made together to a family: all are taken, or none."""

    interview: Mapped[Interview] = relationship()
    place: Mapped[Place] = relationship()
