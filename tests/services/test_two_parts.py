"""Interviews in two parts: both halves or none whatever comes at once, what is done and what is next, who records."""

from __future__ import annotations

import random
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.db import Database
from portal.domain.errors import RuleViolation
from portal.models import EnrolmentCentre, Interview, InterviewPart, OutgoingMessage, Place, Slot
from portal.services import (
    booking,
    calendars,
    closures,
    interview_outcomes,
    interview_parts,
    interview_records,
    interviews,
    slots,
)
from tests import interviewing, servers
from tests.racing import Crowd

HALVES = select(func.count(Place.id)).where(Place.second_of_id.is_not(None), Place.interview_part_id.is_not(None))


def _book(session: Session, interview: Interview, slot: Slot) -> Place:
    by = interview.application.account
    interviews.hold(session, interview, slot.centre, slot.starts_at, by=by)
    return interviews.confirm(session, interview, by=by)


def _parts(interview: Interview) -> list[tuple[str, str, str]]:
    return [(one.agency, one.attendance, one.state) for one in interview_parts.attempt(interview)]


def _slot(session: Session, model: str = "joint", number: int = 1) -> Slot:
    return interviewing.slot(session, interviewing.centre(session, number=number, model=model), interviewing.soon())


def _come(session: Session, interview: Interview, agency: str, *, came: bool = True) -> None:
    part = interview_parts.of_agency(interview, agency)
    assert part is not None
    by = interviewing.officer(session, agency)
    interview_records.record(session, part, came=came, documents_seen=["passport"] if came else [], early=True, by=by)
    session.expire(interview, ["parts"])


def test_the_second_half_is_the_same_day_with_the_time_for_the_way(session: Session) -> None:
    _centre, first_halves = interviewing.split(session)
    interview = interviewing.applicant(session)
    place = _book(session, interview, first_halves[0])
    second = place.second
    assert second is not None and second.interview_part_id == interview.parts[1].id
    assert second.starts_at - place.starts_at == timedelta(minutes=15 + 60)
    assert second.slot.local_on == place.slot.local_on
    assert _parts(interview) == [("CA", "booked", "booked"), ("US", "booked", "booked")]
    assert session.scalar(HALVES) == 1


def test_a_second_half_is_never_free_by_itself(session: Session) -> None:
    centre, first_halves = interviewing.split(session)
    found = slots.free(session, limit=100)
    assert {one.centre_id for one in found} == {centre.id} and len(found) == len(first_halves)
    across = session.scalars(select(EnrolmentCentre).where(EnrolmentCentre.second_of_id == centre.id)).one()
    theirs = session.scalars(select(Slot).where(Slot.centre_id == across.id)).first()
    assert theirs is not None
    interview = interviewing.applicant(session)
    with pytest.raises(RuleViolation):
        interviews.hold(session, interview, across, theirs.starts_at, by=interview.application.account)


def test_moving_and_cancelling_take_both_halves_along(session: Session) -> None:
    _centre, first_halves = interviewing.split(session)
    joint = _slot(session)
    interview = interviewing.applicant(session)
    old = _book(session, interview, first_halves[0])
    new = _book(session, interview, first_halves[1])
    session.expire_all()
    assert old.interview_part_id is None and old.second is not None and old.second.interview_part_id is None
    assert new.second is not None and new.second.interview_part_id == interview.parts[1].id
    _book(session, interview, joint)
    assert _parts(interview) == [("both", "booked", "booked")]
    assert session.scalar(HALVES) == 0
    _book(session, interview, first_halves[2])
    interviews.cancel(session, interview, by=interview.application.account)
    assert session.scalar(HALVES) == 0
    assert {part.state for part in interview.parts} == {"open"}


def test_a_half_alone_is_refused_by_the_database(database: Database) -> None:
    with database.transaction() as session:
        _centre, first_halves = interviewing.split(session)
        interview = interviewing.applicant(session)
        place_id, part_id = _book(session, interview, first_halves[0]).id, interview.parts[1].id
    alone = text("update place set interview_part_id = null where interview_part_id = :part")
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(alone, {"part": part_id})
    with database.transaction() as session:
        assert session.get_one(Place, place_id).interview_part_id is not None
        assert session.scalar(HALVES) == 1


