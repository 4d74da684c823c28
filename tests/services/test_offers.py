"""Earlier times: offered in order, to one person at a time, never the same twice, and never at the price of the old."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.db import Database
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.interviews import offer_until
from portal.models import Interview, Offer, OutgoingMessage, Place, Slot
from portal.services import interviews, offers, places, slots, waiting_list
from portal.services.actors import SYSTEM
from tests import interviewing

RULE = {"soon_hours": 48, "soon_minutes": 30, "later_minutes": 720, "quiet_from": 22, "quiet_until": 8}
ANY: dict[str, Any] = {"notice_hours": 24}


def _waiting(session: Session, *, since: int = 0, booked: Slot | None = None, **wishes: Any) -> Interview:
    """Somebody approved so many days ago who waits for an earlier time."""
    interview = interviewing.applicant(session)
    interview.application.conditionally_approved_at = now() - timedelta(days=since)
    by = interview.application.account
    if booked is not None:
        interviews.hold(session, interview, booked.centre, booked.starts_at, by=by)
        interviews.confirm(session, interview, by=by)
    waiting_list.join(session, interview, ANY | wishes, by=by)
    return interview


def _booked(session: Session, slot: Slot) -> Interview:
    interview = interviewing.applicant(session)
    interviews.hold(session, interview, slot.centre, slot.starts_at, by=interview.application.account)
    interviews.confirm(session, interview, by=interview.application.account)
    return interview


def _cancel(session: Session, interview: Interview) -> None:
    interviews.cancel(session, interview, by=interview.application.account)


def _open(session: Session) -> list[Offer]:
    return list(session.scalars(select(Offer).where(Offer.state == "open").order_by(Offer.created_at)))


def _take(session: Session, interview: Interview, offer: Offer) -> str:
    account = interview.application.account
    return waiting_list.take(session, waiting_list.own_offer(session, account, offer.id), by=account)


def test_a_freed_place_goes_to_whoever_was_approved_first_and_the_old_one_stays_until_it_is_taken(
    session: Session,
) -> None:
    centre = interviewing.centre(session)
    early, late, later = (interviewing.slot(session, centre, interviewing.soon(days)) for days in (5, 30, 31))
    holder = _booked(session, early)
    second, first = _waiting(session, since=10, booked=late), _waiting(session, since=20, booked=later)
    _cancel(session, holder)
    (offer,) = _open(session)
    assert offer.interview_id == first.id
    assert [slot.id for slot in slots.free(session)] == []
    message = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "place_offered")).one()
    assert message.account_id == first.application.account_id
    place = interviews.booked_place(session, interviews.current_part(first))
    assert place is not None and place.slot_id == later.id

    assert _take(session, first, offer) == _take(session, first, offer) == first.application.reference
    place = interviews.booked_place(session, interviews.current_part(first))
    assert place is not None and (place.slot_id, offer.state) == (early.id, "accepted")
    assert second.application.conditionally_approved_at is not None
    assert [one.interview_id for one in _open(session)] == []  # the place let go is later than what the other one has


def test_what_is_let_go_with_a_taken_offer_goes_on_down_the_list(session: Session) -> None:
    centre = interviewing.centre(session)
    early, middle, late = (interviewing.slot(session, centre, interviewing.soon(days)) for days in (5, 20, 40))
    holder = _booked(session, early)
    first, second = _waiting(session, since=20, booked=middle), _waiting(session, since=10, booked=late)
    _cancel(session, holder)
    _take(session, first, _open(session)[0])
    (offer,) = _open(session)
    assert (offer.interview_id, offer.slot_id) == (second.id, middle.id)


@pytest.mark.parametrize("end", ["declined", "lapsed"])
def test_what_is_not_taken_goes_to_the_next_and_never_back(session: Session, end: str) -> None:
    centre = interviewing.centre(session)
    early = interviewing.slot(session, centre, interviewing.soon(9))
    holder = _booked(session, early)
    first, second = _waiting(session, since=20), _waiting(session, since=10)
    _cancel(session, holder)
    (offer,) = _open(session)
    assert offer.interview_id == first.id
    moment = now()
    if end == "declined":
        waiting_list.decline(session, offer, by=first.application.account)
    else:
        moment = offer.until + timedelta(seconds=1)
        with telling(moment):
            assert slots.free(session) == []  # not even for a moment
            assert offers.settle_expired(session) == 1
            with pytest.raises(RuleViolation):
                _take(session, first, offer)
    with telling(moment):
        assert offer.state == end
        (again,) = _open(session)
        assert again.interview_id == second.id
        waiting_list.decline(session, again, by=second.application.account)
        assert _open(session) == []
        assert [slot.id for slot in slots.free(session)] == [early.id]


def test_only_what_fits_is_offered(session: Session) -> None:
    centre, other = interviewing.centre(session), interviewing.centre(session, number=5021, zone="America/Vancouver")
    at = datetime.combine((now() + timedelta(days=9)).date(), time(17), UTC)  # noon in Toronto, or an hour later
    early = interviewing.slot(session, centre, at)
    sooner = interviewing.slot(session, other, at - timedelta(days=3))
    local = at.astimezone(ZoneInfo(centre.zone))
    misfits: list[dict[str, Any]] = [
        {"centre_ids": [other.id]},
        {"from_on": early.local_on + timedelta(days=1)},
        {"until_on": early.local_on - timedelta(days=1)},
        {"weekdays": [(local.weekday() + 1) % 7]},
        {"until_time": local.time()},
        {"from_time": (local + timedelta(minutes=1)).time()},
        {"modes": ["ferry"]},
        {"language": "fr"},
        {"notice_hours": 24 * 20},
    ]
    for number, wishes in enumerate(misfits):
        _waiting(session, since=100 - number, **wishes)
    _waiting(session, since=50, booked=sooner)  # has an earlier one
    stopped = _waiting(session, since=40)
    waiting_list.stop(session, stopped, by=stopped.application.account)
    place_id = session.scalar(select(Place.id).where(Place.slot_id == early.id))
    assert place_id is not None and offers.offer_place(session, place_id) is None
    fits = _waiting(
        session, since=1, centre_ids=[centre.id], from_on=early.local_on, until_on=early.local_on,
        weekdays=[local.weekday()], from_time=local.time(), modes=["land"],
    )  # fmt: skip
    offer = offers.offer_place(session, place_id)
    assert offer is not None and offer.interview_id == fits.id


def test_interviews_in_a_language_are_where_officers_of_both_agencies_speak_it(session: Session) -> None:
    centre = interviewing.centre(session)
    slot = interviewing.slot(session, centre, interviewing.soon(9))
    _waiting(session, language="fr")
    place_id = session.scalar(select(Place.id).where(Place.slot_id == slot.id))
    assert place_id is not None
    for agency in ("CA", "US"):
        assert offers.offer_place(session, place_id) is None
        officer = interviewing.officer(session, agency)
        officer.centre_id, officer.languages = centre.id, ["en", "fr"]
    assert offers.offer_place(session, place_id) is not None


def test_released_places_go_to_the_list_first_one_each(session: Session) -> None:
    centre = interviewing.centre(session)
    waiting = [_waiting(session, since=10 - number) for number in range(3)]
    made = [interviewing.slot(session, centre, interviewing.soon(9, hour)) for hour in (14, 15, 16, 17)]
    assert offers.offer_released(session, centre, made[0].local_on) == 3
    assert [(one.interview_id, one.slot_id) for one in _open(session)] == [
        (interview.id, slot.id) for interview, slot in zip(waiting, made, strict=False)
    ]
    assert [slot.id for slot in slots.free(session)] == [made[3].id]


def test_an_offer_is_nobody_elses_and_ends_with_the_application(session: Session) -> None:
    centre = interviewing.centre(session)
    slot = interviewing.slot(session, centre, interviewing.soon(9))
    first, stranger = _waiting(session), interviewing.applicant(session)
    place_id = session.scalar(select(Place.id).where(Place.slot_id == slot.id))
    assert place_id is not None
    offer = offers.offer_place(session, place_id)
    assert offer is not None
    with pytest.raises(NotFound):
        _take(session, stranger, offer)
    with pytest.raises(NotFound):
        _take(session, first, Offer(interview_id=first.id))
    interviews.let_go(session, first.application, by=SYSTEM)
    assert offer.state == "withdrawn" and [one.id for one in slots.free(session)] == [slot.id]


def test_a_place_held_by_choice_and_an_offered_one_stand_side_by_side(session: Session) -> None:
    centre = interviewing.centre(session)
    early, mine = (interviewing.slot(session, centre, interviewing.soon(days)) for days in (5, 6))
    interview = _waiting(session)
    place_id = session.scalar(select(Place.id).where(Place.slot_id == early.id))
    assert place_id is not None
    offer = offers.offer_place(session, place_id)
    assert offer is not None
    interviews.hold(session, interview, centre, mine.starts_at, by=interview.application.account)
    _take(session, interview, offer)
    place = interviews.booked_place(session, interviews.current_part(interview))
    assert place is not None and place.slot_id == early.id


@pytest.mark.parametrize(
    ("at", "starts_in", "until"),
    [
        ("2027-03-01T10:00", 24, "2027-03-01T10:30"),  # within two days: half an hour
        ("2027-03-01T08:00", 240, "2027-03-01T20:00"),  # else twelve hours
        ("2027-03-01T12:00", 240, "2027-03-02T08:00"),  # not at midnight
        ("2027-03-01T21:45", 40, "2027-03-02T08:00"),
        ("2027-03-01T03:00", 40, "2027-03-01T08:00"),
        ("2027-03-13T20:30", 400, "2027-03-14T09:30"),  # the night in which clocks go forward: twelve true hours
        ("2027-03-01T21:45", 11, None),  # it would end less than two hours before the interview
    ],
)
def test_an_offer_lasts_as_the_rulings_say_and_never_ends_at_night(at: str, starts_in: int, until: str | None) -> None:
    zone = ZoneInfo("America/Toronto")
    moment = datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)
    found = offer_until(moment, moment + timedelta(hours=starts_in), str(zone), RULE)
    assert (found and found.astimezone(zone).replace(tzinfo=None)) == (until and datetime.fromisoformat(until))


def test_several_workers_offer_each_place_to_one_person_and_each_person_one_place(
    database: Database, worker_database: Database
) -> None:
    with database.transaction() as session:
        centre = interviewing.centre(session)
        made = [interviewing.slot(session, centre, interviewing.soon(9, hour)) for hour in range(12, 20)]
        for number in range(6):
            _waiting(session, since=number)
        wanted = list(session.scalars(select(Place.id).where(Place.slot_id.in_([slot.id for slot in made]))))
    together = threading.Barrier(4)

    def work(_number: int) -> None:
        together.wait()
        for place_id in wanted:
            with worker_database.transaction() as session:
                offers.offer_place(session, place_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with database.transaction() as session:
        counts = select(
            func.count(Offer.id), func.count(Offer.place_id.distinct()), func.count(Offer.interview_id.distinct())
        )
        assert tuple(session.execute(counts).one()) == (6, 6, 6)
        places.sweep(session, now=now())
        assert session.scalar(select(func.count(Place.hold_id))) == 6


def test_asking_a_hundred_times_as_often_gains_nothing(session: Session) -> None:
    centre = interviewing.centre(session)
    people = [_waiting(session, since=20 - number) for number in range(10)]
    robot = people[-1]
    for _time in range(100):
        waiting_list.join(session, robot, ANY, by=robot.application.account)
    made = [interviewing.slot(session, centre, interviewing.soon(9, hour)) for hour in range(12, 21)]
    for slot in made:
        waiting_list.join(session, robot, ANY, by=robot.application.account)
        place_id = session.scalar(select(Place.id).where(Place.slot_id == slot.id))
        assert place_id is not None and offers.offer_place(session, place_id) is not None
    assert [offer.interview_id for offer in _open(session)] == [person.id for person in people[:9]]


# Families


def _family(
    session: Session, people: int, *, since: int = 0, booked: Slot | None = None, **wishes: Any
) -> list[Interview]:
    """People of one account who wait together, the parent first."""
    made = [interviewing.applicant(session) for _number in range(people)]
    account = made[0].application.account
    for number, interview in enumerate(made):
        interview.application.conditionally_approved_at = now() - timedelta(days=since)
        if number:
            interview.application.account = account
        if booked is not None:
            interviews.hold(session, interview, booked.centre, booked.starts_at, by=account)
            interviews.confirm(session, interview, by=account)
    waiting_list.join_together(session, made, ANY | wishes, by=account)
    return made


def _places_of(session: Session, family: list[Interview]) -> list[Slot | None]:
    found = [interviews.booked_place(session, interviews.current_part(one)) for one in family]
    return [place.slot if place else None for place in found]


def _consecutive(session: Session, centre: Any, count: int, days: int = 9) -> list[Slot]:
    begin = interviewing.soon(days)
    return [interviewing.slot(session, centre, begin + timedelta(minutes=15 * number)) for number in range(count)]


def test_a_family_is_offered_consecutive_places_and_takes_all_of_them_at_once(session: Session) -> None:
    centre = interviewing.centre(session)
    far = interviewing.slot(session, centre, interviewing.soon(60), desks=3)
    family = _family(session, 3, booked=far)
    made = _consecutive(session, centre, 2)
    assert offers.offer_released(session, centre, made[0].local_on) == 0  # two are not enough
    last = interviewing.slot(session, centre, made[1].starts_at + timedelta(minutes=15))
    place_id = session.scalar(select(Place.id).where(Place.slot_id == last.id))
    assert place_id is not None
    lead = offers.offer_place(session, place_id)
    assert lead is not None and len(_open(session)) == 3 and slots.free(session) == []
    assert _places_of(session, family) == [far, far, far]
    message = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "place_offered")).one()
    assert message.facts["people"] == 3
    reference = _take(session, family[0], lead)
    assert _take(session, family[0], lead) == reference  # pressed twice
    session.expire_all()
    now_booked = _places_of(session, family)
    assert now_booked[0] == made[0] and set(now_booked) == {*made, last}
    assert {offer.state for offer in session.scalars(select(Offer))} == {"accepted"}
    assert [one.id for one in slots.free(session)] == [far.id]  # the three old places are free again


@pytest.mark.parametrize("end", ["declined", "lapsed", "left"])
def test_what_a_family_does_not_take_goes_on_as_a_whole_and_never_back(session: Session, end: str) -> None:
    centre = interviewing.centre(session)
    family, single = _family(session, 3, since=20), _waiting(session, since=10)
    made = _consecutive(session, centre, 3)
    offers.offer_released(session, centre, made[0].local_on)
    lead = next(offer for offer in _open(session) if offer.party_id == offer.id)
    assert len(_open(session)) == 3
    moment, by = now(), family[0].application.account
    if end == "declined":
        waiting_list.decline(session, lead, by=by)
    elif end == "left":
        waiting_list.stop(session, family[1], by=by)
    else:
        moment = lead.until + timedelta(seconds=1)
        with telling(moment):
            assert offers.settle_expired(session) == 1
    with telling(moment):
        (offer,) = _open(session)
        assert offer.interview_id == single.id
        assert len(slots.free(session)) == 2
        assert offers.offer_released(session, centre, made[0].local_on) == 0
        waiting_list.decline(session, offer, by=single.application.account)
        offers.offer_released(session, centre, made[0].local_on)
        assert {one.interview_id for one in _open(session)} <= {single.id}  # never the same twice
        with pytest.raises(RuleViolation):
            _take(session, family[0], lead)


def test_a_family_waits_its_turn_and_a_lost_place_moves_nobody(session: Session) -> None:
    centre = interviewing.centre(session)
    single, family = _waiting(session, since=30), _family(session, 2, since=20)
    made = _consecutive(session, centre, 3)
    assert offers.offer_released(session, centre, made[0].local_on) == 2
    first, *others = sorted(_open(session), key=lambda one: one.place.starts_at)
    assert first.interview_id == single.id and [one.slot_id for one in others] == [slot.id for slot in made[1:]]
    held = session.get_one(Place, others[1].place_id)
    held.hold_id, held.held_until = None, None
    session.flush()
    with pytest.raises(RuleViolation):
        _take(session, family[0], others[0])
    assert _places_of(session, family) == [None, None]


def test_several_workers_never_give_a_family_and_others_the_same_place(
    database: Database, worker_database: Database
) -> None:
    with database.transaction() as session:
        centre = interviewing.centre(session)
        made = _consecutive(session, centre, 8)
        for number in range(2):
            _family(session, 3, since=number)
        for number in range(2):
            _waiting(session, since=number)
        wanted = list(session.scalars(select(Place.id).where(Place.slot_id.in_([slot.id for slot in made]))))
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for place_id in wanted[number:] + wanted[:number]:
            with worker_database.transaction() as session:
                offers.offer_place(session, place_id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with database.transaction() as session:
        offered = list(session.scalars(select(Offer)))
        assert len({one.place_id for one in offered}) == len(offered) == len({one.interview_id for one in offered})
        sizes = [sum(one.party_id == lead for one in offered) for lead in {one.party_id for one in offered} - {None}]
        assert all(size == 3 for size in sizes)  # never a part of a family
