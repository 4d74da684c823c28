"""Closures: whom they hit, the new time that is kept, nobody lost and no place given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.db import Database
from portal.domain.closures import Keeping, days_closed, kept_until
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.models import Closure, EnrolmentCentre, Interview, Officer, OutgoingMessage, Place, Slot
from portal.services import booking, capacity, closures, interviews, replacements, slots
from tests.interviewing import applicant, centre, officer, rule, slot, soon

KEEPING = Keeping(days=7, hours_before=24, quiet_from=22, quiet_until=8)


@pytest.fixture
def here(session: Session) -> EnrolmentCentre:
    return centre(session)


@pytest.fixture
def by(session: Session) -> Officer:
    return _supervisor(session)


def _supervisor(session: Session) -> Officer:
    return officer(session, "CA", roles=["supervisor"])


def _booked(session: Session, at: Slot) -> Interview:
    interview = applicant(session)
    interviews.hold(session, interview, at.centre, at.starts_at, by=interview.application.account)
    interviews.confirm(session, interview, by=interview.application.account)
    return interview


def _plan(session: Session, here: EnrolmentCentre, by: Officer, days: int = 7) -> Closure:
    return closures.plan(session, here, soon(days, 10), soon(days, 22), reason="power", by=by)


def _messages(session: Session) -> list[OutgoingMessage]:
    return list(session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "interview_called_off")))


def test_a_plan_keeps_new_times_and_changes_nothing_else(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    closed, other = slot(session, here, soon(7)), slot(session, here, soon(8))
    interview = _booked(session, closed)
    planned = _plan(session, here, by)
    (hit,) = closures.hits(session, planned)
    assert hit.reference == interview.application.reference
    assert hit.new_place is not None and hit.new_place.slot_id == other.id
    assert interview.state == "booked" and not _messages(session)
    assert [one.id for one in slots.free(session, centre=here)] == []  # the only other time is kept
    closures.drop(session, planned, by=by)
    assert [one.id for one in slots.free(session, centre=here)] == [other.id]


def test_in_force_it_calls_off_tells_and_keeps(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    closed = slot(session, here, soon(7), desks=2)
    other = slot(session, here, soon(12))
    interview = _booked(session, closed)
    deadline = interview.application.interview_deadline_on
    assert closures.publish(session, _plan(session, here, by), by=by) == 1
    session.expire_all()
    assert interview.state == "to_book"
    assert deadline and interview.application.interview_deadline_on == deadline + timedelta(days=1)
    (message,) = _messages(session)
    assert message.facts["closure_reason"] == "power" and message.facts["new_place_id"]
    assert slots.free(session, centre=here) == []
    offer = replacements.offer(session, interview)
    assert offer is not None and offer.place.slot_id == other.id
    place = replacements.accept(session, interview, by=interview.application.account)
    assert (place.slot_id, interview.state) == (other.id, "booked")
    assert replacements.offer(session, interview) is None
    with pytest.raises(booking.HoldLost):
        replacements.accept(session, interview, by=interview.application.account)


def test_who_chooses_another_time_keeps_the_new_one_until_it_is_booked(
    session: Session, here: EnrolmentCentre, by: Officer
) -> None:
    closed, kept, chosen = (slot(session, here, soon(day)) for day in (7, 8, 9))
    interview = _booked(session, closed)
    closures.publish(session, _plan(session, here, by), by=by)
    interviews.hold(session, interview, chosen.centre, chosen.starts_at, by=interview.application.account)
    replacements.settle(session)
    assert replacements.offer(session, interview) is not None
    interviews.confirm(session, interview, by=interview.application.account)
    replacements.settle(session)
    assert [one.id for one in slots.free(session, centre=here)] == [kept.id]


def test_with_nothing_free_one_is_told_to_choose(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    interview = _booked(session, slot(session, here, soon(7)))
    planned = _plan(session, here, by)
    assert [hit.new_place for hit in closures.hits(session, planned)] == [None]
    closures.publish(session, planned, by=by)
    (message,) = _messages(session)
    assert message.facts["new_place_id"] is None
    assert replacements.offer(session, interview) is None


def test_a_plan_that_was_left_alone_lets_go_and_says_so(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    closed, other = slot(session, here, soon(7)), slot(session, here, soon(8))
    interview = _booked(session, closed)
    planned = _plan(session, here, by)
    planned.kept_until = now() - timedelta(minutes=1)
    session.execute(Place.__table__.update().where(Place.slot_id == other.id).values(held_until=planned.kept_until))
    session.flush()
    with pytest.raises(NotOpenToThis, match="no longer kept"):
        closures.publish(session, planned, by=by)
    taken = _booked(session, other)  # somebody else has it by now
    closures.look_again(session, planned, by=by)
    assert [hit.new_place for hit in closures.hits(session, planned)] == [None]
    closures.publish(session, planned, by=by)
    assert (interview.state, taken.state) == ("to_book", "booked")


def test_who_moved_away_meanwhile_is_not_called_off(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    closed, _kept, chosen = (slot(session, here, soon(day)) for day in (7, 8, 9))
    interview = _booked(session, closed)
    planned = _plan(session, here, by)
    interviews.hold(session, interview, chosen.centre, chosen.starts_at, by=interview.application.account)
    interviews.confirm(session, interview, by=interview.application.account)
    assert closures.publish(session, planned, by=by) == 0
    assert interview.state == "booked" and not _messages(session)


def test_reopened_its_times_can_be_booked_again(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    closed = slot(session, here, soon(7), desks=2)
    _booked(session, closed)
    planned = _plan(session, here, by)
    closures.publish(session, planned, by=by)
    assert slots.free(session, centre=here) == []
    closures.reopen(session, planned, by=by)
    assert [one.id for one in slots.free(session, centre=here)] == [closed.id]
    with pytest.raises(NotOpenToThis):
        closures.reopen(session, planned, by=by)


def test_slots_made_in_a_closure_come_closed(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    slot(session, here, soon(30))
    closures.publish(session, _plan(session, here, by), by=by)
    for weekday in range(7):
        rule(here, weekday, time(9), time(10))
        session.add(rule(here, weekday, time(9), time(10)))
    session.flush()
    slots.make(session, here, soon(6).date(), soon(9).date())
    days = {one.local_on for one in slots.free(session, centre=here, until_on=soon(10).date())}
    assert soon(7).date() not in days and {soon(6).date(), soon(8).date()} <= days


def test_a_hold_in_a_closure_is_lost(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    closed = slot(session, here, soon(7))
    interview = applicant(session)
    interviews.hold(session, interview, closed.centre, closed.starts_at, by=interview.application.account)
    closures.publish(session, _plan(session, here, by), by=by)
    with pytest.raises(booking.HoldLost):
        interviews.confirm(session, interview, by=interview.application.account)


@pytest.mark.parametrize(
    ("starts", "ends"), [(soon(8), soon(7)), (soon(-3), soon(-2)), (soon(7), soon(500)), (soon(7), soon(7))]
)
def test_a_time_that_cannot_be_is_refused(
    session: Session, here: EnrolmentCentre, by: Officer, starts: datetime, ends: datetime
) -> None:
    with pytest.raises(RuleViolation):
        closures.plan(session, here, starts, ends, reason="power", by=by)


def test_closing_while_others_book_loses_nobody(database: Database) -> None:
    with database.transaction() as session:
        here, by = centre(session), _supervisor(session)
        closed = slot(session, here, soon(7), desks=12)
        for day in (9, 10):
            slot(session, here, soon(day), desks=12)
        ids = [_booked(session, closed).id for _number in range(4)] + [applicant(session).id for _number in range(8)]
        planned, by_id, slot_id = _plan(session, here, by).id, by.id, closed.id

    def publish() -> None:
        with database.transaction() as session:
            closures.publish(session, session.get_one(Closure, planned), by=session.get_one(Officer, by_id))

    def book(interview_id: object) -> None:
        with database.transaction() as session:
            interview = session.get_one(Interview, interview_id)
            who = interview.application.account
            try:
                interviews.hold(session, interview, session.get_one(Slot, slot_id).centre, soon(7), by=who)
                interviews.confirm(session, interview, by=who)
            except RuleViolation:
                session.rollback()

    with ThreadPoolExecutor(9) as pool:
        waiting = [pool.submit(book, one) for one in ids[4:]]
        waiting.insert(3, pool.submit(publish))
        for one in waiting:
            one.result(timeout=30)
    with database.transaction() as session:
        left = select(func.count()).where(Place.slot_id == slot_id, Place.interview_part_id.is_not(None))
        assert session.scalar(select(left.scalar_subquery())) == 0
        states = set(session.scalars(select(Interview.state).where(Interview.id.in_(ids))))
        assert states == {"to_book"}
        about = select(OutgoingMessage.application_id)
        told = session.scalars(about.where(OutgoingMessage.event == "interview_called_off"))
        booked = session.scalars(about.where(OutgoingMessage.event == "interview_booked"))
        assert sorted(told) == sorted(booked)  # everybody who had a time there was told, once


@pytest.mark.parametrize(
    ("starts_in", "expected"),
    [
        (timedelta(days=30), datetime(2027, 3, 8, 15, tzinfo=UTC)),  # seven days, at ten in the morning there
        (timedelta(days=2, hours=1), datetime(2027, 3, 2, 16, tzinfo=UTC)),  # a day before it
        (timedelta(days=2, hours=14), datetime(2027, 3, 3, 3, tzinfo=UTC)),  # not at midnight: ten in the evening
    ],
)
def test_a_new_time_is_kept_for_days_and_never_ends_in_the_night(starts_in: timedelta, expected: datetime) -> None:
    moment = datetime(2027, 3, 1, 15, tzinfo=UTC)
    assert kept_until(moment, moment + starts_in, "America/Toronto", KEEPING) == expected


def test_days_are_those_of_the_centre() -> None:
    starts = datetime(2027, 3, 1, 5, tzinfo=UTC)  # midnight in Toronto
    assert days_closed(starts, starts + timedelta(hours=24), "America/Toronto") == 1
    assert days_closed(starts, starts + timedelta(hours=25), "America/Toronto") == 2


def test_a_day_is_added_within_what_is_released(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    slot(session, here, soon(20))
    day = soon(10).date()
    assert capacity.add_day(session, here, day, time(9), time(10), desks=2, by=by) == 4
    assert [one.local_on for one in slots.free(session, centre=here, until_on=day)] == [day] * 4
    for wrong in (today() - timedelta(days=2), soon(40).date()):
        with pytest.raises(RuleViolation):
            capacity.add_day(session, here, wrong, time(9), time(10), desks=2, by=by)
    for opens, closes in ((time(10), time(9)), (time(9), time(9, 5))):
        with pytest.raises(RuleViolation):
            capacity.add_day(session, here, day, opens, closes, desks=2, by=by)


def test_the_load_counts_booked_open_and_closed(session: Session, here: EnrolmentCentre, by: Officer) -> None:
    first, second = slot(session, here, soon(7), desks=2), slot(session, here, soon(8), desks=2)
    _booked(session, first)
    closures.publish(session, closures.plan(session, here, soon(8, 0), soon(8, 23), reason="staff", by=by), by=by)
    loads = {load.day: load for week in capacity.weeks(session, here) for load in week.days if load}
    assert (loads[first.local_on].booked, loads[first.local_on].places, loads[first.local_on].level) == (1, 2, 2)
    assert (loads[second.local_on].closed, loads[second.local_on].level) == (2, 0)
