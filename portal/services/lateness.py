"""Past the usual time: who is told so, the question that an applicant may then ask, and its answer.

Everything here goes by the days since the review was opened, and by nothing else: not by hits, not by who works on it.
An answer is one of a few sentences, so that it says the same to everybody (rulings, section 2).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain import AGENCIES
from portal.domain.errors import NotFound, NotOpenToThis
from portal.domain.lifecycle import Status
from portal.i18n import Lazy as _l
from portal.models import Account, Application, Enquiry, Event, Officer, Review
from portal.services import adjudication, audit, notifications, transitions, usual_times
from portal.services.actors import SYSTEM

TOLD = "longer_than_usual"
ANSWERS = {
    "goes_on": _l("We are still checking. Nothing is missing from you."),
    "soon": _l("We have almost finished. Nothing is missing from you."),
    "waits_for_you": _l("We asked you a question and wait for your answer."),
}


def late(session: Session, application: Application) -> tuple[str, ...]:
    """The agencies whose checks take longer than nine in ten did; none while that is not known."""
    if application.status != Status.UNDER_REVIEW:
        return ()
    query = select(Review.agency, Review.opened_at).where(
        Review.application_id == application.id, Review.state.in_(adjudication.OPEN_REVIEW_STATES)
    )
    opened = {row.agency: row.opened_at for row in session.execute(query)}
    return tuple(agency for agency in AGENCIES if agency in opened and _is_past(session, agency, opened[agency]))


def _is_past(session: Session, agency: str, opened_at: datetime) -> bool:
    limit = usual_times.most(session, agency)
    return limit is not None and now() - opened_at > timedelta(days=limit)


def tell(session: Session) -> int:
    """Tell each applicant once for each agency that it takes longer than usual (N9); returns how many were told."""
    count = 0
    for agency in AGENCIES:
        limit = usual_times.most(session, agency)
        if limit is None:
            continue
        for review in session.scalars(_to_tell(agency, timedelta(days=limit))).all():
            transitions.note(session, review.application, TOLD, by=SYSTEM, agency=agency)
            notifications.send(session, TOLD, review.application, facts={"agency": agency})
            count += 1
    session.flush()
    return count


def _to_tell(agency: str, limit: timedelta) -> Select[Any]:
    was_told = exists().where(Event.application_id == Review.application_id, Event.name == TOLD, Event.agency == agency)
    return select(Review).where(
        Review.agency == agency,
        Review.state.in_(adjudication.OPEN_REVIEW_STATES),
        Review.opened_at < now() - limit,
        ~was_told,
    )


def finished(session: Session, review: Review) -> None:
    """Tell the applicant that one agency has finished (N8), where the other has not: for both there is another mail."""
    if review.application.status == Status.UNDER_REVIEW:
        notifications.send(session, "checks_finished", review.application, facts={"agency": review.agency})


@dataclass(frozen=True)
class Asked:
    """What an applicant asked one agency, and what was answered."""

    agency: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


def asked(session: Session, application: Application) -> list[Asked]:
    """Every question about an application, the newest first, with its answer in the language being spoken."""
    query = select(Enquiry).where(Enquiry.application_id == application.id).order_by(Enquiry.asked_at.desc())
    return [
        Asked(one.agency, one.asked_at, str(ANSWERS[one.answer]) if one.answer else None, one.answered_at)
        for one in session.scalars(query)
    ]


def may_ask(session: Session, application: Application) -> tuple[str, ...]:
    """The agencies that the applicant may ask now: those that are late and have no open question."""
    waiting = {one.agency for one in asked(session, application) if one.answered_at is None}
    return tuple(agency for agency in late(session, application) if agency not in waiting)


def ask(session: Session, application: Application, *, by: Account) -> None:
    """Ask every agency that is late. Raises NotOpenToThis where none is, or each was asked already."""
    adjudication.lock(session, application)
    agencies = may_ask(session, application)
    if not agencies:
        raise NotOpenToThis(_l("You can ask once it takes longer than usual, and again when you have an answer."))
    for agency in agencies:
        enquiry = Enquiry(application=application, application_id=application.id, agency=agency, asked_at=now())
        session.add(enquiry)
        session.flush()
        audit.record(session, "enquiry:ask", enquiry, agency=agency, by=by)


def waiting(session: Session, by: Officer, limit: int = 50) -> list[Enquiry]:
    """The questions that wait for the officer's agency, the oldest first."""
    query = select(Enquiry).where(Enquiry.agency == by.agency, Enquiry.answered_at.is_(None))
    return list(session.scalars(query.order_by(Enquiry.asked_at).limit(limit)))


def find(session: Session, enquiry_id: uuid.UUID, *, agency: str) -> Enquiry:
    """A question to this agency. Raises NotFound for any other."""
    enquiry = session.get(Enquiry, enquiry_id)
    if enquiry is None or enquiry.agency != agency:
        raise NotFound(enquiry_id)
    return enquiry


def answer(session: Session, enquiry: Enquiry, words: str, *, by: Officer) -> None:
    """Answer with one of the sentences; the applicant is told that there is an answer. Raises NotOpenToThis."""
    session.refresh(enquiry, with_for_update={"of": Enquiry})
    if enquiry.agency != by.agency or words not in ANSWERS:
        raise NotFound(enquiry.id)
    if enquiry.answered_at is not None:
        raise NotOpenToThis(_l("A colleague has answered already."))
    enquiry.answer, enquiry.answered_by, enquiry.answered_at = words, by.id, now()
    notifications.send(session, "enquiry_answered", enquiry.application)
    audit.record(session, "enquiry:answer", enquiry, by=by, answer=words)
    session.flush()
