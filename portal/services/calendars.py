"""The appointment as a calendar file, for download and for messages. It says nothing about the person."""

from __future__ import annotations

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import icalendar
from sqlalchemy.orm import Session

from portal.clock import now
from portal.i18n import gettext as _
from portal.i18n import speaking
from portal.models import InterviewPart, Place

FILE_NAME = "interview.ics"
MEDIA_TYPE = "text/calendar"


def calendar(
    part: InterviewPart,
    place: Place,
    language: str,
    *,
    cancelled: bool = False,
    sequence: int | None = None,
    left: Place | None = None,
) -> bytes:
    """The appointment of `part` at `place` in the reader's language; `cancelled` takes it out of the calendar again.

    The identifier is the part's, so that a change replaces what the calendar has. `sequence` is that of the message
    that the file comes with; the part's own where nothing else is said. An interview on both sides of the border is
    two entries; where it was moved from such a place, `left`, to another one, the second entry is taken out.
    """
    file = icalendar.Calendar()
    file.add("prodid", "-//Passage//Passage//EN")
    file.add("version", "2.0")
    file.add("method", "CANCEL" if cancelled else "PUBLISH")
    with speaking(language):
        number = sequence or part.calendar_sequence
        file.add_component(_event(part, place, language, cancelled, number))
        second = place.second or (left.second if left else None)
        if second is not None:
            is_over = cancelled or place.second is None
            file.add_component(_event(part, second, language, is_over, number, of="-second"))
    file.add_missing_timezones()
    written: bytes = file.to_ical()
    return written


def for_message(
    session: Session,
    language: str,
    *,
    part_id: str,
    place_id: str,
    sequence: int,
    cancelled: bool,
    left_place_id: str | None = None,
) -> bytes | None:
    """The file that goes with a message, from the message's own facts; None when part or place are gone."""
    part, place = session.get(InterviewPart, uuid.UUID(part_id)), session.get(Place, uuid.UUID(place_id))
    if part is None or place is None:
        return None
    left = session.get(Place, uuid.UUID(left_place_id)) if left_place_id else None
    return calendar(part, place, language, cancelled=cancelled, sequence=sequence, left=left)


def _event(
    part: InterviewPart, place: Place, language: str, cancelled: bool, sequence: int, *, of: str = ""
) -> icalendar.Event:
    centre = place.centre
    start = place.starts_at.astimezone(ZoneInfo(centre.zone))
    event = icalendar.Event()
    event.add("uid", f"interview-{part.id}{of}@passage")
    event.add("sequence", sequence)
    event.add("dtstamp", now())
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=place.slot.minutes))
    event.add("summary", _("Interview for trusted travellers"))
    event.add("location", f"{centre.name_in(language)}, {centre.address}, {centre.city} {centre.region}")
    event.add("description", _("Sign in to Passage to see what to bring, or to change or cancel the interview."))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    return event
