"""Sign-ins: travellers' accounts, officers, their sessions, codes and invitations."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.models.base import Base, Created, Identified
from portal.models.encryption import KeyOwner, SealedText, keyring, sealed_column

AGENCY = "agency in ('CA', 'US')"
LANGUAGE = "language in ('en', 'fr')"


def of_the_agency(column: str) -> ForeignKeyConstraint:
    """Whoever `column` names is an officer of the row's own agency: the database sees to it."""
    return ForeignKeyConstraint([column, "agency"], ["officer.id", "officer.agency"])


def email_index(email: str) -> bytes:
    """The blind index of an address: the same for any spelling in capitals, for travellers and officers alike."""
    return keyring().blind_index("email", email.strip().casefold())


def email_indexes(email: str) -> list[bytes]:
    """The address's blind indexes under every index key, the current one first: two live during a rotation."""
    return keyring().blind_indexes("email", email.strip().casefold())


class Addressed:
    """Somebody who is found by their address: its blind index, and the id of the index key that made it."""

    email_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    email_index_key_id: Mapped[bytes] = mapped_column(LargeBinary)

    @validates("email_index")
    def _note_the_key(self, _name: str, index: bytes) -> bytes:
        self.email_index_key_id = keyring().key_ids["index"][0]
        return index


class Account(Addressed, KeyOwner, Created, Base):
    """A traveller's sign-in."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint(LANGUAGE, name="language_known"),)

    _email: Mapped[bytes | None] = sealed_column("email")
    email = SealedText()
    email_confirmed_at: Mapped[datetime | None]
    password_hash: Mapped[str | None] = mapped_column(Text)
    enrolled_at: Mapped[datetime | None]
    """When there was a whole way in for the first time: until then nobody has been inside."""
    language: Mapped[str] = mapped_column(Text)
    disabled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    audience = "traveller"
    agency = None


class Officer(Addressed, KeyOwner, Created, Base):
    """A member of one agency's staff, with a door of their own. Active once the invitation was accepted."""

    __tablename__ = "officer"
    __table_args__ = (
        CheckConstraint(AGENCY, name="agency_known"),
        CheckConstraint(LANGUAGE, name="language_known"),
        CheckConstraint("roles <@ array['officer','supervisor','administrator','auditor']::text[]", name="roles_known"),
        CheckConstraint("activated_at is null or cardinality(roles) > 0", name="active_with_a_role"),
        CheckConstraint("languages <@ array['en','fr']::text[]", name="languages_known"),
        CheckConstraint("competences <@ array['minors','hits']::text[]", name="competences_known"),
        CheckConstraint("staff_number ~ '^[0-9A-Z]+$'", name="staff_number_written_one_way"),
        CheckConstraint(
            "staff_number is not null or not (roles && array['officer','supervisor']::text[])",
            name="staff_number_of_who_decides",
        ),
        UniqueConstraint("id", "agency"),
        Index("uq_officer_staff_number", "agency", "staff_number", unique=True, postgresql_where="disabled_at is null"),
    )

    _name: Mapped[bytes | None] = sealed_column("name")
    name = SealedText()
    _email: Mapped[bytes | None] = sealed_column("email")
    email = SealedText()
    password_hash: Mapped[str | None] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    centre_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolment_centre.id"))
    language: Mapped[str] = mapped_column(Text)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """In which the officer holds interviews."""
    competences: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """For what the officer was trained (`portal.domain.competences`)."""
    staff_number: Mapped[str | None] = mapped_column(Text)
    """In the agency's own register, letters and digits only: one person has one sign-in, so that nobody is first and
    second officer at once. Whoever decides has one."""
    activated_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    audience = "officer"


class SignIn(Identified, Created, Base):
    """A signed-in session, kept on the server: the cookie carries a random token, this row its hash."""

    __tablename__ = "sign_in"
    __table_args__ = (
        CheckConstraint("num_nonnulls(account_id, officer_id) = 1", name="one_person"),
        Index("ix_sign_in_account_id", "account_id", postgresql_where="ended_at is null"),
        Index("ix_sign_in_officer_id", "officer_id", postgresql_where="ended_at is null"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("officer.id"))
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(Text, default="")
    proved_at: Mapped[datetime | None]
    """When a factor was shown last."""
    rights: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """An officer's agency and roles as they were at the beginning: the session ends where they change."""

    account: Mapped[Account | None] = relationship()
    officer: Mapped[Officer | None] = relationship()


class EmailCode(Identified, Created, Base):
    """A six-digit code sent to an address, to prove that it is the account's. Never a factor."""

    __tablename__ = "email_code"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class OfficerInvitation(Identified, Created, Base):
    """An invitation to an officer to set up their sign-in; the link's token is stored as a hash."""

    __tablename__ = "officer_invitation"

    officer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    invited_by: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    officer: Mapped[Officer] = relationship()
