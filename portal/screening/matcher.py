"""The first matcher: normalised names and the date of birth, as points that add up, each with its reason.

A name alone reaches the threshold only where the list has no date of birth; a date of birth alone never does. Where
the dates differ widely, a name never does either (a father and a son may share it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from portal.screening import names
from portal.screening.reasons import Reason

MATCHER_VERSION = "names-and-birth-1"
THRESHOLD = 0.68

NAME_POINTS = 0.65
ALIKE = 0.84
"""From which likeness on two parts of a name may be the same part."""
BIRTH_POINTS = {
    "birth_same": 0.35,
    "birth_swapped": 0.28,
    "birth_year": 0.25,
    "birth_slip": 0.22,
    "birth_near": 0.12,
    "birth_unknown": 0.10,
    "birth_far": -0.30,
}


@dataclass(frozen=True)
class Profile:
    """What is matched of a person: every name that the person goes by, and the date of birth."""

    names: tuple[str, ...]
    birth_on: date


@dataclass(frozen=True)
class Entry:
    """What is matched of a list's entry: its names, and dates of birth as "1975" or "1975-04-12"."""

    key: str
    names: tuple[str, ...]
    birth_dates: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """An entry that a person resembles at least as much as the threshold asks, with every reason."""

    entry: Entry
    score: float
    reasons: tuple[Reason, ...]


class Candidates(Protocol):
    """Where entries worth comparing come from."""

    def candidates(self, profile: Profile) -> Iterable[Entry]: ...


def screen(profile: Profile, index: Candidates, threshold: float = THRESHOLD) -> list[Match]:
    """Every entry in `index` that `profile` resembles, the closest first."""
    matches = (compare(profile, entry) for entry in index.candidates(profile))
    return sorted((m for m in matches if m.score >= threshold), key=lambda m: (-m.score, m.entry.key))


def compare(profile: Profile, entry: Entry) -> Match:
    """How far `profile` resembles `entry`, by its best name and its best date of birth."""
    reasons = (_name_reason(profile, entry), _birth_reason(profile, entry))
    score = round(min(max(sum(reason["points"] for reason in reasons), 0.0), 1.0), 4)
    return Match(entry, score, reasons)


def _name_reason(profile: Profile, entry: Entry) -> Reason:
    likeness, theirs = max(
        ((name_likeness(ours, theirs), theirs) for ours in profile.names for theirs in entry.names),
        key=lambda pair: pair[0],
    )
    code = "name_same" if likeness > 0.999 else "name_close"
    return Reason(code=code, points=round(NAME_POINTS * likeness, 4), theirs=theirs, likeness=round(likeness, 4))


def name_likeness(ours: str, theirs: str) -> float:
    """From 0 to 1: how much of each name is found in the other, in whatever order it is written."""
    a, b = names.tokens(ours), names.tokens(theirs)
    return _likeness_of_parts(names.joined_as(b, a), names.joined_as(a, b))


def _likeness_of_parts(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    if not ours or not theirs:
        return 0.0
    found = _aligned(ours, theirs)
    covered = sum(likeness * min(names.weight(a), names.weight(b)) for a, b, likeness in found)
    shares = sorted(covered / sum(map(names.weight, side)) for side in (ours, theirs))
    return min(0.25 * shares[0] + 0.75 * shares[1], 1.0)


def _aligned(ours: tuple[str, ...], theirs: tuple[str, ...]) -> list[tuple[str, str, float]]:
    """Parts of both names put together, the most alike first, each part once."""
    every = sorted(
        ((part_likeness(a, b), i, j) for i, a in enumerate(ours) for j, b in enumerate(theirs)), reverse=True
    )
    taken_ours, taken_theirs, found = set(), set(), []
    for likeness, i, j in every:
        if likeness >= ALIKE and i not in taken_ours and j not in taken_theirs:
            taken_ours.add(i)
            taken_theirs.add(j)
            found.append((ours[i], theirs[j], likeness))
    return found


def part_likeness(a: str, b: str) -> float:
    """How alike two parts of names are: spelling, equal consonants, or an initial and the name it may stand for."""
    if a == b:
        return 1.0
    if 1 in (len(a), len(b)):
        return 0.9 if a[0] == b[0] else 0.0
    by_spelling = JaroWinkler.similarity(a, b)
    same_sound = len(names.skeleton(a)) > 2 and names.skeleton(a) == names.skeleton(b)
    return max(by_spelling, 0.92) if same_sound else by_spelling


def _birth_reason(profile: Profile, entry: Entry) -> Reason:
    known = [(_birth_code(profile.birth_on, theirs), theirs) for theirs in entry.birth_dates]
    code, theirs = max(known or [("birth_unknown", "")], key=lambda pair: BIRTH_POINTS[pair[0]])
    return Reason(code=code, points=BIRTH_POINTS[code], theirs=theirs, likeness=0.0)


def _birth_code(ours: date, theirs: str) -> str:
    if len(theirs) == 4:
        return _year_code(ours.year, int(theirs), "birth_year")
    if theirs == ours.isoformat():
        return "birth_same"
    if theirs == f"{ours.year:04d}-{ours.day:02d}-{ours.month:02d}":
        return "birth_swapped"
    if DamerauLevenshtein.distance(theirs, ours.isoformat()) == 1:
        return "birth_slip"
    return _year_code(ours.year, int(theirs[:4]), "birth_near")


def _year_code(ours: int, theirs: int, when_same: str) -> str:
    if ours == theirs:
        return when_same
    return "birth_near" if abs(ours - theirs) == 1 else "birth_far"
