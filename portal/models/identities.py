"""Sign-in elsewhere: whom a provider knows under which name, and the questions that wait for its answer."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Created, Identified
from portal.models.factors import ONE_HOLDER, OfOneHolder


class LinkedIdentity(OfOneHolder, Base):
    """A provider's own name for the holder, as a hash of issuer and subject: we never need to read it again."""

    __tablename__ = "linked_identity"
    __table_args__ = (
        CheckConstraint(ONE_HOLDER, name="one_holder"),
        CheckConstraint("provider in ('national', 'CA', 'US')", name="provider_known"),
        CheckConstraint("(provider = 'national') = (account_id is not null)", name="provider_of_the_audience"),
        UniqueConstraint("account_id", "provider"),
        UniqueConstraint("officer_id", "provider"),
    )

    provider: Mapped[str] = mapped_column(Text)
    subject_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]


class ProviderQuestion(Identified, Created, Base):
    """One way to a provider and back: for one browser, one purpose, once, within ten minutes."""

    __tablename__ = "provider_question"
    __table_args__ = (CheckConstraint("purpose in ('sign_in', 'link', 'prove')", name="purpose_known"),)

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    provider: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    binding: Mapped[bytes] = mapped_column(LargeBinary)
    holder_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
