"""Enrolment centres as facts: what each is called, where it lies, how it interviews and when it opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from portal.domain.late_arrivals import REBOOK, USUAL_MINUTES

Model = Literal["joint", "split", "two_step"]
Topic = Literal["bring", "arrival", "entry", "order", "hours", "note"]

FACTS_HOLD_FROM = date(2024, 2, 25)
"""The day on which the programme's public list of centres was last read; opening rules hold from then on."""

DESKS = 2
"""No source states how many interviews run at once: two, for the demonstration."""

WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Hours:
    """On these weekdays (Monday = 0) a centre opens and closes by its own clock."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


DEMONSTRATION_HOURS = (Hours(WEEKDAYS, time(9), time(16)),)
"""For a centre whose hours no source states; pages mark them as a demonstration."""


@dataclass(frozen=True)
class Instruction:
    """One thing to know before coming, in both languages."""

    topic: Topic
    en: str
    fr: str


@dataclass(frozen=True)
class SecondSite:
    """Where the other half of a split interview takes place, and which country's half comes first.

    `travel_minutes` from one side to the other, the border included: no source states it, so it is ours.
    """

    first: Literal["CA", "US"]
    agency: Literal["CA", "US"]
    address: str
    city: str
    region: str
    postal_code: str | None
    country: Literal["CA", "US"]
    name_en: str
    name_fr: str
    travel_minutes: int
    instructions: tuple[Instruction, ...] = ()


@dataclass(frozen=True)
class CentreFacts:
    """One centre. `is_french_name_ours` marks a name that no source gives in French and that we translated."""

    number: int
    name_en: str
    name_fr: str
    address: str
    city: str
    region: str
    postal_code: str
    country: Literal["CA", "US"]
    zone: str
    model: Model
    modes: tuple[str, ...] = ("land",)
    agencies: tuple[str, ...] = ("CA", "US")
    is_french_name_ours: bool = True
    instructions: tuple[Instruction, ...] = ()
    stated_hours: tuple[Hours, ...] = ()
    second_site: SecondSite | None = None
    is_invented: bool = False
    pilot_since: date | None = None
    iris_capture: Literal["yes", "no", "unknown"] = "unknown"
    late: tuple[str, int] = (REBOOK, USUAL_MINUTES)
    """What whoever is late does, and after how many minutes."""
    regional_holidays: tuple[str, ...] = ()
    """Lists of a province or state that it keeps beside the countries' own."""

    @property
    def holiday_lists(self) -> tuple[str, ...]:
        """Whose holidays it keeps: those of every country whose officers interview there by appointment."""
        across = (self.second_site.agency,) if self.second_site else ()
        return (*sorted({*self.agencies, *across}), *self.regional_holidays)

    @property
    def hours(self) -> tuple[Hours, ...]:
        """The stated hours, or those of the demonstration."""
        return self.stated_hours or DEMONSTRATION_HOURS


def bring(en: str, fr: str) -> Instruction:
    """Something to bring."""
    return Instruction("bring", en, fr)


def arrival(en: str, fr: str) -> Instruction:
    """When to come, and what happens to those who are late."""
    return Instruction("arrival", en, fr)


def entry(en: str, fr: str) -> Instruction:
    """How to find the way and get in."""
    return Instruction("entry", en, fr)


def order(en: str, fr: str) -> Instruction:
    """Which part of the interview comes first, and where."""
    return Instruction("order", en, fr)


def opening(en: str, fr: str) -> Instruction:
    """About opening days."""
    return Instruction("hours", en, fr)


def note(en: str, fr: str) -> Instruction:
    """Anything else."""
    return Instruction("note", en, fr)
