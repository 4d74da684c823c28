"""What two records have in common, as measures from which the score is added up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA, Indel

from portal.screening import normalise
from portal.screening.people import Entry, Profile

ALIKE = 0.7
"""From which likeness on two parts of a name may be the same part."""
SURE = 0.92
"""From which likeness on they are taken to be spelled or to sound the same, or to be a name and its short form."""


class NameEvidence(NamedTuple):
    """How two names go together, in weights of parts."""

    matched: float
    """Found in the other name, each part by its likeness."""
    sure: float
    """Of this, what is spelled or sounds the same."""
    share: float
    """Found, as a share of the whole."""
    conflict: float
    """Left over on both sides: they contradict."""
    extra: float
    """Left over on one side."""
    loss: float
    """Lost by misspelling."""
    whole: float
    """Likeness of the consonants of all parts."""
    letters: float
    """Likeness of all letters."""
    first: float
    """The person's first given name is not found where the entry has another in its place."""


class Name(NamedTuple):
    """A name made ready to be compared."""

    written: str
    parts: tuple[str, ...]
    weights: tuple[float, ...]
    whole: tuple[str, ...]


def whole_texts(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The consonants of the parts in their order, and sorted; and the letters likewise."""
    bones = [normalise.skeleton(part) for part in parts]
    return "".join(bones), "".join(sorted(bones)), "".join(parts), "".join(sorted(parts))


@lru_cache(maxsize=20_000)
def name(written: str) -> Name:
    """The name as it is compared."""
    return _of_parts(written, normalise.tokens(written))


@lru_cache(maxsize=20_000)
def _of_parts(written: str, parts: tuple[str, ...]) -> Name:
    return Name(written, parts, tuple(map(normalise.weight, parts)), whole_texts(parts))


def first_of(given_names: str) -> str:
    """The first given name that tells anything."""
    return next((part for part in normalise.tokens(given_names) if normalise.weight(part) >= 0.3), "")


def name_evidence(ours: Name, theirs: Name, first: str = "") -> NameEvidence:
    """The same both ways but for `first`: parts are put together the most alike first, neighbours also as one."""
    whole, letters = whole_likeness(ours.whole, theirs.whole)
    if len(ours.parts) != len(theirs.parts):
        ours, theirs = _joined(ours, theirs), _joined(theirs, ours)
    likeness = normalise.likeness
    every = [
        (alike, i, j)
        for i, x in enumerate(ours.parts)
        for j, y in enumerate(theirs.parts)
        if (alike := likeness(x, y)) >= ALIKE
    ]
    every.sort(reverse=True)
    left_a, left_b = set(range(len(ours.parts))), set(range(len(theirs.parts)))
    matched = sure = loss = 0.0
    for alike, i, j in every:
        if i in left_a and j in left_b:
            left_a.discard(i)
            left_b.discard(j)
            told = min(ours.weights[i], theirs.weights[j])
            matched += told * alike
            loss += told * (1 - alike)
            sure += told if alike >= SURE else 0.0
    rest_a, rest_b = sum(ours.weights[i] for i in left_a), sum(theirs.weights[j] for j in left_b)
    conflict, extra = min(rest_a, rest_b), abs(rest_a - rest_b)
    lost = next((ours.weights[i] for i in left_a if ours.parts[i] == first), 0.0) if first else 0.0
    return NameEvidence(
        matched,
        sure,
        share_of(matched, loss, conflict, extra),
        conflict,
        extra,
        loss,
        whole,
        letters,
        min(lost, max((theirs.weights[j] for j in left_b), default=0.0)),
    )


_alike = Indel.normalized_similarity


def whole_likeness(ours: Sequence[str], theirs: Sequence[str]) -> tuple[float, float]:
    """How like all consonants and all letters are, in their order or with the parts sorted."""
    return (
        max(_alike(ours[0], theirs[0]), _alike(ours[1], theirs[1])),
        max(_alike(ours[2], theirs[2]), _alike(ours[3], theirs[3])),
    )


EXTRA = 0.6
"""What is left over on one side only says less against it than what contradicts."""


def share_of(matched: float, loss: float, conflict: float, extra: float) -> float:
    """How much of both names is found."""
    return matched / max(matched + loss + conflict + EXTRA * extra, 1e-9)


def _joined(one: Name, other: Name) -> Name:
    """`one` with two neighbours joined where `other` has them as one."""
    for i, (first, second) in enumerate(pairwise(one.parts)):
        both = first + second
        if len(both) > 4 and any(
            abs(len(both) - len(o)) < 2 and normalise.likeness(both, o) >= 0.9 for o in other.parts
        ):
            return _joined(_of_parts(one.written, (*one.parts[:i], both, *one.parts[i + 2 :])), other)
    return one


@lru_cache(maxsize=200_000)
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
    return "birth_near" if gap <= NEAR_YEARS else "birth_far"


NEAR_YEARS = 2
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
GROUPS = {
    "birth_same": "sure",
    "birth_swapped": "sure",
    "birth_slip": "sure",
    "birth_year": "year",
    "birth_unknown": "undated",
    "birth_same_year": "off",
    "birth_near": "off",
    "birth_far": "off",
}
"""What is asked of a name depends on how the dates of birth go together."""


def best_birth(ours: date | None, theirs: tuple[str, ...]) -> tuple[str, str]:
    """The best of the entry's dates, by code, and as the list has it."""
    known = [(birth_code(ours, day), day) for day in theirs] or [("birth_unknown", "")]
    return min(known, key=lambda pair: BIRTHS.index(pair[0])) if len(known) > 1 else known[0]


def document_code(profile: Profile, entry: Entry) -> str:
    """Whether a document is the same, or differs in one character."""
    if not profile.documents or not entry.documents:
        return ""
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
    ours = words(profile.birth_place)
    return "place_same" if any(ours & words(place) for place in entry.birth_places) else "place_other"


@lru_cache(maxsize=50_000)
def words(place: str) -> frozenset[str]:
    """The words of a place by which it is known."""
    return frozenset(part for part in normalise.tokens(place) if len(part) > 3)


def citizenship_code(profile: Profile, entry: Entry) -> str:
    """Whether a citizenship is shared; another one says little, for people have several."""
    if not profile.citizenships or not entry.citizenships:
        return ""
    return "citizenship_same" if set(profile.citizenships) & set(entry.citizenships) else "citizenship_other"
