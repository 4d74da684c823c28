"""A family's interviews, booked together: one page to choose, one to confirm, one that says what is booked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.parties import MOST_PEOPLE, Sitting
from portal.domain.permissions import Permission
from portal.i18n import current_language, format_time, format_weekday_date, zone_name
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre
from portal.services import booking, centres, interviews, parties
from portal.services.parties import Member
from portal.web.access import beyond_own_rows, requires
from portal.web.applicant import applicant
from portal.web.applicant.interviews import SlotField
from portal.web.effects import same_twice
from portal.web.forms import CheckboxesField, DateField, Form, HiddenField, SelectField
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_account

Answer = Response | tuple[str, int]
BETWEEN = ","


class ChooseTogetherForm(Form):
    party = HiddenField()
    slot = SlotField(_l("Free times"), missing=_l("Choose a time"))


class ConfirmTogetherForm(Form):
    party = HiddenField()
    slots = HiddenField()


class TogetherFilter(Form):
    """Who is to be booked, and which times to show."""

    people = CheckboxesField(_l("For whom"))
    centre = SelectField(_l("Enrolment centre"), prompt=_l("All centres"))
    from_on = DateField(_l("From this day on"))


@applicant.page("/interviews/together", "/entrevues/ensemble", methods=FORM)
@requires(Permission.INTERVIEW_BOOK)
@same_twice
@beyond_own_rows
def choose_together() -> Answer:
    """Free times for a whole family, side by side or one after another; what is chosen is held for everybody."""
    session, account, form = current_session(), current_account(), ChooseTogetherForm.from_request()
    known = parties.members(session, account)
    filters, places = _filters(known), centres.all_centres(session)
    filters.centre.choices = [(str(one.number), one.name_in(current_language())) for one in places]
    if request.args:
        filters.validate()
    typed = _named(form.party.data) if form.submitted() else filters.people.chosen
    try:
        party = parties.chosen(session, account, typed) if known else []
        if party and form.submitted():
            parties.hold(session, party, uuid.UUID(form.slot.data), by=account)
            return redirect(url_for("applicant.confirm_together", people=_joined(party)), 303)
    except RuleViolation as error:
        form.refuse(error.message, "slot")
        party = [member for member in known if member.reference in typed][:MOST_PEOPLE]
    form.party.data = _joined(party)
    return _show_times(known, party, places, filters, form)


@applicant.page("/interviews/together/confirm", "/entrevues/ensemble/confirmer", methods=FORM)
@requires(Permission.INTERVIEW_BOOK)
@same_twice
@beyond_own_rows
def confirm_together() -> Answer:
    """Book what is held for everybody, or move everybody there."""
    session, account, form = current_session(), current_account(), ConfirmTogetherForm.from_request()
    asked = form.party.data if form.submitted() else request.args.get("people", "")
    if not _named(asked):
        if request.method == "POST":
            abort(400)
        return redirect(url_for("applicant.choose_together"), 303)
    party = parties.chosen(session, account, _named(asked))
    if form.submitted():
        try:
            parties.confirm(session, party, form.slots.data.split(BETWEEN), by=account)
            return redirect(url_for("applicant.booked_together", people=_joined(party)), 303)
        except (booking.HoldLost, ValueError):
            return redirect(url_for("applicant.choose_together", people=[one.reference for one in party], lost=1), 303)
    held = parties.held(session, party)
    if len(held) < len(party):
        return redirect(url_for("applicant.choose_together", people=[one.reference for one in party], lost=1), 303)
    form.party.data, form.slots.data = _joined(party), BETWEEN.join(str(place.slot_id) for _hold, place in held)
    page = render_template(
        "applicant/confirm_together.html",
        form=form,
        lines=list(zip(party, (place for _hold, place in held), strict=True)),
        until=min(hold.until for hold, _place in held),
        centre=held[0][1].centre,
        is_over=min(hold.until for hold, _place in held) <= now(),
        moves=any(member.booked for member in party),
        zone_name=zone_name,
    )
    return page, form.status


@applicant.page("/interviews/together/hold-longer", "/entrevues/ensemble/prolonger", methods=POST)
@requires(Permission.INTERVIEW_BOOK)
@beyond_own_rows
def hold_together_longer() -> Response:
    """Hold everything for ten minutes again."""
    session, account = current_session(), current_account()
    if not Form.from_request().submitted():
        abort(400)
    party = parties.chosen(session, account, _named(request.args.get("people", "")))
    try:
        parties.extend(session, party, by=account)
    except booking.HoldLost:
        return redirect(url_for("applicant.choose_together", people=[one.reference for one in party], lost=1), 303)
    return redirect(url_for("applicant.confirm_together", people=_joined(party)), 303)


@applicant.page("/interviews/together/booked", "/entrevues/ensemble/reservees", methods=GET)
@requires(Permission.INTERVIEW_BOOK)
@beyond_own_rows
def booked_together() -> Response | str:
    """What is booked for everybody, and what each of them brings."""
    session, account = current_session(), current_account()
    named = _named(request.args.get("people", ""))
    if not named:
        return redirect(url_for("applicant.choose_together"), 303)
    party = parties.chosen(session, account, named)
    lines = [
        (member, interviews.what_to_bring(session, member.interview.application) if member.is_own else ())
        for member in party
        if member.booked
    ]
    return render_template("applicant/booked_together.html", lines=lines, zone_name=zone_name)


def _filters(known: Sequence[Member]) -> TogetherFilter:
    everybody = [member.reference for member in known][:MOST_PEOPLE]
    filters = TogetherFilter.from_query(data={"people": everybody})
    if "people" not in request.args:
        filters.people.data = everybody
    filters.people.choices = [(member.reference, member.name) for member in known]
    return filters


def _show_times(
    known: Sequence[Member],
    party: Sequence[Member],
    places: Sequence[EnrolmentCentre],
    filters: TogetherFilter,
    form: ChooseTogetherForm,
) -> Answer:
    wanted = next((one for one in places if str(one.number) == filters.centre.data), None)
    from_on = None if filters.from_on.errors else filters.from_on.data
    found = parties.free(
        current_session(), len(party), centre=wanted, from_on=from_on, last_on=parties.last_day(party)
    ) if party else []  # fmt: skip
    by_id = {centre.id: centre for centre in places}
    page = render_template(
        "applicant/choose_together.html",
        form=form if found else None,
        filters=filters,
        members=known,
        party=party,
        days=_grouped(found, by_id),
        lost="lost" in request.args,
        zone_name=zone_name,
    )
    return page, max(form.status, filters.status)


def _grouped(found: Sequence[Sitting], by_id: dict[uuid.UUID, EnrolmentCentre]) -> list[dict[str, Any]]:
    """The times by day and centre, in order; each says how the family is spread."""
    days: dict[tuple[Any, Any], list[Sitting]] = {}
    for sitting in found:
        days.setdefault((sitting[0].local_on, sitting[0].centre_id), []).append(sitting)
    return [_group(by_id[centre_id], day, sittings) for (day, centre_id), sittings in days.items()]


def _group(centre: EnrolmentCentre, day: Any, sittings: Sequence[Sitting]) -> dict[str, Any]:
    zone = zone_name(centre.zone, sittings[0][0].starts_at)
    return {
        "label": f"{format_weekday_date(day)} – {centre.name_in(current_language())}",
        "hint": _("%(city)s, %(region)s. %(zone)s.", city=centre.city, region=centre.region, zone=zone),
        "slots": [
            {
                "value": str(sitting[0].slot_id),
                "label": format_time(sitting[0].starts_at, centre.zone),
                "note": _("all at once")
                if sitting[0].starts_at == sitting[-1].starts_at
                else _("the last at %(time)s", time=format_time(sitting[-1].starts_at, centre.zone)),
            }
            for sitting in sittings
        ],
    }


def _named(references: str | None) -> list[str]:
    return [one for one in (references or "").split(BETWEEN) if one]


def _joined(party: Sequence[Member]) -> str:
    return BETWEEN.join(member.reference for member in party)
