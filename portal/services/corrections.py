"""Corrections of applications that were sent: asked for by the applicant, seen by both agencies, decided in words.

What was sent stays as it was sent; an accepted correction stands beside it for everybody who reads the application.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.domain.lifecycle import Status
from portal.domain.sections import SECTIONS
from portal.i18n import Lazy as _l
from portal.models import Account, Application, CorrectionRequest, Officer, Review
from portal.services import audit, notifications, reviews, transitions, viewings

SECTIONS_TO_CORRECT = {section.key: section.title for section in SECTIONS if section.key != "consent"}
MOST_OPEN = 10
OPEN_DRAFT = _l("You can still change this application yourself.")


def can_ask(application: Application) -> bool:
    """Whether a correction is the way: an application that is not sent can be changed by its owner."""
    return application.paid_at is not None and application.status != Status.DRAFT


def ask(
    session: Session, application: Application, *, section: str, wrong: str, right: str, by: Account
) -> CorrectionRequest:
    """Say what is wrong in an application and what is right. Raises RuleViolation."""
    if not can_ask(application):
        raise NotOpenToThis(OPEN_DRAFT)
    if sum(one.outcome is None for one in of_application(session, application)) >= MOST_OPEN:
        raise RuleViolation(_l("Ten of your requests wait for an answer. Wait until we have answered one."))
    request = CorrectionRequest(
        application=application,
        application_id=application.id,
        section=section,
        language=by.language,
        wrong=wrong,
        right=right,
        asked_at=now(),
    )
    session.add(request)
    session.flush()
    transitions.note(session, application, "correction_asked", by=by)
    audit.record(session, "correction_request:ask", request, by=by)
    return request


def of_application(session: Session, application: Application) -> list[CorrectionRequest]:
    """Every request about an application, the newest first."""
    query = select(CorrectionRequest).where(CorrectionRequest.application_id == application.id)
    return list(session.scalars(query.order_by(CorrectionRequest.asked_at.desc())))


def find(session: Session, application: Application, request_id: uuid.UUID) -> CorrectionRequest:
    """One request about this application. Raises NotFound for any other."""
    request = session.get(CorrectionRequest, request_id)
    if request is None or request.application_id != application.id:
        raise NotFound(request_id)
    return request


def waiting(session: Session, by: Officer) -> list[tuple[str, datetime]]:
    """The references of applications with an open request that the officer's agency reviews, the oldest first."""
    query = (
        select(Application.reference, CorrectionRequest.asked_at)
        .join(CorrectionRequest, CorrectionRequest.application_id == Application.id)
        .join(Review, Review.application_id == Application.id)
        .where(CorrectionRequest.outcome.is_(None), Review.agency == by.agency)
        .order_by(CorrectionRequest.asked_at)
        .limit(50)
    )
    return [(reference, asked_at) for reference, asked_at in session.execute(query)]


def decide(session: Session, review: Review, request_id: uuid.UUID, *, outcome: str, answer: str, by: Officer) -> None:
    """Accept or refuse, with words in the applicant's language; both agencies and the applicant are told.

    Raises NotOpenToThis when somebody was faster, RuleViolation without a reason to look or without words.
    """
    reviews.check_agency(review, by)
    viewings.check(session, review, by)
    request = find(session, review.application, request_id)
    session.refresh(request, with_for_update={"of": CorrectionRequest})
    if request.outcome is not None:
        raise NotOpenToThis(_l("This request has been answered already."))
    if not answer:
        raise RuleViolation(_l("Write the answer in the applicant’s language."))
    request.outcome, request.answer = outcome, answer
    request.decided_at, request.decided_by, request.agency = now(), by.id, by.agency
    event = "correction_accepted" if outcome == "accepted" else "correction_refused"
    transitions.note(session, review.application, event, by=by)
    notifications.send(session, "correction_decided", review.application)
    audit.record(session, "correction_request:decide", request, by=by, outcome=outcome)
    session.flush()
