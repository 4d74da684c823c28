"""Enrolment centres, when they open, their slots and places, holds, interviews and what came of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKey, Index, Text, Time, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, of_the_agency
from portal.models.applications import Application
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column


class EnrolmentCentre(Identified, Base):
    """A place where interviews are held."""

    __tablename__ = "enrolment_centre"
    __table_args__ = (
        CheckConstraint("interview_model in ('joint', 'split', 'two_step')", name="model_known"),
        CheckConstraint("country in ('CA', 'US')", name="country_known"),
        CheckConstraint("late_rule in ('rebook', 'call') and late_minutes between 0 and 120", name="late_rule_known"),
        CheckConstraint("iris_capture in ('yes', 'no', 'unknown')", name="iris_known"),
        CheckConstraint("(second_of_id is null) = (travel_minutes is null)", name="second_site_has_a_way"),
    )

    number: Mapped[int] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(Text)
    name_fr: Mapped[str] = mapped_column(Text)
    is_french_name_ours: Mapped[bool]
    address: Mapped[str] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    modes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    interview_model: Mapped[str] = mapped_column(Text)
    agencies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    second_site: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    instructions: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    are_hours_stated: Mapped[bool]
    is_invented: Mapped[bool] = mapped_column(default=False)
    second_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolment_centre.id"), unique=True)
    """The centre whose interviews have their second half here, across the border. Nobody books here alone."""
    travel_minutes: Mapped[int | None]
    """How long the way from there takes, the border included."""
    released_until: Mapped[date | None] = mapped_column(Date)
    """The last day of its calendar whose times are out; none where it has released nothing yet."""
    holiday_lists: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """Whose holidays it keeps: "CA", "US", or those of a province or state ("CA-QC")."""
    late_rule: Mapped[str] = mapped_column(Text, default="rebook", server_default="rebook")
    late_minutes: Mapped[int] = mapped_column(default=15, server_default="15")
    """Up to how many minutes late somebody is still interviewed."""
    pilot_since: Mapped[date | None] = mapped_column(Date)
    """Since when it is a pilot; none where it is permanent."""
    iris_capture: Mapped[str] = mapped_column(Text, default="unknown", server_default="unknown")
    notices: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    """Instructions that its officers added, each with a last day ("until")."""

    def name_in(self, language: str) -> str:
        """The centre's name in `language`."""
        return self.name_fr if language == "fr" else self.name_en


class OpeningRule(Identified, Base):
    """On which weekday (Monday = 0) a centre interviews, from when to when by its own clock, at how many desks."""

    __tablename__ = "opening_rule"
    __table_args__ = (
        CheckConstraint("weekday between 0 and 6", name="weekday_known"),
        CheckConstraint("opens < closes", name="opens_before_it_closes"),
        CheckConstraint("desks > 0 and step_minutes > 0", name="positive"),
    )

    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment_centre.id"), index=True)
    weekday: Mapped[int]
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    step_minutes: Mapped[int]
    desks: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Slot(Identified, Base):
    """A time at a centre: UTC inside, with the centre's local date beside it."""

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("centre_id", "starts_at"),
        Index("ix_slot_centre_id_local_on", "centre_id", "local_on"),
    )

    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment_centre.id"))
    starts_at: Mapped[datetime]
    local_on: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int]

    centre: Mapped[EnrolmentCentre] = relationship()


class Place(Identified, Base):
    """One desk at one time. `interview_part_id` says who booked it: two people can never hold one place."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("slot_id", "desk"),
        CheckConstraint("hold_id is null or held_until is not null", name="held_until_when"),
        Index("ix_place_free", "starts_at", "centre_id", postgresql_where="interview_part_id is null"),
        Index("ix_place_centre_id_starts_at", "centre_id", "starts_at"),
        Index("ix_place_closure_id", "closure_id", postgresql_where="closure_id is not null"),
        Index("uq_place_second_of_id", "second_of_id", unique=True, postgresql_where="second_of_id is not null"),
        CheckConstraint(
            "second_of_id is null or (hold_id is null and closure_id is null and held_until >= '9999-01-01')",
            name="second_never_alone",
        ),
    )

    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slot.id"))
    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment_centre.id"))
    starts_at: Mapped[datetime]
    desk: Mapped[int]
    interview_part_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("interview_part.id"), unique=True)
    hold_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"), unique=True)
    held_until: Mapped[datetime | None]
    """Until then nobody else can have it: for a hold, kept as somebody's new time, or closed for good."""
    closure_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("closure.id"))
    second_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("place.id"))
    """The place of the first half that this one is the second half of: it is never free, and goes with the first."""
    is_half: Mapped[bool] = mapped_column(default=False, server_default=false())

    slot: Mapped[Slot] = relationship()
    centre: Mapped[EnrolmentCentre] = relationship()
    second: Mapped[Place | None] = relationship(
        primaryjoin="Place.id == foreign(remote(Place.second_of_id))", uselist=False, viewonly=True
    )


