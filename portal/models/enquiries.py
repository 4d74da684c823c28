"""What travellers ask past the usual time, and the answer: one of a few, the same for everybody."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, of_the_agency
from portal.models.applications import Application
from portal.models.base import Base, Identified


class Enquiry(Identified, Base):
    """An applicant's question to one agency where its checks take longer than usual."""

    __tablename__ = "enquiry"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("answer in ('goes_on', 'soon', 'waits_for_you')", name="answer_known"),
        CheckConstraint(
            "num_nulls(answer, answered_by, answered_at) in (0, 3)", name="answered_by_somebody_at_some_time"
        ),
        of_the_agency("answered_by"),
        Index("uq_enquiry_open", "application_id", "agency", unique=True, postgresql_where="answered_at is null"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[uuid.UUID | None]
    answered_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
