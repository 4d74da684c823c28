"""An emergency: taking over an application that a colleague holds, with an alarm."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, break_glass
from portal.web.access import requires
from portal.web.forms import Form, TextAreaField
from portal.web.officer import officer
from portal.web.officer.case import attempted, own_review
from portal.web.routing import FORM
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
    can_break = break_glass.can_break(review, by)
    return render_template("officer/take_over.html", form=form, review=review, can_break=can_break), form.status
