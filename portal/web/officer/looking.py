"""Whose looking at applications was unusual, for the supervisors of the same agency."""

from __future__ import annotations

from datetime import date, timedelta

from flask import render_template, request, url_for

from portal.clock import today
from portal.db import current_session
from portal.domain.permissions import Permission
from portal.i18n import lazy_gettext as _l
from portal.services import audit, case_files, emergencies
from portal.services import unusual_looking as services
from portal.web.access import requires
from portal.web.officer import officer
from portal.web.routing import GET
from portal.web.sessions import current_officer

RULES = {
    "broke_glass": _l("Took over in an emergency"),
    "without_assignment": _l("Opened without holding"),
    "odd_hours": _l("At odd hours"),
    "opened": _l("Many opened, little done"),
}


@officer.page("/officers/unusual-looking", "/agents/consultations-inhabituelles", methods=GET)
@requires(Permission.LOOKING_OVERSEE)
def unusual_looking() -> str:
    """A week's report: which officers met which rule, with the counts. The look at it is recorded."""
    session, by = current_session(), current_officer()
    monday = _week()
    found = services.unusual(session, by.agency, monday)
    audit.record(session, "looking:view", "officer", by=by, week=monday.isoformat())
    return render_template(
        "officer/unusual_looking.html",
        monday=monday,
        sunday=monday + timedelta(days=6),
        found=found,
        names=case_files.officer_names(session, {one.officer_id for one in found}),
        limits=services.limits_of(session, monday),
        rules=RULES,
        to_judge=sum(one.ended_at is not None for one in emergencies.to_judge(session, by.agency)),
        earlier=_at(monday - services.WEEK),
        later=_at(monday + services.WEEK) if monday < services.last_week(today()) else None,
    )


def _week() -> date:
    """The Monday that the address asks for, else that of the last whole week."""
    last = services.last_week(today())
    try:
        asked = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        return last
    return min(asked - timedelta(days=asked.weekday()), last) if asked.year > 2000 else last


def _at(monday: date) -> str:
    return url_for("officer.unusual_looking", week=monday.isoformat())
