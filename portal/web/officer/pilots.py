"""How a pilot centre, or a way to travel, does beside the permanent centres; the same as a table for programs."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, render_template, request

from portal.clock import today
from portal.db import current_session
from portal.domain.errors import NotFound
from portal.domain.permissions import Permission
from portal.i18n import current_language
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre
from portal.services import audit, centres, pilots
from portal.web.access import requires
from portal.web.forms import DateField, Form, SelectField, ValidationError
from portal.web.forms.slot_wishes import MODES
from portal.web.officer import officer
from portal.web.routing import GET
from portal.web.sessions import current_officer

USUAL_PERIOD = timedelta(days=90)


class PilotFilter(Form):
    subject = SelectField(_l("What to look at"))
    from_on = DateField(_l("From this day on"))
    until_on = DateField(_l("Until this day"))

    def validate_until_on(self, field: DateField) -> None:
        if self.from_on.data and field.data and field.data < self.from_on.data:
            raise ValidationError(_l("The last day comes before the first one."))


@officer.page("/officers/pilots", "/agents/projets-pilotes", methods=GET)
@requires(Permission.CAPACITY_MANAGE)
def pilot_report() -> tuple[str, int]:
    """Use, times, no-shows and outcomes of a pilot, beside the permanent centres."""
    known = _known()
    form = _filter(known)
    report = _report(form, known)
    if report is None:
        audit.record(current_session(), "pilot:view", "enrolment_centre", by=current_officer())
    return render_template("officer/pilots.html", form=form, report=report), form.status


@officer.page("/officers/pilots/figures", "/agents/projets-pilotes/chiffres", methods=GET)
@requires(Permission.CAPACITY_MANAGE)
def pilot_figures() -> Response:
    """The report as a table."""
    known = _known()
    form = _filter(known)
    report = _report(form, known)
    if report is None:
        raise NotFound("figures")
    response = Response(pilots.as_csv(report, ("pilot", "permanent")), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="passage-pilot-{report.last_on}.csv"'
    return response


def _known() -> list[EnrolmentCentre]:
    return [one for one in centres.all_centres(current_session()) if centres.can_be_booked(one)]


def _filter(known: list[EnrolmentCentre]) -> PilotFilter:
    form = PilotFilter.from_query(data={"from_on": today() - USUAL_PERIOD, "until_on": today()})
    of_pilots, modes = pilots.subjects(known)
    named = [(str(one.number), one.name_in(current_language())) for one in of_pilots]
    form.subject.choices = named + [(mode, MODES[mode]) for mode in modes]
    if request.args:
        form.validate()
    return form


def _report(form: PilotFilter, known: list[EnrolmentCentre]) -> pilots.Report | None:
    if form.problems or not form.subject.data:
        return None
    first_on, last_on = form.from_on.data or today() - USUAL_PERIOD, form.until_on.data or today()
    by = current_officer()
    return pilots.evaluate(current_session(), known, form.subject.data, first_on, last_on, by=by)
