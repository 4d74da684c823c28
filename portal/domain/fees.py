"""What an application costs: by age, and whether a parent or guardian is or is applying to be a member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.i18n import Lazy as _l

MAJORITY = 18


@dataclass(frozen=True)
class Fee:
    """What one application costs and why; `cents` are hundredths of `currency`."""

    cents: int
    currency: str
    reason: _l

    @property
    def amount(self) -> Decimal:
        """The fee in whole units of the currency."""
        return Decimal(self.cents) / 100


REASONS = {
    "adult_cents": _l("Fee for one application"),
    "minor_cents": _l("Fee for one application. No parent or guardian is a member or has applied."),
    "minor_with_parent_cents": _l("Under 18, and a parent or guardian is a member or has applied"),
}
"""Why a fee is what it is, by the name of the amount in the setting `fee`."""


def fee(amounts: Mapping[str, object], *, age: int, has_member_parent: bool) -> Fee:
    """The fee by the setting `fee` of the day (SOR/2003-323, section 24).

    `age` is in full years on that day; `has_member_parent` says whether a parent or guardian holds a membership or has
    an application under way.
    """
    name = _amount_for(age, has_member_parent)
    return Fee(int(str(amounts[name])), str(amounts["currency"]), REASONS[name])


def _amount_for(age: int, has_member_parent: bool) -> str:
    if age >= MAJORITY:
        return "adult_cents"
    return "minor_with_parent_cents" if has_member_parent else "minor_cents"
