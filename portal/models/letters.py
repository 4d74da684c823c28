"""Letters: frozen contents from which the PDF is made."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import LANGUAGE
from portal.models.applications import Application
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedJSON, sealed_column


class Letter(Identified, Created, Base):
    """A letter to an applicant. The contents are frozen when it is written; the worker makes the PDF from them."""

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint("(file_key is null) = (made_at is null)", name="made_with_a_file"),
        Index(
            "uq_letter_kind", "application_id", "kind", "agency", unique=True, postgresql_nulls_not_distinct=True
        ),
    )  # fmt: skip

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(Text)
    agency: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    _contents: Mapped[bytes | None] = sealed_column("contents")
    contents = SealedJSON()
    file_key: Mapped[str | None] = mapped_column(Text, unique=True)
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person
