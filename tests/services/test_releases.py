"""Releases: which day each rule releases, at the centre's own hour, also when clocks change, made once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import telling, today
from portal.db import Database
from portal.domain import releases as domain
from portal.domain.errors import RuleViolation
from portal.domain.releases import MONTHLY, ROLLING, WEEKLY, Release
from portal.i18n import speaking
from portal.jobs.interviews import release_times
from portal.models import EnrolmentCentre, Offer, Slot
from portal.services import capacity, releases, slots, waiting_list
from tests import interviewing

TORONTO = "America/Toronto"
DEFAULT = Release(MONTHLY, time(9), 180, 0, 1)
SUNDAYS = Release(WEEKLY, time(2, 30), 30, 6)
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


def _there(day: date, at: time, zone: str = TORONTO) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("rule", "day"),
    [
        (DEFAULT, date(2027, 2, 1)),
        (Release(MONTHLY, time(9), 90, 4, 4), date(2027, 1, 22)),
        (Release(WEEKLY, time(18, 30), 60, 2), date(2027, 1, 6)),
        (Release(ROLLING, time(0), 60), date(2027, 1, 6)),
    ],
)
def test_a_rule_releases_on_its_day_at_its_hour_there(rule: Release, day: date) -> None:
    before = _there(date(2027, 1, 5), time(12))
    assert domain.following([rule], before, TORONTO) == (rule, day)
    due = domain.moment_on(day, rule.at, TORONTO)
    last = domain.latest([rule], due - timedelta(seconds=1), TORONTO)
    assert last is not None and last[1] < day
    assert domain.latest([rule], due, TORONTO) == (rule, day)
    assert domain.following([rule], due, TORONTO)[1] > day


@pytest.mark.parametrize("zone", ["America/Halifax", TORONTO, "America/Vancouver"])
def test_no_release_is_left_out_or_made_twice_when_clocks_change(zone: str) -> None:
    in_spring, in_autumn = (domain.moment_on(day, time(2, 30), zone) for day in (SPRING, AUTUMN))
    assert in_spring.astimezone(ZoneInfo(zone)).time() == time(3, 30)  # 2:30 does not exist
    twice = domain.moment_on(AUTUMN, time(1, 30), zone)
    assert twice == _there(AUTUMN, time(1, 30), zone) and in_autumn - twice == timedelta(hours=2)
    assert domain.latest([SUNDAYS], in_spring, zone) == (SUNDAYS, SPRING)
    assert domain.following([SUNDAYS], in_spring, zone) == (SUNDAYS, SPRING + timedelta(days=7))
    again = Release(WEEKLY, time(1, 30), 30, 6)
    assert domain.following([again], twice + timedelta(hours=1), zone)[1] == AUTUMN + timedelta(days=7)


def test_a_rule_holds_from_its_day_on_and_the_one_before_until_then() -> None:
    weekly = Release(WEEKLY, time(9), 365, 0, valid_from=date(2027, 1, 13))
    rules = [DEFAULT, weekly]
    monday = _there(date(2027, 1, 13), time(12))
    assert domain.latest(rules, monday, TORONTO) == (DEFAULT, date(2027, 1, 4))  # the weekly one has released nothing
    assert domain.following(rules, monday, TORONTO) == (weekly, date(2027, 1, 18))
    assert domain.following(rules, _there(date(2027, 1, 5), time(0)), TORONTO) == (weekly, date(2027, 1, 18))


def test_rules_are_told_in_words() -> None:
    with speaking("en"):
        assert domain.in_words(DEFAULT) == "on the first Monday of each month at 9:00\u00a0am"
        assert domain.in_words(Release(ROLLING, time(0), 60)) == "every day at 12:00\u00a0am"
    with speaking("fr"):
        assert domain.in_words(DEFAULT) == "le premier lundi de chaque mois à 9\u00a0h"
        assert domain.in_words(SUNDAYS) == "chaque dimanche à 2\u00a0h\u00a030"


def _open(session: Session) -> EnrolmentCentre:
    centre = interviewing.centre(session)
    session.add_all(interviewing.rule(centre, weekday, time(9), time(10)) for weekday in range(7))
    session.flush()
    return centre


def _last(session: Session, centre: EnrolmentCentre) -> date | None:
    return session.scalar(select(func.max(Slot.local_on)).where(Slot.centre_id == centre.id))


def test_times_come_out_at_the_hour_once_and_go_to_the_waiting_list_first(database: Database) -> None:
    monday = date(2027, 3, 1)
    with telling(_there(monday, time(8, 59))), database.transaction() as session:
        centre = _open(session)
        slots.generate(session, [centre])
        before = _last(session, centre)
        interview, by = interviewing.applicant(session), interviewing.account(session)
        waiting_list.join(session, interview, {"from_on": date(2027, 8, 20)}, by=by)
    assert before == date(2027, 2, 1) + timedelta(days=180)
    with telling(_there(monday, time(8, 59))):
        release_times(database)
    with database.transaction() as session:
        assert _last(session, centre) == before
    with telling(_there(monday, time(9))):
        release_times(database)
        with database.transaction() as session:
            made = session.scalar(select(func.count(Slot.id)))
            assert _last(session, centre) == monday + timedelta(days=180)
            (offer,) = session.scalars(select(Offer))
            assert session.get_one(Slot, offer.slot_id).local_on == date(2027, 8, 20)
        release_times(database)
        with database.transaction() as session:
            assert session.scalar(select(func.count(Slot.id))) == made


def test_a_new_rule_is_announced_and_takes_effect_on_its_day(session: Session) -> None:
    centre, by = _open(session), interviewing.officer(session, "CA", roles=["supervisor"])
    slots.generate(session, [centre])
    out = centre.released_until
    assert out is not None
    daily = Release(ROLLING, time(6), 300, valid_from=today() + timedelta(days=1))
    with pytest.raises(RuleViolation):
        releases.change(session, centre, Release(ROLLING, time(6), 300, valid_from=today()), by=by)
    releases.change(session, centre, Release(ROLLING, time(7), 200, valid_from=daily.valid_from), by=by)
    releases.change(session, centre, daily, by=by)
    told = releases.announced(session, [centre])[centre.id]
    assert (told.next_on, told.until) == (daily.valid_from, out)
    assert told.next_until == daily.valid_from + timedelta(days=300)
    assert not releases.due(session, [centre])
    with telling(told.next_at):
        assert releases.due(session, [centre]) == {centre.id: told.next_until}
        slots.generate(session, [centre])
        assert not releases.due(session, [centre])
    shorter = Release(ROLLING, time(6), 30, valid_from=daily.valid_from + timedelta(days=5))
    releases.change(session, centre, shorter, by=by)
    with telling(told.next_at + timedelta(days=6)):  # what is out stays out
        slots.generate(session, [centre])
    assert centre.released_until == told.next_until


def test_nothing_is_released_on_a_holiday_unless_a_day_is_added(session: Session) -> None:
    centre, by = _open(session), interviewing.officer(session, "CA", roles=["supervisor"])
    independence, canada = date(2027, 7, 5), date(2027, 7, 1)  # the first as observed: the fourth is a Sunday
    with telling(_there(date(2027, 6, 24), time(12))):
        capacity.keep_holidays(session, centre, ["CA", "US"], by=by)
        slots.generate(session, [centre], days=30)
        days = set(session.scalars(select(Slot.local_on)))
        assert not {independence, canada} & days and date(2027, 7, 2) in days
        assert [one.day for one in capacity.holidays(centre)][:3] == [canada, date(2027, 7, 4), independence]
        assert capacity.add_day(session, centre, independence, time(9), time(10), desks=1, by=by) == 4
        (named,) = [week for week in capacity.weeks(session, centre) if week.monday == independence]
        assert named.days[0] is not None and named.holidays[0] is not None
        with pytest.raises(LookupError):
            capacity.keep_holidays(session, centre, ["XX"], by=by)


def test_each_country_keeps_its_own_days(session: Session) -> None:
    both, canadian = _open(session), interviewing.centre(session, number=5025)
    session.add_all(interviewing.rule(canadian, weekday, time(9), time(10)) for weekday in range(7))
    both.holiday_lists, canadian.holiday_lists = ["CA", "US"], ["CA"]
    with telling(_there(date(2027, 6, 24), time(12))):
        slots.generate(session, [both, canadian], days=30)
    on = select(func.count()).where(Slot.local_on == date(2027, 7, 5))
    assert session.scalar(on.where(Slot.centre_id == both.id)) == 0
    assert session.scalar(on.where(Slot.centre_id == canadian.id)) == 4
