"""What one application costs today: the fee rule applied to what the portal knows of the person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.domain.fees import MAJORITY, Fee, fee
from portal.domain.lifecycle import Status
from portal.domain.sections import age_on
from portal.models import AccountPerson, Application, Membership, Person
from portal.models.viewers import JOINT, viewing_as
from portal.services import programme

GUARDIAN = ("parent", "representative")
UNDER_WAY = (
    Status.AWAITING_CONSENT,
    Status.AWAITING_PAYMENT,
    Status.UNDER_REVIEW,
    Status.CONDITIONALLY_APPROVED,
)
"""Sent and not decided: a draft is not an application yet."""


def fee_for(session: Session, application: Application, on: date) -> Fee:
    """The fee of an application that was sent, by the amounts that hold on the day `on`."""
    born = application.person.birth_on
    if born is None:
        raise LookupError("an application that was sent has no date of birth")
    age = age_on(born, on)
    has_member_parent = age < MAJORITY and _has_member_parent(session, application.person, on)
    return fee(programme.setting(session, "fee", on), age=age, has_member_parent=has_member_parent)


def _has_member_parent(session: Session, child: Person, on: date) -> bool:
    """Whether somebody who acts for the child as parent or guardian is a member, or has applied."""
    accounts = select(AccountPerson.account_id).where(
        AccountPerson.person_id == child.id, AccountPerson.role.in_(GUARDIAN), AccountPerson.until.is_(None)
    )
    guardians = select(AccountPerson.person_id).where(
        AccountPerson.account_id.in_(accounts), AccountPerson.role == "self", AccountPerson.until.is_(None)
    )
    is_member = exists().where(
        Membership.person_id.in_(guardians),
        Membership.state == "active",
        Membership.valid_from <= on,
        Membership.valid_until >= on,
    )
    has_applied = exists().where(Application.person_id.in_(guardians), Application.status.in_(UNDER_WAY))
    with viewing_as(session, JOINT):  # the other parent's membership counts, and is hers
        return bool(session.scalar(select(is_member | has_applied)))
