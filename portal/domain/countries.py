"""Countries of the world by ISO 3166 code, and the codes that passports alone know (ICAO Doc 9303, part 3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from babel import Locale

from portal.i18n import Lazy as _l
from portal.i18n import country_name, current_language

PASSPORT_CODES = {
    "GBD": _l("British Overseas Territories citizen"),
    "GBN": _l("British National (Overseas)"),
    "GBO": _l("British Overseas citizen"),
    "GBP": _l("British protected person"),
    "GBS": _l("British subject"),
    "EUE": _l("European Union"),
    "UNO": _l("United Nations"),
    "UNA": _l("United Nations specialized agency"),
    "UNK": _l("Kosovo (United Nations document)"),
    "XOM": _l("Sovereign Military Order of Malta"),
    "XPO": _l("Interpol"),
    "XCC": _l("Caribbean Community"),
    "XBA": _l("African Development Bank"),
    "XIM": _l("African Export-Import Bank"),
    "XCE": _l("Council of Europe"),
    "XCO": _l("Common Market for Eastern and Southern Africa"),
    "XEC": _l("Economic Community of West African States"),
    "XES": _l("Organization of Eastern Caribbean States"),
    "XMP": _l("Parliamentary Assembly of the Mediterranean"),
    "XDC": _l("Southern African Development Community"),
    "XXA": _l("Stateless person"),
    "XXB": _l("Refugee (1951 Convention)"),
    "XXC": _l("Refugee (other)"),
    "XXX": _l("Nationality not known"),
}
"""What the nationality field of a passport can say beside a country."""

NOT_COUNTRIES = frozenset(["AC", "AN", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
"""Codes that Babel names too: groups of countries, and parts that ISO only reserves."""

NOT_ASKED_IN_TRAVEL = frozenset({"CA", "US", "MX"})
"""Travel within the three neighbours is not asked for (rulings, section 3)."""

CODES = frozenset(
    code
    for code in map(str, Locale.parse("en_CA").territories)
    if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES
)

Listing = list[tuple[str, str]]


def name(code: str) -> str:
    """The name in the language being spoken; the code itself where nobody knows it."""
    return str(PASSPORT_CODES.get(code) or country_name(code))


def everywhere() -> Listing:
    """Every country as (code, name), in the alphabetical order of the language being spoken."""
    return _listed(CODES)


def nationalities() -> Listing:
    """Every country, and after them what else a passport can name."""
    return everywhere() + [(code, str(text)) for code, text in PASSPORT_CODES.items()]


def travelled() -> Listing:
    """The countries that the travel history asks about."""
    return _listed(CODES - NOT_ASKED_IN_TRAVEL)


def by_first_letter(listing: Listing) -> list[tuple[str, Listing]]:
    """The listing in groups: (letter, its countries)."""
    groups: dict[str, Listing] = {}
    for code, label in listing:
        groups.setdefault(sorting_key(label)[0].upper(), []).append((code, label))
    return list(groups.items())


def sorting_key(text: str) -> str:
    """What `text` is sorted by: accents and capitals do not matter (É stands with E)."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "Oe"))
    return "".join(letter for letter in plain if letter.isalnum() or letter == " ").casefold()


_listings: dict[tuple[str, frozenset[str]], Listing] = {}


def _listed(codes: Iterable[str]) -> Listing:
    key = (current_language(), frozenset(codes))
    if key not in _listings:
        named = ((code, country_name(code)) for code in key[1])
        _listings[key] = sorted(named, key=lambda entry: sorting_key(entry[1]))
    return _listings[key]
