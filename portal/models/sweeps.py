"""Sweeps: many people screened at once, in parts that several workers share; and against what each member was."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY
from portal.models.base import Base, Identified
from portal.models.lookout_lists import LookoutListVersion


class ScreeningSweep(Identified, Base):
    """One pass over many people: what a draft would hit, what a new version means for members, the weekly audit."""

    __tablename__ = "screening_sweep"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("kind in ('dry_run', 'members', 'audit')", name="kind_known"),
        CheckConstraint("(kind = 'dry_run') = (version_id is not null)", name="dry_run_of_a_version"),
        Index("uq_screening_sweep_dry_run", "version_id", unique=True, postgresql_where="version_id is not null"),
        Index(
            "uq_screening_sweep_running", "agency", "kind",
            unique=True, postgresql_where="ended_at is null and kind <> 'dry_run'",
        ),
    )  # fmt: skip

    agency: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lookout_list_version.id"))
    list_versions: Mapped[list[str]] = mapped_column(JSONB)
    matcher_version: Mapped[str] = mapped_column(Text)
    threshold: Mapped[float]
    total: Mapped[int]
    """How many people."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    version: Mapped[LookoutListVersion | None] = relationship()


class SweepPart(Identified, Base):
    """The people of a sweep from one identifier to another; counted when it is done, in the same transaction."""

    __tablename__ = "sweep_part"
    __table_args__ = (
        UniqueConstraint("sweep_id", "number"),
        CheckConstraint("(done_at is null) = (counts is null)", name="counted_when_done"),
    )

    sweep_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening_sweep.id", ondelete="CASCADE"))
    number: Mapped[int]
    first_person: Mapped[uuid.UUID]
    last_person: Mapped[uuid.UUID]
    size: Mapped[int]
    counts: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    done_at: Mapped[datetime | None]

    sweep: Mapped[ScreeningSweep] = relationship()


class MemberScreening(Base):
    """Against what a member was screened last, for each agency: the sweep says the lists and the matcher."""

    __tablename__ = "member_screening"
    __table_args__ = (CheckConstraint(AGENCY, name="agency_known"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    agency: Mapped[str] = mapped_column(Text, primary_key=True)
    sweep_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening_sweep.id"), index=True)
    screened_at: Mapped[datetime]

    sweep: Mapped[ScreeningSweep] = relationship()
