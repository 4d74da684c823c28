"""Closing a centre for a while: when and why, whom it hits and what is kept for them, and then in force."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.closures import REASONS
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.i18n import zone_name
from portal.services import audit
from portal.services import closures as services
from portal.web.access import requires
from portal.web.forms import DateField, Form, RadiosField, TimeField
from portal.web.officer import officer
from portal.web.officer.capacity import back_to, centre_of
from portal.web.routing import FORM
from portal.web.sessions import current_officer
from portal.web.step_up import requires_step_up

Answer = Response | tuple[str, int]
ACTIONS = {"publish": services.publish, "again": services.look_again, "drop": services.drop, "reopen": services.reopen}


class ClosureForm(Form):
    first_day = DateField(_l("First day"), missing=_l("Enter the first day"))
    from_time = TimeField(_l("From"), hint=_l("For example, 9:00. Empty: the whole day."))
    last_day = DateField(_l("Last day"), missing=_l("Enter the last day"))
    to_time = TimeField(_l("To"), hint=_l("Empty: the whole day."))
    reason = RadiosField(
        _l("Why"),
        choices=[(code, _l("The centre is closed %(reason)s.", reason=words)) for code, words in REASONS.items()],
        hint=_l("Travellers read this sentence."),
        missing=_l("Choose why"),
    )


@officer.page(
    "/officers/centres/<int:centre_number>/closures", "/agents/centres/<int:centre_number>/fermetures", methods=FORM
)
@requires(Permission.CAPACITY_MANAGE)
def plan_closure(centre_number: int) -> Answer:
    """When and why. Nothing changes yet: the next page shows whom it hits."""
    session, centre, form = current_session(), centre_of(centre_number), ClosureForm.from_request()
    if form.submitted():
        starts_at = _moment(form.first_day.data, form.from_time.data or time(0), centre.zone)
        ends_at = _moment(form.last_day.data, form.to_time.data or time.max, centre.zone)
        try:
            made = services.plan(session, centre, starts_at, ends_at, reason=form.reason.data, by=current_officer())
        except RuleViolation as error:
            form.refuse(error.message, "last_day")
        else:
            return redirect(url_for("officer.closure", centre_number=centre_number, closure_id=made.id), 303)
    else:
        audit.record(session, "capacity:view", centre, by=current_officer())
    return render_template("officer/plan_closure.html", form=form, centre=centre), form.status


@officer.page(
    "/officers/centres/<int:centre_number>/closures/<uuid:closure_id>",
    "/agents/centres/<int:centre_number>/fermetures/<uuid:closure_id>",
    methods=FORM,
)
@requires(Permission.CAPACITY_MANAGE)
@requires_step_up
def closure(centre_number: int, closure_id: uuid.UUID) -> Answer:
    """Whom a closure hits and what is kept for them; putting it in force, giving it up, reopening."""
    session, centre, form = current_session(), centre_of(centre_number), Form.from_request()
    shown = services.find(session, centre, closure_id)
    if form.submitted():
        action = request.form.get("action", "")
        try:
            count = ACTIONS[action](session, shown, by=current_officer()) if action in ACTIONS else None
        except NotOpenToThis as error:
            form.refuse(error.message)
        else:
            if action == "again" or action not in ACTIONS:
                return redirect(url_for("officer.closure", centre_number=centre_number, closure_id=closure_id), 303)
            return redirect(back_to(centre_number, action, count), 303)
    audit.record(session, "closure:view", shown, by=current_officer())
    page = render_template(
        "officer/closure.html",
        form=form,
        centre=centre,
        closure=shown,
        hits=services.hits(session, shown),
        is_kept=services.is_kept(shown),
        reason=REASONS[shown.reason],
        zone_name=zone_name,
    )
    return page, form.status


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone))