def test_the_calendar_has_both_halves_and_takes_the_second_out_again(session: Session) -> None:
    _centre, first_halves = interviewing.split(session)
    interview = interviewing.applicant(session)
    place = _book(session, interview, first_halves[0])
    part = interviews.current_part(interview)
    both = icalendar.Calendar.from_ical(calendars.calendar(part, place, "en")).walk("VEVENT")
    assert [str(event["UID"]) for event in both] == [
        f"interview-{part.id}@passage", f"interview-{part.id}-second@passage"
    ]  # fmt: skip
    _book(session, interview, _slot(session))
    message = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "interview_moved")).one()
    names = ("part_id", "place_id", "sequence", "left_place_id")
    file = calendars.for_message(session, "en", cancelled=False, **{name: message.facts[name] for name in names})
    assert file is not None
    events = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CANCELLED"]
    assert {int(event["SEQUENCE"]) for event in events} == {2}


def test_in_two_steps_the_second_has_no_appointment_and_waits_for_the_first(session: Session) -> None:
    interview = interviewing.applicant(session)
    _book(session, interview, _slot(session, "two_step"))
    assert _parts(interview) == [("CA", "booked", "booked"), ("US", "walk_up", "open")]
    with pytest.raises(RuleViolation):
        _come(session, interview, "US")
    american = interviewing.officer(session, "US")
    assert interview_outcomes.next_step(session, interview, early=True, by=american) == "first"
    _come(session, interview, "CA")
    assert (interview.state, interview_parts.needed(interview)) == ("booked", "US")
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "interview_part_done")).one()
    assert told.facts == {"agency": "US", "place_id": None}
    with pytest.raises(RuleViolation):
        interviews.cancel(session, interview, by=interview.application.account)
    assert interview_outcomes.next_step(session, interview, early=False, by=american) == "record"
    with pytest.raises(RuleViolation), session.begin_nested():
        _come(session, interview, "US", came=False)
    session.expire_all()
    _come(session, interview, "US")
    assert interview.state == "attended"


def test_each_agency_decides_after_its_own_part_and_both_must_approve(session: Session) -> None:
    _centre, first_halves = interviewing.split(session)
    interview = interviewing.applicant(session)
    _book(session, interview, first_halves[0])
    canadian, american = interviewing.officer(session, "CA"), interviewing.officer(session, "US")
    _come(session, interview, "CA")
    assert interview_outcomes.next_step(session, interview, early=True, by=canadian) == "decide"
    assert interview_outcomes.next_step(session, interview, early=True, by=american) == "record"
    assert interview.application.status == "conditionally_approved"
    _come(session, interview, "US")
    assert interview.state == "attended"


def test_who_misses_the_second_half_needs_only_that_one_again_and_not_at_a_split_centre(session: Session) -> None:
    _centre, first_halves = interviewing.split(session)
    interview = interviewing.applicant(session)
    _book(session, interview, first_halves[0])
    with pytest.raises(RuleViolation), session.begin_nested():
        _come(session, interview, "US", came=False)  # before Canada has said whether anybody came
    session.expire_all()
    _come(session, interview, "CA")
    _come(session, interview, "US", came=False)
    assert (interview.state, interview_parts.needed(interview)) == ("to_book", "US")
    with pytest.raises(RuleViolation):
        _book(session, interview, first_halves[1])
    _book(session, interview, _slot(session))
    assert _parts(interview) == [("US", "booked", "booked")]
    _come(session, interview, "US")
    assert interview.state == "attended"


def test_who_misses_the_first_half_misses_both(session: Session) -> None:
    _centre, first_halves = interviewing.split(session)
    interview = interviewing.applicant(session)
    _book(session, interview, first_halves[0])
    _come(session, interview, "CA", came=False)
    assert (interview.state, interview_parts.needed(interview)) == ("to_book", "both")
    assert [part.state for part in interview.parts] == ["missed", "missed", "open"]


