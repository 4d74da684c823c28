"""The interview: choose a time, confirm it, see it, move it, cancel it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clock import now
from portal.db import current_session
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import Permission
from portal.i18n import current_language, zone_name
from portal.i18n import lazy_gettext as _l
from portal.models import Interview, Slot
from portal.services import (
    booking,
    calendars,
    centres,
    interview_parts,
    interviews,
    offers,
    releases,
    replacements,
    slots,
    waiting_list,
)
from portal.web.access import requires
from portal.web.applicant import applicant, interview_steps, slot_lists
from portal.web.effects import same_twice
from portal.web.forms import Form, HiddenField, RadiosField
from portal.web.guessing import limited
from portal.web.routing import FORM, POST
from portal.web.sessions import current_account

Answer = Response | tuple[str, int]


class SlotField(RadiosField):
    """A slot, also one that is no longer on the list: the claim itself says whether it is free."""

    def check(self) -> None:
        if _slot_id(self.data) is None:
            self.data = ""
            raise ValueError(_l("Choose a time"))


class ChooseSlotForm(Form):
    slot = SlotField(_l("Free times"), missing=_l("Choose a time"))


class ConfirmSlotForm(Form):
    slot = HiddenField()


@applicant.page(
    "/applications/<reference:reference>/interview/times",
    "/demandes/<reference:reference>/entrevue/heures",
    methods=FORM,
)
@requires(Permission.INTERVIEW_BOOK)
@same_twice
def choose_slot(reference: str) -> Answer:
    """Choose a free time, soonest first over all centres; it is then held for ten minutes."""
    form = ChooseSlotForm.from_request()
    if form.submitted():
        return _hold(reference, form)
    interview = _own_interview(reference)
    interviews.check_open(interview)
    return _show_times(interview, form, _slot(request.args.get("instead_of", "")))


def _hold(reference: str, form: ChooseSlotForm) -> Answer:
    """Hold the chosen time, or the nearest of the day where somebody was faster; else the page says what is free."""
    wanted = uuid.UUID(form.slot.data)
    account = current_account()
    try:
        standing = booking.look(current_session(), account.id, reference, wanted)
        held = booking.hold(current_session(), standing, or_near=True, by=account)
    except RuleViolation as error:
        form.refuse(error.message, "slot")
        return _show_times(_own_interview(reference), form, slots.find(current_session(), wanted))
    instead_of = wanted if held.slot_id != wanted else None
    confirm = url_for("applicant.confirm_slot", reference=reference, slot=held.slot_id, instead_of=instead_of)
    return redirect(confirm, 303)


@applicant.page(
    "/applications/<reference:reference>/interview/confirm",
    "/demandes/<reference:reference>/entrevue/confirmer",
    methods=FORM,
)
@requires(Permission.INTERVIEW_BOOK)
@same_twice
def confirm_slot(reference: str) -> Answer:
    """Book the time that is held, or move the interview there."""
    form = ConfirmSlotForm.from_request()
    if form.submitted():
        return _confirm(reference, form.slot.data)
    interview = _own_interview(reference)
    held, place = interviews.held(current_session(), interview)
    wanted = request.args.get("slot")
    if place is None or held is None or (wanted and wanted != str(place.slot_id)):
        return _offer_others(reference, wanted or "")
    form.slot.data = str(place.slot_id)
    page = render_template(
        "applicant/confirm_slot.html",
        **_known(interview),
        form=form,
        hold=held,
        held=place,
        parts=interview_steps.at_place(interview, place),
        is_over=held.until <= now(),
        taken=_slot(request.args.get("instead_of", "")),
    )
    return page, form.status


def _confirm(reference: str, shown: str) -> Response:
    """Book what the page showed: not what another window holds by now. Sent twice, it is booked once."""
    account = current_account()
    standing = booking.look(current_session(), account.id, reference)
    if str(standing.booked_slot_id) != shown:
        if str(standing.held_slot_id) != shown:
            return _offer_others(reference, shown)
        try:
            booking.confirm(current_session(), standing, by=account)
        except booking.HoldLost:
            again = booking.look(current_session(), account.id, reference)
            if str(again.booked_slot_id) != shown:  # else the other one of two clicks at once has booked it
                return _offer_others(reference, shown)
    return redirect(url_for("applicant.show_interview", reference=reference), 303)


@applicant.page(
    "/applications/<reference:reference>/interview/hold-longer",
    "/demandes/<reference:reference>/entrevue/prolonger",
    methods=POST,
)
@requires(Permission.INTERVIEW_BOOK)
def extend_hold(reference: str) -> Response:
    """Hold the time for ten minutes again."""
    interview = _own_interview(reference)
    if not ConfirmSlotForm.from_request().submitted():
        abort(400)
    try:
        interviews.extend(current_session(), interview, by=current_account())
    except booking.HoldLost:
        return _offer_others(reference, "")
    return redirect(url_for("applicant.confirm_slot", reference=reference), 303)


@applicant.page("/applications/<reference:reference>/interview", "/demandes/<reference:reference>/entrevue")
@requires(Permission.INTERVIEW_BOOK)
def show_interview(reference: str) -> str:
    """When and where the interview is, what to bring, and what can be changed."""
    interview = _own_interview(reference)
    bring = interviews.what_to_bring(current_session(), interview.application)
    parts = interview_steps.of_interview(interview)
    return render_template(
        "applicant/show_interview.html",
        **_known(interview),
        bring=bring,
        parts=parts,
        has_begun=any(part.state == "done" for part in parts),
        still_needed=interview_parts.needed(interview),
        offer=replacements.offer(current_session(), interview),
        entry=waiting_list.entry_of(current_session(), interview),
        offered=any(
            one.interview_id == interview.id for one in offers.open_of(current_session(), current_account().id)
        ),
    )


@applicant.page(
    "/applications/<reference:reference>/interview/new-time",
    "/demandes/<reference:reference>/entrevue/nouvelle-heure",
    methods=POST,
)
@requires(Permission.INTERVIEW_BOOK)
def accept_new_time(reference: str) -> Response:
    """Book the new time that is kept because the centre called the interview off."""
    interview = _own_interview(reference)
    if not Form.from_request().submitted():
        abort(400)
    kept = replacements.offer(current_session(), interview)
    try:
        if interview.state != "booked":  # pressed twice: the first press has done it
            replacements.accept(current_session(), interview, by=current_account())
    except booking.HoldLost:
        return _offer_others(reference, str(kept.place.slot_id) if kept else "")
    return redirect(url_for("applicant.show_interview", reference=reference), 303)


@applicant.page(
    "/applications/<reference:reference>/interview/cancel",
    "/demandes/<reference:reference>/entrevue/annuler",
    methods=FORM,
)
@requires(Permission.INTERVIEW_BOOK)
def cancel_interview(reference: str) -> Answer:
    """Cancel the interview. The application goes on."""
    interview = _own_interview(reference)
    form = Form.from_request()
    if interview.state == "booked" and form.submitted():
        interviews.cancel(current_session(), interview, by=current_account())
    if interview.state != "booked":
        return redirect(url_for("applicant.show_interview", reference=reference), 303)
    return render_template("applicant/cancel_interview.html", **_known(interview), form=form), form.status


@applicant.page(
    "/applications/<reference:reference>/interview/interview.ics",
    "/demandes/<reference:reference>/entrevue/entrevue.ics",
)
@requires(Permission.INTERVIEW_BOOK)
@limited("export", "GET")
def download_calendar(reference: str) -> Response:
    """The appointment as a calendar file."""
    part = interviews.current_part(_own_interview(reference))
    place = interviews.booked_place(current_session(), part)
    if place is None:
        raise NotFound(reference)
    response = Response(calendars.calendar(part, place, current_language()), mimetype=calendars.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename={calendars.FILE_NAME}"
    return response


def _own_interview(reference: str) -> Interview:
    return interviews.own(current_session(), current_account(), reference)


def _show_times(interview: Interview, form: ChooseSlotForm, taken: Slot | None) -> Answer:
    if taken:
        return _show_nearest(interview, form, taken)
    known = centres.all_centres(current_session())
    filters = slot_lists.read_filters(known)
    times = slot_lists.soonest(interview, known, filters)
    page = render_template(
        "applicant/choose_slot.html",
        **_known(interview),
        form=None if times.is_empty else form,
        filters=filters,
        times=times,
        coming=releases.next_one(current_session(), known) if times.is_empty else None,
        offer=replacements.offer(current_session(), interview),
    )
    return page, max(form.status, filters.status)


def _show_nearest(interview: Interview, form: ChooseSlotForm, taken: Slot) -> Answer:
    """A few times near one that is gone, and nothing else: many may read this page at once."""
    times = slot_lists.nearest(interview, taken)
    known = _known(interview) | {"form": None if times.is_empty else form, "times": times, "taken": taken}
    return render_template("applicant/nearest_times.html", **known), form.status


def _known(interview: Interview) -> dict[str, Any]:
    """What every page of an interview shows."""
    place = interviews.booked_place(current_session(), interviews.current_part(interview))
    return {"application": interview.application, "interview": interview, "place": place, "zone_name": zone_name}


def _offer_others(reference: str, lost: str) -> Response:
    """Back to the free times: those nearest to the one that was lost, where it is known."""
    instead_of = lost if _slot_id(lost) else None
    return redirect(url_for("applicant.choose_slot", reference=reference, instead_of=instead_of), 303)


def _slot_id(typed: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(typed)
    except ValueError:
        return None


def _slot(typed: str) -> Slot | None:
    slot_id = _slot_id(typed)
    return slots.find(current_session(), slot_id) if slot_id else None
