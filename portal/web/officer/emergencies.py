"""Emergencies: taking over, for some hours, what a colleague holds; and what a second person makes of it."""

from __future__ import annotations

import uuid

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, break_glass, case_files
from portal.services import emergencies as services
from portal.web.access import requires
from portal.web.forms import Form, RadiosField, TextAreaField
from portal.web.officer import officer, words
from portal.web.officer.case import attempted, emergency_of, own_review
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up


class EmergencyForm(Form):
    reason = TextAreaField(
        _l("What is the emergency?"),
        hint=_l("Kept with your name. Supervisors, auditors and the colleague who holds it are told at once."),
        missing=_l("Say what the emergency is"),
        max_length=1000,
        rows=4,
    )


@officer.page(
    "/officers/applications/<reference:reference>/emergency",
    "/agents/demandes/<reference:reference>/urgence",
    methods=FORM,
)
@requires(Permission.REVIEW_WORK)
@requires_step_up
def take_over(reference: str) -> Response | tuple[str, int]:
    """Take over what a colleague holds, after a fresh proof and with a reason."""
    session, review, by = current_session(), own_review(reference), current_officer()
    form = EmergencyForm.from_request()
    if form.submitted() and attempted(form, lambda: break_glass.take_over(session, review, form.reason.data, by=by)):
        return redirect(url_for("officer.show_review", reference=reference), 303)
    audit.record(session, "review:open_emergency", review.application, by=by, agency=by.agency)
    page = render_template(
        "officer/take_over.html",
        form=form,
        review=review,
        can_break=break_glass.can_break(review, by),
        hours=break_glass.hours(session),
        emergency=emergency_of(review),
    )
    return page, form.status


@officer.page(
    "/officers/applications/<reference:reference>/emergency/end",
    "/agents/demandes/<reference:reference>/urgence/fin",
    methods=POST,
)
@requires(Permission.REVIEW_WORK)
def end_emergency(reference: str) -> Response:
    """End one's own emergency access before its time."""
    if not Form.from_request().submitted():
        abort(400)
    break_glass.end(current_session(), own_review(reference), by=current_officer())
    return redirect(url_for("officer.my_work"), 303)


@officer.page("/officers/emergencies", "/agents/urgences", methods=GET)
@requires(Permission.EMERGENCY_JUDGE)
def emergencies() -> str:
    """The agency's emergencies: those that wait for a second person, those that run, those that were judged."""
    session, by = current_session(), current_officer()
    waiting, judged = services.to_judge(session, by.agency), services.judged(session, by.agency)
    audit.record(session, "emergency:list", "emergency_access", by=by, rows=len(waiting) + len(judged))
    people = {one.officer_id for one in (*waiting, *judged)} | {one.judged_by for one in judged if one.judged_by}
    return render_template(
        "officer/emergencies.html",
        over=[one for one in waiting if one.ended_at],
        running=[one for one in waiting if not one.ended_at],
        judged=judged,
        names=case_files.officer_names(session, people),
        verdicts=words.VERDICTS,
        by=by,
    )


class JudgeEmergencyForm(Form):
    verdict = RadiosField(
        _l("Was the emergency access justified?"),
        choices=list(words.VERDICTS.items()),
        missing=_l("Say whether it was justified"),
    )
    judgement = TextAreaField(
        _l("Why do you say so?"),
        hint=_l("Kept with your name. Say what you read and whom you asked."),
        missing=_l("Write why you say so"),
        max_length=2000,
        rows=5,
    )


@officer.page("/officers/emergencies/<uuid:access_id>", "/agents/urgences/<uuid:access_id>", methods=FORM)
@requires(Permission.EMERGENCY_JUDGE)
@requires_step_up
def judge_emergency(access_id: uuid.UUID) -> Response | tuple[str, int]:
    """One emergency with all that was done in it, for the second person to judge."""
    session, by = current_session(), current_officer()
    access, form = services.find(session, access_id, by), JudgeEmergencyForm.from_request()
    if form.submitted() and attempted(
        form, lambda: services.judge(session, access, form.verdict.data, form.judgement.data, by=by)
    ):
        return redirect(url_for("officer.emergencies"), 303)
    audit.record(session, "emergency:view", access, by=by)
    people = {one for one in (access.officer_id, access.held_before, access.judged_by) if one}
    page = render_template(
        "officer/judge_emergency.html",
        form=form,
        access=access,
        can_judge=services.can_judge(access, by),
        is_own=access.officer_id == by.id,
        names=case_files.officer_names(session, people),
        deeds=services.deeds(session, access),
        acts=words.ACTS,
        verdicts=words.VERDICTS,
    )
    return page, form.status
