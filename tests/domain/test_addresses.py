"""Addresses, countries and names in passports."""

from __future__ import annotations

import pytest

from portal.domain import addresses, consent, countries, passport_names
from portal.i18n import speaking


@pytest.mark.parametrize(
    ("typed", "country", "tidy"),
    [
        ("k1a0b1", "CA", "K1A 0B1"),
        ("V6B-1A1", "CA", "V6B 1A1"),
        ("K1A 0O1", "CA", None),
        ("98101", "US", "98101"),
        ("98101 1234", "US", "98101-1234"),
        ("K1A 0B1", "US", None),
        ("sw1a 1aa", "GB", "SW1A 1AA"),
        ("75008", "FR", "75008"),
        ("?", "FR", None),
    ],
)
def test_postal_codes_by_country(typed: str, country: str, tidy: str | None) -> None:
    assert addresses.tidy_postal_code(typed, country) == tidy


@pytest.mark.parametrize(
    ("code", "region", "country", "fits"),
    [
        ("K1A 0B1", "ON", "CA", True),
        ("K1A 0B1", "BC", "CA", False),
        ("X0A 0H0", "NU", "CA", True),
        ("98101", "WA", "US", True),
        ("98101", "NY", "US", False),
        ("75008", "Paris", "FR", True),
    ],
)
def test_an_ontario_code_is_none_of_british_columbia(code: str, region: str, country: str, fits: bool) -> None:
    assert addresses.postal_code_fits(code, region, country) is fits


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("ontario", "CA", "ON"),
        ("qc", "CA", "QC"),
        ("Quebec", "CA", "QC"),
        ("île du prince édouard", "CA", None),
        ("Île-du-Prince-Édouard", "CA", "PE"),
        ("New York", "US", "NY"),
        ("ON", "US", None),
        ("Île-de-France", "FR", "Île-de-France"),
    ],
)
def test_a_province_or_state_by_code_or_name(typed: str, country: str, code: str | None) -> None:
    assert addresses.region_code(typed, country) == code


def test_the_unit_reaches_the_street_line_of_the_envelope() -> None:
    home = {"street": "55 Rue Saint-Paul", "unit": "310", "city": "Montréal", "region": "QC", "postal_code": "H2Y 1H2"}
    assert addresses.envelope("Ève Roy", {**home, "country": "CA"})[:3] == [
        "ÈVE ROY",
        "310-55 RUE SAINT-PAUL",
        "MONTRÉAL QC H2Y 1H2",
    ]
    assert addresses.street_line({**home, "country": "US"}) == "55 Rue Saint-Paul #310"
    assert addresses.street_line({**home, "unit": "Apt B", "country": "US"}) == "55 Rue Saint-Paul, Apt B"


def test_every_country_of_the_world_once_and_in_the_order_of_the_language() -> None:
    assert len(countries.CODES) == 250
    names = [label for _, label in countries.everywhere()]
    assert names.index("Åland Islands") < names.index("Albania") < names.index("Zimbabwe")
    with speaking("fr"):
        french = [label for _, label in countries.everywhere()]
        assert french.index("Émirats arabes unis") < french.index("Finlande")
    assert {"CA", "US", "MX"}.isdisjoint(code for code, _ in countries.travelled())
    assert countries.nationalities()[-4][0] == "XXA"


@pytest.mark.parametrize(
    ("family", "given", "line"),
    [
        ("Tremblay", "Marie-Ève", "TREMBLAY<<MARIE<EVE"),
        ("O’Neill", "Zoë", "ONEILL<<ZOE"),
        ("Müller", "Jürgen", "MUELLER<<JUERGEN"),
        ("D'Angelo Łukasz", "", "DANGELO<LUKASZ"),
        ("", "Ng", "NG"),
        ("Ø", "I", "OE<<I"),
    ],
)
def test_a_name_in_the_machine_readable_zone(family: str, given: str, line: str) -> None:
    assert passport_names.mrz_line(family, given) == line


def test_what_a_name_may_hold() -> None:
    assert passport_names.unusual_character("Jean-Luc O’Hara Jr.") is None
    assert passport_names.unusual_character("R2D2") == "2"
    assert passport_names.is_latin("Nguyễn") and not passport_names.is_latin("Олена")


def test_a_signature_is_the_name_on_the_application() -> None:
    assert consent.is_signature_of("marie eve  TREMBLAY", "Marie-Ève Tremblay")
    assert not consent.is_signature_of("Marie Tremblay", "Marie-Ève Tremblay")
    assert not consent.is_signature_of("", "")
