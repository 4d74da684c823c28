"""Showing a factor again: before a decision, a change of factors, a masked number; and to unlock a workbench.

An officer shows a passkey, and nothing else: only the demonstration lets a password stand for it. A traveller shows a
passkey or a code; a password alone counts only while an account has no factor yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.models import Account, Officer
from portal.services import factors, identities, passkeys
from portal.services.passkeys import STEP_UP, Claimed


@dataclass(frozen=True)
class Ways:
    """By what somebody can show who they are."""

    passkey: bool
    code: bool
    password: bool
    directory: bool = False
    """The agency's directory, where the browser goes and comes back."""


def ways_of(session: Session, person: Account | Officer, *, is_demonstration: bool) -> Ways:
    """The ways that are open to `person`."""
    has = factors.of(session, person)
    if isinstance(person, Officer):
        return Ways(
            passkey=bool(has.passkeys),
            code=False,
            password=is_demonstration and has.has_password,
            directory=identities.has_directory(session, person),
        )
    return Ways(
        passkey=bool(has.passkeys),
        code=bool(has.apps or has.recovery_codes_left or has.sheet_codes_left),
        password=has.has_password and not has.has_second_step,
    )


def by_passkey(session: Session, person: Account | Officer, claimed: Claimed | None, answer: str) -> bool:
    """Whether the answer comes from one of the person's own passkeys, to the challenge of this browser."""
    found = passkeys.finish_sign_in(session, claimed, answer=answer, audience=person.audience, purpose=STEP_UP)
    return found is not None and found.holder.id == person.id


def by_code(session: Session, person: Account | Officer, code: str) -> bool:
    """Whether this is a code of the person that works now. Uses it up."""
    return isinstance(person, Account) and factors.use_code(session, person, code) is not None


def by_password(person: Account | Officer, password: str) -> bool:
    """Whether this is the person's password. Ask `ways_of` first whether it counts."""
    return passwords.verify(person.password_hash, password)
