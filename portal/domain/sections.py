"""The parts of an application, in order, and from which age each is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.i18n import Lazy as _l


@dataclass(frozen=True)
class Section:
    """One task of the application. `task` is its number in the list of eleven (rulings, section 5); 0 is beside it."""

    key: str
    task: int
    title: _l
    group: str
    from_age: int = 0
    """Nobody younger is asked (rulings, section 3)."""
    for_others: bool = False
    """Asked only where somebody applies for another person."""


SELF, PARENT, REPRESENTATIVE = "self", "parent", "representative"
ROLES = (SELF, PARENT, REPRESENTATIVE)
"""As what the holder of an account acts for a person: for oneself, as parent or guardian, as legal representative."""


GROUPS = {
    "you": _l("About you"),
    "history": _l("Your last five years"),
    "background": _l("Driving and background"),
    "finish": _l("Documents and consent"),
}

SECTIONS = (
    Section("identity", 1, _l("Name, birth and contact"), "you"),
    Section("names", 2, _l("Other names"), "you"),
    Section("citizenship", 3, _l("Citizenship and passport"), "you"),
    Section("guardian", 0, _l("Parents and guardians"), "you", for_others=True),
    Section("addresses", 4, _l("Where you have lived"), "history"),
    Section("work", 5, _l("Work, study and other"), "history", from_age=12),
    Section("travel", 6, _l("Countries you visited"), "history"),
    Section("licence", 7, _l("Driver’s licence"), "background", from_age=16),
    Section("vehicles", 8, _l("Vehicles"), "background", from_age=16),
    Section("background", 9, _l("Background questions"), "background", from_age=12),
    Section("uploads", 10, _l("Your documents"), "finish"),
    Section("consent", 11, _l("Consent and signature"), "finish"),
)

BY_KEY = {section.key: section for section in SECTIONS}


def sections_for(age: int | None, role: str = SELF) -> tuple[Section, ...]:
    """The sections asked about somebody of this age in years, for whom an account acts as `role`.

    All of them while the age is unknown; for a child, none that only older people are asked.
    """
    assumed = 0 if age is None and role == PARENT else age
    return tuple(
        section
        for section in SECTIONS
        if (assumed is None or assumed >= section.from_age) and (role != SELF or not section.for_others)
    )


def age_on(born: date, day: date) -> int:
    """Full years from birth date `born` to `day`; 29 February counts as 28."""
    return day.year - born.year - ((day.month, day.day) < (born.month, min(born.day, 28 if born.month == 2 else 31)))
