"""How alike two written names are, for places that compare one name with one other."""

from __future__ import annotations

from rapidfuzz.distance import JaroWinkler

from portal.screening import names

ALIKE = 0.84
"""From which likeness on two parts of a name may be the same part."""


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
