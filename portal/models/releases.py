"""How a centre releases its times, each rule with the day from which it holds."""

from __future__ import annotations

import uuid
from datetime import date, time

from sqlalchemy import CheckConstraint, Date, ForeignKey, Text, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Created, Identified


class ReleaseRule(Identified, Created, Base):
    """A centre's own rule. Where it has none, that of the setting "slots" holds."""

    __tablename__ = "release_rule"
    __table_args__ = (
        UniqueConstraint("centre_id", "valid_from"),
        CheckConstraint("kind in ('rolling', 'weekly', 'monthly')", name="kind_known"),
        CheckConstraint("(kind = 'rolling') = (weekday is null)", name="weekday_when"),
        CheckConstraint("(kind = 'monthly') = (week is not null)", name="week_when"),
        CheckConstraint("weekday between 0 and 6 and week between 1 and 4", name="day_known"),
        CheckConstraint("days_ahead between 7 and 365", name="days_ahead_fit"),
    )

    centre_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment_centre.id"))
    valid_from: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[time] = mapped_column(Time)
    weekday: Mapped[int | None]
    week: Mapped[int | None]
    days_ahead: Mapped[int]
