"""How free times are listed: filters, groups by day and centre, the next page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from flask import request, url_for

from portal.db import current_session
from portal.domain.interview_models import BOTH, JOINT, SPLIT, TWO_STEP, WORDS, fits
from portal.i18n import current_language, format_time, format_weekday_date, zone_name
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.models import EnrolmentCentre, Interview, Slot
from portal.services import centres, interview_parts, slots
from portal.services.slots import Cursor, FreeSlot
from portal.web.forms import DateField, Form, SelectField
from portal.web.routing import values_of_address

PAGE = 36


KINDS = {
    JOINT: _l("Both countries at one desk"),
    SPLIT: _l("Two parts on one day, on both sides of the border"),
    TWO_STEP: _l("Two steps, at an airport"),
}


class SlotFilter(Form):
    """Which free times to list."""

    centre = SelectField(_l("Enrolment centre"), prompt=_l("All centres"))
    from_on = DateField(_l("From this day on"), hint=_l("For example, 27 3 2027. Leave empty for the first free time."))
    kind = SelectField(_l("Kind of interview"), prompt=_l("Any kind"), choices=list(KINDS.items()))


@dataclass(frozen=True)
class SlotList:
    """One page of free times, and where the next one is."""

    days: list[dict[str, Any]]
    next_url: str | None = None

    @property
    def is_empty(self) -> bool:
        return not self.days


def read_filters(known: Sequence[EnrolmentCentre]) -> SlotFilter:
    """The filters as the address has them."""
    filters = SlotFilter.from_query()
    language = current_language()
    filters.centre.choices = [(str(one.number), one.name_in(language)) for one in known if centres.can_be_booked(one)]
    if request.args:
        filters.validate()
    return filters


def soonest(interview: Interview, known: Sequence[EnrolmentCentre], filters: SlotFilter) -> SlotList:
    """The free times that the filters ask for, soonest first, up to the last day for the interview."""
    wanted = next((one for one in known if str(one.number) == filters.centre.data), None)
    found = slots.free(
        current_session(),
        centre=wanted,
        models=_models(interview, filters),
        from_on=None if filters.from_on.errors else filters.from_on.data,
        until_on=interview.application.interview_deadline_on,
        after=_cursor(request.args.get("after", "")),
        limit=PAGE + 1,
    )
    shown = found[:PAGE]
    return SlotList(_grouped(shown, known), _next_url(shown[-1].cursor) if len(found) > PAGE else None)


def _models(interview: Interview, filters: SlotFilter) -> list[str]:
    """How the centres interview whose times are shown: as asked for, and so that it fits what is still needed."""
    needed = interview_parts.needed(interview) or BOTH
    asked = [filters.kind.data] if filters.kind.data in KINDS else list(KINDS)
    return [kind for kind in asked if fits(kind, needed)]


def nearest(interview: Interview, slot: Slot) -> SlotList:
    """The free times nearest to one that somebody else has taken."""
    found = slots.nearest(current_session(), slot, until_on=interview.application.interview_deadline_on)
    known = centres.some(current_session(), (one.centre_id for one in found)) if found else ()
    return SlotList(_grouped(found, known))


def _grouped(found: Sequence[FreeSlot], known: Sequence[EnrolmentCentre]) -> list[dict[str, Any]]:
    """The slots by day and centre, groups and slots each in order of time."""
    by_id = {centre.id: centre for centre in known}
    first: dict[tuple[object, object], int] = {}
    for number, slot in enumerate(found):
        first.setdefault((slot.local_on, slot.centre_id), number)
    in_groups = sorted(found, key=lambda slot: (first[slot.local_on, slot.centre_id], slot.starts_at))
    groups = groupby(in_groups, key=lambda slot: (slot.local_on, slot.centre_id))
    return [_group(by_id[centre_id], list(members)) for (_day, centre_id), members in groups]


def _group(centre: EnrolmentCentre, members: Sequence[FreeSlot]) -> dict[str, Any]:
    labels = [format_time(slot.starts_at, centre.zone) for slot in members]
    zone = zone_name(centre.zone, members[0].starts_at)
    return {
        "label": f"{format_weekday_date(members[0].local_on)} – {centre.name_in(current_language())}",
        "hint": _("%(city)s, %(region)s. %(zone)s.", city=centre.city, region=centre.region, zone=zone)
        + (f" {WORDS[centre.interview_model]}." if centre.interview_model != JOINT else ""),
        "slots": [
            {
                "value": str(slot.id),
                "label": label,
                # A clock that is set back shows the same time twice.
                "note": zone_name(centre.zone, slot.starts_at) if labels.count(label) > 1 else None,
            }
            for slot, label in zip(members, labels, strict=True)
        ],
    }


def _next_url(cursor: Cursor) -> str:
    after = f"{int(cursor[0].timestamp())}_{cursor[1]}"
    return url_for(request.endpoint or "", **{**values_of_address(), "language": current_language(), "after": after})


def _cursor(typed: str) -> Cursor | None:
    seconds, _separator, slot_id = typed.partition("_")
    try:
        return datetime.fromtimestamp(int(seconds), UTC), uuid.UUID(slot_id)
    except (ValueError, OverflowError, OSError):
        return None
