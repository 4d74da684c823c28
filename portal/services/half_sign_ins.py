"""Sign-ins that wait for their second step: ten minutes, for one browser, and they open nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import Account, HalfSignIn
from portal.services import audit

LASTS = timedelta(minutes=10)
SIGN_IN, RESET, ENROL = "sign_in", "reset", "enrol"
"""The password was right; the address was proved, for a new password; there is no second step yet to ask for."""


def begin(session: Session, account: Account, *, purpose: str, token_hash: bytes) -> HalfSignIn:
    """Remember that the first step was right in the browser that holds this token."""
    half = HalfSignIn(account=account, purpose=purpose, token_hash=token_hash, expires_at=now() + LASTS)
    session.add(half)
    session.flush()
    audit.record(session, "half_sign_in:begin", half, by=account, purpose=purpose)
    return half


def find(session: Session, token_hash: bytes) -> HalfSignIn | None:
    """The half sign-in with this token while it lasts."""
    query = (
        select(HalfSignIn)
        .join(HalfSignIn.account)
        .where(
            HalfSignIn.token_hash == token_hash,
            HalfSignIn.ended_at.is_(None),
            HalfSignIn.expires_at > now(),
            Account.disabled_at.is_(None),
        )
    )
    return session.scalars(query).one_or_none()


def complete(session: Session, half: HalfSignIn) -> None:
    """The second step was right: a new password may be chosen within the time that is left."""
    half.passed_at = now()
    audit.record(session, "half_sign_in:complete", half, by=half.account)


def end(session: Session, half: HalfSignIn) -> None:
    """It is over, because a session began or nothing more is to be done."""
    half.ended_at = now()
