"""Reminders of interviews and last days: on the right day, by day, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, telling, today
from portal.models import Interview, OutgoingMessage
from portal.models.viewers import JOINT, view_as
from portal.services import interview_records, interviews, reminders
from tests import interviewing

ZONE = ZoneInfo("America/Toronto")


def _told(session: Session, event: str) -> list[dict[str, object]]:
    query = select(OutgoingMessage).where(OutgoingMessage.event == event).order_by(OutgoingMessage.created_at)
    return [row.facts for row in session.scalars(query)]


def _booked(session: Session, days: int) -> Interview:
    interview = interviewing.applicant(session)
    slot = interviewing.slot(session, interviewing.centre(session), interviewing.soon(days))
    interviews.hold(session, interview, slot.centre, slot.starts_at, by=interview.application.account)
    interviews.confirm(session, interview, by=interview.application.account)
    return interview


def _at(interview: Interview, session: Session, *, days_before: int, hour: int) -> datetime:
    place = interviews.booked_place(session, interviews.current_part(interview))
    assert place is not None
    day = place.slot.local_on - timedelta(days=days_before)
    return datetime(day.year, day.month, day.day, hour, 20, tzinfo=ZONE).astimezone(UTC)


def test_an_interview_is_called_to_mind_a_week_and_a_day_before_by_day_and_once(session: Session) -> None:
    interview = _booked(session, 12)
    for days_before, hour, sent in [(8, 12, 0), (7, 7, 0), (7, 8, 1), (7, 19, 0), (6, 12, 0), (1, 9, 1), (0, 9, 0)]:
        with telling(_at(interview, session, days_before=days_before, hour=hour)):
            assert reminders.send(session) == sent, (days_before, hour)
    assert [facts["days"] for facts in _told(session, "interview_near")] == [7, 1]


def test_a_last_day_is_called_to_mind_while_nothing_is_booked(session: Session) -> None:
    waiting, booked = interviewing.applicant(session, deadline_on=today() + timedelta(days=30)), _booked(session, 20)
    booked.application.interview_deadline_on = today() + timedelta(days=30)
    session.flush()
    assert (reminders.send(session), reminders.send(session)) == (1, 0)
    last_day = waiting.application.interview_deadline_on
    assert last_day is not None
    assert _told(session, "interview_deadline_near") == [{"deadline_on": last_day.isoformat(), "days": 30}]
    with telling(now() + timedelta(days=1)):
        assert reminders.send(session) == 0


@pytest.mark.parametrize("missed_before", [0, 1])
def test_who_did_not_come_is_told_how_often_they_may_still_book(session: Session, missed_before: int) -> None:
    interview = _booked(session, 1)
    interview.missed = missed_before
    part = interviews.current_part(interview)
    for agency in ("CA", "US"):
        view_as(session, agency)
        interview_records.record(session, part, came=False, early=True, by=interviewing.officer(session, agency))
    view_as(session, JOINT)
    assert _told(session, "interview_missed") == [{"left": 1 - missed_before}]
