"""What proves that somebody is who they were: passkeys, authenticator apps, recovery codes, printed sheets."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from portal.models.accounts import Account, Officer
from portal.models.base import Base, Created, Identified
from portal.models.encryption import SealedText, sealed_column

ONE_HOLDER = "num_nonnulls(account_id, officer_id) = 1"


class OfOneHolder(Identified, Created):
    """A row that belongs to a traveller's account or to an officer."""

    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"), index=True)

    @declared_attr
    def account(cls) -> Mapped[Account | None]:
        return relationship(Account)

    @declared_attr
    def officer(cls) -> Mapped[Officer | None]:
        return relationship(Officer, foreign_keys=lambda: [cls.officer_id])  # type: ignore[arg-type]

    @property
    def holder(self) -> Account | Officer:
        """Whose it is."""
        holder = self.account or self.officer
        if holder is None:
            raise LookupError("a factor of nobody")
        return holder

    @property
    def key_owner(self) -> Account | Officer:
        return self.holder


class Passkey(OfOneHolder, Base):
    """A key pair that stays on a device or in a password manager; this is its public half."""

    __tablename__ = "passkey"
    __table_args__ = (CheckConstraint(ONE_HOLDER, name="one_holder"),)

    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(ARRAY(Text))
    _name: Mapped[bytes | None] = sealed_column("name")
    name = SealedText()
    used_at: Mapped[datetime | None]


class AuthenticatorApp(OfOneHolder, Base):
    """A secret shared with an app that shows a new code every 30 seconds. Counts once a code of it was shown."""

    __tablename__ = "authenticator_app"
    __table_args__ = (CheckConstraint(ONE_HOLDER, name="one_holder"),)

    _secret: Mapped[bytes | None] = sealed_column("secret")
    secret = SealedText()
    confirmed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The 30-second step of the last code that was right: no code of it or before it works again."""


class RecoveryCode(OfOneHolder, Base):
    """A code that works once. Its text is there, sealed, only until the holder has saved it."""

    __tablename__ = "recovery_code"
    __table_args__ = (CheckConstraint(ONE_HOLDER, name="one_holder"),)

    number: Mapped[int]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    _code: Mapped[bytes | None] = sealed_column("code")
    code = SealedText()
    used_at: Mapped[datetime | None]


class PrintedSheet(OfOneHolder, Base):
    """A sheet of single-use codes on paper, for those without a device: asked for, then printed, then used up."""

    __tablename__ = "printed_sheet"
    __table_args__ = (
        CheckConstraint(ONE_HOLDER, name="one_holder"),
        CheckConstraint("delivery in ('post', 'centre')", name="delivery_known"),
        Index("uq_printed_sheet_reference", "reference", unique=True),
    )

    reference: Mapped[str] = mapped_column(Text)
    delivery: Mapped[str] = mapped_column(Text)
    printed_at: Mapped[datetime | None]
    printed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"))
    ended_at: Mapped[datetime | None]


class SheetCode(Identified, Base):
    """One code of a printed sheet, found by its number on the paper."""

    __tablename__ = "sheet_code"
    __table_args__ = (UniqueConstraint("sheet_id", "number"),)

    sheet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("printed_sheet.id", ondelete="CASCADE"))
    number: Mapped[int]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]

    sheet: Mapped[PrintedSheet] = relationship()
