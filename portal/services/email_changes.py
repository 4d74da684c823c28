"""Another address for an account: proved by a code, told to the old one at once, made after a cooling time.

Until it is made the old address signs in and receives everything, so that its holder can still stop somebody else.
An address that belongs to another account gets a message of its own and no code; who asked learns nothing.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, EmailChange, EmailCode
from portal.models.accounts import email_index, email_indexes
from portal.models.encryption import keyring
from portal.services import accounts, audit, erasure, notifications, programme
from portal.services.actors import SYSTEM

OWN_ADDRESS = _l("This is your address already. Enter another one.")
UNDER_WAY = _l("A change of your address is under way. Cancel it first.")


def open_of(session: Session, account: Account) -> EmailChange | None:
    """The change that waits for its code, or for the end of the cooling time."""
    query = select(EmailChange).where(EmailChange.account_id == account.id, EmailChange.ended_at.is_(None))
    return session.scalars(query).one_or_none()


def cooling_hours(session: Session) -> int:
    """How long the old address stays in use once the new one is proved."""
    return int(programme.setting(session, "email_change", today())["hours"])


def ask(session: Session, account: Account, email: str) -> EmailChange:
    """Send a code to the address that the account wants; one that waited for its code before no longer counts.

    Raises RuleViolation for the account's own address, and while another change is cooling.
    """
    if account.email_index in email_indexes(email):
        raise RuleViolation(OWN_ADDRESS)
    _replace_earlier(session, account)
    code = f"{secrets.randbelow(1_000_000):06d}"
    change = EmailChange(
        account=account,
        account_id=account.id,
        asked_at=now(),
        code_expires_at=now() + accounts.CODE_LASTS,
        code_hash=b"",
    )
    change.email, change.code_hash = email, _hash(change, code)
    session.add(change)
    session.flush()
    _write_to(session, change, email, code)
    audit.record(session, "email_change:ask", change, by=account)
    return change


def _replace_earlier(session: Session, account: Account) -> None:
    earlier = open_of(session, account)
    if earlier is None:
        return
    if earlier.proved_at is not None:
        raise RuleViolation(UNDER_WAY)
    _end(earlier, "replaced")
    session.flush()


def _write_to(session: Session, change: EmailChange, email: str, code: str) -> None:
    holder = accounts.find(session, *email_indexes(email))
    if holder is None or holder.email_confirmed_at is None:
        notifications.send(session, "email_change_code", to=change.account, secrets={"code": code}, address=email)
        return
    change.code_hash = secrets.token_bytes(32)  # no code opens it
    if holder.disabled_at is None:
        notifications.send(session, "account_exists", to=holder)


def _hash(change: EmailChange, code: str) -> bytes:
    return keyring().blind_index("email_code", f"change|{change.id}|{code}")


def prove(session: Session, change: EmailChange, code: str) -> bool:
    """Take the code; when it is right the cooling time begins and the old address is told."""
    session.refresh(change, with_for_update={"of": EmailChange})
    is_right = secrets.compare_digest(change.code_hash, _hash(change, code))
    if not is_right or change.ended_at or change.proved_at or change.code_expires_at <= now():
        return False
    change.proved_at, change.lands_at = now(), now() + timedelta(hours=cooling_hours(session))
    facts = {"lands_on": change.lands_at.date().isoformat()}
    notifications.send(session, "email_change_begun", to=change.account, facts=facts)
    audit.record(session, "email_change:prove", change, by=change.account)
    return True


def cancel(session: Session, account: Account) -> None:
    """Stop the change that is under way. Raises NotOpenToThis where there is none any more."""
    change = open_of(session, account)
    if change is None:
        raise NotOpenToThis(_l("No change of your address is under way any more."))
    _end(change, "cancelled")
    audit.record(session, "email_change:cancel", change, by=account)


def due(session: Session) -> list[uuid.UUID]:
    """The changes whose cooling time is over."""
    query = select(EmailChange.id).where(EmailChange.ended_at.is_(None), EmailChange.lands_at <= now())
    return list(session.scalars(query))


def land(session: Session, change_id: uuid.UUID) -> None:
    """Make the change, unless it was cancelled or the address has become another account's meanwhile."""
    change = session.get(EmailChange, change_id, with_for_update={"of": EmailChange})
    if change is None or change.ended_at is not None or change.lands_at is None or change.lands_at > now():
        return
    account, old = change.account, change.account.email
    if account.closed_at is not None or not _take_address(session, change):
        _end(change, "taken" if account.closed_at is None else "cancelled")
        return
    _end(change, "done")
    _forget_codes(session, account)
    notifications.send(session, "email_changed", to=account)
    notifications.send(session, "email_changed", to=account, address=old)
    audit.record(session, "email_change:land", change, by=SYSTEM)


def _take_address(session: Session, change: EmailChange) -> bool:
    email = change.email or ""
    holder = accounts.find(session, *email_indexes(email))
    if holder is not None and holder.email_confirmed_at is not None:
        return False
    try:
        with session.begin_nested():
            if holder is not None:  # begun by somebody who never proved the address
                erasure.forget_account(session, holder)
                session.flush()
            change.account.email, change.account.email_index = email, email_index(email)
            change.account.email_confirmed_at = change.proved_at
    except IntegrityError:
        session.refresh(change.account)
        return False
    return True


def _forget_codes(session: Session, account: Account) -> None:
    """Codes and proofs that went to the old address open nothing any more."""
    live = (EmailCode.account_id == account.id, EmailCode.expires_at > now())
    session.execute(update(EmailCode).where(*live).values(expires_at=now()))


def _end(change: EmailChange, outcome: str) -> None:
    change.ended_at, change.outcome = now(), outcome
