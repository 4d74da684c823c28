"""An agency's questions to the applicant: asked, extended once, answered. They never pause the other agency."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Document, InformationRequest, Officer, Review
from portal.models.statements import Statement, Whole
from portal.services import adjudication, audit, programme, reviews, transitions


def ask(
    session: Session, review: Review, *, question: str, wants_document: bool, by: Officer, action: str = "ask"
) -> InformationRequest:
    """Ask the applicant a question, written in the applicant's language. The review's clock stands until the answer.

    `action` is the line of the lifecycle, which names the message: `ask_again` for a document that cannot be read.
    """
    reviews.hold(session, review, by)
    due_on = last_day(session)
    facts = {"agency": review.agency, "due_on": due_on.isoformat()}
    transitions.perform(session, review, action, by=by, facts=facts)
    review.paused_at = now()
    request = InformationRequest(
        application=review.application,
        application_id=review.application_id,
        agency=review.agency,
        language=review.application.language,
        question=question,
        wants_document=wants_document,
        asked_by=by.id,
        asked_at=now(),
        due_on=due_on,
    )
    session.add(request)
    session.flush()
    return request


def answer(
    session: Session, request: InformationRequest, *, text: str, document: Document | None = None, by: Account
) -> None:
    """Answer a question, late or in time. The officer who asked goes on with the review, and its clock goes on.

    Raises RuleViolation where a document was asked for and none is given, NotOpenToThis when it was answered already.
    """
    if request.wants_document and document is None:
        raise RuleViolation(_l("Send the document that we asked for."))
    review = _review_of(session, request)
    adjudication.lock(session, request.application)
    session.refresh(review)
    session.refresh(request)
    _require_open(request)
    request.answer = text
    request.document_id = document.id if document else None
    request.answered_at = request.closed_at = now()
    _resume(review)
    transitions.perform(session, review, "answer", by=by)
    reviews.to_the_queue(session, review)


def extend(session: Session, request: InformationRequest, by: Account) -> date:
    """Give the applicant as many days again, once. Returns the new last day."""
    adjudication.lock(session, request.application)
    session.refresh(request)
    _require_open(request)
    if request.extended_at is not None:
        raise RuleViolation(_l("You have had more time for this question already."))
    request.extended_at = now()
    request.due_on += timedelta(days=_days(session))
    audit.record(session, "information_request:extend", request, by=by)
    session.flush()
    return request.due_on


def of_application(session: Session, application: Application) -> list[InformationRequest]:
    """The questions on an application that the reader may see, the newest first."""
    query = select(InformationRequest).where(InformationRequest.application_id == application.id)
    return list(session.scalars(query.order_by(InformationRequest.asked_at.desc(), InformationRequest.id)))


def open_of(session: Session, application: Application) -> list[InformationRequest]:
    """The questions that still wait for the applicant, the most urgent first."""
    return sorted(
        (request for request in of_application(session, application) if request.closed_at is None),
        key=lambda request: request.due_on,
    )


_REQUEST = Whole(InformationRequest)
_OPEN = Statement(
    f"""
    select {_REQUEST.sql} from information_request
    where application_id = any(cast(:applications as uuid[])) and answered_at is null and closed_at is null
    order by due_on
    """  # noqa: S608  # no part of it comes from outside
)


def open_of_all(session: Session, found: Sequence[Application]) -> dict[uuid.UUID, list[InformationRequest]]:
    """The questions that wait for the applicants of several applications, in one query."""
    session.flush()
    waiting: dict[uuid.UUID, list[InformationRequest]] = {}
    for row in _OPEN.rows(session, {"applications": [one.id for one in found]}):
        request = cast(InformationRequest, _REQUEST.made(session, row))
        waiting.setdefault(request.application_id, []).append(request)
    return waiting


def of_review(session: Session, review: Review) -> list[InformationRequest]:
    """The questions that the review's own agency asked, the newest first."""
    return [r for r in of_application(session, review.application) if r.agency == review.agency]


def find(session: Session, application: Application, request_id: uuid.UUID) -> InformationRequest:
    """One question on this application. Raises NotFound."""
    request = session.get(InformationRequest, request_id)
    if request is None or request.application_id != application.id:
        raise NotFound(request_id)
    return request


def last_day(session: Session) -> date:
    """The last day to answer a question that is asked today."""
    return today() + timedelta(days=_days(session))


def _days(session: Session) -> int:
    return int(programme.setting(session, "information_request", today())["days"])


def _review_of(session: Session, request: InformationRequest) -> Review:
    query = select(Review).where(Review.application_id == request.application_id, Review.agency == request.agency)
    return session.scalars(query).one()


def _require_open(request: InformationRequest) -> None:
    if request.closed_at is not None:
        raise NotOpenToThis(_l("This question does not need an answer any more."))


def _resume(review: Review) -> None:
    if review.paused_at is not None:
        review.paused_seconds += int((now() - review.paused_at).total_seconds())
        review.paused_at = None
