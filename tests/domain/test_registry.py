"""The registry written out a second time: role by permission by state, and viewer by fact by state, each placed."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.domain.facts import Fact, Viewer
from portal.domain.lifecycle import LIFECYCLES, OPEN_STATUSES, Status
from portal.domain.permissions import Permission, Role
from portal.domain.registry import FACTS, PERMISSIONS, ever_known, facts_known, may, may_know, open_actions, viewer_of
from tests.domain.permissions_page import page

LETTERS = {
    Status.DRAFT: "d",
    Status.AWAITING_CONSENT: "c",
    Status.AWAITING_PAYMENT: "p",
    Status.UNDER_REVIEW: "r",
    Status.CONDITIONALLY_APPROVED: "a",
    Status.APPROVED: "A",
    Status.DENIED: "D",
    Status.WITHDRAWN: "W",
    Status.LAPSED: "L",
}
WHO_MAY = """
                     applicant     officer       supervisor    administrator auditor
public:read          dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL
payment:notify       -             -             -             -             -
system:act           -             -             -             -             -
account:use          dcpraADWL     -             -             -             -
application:follow   dcpraADWL     -             -             -             -
application:fill     dcpra....     -             -             -             -
application:help     d........     -             -             -             -
correction:ask       .cpraADWL     -             -             -             -
consent:give         dc.......     -             -             -             -
interview:book       ....aADWL     -             -             -             -
officer:use          -             dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL
application:read     -             ...raADWL     ...raADWL     -             -
review:work          -             ...raADWL     ...raADWL     -             -
refusal:confirm      -             ...ra....     ...ra....     -             -
hit:assess           -             ...raADWL     ...raADWL     -             -
list:read            -             dcpraADWL     dcpraADWL     -             -
list:import          -             dcpraADWL     dcpraADWL     -             -
list:publish         -             -             dcpraADWL     -             -
country_list:read    -             dcpraADWL     dcpraADWL     -             -
country_list:import  -             dcpraADWL     dcpraADWL     -             -
country_list:publish -             -             dcpraADWL     -             -
interview:record     -             ....aADWL     ....aADWL     -             -
officers:manage      -             -             -             dcpraADWL     -
audit:read           -             -             -             -             dcpraADWL
hold:place           -             -             ...raADWL     -             -
capacity:manage      -             -             dcpraADWL     -             -
payment:refund       -             -             dcpraADWL     -             -
looking:oversee      -             -             dcpraADWL     -             -
emergency:judge      -             -             dcpraADWL     -             dcpraADWL
"""
WHO_KNOWS = """
                          applicant     parent        other_parent  helper        payer         officer       supervisor    auditor       administrator operator
