"""The three ways to interview: both agencies at one desk, on two sides of a bridge on one day, or in two steps.

Source: domain facts, section 5.3. An interview has one part or two; each agency's officers record their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.domain import AGENCIES
from portal.i18n import Lazy as _l

BOTH = "both"
JOINT, SPLIT, TWO_STEP = "joint", "split", "two_step"

WORDS = {
    JOINT: _l("One interview with officers of both countries"),
    SPLIT: _l("Two parts on the same day, one on each side of the border"),
    TWO_STEP: _l("Two steps: Canada by appointment, the United States later without an appointment"),
}
"""What a traveller reads before choosing a centre."""


@dataclass(frozen=True)
class Planned:
    """One part: with which agency (or both), and whether at an appointed time or by walking up."""

    agency: str
    attendance: str = "booked"


def parts_of(model: str, needed: str, first: str = "CA") -> tuple[Planned, ...]:
    """The parts of an interview at a centre, in their order, for the agencies that are still `needed`.

    `first` is the agency on whose side a split interview begins.
    """
    if needed != BOTH or model == JOINT:
        return (Planned(needed),)
    if model == SPLIT:
        return Planned(first), Planned(other(first))
    return Planned("CA"), Planned("US", "walk_up")


def fits(model: str, needed: str) -> bool:
    """Whether what is `needed` can be booked at a centre: one agency alone only where it sits at an appointed desk.

    At a split centre the two halves are booked together or not at all, so that nobody takes a half that is not needed.
    """
    return needed == BOTH or model == JOINT or (model == TWO_STEP and needed == "CA")


def other(agency: str) -> str:
    """The other of the two agencies."""
    return "US" if agency == "CA" else "CA"


def lacking(done: Iterable[str]) -> str | None:
    """Which agencies have not had their part, given those that parts were done with; None when both have."""
    had = set(done)
    if BOTH in had or had >= set(AGENCIES):
        return None
    return BOTH if not had else other(had.pop())


def attendance(agency: str, came: Mapping[str, bool]) -> bool | None:
    """Whether the applicant came to a part, from what its agencies recorded; None until all have, and agree."""
    if agency != BOTH:
        return came.get(agency)
    answers = set(came.values())
    return answers.pop() if len(came) == len(AGENCIES) and len(answers) == 1 else None
