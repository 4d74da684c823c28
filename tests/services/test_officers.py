"""Officers: invited once, of one agency, gone at once when their access ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.models import Officer
from portal.services import officers, sign_ins

PASSWORD = "quatre moineaux lisent"
PEOPLE = [("Ada Roy", "ada@agency.example.org"), ("Ben Côté", "ben@agency.example.org")]


def _administrator(session: Session, agency: str) -> Officer:
    people = [(name, f"{agency.lower()}-{email}") for name, email in PEOPLE]
    (_, token), _other = officers.bootstrap(session, agency, people)
    return officers.accept_invitation(session, token, password=PASSWORD)


def _invite(session: Session, by: Officer, email: str = "cleo@agency.example.org") -> Officer:
    return officers.invite(session, name="Cléo Roy", email=email, roles=["officer"], language="fr", by=by)


def test_two_administrators_begin_an_agency_and_only_once(session: Session) -> None:
    with pytest.raises(RuleViolation):
        officers.bootstrap(session, "CA", PEOPLE[:1])
    _administrator(session, "CA")
    with pytest.raises(RuleViolation):
        officers.bootstrap(session, "CA", PEOPLE)
    assert officers.bootstrap(session, "US", PEOPLE)


def test_a_link_works_once_and_expires(session: Session) -> None:
    (_first, token), (_second, late) = officers.bootstrap(session, "CA", PEOPLE)
    with pytest.raises(RuleViolation):
        officers.accept_invitation(session, token, password="short")
    officers.accept_invitation(session, token, password=PASSWORD)
    for used in (token, "never a token"):
        with pytest.raises(NotFound):
            officers.open_invitation(session, used)
    with time_machine.travel(now() + timedelta(hours=73)), pytest.raises(NotFound):
        officers.open_invitation(session, late)


def test_an_officer_is_of_the_agency_of_who_invited_them(session: Session) -> None:
    canada, states = _administrator(session, "CA"), _administrator(session, "US")
    invited = _invite(session, canada)
    assert invited.agency == "CA"
    assert invited in officers.of_agency(session, "CA")
    assert invited not in officers.of_agency(session, "US")
    with pytest.raises(NotFound):
        officers.colleague(session, invited.id, by=states)
    with pytest.raises(NotFound):
        officers.disable(session, invited, by=states)
    with pytest.raises(RuleViolation):
        _invite(session, states)


def test_somebody_invited_again_gets_a_new_link(session: Session) -> None:
    administrator = _administrator(session, "CA")
    assert _invite(session, administrator) is _invite(session, administrator)
    with pytest.raises(RuleViolation):
        _invite(session, administrator, email=administrator.email or "")


def test_nobody_signs_in_before_the_invitation_or_after_the_end(session: Session) -> None:
    administrator = _administrator(session, "CA")
    invited = _invite(session, administrator)
    assert officers.check_password(session, invited.email or "", "") is None
    email = administrator.email or ""
    assert officers.check_password(session, email, PASSWORD) is administrator
    other = _invite(session, administrator, email="dan@agency.example.org")
    other.roles, other.activated_at = ["administrator"], now()
    device = sign_ins.begin(session, administrator, token_hash=b"token", device="")
    officers.disable(session, administrator, by=other)
    session.refresh(device)
    assert device.ended_at
    assert officers.check_password(session, email, PASSWORD) is None


def test_nobody_ends_their_own_access(session: Session) -> None:
    administrator = _administrator(session, "CA")
    with pytest.raises(RuleViolation):
        officers.disable(session, administrator, by=administrator)
