"""Holidays of both countries: the federal days as published, observed days, a province's own, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from portal.domain import public_holidays
from portal.domain.centre_facts import CENTRES
from portal.i18n import speaking

AMERICAN_2027 = {
    date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15), date(2027, 5, 31), date(2027, 6, 18), date(2027, 7, 5),
    date(2027, 9, 6), date(2027, 10, 11), date(2027, 11, 11), date(2027, 11, 25), date(2027, 12, 24),
    date(2027, 12, 31),
}  # fmt: skip
"""As the Office of Personnel Management publishes them: of a day at a weekend, the weekday on which it is observed."""
CANADIAN_2027 = {
    date(2027, 1, 1), date(2027, 3, 26), date(2027, 5, 24), date(2027, 7, 1), date(2027, 9, 6), date(2027, 9, 30),
    date(2027, 10, 11), date(2027, 11, 11), date(2027, 12, 27), date(2027, 12, 28),
}  # fmt: skip
"""As the Canada Labour Code names them (section 166), Boxing Day with them, moved from a weekend."""


@pytest.mark.parametrize(("code", "published"), [("US", AMERICAN_2027), ("CA", CANADIAN_2027)])
def test_the_federal_days_are_those_that_are_published(code: str, published: set[date]) -> None:
    weekdays = {day for day in public_holidays.in_year([code], 2027) if day.weekday() < 5}
    assert weekdays == published


def test_a_day_at_a_weekend_is_observed_on_a_weekday() -> None:
    assert public_holidays.is_one(["CA"], date(2029, 7, 2)) and not public_holidays.is_one(["US"], date(2029, 7, 2))
    assert public_holidays.is_one(["US"], date(2026, 7, 3)) and not public_holidays.is_one(["CA"], date(2026, 7, 3))


def test_a_province_adds_its_own_and_an_unknown_list_is_refused() -> None:
    day = date(2027, 6, 24)
    assert public_holidays.is_one(["CA", "CA-QC"], day) and not public_holidays.is_one(["CA"], day)
    for wrong in ("CA-XX", "FR", ""):
        with pytest.raises(LookupError):
            public_holidays.in_year([wrong], 2027)


def test_names_are_in_the_language_spoken_and_each_said_once() -> None:
    with speaking("en"):
        names = public_holidays.in_year(["CA", "US"], 2027)
        assert names[date(2027, 1, 1)] == "New Year’s Day"
        assert names[date(2027, 10, 11)] == "Thanksgiving Day / Columbus Day"
        assert names[date(2027, 7, 5)] == "Independence Day (observed)"
    with speaking("fr"):
        names = public_holidays.in_year(["CA", "US"], 2027)
        assert names[date(2027, 1, 1)] == "Jour de l’an"
        assert names[date(2027, 7, 5)] == "Jour de l’Indépendance (congé reporté)"
        assert names[date(2027, 12, 28)] == "Lendemain de Noël (congé reporté)"
        english = [name for name in names.values() if "Day" in name]
        assert not english


def test_every_centre_keeps_the_days_of_those_who_sit_there() -> None:
    lists = {facts.number: facts.holiday_lists for facts in CENTRES}
    assert lists[5020] == ("CA", "US") and lists[5022] == ("CA", "US")  # at one desk; on two sides of a bridge
    assert lists[5025] == ("CA",) and lists[5028] == ("CA", "CA-QC")  # airports
    for kept in lists.values():
        public_holidays.in_year(kept, 2027)
