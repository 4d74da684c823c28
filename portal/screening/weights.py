"""The reviewed table of weights, `data/weights.json`, ready for adding up. `bench/screening/train.py` trains it."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.screening.evidence import EXTRA, GROUPS, NameEvidence

THRESHOLD = 0.5
"""From this score on an officer looks at it."""
SCALE = 24.0
"""So many points of log-odds are 1 on the scale of scores."""
HELPS = ("matched", "sure", "share", "whole", "letters")
HURTS = ("conflict", "extra", "loss", "first", "names")
Values = NDArray[np.float64]
Steps = tuple[list[float], list[float]]


@cache
def table() -> dict[str, Any]:
    """The table as it is shipped."""
    read: dict[str, Any] = json.loads(files("portal.screening").joinpath("data/weights.json").read_text("utf-8"))
    return read


@cache
def _steps() -> dict[str, dict[str, Steps]]:
    """By group and measure: from which values on, and what is added up to there."""
    found: dict[str, dict[str, Steps]] = {}
    for group, measures in table()["steps"].items():
        found[group] = {
            measure: ([cut for cut, _ in steps], [0.0, *accumulate(points for _, points in steps)])
            for measure, steps in measures.items()
        }
    return found


def points(group: str, measure: str, value: float) -> float:
    """What `value` of the measure adds, in log-odds."""
    cuts, sums = _steps()[group][measure]
    return sums[bisect_right(cuts, value)]


def name_points(group: str, found: NameEvidence, names: int) -> tuple[float, float, float, float]:
    """What a name adds: for what was found; for what contradicts; for what is left over; for an entry of many names."""
    steps = _steps()[group]

    def of(measure: str, value: float) -> float:
        cuts, sums = steps[measure]
        return sums[bisect_right(cuts, value)]

    return (
        of("matched", found.matched)
        + of("sure", found.sure)
        + of("share", found.share)
        + of("whole", found.whole)
        + of("letters", found.letters)
        + of("loss", found.loss),
        of("conflict", found.conflict) + of("first", found.first),
        of("extra", found.extra),
        of("names", names),
    )


def code_points(group: str, code: str) -> float:
    """What a code of birth, document, place or citizenship adds, in log-odds."""
    codes = table()["codes"]
    return float(codes[code] if code in codes else codes[f"{code} {group}"])


@cache
def most(group: str, measures: tuple[str, ...]) -> float:
    """The most that the measures may add together."""
    return sum(max(_steps()[group][measure][1]) for measure in measures)


def base() -> float:
    """Where every sum begins, in log-odds; a sum of nothing is a score of one half."""
    return float(table()["base"])


@cache
def _more(code: str) -> tuple[float, float, float]:
    """Where the sum begins with a birth; what the whole name may add at the most; what place and citizenship may."""
    group = GROUPS[code]
    others = sum(max(0.0, code_points(group, other)) for other in ("place_same", "citizenship_same"))
    return base() + code_points(group, code), most(group, ("whole", "letters")), others


def most_of_all(code: str, covered: Values, rest: Values, other_rest: Values) -> Values:
    """The most that scores may be, where so much of a name is covered and so much of each side is left over."""
    steps = _steps()[GROUPS[code]]
    conflict, extra = np.minimum(rest, other_rest), np.abs(rest - other_rest)
    share = covered / np.maximum(covered + conflict + EXTRA * extra, 1e-9)
    total = np.full(np.broadcast_shapes(covered.shape, conflict.shape), sum(_more(code)))
    for measure, values in (("matched", covered), ("sure", covered), ("share", share), ("conflict", conflict)):
        cuts, sums = steps[measure]
        total += np.array(sums)[np.searchsorted(cuts, values, "right")]
    return 0.5 + total / SCALE


def less_for(code: str, whole: float, letters: float) -> float:
    """How much less than `most_of_all` it is, now that the likeness of the whole names is known."""
    steps = _steps()[GROUPS[code]]
    (bones, bone_sums), (cuts, sums) = steps["whole"], steps["letters"]
    return (_more(code)[1] - bone_sums[bisect_right(bones, whole)] - sums[bisect_right(cuts, letters)]) / SCALE


def less_for_codes(code: str, others: tuple[str, ...]) -> float:
    """How much less than `most_of_all` it is, now that place and citizenship are known."""
    group = GROUPS[code]
    return (_more(code)[2] - sum(code_points(group, other) for other in others if other)) / SCALE