programme                 dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL     ...raADWL     ...raADWL     -             -             -
given_name                dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL     dcpraADWL     ...raADWL     ...raADWL     -             -             -
answers                   dcpraADWL     dcpraADWL     -             dcpraADWL     -             ...raADWL     ...raADWL     -             -             -
background_answers        dcpraADWL     dcpraADWL     -             -             -             ...raADWL     ...raADWL     -             -             -
documents                 dcpraADWL     dcpraADWL     -             dcpraADWL     -             ...raADWL     ...raADWL     -             -             -
fee                       dcpraADWL     dcpraADWL     -             dcpraADWL     dcpraADWL     ...raADWL     ...raADWL     -             -             -
stages                    dcpraADWL     dcpraADWL     -             dcpraADWL     -             -             -             -             -             -
usual_times               dcpraADWL     dcpraADWL     -             dcpraADWL     -             ...raADWL     ...raADWL     -             -             -
interview                 ....aADWL     ....aADWL     -             ....aADWL     -             ....aADWL     ....aADWL     -             -             -
joint_outcome             ....aAD..     ....aAD..     -             -             -             ...raADWL     ...raADWL     -             -             -
refusal_reason            ......D..     ......D..     -             -             -             -             -             -             -             -
own_questions             ...raADWL     ...raADWL     -             -             -             ...raADWL     ...raADWL     -             -             -
other_questions           ...raADWL     ...raADWL     -             -             -             -             -             -             -             -
own_review                -             -             -             -             -             ...raADWL     ...raADWL     -             -             -
own_decision              -             -             -             -             -             ...raADWL     ...raADWL     -             -             -
own_notes                 -             -             -             -             -             ...raADWL     ...raADWL     -             -             -
own_proposals             -             -             -             -             -             ...raADWL     ...raADWL     -             -             -
own_hits                  -             -             -             -             -             ...raADWL     ...raADWL     -             -             -
same_passport             -             -             -             -             -             ...raADWL     ...raADWL     -             -             -
other_is_finished         ...raADWL     ...raADWL     -             ...raADWL     -             ...raADWL     ...raADWL     -             -             -
other_assignment          -             -             -             -             -             -             -             -             -             -
other_outcome_before_own  -             -             -             -             -             -             -             -             -             -
other_reasons             ......D..     ......D..     -             -             -             -             -             -             -             -
other_notes               -             -             -             -             -             -             -             -             -             -
other_proposals           -             -             -             -             -             -             -             -             -             -
other_hits                -             -             -             -             -             -             -             -             -             -
own_audit_trail           -             -             -             -             -             -             -             dcpraADWL     -             -
shared_audit_trail        -             -             -             -             -             -             -             dcpraADWL     -             -
unusual_looking           -             -             -             -             -             -             dcpraADWL     -             -             -
who_looked                dcpraADWL     dcpraADWL     -             -             -             -             -             -             -             -
place_in_queue            -             -             -             -             -             -             -             -             -             -
"""  # noqa: E501
PAGE = Path(__file__).parents[2] / "docs/permissions.md"


def _read(matrix: str) -> dict[tuple[str, str], str]:
    header, *lines = matrix.strip().splitlines()
    return {
        (name, column): cell
        for name, *cells in (line.split() for line in lines)
        for column, cell in zip(header.split(), cells, strict=True)
    }


MAY, KNOWS = _read(WHO_MAY), _read(WHO_KNOWS)


def test_everything_is_placed() -> None:
    assert set(LETTERS) == set(Status)
    assert set(PERMISSIONS) == set(Permission)
    assert set(FACTS) == set(Fact)
    assert {viewer for known in FACTS.values() for viewer in known} <= set(Viewer)
    assert set(MAY) == {(permission, role) for permission in Permission for role in Role}
    assert set(KNOWS) == {(fact, viewer) for fact in Fact for viewer in Viewer}


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_is_written_in_each_state(role: Role) -> None:
    for permission in Permission:
        for status, letter in LETTERS.items():
            expected = letter in MAY[permission, role]
            assert may([role], permission, status) is expected, (permission, status)


@pytest.mark.parametrize("viewer", Viewer)
def test_each_viewer_knows_what_the_rulings_say_in_each_state(viewer: Viewer) -> None:
    for fact in Fact:
        for status, letter in LETTERS.items():
            expected = letter in KNOWS[fact, viewer]
            assert may_know(viewer, fact, status) is expected, (fact, status)
            assert (fact in facts_known(viewer, status)) is expected
        assert ever_known(viewer, fact) is (KNOWS[fact, viewer] != "-")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", Status)
def test_a_role_sees_the_fields_of_its_viewer_and_no_more(role: Role, status: Status) -> None:
    seen = {fact for fact in Fact if LETTERS[status] in KNOWS[fact, viewer_of([role])]}
    assert facts_known(viewer_of([role]), status) == seen
    if role in (Role.ADMINISTRATOR, Role.AUDITOR):
        assert not seen & {Fact.ANSWERS, Fact.BACKGROUND_ANSWERS, Fact.DOCUMENTS, Fact.GIVEN_NAME, Fact.OWN_HITS}


def test_who_may_move_an_application_may_do_it_from_every_state_that_the_lifecycle_names() -> None:
    for line in LIFECYCLES["application"]:
        assert line.sources <= PERMISSIONS[line.permission].states, line.action


def test_what_is_closed_takes_no_more_filling_in_and_no_refusal() -> None:
    for status in set(Status) - set(OPEN_STATUSES):
        assert not may([Role.APPLICANT], Permission.APPLICATION_FILL, status)
        assert not may([Role.OFFICER], Permission.REFUSAL_CONFIRM, status)


def test_an_officer_sees_the_actions_of_the_state() -> None:
    assert open_actions("review", "waiting", [Role.OFFICER], Status.UNDER_REVIEW) == ("take",)
    assert "confirm_refusal" in open_actions("review", "refusal_proposed", [Role.OFFICER], Status.UNDER_REVIEW)
    assert open_actions("review", "refusal_proposed", [Role.OFFICER], Status.WITHDRAWN) == ()
    assert open_actions("review", "waiting", [Role.ADMINISTRATOR, Role.AUDITOR], Status.UNDER_REVIEW) == ()


@pytest.mark.parametrize(
    ("roles", "viewer"),
    [
        (["applicant"], Viewer.APPLICANT),
        (["officer"], Viewer.OFFICER),
        (["supervisor", "officer"], Viewer.SUPERVISOR),
        (["auditor"], Viewer.AUDITOR),
        (["administrator"], Viewer.ADMINISTRATOR),
    ],
)
def test_a_role_is_a_viewer(roles: list[str], viewer: Viewer) -> None:
    assert viewer_of(roles) is viewer


def test_nobody_is_of_an_unknown_role() -> None:
    with pytest.raises(ValueError, match="owner"):
        may(["owner"], Permission.PUBLIC, Status.DRAFT)


def test_the_page_for_readers_says_what_the_registry_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.domain.permissions_page > docs/permissions.md"
