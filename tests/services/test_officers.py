"""Officers: invited once, of one agency, gone at once when their access ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.models import LinkedIdentity, Officer, OfficerInvitation, OutgoingMessage, Passkey
from portal.models.viewers import view_as
from portal.services import officer_links, officers, reviews, role_grants, sign_ins
from tests import interviewing, servers
from tests.reviewing import held, paid

PASSWORD = "quatre moineaux lisent"
PEOPLE = [("Ada Roy", "ada@agency.example.org"), ("Ben Côté", "ben@agency.example.org")]


def _administrator(session: Session, agency: str) -> Officer:
    people = [(name, f"{agency.lower()}-{email}") for name, email in PEOPLE]
    (_, token), _other = officers.bootstrap(session, agency, people)
    return officers.accept_invitation(session, token, password=PASSWORD)


def _invite(session: Session, by: Officer, email: str = "cleo@agency.example.org", number: str = "C-1") -> Officer:
    return officers.invite(
        session, name="Cléo Roy", email=email, roles=["officer"], language="fr", by=by, staff_number=number
    )


def _second(session: Session, by: Officer) -> Officer:
    second = next(one for one in officers.of_agency(session, by.agency) if one.id != by.id)
    second.activated_at = now()
    return second


def _grant(session: Session, officer: Officer, by: Officer) -> None:
    grant = role_grants.open_for(session, officer)
    assert grant is not None
    role_grants.grant(session, grant, by=by)


def test_two_administrators_begin_an_agency_and_only_once(session: Session) -> None:
    with pytest.raises(RuleViolation):
        officers.bootstrap(session, "CA", PEOPLE[:1])
    _administrator(session, "CA")
    with pytest.raises(RuleViolation):
        officers.bootstrap(session, "CA", PEOPLE)
    assert officers.bootstrap(session, "US", PEOPLE)


def test_the_operator_rescues_an_administrator_and_nobody_else(session: Session) -> None:
    administrator = _administrator(session, "CA")
    row = sign_ins.begin(session, administrator, token_hash=b"t" * 32, device="")
    email = administrator.email or ""
    token = officers.rescue_administrator(session, email)
    session.refresh(row)
    assert row.ended_at is not None and administrator.password_hash is None
    assert officers.accept_invitation(session, token, password=PASSWORD) is administrator
    plain = interviewing.officer(session, "CA").email or ""
    for other in (plain, "nobody@agency.example.org", f"us-{PEOPLE[0][1]}"):
        with pytest.raises(RuleViolation):
            officers.rescue_administrator(session, other)


def test_a_link_works_once_and_expires(session: Session) -> None:
    (_first, token), (_second, late) = officers.bootstrap(session, "CA", PEOPLE)
    with pytest.raises(RuleViolation):
        officers.accept_invitation(session, token, password="short")
    officers.accept_invitation(session, token, password=PASSWORD)
    for used in (token, "never a token"):
        with pytest.raises(NotFound):
            officer_links.open_invitation(session, used)
    with time_machine.travel(now() + timedelta(hours=73)), pytest.raises(NotFound):
        officer_links.open_invitation(session, late)


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
    other = _second(session, administrator)
    device = sign_ins.begin(session, administrator, token_hash=b"token", device="")
    officers.disable(session, administrator, by=other)
    session.refresh(device)
    assert device.ended_at
    assert officers.check_password(session, email, PASSWORD) is None


def test_nobody_ends_their_own_access(session: Session) -> None:
    administrator = _administrator(session, "CA")
    with pytest.raises(RuleViolation):
        officers.disable(session, administrator, by=administrator)


def test_two_people_make_an_officer(session: Session) -> None:
    first = _administrator(session, "CA")
    second, invited = _second(session, first), _invite(session, first)
    assert invited.roles == []
    assert not session.scalars(select(OfficerInvitation).where(OfficerInvitation.officer_id == invited.id)).all()
    with pytest.raises(RuleViolation):
        _grant(session, invited, by=first)
    _grant(session, invited, by=second)
    assert invited.roles == ["officer"]
    assert session.scalars(select(OfficerInvitation).where(OfficerInvitation.officer_id == invited.id)).one()


def test_roles_that_change_end_every_session(session: Session) -> None:
    first = _administrator(session, "CA")
    second, officer = _second(session, first), interviewing.officer(session, "CA")
    device = sign_ins.begin(session, officer, token_hash=b"token", device="")
    role_grants.propose(session, officer, ["officer", "supervisor"], by=first)
    assert officer.roles == ["officer"]
    _grant(session, officer, by=second)
    session.refresh(device)
    assert officer.roles == ["officer", "supervisor"] and device.ended_at
    events = session.scalars(select(OutgoingMessage.event).where(OutgoingMessage.officer_id == officer.id)).all()
    assert events == ["officer_sign_in_changed"]


def test_nobody_proposes_or_grants_for_themselves_or_abroad(session: Session) -> None:
    first, stranger = _administrator(session, "CA"), _administrator(session, "US")
    second, officer = _second(session, first), interviewing.officer(session, "CA")
    with pytest.raises(RuleViolation):
        role_grants.propose(session, first, ["supervisor"], by=first)
    with pytest.raises(NotFound):
        role_grants.propose(session, officer, ["supervisor"], by=stranger)
    for roles in ([], ["administrator", "owner"], ["officer"]):
        with pytest.raises(RuleViolation):
            role_grants.propose(session, officer, roles, by=first)
    grant = role_grants.propose(session, second, ["auditor"], by=first)
    for by, refused in ((second, RuleViolation), (first, RuleViolation), (stranger, NotFound)):
        with pytest.raises(refused):
            role_grants.grant(session, grant, by=by)
    with pytest.raises(NotFound):
        role_grants.find(session, grant.id, by=stranger)


def test_a_proposal_is_over_when_settled_replaced_or_old(session: Session) -> None:
    first = _administrator(session, "CA")
    second, officer = _second(session, first), interviewing.officer(session, "CA")
    old = role_grants.propose(session, officer, ["supervisor"], by=first)
    newer = role_grants.propose(session, officer, ["auditor"], by=first)
    with pytest.raises(RuleViolation):
        role_grants.grant(session, old, by=second)
    with time_machine.travel(now() + timedelta(days=15)):
        assert role_grants.waiting(session, "CA") == []
        with pytest.raises(RuleViolation):
            role_grants.grant(session, newer, by=second)
    role_grants.decline(session, newer, by=first)
    with pytest.raises(RuleViolation):
        role_grants.grant(session, newer, by=second)
    assert officer.roles == ["officer"]


def test_a_colleague_says_why_they_decline_and_the_proposer_reads_it(session: Session) -> None:
    first, officer = _administrator(session, "CA"), interviewing.officer(session, "CA")
    second = _second(session, first)
    grant = role_grants.propose(session, officer, ["supervisor"], by=first)
    with pytest.raises(RuleViolation):
        role_grants.decline(session, grant, by=second)
    role_grants.decline(session, grant, "She moves to another team.", by=second)
    (declined,) = role_grants.declined_of(session, first)
    assert declined.declined_because == "She moves to another team." and role_grants.declined_of(session, second) == []
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "officer_grant_declined")).all()
    assert [message.officer_id for message in told] == [first.id]


@pytest.mark.parametrize(
    "change",
    ["settled_by = proposed_by", "settled_by = officer_id", "settled_by = null", "proposed_by = officer_id",
     "agency = 'US'", "settled_by = :stranger"],
)  # fmt: skip
def test_the_database_itself_wants_two_people_of_the_agency(session: Session, change: str) -> None:
    first, stranger = _administrator(session, "CA"), _administrator(session, "US")
    grant = role_grants.propose(session, interviewing.officer(session, "CA"), ["auditor"], by=first)
    role_grants.grant(session, grant, by=_second(session, first))
    session.flush()
    with pytest.raises(IntegrityError), session.begin_nested(), servers.as_owner(session):
        session.execute(
            text(f"update role_grant set {change} where id = :grant"),
            {"grant": grant.id} | ({"stranger": stranger.id} if ":stranger" in change else {}),
        )


def test_one_person_has_one_sign_in(session: Session) -> None:
    first = _administrator(session, "CA")
    _invite(session, first, number="A-17")
    with pytest.raises(RuleViolation, match="One person has one"):
        _invite(session, first, email="cleo.roy@agency.example.org", number="A-17")
    other = interviewing.officer(session, "CA")
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("update officer set staff_number = 'A17' where id = :id"), {"id": other.id})


@pytest.mark.parametrize("number", ["A-17", "a17", " A 17 ", "Ａ１７", "A.17", "A/1-7"])
def test_another_way_to_write_the_number_makes_no_second_officer(session: Session, number: str) -> None:
    first = _administrator(session, "CA")
    _invite(session, first, number="A-17")
    with pytest.raises(RuleViolation, match="One person has one"):
        _invite(session, first, email="cleo.roy@agency.example.org", number=number)


@pytest.mark.parametrize("number", ["", " ", "-", "é"])
def test_nobody_is_invited_without_a_number(session: Session, number: str) -> None:
    with pytest.raises(RuleViolation, match="staff number"):
        _invite(session, _administrator(session, "CA"), number=number)


def test_an_administrator_without_a_number_does_not_become_one_who_decides(session: Session) -> None:
    first = _administrator(session, "CA")
    with pytest.raises(RuleViolation, match="needs a staff number"):
        role_grants.propose(session, _second(session, first), ["administrator", "supervisor"], by=first)
    assert role_grants.propose(session, _second(session, first), ["auditor"], by=first)


def test_one_person_under_two_accounts_is_refused_by_the_database(session: Session) -> None:
    """The same address in the other agency, the same number in another spelling, the same key, the same directory
    name, no number at all: none makes somebody both first and second officer."""
    by, states = interviewing.officer(session, "CA"), interviewing.officer(session, "US")
    other = interviewing.officer(session, "CA")
    key = {"credential_id": b"one", "public_key": b"key", "sign_count": 0, "transports": []}
    session.add(Passkey(officer=by, **key))
    session.add(LinkedIdentity(officer=by, provider="CA", subject_hash=b"one"))
    session.flush()
    ways = (
        ("update officer set email_index = (select email_index from officer where id = :by) where id = :states", "uq_"),
        ("update officer set staff_number = (select staff_number from officer where id = :by) "
         "where id = :other", "uq_"),
        ("update officer set staff_number = lower(staff_number) || '-' where id = :other", "written_one_way"),
        ("update officer set staff_number = null where id = :other", "of_who_decides"),
        ("insert into passkey (id, officer_id, credential_id, public_key, sign_count, transports, created_at) "
         "select gen_random_uuid(), :other, credential_id, public_key, 0, '{}', now() from passkey", "uq_"),
        ("insert into linked_identity (id, officer_id, provider, subject_hash, created_at) "
         "values (gen_random_uuid(), :states, 'US', 'one', now())", "uq_"),
    )  # fmt: skip
    for way, why in ways:
        with pytest.raises(IntegrityError, match=why), session.begin_nested():
            session.execute(text(way), {"by": by.id, "states": states.id, "other": other.id})


def test_whoever_leaves_hands_over(session: Session) -> None:
    first = _administrator(session, "CA")
    leaving, staying = interviewing.officer(session, "CA"), interviewing.officer(session, "CA")
    stranger = interviewing.officer(session, "US")
    review = held(session, paid(session), leaving)
    for nobody in (None, stranger, leaving):
        with pytest.raises(RuleViolation):
            officers.disable(session, leaving, by=first, successor=nobody)
    officers.disable(session, leaving, by=first, successor=staying)
    assert review.officer_id == staying.id and leaving.disabled_at


def test_access_comes_back_by_two_people_and_a_new_link(session: Session) -> None:
    first = _administrator(session, "CA")
    second, officer = _second(session, first), interviewing.officer(session, "CA")
    officers.disable(session, officer, by=first)
    role_grants.propose(session, officer, ["officer"], by=first)
    assert officer.disabled_at
    _grant(session, officer, by=second)
    assert officer.disabled_at is None and officer.password_hash is None
    assert session.scalars(select(OfficerInvitation).where(OfficerInvitation.officer_id == officer.id)).one()


@pytest.mark.parametrize(("table", "column"), [("review", "officer_id"), ("review_note", "officer_id")])
def test_whoever_acts_for_an_agency_belongs_to_it(session: Session, table: str, column: str) -> None:
    officer, stranger = interviewing.officer(session, "CA"), interviewing.officer(session, "US")
    review = held(session, paid(session), officer)
    view_as(session, "CA")
    reviews.add_note(session, review, "A note.", officer)
    session.flush()
    with pytest.raises(IntegrityError), session.begin_nested(), servers.as_owner(session):
        session.execute(text(f"update {table} set {column} = :id where agency = 'CA'"), {"id": stranger.id})
