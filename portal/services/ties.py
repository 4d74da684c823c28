"""Adults of one family, each with an own account: linked by consent of both, to pay for each other and go together."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.lifecycle import Status
from portal.domain.sections import SELF
from portal.i18n import Lazy as _l
from portal.models import Account, Application, FamilyTie
from portal.models.statements import Statement, Whole
from portal.services import applications, audit, family, notifications, person_links

MOST_TIES = 10
OWN_LINK = _l("You sent this link yourself. Let the other adult open it.")
TOO_MANY = _l("You are linked with as many adults as is possible. End one of the links first.")

_TIE = Whole(FamilyTie)
_IN_FORCE = Statement(
    f"""
    select {_TIE.sql} from family_tie
    where (account_id = :account or other_id = :account) and ended_at is null and not exists (
        select from account where account.id in (family_tie.account_id, family_tie.other_id)
        and account.id <> :account and account.closed_at is not null
    )
    order by created_at, id
    """  # noqa: S608  # no part of it comes from outside
)


def of(session: Session, account: Account) -> list[FamilyTie]:
    """The account's links with other adults that are in force, the oldest first."""
    session.flush()
    found = (_TIE.made(session, row, anew=True) for row in _IN_FORCE.rows(session, {"account": account.id}))
    return [tie for tie in found if tie]


def linked_accounts(session: Session, account: Account) -> list[Account]:
    """The accounts of the adults with whom the account is linked."""
    return [other_of(tie, account) for tie in of(session, account)]


def other_of(tie: FamilyTie, account: Account) -> Account:
    """The one of the two that is not `account`."""
    return tie.other if tie.account_id == account.id else tie.account


def let_book(session: Session, account: Account) -> list[Account]:
    """The linked adults who let the account book their interviews together with its own."""
    return [other_of(tie, account) for tie in of(session, account) if _other_lets(tie, account)]


def count_let_book(session: Session, account: Account) -> int:
    """How many they are: told by the links alone, one query however many adults are linked."""
    return sum(_other_lets(tie, account) for tie in of(session, account))


def _other_lets(tie: FamilyTie, account: Account) -> bool:
    return tie.other_lets_book if tie.account_id == account.id else tie.account_lets_book


def lets_book(tie: FamilyTie, account: Account) -> bool:
    """Whether `account`, one of the two, lets the other book."""
    return tie.account_lets_book if tie.account_id == account.id else tie.other_lets_book


def let(session: Session, tie_id: uuid.UUID, may: bool, *, by: Account) -> None:
    """Let the other adult book and move one's own interview, or no longer. Raises NotFound for anybody else's link."""
    tie = next((one for one in of(session, by) if one.id == tie_id), None)
    if tie is None:
        raise NotFound(tie_id)
    if tie.account_id == by.id:
        tie.account_lets_book = may
    else:
        tie.other_lets_book = may
    audit.record(session, "family_tie:let_book", tie, may=may, by=by)


def given_name(session: Session, account: Account) -> str:
    """All that a linked adult may know of the other: the given name, once an application has told it."""
    own = (held.person for held in family.people_of(session, account) if held.role == SELF)
    return next((family.given_name(person) for person in own), "")


def invite(session: Session, account: Account, email: str) -> None:
    """Mail another adult the link by which they agree. Raises RuleViolation where there are too many."""
    if len(of(session, account)) >= MOST_TIES:
        raise RuleViolation(TOO_MANY)
    token = person_links.make(session, "tie", account=account, person=applications.own_person(session, account))
    notifications.send(session, "family_invited", to=account, secrets={"token": token}, address=email)
    audit.record(session, "family_tie:invite", account, by=account)


def accept(session: Session, token: str, *, by: Account) -> FamilyTie:
    """Agree to be linked. Raises NotFound or NotOpenToThis for the link, RuleViolation for one's own."""
    link = person_links.find(session, "tie", token, lock=True)
    if link.account_id == by.id:
        raise RuleViolation(OWN_LINK)
    if any(other.id == link.account_id for other in linked_accounts(session, by)):
        raise NotOpenToThis(person_links.USED)
    person_links.use(session, "tie", token)
    tie = FamilyTie(account_id=link.account_id, other_id=by.id)
    session.add(tie)
    session.flush()
    audit.record(session, "family_tie:accept", tie, by=by)
    return tie


def end(session: Session, tie_id: uuid.UUID, *, by: Account) -> None:
    """End a link: either of the two may, at any time. Raises NotFound for anybody else's."""
    tie = next((one for one in of(session, by) if one.id == tie_id), None)
    if tie is None:
        raise NotFound(tie_id)
    tie.ended_at = now()
    audit.record(session, "family_tie:end", tie, by=by)


def to_pay(session: Session, account: Account) -> list[Application]:
    """Every application that waits for its fee and that the account may pay: its own people's, and those of the adults
    with whom it is linked. The payer learns the given name and the fee (rulings, section 2)."""
    holders = [account.id, *(other.id for other in linked_accounts(session, account))]
    query = select(Application).where(
        Application.account_id.in_(holders), Application.status == Status.AWAITING_PAYMENT
    )
    found = session.scalars(query.order_by(Application.created_at, Application.id)).all()
    return sorted(found, key=lambda one: one.account_id != account.id)
