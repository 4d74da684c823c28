"""What happened and who did it: history, audit trail, attempts, and forms already acted upon. Append-only."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class Event(Base):
    """One thing that happened to an application. The timeline and the messages come from it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_application_id_id", "application_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    agency: Mapped[str | None] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditEntry(Base):
    """Who looked at or changed what, when and why. Neither web nor worker can update or delete a row."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_application_id_id", "application_id", "id"),
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index("ix_audit_entry_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    agency: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    application_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    reason: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_id: Mapped[str | None] = mapped_column(Text)


class Attempt(Base):
    """One try at something that is limited (a sign-in, a code), counted by a keyed hash of who or where."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_action_key_at", "action", "key", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    action: Mapped[str] = mapped_column(Text)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class FormEffect(Base):
    """A sent form that took effect, by its key: the same form sent again gets the same answer and no second effect."""

    __tablename__ = "form_effect"

    owner: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    form_key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    location: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)
