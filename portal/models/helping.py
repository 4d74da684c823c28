"""Helpers: whom a traveller lets fill in applications, and for which people. A helper never signs."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Account
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedText, sealed_column
from portal.models.people import Person


class Helper(Identified, Created, Base):
    """Somebody whom an account's holder named; in force from the day they agreed until either of the two ends it."""

    __tablename__ = "helper"
    __table_args__ = (
        CheckConstraint("account_id <> helper_id", name="two_accounts"),
        CheckConstraint("(helper_id is null) = (accepted_at is null)", name="accepted_by_whom"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    """Of whoever asked for help."""
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    """The account's holder, under whose key name and address are sealed."""
    helper_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    """The helper's own account, once they agreed."""
    _name: Mapped[bytes | None] = sealed_column("name")
    name = SealedText()
    """As the account's holder gave it: history shows it."""
    _email: Mapped[bytes | None] = sealed_column("email")
    email = SealedText()
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=account_id)
    helper: Mapped[Account | None] = relationship(foreign_keys=helper_id)
    person: Mapped[Person] = relationship()
    people: Mapped[list[Person]] = relationship(secondary="helper_person", order_by=Person.created_at)

    @property
    def key_owner(self) -> KeyOwner:
        return self.person


class HelperPerson(Base):
    """For whom a helper fills in."""

    __tablename__ = "helper_person"

    helper_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("helper.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
