"""Memberships: the number, and how long it lasts."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Created, Identified
from portal.models.people import Person


class Membership(Identified, Created, Base):
    """A person's membership, recognised by both countries."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("number ~ '^00[0-9]{7}$'", name="number_has_nine_digits"),
        CheckConstraint("valid_from < valid_until", name="valid_for_a_time"),
        CheckConstraint("state in ('active', 'suspended', 'revoked', 'expired')", name="state_known"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), unique=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text, default="active")

    person: Mapped[Person] = relationship()
