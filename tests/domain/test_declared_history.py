"""Declared-history rules: deterministic, cited, advice only; a contradiction is a ground of its own."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.declared_history import Rule, findings, rules_of

VALUE = [
    {"key": "a", "agency": "CA", "declaration": "convicted", "ground": "offence", "pardon": "ends_it",
     "outcome": "review", "citation": "Section 5"},
    {"key": "b", "agency": "US", "declaration": "convicted", "ground": "offence", "pardon": "counts_anyway",
     "outcome": "review", "citation": "Part 235"},
    {"key": "c", "agency": "CA", "declaration": "contradiction", "ground": "contradiction", "pardon": "none",
     "outcome": "recommend_refusal", "citation": "Section 5"},
]  # fmt: skip
NO: dict[str, Any] = {"convicted": {"answer": False}, "waiver": {"answer": False}}
YES: dict[str, Any] = NO | {"convicted": {"answer": True, "details": "2011"}}


@pytest.mark.parametrize(
    ("agency", "background", "has_same", "found"),
    [
        ("CA", NO, False, []),
        ("CA", YES, False, ["a"]),
        ("US", YES, False, ["b"]),
        ("CA", NO, True, ["c"]),
        ("CA", YES, True, ["a"]),
        ("US", NO, True, []),
        ("CA", {}, False, []),
        ("CA", {"convicted": None}, True, ["c"]),
    ],
)
def test_a_declaration_meets_the_rules_of_its_agency(
    agency: str, background: dict[str, Any], has_same: bool, found: list[str]
) -> None:
    assert [rule.key for rule in findings(rules_of(VALUE), agency, background, has_same=has_same)] == found


@pytest.mark.parametrize("change", [{"citation": ""}, {"ground": "face"}, {"pardon": "maybe"}, {"outcome": "refuse"}])
def test_a_rule_without_citation_or_with_an_unknown_word_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="the rule"):
        rules_of([VALUE[0] | change])


def test_no_rule_refuses_by_itself() -> None:
    with pytest.raises(ValueError, match="outcome"):
        rules_of([{**VALUE[0], "outcome": "refused"}])
    assert rules_of(VALUE)[0] == Rule(**VALUE[0])  # type: ignore[arg-type]
