"""The lines of a document as people type them: what is wrong, by line and place, and what may be believed."""

from __future__ import annotations

import pytest

from portal.domain import mrz
from portal.domain.mrz_typing import read_typed

NAMES, NUMBERS = mrz.compose(
    "TD3", document="P", issuing_state="CAN", family_name="Tremblay", given_names="Marie-Ève", number="AB123456",
    nationality="CAN", birth="860327", sex="F", expiry="320501",
)  # fmt: skip
CARD = mrz.compose(
    "TD1", document="CA", issuing_state="CAN", family_name="Tremblay", given_names="Marie-Ève", number="RA0123456",
    nationality="FRA", birth="860327", sex="F", expiry="320501",
)  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        (NAMES, NUMBERS), (NAMES.rstrip("<"), NUMBERS), (NAMES.lower(), f" {NUMBERS[:20]} {NUMBERS[20:]} "),
        (NAMES, NUMBERS.replace("<" * 14, "<")), (NAMES.replace("<<MARIE", "«MARIE"), NUMBERS, ""), CARD,
        (CARD[0].rstrip("<"), CARD[1].replace("<" * 11, "<"), CARD[2].rstrip("<")),
    ],
)  # fmt: skip
def test_lines_are_read_however_they_are_typed(lines: tuple[str, ...]) -> None:
    read = read_typed(lines)
    assert read.mistakes == ()
    assert read.zone is not None and read.zone.is_verified
    assert read.zone.lines == (CARD if lines[-1].startswith("TREMBLAY") else (NAMES, NUMBERS))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((NAMES,), "Type every line: a passport has two, a card three"),
        (("", NUMBERS), "Type every line: a passport has two, a card three"),
        (("P<CANTRÉMBLAY", NUMBERS), "Line 1, place 8: “É” cannot stand there"),
        ((NAMES + "<", NUMBERS), "Line 1 has 45 letters, numbers and signs. There is room for 44."),
        ((NAMES, NUMBERS[:9]), "Line 2 has 9 letters, numbers and signs. It must have 44."),
        ((NAMES, NUMBERS[:3] + NUMBERS[4:]), "Line 2 has 43 letters, numbers and signs. It must have 44."),
        ((NAMES, NUMBERS.replace("860327", "860337")), "Line 2, places 14 to 20: the date of birth does not fit"),
        ((NAMES, NUMBERS.replace("320501", "330501")), "Line 2, places 22 to 28: the date of expiry does not fit"),
        ((NAMES, NUMBERS.replace("AB1", "XB7")), "Line 2, places 1 to 10: the number of the document does not fit"),
        ((NAMES, NUMBERS[:-1] + str((int(NUMBERS[-1]) + 1) % 10)), "Line 2: the last number proves all the others"),
        ((NAMES.replace("CAN", "CAM"), NUMBERS), "Line 1, places 3 to 5: “CAM” is not the code of a country"),
        ((CARD[0], CARD[1].replace("860327", "860328"), CARD[2]), "Line 2, places 1 to 7: the date of birth does not"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_line_and_place(lines: tuple[str, ...], said: str) -> None:
    read = read_typed(lines)
    assert read.zone is None
    assert said in " ".join(str(one.message) for one in read.mistakes)


def test_a_letter_where_only_a_digit_can_stand_is_taken_for_it_and_said() -> None:
    read = read_typed((NAMES, NUMBERS.replace("860327", "86O327")))
    assert read.zone is not None and read.zone.is_verified
    assert read.repairs == ((2, 16, "O", "0"),)


def test_a_number_that_was_mended_is_offered_and_never_called_sure() -> None:
    specimen = ("P<UTOERIKSSON<<ANNA<MARIA", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    read = read_typed((specimen[0], specimen[1].replace("L898902", "L899902")))
    assert read.zone is not None and read.repairs == ((2, 6, "0", "D"),), "one letter that looks alike, and wrong"
    assert not read.zone.is_sure("number") and not read.zone.is_verified
    assert read.zone.is_sure("birth")


def test_lines_that_were_cut_off_prove_nothing_though_single_digits_fit() -> None:
    cut = mrz.read([NAMES[8:], NUMBERS[8:]])
    assert cut is not None
    assert not any(field.is_verified for field in cut.fields.values())
