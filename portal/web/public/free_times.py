"""Free interview times for everybody, without signing in: by distance, by day, weekday, time of day, way, language."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request

from portal.db import current_session
from portal.domain.distances import place_of, to_centre
from portal.domain.permissions import Permission
from portal.i18n import format_time, format_weekday_date, zone_name
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre
from portal.services import centres, public_slots, releases
from portal.services.public_slots import Soonest
from portal.web.access import requires
from portal.web.forms import CheckboxesField, DateField, Form, SelectField, TextField
from portal.web.forms.slot_wishes import MODES, PARTS_OF_DAY, WEEKDAYS
from portal.web.public import public
from portal.web.routing import GET

NO_CODE = _l("Type the beginning of a Canadian postal code or of a ZIP code, such as K1A or 142")
EACH = 4
"""Free times shown of each centre."""


class PostalCodeField(TextField):
    def check(self) -> None:
        if place_of(self.data or "") is None:
            raise ValueError(_l("Type the beginning of a Canadian postal code or of a ZIP code, such as K1A or 142"))


class FreeTimesFilter(Form):
    postal_code = PostalCodeField(
        _l("Beginning of your postal code"), width=5,
        hint=_l("The first two or three characters are enough. We do not keep them."),
    )  # fmt: skip
    from_on = DateField(_l("From this day on"))
    until_on = DateField(_l("Until this day"))
    weekdays = CheckboxesField(
        _l("On which days of the week"), choices=[(str(number), name) for number, name in enumerate(WEEKDAYS)]
    )
    time_of_day = SelectField(
        _l("At what time of the day"), prompt=_l("Any time"),
        choices=[(name, label) for name, (label, _first, _end) in PARTS_OF_DAY.items()],
    )  # fmt: skip
    mode = SelectField(_l("How you travel there"), prompt=_l("Either way"), choices=list(MODES.items()))
    people = SelectField(
        _l("How many people at the same time"),
        prompt=None,
        choices=[(str(number), str(number)) for number in range(1, 7)],
    )
    spoken = SelectField(
        _l("Language of the interview"), prompt=_l("Either language"),
        choices=[("en", _l("English")), ("fr", _l("French"))],
    )  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A centre and its soonest free times, in words."""

    centre: EnrolmentCentre
    kilometres: int | None
    times: tuple[str, ...]
    zone: str


@public.page("/free-times", "/heures-libres", methods=GET)
@requires(Permission.PUBLIC)
def free_times() -> tuple[str, int]:
    """The soonest free times of each centre, the nearest centre first where a postal code was given."""
    form = FreeTimesFilter.from_query(data={"people": "1"})
    if not form.people.data:
        form.people.data = "1"
    is_fit = form.validate() if request.args else True
    shown = _found(form) if is_fit else []
    page = render_template(
        "public/free_times.html",
        form=form,
        found=shown,
        announced=releases.announced(current_session(), [one.centre for one in shown]),
        coming=None if shown else releases.next_one(current_session(), centres.all_centres(current_session())),
    )
    return page, form.status


def _found(form: FreeTimesFilter) -> list[Found]:
    where = place_of(form.postal_code.data or "")
    known = [(to_centre(one.number, where), one) for one in _asked(form)]
    in_order = [one for _far, one in sorted(known, key=lambda pair: (pair[0] is None, pair[0] or 0))]
    _label, first, end = PARTS_OF_DAY.get(form.time_of_day.data or "", (None, None, None))
    free = public_slots.soonest(
        current_session(),
        in_order,
        each=EACH,
        minimum=int(form.people.data or 1),
        from_on=form.from_on.data,
        until_on=form.until_on.data,
        weekdays=[int(number) for number in form.weekdays.chosen],
        from_time=first,
        until_time=end,
    )
    of: dict[uuid.UUID, list[Soonest]] = {}
    for one in free:
        of.setdefault(one.centre_id, []).append(one)
    found = [_told(centre, to_centre(centre.number, where), of[centre.id]) for centre in in_order if centre.id in of]
    return found if where else sorted(found, key=lambda one: of[one.centre.id][0].starts_at)


def _asked(form: FreeTimesFilter) -> list[EnrolmentCentre]:
    known = [one for one in centres.all_centres(current_session()) if centres.can_be_booked(one)]
    if form.mode.data:
        known = [one for one in known if form.mode.data in one.modes]
    if form.spoken.data:
        speaking = public_slots.speaking(current_session(), form.spoken.data)
        known = [one for one in known if one.id in speaking]
    return known


def _told(centre: EnrolmentCentre, far: int | None, free: Sequence[Soonest]) -> Found:
    zones = {zone_name(centre.zone, one.starts_at) for one in free}
    is_plain = len(zones) == 1
    times = tuple(
        f"{format_weekday_date(one.local_on)}, {format_time(one.starts_at, centre.zone)}"
        + ("" if is_plain else f" ({zone_name(centre.zone, one.starts_at)})")
        for one in free
    )
    return Found(centre, far, times, zones.pop() if is_plain else "")
