"""The rules of interviews: slots by a centre's own clock on the days when clocks change, and missed interviews."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from portal.domain.centre_facts import CENTRES
from portal.domain.interview_models import attendance, fits, lacking, parts_of
from portal.domain.interviews import (
    Opening,
    action_after_missing,
    bring_list,
    can_be_recorded,
    is_past,
    moments_of,
    slot_starts,
)
from portal.i18n import speaking

SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)
ZONES = sorted({centre.zone for centre in CENTRES})
NIGHT = Opening(time(0), time(5), 15)
DAY = Opening(time(9), time(16), 15)


def test_the_centres_lie_in_nine_zones() -> None:
    assert len(ZONES) == 9


@pytest.mark.parametrize("zone", ZONES)
def test_a_slot_that_the_clock_jumps_over_does_not_exist(zone: str) -> None:
    starts = slot_starts(SPRING, NIGHT, zone)
    walls = [start.astimezone(ZoneInfo(zone)).time() for start in starts]
    assert moments_of(SPRING, time(2, 30), zone) == []
    assert len(starts) == 16
    assert not [wall for wall in walls if wall.hour == 2]
    assert [b - a for a, b in pairwise(starts)] == [starts[1] - starts[0]] * 15


@pytest.mark.parametrize("zone", ZONES)
def test_a_time_that_the_clock_shows_twice_is_two_slots(zone: str) -> None:
    starts = slot_starts(AUTUMN, NIGHT, zone)
    assert len(moments_of(AUTUMN, time(1, 30), zone)) == 2
    assert len(starts) == len(set(starts)) == 24
    assert (starts[-1] - starts[0]).total_seconds() == 23 * 15 * 60


@pytest.mark.parametrize("zone", ZONES)
def test_the_first_slot_stays_at_nine_by_the_centres_clock(zone: str) -> None:
    for change in (SPRING, AUTUMN):
        for day in (date.fromordinal(change.toordinal() + step) for step in (-1, 0, 1)):
            starts = slot_starts(day, DAY, zone)
            assert starts[0].astimezone(ZoneInfo(zone)) == datetime.combine(day, time(9), ZoneInfo(zone))
            assert len(starts) == 28


def test_a_slot_ends_by_closing_time() -> None:
    assert len(slot_starts(date(2027, 6, 1), Opening(time(9), time(9, 40), 15), "America/Halifax")) == 2


@pytest.mark.parametrize(("before", "action"), [(0, "miss"), (1, "miss_again"), (2, "miss_again")])
def test_one_missed_interview_may_be_repeated(before: int, action: str) -> None:
    assert action_after_missing(before, repeats=1) == action


@pytest.mark.parametrize(
    ("came", "joint"),
    [
        ({}, None),
        ({"CA": True}, None),
        ({"CA": True, "US": False}, None),
        ({"CA": True, "US": True}, True),
        ({"CA": False, "US": False}, False),
    ],
)
def test_both_agencies_together_say_who_came(came: dict[str, bool], joint: bool | None) -> None:
    assert attendance("both", came) is joint


@pytest.mark.parametrize(
    ("model", "needed", "first", "parts"),
    [
        ("joint", "both", "CA", [("both", "booked")]),
        ("joint", "US", "CA", [("US", "booked")]),
        ("split", "both", "US", [("US", "booked"), ("CA", "booked")]),
        ("two_step", "both", "CA", [("CA", "booked"), ("US", "walk_up")]),
        ("two_step", "CA", "CA", [("CA", "booked")]),
    ],
)
def test_an_interview_has_the_parts_of_its_centre(
    model: str, needed: str, first: str, parts: list[tuple[str, str]]
) -> None:
    assert [(one.agency, one.attendance) for one in parts_of(model, needed, first)] == parts


def test_half_of_a_split_interview_is_never_booked_alone() -> None:
    assert [fits(model, "US") for model in ("joint", "split", "two_step")] == [True, False, False]
    assert [fits(model, "CA") for model in ("joint", "split", "two_step")] == [True, False, True]
    assert all(fits(model, "both") for model in ("joint", "split", "two_step"))


@pytest.mark.parametrize(
    ("done", "left"), [([], "both"), (["CA"], "US"), (["US"], "CA"), (["both"], None), (["US", "CA"], None)]
)
def test_what_is_lacking_is_what_no_part_was_done_with(done: list[str], left: str | None) -> None:
    assert lacking(done) == left


def test_an_interview_is_recorded_from_its_day_on() -> None:
    day = date(2027, 6, 1)
    assert can_be_recorded(day, day, early=False)
    assert not can_be_recorded(day, date(2027, 5, 31), early=False)
    assert can_be_recorded(day, date(2027, 5, 31), early=True)


def test_the_last_day_is_still_in_time() -> None:
    assert not is_past(date(2027, 6, 1), date(2027, 6, 1))
    assert is_past(date(2027, 6, 1), date(2027, 6, 2))
    assert not is_past(None, date(2027, 6, 2))


def test_what_to_bring_depends_on_status_and_age() -> None:
    with speaking("en"):
        adult, child = ([str(item) for item in bring_list("resident_ca", is_minor=minor)] for minor in (False, True))
    assert "Your permanent resident card" in adult and "The child’s birth certificate" not in adult
    assert "The child’s birth certificate" in child and "Your driver’s licence, if you have one" not in child