class Hold(Identified, Created, Base):
    """A place kept for somebody for some minutes, beside the place that is booked already, if any."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("purpose in ('book', 'swap', 'offer')", name="purpose_known"),
        Index("uq_hold_interview_id", "interview_id", unique=True, postgresql_where="purpose <> 'offer'"),
        Index("uq_hold_offered", "interview_id", unique=True, postgresql_where="purpose = 'offer'"),
    )

    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"))
    purpose: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime]
    extensions: Mapped[int] = mapped_column(default=0)


class Interview(Identified, Created, Base):
    """The interview of one application. Its state has one writer: `transitions`."""

    __tablename__ = "interview"
    __table_args__ = (
        CheckConstraint("state in ('to_book', 'booked', 'attended', 'finished', 'with_officer')", name="state_known"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    state: Mapped[str] = mapped_column(Text, default="to_book")
    missed: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(nullable=False)

    application: Mapped[Application] = relationship(lazy="joined", innerjoin=True)
    parts: Mapped[list[InterviewPart]] = relationship(order_by="InterviewPart.position", back_populates="interview")

    __mapper_args__ = {"version_id_col": revision}


class InterviewPart(Identified, Base):
    """One part of an interview: with one agency or both, booked or walk-up."""

    __tablename__ = "interview_part"
    __table_args__ = (
        UniqueConstraint("interview_id", "position"),
        CheckConstraint("agency in ('CA', 'US', 'both')", name="agency_known"),
        CheckConstraint("attendance in ('booked', 'walk_up')", name="attendance_known"),
        CheckConstraint("state in ('open', 'booked', 'done', 'missed')", name="state_known"),
        CheckConstraint("follows_id is null or agency <> 'both'", name="one_agency_follows"),
        CheckConstraint("minutes_late between 1 and 1440", name="late_fit"),
        Index("uq_interview_part_follows_id", "follows_id", unique=True, postgresql_where="follows_id is not null"),
    )

    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview.id"))
    position: Mapped[int]
    agency: Mapped[str] = mapped_column(Text)
    attendance: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    minutes_late: Mapped[int | None]
    """How late somebody came, whether seen all the same or, where the part is missed, sent away."""
    follows_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("interview_part.id"))
    """The part that comes before this one at the same appointment; none for a part that is booked by itself."""
    centre_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolment_centre.id"))
    """Where a part without an appointment is held, as far as the portal knows."""

    interview: Mapped[Interview] = relationship(back_populates="parts")
    place: Mapped[Place | None] = relationship(foreign_keys=Place.interview_part_id, uselist=False)
    centre: Mapped[EnrolmentCentre | None] = relationship()


class InterviewRecord(Identified, Base):
    """What one agency's officer recorded of a part: who came, what was seen, what was captured. No raw biometrics."""

    __tablename__ = "interview_record"
    __table_args__ = (
        UniqueConstraint("part_id", "agency"),
        CheckConstraint(AGENCY, name="agency_known"),
        of_the_agency("officer_id"),
    )

    part_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interview_part.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[uuid.UUID]
    came: Mapped[bool]
    documents_seen: Mapped[list[str]] = mapped_column(JSONB)
    biometrics: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    _note: Mapped[bytes | None] = sealed_column("note")
    note = SealedText()
    recorded_at: Mapped[datetime]

    part: Mapped[InterviewPart] = relationship()
    application: Mapped[Application] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person
