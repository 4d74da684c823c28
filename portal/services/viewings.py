"""Why an officer may look at an application, and the row in the audit trail that each look leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import AuditEntry, Officer, Review
from portal.services import adjudication, audit, hit_confirmations, reviews

GIVEN = "application:give_reason"
LASTS = timedelta(hours=8)
"""A typed reason holds for a day's work, not for ever; so does an assignment whose review has ended."""

ASSIGNED, SECOND, OTHER, EMERGENCY = "assigned", "second_officer", "other", "emergency"
TYPED_KINDS = ("question", "cover", "investigation")
"""Of what kind a typed reason may be; OTHER where the officer named none."""


@dataclass(frozen=True)
class Why:
    """Why an officer may look: in words, and of what kind that is."""

    reason: str
    kind: str


def why(session: Session, review: Review, by: Officer) -> Why | None:
    """Why this officer may look: the assignment, a refusal to confirm, or the reason that was typed today."""
    if _is_assigned(review, by):
        return Why("assigned", ASSIGNED) if review.held_until is None else Why("emergency", EMERGENCY)
    if review.state == "refusal_proposed" or hit_confirmations.waits_on(session, review, by):
        return Why("second officer", SECOND)
    return _typed(session, review, by)


def _is_assigned(review: Review, by: Officer) -> bool:
    """Whether the officer holds the review; once it has ended, for the rest of the day's work and no longer."""
    is_open = review.state in adjudication.OPEN_REVIEW_STATES
    return reviews.holds(review, by) and (is_open or (review.finished_at or now()) > now() - LASTS)


def reason_of(session: Session, review: Review, by: Officer) -> str | None:
    """The words for why this officer may look."""
    found = why(session, review, by)
    return found.reason if found else None


def _typed(session: Session, review: Review, by: Officer) -> Why | None:
    query = select(AuditEntry).where(
        AuditEntry.application_id == review.application_id,
        AuditEntry.actor_id == by.id,
        AuditEntry.action == GIVEN,
        AuditEntry.at > now() - LASTS,
    )
    row = session.scalars(query.order_by(AuditEntry.id.desc()).limit(1)).first()
    return Why(row.reason or "", str(row.facts.get("kind", OTHER))) if row else None


def give_reason(session: Session, review: Review, reason: str, by: Officer, *, kind: str | None = None) -> None:
    """Note why an officer who is not assigned has to look, and of what kind the reason is."""
    reviews.check_agency(review, by)
    if not reason:
        raise RuleViolation(_l("Say why you need to look at this application."))
    audit.record(session, GIVEN, review.application, reason=reason, by=by, kind=kind or OTHER)
    session.flush()


def check(session: Session, review: Review, by: Officer) -> str:
    """The reason for which this officer may look. Raises RuleViolation where there is none."""
    return grounds(session, review, by).reason


def grounds(session: Session, review: Review, by: Officer) -> Why:
    """Why this officer may look. Raises RuleViolation where there is no reason."""
    reviews.check_agency(review, by)
    found = why(session, review, by)
    if found is None:
        raise RuleViolation(_l("Say first why you need to look at this application."))
    return found


def record(session: Session, review: Review, what: str, by: Officer) -> None:
    """Write that this officer looked at `what` of the application. Raises RuleViolation without a reason."""
    found = grounds(session, review, by)
    audit.record(session, f"{what}:view", review.application, reason=found.reason, by=by, kind=found.kind)
