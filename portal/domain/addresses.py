"""Postal addresses: provinces and states, postal codes by country, and how an address stands on an envelope."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from portal.domain import countries
from portal.domain.countries import sorting_key
from portal.i18n import Lazy as _l

PROVINCES = {
    "AB": _l("Alberta"), "BC": _l("British Columbia"), "MB": _l("Manitoba"), "NB": _l("New Brunswick"),
    "NL": _l("Newfoundland and Labrador"), "NS": _l("Nova Scotia"), "NT": _l("Northwest Territories"),
    "NU": _l("Nunavut"), "ON": _l("Ontario"), "PE": _l("Prince Edward Island"), "QC": _l("Quebec"),
    "SK": _l("Saskatchewan"), "YT": _l("Yukon"),
}  # fmt: skip

PROVINCES_IN_FRENCH = {
    "Colombie-Britannique": "BC", "Nouveau-Brunswick": "NB", "Terre-Neuve-et-Labrador": "NL", "Nouvelle-Écosse": "NS",
    "Territoires du Nord-Ouest": "NT", "Île-du-Prince-Édouard": "PE", "Québec": "QC",
}  # fmt: skip

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands", "AA": "Armed Forces Americas", "AE": "Armed Forces Europe",
    "AP": "Armed Forces Pacific",
}  # fmt: skip

FIRST_LETTERS = {
    "NL": "A", "NS": "B", "PE": "C", "NB": "E", "QC": "GHJ", "ON": "KLMNP", "MB": "R", "SK": "S", "AB": "T",
    "BC": "V", "NT": "X", "NU": "X", "YT": "Y",
}  # fmt: skip
"""The letters with which the postal codes of each province begin (Canada Post)."""

FIRST_DIGITS = {
    "0": "CT MA ME NH NJ NY RI VT PR VI AE", "1": "DE NY PA", "2": "DC MD NC SC VA WV", "3": "AL FL GA MS TN AA",
    "4": "IN KY MI OH", "5": "IA MN MT ND SD WI", "6": "IL KS MO NE", "7": "AR LA OK TX",
    "8": "AZ CO ID NM NV UT WY TX", "9": "AK CA HI OR WA AP AS GU MP",
}  # fmt: skip
"""The states whose ZIP codes begin with each digit (United States Postal Service)."""

CANADIAN_CODE = re.compile(r"([ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]) ?-?(\d[ABCEGHJ-NPRSTV-Z]\d)")
ZIP_CODE = re.compile(r"(\d{5})(?:[ -]?(\d{4}))?")
OTHER_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{0,11}")


def region_code(typed: str, country: str) -> str | None:
    """The province or state that `typed` means, by code or name in either language; None when it means none.

    Outside Canada and the United States, what was typed is the region.
    """
    if country not in ("CA", "US"):
        return typed
    if typed.upper().strip(". ") in _regions(country):
        return typed.upper().strip(". ")
    return _region_names(country).get(sorting_key(typed))


def region_name(code: str, country: str) -> str:
    """The province or state in words."""
    return str(_regions(country).get(code, code))


def _regions(country: str) -> Mapping[str, object]:
    if country == "CA":
        return PROVINCES
    return STATES if country == "US" else {}


@functools.cache
def _region_names(country: str) -> dict[str, str]:
    if country == "US":
        return {sorting_key(label): code for code, label in STATES.items()}
    english = {sorting_key(label.message): code for code, label in PROVINCES.items()}
    return english | {sorting_key(label): code for label, code in PROVINCES_IN_FRENCH.items()}


def tidy_postal_code(typed: str, country: str) -> str | None:
    """The postal code as it is written; None when it cannot be one of that country."""
    code = " ".join(typed.upper().split())
    if country == "CA":
        found = CANADIAN_CODE.fullmatch(code)
        return f"{found[1]} {found[2]}" if found else None
    if country == "US":
        found = ZIP_CODE.fullmatch(code)
        return "-".join(part for part in found.groups() if part) if found else None
    return code if OTHER_CODE.fullmatch(code) else None


def postal_code_fits(code: str, region: str, country: str) -> bool:
    """Whether a tidy postal code can lie in the province or state."""
    if country == "CA" and region in FIRST_LETTERS:
        return code[0] in FIRST_LETTERS[region]
    if country == "US" and region in STATES:
        return region in FIRST_DIGITS[code[0]].split()
    return True


def street_line(address: Mapping[str, Any]) -> str:
    """Street and unit on one line, as the post of the country writes them: the unit always reaches the envelope."""
    street, unit = address.get("street") or "", (address.get("unit") or "").lstrip("# ")
    if not unit:
        return street
    if address.get("country") == "CA" and re.fullmatch(r"[\w]{1,6}", unit) and street[:1].isdigit():
        return f"{unit}-{street}"
    return f"{street} #{unit}" if unit[:1].isdigit() else f"{street}, {unit}"


def lines(address: Mapping[str, Any]) -> list[str]:
    """An address, line by line, with the country's name in the language being spoken."""
    town = " ".join(part for part in (address.get("city"), address.get("region"), address.get("postal_code")) if part)
    country = countries.name(address.get("country") or "")
    return [line for line in (street_line(address), town, country) if line]


def envelope(name: str, address: Mapping[str, Any]) -> list[str]:
    """What is printed on the envelope, in capitals as both posts ask for."""
    return [line.upper() for line in (name, *lines(address)) if line]
