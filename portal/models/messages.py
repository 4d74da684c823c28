"""The outbox: messages written with the change that causes them, sent by the worker."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.clock import now
from portal.models.accounts import LANGUAGE, Account, Officer
from portal.models.applications import Application
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedJSON, sealed_column


class OutgoingMessage(Identified, Created, Base):
    """One message to one reader. `facts` hold nothing personal; what is secret (a code, a link's token) is sealed."""

    __tablename__ = "outgoing_message"
    __table_args__ = (
        CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name="one_reader"),
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint("sent_at is null or failed_at is null", name="sent_or_failed"),
        Index("ix_outgoing_message_open", "due_at", postgresql_where="sent_at is null and failed_at is null"),
    )

    event: Mapped[str] = mapped_column(Text)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"))
    application_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    language: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    _secrets: Mapped[bytes | None] = sealed_column("secrets")
    secrets = SealedJSON()
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    """When the worker tries to send it, next: whoever takes it puts this off, so that two do not try at once."""
    read_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship()
    officer: Mapped[Officer | None] = relationship()
    application: Mapped[Application | None] = relationship()

    @property
    def reader(self) -> Account | Officer:
        """Whom the message is for."""
        reader = self.account or self.officer
        if reader is None:
            raise LookupError("a message without a reader")
        return reader

    @property
    def key_owner(self) -> KeyOwner:
        return self.reader
