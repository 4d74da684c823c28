"""Forms that were sent when somebody first had to prove who they are: sealed, for a few minutes."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Account, Officer
from portal.models.base import Base, Identified
from portal.models.encryption import KeyOwner, SealedJSON, sealed_column


class KeptForm(Identified, Base):
    """What one person typed, and on which page; opened once, by the token whose hash is here."""

    __tablename__ = "kept_form"
    __table_args__ = (CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name="one_person"),)

    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    _body: Mapped[bytes | None] = sealed_column("body")
    body = SealedJSON()
    expires_at: Mapped[datetime]

    account: Mapped[Account | None] = relationship()
    officer: Mapped[Officer | None] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        owner = self.account or self.officer
        if owner is None:
            raise LookupError("a form that nobody sent")
        return owner
