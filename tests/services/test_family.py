"""Families: who signs and who must consent; nothing asked twice; links that work once; an own account at 18."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.adjudication import Outcome, Stage
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import AccountPerson, Application, AuditEntry, Event, OutgoingMessage, Review
from portal.services import (
    adjudication,
    applications,
    family,
    fees,
    guardian_consents,
    guardians,
    person_links,
    sections,
)
from portal.services.guardians import Answer
from tests.families import (
    GUARDIAN,
    OTHER,
    TOGETHER,
    born_years_ago,
    child_of,
    consent_of,
    mother,
    sent_child,
    token_of,
)
from tests.interviewing import account
from tests.interviewing import officer as an_officer


def answer(consents: bool = True, name: str = "Luc Gagnon") -> Answer:
    return Answer(consents, name, "passport", "GA123456", "CA", born_years_ago(40))


def asked(application: Application, session: Session) -> list[str]:
    return [task.section.key for task in sections.tasks(sections.drafts_of(session, application))]


@pytest.mark.parametrize(
    ("age", "keys"),
    [
        (7, ["identity", "names", "citizenship", "guardian", "addresses", "travel", "uploads", "consent"]),
        (
            13,
            [
                "identity",
                "names",
                "citizenship",
                "guardian",
                "addresses",
                "work",
                "travel",
                "background",
                "uploads",
                "consent",
            ],
        ),
    ],
)
def test_what_is_asked_of_a_child_depends_on_the_age(session: Session, age: int, keys: list[str]) -> None:
    assert asked(child_of(session, mother(session), age), session) == keys


def test_a_child_needs_no_address_and_has_an_application_of_its_own(session: Session) -> None:
    holder = mother(session, sent=True)
    one, other = child_of(session, holder), child_of(session, holder, 3, name="Zoé")
    assert len({one.person_id, other.person_id, *(a.person_id for a in applications.of_account(session, holder))}) == 3
    assert applications.start(session, holder, held=family.Held(one.person, "parent"), by=holder) is one
    applications.submit(session, one, by=holder)
    assert one.status == "awaiting_payment" and fees.fee_for(session, one, today()).cents == 0


def test_nobody_signs_for_an_adult_child_nor_a_child_for_itself(session: Session) -> None:
    holder = mother(session)
    grown = child_of(session, holder, 18)
    with pytest.raises(RuleViolation, match="signs for themselves"):
        applications.submit(session, grown, by=holder)
    person = family.add(session, holder, "representative", by=holder)
    draft = applications.start(session, holder, held=family.Held(person, "representative"), by=holder)
    identity = sections.answers_of(sections.drafts_of(session, child_of(session, holder)), "identity")
    sections.save(session, draft.id, "identity", raw={}, answers=dict(identity or {}), by=holder)
    with pytest.raises(RuleViolation, match="not a legal representative"):
        applications.submit(session, draft, by=holder)


def test_from_fourteen_the_child_agrees_too(session: Session) -> None:
    holder = mother(session)
    child = child_of(session, holder, 14)
    signed = sections.answers_of(sections.drafts_of(session, child), "consent") or {}
    without = {key: value for key, value in signed.items() if key != "assented_name"}
    sections.save(session, child.id, "consent", raw={}, answers=without, by=holder)
    with pytest.raises(RuleViolation, match="not complete"):
        applications.submit(session, child, by=holder)
    sections.save(session, child.id, "consent", raw={}, answers=dict(signed), by=holder)
    applications.submit(session, child, by=holder)


def test_addresses_and_travel_are_taken_from_the_parent_and_begin_at_birth(session: Session) -> None:
    holder = mother(session)
    own = applications.of_account(session, holder)[0]
    child = child_of(session, holder, 2)
    (source,) = family.sources(session, child, "addresses")
    assert (source.reference, source.name) == (own.reference, "Marie-Ève")
    family.use_same(session, child, "addresses", own.reference, by=holder)
    family.use_same(session, child, "travel", own.reference, by=holder)
    drafts = sections.drafts_of(session, child)
    (entry,) = (sections.answers_of(drafts, "addresses") or {})["entries"]
    assert entry["from"] == born_years_ago(2).isoformat()[:7] and entry["street"] == "55 Rue Saint-Paul Ouest"
    assert sections.answers_of(drafts, "travel") == {"countries": ["FR", "JP"], "none": False}
    assert all(task.is_completed for task in sections.tasks(drafts))
    stranger = mother(session)
    with pytest.raises(NotFound):
        family.use_same(session, child, "travel", applications.of_account(session, stranger)[0].reference, by=holder)


def test_the_application_waits_for_the_other_parent_and_then_passes_free_of_charge(session: Session) -> None:
    holder = mother(session, sent=True)
    child = sent_child(session, holder, guardian=TOGETHER)
    assert child.status == "awaiting_consent"
    message = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "consent_asked")).one()
    assert message.language == "fr" and (message.secrets or {})["address"] == OTHER["email"]
    guardians.answer(session, token_of(session, "consent_asked"), answer(), signed_in=None)
    consent = consent_of(session, child)
    assert (consent.state, consent.signed_name) == ("given", "Luc Gagnon")
    assert consent.evidence and consent.evidence["number"] == "GA123456" and consent.answered_at
    assert child.status == "under_review", "nothing is to be paid: the checks begin"
    assert session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "consent_answered")).all()


def test_a_link_works_once_and_for_thirty_days_and_cannot_be_forged(session: Session) -> None:
    child = sent_child(session, mother(session), guardian=TOGETHER)
    token = token_of(session, "consent_asked")
    with pytest.raises(NotFound):
        guardians.answer(session, token[:-1] + ("0" if token[-1] != "0" else "1"), answer(), signed_in=None)
    with pytest.raises(NotFound):
        person_links.find(session, "manage", token)
    with time_machine.travel(now() + timedelta(days=31), tick=False), pytest.raises(NotOpenToThis, match="has ended"):
        guardians.answer(session, token, answer(), signed_in=None)
    guardians.answer(session, token, answer(consents=False), signed_in=None)
    assert consent_of(session, child).state == "refused" and child.status == "awaiting_consent"
    with pytest.raises(NotOpenToThis):
        guardians.answer(session, token, answer(), signed_in=None)
    assert consent_of(session, child).state == "refused"


def test_whoever_asks_cannot_answer_and_a_wrong_name_uses_nothing_up(session: Session) -> None:
    holder = mother(session)
    child = sent_child(session, holder, guardian=TOGETHER)
    token = token_of(session, "consent_asked")
    with pytest.raises(RuleViolation, match="other parent"):
        guardians.answer(session, token, answer(), signed_in=holder)
    with pytest.raises(RuleViolation, match="not the name"):
        guardians.answer(session, token, answer(name="Marie-Ève Tremblay"), signed_in=None)
    guardians.answer(session, token, answer(name="LUC GAGNON"), signed_in=None)
    assert consent_of(session, child).state == "given"


def test_a_new_link_ends_the_earlier_one(session: Session) -> None:
    holder = mother(session)
    child = sent_child(session, holder, guardian=TOGETHER)
    earlier = token_of(session, "consent_asked")
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        guardians.ask_again(session, consent_of(session, child), "new@example.org", by=holder)
        with pytest.raises(NotOpenToThis):
            guardians.answer(session, earlier, answer(), signed_in=None)
        guardians.answer(session, token_of(session, "consent_asked"), answer(), signed_in=None)


def test_a_consent_taken_back_before_payment_makes_the_application_wait_again(session: Session) -> None:
    holder = mother(session)
    child = sent_child(session, holder, guardian=TOGETHER)
    kept = guardians.answer(session, token_of(session, "consent_asked"), answer(), signed_in=None)
    assert child.status == "awaiting_payment", "the mother has not applied: a fee is due"
    guardians.withdraw(session, kept)
    assert child.status == "awaiting_consent" and consent_of(session, child).state == "withdrawn"
    with pytest.raises(NotOpenToThis):
        guardians.withdraw(session, kept)


def test_nobody_can_approve_once_the_consent_is_taken_back(session: Session) -> None:
    child = sent_child(session, mother(session, sent=True), guardian=TOGETHER)
    kept = guardians.answer(session, token_of(session, "consent_asked"), answer(), signed_in=None)
    guardians.withdraw(session, kept)
    assert child.status == "under_review"
    assert session.scalars(select(Event).where(Event.name == "consent_withdrawn")).one().agency is None
    assert session.scalars(select(Review).where(Review.application_id == child.id)).all()
    with pytest.raises(RuleViolation, match="withdrew the consent"):
        adjudication.decide(session, child, "CA", Stage.REVIEW, Outcome.CLEARED, by=an_officer(session, "CA"))


def test_changing_answers_keeps_the_consent_of_the_same_person(session: Session) -> None:
    holder = mother(session)
    child = sent_child(session, holder, guardian=TOGETHER)
    guardians.answer(session, token_of(session, "consent_asked"), answer(), signed_in=None)
    applications.reopen(session, child, by=holder)
    sign(session, child, holder)
    applications.submit(session, child, by=holder)
    assert child.status == "awaiting_payment", "he has consented already"
    applications.reopen(session, child, by=holder)
    sections.save(session, child.id, "guardian", raw={}, answers=GUARDIAN, by=holder)
    sign(session, child, holder)
    applications.submit(session, child, by=holder)
    assert child.status == "awaiting_payment" and not guardian_consents.of_application(session, child)


def sign(session: Session, child: Application, holder: Any) -> None:
    signed = {"signed_name": "Marie-Ève Tremblay", "text_version": "2026-11", "language": "en"}
    sections.save(session, child.id, "consent", raw={}, answers=signed, by=holder)


def test_both_parents_hold_a_child_and_see_no_more_than_the_given_name(session: Session) -> None:
    child = sent_child(session, mother(session), guardian={**TOGETHER, "protects": True})
    kept = guardians.answer(session, token_of(session, "consent_asked"), answer(), signed_in=None)
    father = account(session)
    assert family.join(session, kept, by=father) is child.person
    (held,) = family.people_of(session, father)
    assert (held.person, held.role) == (child.person, "parent") and family.given_name(held.person) == "Léo"
    with pytest.raises(NotFound):
        applications.own(session, father, child.reference)
    with pytest.raises(RuleViolation, match="Another parent"):
        applications.start(session, father, held=held, by=father)
    assert fees.fee_for(session, child, today()).cents == 12000
    own = applications.start(session, father, by=father)
    own.status, own.submitted_at = "under_review", now()
    session.flush()
    assert fees.fee_for(session, child, today()).cents == 0, "either parent's membership counts"


def test_at_eighteen_a_person_moves_to_an_own_account(session: Session) -> None:
    holder = mother(session)
    child = sent_child(session, holder, 17)
    with pytest.raises(RuleViolation):
        family.invite_to_own_account(session, holder, child.person, "leo@example.org", by=holder)
    with time_machine.travel(now() + timedelta(days=370), tick=False):
        family.invite_to_own_account(session, holder, child.person, "leo@example.org", by=holder)
        token, own = token_of(session, "own_account_offered"), account(session)
        with pytest.raises(RuleViolation, match="date of birth"):
            family.move_to_own_account(session, token, born_years_ago(17), by=own)
        born = child.person.birth_on
        assert born is not None
        family.move_to_own_account(session, token, born, by=own)
        assert child.account_id == own.id and child.role == "self"
        assert child.person not in [held.person for held in family.people_of(session, holder)]
        links = session.scalars(select(AccountPerson).where(AccountPerson.person_id == child.person_id)).all()
        assert {(link.account_id, link.role, link.until is None) for link in links} == {
            (holder.id, "parent", False), (own.id, "self", True),
        }  # fmt: skip
        with pytest.raises(NotOpenToThis):
            family.move_to_own_account(session, token, born, by=account(session))


def test_an_attack_with_a_link_leaves_a_line_in_the_trail(session: Session) -> None:
    holder = mother(session)
    sent_child(session, holder, guardian=TOGETHER)
    link = person_links.find(session, "consent", token_of(session, "consent_asked"))
    guardians.note_wrong_person(session, link, holder)
    row = session.scalars(select(AuditEntry).where(AuditEntry.action == "guardian_consent:wrong_person")).one()
    assert row.actor_id == holder.id
