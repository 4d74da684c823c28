"""Both sides of a hit, line by line: what the person told, what the list says, and whether that is the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from portal.db import current_session
from portal.domain import countries
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.models import LookoutEntry, LookoutHit
from portal.screening import matcher as matching
from portal.services import screening, screening_fields

SEPARATOR = " · "
COMPARED = ("weak_names", "born_in", "citizenship")
"""Details of an entry that stand in the comparison, and so not below it."""


def compared(hit: LookoutHit) -> list[dict[str, Any]]:
    """Names, dates and places of birth, citizenships of both sides; `same` is None where one side says nothing."""
    person, entry = hit.application.person, hit.entry
    profile = screening.matched_of(current_session(), person.id)
    names = list(profile.names) if profile else [person.full_name]
    born = person.birth_on.isoformat() if person.birth_on else ""
    place = profile.birth_place if profile else ""
    held = {code.upper() for code in profile.citizenships} if profile else set()
    theirs = screening_fields.entry_of(entry)
    listed = {code.upper() for code in theirs.citizenships}
    alike = any(matching.name_likeness(one, other) > 0.999 for one in names for other in entry.names)
    codes = {reason["code"] for reason in hit.reasons}
    return [
        _line(_("Names"), names, _names_of(entry), alike),
        _line(_("Date of birth"), [_day(born)], [_day(one) for one in entry.birth_dates], born in entry.birth_dates),
        _line(_("Place of birth"), told_places([place]), told_places(theirs.birth_places), "place_same" in codes),
        _line(_("Citizenship"), _named(held), _named(listed) or _told(entry), bool(held & listed)),
    ]


def _line(label: str, left: list[str], right: list[str], same: bool) -> dict[str, Any]:
    told, listed = (SEPARATOR.join(part for part in side if part) for side in (left, right))
    verdict = same if told and listed else None
    return {"label": label, "left": told or "–", "right": listed or _("Not on the list"), "same": verdict}


def _names_of(entry: LookoutEntry) -> list[str]:
    weak = entry.details.get("weak_names") or []
    return [*entry.names, *(_("“%(name)s” (uncertain)", name=one) for one in weak)]


def _named(codes: set[str]) -> list[str]:
    return sorted(countries.name(code) for code in codes)


def told_places(places: Iterable[str]) -> list[str]:
    """Places such as "Beirut, Lebanon", their country in the language being spoken where it is known by this name."""
    return [_place(place) for place in places]


def _place(text: str) -> str:
    before, comma, country = text.rpartition(", ")
    # two letters are as often a state's as a country's
    code = screening_fields.country_code(country) if len(country) > 2 else ""
    return f"{before}{comma}{countries.name(code.upper())}" if code else text


def _told(entry: LookoutEntry) -> list[str]:
    """A citizenship as the list writes it, where nobody knows that country by this name."""
    value = entry.details.get("citizenship") or []
    return value if isinstance(value, list) else [str(value)]


def _day(text: str) -> str:
    """A whole date in the language being spoken; a year as it stands."""
    return format_date(date.fromisoformat(text)) if len(text) == 10 else text
