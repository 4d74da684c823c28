"""What two records have in common, as measures from which the score is added up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA, Indel

from portal.screening import normalise
from portal.screening.people import Entry, Profile

ALIKE = 0.7
"""From which likeness on two parts of a name may be the same part."""


@dataclass(frozen=True)
class NameEvidence:
    """How two names go together, in weights of parts: found, contradicted, left over on one side, misspelled."""

    theirs: str
    matched: float
    conflict: float
    extra: float
    loss: float
    whole: float


def name_evidence(ours: tuple[str, ...], theirs: tuple[str, ...], written: str) -> NameEvidence:
    """The same both ways: parts are put together the most alike first, two neighbours also as one."""
    a, b = _joined(ours, theirs), _joined(theirs, ours)
    every = sorted(((normalise.likeness(x, y), i, j) for i, x in enumerate(a) for j, y in enumerate(b)), reverse=True)
    left_a, left_b = set(range(len(a))), set(range(len(b)))
    matched = loss = 0.0
    for likeness, i, j in every:
        if likeness < ALIKE:
            break
        if i in left_a and j in left_b:
            left_a.discard(i)
            left_b.discard(j)
            told = min(normalise.weight(a[i]), normalise.weight(b[j]))
            matched += told * likeness
            loss += told * (1 - likeness)
    rest = sorted((sum(normalise.weight(a[i]) for i in left_a), sum(normalise.weight(b[j]) for j in left_b)))
    whole = Indel.normalized_similarity(
        "".join(sorted(map(normalise.skeleton, ours))), "".join(sorted(map(normalise.skeleton, theirs)))
    )
    straight = Indel.normalized_similarity(
        "".join(map(normalise.skeleton, ours)), "".join(map(normalise.skeleton, theirs))
    )
    return NameEvidence(written, matched, rest[0], rest[1] - rest[0], loss, max(whole, straight))


def _joined(parts: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    for i, (first, second) in enumerate(pairwise(parts)):
        both = first + second
        if len(both) > 4 and any(abs(len(both) - len(o)) < 2 and normalise.likeness(both, o) >= 0.9 for o in other):
            return _joined((*parts[:i], both, *parts[i + 2 :]), other)
    return parts


@lru_cache(maxsize=500_000)
def birth_code(ours: date | None, theirs: str) -> str:
    """How a date of birth goes with one of a list, which may be a year, or a year and month."""
    if ours is None or not theirs:
        return "birth_unknown"
    text = ours.isoformat()
    if theirs == text:
        return "birth_same"
    if theirs == f"{text[:4]}-{text[8:]}-{text[5:7]}":
        return "birth_swapped"
    if len(theirs) == 10 and OSA.distance(theirs, text) == 1:
        return "birth_slip"
    if theirs[:4] == text[:4]:
        full = len(theirs) == 10 and "-01-01" not in (theirs[4:], text[4:])
        return "birth_same_year" if full else "birth_year"
    gap = abs(int(theirs[:4]) - ours.year)
    return "birth_near" if gap <= 2 else "birth_far"


BIRTHS = (
    "birth_same",
    "birth_swapped",
    "birth_slip",
    "birth_year",
    "birth_unknown",
    "birth_same_year",
    "birth_near",
    "birth_far",
)


def best_birth(profile: Profile, entry: Entry) -> tuple[str, str]:
    """The best of the entry's dates, by code, and as the list has it."""
    known = [(birth_code(profile.birth_on, day), day) for day in entry.birth_dates] or [("birth_unknown", "")]
    return min(known, key=lambda pair: BIRTHS.index(pair[0]))


def document_code(profile: Profile, entry: Entry) -> str:
    """Whether a document is the same, or differs in one character."""
    ours = {normalise.document(number) for number in profile.documents} - {""}
    theirs = {normalise.document(number) for number in entry.documents} - {""}
    if ours & theirs:
        return "document_same"
    near = any(abs(len(x) - len(y)) < 2 and OSA.distance(x, y) == 1 for x in ours for y in theirs)
    return "document_near" if near else ""


def place_code(profile: Profile, entry: Entry) -> str:
    """Whether the towns or regions of birth share a word."""
    if not profile.birth_place or not entry.birth_places:
        return ""
    ours = set(normalise.tokens(profile.birth_place))
    theirs = {part for place in entry.birth_places for part in normalise.tokens(place)}
    return "place_same" if {p for p in ours & theirs if len(p) > 3} else "place_other"


def citizenship_code(profile: Profile, entry: Entry) -> str:
    """Whether a citizenship is shared; another one says little, for people have several."""
    if not profile.citizenships or not entry.citizenships:
        return ""
    return "citizenship_same" if set(profile.citizenships) & set(entry.citizenships) else "citizenship_other"
