"""The matcher: additive evidence from names, birth, documents, place and citizenship, each term with its reason.

The weights are trained and shipped as a reviewed table, `data/weights.json`; 24 points of log-odds make a score of 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from portal.screening import evidence, names, normalise
from portal.screening.evidence import NameEvidence
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
]

MATCHER_VERSION = "evidence-2"
WEIGHTS_VERSION = "1"
THRESHOLD = 0.5
STRONG = 0.75
SCALE = 24.0
WEAK_SUPPORT = 0.02


@cache
def weights() -> dict[str, Any]:
    """The table as it is shipped."""
    read: dict[str, Any] = json.loads(files("portal.screening").joinpath("data/weights.json").read_text("utf-8"))
    return read


class Candidates(Protocol):
    """Where entries worth comparing come from."""

    def candidates(self, profile: Profile) -> Iterable[Entry]: ...


def screen(profile: Profile, index: Candidates, threshold: float = THRESHOLD) -> list[Match]:
    """Every person in `index` whom `profile` resembles, by the closest entry, the closest first."""
    best: dict[str, Match] = {}
    for entry in index.candidates(profile):
        match = compare(profile, entry)
        held = best.get(entry.person)
        if match.score >= threshold and (held is None or _rank(match) < _rank(held)):
            best[entry.person] = match
    return sorted(best.values(), key=_rank)


def _rank(match: Match) -> tuple[float, str]:
    return -match.score, match.entry.key


def compare(profile: Profile, entry: Entry) -> Match:
    """How far `profile` resembles `entry`, by its best name and its best date of birth."""
    birth, day = evidence.best_birth(profile, entry)
    group = "undated" if birth == "birth_unknown" else "dated"
    name = _name_reason(profile, entry.names, group)
    codes = [
        (birth, day),
        (evidence.document_code(profile, entry), ""),
        (evidence.place_code(profile, entry), ""),
        (evidence.citizenship_code(profile, entry), ""),
    ]
    table = weights()["codes"]
    reasons = [name, *(Reason(code=c, points=_share(table[c]), theirs=t, likeness=0.0) for c, t in codes if c)]
    total = sum(reason["points"] for reason in reasons)
    if any(reason["code"] == "document_same" for reason in reasons):
        total = max(total, THRESHOLD)
    weak = _weak_reason(profile, entry, group)
    if total >= THRESHOLD and weak is not None:
        reasons.append(weak)
        total += weak["points"]
    score = round(min(max(total, 0.0), 1.0), 4)
    return Match(entry, score, tuple(reasons), "strong" if score >= STRONG else "review")


def _share(points: float) -> float:
    return round(points / SCALE, 4)


def _name_reason(profile: Profile, theirs: tuple[str, ...], group: str) -> Reason:
    found = [
        evidence.name_evidence(normalise.tokens(our), normalise.tokens(their), their)
        for our in profile.names
        for their in theirs
    ]
    points, best = max(((_name_points(one, group), one) for one in found), key=lambda pair: pair[0])
    same = best.conflict + best.extra + best.loss < 0.001
    told = best.matched + best.loss + best.conflict + best.extra
    return Reason(
        code="name_same" if same else "name_close",
        points=round(0.5 + _share(points + weights()["base"]), 4),
        theirs=best.theirs,
        likeness=round(best.matched / told, 4) if told else 0.0,
    )


def _name_points(found: NameEvidence, group: str) -> float:
    measured = vars(found)
    return float(sum(w for measure, g, cut, w in weights()["cuts"] if g == group and measured[measure] >= cut))


def _weak_reason(profile: Profile, entry: Entry, group: str) -> Reason | None:
    if not entry.weak_names:
        return None
    reason = _name_reason(profile, entry.weak_names, group)
    return (
        Reason(code="name_weak", points=WEAK_SUPPORT, theirs=reason["theirs"], likeness=0.0)
        if reason["likeness"] > 0.9
        else None
    )
