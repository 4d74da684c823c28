"""Sessions on the server: ended for good, renewed under another token, listed while they last."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.models import Account, Officer, SignIn
from portal.services import sign_ins
from tests.interviewing import account, officer

LIMITS = {
    "traveller": (timedelta(minutes=30), timedelta(hours=12)),
    "officer": (timedelta(minutes=15), timedelta(hours=10)),
}


def _begin(session: Session, person: Account | Officer) -> SignIn:
    return sign_ins.begin(session, person, token_hash=secrets.token_bytes(32), device="")


def _state(session: Session, row: SignIn, minutes: float = 0) -> str | None:
    found = sign_ins.find(session, row.token_hash, limits=LIMITS, at=now() + timedelta(minutes=minutes), extends=False)
    return found.state if found else None


def test_a_traveller_s_idle_session_is_over_and_an_officer_s_is_locked(session: Session) -> None:
    traveller, staff = _begin(session, account(session)), _begin(session, officer(session, "CA"))
    assert [_state(session, traveller, minutes) for minutes in (29, 31)] == ["open", "over"]
    assert [_state(session, staff, minutes) for minutes in (14, 16, 599, 601)] == ["open", "locked", "locked", "over"]


def test_a_late_write_revives_no_session(session: Session) -> None:
    row = _begin(session, officer(session, "CA"))
    # Another request ends the session, while this one still holds the row as it was.
    late = {"synchronize_session": False}
    session.execute(update(SignIn).where(SignIn.id == row.id).values(ended_at=now()), execution_options=late)
    assert sign_ins._note_seen(session, row, now()) is False
    assert sign_ins.renew(session, row, token_hash=secrets.token_bytes(32)) is False
    assert _state(session, row) is None


@pytest.mark.parametrize("change", [{"ended_at": None}, {"seen_at": now()}, {"token_hash": b"another"}])
def test_the_database_itself_refuses_to_revive_one(session: Session, change: dict[str, object]) -> None:
    row = _begin(session, account(session))
    sign_ins.end(session, row, by=row.account or officer(session, "CA"))
    session.flush()
    with pytest.raises(ProgrammingError, match="an ended session stays ended"), session.begin_nested():
        session.execute(update(SignIn).where(SignIn.id == row.id).values(**change))


def test_a_renewed_session_has_another_token_and_a_fresh_proof(session: Session) -> None:
    with telling(now() - timedelta(minutes=11)):
        row = _begin(session, account(session))
    old = row.token_hash
    assert not sign_ins.is_fresh(row, now())
    assert sign_ins.renew(session, row, token_hash=b"a new token")
    session.refresh(row)
    assert sign_ins.is_fresh(row, now()) and row.token_hash == b"a new token"
    assert sign_ins.find(session, old, limits=LIMITS, at=now()) is None


def test_locked_sessions_are_listed_and_those_that_are_over_are_not(session: Session) -> None:
    staff = officer(session, "CA")
    with telling(now() - timedelta(hours=11)):
        _begin(session, staff)
    with telling(now() - timedelta(minutes=20)):
        locked = _begin(session, staff)
    here = _begin(session, staff)
    assert sign_ins.lasting(session, staff, limits=LIMITS, at=now()) == [here, locked]


def test_every_session_ends_but_the_one_in_which_the_factor_was_changed(session: Session) -> None:
    person = account(session)
    here, elsewhere = _begin(session, person), _begin(session, person)
    sign_ins.end_all(session, person, except_for=here, by=person)
    session.refresh(elsewhere)
    assert (_state(session, here), _state(session, elsewhere)) == ("open", None)
