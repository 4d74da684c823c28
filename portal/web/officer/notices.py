"""What a centre is: pilot or permanent, irises or not, and its notices, each with its last day."""

from __future__ import annotations

from flask import abort, redirect, render_template
from werkzeug.wrappers import Response

from portal.clock import today
from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.instructions import TOPICS
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, capacity
from portal.web.access import requires
from portal.web.forms import DateField, Form, RadiosField, SelectField, TextAreaField
from portal.web.officer import officer
from portal.web.officer.capacity import back_to, centre_of
from portal.web.routing import FORM, POST
from portal.web.sessions import current_officer


class NoticeForm(Form):
    topic = SelectField(_l("What it is about"), choices=list(TOPICS.items()), missing=_l("Choose what it is about"))
    en = TextAreaField(_l("In English"), max_length=300, rows=2, missing=_l("Write the notice in English"))
    fr = TextAreaField(_l("In French"), max_length=300, rows=2, missing=_l("Write the notice in French"))
    until = DateField(
        _l("Last day"), hint=_l("After it, nobody reads the notice any more."), missing=_l("Enter the last day")
    )


class CentreForm(Form):
    iris_capture = RadiosField(
        _l("Are images of the irises taken here?"),
        choices=[("yes", _l("Yes")), ("no", _l("No")), ("unknown", _l("Not known"))],
    )
    pilot_since = DateField(_l("A pilot since"), hint=_l("Empty: the centre is permanent."))


@officer.page("/officers/centres/<int:centre_number>/notices", "/agents/centres/<int:centre_number>/avis", methods=FORM)
@requires(Permission.CAPACITY_MANAGE)
def add_notice(centre_number: int) -> Response | tuple[str, int]:
    """Tell travellers something until a day, in both languages."""
    session, centre, form = current_session(), centre_of(centre_number), NoticeForm.from_request()
    if form.submitted():
        words = {name: form[name].data for name in ("topic", "en", "fr")}
        try:
            capacity.add_notice(session, centre, words, form.until.data, by=current_officer())
        except RuleViolation as error:
            form.refuse(error.message, "until")
        else:
            return redirect(back_to(centre_number, "notice", None), 303)
    else:
        audit.record(session, "capacity:view", centre, by=current_officer())
    return render_template("officer/add_notice.html", form=form, centre=centre, today=today()), form.status


@officer.page(
    "/officers/centres/<int:centre_number>/notices/<int:number>/remove",
    "/agents/centres/<int:centre_number>/avis/<int:number>/retirer",
    methods=POST,
)
@requires(Permission.CAPACITY_MANAGE)
def remove_notice(centre_number: int, number: int) -> Response:
    """Take a notice away before its last day."""
    if not Form.from_request().submitted():
        abort(400)
    capacity.remove_notice(current_session(), centre_of(centre_number), number, by=current_officer())
    return redirect(back_to(centre_number, "notice", None), 303)


@officer.page(
    "/officers/centres/<int:centre_number>/about", "/agents/centres/<int:centre_number>/caracteristiques", methods=FORM
)
@requires(Permission.CAPACITY_MANAGE)
def about_centre(centre_number: int) -> Response | tuple[str, int]:
    """Whether a centre is a pilot, and whether it takes images of irises."""
    session, centre = current_session(), centre_of(centre_number)
    shown = {"iris_capture": centre.iris_capture, "pilot_since": centre.pilot_since}
    form = CentreForm.from_request(data=shown)
    if form.submitted():
        capacity.describe(session, centre, form.iris_capture.data, form.pilot_since.data, by=current_officer())
        return redirect(back_to(centre_number, "about", None), 303)
    audit.record(session, "capacity:view", centre, by=current_officer())
    return render_template("officer/about_centre.html", form=form, centre=centre), form.status
