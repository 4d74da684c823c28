"""Earlier times: the waiting list of an interview, and the times that are offered from it."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.db import current_session
from portal.domain.errors import RuleViolation
from portal.domain.parties import MOST_PEOPLE
from portal.domain.permissions import Permission
from portal.i18n import current_language, format_time, zone_name
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre, Interview, Offer, WaitingEntry
from portal.services import centres, interviews, offers, parties, waiting_list
from portal.web.access import requires
from portal.web.applicant import applicant
from portal.web.effects import same_twice
from portal.web.forms import CheckboxesField, DateField, Form, SelectField
from portal.web.forms.slot_wishes import MODES, PARTS_OF_DAY, WEEKDAYS
from portal.web.routing import FORM, GET, POST
from portal.web.sessions import current_account

NOTICE = {"24": _l("A day"), "72": _l("Three days"), "168": _l("A week"), "336": _l("Two weeks")}


class WaitingForm(Form):
    centres = CheckboxesField(_l("At which centres"), hint=_l("Leave all of them empty if any centre will do."))
    from_on = DateField(_l("From this day on"))
    until_on = DateField(_l("Until this day"))
    weekdays = CheckboxesField(
        _l("On which days of the week"), hint=_l("Leave all of them empty if any day will do."),
        choices=[(str(number), name) for number, name in enumerate(WEEKDAYS)],
    )  # fmt: skip
    time_of_day = SelectField(
        _l("At what time of the day"), prompt=_l("Any time"),
        choices=[(name, label) for name, (label, _first, _end) in PARTS_OF_DAY.items()],
    )  # fmt: skip
    modes = CheckboxesField(
        _l("How you travel there"), hint=_l("Leave all of them empty if it does not matter."),
        choices=list(MODES.items()),
    )  # fmt: skip
    language = SelectField(
        _l("Language of the interview"), prompt=_l("Either language"),
        choices=[("en", _l("English")), ("fr", _l("French"))],
    )  # fmt: skip
    notice = SelectField(_l("How long before the interview you must know"), prompt=None, choices=list(NOTICE.items()))

    def check_days(self) -> None:
        if self.from_on.data and self.until_on.data and self.until_on.data < self.from_on.data:
            self.refuse(_l("The last day comes before the first one."), "until_on")


@applicant.page(
    "/applications/<reference:reference>/interview/earlier",
    "/demandes/<reference:reference>/entrevue/plus-tot",
    methods=FORM,
)
@requires(Permission.INTERVIEW_BOOK)
def waiting_list_entry(reference: str) -> Response | tuple[str, int]:
    """Say which earlier times would do; those that become free are then offered, one after another."""
    interview = _own(reference)
    interviews.check_open(interview)
    entry = waiting_list.entry_of(current_session(), interview)
    known = [centre for centre in centres.all_centres(current_session()) if centres.can_be_booked(centre)]
    form = WaitingForm.from_request(data=_shown(entry, known))
    form.centres.choices = [(str(one.number), one.name_in(current_language())) for one in known]
    if form.submitted():
        form.check_days()
        if not form.problems:
            waiting_list.join(current_session(), interview, _wishes(form, known), by=current_account())
            return redirect(url_for("applicant.show_interview", reference=reference), 303)
    about = interview.application
    page = render_template("applicant/waiting_list_entry.html", application=about, form=form, entry=entry)
    return page, form.status


@applicant.page(
    "/applications/<reference:reference>/interview/earlier/stop",
    "/demandes/<reference:reference>/entrevue/plus-tot/arreter",
    methods=POST,
)
@requires(Permission.INTERVIEW_BOOK)
def stop_waiting(reference: str) -> Response:
    """Leave the waiting list; the interview stays as it is."""
    interview = _own(reference)
    if not Form.from_request().submitted():
        abort(400)
    waiting_list.stop(current_session(), interview, by=current_account())
    return redirect(url_for("applicant.show_interview", reference=reference), 303)


@applicant.page("/earlier-times", "/heures-plus-tot", methods=GET)
@requires(Permission.INTERVIEW_BOOK)
def offered_times() -> str:
    """The times that are offered now: the old one and the new one side by side, taken by one press."""
    found = [
        {"offer": offer, "place": offer.place, "people": _people(offer),
         "zone": ZoneInfo(offer.place.centre.zone), "until": format_time(offer.until, offer.place.centre.zone)}
        for offer in offers.open_of(current_session(), current_account().id)
        if offer.party_id in (None, offer.id)
    ]  # fmt: skip
    return render_template("applicant/offered_times.html", offers=found, zone_name=zone_name)


def _people(offer: Offer) -> list[dict[str, Any]]:
    """Each to whom the offer was made together: the new time and the one until now."""
    return [
        {
            "application": one.interview.application,
            "place": one.place,
            "booked": interviews.booked_place(current_session(), interviews.current_part(one.interview)),
        }
        for one in offers.together(current_session(), offer)
    ]


class WaitingTogetherForm(WaitingForm):
    people = CheckboxesField(_l("Who waits together"))
    centres, from_on, until_on = WaitingForm.centres, WaitingForm.from_on, WaitingForm.until_on
    weekdays, time_of_day, modes = WaitingForm.weekdays, WaitingForm.time_of_day, WaitingForm.modes
    language, notice = WaitingForm.language, WaitingForm.notice


@applicant.page("/interviews/together/earlier", "/entrevues/ensemble/plus-tot", methods=FORM)
@requires(Permission.INTERVIEW_BOOK)
def wait_together() -> Response | tuple[str, int]:
    """Which earlier times would do for a whole family; places for everybody are then offered at once."""
    session, account = current_session(), current_account()
    own = [one for one in parties.members(session, account) if one.is_own]
    known = [centre for centre in centres.all_centres(session) if centres.can_be_booked(centre)]
    entry = next((found for one in own if (found := waiting_list.entry_of(session, one.interview))), None)
    form = WaitingTogetherForm.from_request(
        data={**_shown(entry, known), "people": [one.reference for one in own][:MOST_PEOPLE]}
    )
    form.people.choices = [(one.reference, one.name) for one in own]
    form.centres.choices = [(str(one.number), one.name_in(current_language())) for one in known]
    if form.submitted():
        form.check_days()
        family = [one.interview for one in own if one.reference in form.people.chosen]
        try:
            if not form.problems:
                waiting_list.join_together(session, family, _wishes(form, known), by=account)
                return redirect(url_for("applicant.wait_together", saved=1), 303)
        except RuleViolation as error:
            form.refuse(error.message, "people")
    waiting = [one for one in own if (found := waiting_list.entry_of(session, one.interview)) and found.party_id]
    page = render_template(
        "applicant/wait_together.html", form=form, waiting=waiting, own=own, saved="saved" in request.args
    )
    return page, form.status


@applicant.page("/earlier-times/<uuid:offer_id>/take", "/heures-plus-tot/<uuid:offer_id>/accepter", methods=POST)
@requires(Permission.INTERVIEW_BOOK)
@same_twice
def take_offer(offer_id: uuid.UUID) -> Response:
    """Take the offered time; the old one is let go only with that."""
    offer = waiting_list.own_offer(current_session(), current_account(), offer_id)
    if not Form.from_request().submitted():
        abort(400)
    reference = waiting_list.take(current_session(), offer, by=current_account())
    return redirect(url_for("applicant.show_interview", reference=reference), 303)


@applicant.page("/earlier-times/<uuid:offer_id>/decline", "/heures-plus-tot/<uuid:offer_id>/refuser", methods=POST)
@requires(Permission.INTERVIEW_BOOK)
@same_twice
def decline_offer(offer_id: uuid.UUID) -> Response:
    """Keep the old time. The offered one goes to the next on the list."""
    offer = waiting_list.own_offer(current_session(), current_account(), offer_id)
    if not Form.from_request().submitted():
        abort(400)
    waiting_list.decline(current_session(), offer, by=current_account())
    return redirect(url_for("applicant.offered_times"), 303)


def _own(reference: str) -> Interview:
    return interviews.own(current_session(), current_account(), reference)


def _wishes(form: WaitingForm, known: list[EnrolmentCentre]) -> dict[str, Any]:
    _label, first, end = PARTS_OF_DAY.get(form.time_of_day.data or "", (None, None, None))
    return {
        "centre_ids": [centre.id for centre in known if str(centre.number) in form.centres.chosen],
        "from_on": form.from_on.data,
        "until_on": form.until_on.data,
        "weekdays": [int(number) for number in form.weekdays.chosen],
        "from_time": first,
        "until_time": end,
        "modes": form.modes.chosen,
        "language": form.language.data or None,
        "notice_hours": int(form.notice.data or 24),
    }


def _shown(entry: WaitingEntry | None, known: list[EnrolmentCentre]) -> dict[str, Any]:
    if entry is None:
        return {"notice": "24"}
    part = next((name for name, (_label, first, end) in PARTS_OF_DAY.items()
                 if (first, end) == (entry.from_time, entry.until_time)), "")  # fmt: skip
    return {
        "centres": [str(centre.number) for centre in known if centre.id in entry.centre_ids],
        "from_on": entry.from_on,
        "until_on": entry.until_on,
        "weekdays": [str(number) for number in entry.weekdays],
        "time_of_day": part,
        "modes": entry.modes,
        "language": entry.language or "",
        "notice": str(entry.notice_hours),
    }
