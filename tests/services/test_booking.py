"""Booking: one place for one person, whatever comes at once; a swap never lets go first; slots in every zone."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now, telling, today
from portal.db import Database
from portal.domain.errors import RuleViolation
from portal.models import EnrolmentCentre, Event, Hold, Interview, OutgoingMessage, Place, Slot
from portal.services import booking, calendars, interviews, memberships, places, slots
from portal.services.booking import HoldLost, SlotTaken
from tests import interviewing

TRAVELLERS = 8
ROUNDS = 20


def _book(session: Session, interview: Interview, slot: Slot) -> Place:
    by = interview.application.account
    interviews.hold(session, interview, slot.centre, slot.starts_at, by=by)
    return interviews.confirm(session, interview, by=by)


def _state_of(session: Session, slot: Slot) -> tuple[int, int]:
    """How many places of a slot are booked, and how many are held."""
    query = select(func.count(Place.interview_part_id), func.count(Place.hold_id)).where(Place.slot_id == slot.id)
    booked, held = session.execute(query).one()
    return booked, held


def test_a_booked_place_is_told_and_kept(session: Session) -> None:
    interview, slot = interviewing.applicant(session), interviewing.slot(session, interviewing.centre(session), _soon())
    place = _book(session, interview, slot)
    part = interviews.current_part(interview)
    assert (interview.state, part.state, place.interview_part_id) == ("booked", "booked", part.id)
    assert _state_of(session, slot) == (1, 0)
    assert session.scalar(select(func.count(Hold.id))) == 0
    event = session.scalars(select(Event).where(Event.name == "interview_booked")).one()
    assert event.facts == {"part_id": str(part.id), "place_id": str(place.id), "sequence": 1}
    message = session.scalars(select(OutgoingMessage)).one()
    assert (message.event, message.facts["part_id"]) == ("interview_booked", str(part.id))


def test_who_comes_second_is_told_and_keeps_what_she_held(session: Session) -> None:
    centre = interviewing.centre(session)
    first, second = interviewing.applicant(session), interviewing.applicant(session)
    wanted, other = interviewing.slot(session, centre, _soon()), interviewing.slot(session, centre, _soon(hour=16))
    _book(session, first, wanted)
    interviews.hold(session, second, centre, other.starts_at, by=second.application.account)
    with pytest.raises(SlotTaken) as taken:
        interviews.hold(session, second, centre, wanted.starts_at, by=second.application.account)
    assert taken.value.slot == wanted
    held = interviews.held_place(session, interviews.hold_of(session, second))
    assert held is not None and held.slot_id == other.id


def test_a_swap_never_lets_go_first(session: Session) -> None:
    centre = interviewing.centre(session)
    mine, rival = interviewing.applicant(session), interviewing.applicant(session)
    old, new = interviewing.slot(session, centre, _soon()), interviewing.slot(session, centre, _soon(hour=16))
    by = mine.application.account
    _book(session, mine, old)
    interviews.hold(session, mine, centre, new.starts_at, by=by)
    assert (_state_of(session, old), _state_of(session, new)) == ((1, 0), (0, 1))
    with telling(now() + timedelta(minutes=11)):
        interviews.hold(session, rival, centre, new.starts_at, by=rival.application.account)
        with pytest.raises(HoldLost):
            interviews.confirm(session, mine, by=by)
    assert (_state_of(session, old), mine.state) == ((1, 0), "booked")


def test_a_moved_interview_frees_the_old_place(session: Session) -> None:
    centre, interview = interviewing.centre(session), interviewing.applicant(session)
    old, new = interviewing.slot(session, centre, _soon()), interviewing.slot(session, centre, _soon(hour=16))
    by = interview.application.account
    _book(session, interview, old)
    interviews.hold(session, interview, centre, new.starts_at, by=by)
    place = interviews.confirm(session, interview, by=by)
    assert place.slot_id == new.id
    assert (_state_of(session, old), _state_of(session, new)) == ((0, 0), (1, 0))
    with pytest.raises(RuleViolation):
        interviews.hold(session, interview, centre, new.starts_at, by=by)


def test_an_application_that_ended_meanwhile_takes_nothing(session: Session) -> None:
    interview, slot = interviewing.applicant(session), interviewing.slot(session, interviewing.centre(session), _soon())
    by = interview.application.account
    interviews.hold(session, interview, slot.centre, slot.starts_at, by=by)
    seen = booking.look(session, by.id, interview.application.reference)
    withdrawn = text("update application set status = 'withdrawn' where id = :id")
    session.execute(withdrawn, {"id": interview.application_id})  # by another request: this one has read it before
    with pytest.raises(HoldLost):
        booking.confirm(session, seen, by=by)
    assert _state_of(session, slot) == (0, 1)


def test_another_time_lets_go_of_the_one_held_before(session: Session) -> None:
    centre, interview = interviewing.centre(session), interviewing.applicant(session)
    first, second = interviewing.slot(session, centre, _soon()), interviewing.slot(session, centre, _soon(hour=16))
    by = interview.application.account
    before = interviews.hold(session, interview, centre, first.starts_at, by=by)
    after = interviews.hold(session, interview, centre, second.starts_at, by=by)
    assert before.id != after.id
    assert (_state_of(session, first), _state_of(session, second)) == ((0, 0), (0, 1))
    with telling(now() + timedelta(minutes=11)):  # its own expired hold is no hindrance either
        again = interviews.hold(session, interview, centre, second.starts_at, by=by)
        assert again.until > after.until
    assert _state_of(session, second) == (0, 1)


def test_cancelling_frees_the_place_and_keeps_the_application(session: Session) -> None:
    interview, slot = interviewing.applicant(session), interviewing.slot(session, interviewing.centre(session), _soon())
    by = interview.application.account
    _book(session, interview, slot)
    interviews.cancel(session, interview, by=by)
    assert (interview.state, interview.application.status) == ("to_book", "conditionally_approved")
    assert _state_of(session, slot) == (0, 0)
    _book(session, interview, slot)
    with pytest.raises(RuleViolation), telling(slot.starts_at):
        interviews.cancel(session, interview, by=by)


def test_a_hold_lasts_ten_minutes_and_five_times_longer(session: Session) -> None:
    interview, slot = interviewing.applicant(session), interviewing.slot(session, interviewing.centre(session), _soon())
    by, start = interview.application.account, now()
    with telling(start):
        held = interviews.hold(session, interview, slot.centre, slot.starts_at, by=by)
        assert held.until == start + timedelta(minutes=10)
    for count in range(1, 6):
        with telling(start + timedelta(minutes=9 * count)):
            assert interviews.extend(session, interview, by=by).until == now() + timedelta(minutes=10)
    with pytest.raises(RuleViolation):
        interviews.extend(session, interview, by=by)


def test_an_expired_hold_is_ignored_by_the_claim_and_swept(session: Session) -> None:
    interview, slot = interviewing.applicant(session), interviewing.slot(session, interviewing.centre(session), _soon())
    interviews.hold(session, interview, slot.centre, slot.starts_at, by=interview.application.account)
    assert slots.free(session) == []
    with telling(now() + timedelta(minutes=11)):
        assert [free.id for free in slots.free(session)] == [slot.id]
        places.sweep(session, now=now())
    assert _state_of(session, slot) == (0, 0)
    session.expire_all()
    assert session.scalar(select(func.count(Hold.id))) == 0


def test_nothing_is_booked_after_the_deadline(session: Session) -> None:
    centre = interviewing.centre(session)
    late = interviewing.applicant(session, deadline_on=today() - timedelta(days=1))
    tight = interviewing.applicant(session, deadline_on=today() + timedelta(days=3))
    slot = interviewing.slot(session, centre, _soon())
    for interview in (late, tight):
        with pytest.raises(RuleViolation):
            interviews.hold(session, interview, centre, slot.starts_at, by=interview.application.account)
    assert slots.free(session, until_on=tight.application.interview_deadline_on) == []


def test_the_database_refuses_two_places_for_one_part(session: Session) -> None:
    centre, interview = interviewing.centre(session), interviewing.applicant(session)
    place = _book(session, interview, interviewing.slot(session, centre, _soon()))
    other = interviewing.slot(session, centre, _soon(hour=16))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("update place set interview_part_id = :part where slot_id = :slot"),
            {"part": place.interview_part_id, "slot": other.id},
        )


def test_what_is_booked_is_moved_only_by_what_is_held(session: Session) -> None:
    centre, interview = interviewing.centre(session), interviewing.applicant(session)
    slot = interviewing.slot(session, centre, _soon())
    _book(session, interview, slot)
    with pytest.raises(HoldLost):
        interviews.confirm(session, interview, by=interview.application.account)
    assert (_state_of(session, slot), interview.state) == ((1, 0), "booked")


# The race: real threads, real connections, one place


@pytest.fixture
def race(database: Database) -> Iterator[Race]:
    with Race(database) as race:
        yield race


class Race:
    """Eight travellers, and as many places as are asked for."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            self.centre_id = interviewing.centre(session).id
            self.interviews = [interviewing.applicant(session).id for _ in range(TRAVELLERS)]
        self.pool = ThreadPoolExecutor(TRAVELLERS)

    def __enter__(self) -> Race:
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown()

    def new_slot(self, number: int) -> uuid.UUID:
        starts_at = _soon(days=7 + number // 8, hour=12 + number % 8)
        with self.database.transaction() as session:
            centre = session.get_one(EnrolmentCentre, self.centre_id)
            return interviewing.slot(session, centre, starts_at).id

    def run(self, claim: Callable[[Session, Interview, Slot], bool], slot_id: uuid.UUID) -> int:
        """Let everybody claim at the same moment; returns how many were told that the place is theirs."""
        start = threading.Barrier(TRAVELLERS)

        def one(interview_id: uuid.UUID) -> bool:
            with self.database.transaction() as session:
                interview, slot = session.get_one(Interview, interview_id), session.get_one(Slot, slot_id)
                start.wait()
                return claim(session, interview, slot)

        return sum(self.pool.map(one, self.interviews))


def _careful(session: Session, interview: Interview, slot: Slot) -> bool:
    try:
        interviews.hold(session, interview, slot.centre, slot.starts_at, by=interview.application.account)
    except SlotTaken:
        return False
    return True


def _careless(session: Session, interview: Interview, slot: Slot) -> bool:
    """What peers do: look, then leap."""
    place = session.scalars(select(Place).where(Place.slot_id == slot.id, Place.hold_id.is_(None))).first()
    if place is None:
        return False
    held = Hold(interview_id=interview.id, purpose="book", until=now() + timedelta(minutes=10))
    session.add(held)
    session.flush()
    session.execute(
        text("update place set hold_id = :hold, held_until = :until where id = :place"),
        {"hold": held.id, "until": held.until, "place": place.id},
    )
    return True


def test_eight_at_once_for_one_place_and_one_has_it(race: Race) -> None:
    for number in range(ROUNDS):
        slot_id = race.new_slot(number)
        assert race.run(_careful, slot_id) == 1, f"round {number}"
        with race.database.transaction() as session:
            assert _state_of(session, session.get_one(Slot, slot_id)) == (0, 1)


def test_the_race_catches_a_careless_claim(race: Race) -> None:
    sold = 0
    for number in range(ROUNDS):
        sold += race.run(_careless, race.new_slot(number))
        with race.database.transaction() as session:
            session.execute(text("update place set hold_id = null, held_until = null"))
            session.execute(text("delete from hold"))
    assert sold > ROUNDS, "the race did not find the mistake that it is there to find"


def test_two_clicks_of_one_traveller_have_one_hold(race: Race) -> None:
    race.interviews = [race.interviews[0]] * TRAVELLERS
    assert race.run(_careful, race.new_slot(0)) == TRAVELLERS
    with race.database.transaction() as session:
        assert session.scalar(select(func.count(Hold.id))) == 1


# Slots


CHANGES = {"spring": datetime(2027, 3, 12, 18, tzinfo=UTC), "autumn": datetime(2027, 11, 5, 18, tzinfo=UTC)}


@pytest.mark.parametrize("zone", ["America/Halifax", "America/Toronto", "America/Vancouver"])
@pytest.mark.parametrize(("change", "nightly"), [("spring", 8), ("autumn", 16)])
def test_slots_are_made_by_the_centres_clock(session: Session, zone: str, change: str, nightly: int) -> None:
    centre = interviewing.centre(session, zone=zone)
    session.add_all(
        [interviewing.rule(centre, 6, time(0), time(3)), interviewing.rule(centre, 0, time(9), time(10), 2)]
    )
    with telling(CHANGES[change]):
        assert slots.generate(session, [centre], days=7) == nightly + 4
        assert slots.generate(session, [centre], days=7) == 0
    made = session.scalars(select(Slot).order_by(Slot.starts_at)).all()
    monday = [slot.starts_at.astimezone(ZoneInfo(zone)).time() for slot in made[nightly:]]
    assert monday == [time(9), time(9, 15), time(9, 30), time(9, 45)]
    assert session.scalar(select(func.count(Place.id))) == nightly + 2 * 4


def test_free_slots_come_soonest_first_over_all_centres_page_by_page(session: Session) -> None:
    east, west = interviewing.centre(session), interviewing.centre(session, number=2, zone="America/Vancouver")
    for hour in (14, 15, 16, 17):
        interviewing.slot(session, east, _soon(hour=hour), desks=2)
        interviewing.slot(session, west, _soon(hour=hour))
    everything = slots.free(session)
    assert [slot.starts_at for slot in everything] == sorted(slot.starts_at for slot in everything)
    assert len({slot.id for slot in everything}) == 8
    paged, after = [], None
    while page := slots.free(session, after=after, limit=3):
        paged += page
        after = page[-1].cursor
    assert paged == everything
    assert {slot.centre_id for slot in slots.free(session, centre=west)} == {west.id}
    assert slots.free(session, from_on=_soon().date() + timedelta(days=1)) == []
    assert len(slots.free(session, from_on=_soon().date(), until_on=_soon().date())) == 8


def test_the_nearest_alternatives_are_at_the_same_centre_first(session: Session) -> None:
    east, west = interviewing.centre(session), interviewing.centre(session, number=2)
    wanted = interviewing.slot(session, east, _soon(), desks=1)
    near = [interviewing.slot(session, east, _soon(hour=hour)).id for hour in (14, 16)]
    interviewing.slot(session, east, _soon(days=5))
    interviewing.slot(session, west, _soon())
    assert [slot.id for slot in slots.nearest(session, wanted, limit=2)] == near


# The calendar and the membership


@contextmanager
def _calendar(session: Session, language: str, **how: bool) -> Iterator[tuple[icalendar.Calendar, Interview]]:
    interview = interviewing.applicant(session)
    centre = interviewing.centre(session, zone="America/Halifax")
    place = _book(session, interview, interviewing.slot(session, centre, datetime(2027, 3, 18, 13, 30, tzinfo=UTC)))
    part = interviews.current_part(interview)
    yield icalendar.Calendar.from_ical(calendars.calendar(part, place, language, **how)), interview  # type: ignore[misc]


def test_the_calendar_file_names_the_zone_and_nobody(session: Session) -> None:
    with telling(datetime(2027, 2, 1, tzinfo=UTC)), _calendar(session, "fr") as (calendar, interview):
        event = calendar.walk("VEVENT")[0]
        assert event["DTSTART"].params["TZID"] == "America/Halifax"
        assert event.decoded("DTSTART").time() == time(10, 30)
        assert calendar.walk("VTIMEZONE")
        assert event["UID"] == f"interview-{interview.parts[0].id}@passage"
        assert (calendar["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("PUBLISH", 1, "CONFIRMED")
        assert "Tremblay" not in calendar.to_ical().decode()
        assert interview.application.reference not in calendar.to_ical().decode()


def test_a_cancelled_appointment_leaves_the_calendar(session: Session) -> None:
    with telling(datetime(2027, 2, 1, tzinfo=UTC)), _calendar(session, "en", cancelled=True) as (calendar, _interview):
        assert (calendar["METHOD"], calendar.walk("VEVENT")[0]["STATUS"]) == ("CANCEL", "CANCELLED")


def test_two_members_never_share_a_number(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["000000001", "000000001", "000000001", "000000002"])
    monkeypatch.setattr("portal.domain.memberships.new_number", lambda: next(drawn))
    approved = [interviewing.applicant(session).application for _ in range(2)]
    granted = [memberships.grant(session, one, by=one.account) for one in approved]
    assert [membership.number for membership in granted] == ["000000001", "000000002"]
    assert granted[0].valid_until > date(today().year + 5, 1, 1)
    assert memberships.grant(session, approved[0], by=approved[0].account) == granted[0]


def _soon(days: int = 7, hour: int = 15) -> datetime:
    return interviewing.soon(days, hour)
