"""Reminders: of an interview that is near, and of the last day for one that is not booked."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.models import Application
from portal.services import notifications, programme

HOURS = (8, 20)
"""Between these hours of the centre's day; nobody is woken."""

NEAR = text(
    """
    select application.id, place.id
    from interview
    join application on application.id = interview.application_id and application.status = 'conditionally_approved'
    join interview_part part on part.interview_id = interview.id and part.state = 'booked' and part.follows_id is null
    join place on place.interview_part_id = part.id
    join slot on slot.id = place.slot_id
    join enrolment_centre centre on centre.id = place.centre_id
    where interview.state = 'booked'
      and slot.local_on - (cast(:now as timestamptz) at time zone centre.zone)::date = :days
      and extract(hour from cast(:now as timestamptz) at time zone centre.zone) between :from_hour and :until_hour - 1
      and not exists (
          select from outgoing_message message
          where message.application_id = application.id and message.event = 'interview_near'
            and message.facts ->> 'place_id' = place.id::text and (message.facts ->> 'days')::int = :days
      )
    limit 1000
    """
)
UNBOOKED = text(
    """
    select application.id, application.interview_deadline_on
    from application
    left join interview on interview.application_id = application.id
    where application.status = 'conditionally_approved' and coalesce(interview.state, 'to_book') = 'to_book'
      and application.interview_deadline_on - cast(:today as date) = :days
      and not exists (
          select from outgoing_message message
          where message.application_id = application.id and message.event = 'interview_deadline_near'
            and message.facts ->> 'deadline_on' = application.interview_deadline_on::text
            and (message.facts ->> 'days')::int = :days
      )
    limit 1000
    """
)


def send(session: Session) -> int:
    """Write the reminders that are due today (settings "interview_reminders" and "interview_deadline"), each once."""
    sent = 0
    for days in programme.setting(session, "interview_reminders", today())["days"]:
        values = {"now": now(), "days": days, "from_hour": HOURS[0], "until_hour": HOURS[1]}
        for application_id, place_id in session.execute(NEAR, values).all():
            facts = {"place_id": str(place_id), "days": days}
            notifications.send(session, "interview_near", session.get_one(Application, application_id), facts=facts)
            sent += 1
    for days in programme.setting(session, "interview_deadline", today())["reminders"]:
        for application_id, last_day in session.execute(UNBOOKED, {"today": today(), "days": days}).all():
            told = {"deadline_on": last_day.isoformat(), "days": days}
            about = session.get_one(Application, application_id)
            notifications.send(session, "interview_deadline_near", about, facts=told)
            sent += 1
    return sent
