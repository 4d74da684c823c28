"""Uploaded documents and their pages as an officer sees them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.applications import Application
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedJSON, SealedText, sealed_column


class Document(Identified, Created, Base):
    """A file that a traveller sent. The bytes lie encrypted in the file store under a random key."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("state in ('received', 'checking', 'ready', 'refused')", name="state_known"),
        CheckConstraint("(state = 'refused') = (refusal is not null)", name="refusal_has_a_reason"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    _name: Mapped[bytes | None] = sealed_column("name")
    name = SealedText()
    serves: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    """Further kinds of documents that the same file shows."""
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    file_key: Mapped[str] = mapped_column(Text, unique=True)
    state: Mapped[str] = mapped_column(Text, default="received")
    refusal: Mapped[str | None] = mapped_column(Text)
    checked_at: Mapped[datetime | None]
    _reading: Mapped[bytes | None] = sealed_column("reading")
    reading = SealedJSON()
    """The lines of its machine-readable zone and the places that are not sure (`services.document_readings`)."""
    removed_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    pages: Mapped[list[DocumentPage]] = relationship(order_by="DocumentPage.number", back_populates="document")

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person

    def shows(self, kind: str) -> bool:
        """Whether it was sent as this kind of document, or serves as it too."""
        return kind == self.kind or kind in self.serves


class DocumentMark(Identified, Base):
    """What an agency's officers say of a document: its last word, which the other agency does not see."""

    __tablename__ = "document_mark"
    __table_args__ = (
        UniqueConstraint("document_id", "agency"),
        CheckConstraint("mark in ('readable', 'unreadable', 'not_needed')", name="mark_known"),
        CheckConstraint("agency in ('CA', 'US')", name="agency_known"),
    )

    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"))
    agency: Mapped[str] = mapped_column(Text)
    mark: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officer.id"))
    marked_at: Mapped[datetime]


class DocumentPage(Identified, Base):
    """One page, decoded and drawn anew: the only thing that is ever shown."""

    __tablename__ = "document_page"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"))
    number: Mapped[int]
    file_key: Mapped[str] = mapped_column(Text, unique=True)
    width: Mapped[int]
    height: Mapped[int]

    document: Mapped[Document] = relationship(back_populates="pages")

    @property
    def key_owner(self) -> KeyOwner:
        return self.document.key_owner
