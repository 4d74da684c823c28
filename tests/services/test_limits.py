"""Growing waits: counted at once, bounded, forgiven."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from portal.clock import now
from portal.services.limits import LIMITS, Claim, forgive, take

ZERO = timedelta(0)
CLAIM = Claim("sign_in", "somebody")


def _use_up(session: Session, claim: Claim) -> None:
    for _ in range(LIMITS[claim.limit].free):
        assert take(session, [claim]) == ZERO


def test_the_wait_grows_and_is_bounded(session: Session) -> None:
    _use_up(session, CLAIM)
    limit, moment, waits = LIMITS["sign_in"], now(), []
    for _ in range(12):
        with time_machine.travel(moment, tick=False):
            wait = take(session, [CLAIM])
            waits.append(wait)
        moment += wait
        with time_machine.travel(moment, tick=False):
            assert take(session, [CLAIM]) == ZERO
    assert waits[1] > waits[0] > ZERO
    assert max(waits) == waits[-1] == limit.longest_wait


def test_a_try_that_must_wait_counts_nothing(session: Session) -> None:
    _use_up(session, CLAIM)
    with time_machine.travel(now(), tick=False):
        assert take(session, [CLAIM]) == take(session, [CLAIM]) > ZERO


def test_another_key_is_not_slowed_down(session: Session) -> None:
    _use_up(session, CLAIM)
    assert take(session, [Claim("sign_in", "somebody else")]) == ZERO
    assert take(session, [Claim("sign_in_known_browser", "somebody")]) == ZERO


def test_a_right_try_is_forgiven(session: Session) -> None:
    _use_up(session, CLAIM)
    forgive(session, [CLAIM])
    assert take(session, [CLAIM]) == ZERO


@pytest.mark.parametrize("name", LIMITS)
def test_no_wait_is_longer_than_half_an_hour(name: str) -> None:
    assert LIMITS[name].wait_after(10_000) <= timedelta(minutes=30)
