"""The one or two parts of an interview as a traveller sees them: with whom, when, where, done or what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db import current_session
from portal.domain import interview_models
from portal.domain.interview_models import BOTH
from portal.models import Interview, Place
from portal.services import interview_parts
from portal.services.interviews import booked_place


@dataclass(frozen=True)
class Part:
    """One part: its agency (or both), its place where it has an appointment, and open, booked, done or missed."""

    agency: str
    place: Place | None
    state: str
    is_next: bool


def of_interview(interview: Interview) -> list[Part]:
    """The parts of a booked interview, in their order."""
    parts = interview_parts.attempt(interview)
    following = next((part for part in parts if part.state != "done"), None)
    return [Part(one.agency, booked_place(current_session(), one), one.state, one is following) for one in parts]


def at_place(interview: Interview, place: Place) -> Sequence[Part]:
    """The parts that an interview would have at a place that is held."""
    needed = interview_parts.needed(interview) or BOTH
    first = str((place.centre.second_site or {}).get("first", "CA"))
    planned = interview_models.parts_of(place.centre.interview_model, needed, first)
    places = (place, place.second)
    return [
        Part(one.agency, at if one.attendance == "booked" else None, "open", number == 0)
        for number, (one, at) in enumerate(zip(planned, places, strict=False))
    ]
