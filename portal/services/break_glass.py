"""In an emergency an officer takes over an application that a colleague holds: at once, and with an alarm."""

from __future__ import annotations

import uuid

from sqlalchemy import any_, literal, or_, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Officer, Review
from portal.services import adjudication, audit, notifications, reviews

BROKEN = "review:break_glass"
OVERSEERS = ("supervisor", "auditor")

SAY_WHY = _l("Say what the emergency is")
NOT_HELD = _l("No colleague holds this application now. You do not need this way.")


def can_break(review: Review, by: Officer) -> bool:
    """Whether a colleague of the same agency holds the review."""
    is_held = review.state in adjudication.HELD_REVIEW_STATES and review.officer_id is not None
    return is_held and review.agency == by.agency and review.officer_id != by.id


def take_over(session: Session, review: Review, reason: str, *, by: Officer) -> None:
    """Take over what a colleague holds. Supervisors, auditors and the colleague are told at once.

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
    review.officer_id, review.taken_at = by.id, now()
    audit.record(session, BROKEN, review.application, reason=reason, by=by, agency=review.agency)
    for reader in readers:
        notifications.send(session, "break_glass_alarm", to=reader, facts={"ends_in": masked(review)})
    session.flush()


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
