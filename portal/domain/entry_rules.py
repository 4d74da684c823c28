"""What each of the two countries asks of a nationality at entry: the terms of a country list, and what follows.

They serve the eligibility page and the document checklist. They never serve a score: a test forbids the matcher, the
rules on declared history and everything else that weighs somebody to read them (rulings, section 3: nationality).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from portal.domain import countries
from portal.i18n import Lazy as _l
from portal.i18n import current_language

TWO_COUNTRIES = ("CA", "US")
RESIDENCES = {"CA": "resident_ca", "US": "resident_us"}
"""What somebody applies as who is a permanent resident of the country."""
LONGEST_STAY = 3650
LONGEST_TEXT = 500


class Requirement(StrEnum):
    """What a country asks of a nationality beside the passport, the least first."""

    CITIZEN = "citizen"
    EXEMPT = "exempt"
    ELECTRONIC = "electronic"
    VISA = "visa"

    @property
    def weight(self) -> int:
        """Its place in the order: the smaller, the less is asked."""
        return list(Requirement).index(self)


LABELS = {
    Requirement.CITIZEN: _l("Own citizen: a passport only"),
    Requirement.EXEMPT: _l("No visa: a passport only"),
    Requirement.ELECTRONIC: _l("Electronic travel authorization"),
    Requirement.VISA: _l("Visa"),
}
IN_A_SENTENCE = {
    Requirement.ELECTRONIC: _l("an electronic travel authorization"),
    Requirement.VISA: _l("a visa"),
}
"""What needs a paper of its own, as the object of "needs"."""


@dataclass(frozen=True)
class Rule:
    """One line of a country list. `if_resident`: what permanent residents of the other country need instead."""

    requirement: Requirement
    source: str
    if_resident: Requirement | None = None
    stay_days: int | None = None
    condition_en: str = ""
    condition_fr: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The rule as it was kept by `kept`."""
        resident = kept["if_resident"]
        asked = {
            "requirement": Requirement(kept["requirement"]),
            "if_resident": Requirement(resident) if resident else None,
        }
        return cls(**{**kept, **asked})

    def kept(self) -> dict[str, Any]:
        """The rule as a database keeps it."""
        return {**vars(self)}

    @property
    def condition(self) -> str:
        """The condition in the language being spoken; empty where there is none."""
        return self.condition_fr if current_language() == "fr" else self.condition_en

    @property
    def terms(self) -> tuple[object, ...]:
        """What two countries can differ in: all but the place where it stands."""
        return (self.requirement, self.if_resident, self.stay_days)


Rules = Mapping[str, Rule]
"""A country list: each nationality (ISO 3166 alpha-2, or a code that passports alone know) with its rule."""


@dataclass(frozen=True)
class Table:
    """The list of one country that holds, and the remark that its publisher wants said wherever it is shown."""

    rules: Rules
    remark_en: str = ""
    remark_fr: str = ""

    @property
    def remark(self) -> str:
        """The remark in the language being spoken; empty where there is none."""
        return self.remark_fr if current_language() == "fr" else self.remark_en


Tables = Mapping[str, Table]
"""By country; a country that has published no list is not in it."""


@dataclass(frozen=True)
class EntryPaper:
    """What one of the two countries asks for at entry, of which of somebody's nationalities, by which table."""

    country: str
    nationality: str
    requirement: Requirement
    table: Table


def papers(tables: Tables, citizenships: Collection[str], status: str | None) -> Iterator[EntryPaper]:
    """The visas and authorizations that somebody needs; of several citizenships, the one of which least is asked.

    A citizen of a country, and its permanent resident, needs none there; what a list does not say asks for nothing.
    """
    for country, table in tables.items():
        if country in citizenships or status == RESIDENCES[country]:
            continue
        asked = [(_asked(table.rules[one], country, status), one) for one in citizenships if one in table.rules]
        if not asked:
            continue
        requirement, nationality = min(asked, key=lambda pair: pair[0].weight)
        if requirement in IN_A_SENTENCE:
            yield EntryPaper(country, nationality, requirement, table)


def _asked(rule: Rule, country: str, status: str | None) -> Requirement:
    other = next(one for one in TWO_COUNTRIES if one != country)
    is_neighbour = status == RESIDENCES[other]
    return rule.if_resident if is_neighbour and rule.if_resident else rule.requirement


@dataclass(frozen=True)
class Compared:
    """One nationality in both lists; None where a list does not name it."""

    nationality: str
    ca: Rule | None
    us: Rule | None

    @property
    def name(self) -> str:
        """The nationality in the language being spoken."""
        return countries.name(self.nationality)

    @property
    def differs(self) -> bool:
        """Whether the two countries ask for different things, or one of them says nothing."""
        if self.ca is None or self.us is None:
            return True
        own = {self.ca.requirement, self.us.requirement} == {Requirement.CITIZEN, Requirement.EXEMPT}
        return not own and self.ca.terms != self.us.terms


def compared(tables: Tables) -> list[Compared]:
    """Every nationality that one of the lists names, in the alphabetical order of the language being spoken."""
    ca, us = (tables[one].rules if one in tables else {} for one in TWO_COUNTRIES)
    rows = [Compared(code, ca.get(code), us.get(code)) for code in {**ca, **us}]
    return sorted(rows, key=lambda row: countries.sorting_key(row.name))
