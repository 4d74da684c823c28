"""Interviews: those of a day, and what one's own agency records and decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clock import now, today
from portal.config import Settings
from portal.db import current_session
from portal.domain import late_arrivals
from portal.domain.adjudication import refusal_reason
from portal.domain.answers import masked
from portal.domain.errors import RuleViolation
from portal.domain.interviews import BIOMETRICS, DOCUMENTS
from portal.domain.permissions import Permission
from portal.i18n import current_language, zone_name
from portal.i18n import gettext as _
from portal.models import EnrolmentCentre, Interview, InterviewPart
from portal.services import (
    audit,
    centres,
    interview_days,
    interview_outcomes,
    interview_parts,
    interview_records,
    reviews,
)
from portal.services.interviews import booked_place, current_part
from portal.web import step_up
from portal.web.access import requires
from portal.web.forms import Form
from portal.web.officer import officer
from portal.web.officer.interview_forms import DayFilter, OutcomeForm, RecordInterviewForm, SettleRefusalForm
from portal.web.routing import FORM
from portal.web.sessions import current_officer

Answer = Response | tuple[str, int]


@officer.page("/officers/interviews", "/agents/entrevues")
@requires(Permission.INTERVIEW_RECORD)
def interviews() -> Answer:
    """The interviews of a day, at one centre or all."""
    known = centres.where_officers_sit(current_session())
    filters = _day_filter(known)
    chosen = next((centre for centre in known if str(centre.number) == filters.centre.data), None)
    day = _day(filters, chosen)
    here = [chosen] if chosen else known
    page = render_template(
        "officer/interviews.html",
        filters=filters,
        day=day,
        centre=chosen,
        appointments=interview_days.on(current_session(), day, here, by=current_officer()),
        walk_ups=interview_days.walk_ups(current_session(), here, by=current_officer()),
        zone_name=zone_name,
    )
    return page, filters.status


@officer.page("/officers/interviews/<reference:reference>", "/agents/entrevues/<reference:reference>", methods=FORM)
@requires(Permission.INTERVIEW_RECORD)
def record_interview(reference: str) -> Answer:
    """Record an interview for one's own agency, and decide; or settle what a colleague proposed."""
    interview = interview_days.of_reference(current_session(), reference)
    step = interview_outcomes.next_step(current_session(), interview, early=_early(), by=current_officer())
    form = _form_for(step, interview)
    if form is not None and form.submitted():
        if _decides(form) and (asked := step_up.require()):
            return asked
        try:
            ACTIONS[step](interview, form)
        except RuleViolation as error:
            form.refuse(error.message)
        else:
            return redirect(url_for("officer.record_interview", reference=reference), 303)
    audit.record(current_session(), "interview:view", interview, reason=f"interview: {step}", by=current_officer())
    page = render_template("officer/record_interview.html", **_known(interview, step), step=step, form=form)
    return page, form.status if form else 200


def _day_filter(known: list[EnrolmentCentre]) -> DayFilter:
    own = next((centre for centre in known if centre.id == current_officer().centre_id), None)
    filters = DayFilter.from_query(data={"centre": str(own.number) if own else ""})
    filters.centre.choices = [(str(centre.number), centre.name_in(current_language())) for centre in known]
    if request.args:
        filters.validate()
    return filters


def _day(filters: DayFilter, centre: EnrolmentCentre | None) -> date:
    if filters.day.data and not filters.day.errors:
        chosen: date = filters.day.data
        return chosen
    return now().astimezone(ZoneInfo(centre.zone)).date() if centre else today()


def _early() -> bool:
    settings: Settings = current_app.extensions["settings"]
    return settings.record_interviews_early


def _decides(form: Any) -> bool:
    """Whether the form approves, proposes to refuse, or settles what a colleague proposed."""
    return any(name in form and form[name].data for name in ("outcome", "settlement"))


def _form_for(step: str, interview: Interview) -> Form | None:
    if step == "record":
        row = interview_records.own_record(current_session(), _own_part(interview), current_officer())
        return RecordInterviewForm.from_request(data=RecordInterviewForm.shown(row))
    forms: dict[str, type[Form]] = {"decide": OutcomeForm, "settle": SettleRefusalForm, "allow": Form}
    return forms[step].from_request() if step in forms else None


def _own_part(interview: Interview) -> InterviewPart:
    """The part that the officer's own agency records."""
    return interview_parts.of_agency(interview, str(current_officer().agency)) or current_part(interview)


def _record(interview: Interview, form: Any) -> None:
    part = _own_part(interview)
    interview_records.record(
        current_session(),
        part,
        came=form.came.data,
        documents_seen=form.documents_seen.data or (),
        biometrics=form.captures,
        note=form.note.data,
        minutes_late=form.minutes_late.data,
        early=_early(),
        by=current_officer(),
    )
    if form.came.data:
        _decide(interview, form)


def _decide(interview: Interview, form: Any) -> None:
    part = _own_part(interview)
    if form.outcome.data == "approve":
        interview_outcomes.approve(current_session(), part, by=current_officer())
    elif form.outcome.data == "refuse":
        interview_outcomes.propose_refusal(
            current_session(), part, reason=form.reason.data, note=form.refusal_note.data, by=current_officer()
        )


def _settle(interview: Interview, form: Any) -> None:
    settle = {"confirm": interview_outcomes.confirm_refusal, "send_back": interview_outcomes.send_back}
    settle[form.settlement.data](current_session(), interview, by=current_officer())


def _allow(interview: Interview, _form: Any) -> None:
    interview_records.allow_again(current_session(), interview, by=current_officer())


ACTIONS: dict[str, Callable[[Interview, Any], None]] = {
    "record": _record,
    "decide": _decide,
    "settle": _settle,
    "allow": _allow,
}
"""What each step of `interview_outcomes.next_step` does with its form."""


def _known(interview: Interview, step: str) -> dict[str, Any]:
    """What the page shows. The answers only while there is something to do with them: that is the reason to look."""
    session, by = current_session(), current_officer()
    part = _own_part(interview)
    proposal = interview_outcomes.open_proposal(session, interview, by)
    own = interview_records.own_record(session, part, by)
    place = booked_place(session, part)
    answers = reviews.answers_of(session, interview.application) if step in ACTIONS else {}
    return {
        "application": interview.application,
        "answers": answers,
        "passport": masked(str(answers.get("citizenship", {}).get("passport_number", ""))),
        "place": place,
        "part": part,
        "parts": interview_parts.attempt(interview),
        "own": own,
        "documents_seen": [DOCUMENTS[code] for code in own.documents_seen] if own else [],
        "captured": [_capture(one) for one in own.biometrics] if own else [],
        "differs": interview_records.has_disagreement(session, part, by),
        "proposal": proposal,
        "reason": refusal_reason(proposal.reason) if proposal else None,
        "standing": interview_outcomes.standing(session, interview, by),
        "biometrics": BIOMETRICS,
        "late": late_arrivals.in_words(place.centre.late_rule, place.centre.late_minutes) if place else None,
        "zone_name": zone_name,
    }


def _capture(one: dict[str, Any]) -> str:
    kind = BIOMETRICS[one["kind"]]
    return _("%(kind)s: %(reference)s, quality %(quality)s, %(device)s", **{**one, "kind": kind})
