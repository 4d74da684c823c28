"""Dates of birth for a whole list at once: which names have a date that may be a person's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from portal.screening.evidence import NEAR_YEARS

FAR, NEAR, SAME_YEAR, UNKNOWN, YEAR, EXACT = range(6)
"""How a date goes with another, the better the higher. EXACT: the same, day and month exchanged, or one digit off."""
CODES = {
    NEAR: ("birth_near",),
    SAME_YEAR: ("birth_same_year",),
    UNKNOWN: ("birth_unknown",),
    YEAR: ("birth_year",),
    EXACT: ("birth_same", "birth_swapped", "birth_slip"),
}
FIRST_YEAR, LAST_YEAR = 1890, 2040
ROWS = LAST_YEAR - FIRST_YEAR + 2
"""A row for each year and a last one for a person without a date."""
Days = NDArray[np.uint32]
"""Full dates, a digit in every four bits: 0x19751231."""
NO_DAY, NOBODYS_DAY = 0xFFFFFFFF, 0xEEEEEEEE
"""Unlike every date, and unlike each other."""
ONE_OF_FOUR = np.uint32(0x11111111)
NEIGHBOURS = (0, 2, 4, 5, 6)
"""The places of digits that may be exchanged with the next one: of the day, the month, the year."""


def row_of(year: int | None) -> int:
    """The row of a year."""
    return ROWS - 1 if year is None else min(max(year, FIRST_YEAR), LAST_YEAR) - FIRST_YEAR


def digits(day: str) -> int:
    """A full date with a digit in every four bits."""
    return int(day.replace("-", ""), 16)


def of_year(years: set[int], open_years: set[int]) -> NDArray[np.uint8]:
    """For each row, how its year goes with dates of these years; `open_years` are those without a day."""
    row = np.zeros(ROWS, np.uint8)
    if not years:
        row[:] = UNKNOWN
    for at in map(row_of, years):
        near = slice(max(at - NEAR_YEARS, 0), min(at + NEAR_YEARS + 1, ROWS - 1))
        row[near] = np.maximum(row[near], NEAR)
    for year in years:
        row[row_of(year)] = max(row[row_of(year)], YEAR if year in open_years else SAME_YEAR)
    row[ROWS - 1] = UNKNOWN
    return row


def of_dates(dates: tuple[str, ...]) -> NDArray[np.uint8]:
    """For each row, how its year goes with a list's dates; the first of January stands for a year."""
    return of_year({int(day[:4]) for day in dates}, {int(day[:4]) for day in dates if is_open(day)})


def is_open(day: str) -> bool:
    """Whether only the year says anything."""
    return len(day) < 10 or day.endswith("-01-01")


def years_of(dates: Sequence[tuple[str, ...]]) -> NDArray[np.uint8]:
    """A row for each year that says of each of a list's entries how it goes with its dates."""
    table = np.zeros((ROWS, len(dates)), np.uint8)
    rows: dict[tuple[str, ...], NDArray[np.uint8]] = {}
    for entry, known in enumerate(dates):
        if known not in rows:
            rows[known] = of_dates(known)
        table[:, entry] = rows[known]
    return table


def days_of(dates: Sequence[tuple[str, ...]]) -> Days:
    """The full dates of each entry, a row for the first of each, one for the second and so on; without, `NO_DAY`."""
    full = [[digits(day) for day in dict.fromkeys(known) if len(day) == 10] for known in dates]
    days = np.full((max(map(len, full), default=0), len(dates)), NO_DAY, np.uint32)
    for entry, known in enumerate(full):
        days[: len(known), entry] = known
    return days


def of_people(born: Sequence[date | None]) -> tuple[NDArray[np.int64], Days, NDArray[np.bool_]]:
    """Of each person the row of the year, the day, and whether it is one that may stand for the year only."""
    days = ["" if day is None else day.isoformat() for day in born]
    return (
        np.array([row_of(day.year if day else None) for day in born], np.int64),
        np.array([digits(day) if day else NOBODYS_DAY for day in days], np.uint32),
        np.array([day.endswith("-01-01") for day in days], np.bool_),
    )


def exact(ours: Days, theirs: Days) -> NDArray[np.intp]:
    """Where the dates are the same but for one digit, two neighbours exchanged, or day and month."""
    other = ours ^ theirs
    other |= other >> np.uint32(2)
    other |= other >> np.uint32(1)
    other &= ONE_OF_FOUR  # the digits that differ
    more = other & (other - np.uint32(1))  # all of them but the last
    more &= more - np.uint32(1)  # all of them but the last two
    swapped = (ours & np.uint32(0xFFFF0000)) | ((ours & np.uint32(0xFF)) << np.uint32(8))
    swapped |= (ours >> np.uint32(8)) & np.uint32(0xFF)
    found: NDArray[np.intp] = np.flatnonzero((more == 0) | (swapped == theirs))
    kept = _is_exact(ours[found], theirs[found], swapped[found])
    return found[kept]


def _is_exact(ours: Days, theirs: Days, swapped: Days) -> NDArray[np.bool_]:
    """The same of few, of whom no more than two digits differ."""
    same: NDArray[np.bool_] = swapped == theirs
    differ = np.zeros(len(ours), np.uint8)
    for place in range(8):
        differ += ((ours ^ theirs) >> np.uint32(4 * place)) & np.uint32(15) != 0
    same |= differ < 2
    for place in NEIGHBOURS:
        low, high = np.uint32(4 * place), np.uint32(4 * place + 4)
        both = ((ours >> low) ^ (ours >> high)) & np.uint32(15)
        same |= theirs == ours ^ ((both << low) | (both << high))
    return same
