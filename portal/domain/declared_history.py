"""What a declaration means by the rules of each country: a ground to look into, with its citation. Advice only.

The rules are data with dates (the setting `declared_history`); here stands how they are read. No rule refuses: the
strongest outcome is to recommend that an officer refuses, and a second officer confirms (rulings, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.i18n import Lazy
from portal.i18n import Lazy as _l

GROUNDS: dict[str, Lazy] = {
    "offence": _l("An offence, a pending charge or an arrest is declared"),
    "waiver": _l("A waiver of inadmissibility is declared"),
    "rehabilitation": _l("A rehabilitation is declared"),
    "violation": _l("A customs, immigration or agriculture violation is declared"),
    "contradiction": _l("No declaration names what an assessed hit shows"),
}
PARDONS: dict[str, Lazy] = {
    "ends_it": _l("A pardon or a record suspension ends this ground: check the date."),
    "counts_anyway": _l("A pardon or an expunged record does not end this ground."),
    "is_it": _l("The rehabilitation itself speaks for the applicant: check what it covers."),
    "none": _l("There is no pardon for this."),
}
OUTCOMES: dict[str, Lazy] = {"review": _l("Look into it"), "recommend_refusal": _l("Refusal recommended")}
CONTRADICTION = "contradiction"


@dataclass(frozen=True)
class Rule:
    """One rule: which declaration is a ground for which agency, what a pardon changes, how far back it looks."""

    key: str
    agency: str
    declaration: str
    """The key of the background question, or "contradiction"."""
    ground: str
    pardon: str
    outcome: str
    citation: str
    look_back_years: int | None = None
    """None: for ever."""


def rules_of(value: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules as the setting has them. Raises ValueError for a rule that names what there is not."""
    rules = tuple(Rule(**one) for one in value)
    for rule in rules:
        known = rule.ground in GROUNDS and rule.pardon in PARDONS and rule.outcome in OUTCOMES and rule.citation
        if not known:
            raise ValueError(f"the rule {rule.key!r} names an unknown ground, pardon or outcome, or no citation")
    return rules


def findings(rules: Sequence[Rule], agency: str, background: Mapping[str, Any], *, has_same: bool) -> tuple[Rule, ...]:
    """The rules of `agency` that the declarations meet, in the order of the setting.

    `has_same`: an officer found that a hit is the same person. Where every declaration then says No, that is a ground
    of its own: untrue information.
    """
    declared = {key for key, told in background.items() if isinstance(told, Mapping) and told.get("answer") is True}
    if has_same and not declared:
        declared = {CONTRADICTION}
    return tuple(rule for rule in rules if rule.agency == agency and rule.declaration in declared)
