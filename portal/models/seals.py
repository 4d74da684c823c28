"""The seals over the audit trail. The sealer adds them; nobody changes or removes one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.audit_chain import LEAF_SIZE, Statement
from portal.models.base import Base


class AuditSeal(Base):
    """A signed block of the trail: a leaf for each row, chained with the seal before (`domain.audit_chain`)."""

    __tablename__ = "audit_seal"
    __table_args__ = (CheckConstraint("first_id <= last_id", name="in_order"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(Text)
    signature: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def statement(self) -> Statement:
        """What the seal states, as its row tells it."""
        rows = len(self.leaves) // LEAF_SIZE
        return Statement(self.number, self.at, self.first_id, self.last_id, rows, self.previous, self.head, self.key_id)
