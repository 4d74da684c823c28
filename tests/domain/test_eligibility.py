"""Who may apply, case by case."""

from __future__ import annotations

import pytest

from portal.domain.eligibility import (
    REASONS,
    Answers,
    Past,
    Residence,
    Standing,
    Verdict,
    documents_to_prepare,
    outcome,
)

NOTHING: frozenset[Past] = frozenset()


def _answers(
    standing: Standing = Standing.CITIZEN_CA,
    residence: Residence = Residence.NOT_RESIDENT,
    *,
    is_adult: bool = True,
    past: frozenset[Past] = NOTHING,
) -> Answers:
    return Answers(standing, residence, is_adult, past)


@pytest.mark.parametrize(
    ("answers", "verdict", "codes"),
    [
        (_answers(), Verdict.CAN_APPLY, []),
        (_answers(Standing.CITIZEN_US), Verdict.CAN_APPLY, []),
        (_answers(Standing.VIAJERO), Verdict.CAN_APPLY, []),
        # Citizens may have lived anywhere (SOR/2003-323, section 5(2)).
        (_answers(residence=Residence.ELSEWHERE), Verdict.CAN_APPLY, []),
        (_answers(Standing.RESIDENT_CA, Residence.HERE), Verdict.CAN_APPLY, []),
        (_answers(Standing.RESIDENT_US, Residence.SERVICE), Verdict.CAN_APPLY, []),
        (_answers(Standing.RESIDENT_CA, Residence.ELSEWHERE), Verdict.MAY_NOT, ["residence"]),
        (_answers(Standing.RESIDENT_US, Residence.UNSURE), Verdict.MAY_NOT, ["residence_unsure"]),
        (_answers(Standing.OTHER), Verdict.MAY_NOT, ["standing"]),
        (_answers(Standing.UNSURE), Verdict.MAY_NOT, ["standing_unsure"]),
        (_answers(past=frozenset({Past.REFUSED, Past.OFFENCE})), Verdict.MAY_NOT, ["offence", "refused"]),
        (_answers(past=frozenset({Past.UNSURE})), Verdict.MAY_NOT, ["past_unsure"]),
        (_answers(is_adult=False), Verdict.PARENT_APPLIES, []),
        (_answers(Standing.OTHER, is_adult=False), Verdict.PARENT_APPLIES, ["standing"]),
    ],
)
def test_an_answer_leads_to_its_verdict_and_reasons(answers: Answers, verdict: Verdict, codes: list[str]) -> None:
    found = outcome(answers)
    assert (found.verdict, [reason.code for reason in found.reasons]) == (verdict, codes)


@pytest.mark.parametrize("past", Past)
def test_each_kind_of_past_has_one_reason(past: Past) -> None:
    assert len(outcome(_answers(past=frozenset({past}))).reasons) == 1


def test_every_reason_says_where_its_rule_stands() -> None:
    assert all(str(reason.source).count("(") for reason in REASONS.values())
    assert str(REASONS["residence"].source).endswith("section 5(1)(f)")


@pytest.mark.parametrize("standing", Standing)
def test_the_checklist_begins_with_proof_of_standing(standing: Standing) -> None:
    assert "passport" in str(documents_to_prepare(_answers(standing))[0])


def test_the_checklist_grows_with_children_and_courts() -> None:
    plain = documents_to_prepare(_answers())
    child = documents_to_prepare(_answers(is_adult=False))
    courts = documents_to_prepare(_answers(past=frozenset({Past.CHARGE})))
    assert "consent" in " ".join(map(str, child[len(plain) :]))
    assert "Court" in str(courts[-1])
