"""People, who live for ever, and the accounts that act for them."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Account
from portal.models.base import Base, Created
from portal.models.encryption import KeyOwner, SealedDate, SealedText, sealed_column


class Person(KeyOwner, Created, Base):
    """A human being, before, during and after an application. Names and birth as last confirmed by an application."""

    __tablename__ = "person"

    _given_names: Mapped[bytes | None] = sealed_column("given_names")
    given_names = SealedText()
    _family_name: Mapped[bytes | None] = sealed_column("family_name")
    family_name = SealedText()
    _birth_on: Mapped[bytes | None] = sealed_column("birth_on")
    birth_on = SealedDate()

    @property
    def full_name(self) -> str:
        """Given names and family name, whichever there are; nothing of somebody who was erased."""
        if self.wrapped_key is None:  # erased
            return ""
        return " ".join(part for part in (self.given_names, self.family_name) if part)


class PersonIndex(Base):
    """A blind index by which officers find a person: of the passport's number, of the parts of a name."""

    __tablename__ = "person_index"
    __table_args__ = (Index("ix_person_index_kind_value", "kind", "value"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    key_id: Mapped[bytes] = mapped_column(LargeBinary)


class AccountPerson(Base):
    """For whom an account acts, and as what."""

    __tablename__ = "account_person"
    __table_args__ = (
        CheckConstraint("role in ('self', 'parent', 'representative')", name="role_known"),
        Index(
            "uq_account_person_self",
            "account_id",
            unique=True,
            postgresql_where="role = 'self' and until is null",
        ),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None] = mapped_column(Date)

    account: Mapped[Account] = relationship()
    person: Mapped[Person] = relationship()
