"""Roles that one administrator proposes for an officer and another one grants."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import AGENCY, Officer
from portal.models.base import Base, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column


class RoleGrant(Identified, Base):
    """A proposal of roles. Three people of one agency: whose roles, who proposes, and, to grant them, who else."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint(
            "roles <@ array['officer','supervisor','administrator','auditor']::text[] and cardinality(roles) > 0",
            name="roles_known",
        ),
        CheckConstraint("outcome in ('granted', 'declined', 'replaced')", name="outcome_known"),
        CheckConstraint("(outcome is null) = (settled_at is null)", name="settled_when"),
        CheckConstraint("proposed_by <> officer_id", name="not_for_oneself"),
        CheckConstraint(
            "outcome is distinct from 'granted' "
            "or (settled_by is not null and settled_by <> proposed_by and settled_by <> officer_id)",
            name="granted_by_another",
        ),
        ForeignKeyConstraint(["officer_id", "agency"], ["officer.id", "officer.agency"]),
        ForeignKeyConstraint(["proposed_by", "agency"], ["officer.id", "officer.agency"]),
        ForeignKeyConstraint(["settled_by", "agency"], ["officer.id", "officer.agency"]),
        Index("uq_role_grant_open", "officer_id", unique=True, postgresql_where="settled_at is null"),
    )

    officer_id: Mapped[uuid.UUID] = mapped_column(index=True)
    agency: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    proposed_by: Mapped[uuid.UUID]
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_by: Mapped[uuid.UUID | None]
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    _declined_because: Mapped[bytes | None] = sealed_column("declined_because")
    declined_because = SealedText()
    """Why a colleague declined it; who takes back their own proposal need not say."""

    officer: Mapped[Officer] = relationship(
        primaryjoin="RoleGrant.officer_id == Officer.id", foreign_keys="RoleGrant.officer_id", viewonly=True
    )
    proposer: Mapped[Officer] = relationship(
        primaryjoin="RoleGrant.proposed_by == Officer.id", foreign_keys="RoleGrant.proposed_by", viewonly=True
    )

    @property
    def key_owner(self) -> KeyOwner:
        return self.officer
