"""The profiles that are screened against look-out lists, the runs and the hits."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, of_the_agency
from portal.models.applications import Application
from portal.models.base import Base, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column
from portal.models.lookout_lists import LookoutEntry


class ScreeningProfile(Base):
    """What is matched of a person, sealed under the screening key of its own; deleted when the person is erased."""

    __tablename__ = "screening_profile"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    block: Mapped[bytes] = mapped_column(LargeBinary)
    normaliser_version: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class ScreeningRun(Identified, Base):
    """One screening of one application version against one agency's lists. Only the newest counts, once finished."""

    __tablename__ = "screening_run"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("state in ('waiting', 'finished', 'failed')", name="state_known"),
        CheckConstraint("(state = 'waiting') = (ended_at is null)", name="ended_when_it_ended"),
        Index("uq_screening_run_newest", "application_id", "agency", unique=True, postgresql_where="is_newest"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    agency: Mapped[str] = mapped_column(Text)
    version_number: Mapped[int]
    is_newest: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    list_versions: Mapped[list[str]] = mapped_column(JSONB)
    matcher_version: Mapped[str] = mapped_column(Text)
    threshold: Mapped[float]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()


EVIDENCE = "array['names', 'birth', 'face', 'fingerprints', 'documents', 'places', 'source', 'other']::text[]"


class LookoutHit(Identified, Base):
    """A possible match, with every reason in words; open until an officer of the list's agency has assessed it."""

    __tablename__ = "lookout_hit"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint("state in ('open', 'same_proposed', 'same', 'not_same', 'cannot_tell')", name="state_known"),
        CheckConstraint("band in ('strong', 'review')", name="band_known"),
        CheckConstraint(f"evidence <@ {EVIDENCE}", name="evidence_known"),
        CheckConstraint("(state = 'open') = (cardinality(evidence) = 0)", name="assessed_on_evidence"),
        CheckConstraint("(state = 'same') = (confirmed_by is not null)", name="same_by_two"),
        CheckConstraint("confirmed_by is null or confirmed_by <> assessed_by", name="confirmed_by_another"),
        CheckConstraint("(confirmed_by is null) = (confirmed_at is null)", name="confirmed_who_and_when"),
        CheckConstraint(
            "(state = 'open') = (assessed_by is null) and (assessed_by is null) = (assessed_at is null)",
            name="assessed_who_and_when",
        ),
        of_the_agency("assessed_by"),
        of_the_agency("confirmed_by"),
        UniqueConstraint("run_id", "entry_id"),
        Index("ix_lookout_hit_to_confirm", "agency", "assessed_at", postgresql_where="state = 'same_proposed'"),
    )

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("screening_run.id"))
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    agency: Mapped[str] = mapped_column(Text)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lookout_entry.id"))
    score: Mapped[float]
    band: Mapped[str] = mapped_column(Text, default="review")
    """strong, or one to review: what the matcher made of the score."""
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="open")
    assessed_by: Mapped[uuid.UUID | None]
    assessed_at: Mapped[datetime | None]
    _assessment: Mapped[bytes | None] = sealed_column("assessment")
    assessment = SealedText()
    evidence: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """What the officer compared."""
    confirmed_by: Mapped[uuid.UUID | None]
    confirmed_at: Mapped[datetime | None]

    run: Mapped[ScreeningRun] = relationship()
    application: Mapped[Application] = relationship()
    entry: Mapped[LookoutEntry] = relationship(lazy="joined", innerjoin=True)

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person
