"""The rules of memberships: how long one lasts, and what its number looks like."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date

PREFIX = "00"
"""No real programme's number begins with 00 (domain facts, section 7)."""


def valid_until(born: date, issued: date, *, years: int, until: str = "birthday") -> date:
    """The last day of a membership that is issued on `issued` (domain facts, section 7).

    `until` says the rule: "birthday", the first one after so many full years (whoever is issued on a birthday has
    another year), or "issue", the years alone. 29 February counts as 28 February.
    """
    full = _in_year(issued, issued.year + years)
    if until == "issue":
        return full
    birthday = _in_year(born, full.year)
    return birthday if birthday > full else _in_year(born, full.year + 1)


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def new_number(draw: Callable[[int], int] = secrets.randbelow) -> str:
    """A random number of nine digits. The database says whether it is taken."""
    return f"{PREFIX}{draw(10_000_000):07d}"
