"""The machine-readable zone: check digits, fields, names that fit, and what may be repaired."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.domain import mrz

TODAY = date(2026, 11, 24)
SPECIMENS = {  # ICAO Doc 9303, parts 4 to 6
    "TD3": ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    "TD2": ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
    "TD1": ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"),
}


@pytest.mark.parametrize("kind", SPECIMENS)
def test_a_specimen_says_what_it_says(kind: str) -> None:
    zone = mrz.read(SPECIMENS[kind])
    assert zone is not None
    assert zone.is_verified
    assert (zone.kind, zone["family_name"], zone["given_names"]) == (kind, "ERIKSSON", "ANNA MARIA")
    assert (zone["issuing_state"], zone["nationality"], zone["sex"]) == ("UTO", "UTO", "F")
    assert zone.born(TODAY) == date(1974, 8, 12)
    assert zone.expires(TODAY) == date(2012, 4, 15)
    assert zone["number"] == ("L898902C3" if kind == "TD3" else "D23145890")


@pytest.mark.parametrize("kind", SPECIMENS)
def test_any_other_letter_in_a_guarded_field_is_noticed(kind: str) -> None:
    layout, lines = mrz.BY_KIND[kind], SPECIMENS[kind]
    for name in ("number", "birth", "expiry"):
        row, start, end = layout.places[name]
        for column in range(start, end):
            digit = str((int(lines[row][column]) + 1) % 10) if lines[row][column].isdigit() else "7"
            changed = lines[row][:column] + digit + lines[row][column + 1 :]
            zone = mrz.read((*lines[:row], changed, *lines[row + 1 :]))
            assert zone is not None
            assert not zone.fields[name].is_verified
            assert not zone.is_verified


def test_a_field_with_a_doubtful_letter_is_not_verified() -> None:
    zone = mrz.read(SPECIMENS["TD3"], frozenset({(1, 3)}))
    assert zone is not None
    assert not zone.fields["number"].is_verified
    assert zone.fields["birth"].is_verified
    assert not zone.is_verified


def test_what_is_typed_is_told_apart_by_its_place_and_repaired_in_one_way_only() -> None:
    first, second = SPECIMENS["TD3"]
    zone = mrz.parse([first.lower().replace("<<", " «", 1), second.replace("7408122", "74O8I22")])
    assert zone is not None
    assert zone.is_verified
    assert zone.lines == SPECIMENS["TD3"]
    for wrong in (second.replace("7408122", "7508132"), second.replace("8902", "89O2")):  # two; one of several ways
        unsure = mrz.parse([first, wrong])
        assert unsure is not None
        assert not unsure.is_verified
    assert mrz.parse([first]) is None
    assert mrz.parse([first[:-1] + "é", second]) is None


def test_names_are_transliterated_and_shortened_to_fit() -> None:
    lines = mrz.compose(
        "TD1", document="I", issuing_state="CAN", family_name="Müller-Lüdenscheidt von Þórsdóttir", given_names="Zoë",
        number="AB1234567", nationality="CAN", birth="860327", sex="F", expiry="310327",
    )  # fmt: skip
    zone = mrz.read(lines)
    assert zone is not None
    assert zone.is_verified
    assert lines[2] == "MUELLER<LUEDENSCHEIDT<VON<T<<Z"
    assert (zone["family_name"], zone["given_names"]) == ("MUELLER LUEDENSCHEIDT VON T", "Z")


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    lines = mrz.compose(
        "TD1", document="I", issuing_state="D", family_name="Kaur", given_names="", number="L01X00T471234",
        nationality="D", birth="860327", sex="", expiry="310327",
    )  # fmt: skip
    zone = mrz.read(lines)
    assert zone is not None
    assert zone["number"] == "L01X00T471234"
    assert zone.is_verified
    assert (zone["family_name"], zone["given_names"], zone["sex"]) == ("KAUR", "", "")


@given(
    some.sampled_from(sorted(SPECIMENS)), some.text(mrz.ALPHABET[:36], min_size=1, max_size=9),
    some.dates(date(1930, 1, 1), date(2026, 11, 24)), some.dates(date(2020, 1, 1), date(2060, 1, 1)),
    some.text("ABCDEÉÖŁß’- ", max_size=40), some.text("XYZÅÆ -", max_size=30),
)  # fmt: skip
def test_what_is_composed_can_be_read(
    kind: str, number: str, born: date, expires: date, family: str, given_names: str
) -> None:
    lines = mrz.compose(
        kind, document="P", issuing_state="CAN", family_name=family, given_names=given_names, number=number,
        nationality="CAN", birth=born.strftime("%y%m%d"), sex="M", expiry=expires.strftime("%y%m%d"),
    )  # fmt: skip
    zone = mrz.read(lines)
    assert zone is not None
    assert zone.is_verified
    assert (zone["number"], zone.born(TODAY), zone.expires(TODAY)) == (number, born, expires)
