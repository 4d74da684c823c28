"""The matcher: additive evidence from names, birth, documents, place and citizenship, each term with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from portal.screening import evidence, names, weights
from portal.screening.evidence import NameEvidence
from portal.screening.index import Index
from portal.screening.names_alike import name_likeness
from portal.screening.people import Entry, Match, Profile
from portal.screening.reasons import Reason

__all__ = [
    "MATCHER_VERSION",
    "STRONG",
    "THRESHOLD",
    "WEIGHTS_VERSION",
    "Entry",
    "Match",
    "Profile",
    "compare",
    "name_likeness",
    "names",
    "screen",
    "screen_all",
]

WEIGHTS_VERSION = str(weights.table()["version"])
MATCHER_VERSION = "evidence-4"
THRESHOLD = weights.THRESHOLD
STRONG = 0.75
DOCUMENT_FLOOR = 0.6
"""The least score of the same document, whatever else there is: an officer always looks at it."""
WEAK_SUPPORT = 0.02
CLOSE = 0.35
"""With less than this share in common a name is said to be another."""


ROUNDED = 0.001
"""Each reason's points are rounded; together that may make so much."""
AT_ONCE = 512
"""People asked for together: so many that what is asked of an index is shared, so few that the arrays stay small."""


def screen(profile: Profile, index: Index, threshold: float = THRESHOLD) -> list[Match]:
    """Every person in `index` whom `profile` resembles, by the closest entry, the closest first."""
    return next(screen_all([profile], index, threshold))


def screen_all(profiles: Iterable[Profile], index: Index, threshold: float = THRESHOLD) -> Iterator[list[Match]]:
    """For each of many people what `screen` finds, in their order; far cheaper than one by one."""
    rest = iter(profiles)
    while some := list(islice(rest, AT_ONCE)):
        best: list[dict[str, Match]] = [{} for _each in some]
        for number, entry, names_alike in index.pairs(some, threshold):
            if names_alike and not _may_reach(some[number], entry, names_alike, threshold):
                continue
            match = compare(some[number], entry)
            held = best[number].get(entry.person)
            if match.score >= threshold and (held is None or _rank(match) < _rank(held)):
                best[number][entry.person] = match
        yield from (sorted(each.values(), key=_rank) for each in best)


def _may_reach(profile: Profile, entry: Entry, alike: Iterable[tuple[str, str]], threshold: float) -> bool:
    """Whether the score may reach the threshold with one of these names, before all names and reasons are looked at."""
    birth, _day = evidence.best_birth(profile.birth_on, entry.birth_dates)
    group, first, count = evidence.GROUPS[birth], evidence.first_of(profile.given_names), len(entry.names)
    codes = birth, evidence.place_code(profile, entry), evidence.citizenship_code(profile, entry)
    least = (threshold - 0.5 - ROUNDED) * weights.SCALE - weights.base()
    least -= sum(weights.code_points(group, code) for code in codes if code)
    least -= WEAK_SUPPORT * weights.SCALE if entry.weak_names else 0.0
    return any(
        sum(weights.name_points(group, evidence.name_evidence(evidence.name(our), evidence.name(their), first), count))
        >= least
        for our, their in alike
    )


def _rank(match: Match) -> tuple[float, str]:
    return -match.score, match.entry.key


def compare(profile: Profile, entry: Entry) -> Match:
    """How far `profile` resembles `entry`, by its best name and its best date of birth."""
    birth, day = evidence.best_birth(profile.birth_on, entry.birth_dates)
    group = evidence.GROUPS[birth]
    reasons = _name_reasons(profile, entry, group)
    codes = (
        (birth, day),
        (evidence.document_code(profile, entry), ""),
        (evidence.place_code(profile, entry), ""),
        (evidence.citizenship_code(profile, entry), ""),
    )
    reasons += [_reason(code, weights.code_points(group, code), theirs) for code, theirs in codes if code]
    total = sum(reason["points"] for reason in reasons)
    if codes[1][0] == "document_same":
        total = max(total, DOCUMENT_FLOOR)
    if total >= THRESHOLD and (weak := _weak_reason(profile, entry)) is not None:
        reasons.append(weak)
        total += WEAK_SUPPORT
    score = round(min(max(total, 0.0), 1.0), 4)
    return Match(entry, score, tuple(reasons), "strong" if score >= STRONG else "review")


def _reason(code: str, points: float, theirs: str, likeness: float = 0.0) -> Reason:
    return Reason(code=code, points=round(points / weights.SCALE, 4), theirs=theirs, likeness=likeness)


def _best_name(profile: Profile, theirs: tuple[str, ...], group: str, count: int) -> tuple[float, str, NameEvidence]:
    """The two names that go together best: their points, the list's name, the evidence."""
    first = evidence.first_of(profile.given_names)
    best: tuple[float, str, NameEvidence] | None = None
    for our in map(evidence.name, profile.names):
        for their in theirs:
            found = evidence.name_evidence(our, evidence.name(their), first)
            points = sum(weights.name_points(group, found, count))
            if best is None or points > best[0]:
                best = points, their, found
    assert best is not None
    return best


def _name_reasons(profile: Profile, entry: Entry, group: str) -> list[Reason]:
    count = len(entry.names)
    _, their, found = _best_name(profile, entry.names, group, count)
    told, conflict, extra, many = weights.name_points(group, found, count)
    same = found.conflict + found.extra + found.loss < 0.001
    start = weights.SCALE / 2 + weights.base()
    code = "name_same" if same else "name_close" if found.share >= CLOSE else "name_other"
    reasons = [_reason(code, start + told, their, round(found.share, 4))]
    others = (("name_conflict", conflict), ("name_extra", extra), ("name_many", many))
    return reasons + [_reason(code, points, str(count)) for code, points in others if points]


def _weak_reason(profile: Profile, entry: Entry) -> Reason | None:
    if not entry.weak_names:
        return None
    _, their, found = _best_name(profile, entry.weak_names, "undated", 1)
    if found.share <= 0.9:
        return None
    return Reason(code="name_weak", points=WEAK_SUPPORT, theirs=their, likeness=0.0)
