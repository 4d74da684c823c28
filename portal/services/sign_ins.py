"""Signed-in sessions on the server: begun, found while they last, ended for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from portal.clock import now
from portal.models import Account, Officer, SignIn
from portal.services import audit
from portal.services.actors import Actor

NOTE_EVERY = timedelta(minutes=1)


def begin(session: Session, person: Account | Officer, *, token_hash: bytes, device: str) -> SignIn:
    """Begin a session for `person`, whose browser holds the token with this hash."""
    row = SignIn(
        token_hash=token_hash,
        account=person if isinstance(person, Account) else None,
        officer=person if isinstance(person, Officer) else None,
        seen_at=now(),
        device=device,
    )
    session.add(row)
    audit.record(session, "sign_in:begin", row, by=person)
    session.flush()
    return row


def find(
    session: Session, token_hash: bytes, *, limits: Mapping[str, tuple[timedelta, timedelta]], at: datetime
) -> SignIn | None:
    """The session with this token's hash while it lasts: not ended, not idle or old beyond its limits, not disabled."""
    query = (
        select(SignIn)
        .where(SignIn.token_hash == token_hash, SignIn.ended_at.is_(None))
        .options(joinedload(SignIn.account), joinedload(SignIn.officer))
    )
    row = session.scalars(query).one_or_none()
    person = (row.account or row.officer) if row is not None else None
    if row is None or person is None or person.disabled_at is not None:
        return None
    idle, absolute = limits[person.audience]
    if at - row.seen_at > idle or at - row.created_at > absolute:
        return None
    if at - row.seen_at > NOTE_EVERY:
        _note_seen(session, row, at)
    return row


def lasting(
    session: Session, person: Account | Officer, *, limits: Mapping[str, tuple[timedelta, timedelta]], at: datetime
) -> list[SignIn]:
    """The sessions of `person` that still last, the one seen last first."""
    column = SignIn.account_id if isinstance(person, Account) else SignIn.officer_id
    idle, absolute = limits[person.audience]
    query = select(SignIn).where(
        column == person.id,
        SignIn.ended_at.is_(None),
        SignIn.seen_at >= at - idle,
        SignIn.created_at >= at - absolute,
    )
    return list(session.scalars(query.order_by(SignIn.seen_at.desc())))


def _note_seen(session: Session, row: SignIn, at: datetime) -> None:
    # Guarded, so that a late request cannot revive a session that was ended meanwhile.
    session.execute(update(SignIn).where(SignIn.id == row.id, SignIn.ended_at.is_(None)).values(seen_at=at))


def end(session: Session, row: SignIn, *, by: Actor) -> None:
    """End one session."""
    row.ended_at = now()
    audit.record(session, "sign_in:end", row, by=by)


def end_all(session: Session, person: Account | Officer, *, except_for: SignIn | None = None, by: Actor) -> None:
    """End every session of `person`, but for one where it is named: after a new password, or when disabled."""
    column = SignIn.account_id if isinstance(person, Account) else SignIn.officer_id
    query = update(SignIn).where(column == person.id, SignIn.ended_at.is_(None)).values(ended_at=now())
    if except_for is not None:
        query = query.where(SignIn.id != except_for.id)
    session.execute(query)
    audit.record(session, "sign_in:end_all", person, by=by)
