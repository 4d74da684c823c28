"""Why an officer may look at an application, and the row in the audit trail that each look leaves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import AuditEntry, Officer, Review
from portal.services import audit, reviews

GIVEN = "application:give_reason"
LASTS = timedelta(hours=8)
"""A typed reason holds for a day's work, not for ever."""


def reason_of(session: Session, review: Review, by: Officer) -> str | None:
    """Why this officer may look: the assignment, a refusal to confirm, or the reason that was typed today."""
    if reviews.holds(review, by):
        return "assigned"
    if review.state == "refusal_proposed":
        return "refusal to confirm"
    return _typed_reason(session, review, by)


def _typed_reason(session: Session, review: Review, by: Officer) -> str | None:
    query = select(AuditEntry.reason).where(
        AuditEntry.application_id == review.application_id,
        AuditEntry.actor_id == by.id,
        AuditEntry.action == GIVEN,
        AuditEntry.at > now() - LASTS,
    )
    return session.scalars(query.order_by(AuditEntry.id.desc()).limit(1)).first()


def give_reason(session: Session, review: Review, reason: str, by: Officer) -> None:
    """Note why an officer who is not assigned has to look."""
    reviews.check_agency(review, by)
    if not reason:
        raise RuleViolation(_l("Say why you need to look at this application."))
    audit.record(session, GIVEN, review.application, reason=reason, by=by)
    session.flush()


def check(session: Session, review: Review, by: Officer) -> str:
    """The reason for which this officer may look. Raises RuleViolation where there is none."""
    reviews.check_agency(review, by)
    reason = reason_of(session, review, by)
    if reason is None:
        raise RuleViolation(_l("Say first why you need to look at this application."))
    return reason


def record(session: Session, review: Review, what: str, by: Officer) -> None:
    """Write that this officer looked at `what` of the application. Raises RuleViolation without a reason."""
    reason = check(session, review, by)
    audit.record(session, f"{what}:view", review.application, reason=reason, by=by)