def test_a_closure_that_hits_the_second_half_calls_off_both(session: Session) -> None:
    centre, first_halves = interviewing.split(session)
    interview = interviewing.applicant(session)
    place = _book(session, interview, first_halves[0])
    assert place.second is not None
    by = interviewing.officer(session, "CA")
    with servers.as_owner(session):
        by.roles = ["supervisor"]
    at = place.second.starts_at
    closure = closures.plan(session, centre, at, at + timedelta(minutes=5), reason="weather", by=by)
    assert [hit.reference for hit in closures.hits(session, closure)] == [interview.application.reference]
    assert closures.publish(session, closure, by=by) == 1
    assert (interview.state, session.scalar(HALVES)) == ("to_book", 0)
    assert place.closure_id == closure.id


def test_whatever_travellers_do_halves_stay_together(session: Session) -> None:
    """Random holds, bookings, swaps and cancellations: after each, every first half has its second and no other."""
    _centre, first_halves = interviewing.split(session, desks=1, days=1)
    joint, airport = _slot(session), _slot(session, "two_step", 2)
    people = [interviewing.applicant(session) for _number in range(4)]
    chance = random.Random(7)
    for _turn in range(60):
        who = chance.choice(people)
        try:
            if chance.random() < 0.25:
                interviews.cancel(session, who, by=who.application.account)
            else:
                with telling(now() + timedelta(seconds=chance.randrange(60))):
                    _book(session, who, chance.choice([*first_halves, joint, airport]))
        except RuleViolation:
            session.expire_all()
        _check_whole(session)


def _check_whole(session: Session) -> None:
    second, follows = Place.__table__.alias("second"), InterviewPart.__table__.alias("follows")
    query = (
        select(Place.interview_part_id, second.c.interview_part_id, follows.c.follows_id)
        .join(second, second.c.second_of_id == Place.id)
        .outerjoin(follows, follows.c.id == second.c.interview_part_id)
    )
    for lead, following, of in session.execute(query):
        assert (lead is None) == (following is None)
        assert of == lead
    booked = select(InterviewPart.interview_id, func.count()).where(InterviewPart.state == "booked")
    assert all(count <= 2 for _id, count in session.execute(booked.group_by(InterviewPart.interview_id)))


def test_many_processes_for_one_desk_on_both_sides_book_whole_interviews(
    database: Database, urls: servers.Urls
) -> None:
    with database.transaction() as session:
        _centre, first_halves = interviewing.split(session, desks=1)
        wanted = [slot.id for slot in first_halves[:4]]
        made = [interviewing.applicant(session) for _number in range(8)]
        people = [(one.application.account_id, one.application.reference, one.id) for one in made]
    with Crowd(urls["web"], len(people)) as crowd:
        for slot_id in wanted:
            assert crowd.rush(people, slot_id, is_careful=True) == 1
            with database.transaction() as session:
                _check_whole(session)
                assert session.scalar(HALVES) == 1
                _everybody_again(session)


def test_halves_taken_one_after_the_other_without_a_pair_are_seen_to_fail(database: Database) -> None:
    """The careless way: look for a place on each side, and write each down by itself."""
    with database.transaction() as session:
        _centre, first_halves = interviewing.split(session, desks=1)
        interview = interviewing.applicant(session)
        slot_id, part_id = first_halves[0].id, interviews.current_part(interview).id
    careless = text("update place set interview_part_id = :part where slot_id = :slot")
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(careless, {"part": part_id, "slot": slot_id})


def _everybody_again(session: Session) -> None:
    session.execute(text("update place set interview_part_id = null"))
    session.execute(text("update place set hold_id = null, held_until = null where second_of_id is null"))
    session.execute(text("delete from hold"))
    session.execute(text("update interview set state = 'to_book'"))
    session.execute(text("update interview_part set state = 'open'"))


def test_an_expired_hold_of_a_split_time_books_neither_half(session: Session) -> None:
    _centre, first_halves = interviewing.split(session, desks=1)
    mine, rival = interviewing.applicant(session), interviewing.applicant(session)
    wanted = first_halves[0]
    interviews.hold(session, mine, wanted.centre, wanted.starts_at, by=mine.application.account)
    with telling(now() + timedelta(minutes=11)):
        _book(session, rival, wanted)
        with pytest.raises(booking.HoldLost):
            interviews.confirm(session, mine, by=mine.application.account)
    assert session.scalar(HALVES) == 1
