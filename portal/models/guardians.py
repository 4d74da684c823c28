"""Other parents and guardians: what each says to a child's application, and the links by which people are reached."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import LANGUAGE, Account
from portal.models.applications import Application
from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedJSON, SealedText, sealed_column
from portal.models.helping import Helper
from portal.models.people import Person


class GuardianConsent(Identified, Created, Base):
    """What one other parent or guardian said to an application: online, or in a letter. Ended: not asked any more."""

    __tablename__ = "guardian_consent"
    __table_args__ = (
        CheckConstraint("way in ('link', 'letter')", name="way_known"),
        CheckConstraint("state in ('waiting', 'given', 'refused', 'withdrawn')", name="state_known"),
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint("(state = 'waiting') = (answered_at is null)", name="answered_when"),
    )

    application_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("application.id"), index=True)
    way: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    relation: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    _name: Mapped[bytes | None] = sealed_column("name")
    name = SealedText()
    """As whoever applies gave it: the consent must be signed with it."""
    _email: Mapped[bytes | None] = sealed_column("email")
    email = SealedText()
    _signed_name: Mapped[bytes | None] = sealed_column("signed_name")
    signed_name = SealedText()
    _evidence: Mapped[bytes | None] = sealed_column("evidence")
    evidence = SealedJSON()
    """{kind, number, country, birth_on}: by which document they said who they are."""
    text_version: Mapped[str | None] = mapped_column(Text)
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("document.id"))
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()

    @property
    def key_owner(self) -> KeyOwner:
        return self.application.person


class PersonLink(Identified, Created, Base):
    """A mailed link that opens one thing for one use; its token is kept as a hash."""

    __tablename__ = "person_link"
    __table_args__ = (
        CheckConstraint("purpose in ('consent', 'manage', 'own_account', 'tie', 'help')", name="purpose_known"),
        CheckConstraint("(purpose in ('consent', 'manage')) = (consent_id is not null)", name="about_a_consent"),
        CheckConstraint("(purpose = 'help') = (helper_id is not null)", name="about_a_helper"),
    )

    purpose: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    consent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("guardian_consent.id"), index=True)
    helper_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("helper.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
    person: Mapped[Person] = relationship()
    consent: Mapped[GuardianConsent | None] = relationship()
    helper: Mapped[Helper | None] = relationship()


class FamilyTie(Identified, Created, Base):
    """Two adults, each with an own account, who are a family: they may pay for each other and go to one interview."""

    __tablename__ = "family_tie"
    __table_args__ = (CheckConstraint("account_id <> other_id", name="two_accounts"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    ended_at: Mapped[datetime | None]
    account_lets_book: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the other may book and move the interview of the one who asked, and learn its time."""
    other_lets_book: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The same the other way round."""

    account: Mapped[Account] = relationship(foreign_keys=account_id)
    other: Mapped[Account] = relationship(foreign_keys=other_id)
