"""Both agencies must clear; either refuses."""

import pytest

from portal.domain.adjudication import REFUSAL_REASONS, RefusalReason, joint_outcome, refusal_reason
from portal.i18n import speaking

CASES = [
    ({}, "open"),
    ({"CA": "cleared"}, "open"),
    ({"US": "cleared"}, "open"),
    ({"CA": "cleared", "US": "cleared"}, "cleared"),
    ({"CA": "refused"}, "refused"),
    ({"CA": "refused", "US": "cleared"}, "refused"),
    ({"CA": "cleared", "US": "refused"}, "refused"),
    ({"CA": "refused", "US": "refused"}, "refused"),
]


@pytest.mark.parametrize(("decisions", "expected"), CASES)
def test_what_two_decisions_mean(decisions: dict[str, str], expected: str) -> None:
    assert joint_outcome(decisions) == expected


@pytest.mark.parametrize("reason", REFUSAL_REASONS, ids=lambda reason: reason.code)
def test_every_reason_has_public_text_and_a_rule_in_both_languages(reason: RefusalReason) -> None:
    assert set(reason.rules) == {"CA", "US"}
    with speaking("fr"):
        for text in (reason.label, reason.public_text, *reason.rules.values()):
            assert str(text) != text.message or text.message == "Inadmissible", f"no French for {text!r}"


def test_an_unknown_reason_is_refused() -> None:
    with pytest.raises(KeyError):
        refusal_reason("because")
