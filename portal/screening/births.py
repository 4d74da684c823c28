"""Dates of birth for a whole list at once: which names have a date that may be a person's."""

from __future__ import annotations

from array import array
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from portal.screening import weights
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
POWERS = 10 ** np.arange(8)
DIGITS = np.arange(10)


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
    digits = number // POWERS % 10
    others = [(number + (DIGITS[None, :] - digits[:, None]) * POWERS[:, None]).ravel()]
    others.append(np.array([number // 10000 * 10000 + number % 100 * 100 + number // 100 % 100]))
    for at in (0, 2, 4, 5, 6):
        others.append(np.array([number + (digits[at] - digits[at + 1]) * 9 * POWERS[at]]))
    return np.unique(np.concatenate(others)).astype(np.uint32)


def row_for(born: date | None, years: NDArray[np.uint8], by_date: ByNumber) -> NDArray[np.uint8]:
    """How each name's dates go with a person's."""
    row: NDArray[np.uint8] = years[row_of(born.year if born else None)]
    if born is None:
        return row
    row = row.copy()
    day = born.isoformat()
    if is_open(day):
        row[row == SAME_YEAR] = YEAR
    for names in by_date.of_all(exact(day)):
        row[names] = EXACT
    return row


COVERED, REST = 50, 100
"""Steps of the table of what may reach a threshold, in thousandths of a weight."""
MOST_COVERED, MOST_REST = 100, 40


@lru_cache(maxsize=4)
def _reaching(least: float) -> NDArray[np.bool_]:
    """Whether `least` may be reached, by how the dates go, how much is covered, and how much is left on each side."""
    table = np.zeros((len(CODES) + 1, MOST_COVERED + 1, MOST_REST + 1, MOST_REST + 1), np.bool_)
    covered = np.arange(MOST_COVERED + 1)[:, None, None] * COVERED / 1000
    rest = np.arange(MOST_REST + 1)[None, :, None] * REST / 1000
    for nearness, codes in CODES.items():
        for code in codes:
            table[nearness] |= weights.most_of_all(code, covered, rest, rest.transpose(0, 2, 1)) >= least
    return table


def may_reach(
    least: float, nearness: NDArray[np.uint8], covered: Numbers, rest: Numbers, other: Numbers
) -> NDArray[np.intp]:
    """Which of the names may reach a score of `least`; each step of the table is given to the name."""
    steps = np.minimum(-(-covered // COVERED), MOST_COVERED)
    rests = (np.clip(each // REST, 0, MOST_REST) for each in (rest, other))
    return np.flatnonzero(_reaching(least)[nearness, steps, *rests])
