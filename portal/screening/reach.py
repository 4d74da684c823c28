"""Which names of an index may reach a score, asked of all at once: each is given the most that the rest may add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from portal.screening import evidence, marks, weights
from portal.screening.arrays import Numbers, Places
from portal.screening.births import CODES
from portal.screening.name_index import INITIAL, LETTERS, PARTICLE, Counts, NameIndex, Nearness, counted

COVERED, REST = 50, 100
"""Steps of the tables, in thousandths of a weight."""
MOST_COVERED, MOST_REST = 100, 40
PERCENT = 100
A_LITTLE = 0.001
"""Reasons are rounded before they are added up, which may make a score higher than it is reckoned here."""
GROUP_CODE = {nearness: codes[0] for nearness, codes in CODES.items()}


@cache
def _most() -> NDArray[np.float32]:
    """The most that a score may be, by how the dates go, how much is covered, and how much is left on each side."""
    table = np.zeros((len(CODES) + 1, MOST_COVERED + 1, MOST_REST + 1, MOST_REST + 1), np.float32)
    covered = np.arange(MOST_COVERED + 1)[:, None, None] * COVERED / 1000
    rest = np.arange(MOST_REST + 1)[None, :, None] * REST / 1000
    for nearness, codes in CODES.items():
        of_codes = [weights.most_of_all(code, covered, rest, rest.transpose(0, 2, 1)) for code in codes]
        table[nearness] = np.max(of_codes, axis=0)
    return table


@lru_cache(maxsize=8)
def _needed(least: float) -> NDArray[np.int64]:
    """For each way that dates go, how much of a name must be covered for a score of `least`, particles left out."""
    reached = _most()[:, :, 0, 0] >= least
    steps = np.where(reached.any(axis=1), reached.argmax(axis=1) * COVERED, 10**6)
    return (steps - COVERED - 3 * PARTICLE - 3 * INITIAL).astype(np.int64)


@cache
def _less() -> NDArray[np.float32]:
    """How much less it is for names that have so many of a hundred consonants, or letters, in common."""
    table = np.zeros((2, len(CODES) + 1, PERCENT + 1), np.float32)
    for nearness, code in GROUP_CODE.items():
        for percent in range(PERCENT + 1):
            alike = (percent + 1) / PERCENT  # a table knows whole percents; each is given the next one's points
            table[0, nearness, percent] = weights.less_for(code, alike, 1.0)
            table[1, nearness, percent] = weights.less_for(code, 1.0, alike)
    return table


@cache
def _less_for_others() -> NDArray[np.float32]:
    """How much less it is for what goes for place and citizenship."""
    table = np.zeros((len(CODES) + 1, 3, 3), np.float32)
    for nearness, code in GROUP_CODE.items():
        for place, country in np.ndindex(3, 3):
            others = marks.CODES[0][place], marks.CODES[1][country]
            table[nearness, place, country] = weights.less_for_codes(code, others)
    return table


class Asked(NamedTuple):
    """What is asked of an index: names, how dates go with them, the marks of whoever asks and of the names' owners."""

    names: Sequence[evidence.Name]
    nearness: Nearness
    marks: marks.Bits
    marks_of: Callable[[Numbers], marks.Bits]


def names(index: NameIndex, asked: Asked, least: float) -> tuple[Numbers, Places]:
    """The names that may reach a score of `least` whatever the rest of the evidence says, and which of ours does."""
    least -= A_LITTLE
    found = index.search([name.parts for name in asked.names], asked.nearness, _needed(least))
    steps = np.minimum(-(-found.covered // COVERED), MOST_COVERED)
    rests = (np.minimum(np.maximum(each // REST, 0), MOST_REST) for each in (found.rest, found.other))
    most = _most()[found.near, steps, *rests]
    passed = (most >= least).nonzero()[0]
    numbers, whose, near, most = found.names[passed], found.whose[passed], found.near[passed], most[passed]
    most -= _less_for_others()[near, *marks.shared(asked.marks[whose], asked.marks_of(numbers))]
    passed = (most >= least).nonzero()[0]
    numbers, whose, near, most, less = numbers[passed], whose[passed], near[passed], most[passed], _less()
    bones, letters = index.in_common(numbers, _counts(asked.names, whose))
    passed = (most - less[0, near, bones] - less[1, near, letters] >= least).nonzero()[0]
    numbers, whose, near, most = numbers[passed], whose[passed], near[passed].tolist(), most[passed].tolist()
    alike = index.alike(numbers, [asked.names[number] for number in whose.tolist()])
    kept = [
        points - weights.less_for(GROUP_CODE[how], bone, letter) >= least
        for how, points, bone, letter in zip(near, most, *(each.tolist() for each in alike), strict=True)
    ]
    passed = np.flatnonzero(kept)
    return numbers[passed], whose[passed]


def _counts(names: Sequence[evidence.Name], whose: Places) -> Counts:
    """The letters of the name beside each."""
    different, at = np.unique(whose, return_inverse=True)
    counts = [counted(names[number].whole) for number in different.tolist()]
    return np.array(counts, np.uint8).reshape(-1, 2 * LETTERS)[at]
