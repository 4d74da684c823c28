"""Working days between two days."""

from __future__ import annotations

from datetime import date

import pytest

from portal.domain.working_days import working_days

FRIDAY = date(2027, 2, 5)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (FRIDAY, FRIDAY, 0),
        (FRIDAY, date(2027, 2, 6), 0),
        (FRIDAY, date(2027, 2, 7), 0),
        (FRIDAY, date(2027, 2, 8), 1),
        (FRIDAY, date(2027, 2, 12), 5),
        (FRIDAY, date(2027, 2, 22), 11),
        (date(2027, 2, 6), date(2027, 2, 8), 1),
        (FRIDAY, date(2027, 2, 1), 0),
    ],
)
def test_weekends_do_not_count(first: date, last: date, days: int) -> None:
    assert working_days(first, last) == days
