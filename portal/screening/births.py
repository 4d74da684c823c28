"""Dates of birth for a whole list at once: which names have a date that may be a person's."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from portal.screening.evidence import NEAR_YEARS
from portal.screening.name_index import ByNumber, Numbers

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
PLACES = np.arange(8)
OFFSETS = (np.arange(10)[None, None, :] - np.arange(10)[None, :, None]) * 10 ** PLACES[:, None, None]
"""By place and digit, what changes the digit to each of the ten."""


def row_of(year: int | None) -> int:
    """The row of a year."""
    return ROWS - 1 if year is None else min(max(year, FIRST_YEAR), LAST_YEAR) - FIRST_YEAR


def number_of(day: str) -> int:
    """A full date as a number: 19751231."""
    return int(day.replace("-", ""))


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


def tables(dates: list[tuple[str, ...]], owners: Numbers) -> tuple[NDArray[np.uint8], ByNumber]:
    """A row for each year that says of each name how it goes with its dates; and the names by their full dates."""
    table = np.zeros((ROWS, len(dates)), np.uint8)
    full = [{number_of(day) for day in known if len(day) == 10} for known in dates]
    rows: dict[tuple[str, ...], NDArray[np.uint8]] = {}
    for entry, known in enumerate(dates):
        if known not in rows:
            rows[known] = of_dates(known)
        table[:, entry] = rows[known]
    sought, names = array("I"), array("i")
    for name, owner in enumerate(owners.tolist()):
        for day in full[owner]:
            sought.append(day)
            names.append(name)
    return np.ascontiguousarray(table[:, owners]), ByNumber.of(sought, names)


@lru_cache(maxsize=10_000)
def exact(day: str) -> NDArray[np.uint32]:
    """The dates, as numbers, that are `day` but for one digit or two neighbours exchanged, or day and month."""
    number = number_of(day)
    digits = [int(digit) for digit in reversed(f"{number:08}")]
    others = (number + OFFSETS[PLACES, digits]).ravel()
    swapped = [number // 10000 * 10000 + number % 100 * 100 + number // 100 % 100]
    swapped += [number + (digits[at] - digits[at + 1]) * 9 * 10**at for at in (0, 2, 4, 5, 6)]
    return np.concatenate((others, swapped)).astype(np.uint32)


def nearness(born: date | None, years: NDArray[np.uint8], by_date: ByNumber) -> Callable[[Numbers], NDArray[np.uint8]]:
    """Tells of names how their dates go with a person's."""
    row = years[row_of(born.year if born else None)]
    if born is None:
        return lambda names: row[names]
    day = born.isoformat()
    found = by_date.of_all(exact(day))
    same = np.sort(np.concatenate(found)) if found else np.empty(0, np.int32)
    first_day = is_open(day)

    def of(names: Numbers) -> NDArray[np.uint8]:
        near: NDArray[np.uint8] = row[names]
        if first_day:
            near[near == SAME_YEAR] = YEAR
        if len(same):
            at = same.searchsorted(names)
            at[at == len(same)] = 0
            near[same[at] == names] = EXACT
        return near

    return of
