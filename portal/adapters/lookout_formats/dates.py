"""Dates of birth as lists write them, made into days ("1975-04-12") and years ("1975")."""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime

MOST_YEARS = 20
"""A span of more years than this says nothing about anybody."""
FIRST_YEAR = 1850
ABOUT = re.compile(r"^(circa|about|approximately|approx\.?|c\.)\s*", re.IGNORECASE)
SPAN = re.compile(r"(?P<first>.*?\d{4})\s*(?:to|-|–|and)\s*(?P<last>.*\d{4})", re.IGNORECASE)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
DAYS = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y")
"""None with slashes: nobody can say which of the first two numbers is the month."""
MONTHS = ("%b %Y", "%B %Y")


def read(text: str) -> list[str]:
    """A day, a year, or the years of a span; about a day, and a month, are their year. Raises ValueError."""
    bare = ABOUT.sub("", text.strip())
    is_about = bare != text.strip()
    try:
        return [_year(bare) if is_about else _day(bare)]
    except ValueError:
        return _span(bare, text)


def _span(bare: str, text: str) -> list[str]:
    found = SPAN.fullmatch(bare)
    if found is None:
        raise ValueError(text)
    first, last = (int(_year(ABOUT.sub("", found[end]))) for end in ("first", "last"))
    if not 0 <= last - first < MOST_YEARS:
        raise ValueError(text)
    return [str(year) for year in range(first, last + 1)]


def _day(text: str) -> str:
    if (day := _parsed(text, DAYS)) is not None:
        return day.isoformat()
    return _year(text)


def _year(text: str) -> str:
    if re.fullmatch(r"\d{4}", text):
        return str(_possible(int(text), text))
    day = _parsed(text, DAYS + MONTHS)
    if day is None:
        raise ValueError(text)
    return str(day.year)


def _parsed(text: str, patterns: tuple[str, ...]) -> date | None:
    if ISO.fullmatch(text):
        return _checked(date.fromisoformat(text), text)
    for pattern in patterns:
        with contextlib.suppress(ValueError):
            return _checked(_strptime(text, pattern), text)
    return None


def _checked(day: date, text: str) -> date:
    _possible(day.year, text)
    return day


def _strptime(text: str, pattern: str) -> date:
    return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone


def _possible(year: int, text: str) -> int:
    if not FIRST_YEAR <= year <= 2100:
        raise ValueError(text)
    return year
