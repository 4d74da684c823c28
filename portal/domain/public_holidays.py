"""The holidays on which a centre does not interview, computed for any year, observed days included.

A list is that of a country's federal offices ("CA", "US") or of a province or state ("CA-QC"). Which a centre keeps
is data of the centre; where both agencies sit at one desk, both countries' days close it (domain facts, section 6.1).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import holidays

from portal.i18n import Lazy, current_language
from portal.i18n import Lazy as _l

FEDERAL = ("CA", "US")
CATEGORIES = {"CA": ("government", "public"), "US": ("public",)}
AMERICAN = {
    "New Year's Day": _l("New Year’s Day"),
    "Martin Luther King Jr. Day": _l("Martin Luther King Jr. Day"),
    "Washington's Birthday": _l("Washington’s Birthday"),
    "Memorial Day": _l("Memorial Day"),
    "Juneteenth National Independence Day": _l("Juneteenth"),
    "Independence Day": _l("Independence Day"),
    "Labor Day": _l("Labor Day"),
    "Columbus Day": _l("Columbus Day"),
    "Veterans Day": _l("Veterans Day"),
    "Thanksgiving Day": _l("Thanksgiving Day of the United States"),
    "Christmas Day": _l("Christmas Day"),
}
"""The United States' federal days (5 U.S.C. 6103), which the library names in English only."""
CANADIAN = {"Boxing Day": _l("Boxing Day")}
"""The one of Canada's days that the library names in English when it speaks French."""
OBSERVED = re.compile(r" \((observed|observé)\)$")


@dataclass(frozen=True)
class Holiday:
    """A day, and its name in the language being spoken; both countries' names where they differ."""

    day: date
    name: str


def in_year(lists: Iterable[str], year: int) -> Mapping[date, str]:
    """The holidays of a year by day. Raises LookupError for a list that nobody keeps."""
    return _in_year(tuple(lists), year, current_language())


def between(lists: Iterable[str], first: date, last: date) -> list[Holiday]:
    """The holidays from `first` to `last`, both included, in order."""
    kept = tuple(lists)
    found = (one for year in range(first.year, last.year + 1) for one in sorted(in_year(kept, year).items()))
    return [Holiday(day, name) for day, name in found if first <= day <= last]


def is_one(lists: Iterable[str], day: date) -> bool:
    """Whether a day is a holiday in any of these lists."""
    return day in in_year(lists, day.year)


@functools.lru_cache(maxsize=500)
def _in_year(lists: tuple[str, ...], year: int, language: str) -> Mapping[date, str]:
    names: dict[date, list[str]] = {}
    for code in lists:
        for day, name in _of_list(code, year, language).items():
            if name not in names.setdefault(day, []):
                names[day].append(name)
    return {day: " / ".join(those) for day, those in sorted(names.items())}


def _of_list(code: str, year: int, language: str) -> dict[date, str]:
    country, _separator, region = code.partition("-")
    if country not in FEDERAL:
        raise LookupError(f"there is no list of holidays {code!r}")
    spoken = {"CA": {"fr": "fr"}.get(language, "en_CA"), "US": "en_US"}[country]
    categories = ("public",) if region else CATEGORIES[country]
    try:
        found = holidays.country_holidays(
            country, subdiv=region or None, years=year, categories=categories, language=spoken
        )
    except NotImplementedError:
        raise LookupError(f"there is no list of holidays {code!r}") from None
    return {day: _named(name, country) for day, name in found.items() if day.year == year}


def _named(names: str, country: str) -> str:
    """The library's names of one day, as this portal writes them."""
    return "; ".join(_written(name, AMERICAN if country == "US" else CANADIAN) for name in names.split("; "))


def _written(name: str, ours: Mapping[str, Lazy]) -> str:
    plain = OBSERVED.sub("", name)
    written = str(ours.get(plain, plain)).replace("'", "’")
    return written if plain == name else str(_l("%(holiday)s (observed)", holiday=written))
