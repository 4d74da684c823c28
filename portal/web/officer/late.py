"""Late arrivals: a centre's rule, and sending away somebody who came later than it allows."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.config import Settings
from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.late_arrivals import MOST_MINUTES, RULES, in_words
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.i18n import zone_name
from portal.services import audit, interview_days, interview_parts
from portal.services import late_arrivals as services
from portal.services.interviews import booked_place, current_part
from portal.web.access import requires
from portal.web.forms import Form, RadiosField, WholeNumberField
from portal.web.officer import officer
from portal.web.officer.capacity import back_to, centre_of
from portal.web.routing import FORM
from portal.web.sessions import current_officer


class LateRuleForm(Form):
    minutes = WholeNumberField(
        _l("How many minutes late may somebody be?"),
        most=MOST_MINUTES,
        hint=_l("0: nobody who is late is interviewed."),
        missing=_l("Enter the number of minutes"),
    )
    rule = RadiosField(_l("And later than that?"), choices=list(RULES.items()), missing=_l("Choose what happens then"))


class SendAwayForm(Form):
    minutes = WholeNumberField(
        _l("How many minutes late?"), least=1, most=1440, missing=_l("Enter how many minutes late the applicant came")
    )


@officer.page(
    "/officers/centres/<int:centre_number>/late-arrivals", "/agents/centres/<int:centre_number>/retards", methods=FORM
)
@requires(Permission.CAPACITY_MANAGE)
def late_rule(centre_number: int) -> Response | tuple[str, int]:
    """How long a centre waits, and what whoever comes later does."""
    session, centre = current_session(), centre_of(centre_number)
    form = LateRuleForm.from_request(data={"minutes": centre.late_minutes, "rule": centre.late_rule})
    if form.submitted():
        services.set_rule(session, centre, form.rule.data, form.minutes.data, by=current_officer())
        return redirect(back_to(centre_number, "late", None), 303)
    audit.record(session, "capacity:view", centre, by=current_officer())
    told = in_words(centre.late_rule, centre.late_minutes)
    return render_template("officer/late_rule.html", form=form, centre=centre, told=told), form.status


@officer.page(
    "/officers/interviews/<reference:reference>/late", "/agents/entrevues/<reference:reference>/retard", methods=FORM
)
@requires(Permission.INTERVIEW_RECORD)
def send_away(reference: str) -> Response | tuple[str, int]:
    """Send away somebody who came later than the centre allows; the applicant chooses another time."""
    session, by = current_session(), current_officer()
    interview = interview_days.of_reference(session, reference)
    part = interview_parts.of_agency(interview, str(by.agency)) or current_part(interview)
    place = booked_place(session, part)
    if place is None:
        return redirect(url_for("officer.record_interview", reference=reference), 303)
    form = SendAwayForm.from_request(data={"minutes": services.minutes_late(place) or None})
    if form.submitted():
        settings: Settings = current_app.extensions["settings"]
        try:
            services.send_away(session, part, form.minutes.data, early=settings.record_interviews_early, by=by)
        except RuleViolation as error:
            form.refuse(error.message, "minutes")
        else:
            return redirect(url_for("officer.record_interview", reference=reference), 303)
    audit.record(session, "interview:view", interview, reason="interview: late", by=by)
    told = in_words(place.centre.late_rule, place.centre.late_minutes)
    page = render_template(
        "officer/send_away.html",
        form=form,
        application=interview.application,
        place=place,
        told=told,
        zone_name=zone_name,
    )
    return page, form.status
