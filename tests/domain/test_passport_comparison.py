"""What the lines of a passport say beside the answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.domain import mrz
from portal.domain.passport_comparison import DIFFERENT, EQUAL, LABELS, UNREADABLE, compared

TODAY = date(2026, 11, 24)
IDENTITY = {
    "family_name": "Müller-Lüdenscheidt",
    "given_names": "Maximilian Alexander Konstantin",
    "birth_on": "1986-03-27",
}
CITIZENSHIP = {
    "passport_number": "L01X00T47", "passport_country": "DE", "passport_expires_on": "2031-03-27",
    "citizenships": ["CA", "DE"],
}  # fmt: skip
PRINTED = {
    "document": "P", "issuing_state": "D", "family_name": IDENTITY["family_name"],
    "given_names": IDENTITY["given_names"],
    "number": "L01X00T47", "nationality": "D", "birth": "860327", "sex": "M", "expiry": "310327",
}  # fmt: skip


def _states(doubtful: frozenset[tuple[int, int]] = frozenset(), **printed: str) -> dict[str, str]:
    zone = mrz.read(mrz.compose("TD3", **{**PRINTED, **printed}), doubtful)
    return {one.field: one.state for one in compared(zone, IDENTITY, CITIZENSHIP, TODAY)}


def test_a_passport_that_says_what_was_written_is_equal_even_where_its_name_is_cut_off() -> None:
    assert _states() == dict.fromkeys(LABELS, EQUAL)


@pytest.mark.parametrize(
    ("field", "printed"),
    [
        ("name", {"family_name": "Müller"}), ("birth", {"birth": "860328"}), ("number", {"number": "L01X00T48"}),
        ("expiry", {"expiry": "310328"}), ("nationality", {"nationality": "FRA"}),
        ("issuing_state", {"issuing_state": "FRA"}),
    ],
)  # fmt: skip
def test_one_field_that_differs_is_the_one_that_is_named(field: str, printed: dict[str, Any]) -> None:
    assert _states(**printed) == {**dict.fromkeys(LABELS, EQUAL), field: DIFFERENT}


def test_a_number_that_is_not_proven_and_not_the_written_one_is_unreadable() -> None:
    assert _states(frozenset({(1, 2)}), number="L01X00T48")["number"] == UNREADABLE
    assert _states(frozenset({(1, 2)}))["number"] == EQUAL


def test_where_nothing_could_be_read_all_is_unreadable() -> None:
    assert {one.state for one in compared(None, IDENTITY, CITIZENSHIP, TODAY)} == {UNREADABLE}


def test_a_number_is_shown_by_its_end_only() -> None:
    zone = mrz.read(mrz.compose("TD3", **{**PRINTED, "number": "AB1234567"}))
    number = next(one for one in compared(zone, IDENTITY, CITIZENSHIP, TODAY) if one.field == "number")
    assert number.read == "•••• 4567"
