"""Naming a helper: asked for by who applies, agreed to by the helper, ended by either of the two at any time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.helping import MOST_HELPERS
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Helper, Person
from portal.models.accounts import email_indexes
from portal.services import applications, audit, family, notifications, person_links, transitions

TOO_MANY = _l("You have named as many helpers as is possible. End the help of one of them first.")
YOURSELF = _l("This is your own address. Enter the address of who helps you.")
ANOTHER = _l(
    "This link was sent to another address than that of your account. Sign in with the account of that address."
)


@dataclass(frozen=True)
class Helping:
    """An application with which an account helps: for whom, and where it stands."""

    helper: Helper
    name: str
    application: Application


def of(session: Session, account: Account) -> list[Helper]:
    """Whom the account has named, asked or agreed, the oldest first; those that have ended are left out."""
    query = select(Helper).where(Helper.account_id == account.id, Helper.ended_at.is_(None))
    found = session.scalars(query.order_by(Helper.created_at, Helper.id))
    return [one for one in found if one.helper is None or one.helper.closed_at is None]


def name_helper(session: Session, account: Account, name: str, email: str, people: Sequence[Person]) -> Helper:
    """Mail somebody the link by which they agree to fill in for these people. Raises RuleViolation."""
    if len(of(session, account)) >= MOST_HELPERS:
        raise RuleViolation(TOO_MANY)
    if account.email_index in email_indexes(email):
        raise RuleViolation(YOURSELF)
    own = applications.own_person(session, account)
    helper = Helper(account=account, person=own, people=list(people))
    helper.name, helper.email = name, email
    session.add(helper)
    session.flush()
    token = person_links.make(session, "help", account=account, person=own, helper=helper)
    notifications.send(session, "helper_invited", to=account, secrets={"token": token}, address=email)
    audit.record(session, "helper:name", helper, by=account, people=len(people))
    return helper


def asked(session: Session, token: str, *, lock: bool = False) -> Helper:
    """What a link asks for. Raises NotFound, and NotOpenToThis for one that was used, has ended or was taken back."""
    link = person_links.find(session, "help", token, lock=lock)
    if link.helper is None:
        raise NotFound
    if link.used_at is not None:
        raise NotOpenToThis(person_links.USED)
    if link.helper.ended_at is not None:
        raise NotOpenToThis(person_links.EXPIRED)
    return link.helper


def is_for(helper: Helper, account: Account) -> bool:
    """Whether the link of `helper` was sent to the address of this account."""
    return account.email_index in email_indexes(helper.email or "")


def accept(session: Session, token: str, *, by: Account) -> Helper:
    """Agree to help. Raises NotFound or NotOpenToThis for the link, RuleViolation for anybody but its addressee."""
    helper = asked(session, token, lock=True)
    if helper.account_id == by.id or not is_for(helper, by):
        raise RuleViolation(ANOTHER)
    person_links.use(session, "help", token)
    helper.helper, helper.accepted_at = by, now()
    session.flush()
    audit.record(session, "helper:accept", helper, by=by)
    _tell(session, helper, "helper_began", by=by)
    notifications.send(session, "helper_agreed", to=helper.account)
    return helper


def end(session: Session, helper_id: uuid.UUID, *, by: Account) -> Helper:
    """End a help at once, as who asked for it or who gives it. Raises NotFound for anybody else's."""
    helper = session.get(Helper, helper_id, with_for_update=True)
    if helper is None or by.id not in (helper.account_id, helper.helper_id):
        raise NotFound(helper_id)
    if helper.ended_at is None:
        helper.ended_at = now()
        person_links.end(session, "help", person=helper.person, helper=helper)
        audit.record(session, "helper:end", helper, by=by)
        _tell(session, helper, "helper_ended", by=by)
    return helper


def count_helped(session: Session, account: Account) -> int:
    """How many people have asked the account for help, and have it now."""
    query = select(func.count(Helper.id)).where(Helper.helper_id == account.id, Helper.ended_at.is_(None))
    return session.scalars(query).one()


def helping(session: Session, account: Account) -> list[Helping]:
    """The applications with which the account helps, with the given name of each person: all that the page shows."""
    query = select(Helper).where(Helper.helper_id == account.id, Helper.ended_at.is_(None))
    return [
        Helping(helper, shown_name(session, application), application)
        for helper in session.scalars(query.order_by(Helper.accepted_at, Helper.id))
        if helper.account.closed_at is None
        for application in _applications(session, helper)
    ]


def shown_name(session: Session, application: Application) -> str:
    """The given name in an application: what it says already, or what was sent before."""
    named = family.given_name_in(session, application)
    return named or family.given_name(application.person)


def name_of(session: Session, person_id: uuid.UUID) -> str:
    """The given name of a person, as the newest application that the session finds says, or the last one sent."""
    query = select(Application).where(Application.person_id == person_id).order_by(Application.created_at.desc())
    newest = session.scalars(query).first()
    if newest is not None:
        return shown_name(session, newest)
    person = session.get(Person, person_id)
    return family.given_name(person) if person else ""


def drafts_helped(session: Session, helper: Helper) -> list[Application]:
    """The applications that a helper can fill in, as long as the help lasts."""
    return [one for one in _applications(session, helper) if one.status == Status.DRAFT]


def asker(session: Session, helper: Helper) -> str:
    """The given name of who asks for help, once an application has told it."""
    own = next((one for one in _applications(session, helper) if one.person_id == helper.person_id), None)
    return (shown_name(session, own) if own else "") or family.given_name(helper.person)


def _applications(session: Session, helper: Helper) -> list[Application]:
    people = [person.id for person in helper.people if person.wrapped_key is not None]
    query = select(Application).where(Application.account_id == helper.account_id, Application.person_id.in_(people))
    return list(session.scalars(query.order_by(Application.created_at, Application.id)))


def _tell(session: Session, helper: Helper, event: str, *, by: Account) -> None:
    """Write into the history of each draft that the help begins or ends; an unanswered invitation is no history."""
    if helper.accepted_at is None:
        return
    for application in _applications(session, helper):
        if application.status == Status.DRAFT:
            transitions.note(session, application, event, by=by, facts={"helper": str(helper.id)})
