"""The parts of an interview: arranged as the centre interviews, both halves of a split one taken and let go together.

A part that follows another belongs to the same appointment. Its place, where it has one, is the second half of the
first one's: the pair was made together, nobody can book the second by itself, and the database refuses half a booking.
"""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from portal.domain import interview_models
from portal.domain.interview_models import BOTH, SPLIT, Planned
from portal.models import EnrolmentCentre, Interview, InterviewPart, Place

TAKE_SECOND = text("update place set interview_part_id = :part where second_of_id = :first returning id")
LET_GO_OF_SECOND = text(
    """
    update place set interview_part_id = null from interview_part part
    where part.follows_id = :part and place.interview_part_id = part.id
    returning place.id
    """
)
MAKE_SLOTS = text(
    """
    insert into slot (id, centre_id, starts_at, local_on, minutes)
    select gen_random_uuid(), site.id, begins.at, (begins.at at time zone site.zone)::date, slot.minutes
    from slot join enrolment_centre site on site.second_of_id = slot.centre_id,
         lateral (select slot.starts_at + make_interval(mins => slot.minutes + site.travel_minutes) as at) begins
    where slot.centre_id = :centre and slot.local_on between :first and :last
      and (begins.at at time zone site.zone)::date = slot.local_on
    on conflict (centre_id, starts_at) do nothing
    """
)
MAKE_PLACES = text(
    """
    with made as (
        insert into place (id, slot_id, centre_id, starts_at, desk, held_until, second_of_id, is_half)
        select gen_random_uuid(), second.id, site.id, second.starts_at, first.desk, '9999-01-01T00:00:00Z', first.id,
               true
        from place first join slot on slot.id = first.slot_id and slot.local_on between :first and :last
             join enrolment_centre site on site.second_of_id = first.centre_id
             join slot second on second.centre_id = site.id
              and second.starts_at = slot.starts_at + make_interval(mins => slot.minutes + site.travel_minutes)
        where first.centre_id = :centre and not first.is_half
        returning second_of_id
    )
    update place set is_half = true from made where place.id = made.second_of_id
    """
)
CLOSE_WITHOUT_SECOND = text(
    """
    update place set held_until = '9999-01-01T00:00:00Z' from slot
    where place.centre_id = :centre and not place.is_half and slot.id = place.slot_id
      and slot.local_on between :first and :last and place.interview_part_id is null and place.closure_id is null
    """
)


def attempt(interview: Interview) -> list[InterviewPart]:
    """The part or parts that count now, in their order: those of the latest appointment, booked or to be booked."""
    lead = lead_of(interview)
    return [lead, *(part for part in interview.parts if part.follows_id == lead.id)]


def lead_of(interview: Interview) -> InterviewPart:
    """The part that is booked by itself, and that another may follow: the last of them."""
    return next(part for part in reversed(interview.parts) if part.follows_id is None)


def of_agency(interview: Interview, agency: str) -> InterviewPart | None:
    """The part that an agency's officers record: the last one that is theirs."""
    return next((part for part in reversed(interview.parts) if part.agency in (BOTH, agency)), None)


def needed(interview: Interview) -> str | None:
    """Which agencies the applicant has still to see: both, one of them, or None."""
    return interview_models.lacking(part.agency for part in interview.parts if part.state == "done")


def arrange(session: Session, lead: InterviewPart, place: Place) -> None:
    """Give the appointment the parts that the centre of its booked `place` has; a second half is taken with the first.

    The second half of the place before, if any, has been let go of. Raises LookupError where the pair is not whole:
    then nothing of the booking is kept.
    """
    centre = place.centre
    following = _following(session, lead)
    wanted = BOTH if following or lead.agency == BOTH else lead.agency
    first, *rest = interview_models.parts_of(centre.interview_model, wanted, first=_begins(centre))
    lead.agency = first.agency
    if not rest:
        session.execute(delete(InterviewPart).where(InterviewPart.follows_id == lead.id))
    else:
        _follow(session, lead, following, rest[0], place)
    session.flush()
    session.expire(lead.interview, ["parts"])


def let_go_of_second(session: Session, lead_id: uuid.UUID) -> uuid.UUID | None:
    """Free the second half with its first; returns its place, or None where the appointment has but one."""
    found: uuid.UUID | None = session.execute(LET_GO_OF_SECOND, {"part": lead_id}).scalar()
    return found


def open_again(interview: Interview) -> None:
    """Nothing of the latest appointment is booked any more."""
    for part in attempt(interview):
        if part.state == "booked":
            part.state = "open"


def make_second_places(session: Session, centre: EnrolmentCentre, first: date, last: date) -> None:
    """Make the second half of each place of a split centre that has none, with the time for the way between them.

    Both lie on the same day of the calendar (domain facts, 5.3); a first half that would end too late for that gets no
    second, and cannot be booked.
    """
    if centre.interview_model == SPLIT:
        days = {"centre": centre.id, "first": first, "last": last}
        session.execute(MAKE_SLOTS, days)
        session.execute(MAKE_PLACES, days)
        session.execute(CLOSE_WITHOUT_SECOND, days)


def _begins(centre: EnrolmentCentre) -> str:
    return str(centre.second_site["first"]) if centre.second_site else "CA"


def _following(session: Session, lead: InterviewPart) -> InterviewPart | None:
    return session.scalars(select(InterviewPart).where(InterviewPart.follows_id == lead.id)).one_or_none()


def _follow(session: Session, lead: InterviewPart, found: InterviewPart | None, planned: Planned, place: Place) -> None:
    part = found or InterviewPart(interview_id=lead.interview_id, position=lead.position + 1, follows_id=lead.id)
    part.agency, part.attendance = planned.agency, planned.attendance
    is_booked = planned.attendance == "booked"
    part.state, part.centre_id = ("booked", None) if is_booked else ("open", place.centre_id)
    session.add(part)
    session.flush()
    if is_booked and session.execute(TAKE_SECOND, {"part": part.id, "first": place.id}).first() is None:
        raise LookupError(f"place {place.id} has no second half")
