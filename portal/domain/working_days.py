"""Working days, in which the agencies count how old an application is: Monday to Friday."""

from __future__ import annotations

from datetime import date, timedelta


def working_days(first: date, last: date) -> int:
    """How many working days passed from `first` to `last`; 0 on the first day itself, and where `last` is earlier."""
    weeks, rest = divmod(max((last - first).days, 0), 7)
    return weeks * 5 + sum((first + timedelta(days=step)).weekday() < 5 for step in range(1, rest + 1))
