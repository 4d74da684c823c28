"""How long a membership lasts, and its number."""

from __future__ import annotations

import re
from datetime import date

import pytest

from portal.domain.memberships import new_number, valid_until


@pytest.mark.parametrize(
    ("born", "issued", "until"),
    [
        ("1990-05-17", "2027-02-02", "2032-05-17"),
        ("1990-05-17", "2027-06-01", "2033-05-17"),
        ("1990-05-17", "2027-05-16", "2032-05-17"),
        ("1990-05-17", "2027-05-17", "2033-05-17"),
        ("1988-02-29", "2027-02-01", "2032-02-28"),
        ("1988-02-29", "2027-02-28", "2033-02-28"),
        ("1988-02-29", "2026-12-31", "2032-02-28"),
        ("1990-02-28", "2028-02-29", "2034-02-28"),
        ("1990-03-01", "2028-02-29", "2033-03-01"),
        ("1990-12-31", "2027-12-30", "2032-12-31"),
    ],
)
def test_it_lasts_to_the_birthday_that_follows_five_years(born: str, issued: str, until: str) -> None:
    dates = (date.fromisoformat(day) for day in (born, issued))
    assert valid_until(*dates, years=5) == date.fromisoformat(until)


def test_by_the_regulation_it_lasts_five_years() -> None:
    assert valid_until(date(1990, 5, 17), date(2028, 2, 29), years=5, until="issue") == date(2033, 2, 28)


def test_the_number_has_nine_digits_and_a_prefix_of_its_own() -> None:
    assert new_number(lambda _below: 42) == "000000042"
    assert all(re.fullmatch(r"00\d{7}", new_number()) for _ in range(1000))
