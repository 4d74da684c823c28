"""Exports of the audit trail: what an auditor asked for, and the parts that the worker wrote."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, Officer, of_the_agency
from portal.models.base import Base, Identified


class AuditExport(Identified, Base):
    """One search of the trail to be written as CSV: for the auditor who asked, and for a while only."""

    __tablename__ = "audit_export"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("(made_at is null) = (until is null)", name="kept_until_a_moment"),
        CheckConstraint("forgotten_at is null or made_at is not null", name="forgotten_once_made"),
        of_the_agency("officer_id"),
        Index("ix_audit_export_officer_id_asked_at", "officer_id", "asked_at"),
        Index("uq_audit_export_waiting", "officer_id", unique=True, postgresql_where="made_at is null"),
    )

    officer_id: Mapped[uuid.UUID]
    agency: Mapped[str] = mapped_column(Text)
    criteria: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The search: identifiers, dates and names of actions, nothing personal."""
    newest: Mapped[int] = mapped_column(BigInteger)
    """The newest row of the trail when it was asked for: what comes later is not in it."""
    asked_at: Mapped[datetime]
    rows: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    """In bytes, as far as it is written."""
    made_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    officer: Mapped[Officer] = relationship(
        primaryjoin="AuditExport.officer_id == Officer.id", foreign_keys="AuditExport.officer_id", viewonly=True
    )


class AuditExportPart(Identified, Base):
    """Some thousand rows of an export, sealed under the auditor's own key: an export of any length fits in memory."""

    __tablename__ = "audit_export_part"
    __table_args__ = (UniqueConstraint("export_id", "number"), UniqueConstraint("file_key"))

    export_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit_export.id"))
    number: Mapped[int]
    file_key: Mapped[str] = mapped_column(Text)
    oldest: Mapped[int] = mapped_column(BigInteger)
    """The row of the trail with which it ends: the next part begins below."""
