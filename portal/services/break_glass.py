"""In an emergency an officer takes over, for some hours and with an alarm, an application that a colleague holds."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import any_, literal, or_, select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import EmergencyAccess, Officer, Review
from portal.services import adjudication, audit, notifications, programme, reviews, transitions
from portal.services.actors import SYSTEM, Actor

BROKEN = "review:break_glass"
ENDED = "review:end_emergency"
OVERSEERS = ("supervisor", "auditor")
"""Who is told at once, and who judges it afterwards."""

SAY_WHY = _l("Say what the emergency is")
NOT_HELD = _l("No colleague holds this application now. You do not need this way.")
NOT_YOURS = _l("You have no emergency access to this application.")


def can_break(review: Review, by: Officer) -> bool:
    """Whether a colleague of the same agency holds the review."""
    is_held = review.state in adjudication.HELD_REVIEW_STATES and review.officer_id is not None
    return is_held and review.agency == by.agency and not reviews.holds(review, by)


def hours(session: Session) -> int:
    """For how many hours an emergency lasts that begins today: the programme setting `break_glass`."""
    return int(programme.setting(session, "break_glass", today())["hours"])


def take_over(session: Session, review: Review, reason: str, *, by: Officer) -> EmergencyAccess:
    """Take over what a colleague holds. Supervisors, auditors and the colleague are told at once; it ends by itself.

    Raises NotFound for the other agency's review, NotOpenToThis where no colleague holds it, RuleViolation without a
    reason. A proposal to refuse keeps its proposer, who still cannot confirm it.
    """
    reviews.lock(session, review, by)
    if not can_break(review, by):
        raise NotOpenToThis(NOT_HELD)
    if not reason:
        raise RuleViolation(SAY_WHY)
    assert review.officer_id is not None
    readers = _to_tell(session, review.agency, review.officer_id, by)
    began = _begin(session, review, reason, by)
    reviews.assign(review, by.id, until=began.ends_at)
    transitions.note(session, review.application, "emergency_begun", by=by, agency=review.agency)
    audit.record(session, BROKEN, review.application, reason=reason, by=by, agency=review.agency)
    for reader in readers:
        notifications.send(session, "break_glass_alarm", to=reader, facts={"ends_in": masked(review)})
    session.flush()
    return began


def _begin(session: Session, review: Review, reason: str, by: Officer) -> EmergencyAccess:
    before = open_of(session, review)
    if before is not None:
        _close(session, before, by=by)
        session.flush()
    began = EmergencyAccess(
        review=review,
        review_id=review.id,
        application=review.application,
        application_id=review.application_id,
        agency=review.agency,
        officer_id=by.id,
        held_before=before.held_before if before else review.officer_id,
        reason=reason,
        began_at=now(),
        ends_at=now() + timedelta(hours=hours(session)),
    )
    session.add(began)
    return began


def open_of(session: Session, review: Review) -> EmergencyAccess | None:
    """The emergency of this review that was not ended yet, if there is one."""
    query = select(EmergencyAccess).where(EmergencyAccess.review_id == review.id, EmergencyAccess.ended_at.is_(None))
    return session.scalars(query).one_or_none()


def end(session: Session, review: Review, *, by: Officer) -> None:
    """End one's own emergency before its time. Raises NotOpenToThis where there is none."""
    reviews.lock(session, review, by)
    access = open_of(session, review)
    if access is None or access.officer_id != by.id:
        raise NotOpenToThis(NOT_YOURS)
    _end(session, access, by=by)


def due(session: Session) -> list[uuid.UUID]:
    """The emergencies whose time is over, or whose review needs nobody any more."""
    is_over = or_(EmergencyAccess.ends_at <= now(), Review.state.not_in(adjudication.HELD_REVIEW_STATES))
    query = select(EmergencyAccess.id).join(EmergencyAccess.review).where(EmergencyAccess.ended_at.is_(None), is_over)
    return list(session.scalars(query.order_by(EmergencyAccess.ends_at)))


def end_due(session: Session, access_id: uuid.UUID) -> None:
    """End one that is due; does nothing a second time."""
    access = session.get_one(EmergencyAccess, access_id)
    adjudication.lock(session, access.application)
    session.refresh(access)
    session.refresh(access.review)
    if access.ended_at is None:
        _end(session, access, by=SYSTEM)


def _end(session: Session, access: EmergencyAccess, *, by: Actor) -> None:
    review = access.review
    _close(session, access, by=by)
    if review.officer_id != access.officer_id:
        return  # somebody else was given it meanwhile
    if review.state in adjudication.HELD_REVIEW_STATES:
        reviews.assign(review, _who_gets_it_back(session, access))
        session.flush()
        reviews.to_the_queue(session, review)
    elif review.held_until is not None:
        # Who finished it stays written there, and has no more reason to look.
        review.held_until = min(review.held_until, now())
    session.flush()


def _close(session: Session, access: EmergencyAccess, *, by: Actor) -> None:
    access.ended_at = now()
    transitions.note(session, access.application, "emergency_ended", by=by, agency=access.agency)
    audit.record(session, ENDED, access.application, by=by, agency=access.agency)


def _who_gets_it_back(session: Session, access: EmergencyAccess) -> uuid.UUID | None:
    holder = session.get(Officer, access.held_before) if access.held_before else None
    return holder.id if holder is not None and holder.disabled_at is None else None


def masked(review: Review) -> str:
    """The reference as a mail may show it: its last four characters."""
    return review.application.reference[-4:]


def _to_tell(session: Session, agency: str, holder_id: uuid.UUID, by: Officer) -> list[Officer]:
    query = select(Officer).where(
        Officer.agency == agency,
        Officer.id != by.id,
        Officer.activated_at.is_not(None),
        Officer.disabled_at.is_(None),
        or_(Officer.id == holder_id, *(literal(role) == any_(Officer.roles) for role in OVERSEERS)),
    )
    return list(session.scalars(query))
