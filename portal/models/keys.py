"""Which keys the database still needs: filled by triggers (migration 0015), so that no row escapes it."""

from __future__ import annotations

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class KeyUse(Base):
    """A key under which something rests here. The row goes when a rotation has found nothing under it any more."""

    __tablename__ = "key_use"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    """master or index."""
    key_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
