"""Closing an account: drafts go, ways in go, what the law keeps stays for its time and then goes by itself."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import queue
from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.domain.lifecycle import OPEN_STATUSES
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Person
from portal.services import applications, audit, email_changes, erasure, legal_holds, notifications, retention, sign_ins

UNDER_REVIEW = _l("An application is being checked. Withdraw it first, then close your account.")


def under_review(session: Session, account: Account) -> list[Application]:
    """The applications that keep the account open until they are withdrawn or decided."""
    return [one for one in _open(session, account) if one.paid_at is not None]


def drafts(session: Session, account: Account) -> list[Application]:
    """The applications that are deleted now: nobody has checked anything of them."""
    return [one for one in _open(session, account) if one.paid_at is None]


def kept_until(session: Session, account: Account) -> date | None:
    """The last day on which something is kept of the applications that were checked; None where nothing is."""
    days = [
        retention.kept_until(session, one)
        for one in applications.of_account(session, account)
        if one.paid_at is not None and one.person.wrapped_key is not None
    ]
    return max(days, default=None)


def close(session: Session, account: Account) -> None:
    """Close the account for good. Raises RuleViolation while an application is under review."""
    if under_review(session, account):
        raise RuleViolation(UNDER_REVIEW)
    kept_on = kept_until(session, account)
    for draft in drafts(session, account):
        applications.withdraw(session, draft, by=account)
    if email_changes.open_of(session, account) is not None:
        email_changes.cancel(session, account)
    facts = {"kept_on": kept_on.isoformat()} if kept_on else None
    notifications.send(session, "account_closed", to=account, facts=facts)
    sign_ins.end_all(session, account, by=account)
    erasure.end_factors(session, account)
    account.closed_at = account.disabled_at = now()
    audit.record(session, "account:close", account, by=account)
    queue.enqueue(session, "forget_drafts", account_id=str(account.id))


def forget_drafts(session: Session, account_id: uuid.UUID) -> list[str]:
    """Forget what nobody has checked, and those people of whom nothing was; gives the keys of files to discard.

    For the worker, which sees the legal holds of both agencies: what they name is left alone.
    """
    account = session.get_one(Account, account_id)
    held = set(session.scalars(legal_holds.held_people()))
    mine = [one for one in applications.of_account(session, account) if one.person_id not in held]
    keys = [key for one in mine if one.paid_at is None for key in erasure.clear_application(session, one)]
    for person in {one.person for one in mine if one.person.wrapped_key is not None}:
        if not _was_checked(session, person):
            keys += erasure.erase_person(session, person)
    return keys


def _was_checked(session: Session, person: Person) -> bool:
    query = select(Application.id).where(Application.person_id == person.id, Application.paid_at.is_not(None))
    return session.execute(query.limit(1)).first() is not None


def _open(session: Session, account: Account) -> list[Application]:
    return [one for one in applications.of_account(session, account) if one.status in OPEN_STATUSES]
