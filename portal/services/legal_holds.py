"""Legal hold: while one is in force, nothing about the person is forgotten. Placed and lifted by a supervisor."""

from __future__ import annotations

import uuid

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import AccountPerson, LegalHold, Officer, Review
from portal.services import audit, viewings


def held_people() -> Select[uuid.UUID]:
    """The people under a hold of either agency. Complete for the worker only: agencies do not see each other's."""
    return select(LegalHold.person_id).where(LegalHold.lifted_at.is_(None))


def held_accounts() -> Select[uuid.UUID]:
    """The accounts that act, or acted, for somebody under a hold."""
    return select(AccountPerson.account_id).where(AccountPerson.person_id.in_(held_people()))


def of_person(session: Session, person_id: uuid.UUID, by: Officer) -> list[LegalHold]:
    """The holds of the officer's agency on a person, the newest first."""
    query = select(LegalHold).where(LegalHold.person_id == person_id, LegalHold.agency == by.agency)
    return list(session.scalars(query.order_by(LegalHold.placed_at.desc())))


def place(session: Session, review: Review, reason: str, by: Officer) -> LegalHold:
    """Keep everything about the person of this review until the hold is lifted. Raises RuleViolation."""
    viewings.check(session, review, by)
    if not reason:
        raise RuleViolation(_l("Say why everything must be kept."))
    person = review.application.person
    if _in_force(session, person.id, by) is not None:
        raise NotOpenToThis(_l("Your agency has placed a hold on this person already."))
    hold = LegalHold(
        person=person, person_id=person.id, agency=by.agency, reason=reason, placed_by=by.id, placed_at=now()
    )
    session.add(hold)
    session.flush()
    audit.record(session, "legal_hold:place", hold, application_id=review.application_id, by=by)
    return hold


def lift(session: Session, review: Review, reason: str, by: Officer) -> None:
    """End the hold of the officer's agency; the schedule applies again from the next night on."""
    viewings.check(session, review, by)
    hold = _in_force(session, review.application.person_id, by)
    if hold is None:
        raise NotOpenToThis(_l("No hold of your agency is in force."))
    hold.lifted_at, hold.lifted_by = now(), by.id
    audit.record(session, "legal_hold:lift", hold, application_id=review.application_id, reason=reason, by=by)


def _in_force(session: Session, person_id: uuid.UUID, by: Officer) -> LegalHold | None:
    return next((hold for hold in of_person(session, person_id, by) if hold.lifted_at is None), None)
