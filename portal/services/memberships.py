"""Memberships: granted when both agencies have approved, with a number that nobody else has."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain import memberships as rules
from portal.models import Application, Membership
from portal.services import audit, programme
from portal.services.actors import Actor

MOST_DRAWS = 50


def grant(session: Session, application: Application, *, by: Actor) -> Membership:
    """Grant the membership that an approved application leads to; granted once.

    The number is drawn at random and drawn again when the database says that it is taken.
    """
    found = of(session, application)
    if found is not None:
        return found
    membership = _insert(session, application)
    audit.record(session, "membership:grant", membership, application_id=application.id, by=by)
    return membership


def of(session: Session, application: Application) -> Membership | None:
    """The membership that came of an application."""
    return session.scalars(select(Membership).where(Membership.application_id == application.id)).one_or_none()


def renewal_opens_on(session: Session, membership: Membership) -> date:
    """The first day on which the membership can be renewed."""
    days = programme.setting(session, "renewal", membership.valid_from)["opens_days"]
    return membership.valid_until - timedelta(days=days)


def _insert(session: Session, application: Application) -> Membership:
    for _ in range(MOST_DRAWS):
        membership = _new(session, application)
        try:
            with session.begin_nested():
                session.add(membership)
                session.flush()
            return membership
        except IntegrityError as error:
            if "uq_membership_number" not in str(error.orig):
                raise
    raise RuntimeError("no free membership number was drawn")


def _new(session: Session, application: Application) -> Membership:
    issued = today()
    validity = programme.setting(session, "validity", issued)
    born = application.person.birth_on
    if born is None:
        raise ValueError("a member without a date of birth")
    return Membership(
        person_id=application.person_id,
        application_id=application.id,
        number=rules.new_number(),
        valid_from=issued,
        valid_until=rules.valid_until(born, issued, years=validity["years"], until=validity["until"]),
    )
