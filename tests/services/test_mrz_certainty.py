"""When a zone that was read clearly is still not proven: what check digits cannot notice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from portal.adapters.mrz_reader.decoding import decode
from portal.domain import mrz

SEEN = -12.5  # log-likelihood of every letter that a sure reader did not see
PASSPORT = mrz.BY_KIND["TD3"]


def _zone(number: str) -> tuple[str, ...]:
    return mrz.compose(
        "TD3", document="P", issuing_state="XXA", family_name="Kaur", given_names="Ana", number=number,
        nationality="XXA", birth="561022", sex="M", expiry="291019",
    )  # fmt: skip


def _seen(lines: tuple[str, ...], gaps: dict[tuple[int, str], float] | None = None) -> mrz.MRZ:
    """What a reader makes of lines that it sees clearly, but for letters of the second line that seemed likely too."""
    likely = []
    for line in lines:
        cells = np.full((len(line), len(mrz.ALPHABET)), SEEN, np.float32)
        cells[range(len(line)), [mrz.ALPHABET.index(letter) for letter in line]] = 0
        likely.append(cells)
    for (column, letter), gap in (gaps or {}).items():
        likely[1][column, mrz.ALPHABET.index(letter)] = -gap
    decoded = decode(PASSPORT, likely)
    read = mrz.read(decoded.lines, decoded.doubtful)
    assert read is not None and read.lines == lines
    return read


@pytest.mark.parametrize("number", ["MA5371234", "MA5370123", "987654321"])
def test_a_number_that_is_seen_clearly_is_verified(number: str) -> None:
    read = _seen(_zone(number))
    assert read.fields["number"].is_verified and read.is_verified


@pytest.mark.parametrize("number", ["MA537000", "MA5370OO", "0A0A00000", "OO1234567", "1002003"])
def test_zeros_that_may_all_be_the_letter_o_are_not_proven_however_clear(number: str) -> None:
    lines = _zone(number)
    assert any(mrz.check_digit(other) == lines[1][9] for other in _others(lines[1][:9]))
    read = _seen(lines)
    assert not read.fields["number"].is_verified and not read.is_verified
    assert read.fields["expiry"].is_verified, "what else the zone says is"


def _others(number: str) -> set[str]:
    """The number with any of its 0 and O taken for the other."""
    choices = [("0", "O") if letter in "0O" else (letter,) for letter in number]
    return {"".join(letters) for letters in product(*choices)} - {number}


def test_two_letters_that_only_together_could_be_others_need_to_be_surer() -> None:
    lines = _zone("MA5178123")  # 5 at weight 1; 1 at weight 3 and 7 at weight 7 stand alone
    assert _seen(lines, {(2, "S"): 4.0}).fields["number"].is_verified, "the digit refuses a lone S"
    lines = _zone("M55178123")  # taken for S, the two 5 at weights 3 and 1 leave no sum as it was
    assert _seen(lines, {(1, "S"): 4.0, (2, "S"): 4.0}).fields["number"].is_verified
    lines = _zone("55M178123")  # at weights 7 and 3 they do
    assert not _seen(lines, {(0, "S"): 4.0, (1, "S"): 4.0}).fields["number"].is_verified
