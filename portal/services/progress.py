"""What an applicant knows of the progress of an application: stages with dates, what to do now, and the usual times.

Never hits, lists, scores, assignment or a place in a queue (rulings, section 2): the same words for everybody whose
checks take as long.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain import AGENCIES
from portal.domain.interview_models import BOTH
from portal.domain.lifecycle import Status
from portal.i18n import format_date, format_time, speaking
from portal.i18n import gettext as _
from portal.models import Application, InformationRequest, Interview, Place, Review
from portal.services import information_requests, interview_parts, interviews, lateness, usual_times
from portal.services.usual_times import Usual


@dataclass(frozen=True)
class Action:
    """The one thing to do now, and the page where it is done."""

    label: str
    endpoint: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """One line of the tracker."""

    title: str
    state: str
    """done, now or todo"""
    when: str = ""
    agency: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Progress:
    """Everything that the tracker says."""

    title: str
    sentences: tuple[str, ...]
    action: Action | None = None
    steps: tuple[Step, ...] = ()
    usual: tuple[Usual, ...] = field(default=())


def of(session: Session, application: Application, language: str) -> Progress:
    """The progress of `application`, told in `language`."""
    reviews = _reviews(session, application)
    interview = interviews.of(session, application)
    with speaking(language):
        title, sentences, action = _now(application, information_requests.open_of(session, application), interview)
        if action is None and application.status == Status.UNDER_REVIEW:
            sentences, action = _when_it_takes_long(session, application, sentences)
        return Progress(
            title=title,
            sentences=sentences,
            action=action,
            steps=(
                *_first_steps(application),
                *(_checks(reviews.get(agency), agency) for agency in AGENCIES),
                _interview_step(session, application, interview, language),
                _decision_step(application),
            ),
            usual=usual_times.told(session) if application.status == Status.UNDER_REVIEW else (),
        )


def next_steps(session: Session, found: Sequence[Application], language: str) -> dict[uuid.UUID, Progress]:
    """What to do now for each of several applications, in as many queries as for one."""
    questions = information_requests.open_of_all(session, found)
    booked = interviews.of_all(session, found)
    with speaking(language):
        told = {one.id: _now(one, questions.get(one.id, []), booked.get(one.id)) for one in found}
    return {key: Progress(title, sentences, action) for key, (title, sentences, action) in told.items()}


def _reviews(session: Session, application: Application) -> dict[str, Review]:
    query = select(Review).where(Review.application_id == application.id)
    return {review.agency: review for review in session.scalars(query)}


Now = tuple[str, tuple[str, ...], Action | None]


def _now(application: Application, questions: Sequence[InformationRequest], interview: Interview | None) -> Now:
    if application.status == Status.UNDER_REVIEW:
        return _answer(application, questions[0]) if questions else _wait(application)
    if application.status == Status.CONDITIONALLY_APPROVED:
        return _to_interview(application, interview)
    return _by_status(application)


def _answer(application: Application, question: InformationRequest) -> Now:
    values = {"reference": application.reference, "request_id": str(question.id)}
    return (
        _("You need to answer a question"),
        (
            _(
                "Answer by %(day)s. The checks of that country go on after your answer.",
                day=format_date(question.due_on),
            ),
        ),
        Action(_("Read the question and answer"), "applicant.answer_request", values),
    )


def _wait(application: Application) -> Now:
    sentences = [_("Both countries are checking your application.")]
    if application.paid_at:
        day = (now() - application.paid_at).days + 1
        sentences.append(_("You are on day %(day)s.", day=day))
    sentences.append(_("We will email you when something changes."))
    return _("You do not need to do anything now"), tuple(sentences), None


def _when_it_takes_long(
    session: Session, application: Application, sentences: tuple[str, ...]
) -> tuple[tuple[str, ...], Action | None]:
    """Past the usual time one may ask, and read later what was answered."""
    is_late = bool(lateness.late(session, application))
    if not is_late and not lateness.asked(session, application):
        return sentences, None
    more = (
        (_("It takes longer than it took for nine in ten people. That is not a sign of refusal."),) if is_late else ()
    )
    values = {"reference": application.reference}
    return (*sentences, *more), Action(_("Ask about your application"), "applicant.ask_about_application", values)


def _to_interview(application: Application, interview: Interview | None) -> Now:
    values = {"reference": application.reference}
    if interview is not None and interview.state == "booked":
        return (
            _("Go to your interview"),
            (_("Your interview is booked. Bring your original documents."),),
            Action(_("See your interview"), "applicant.show_interview", values),
        )
    if interview is None or interview.state == "to_book":
        return (
            _("You need to book your interview"),
            (_("Your interview must take place by %(day)s.", day=format_date(_deadline(application))),),
            Action(_("Choose a time"), "applicant.choose_slot", values),
        )
    if interview.state == "with_officer":
        return (
            _("You do not need to do anything now"),
            (_("You missed two interviews. An officer decides what happens next. We will email you."),),
            None,
        )
    return (
        _("You do not need to do anything now"),
        (_("Your interview is over. We will email you when there is a decision."),),
        None,
    )


def _deadline(application: Application) -> date:
    return application.interview_deadline_on or today()


def _by_status(application: Application) -> Now:
    values = {"reference": application.reference}
    if application.status == Status.APPROVED:
        return (
            _("You are a member"),
            (_("Both countries approved your membership."),),
            Action(_("See your letters"), "applicant.messages", {}),
        )
    if application.status == Status.DENIED:
        return (
            _("There is a decision"),
            (_("Your membership was not approved. Your letter says who decided, why, and what you can do."),),
            Action(_("Read your letter"), "applicant.messages", {}),
        )
    if application.status == Status.AWAITING_CONSENT:
        return (
            _("Another parent or guardian must consent"),
            (_("The application goes on when everybody has consented."),),
            Action(_("See who must consent"), "applicant.show_consents", values),
        )
    if application.status == Status.AWAITING_PAYMENT:
        return (
            _("You need to pay the fee"),
            (_("The checks begin when you have paid."),),
            Action(_("Pay the fee"), "applicant.pay", values),
        )
    return _ended(application)


def _ended(application: Application) -> Now:
    if application.status == Status.WITHDRAWN:
        sentence = _("You withdrew this application.")
    elif application.status == Status.LAPSED:
        sentence = _("This application was closed because a deadline passed.")
    else:
        sentence = _("Your application is not sent yet.")
    return _("You do not need to do anything now"), (sentence,), None


def _first_steps(application: Application) -> tuple[Step, ...]:
    return (
        _step(_("Application sent"), application.submitted_at),
        _step(_("Payment received"), application.paid_at),
    )


def _step(title: str, moment: datetime | None) -> Step:
    return Step(title, "done" if moment else "todo", format_date(moment.date()) if moment else "")


def _checks(review: Review | None, agency: str) -> Step:
    if review is None:
        return Step(_("Checks not begun"), "todo", "", agency)
    begun = _("Received on %(day)s", day=format_date(review.opened_at.date()))
    if review.state == "not_needed":
        return Step(_("Checks not needed any more"), "done", begun, agency)
    if review.state == "finished" and review.finished_at:
        return Step(_("Checks finished"), "done", format_date(review.finished_at.date()), agency, begun)
    if review.state == "awaiting_applicant":
        return Step(_("Waiting for your answer"), "now", begun, agency)
    return Step(_("Being checked"), "now", begun, agency)


def _interview_step(session: Session, application: Application, interview: Interview | None, language: str) -> Step:
    if interview is None:
        return Step(_("Interview"), "todo", _("We will email you when you can book"))
    if interview.state in ("booked", "to_book") and interview_parts.needed(interview) not in (None, BOTH):
        return _half_done(session, interview, language)
    if interview.state == "booked":
        place = interviews.booked_place(session, interviews.current_part(interview))
        return Step(_("Interview booked"), "now", _when_and_where(place, language) if place else "")
    if interview.state == "to_book":
        day = format_date(_deadline(application))
        return Step(_("Book your interview"), "now", _("By %(day)s", day=day))
    if interview.state == "with_officer":
        return Step(_("Interview missed"), "now")
    return Step(_("Interview held"), "done")


def _half_done(session: Session, interview: Interview, language: str) -> Step:
    """One part is done: where and when the other one is, as far as it has a time."""
    rest = next((part for part in interview_parts.attempt(interview) if part.state != "done"), None)
    place = interviews.booked_place(session, rest) if rest and rest.state == "booked" else None
    when = _when_and_where(place, language) if place else _("Without an appointment, at an airport")
    if interview.state == "to_book":
        when = _("Book a time for the other part")
    return Step(_("One part of the interview is done"), "now", when, rest.agency if rest else None)


def _when_and_where(place: Place, language: str) -> str:
    local = place.starts_at
    return _(
        "%(day)s at %(time)s, %(centre)s",
        day=format_date(place.slot.local_on),
        time=format_time(local, place.centre.zone),
        centre=place.centre.name_in(language),
    )


def _decision_step(application: Application) -> Step:
    titles = {Status.APPROVED: _("Approved"), Status.DENIED: _("Not approved")}
    if application.decided_at is None:
        return Step(_("Decision"), "todo")
    title = titles.get(Status(application.status), _("Decision"))
    return Step(title, "done", format_date(application.decided_at.date()))
