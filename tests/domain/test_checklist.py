"""The document checklist: what each answer adds, and what keeps an application from being sent."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.checklist import lines, needed
from tests.answers import ANSWERS

USUAL: dict[str, Any] = {name: ANSWERS[name] for name in ("citizenship", "names", "background")}
NO = {"answer": False, "details": ""}
YES = {"answer": True, "details": "In 2009"}


def _kinds(age: int | None = 38, **changed: dict[str, Any]) -> list[str]:
    answers = USUAL | {section: USUAL[section] | parts for section, parts in changed.items()}
    return [line.kind.key for line in lines(answers, age)]


def test_a_citizen_with_nothing_else_to_say_sends_one_page() -> None:
    assert _kinds() == ["passport_page", "residence_proof"]
    assert needed(USUAL, 38) == {"passport_page"}


def test_what_is_not_known_yet_asks_for_nothing() -> None:
    assert [line.kind.key for line in lines({}, None)] == ["passport_page", "residence_proof"]
    assert needed({"citizenship": None, "names": None}, None) == {"passport_page"}


@pytest.mark.parametrize(
    ("changed", "kind", "is_needed"),
    [
        ({"citizenship": {"status": "resident_ca"}}, "resident_card", True),
        ({"citizenship": {"status": "resident_us"}}, "resident_card", True),
        ({"citizenship": {"citizenships": ["CA", "FR"]}}, "other_passport", False),
        ({"background": {"convicted": YES}}, "court_papers", True),
        ({"background": {"waiver": YES}}, "pardon_papers", True),
        ({"background": {"rehabilitation": YES}}, "pardon_papers", True),
        ({"names": {"names": [{"kind": "legal"}]}}, "name_papers", False),
        ({"names": {"names": [{"kind": "marriage"}]}}, "name_papers", False),
    ],
)
def test_an_answer_adds_a_line(changed: dict[str, Any], kind: str, is_needed: bool) -> None:
    assert kind not in _kinds()
    assert kind in _kinds(**changed)
    answers = USUAL | {section: USUAL[section] | parts for section, parts in changed.items()}
    assert (kind in needed(answers, 38)) == is_needed


@pytest.mark.parametrize(("age", "is_minor"), [(0, True), (17, True), (18, False), (None, False)])
def test_minors_bring_papers_of_their_own(age: int | None, is_minor: bool) -> None:
    assert ({"birth_certificate", "custody_papers"} <= set(_kinds(age))) == is_minor


def test_a_customs_penalty_needs_no_court_papers() -> None:
    assert _kinds(background={"violation": YES, "convicted": NO}) == _kinds()
