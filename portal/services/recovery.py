"""Getting back in without any of one's second steps: after a time of waiting with notice, or in person at a centre.

Email alone never recovers. Waiting needs the password, and when the time is over the address as well; the holder is
told at once, and anybody who can sign in cancels it. At a centre an officer sees the person and their passport.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotOpenToThis
from portal.domain.references import new_reference
from portal.i18n import Lazy as _l
from portal.models import Account, AuthenticatorApp, Officer, Passkey, RecoveryCode, RecoveryRequest
from portal.services import audit, factors, notifications, sheets, sign_ins
from portal.services.actors import Actor

WAITING, CENTRE = "waiting", "centre"

NOT_OPEN = _l("This recovery is over. Start again if you need to.")


def of(session: Session, account: Account) -> RecoveryRequest | None:
    """The open recovery of an account."""
    query = select(RecoveryRequest).where(
        RecoveryRequest.account_id == account.id,
        RecoveryRequest.cancelled_at.is_(None),
        RecoveryRequest.completed_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def begin(session: Session, account: Account, *, way: str, wait: timedelta) -> RecoveryRequest:
    """Begin to recover an account and tell its holder; the one that is open already goes on."""
    found = of(session, account)
    if found is not None and (found.way == way or found.way == WAITING):
        return found
    if found is not None:
        found.cancelled_at = now()
        session.flush()
    request = RecoveryRequest(
        account=account,
        reference=f"R{new_reference()[1:]}",
        way=way,
        ready_at=now() + wait if way == WAITING else None,
    )
    session.add(request)
    session.flush()
    audit.record(session, "recovery_request:begin", request, by=account, way=way)
    hours = int(wait.total_seconds() // 3600)
    notifications.send(session, "recovery_started", to=account, facts={"way": way, "hours": hours})
    return request


def is_ready(request: RecoveryRequest) -> bool:
    """Whether a new way in may be set up now."""
    return request.ready_at is not None and request.ready_at <= now()


def is_confirmed_in_person(session: Session, account: Account) -> bool:
    """Whether an officer has seen the holder, who has lost their ways in and sets up another now."""
    request = of(session, account)
    return request is not None and request.way == CENTRE and is_ready(request)


def cancel(session: Session, request: RecoveryRequest, *, by: Actor) -> None:
    """The holder can sign in, or did not ask: nothing changes."""
    request.cancelled_at = now()
    audit.record(session, "recovery_request:cancel", request, by=by)


def confirm_in_person(session: Session, reference: str, *, by: Officer) -> RecoveryRequest:
    """An officer has seen the person with this reference, and their document. Raises NotOpenToThis."""
    query = select(RecoveryRequest).where(
        RecoveryRequest.reference == reference.strip().upper(),
        RecoveryRequest.way == CENTRE,
        RecoveryRequest.confirmed_by.is_(None),
        RecoveryRequest.cancelled_at.is_(None),
        RecoveryRequest.completed_at.is_(None),
    )
    request = session.scalars(query).one_or_none()
    if request is None:
        raise NotOpenToThis(NOT_OPEN)
    request.confirmed_by, request.ready_at = by.id, now()
    audit.record(session, "recovery_request:confirm", request, by=by)
    return request


def complete(session: Session, request: RecoveryRequest) -> Account:
    """Take away what was lost and end every session; a new way in is set up with this. Raises NotOpenToThis."""
    if not is_ready(request):
        raise NotOpenToThis(NOT_OPEN)
    account = request.account
    session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    session.execute(
        delete(AuthenticatorApp).where(
            AuthenticatorApp.account_id == account.id, AuthenticatorApp.confirmed_at.is_not(None)
        )
    )
    for sheet in sheets.of(session, account):
        sheets.end(session, sheet)
    request.completed_at = now()
    sign_ins.end_all(session, account, by=account)
    audit.record(session, "recovery_request:complete", request, by=account)
    factors.tell(session, account, "recovered")
    return account
