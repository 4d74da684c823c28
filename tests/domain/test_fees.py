"""The fee by age and parents, as a table, and for every age."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.fees import fee

AMOUNTS = {"currency": "USD", "adult_cents": 12000, "minor_cents": 12000, "minor_with_parent_cents": 0}


@pytest.mark.parametrize(
    ("age", "has_member_parent", "cents"),
    [
        (0, False, 12000),
        (0, True, 0),
        (17, False, 12000),
        (17, True, 0),
        (18, False, 12000),
        (18, True, 12000),
        (64, True, 12000),
    ],
)
def test_the_fee_follows_section_24(age: int, has_member_parent: bool, cents: int) -> None:
    assert fee(AMOUNTS, age=age, has_member_parent=has_member_parent).cents == cents


@given(
    age=st.integers(0, 120), has_member_parent=st.booleans(), adult=st.integers(0, 10**6), minor=st.integers(0, 10**6)
)
def test_nobody_pays_anything_but_one_of_the_three_amounts(
    age: int, has_member_parent: bool, adult: int, minor: int
) -> None:
    amounts = AMOUNTS | {"adult_cents": adult, "minor_cents": minor}
    found = fee(amounts, age=age, has_member_parent=has_member_parent)
    assert found.cents == (adult if age >= 18 else 0 if has_member_parent else minor)
    assert found.amount == Decimal(found.cents) / 100
