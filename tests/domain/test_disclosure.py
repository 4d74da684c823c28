"""Every viewer and every fact: the matrix of the rulings, written out a second time."""

from __future__ import annotations

import pytest

from portal.domain.disclosure import MAY_KNOW, Fact, Viewer, may_know, viewer_of

COLUMNS = tuple(Viewer)
MATRIX = """
                          applicant parent other_parent helper payer officer supervisor auditor administrator operator
programme                     x       x        x          x      x      x        x         -         -           -
given_name                    x       x        x          x      x      x        x         -         -           -
answers                       x       x        -          x      -      x        x         -         -           -
background_answers            x       x        -          -      -      x        x         -         -           -
documents                     x       x        -          x      -      x        x         -         -           -
fee                           x       x        -          x      x      x        x         -         -           -
stages                        x       x        -          x      -      -        -         -         -           -
usual_times                   x       x        -          x      -      x        x         -         -           -
interview                     x       x        -          x      -      x        x         -         -           -
joint_outcome                 x       x        -          -      -      x        x         -         -           -
refusal_reason                x       x        -          -      -      -        -         -         -           -
own_questions                 x       x        -          -      -      x        x         -         -           -
other_questions               x       x        -          -      -      -        -         -         -           -
own_review                    -       -        -          -      -      x        x         -         -           -
own_decision                  -       -        -          -      -      x        x         -         -           -
own_notes                     -       -        -          -      -      x        x         -         -           -
own_proposals                 -       -        -          -      -      x        x         -         -           -
own_hits                      -       -        -          -      -      x        x         -         -           -
same_passport                 -       -        -          -      -      x        x         -         -           -
other_is_finished             x       x        -          x      -      x        x         -         -           -
other_assignment              -       -        -          -      -      -        -         -         -           -
other_outcome_before_own      -       -        -          -      -      -        -         -         -           -
other_reasons                 x       x        -          -      -      -        -         -         -           -
other_notes                   -       -        -          -      -      -        -         -         -           -
other_proposals               -       -        -          -      -      -        -         -         -           -
other_hits                    -       -        -          -      -      -        -         -         -           -
own_audit_trail               -       -        -          -      -      -        -         x         -           -
shared_audit_trail            -       -        -          -      -      -        -         x         -           -
unusual_looking               -       -        -          -      -      -        x         -         -           -
who_looked                    x       x        -          -      -      -        -         -         -           -
place_in_queue                -       -        -          -      -      -        -         -         -           -
"""


def _expected() -> dict[tuple[str, str], bool]:
    header, *lines = MATRIX.strip().splitlines()
    viewers = header.split()
    return {
        (viewer, fact): mark == "x"
        for fact, *marks in (line.split() for line in lines)
        for viewer, mark in zip(viewers, marks, strict=True)
    }


@pytest.mark.parametrize("fact", Fact)
@pytest.mark.parametrize("viewer", Viewer)
def test_each_viewer_knows_what_the_rulings_say(viewer: Viewer, fact: Fact) -> None:
    assert may_know(viewer, fact) is _expected()[viewer, fact]


def test_every_fact_is_in_the_table_and_nothing_else() -> None:
    assert set(MAY_KNOW) == set(Fact)
    assert {fact for _viewer, fact in _expected()} == set(Fact)


@pytest.mark.parametrize(
    ("roles", "viewer"),
    [
        (["officer"], Viewer.OFFICER),
        (["supervisor", "officer"], Viewer.SUPERVISOR),
        (["auditor"], Viewer.AUDITOR),
        (["administrator"], Viewer.ADMINISTRATOR),
    ],
)
def test_a_role_is_a_viewer(roles: list[str], viewer: Viewer) -> None:
    assert viewer_of(roles) is viewer
