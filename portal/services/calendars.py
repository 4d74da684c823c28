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
    part: InterviewPart, place: Place, language: str, *, cancelled: bool = False, sequence: int | None = None
) -> bytes:
    """The appointment of `part` at `place` in the reader's language; `cancelled` takes it out of the calendar again.

    The identifier is the part's, so that a change replaces what the calendar has. `sequence` is that of the message
    that the file comes with; the part's own where nothing else is said.
    """
    file = icalendar.Calendar()
    file.add("prodid", "-//Passage//Passage//EN")
    file.add("version", "2.0")
    file.add("method", "CANCEL" if cancelled else "PUBLISH")
    with speaking(language):
        file.add_component(_event(part, place, language, cancelled, sequence or part.calendar_sequence))
    file.add_missing_timezones()
    written: bytes = file.to_ical()
    return written


def for_message(
    session: Session, language: str, *, part_id: str, place_id: str, sequence: int, cancelled: bool
) -> bytes | None:
    """The file that goes with a message, from the message's own facts; None when part or place are gone."""
    part, place = session.get(InterviewPart, uuid.UUID(part_id)), session.get(Place, uuid.UUID(place_id))
    if part is None or place is None:
        return None
    return calendar(part, place, language, cancelled=cancelled, sequence=sequence)


def _event(part: InterviewPart, place: Place, language: str, cancelled: bool, sequence: int) -> icalendar.Event:
    centre = place.centre
    start = place.starts_at.astimezone(ZoneInfo(centre.zone))
    event = icalendar.Event()
    event.add("uid", f"interview-{part.id}@passage")
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
