"""The link by which an officer sets up a sign-in: mailed, for one use, for three days."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound
from portal.models import Officer, OfficerInvitation
from portal.services import notifications
from portal.services.actors import Actor

LASTS = timedelta(hours=72)


def send(session: Session, officer: Officer, by: Actor) -> str:
    """Mail a new link to the officer's work address; earlier ones end. Gives its token."""
    end(session, officer)
    token = secrets.token_urlsafe(32)
    session.add(OfficerInvitation(officer=officer, invited_by=by.id, token_hash=_hash(token), expires_at=now() + LASTS))
    facts = {"agency": officer.agency}
    notifications.send(session, "officer_invited", to=officer, facts=facts, secrets={"token": token})
    return token


def end(session: Session, officer: Officer) -> None:
    """No link of this officer opens anything any more."""
    mine = (OfficerInvitation.officer_id == officer.id, OfficerInvitation.used_at.is_(None))
    session.execute(update(OfficerInvitation).where(*mine).values(expires_at=now()))


def open_invitation(session: Session, token: str) -> OfficerInvitation:
    """The invitation behind a link, for use. Raises NotFound when it was used, has expired, or never was."""
    query = (
        select(OfficerInvitation)
        .join(OfficerInvitation.officer)
        .where(
            OfficerInvitation.token_hash == _hash(token),
            OfficerInvitation.used_at.is_(None),
            OfficerInvitation.expires_at > now(),
            Officer.disabled_at.is_(None),
        )
        .with_for_update(of=OfficerInvitation)
    )
    invitation = session.scalars(query).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
