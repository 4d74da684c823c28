"""Centres and their times: how full they are, when they open, extra days."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre
from portal.services import audit, centres, closures, releases
from portal.services import capacity as services
from portal.web.access import requires
from portal.web.forms import DateField, Form, TimeField, WholeNumberField
from portal.web.officer import officer
from portal.web.routing import FORM, GET
from portal.web.sessions import current_officer


class ExtraDayForm(Form):
    day = DateField(_l("Day"), missing=_l("Enter the day"))
    opens = TimeField(_l("First interview"), hint=_l("For example, 9:00"), missing=_l("Enter when the first begins"))
    closes = TimeField(_l("Last interview ends"), missing=_l("Enter when the last one ends"))
    desks = WholeNumberField(_l("Desks"), least=1, most=20, missing=_l("Enter the number of desks"))


@officer.page("/officers/centres", "/agents/centres", methods=GET)
@requires(Permission.CAPACITY_MANAGE)
def capacity() -> str:
    """The centres that are booked online, the officer's own first."""
    by, session = current_officer(), current_session()
    known = [one for one in centres.all_centres(session) if centres.can_be_booked(one)]
    audit.record(session, "capacity:list", "enrolment_centre", by=by)
    return render_template("officer/centres.html", centres=sorted(known, key=lambda one: one.id != by.centre_id))


@officer.page("/officers/centres/<int:centre_number>", "/agents/centres/<int:centre_number>", methods=GET)
@requires(Permission.CAPACITY_MANAGE)
def centre_capacity(centre_number: int) -> str:
    """One centre: its closures, how full its days are, when it opens."""
    session, centre = current_session(), centre_of(centre_number)
    audit.record(session, "capacity:view", centre, by=current_officer())
    return render_template(
        "officer/centre.html",
        centre=centre,
        weeks=services.weeks(session, centre),
        rules=services.rules(session, centre),
        closures=closures.of_centre(session, centre),
        holidays=services.holidays(centre),
        announced=releases.announced(session, [centre])[centre.id],
        done=request.args.get("done"),
        count=request.args.get("count", 0, int),
    )


@officer.page(
    "/officers/centres/<int:centre_number>/extra-day", "/agents/centres/<int:centre_number>/jour-de-plus", methods=FORM
)
@requires(Permission.CAPACITY_MANAGE)
def add_day(centre_number: int) -> Response | tuple[str, int]:
    """Interview on one more day."""
    session, centre, form = current_session(), centre_of(centre_number), ExtraDayForm.from_request()
    if form.submitted():
        try:
            told = form.day.data, form.opens.data, form.closes.data
            count = services.add_day(session, centre, *told, desks=form.desks.data, by=current_officer())
        except RuleViolation as error:
            form.refuse(error.message, "day" if error.message != services.CLOSES_FIRST else "closes")
        else:
            return redirect(
                url_for("officer.centre_capacity", centre_number=centre_number, done="added", count=count), 303
            )
    else:
        audit.record(session, "capacity:view", centre, by=current_officer())
    return render_template("officer/add_day.html", form=form, centre=centre), form.status


def centre_of(number: int) -> EnrolmentCentre:
    """A centre that is booked online. Raises NotFound."""
    centre = centres.by_number(current_session(), number)
    if centre is None or not centres.can_be_booked(centre):
        raise NotFound(str(number))
    return centre


def back_to(number: int, done: str, count: int | None) -> str:
    """The page of the centre, on which it says what was done."""
    return url_for("officer.centre_capacity", centre_number=number, done=done, count=count)
