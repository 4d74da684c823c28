"""Applications: begun once, owned by one account, complete before they are sent, frozen when they are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import ChangedMeanwhile, NotFound, NotOpenToThis, RuleViolation
from portal.domain.history_gaps import Span
from portal.domain.months import Month
from portal.models import Account, Application, ApplicationVersion, Consent, Event, Person
from portal.models.accounts import email_index
from portal.services import applications, histories, sections
from portal.services.sections import TaskState
from tests.answers import ANSWERS, HOME, complete


def make_account(session: Session, email: str = "marie@example.org") -> Account:
    account = Account(email=email, email_index=email_index(email), language="fr", email_confirmed_at=now())
    session.add(account)
    session.flush()
    return account


@pytest.fixture
def account(session: Session) -> Account:
    return make_account(session)


@pytest.fixture
def draft(session: Session, account: Account) -> Application:
    return applications.start(session, account, by=account)


def states(session: Session, application: Application) -> dict[str, TaskState]:
    return {task.section.key: task.state for task in sections.tasks(sections.drafts_of(session, application))}


def test_a_person_has_one_open_application(session: Session, account: Account, draft: Application) -> None:
    assert applications.start(session, account, by=account) is draft
    assert len(session.scalars(select(Person)).all()) == 1
    applications.withdraw(session, draft, by=account)
    again = applications.start(session, account, by=account)
    assert again is not draft and again.person is draft.person


def test_somebody_elses_reference_is_not_found(session: Session, draft: Application) -> None:
    stranger = make_account(session, "stranger@example.org")
    with pytest.raises(NotFound):
        applications.own(session, stranger, draft.reference)
    with pytest.raises(NotOpenToThis):
        sections.save(session, draft.id, "travel", raw={}, answers=None, by=stranger)


def test_sending_freezes_the_answers_and_names_the_person(
    session: Session, account: Account, draft: Application
) -> None:
    complete(session, draft, account)
    version = applications.submit(session, draft, by=account)
    assert (version.number, version.answers) == (1, ANSWERS)
    assert draft.status == "awaiting_payment" and draft.submitted_at
    assert draft.person.full_name == "Marie-Ève Tremblay"
    assert draft.person.birth_on == date(1986, 3, 27)
    consent = session.scalars(select(Consent)).one()
    assert (consent.signed_name, consent.text_version, consent.language) == ("Marie-Ève Tremblay", "2026-11", "en")
    names = [event.name for event in session.scalars(select(Event).order_by(Event.id))]
    assert names == ["application_started", "application_submitted"]


def test_nothing_can_be_saved_or_sent_once_it_was_sent(session: Session, account: Account, draft: Application) -> None:
    complete(session, draft, account)
    applications.submit(session, draft, by=account)
    with pytest.raises(NotOpenToThis):
        sections.save(session, draft.id, "travel", raw={}, answers={"countries": [], "none": True}, by=account)
    with pytest.raises(NotOpenToThis):
        applications.submit(session, draft, by=account)


@pytest.mark.parametrize("left_out", [key for key in ANSWERS if key != "consent"])
def test_every_section_must_be_complete(session: Session, account: Account, draft: Application, left_out: str) -> None:
    complete(session, draft, account, left_out)
    assert states(session, draft)["consent"] == TaskState.BLOCKED
    with pytest.raises(RuleViolation):
        applications.submit(session, draft, by=account)
    assert draft.status == "draft"


def test_the_window_is_drawn_anew_on_the_day_of_sending(session: Session, account: Account, draft: Application) -> None:
    entry = {"id": "c" * 16, "from": "2010-01", "to": "2026-11", **HOME}
    with time_machine.travel(datetime(2026, 11, 30, tzinfo=UTC), tick=False):
        complete(session, draft, account, addresses={"entries": [entry], "explanations": []})
        assert states(session, draft)["addresses"] == TaskState.COMPLETED
    with time_machine.travel(datetime(2027, 1, 15, tzinfo=UTC), tick=False):
        assert states(session, draft)["addresses"] == TaskState.GAPS
        with pytest.raises(RuleViolation):
            applications.submit(session, draft, by=account)


def test_a_child_is_asked_less_and_cannot_sign(session: Session, account: Account, draft: Application) -> None:
    identity = {**ANSWERS["identity"], "birth_on": f"{now().year - 9}-01-31"}
    complete(session, draft, account, "work", "background", identity=identity)
    assert {"work", "background"}.isdisjoint(states(session, draft))
    with pytest.raises(RuleViolation, match="under 18"):
        applications.submit(session, draft, by=account)


def test_a_changed_name_needs_a_new_signature(session: Session, account: Account, draft: Application) -> None:
    identity = {**ANSWERS["identity"], "family_name": "Gagnon"}
    complete(session, draft, account, identity=identity)
    assert states(session, draft)["consent"] == TaskState.IN_PROGRESS


def test_answers_opened_again_are_frozen_again_under_the_next_number(
    session: Session, account: Account, draft: Application
) -> None:
    complete(session, draft, account)
    applications.submit(session, draft, by=account)
    applications.reopen(session, draft, by=account)
    assert draft.status == "draft"
    assert states(session, draft)["consent"] == TaskState.NOT_STARTED
    assert session.scalars(select(Consent)).one().withdrawn_at
    complete(session, draft, account, travel={"countries": [], "none": True})
    applications.submit(session, draft, by=account)
    numbers = sorted(session.scalars(select(ApplicationVersion.number)))
    assert numbers == [1, 2]
    assert draft.versions[0].answers == ANSWERS


def test_withdrawing_ends_the_consent_and_is_said_once(session: Session, account: Account, draft: Application) -> None:
    complete(session, draft, account)
    applications.submit(session, draft, by=account)
    applications.withdraw(session, draft, reason="later", by=account)
    assert draft.status == "withdrawn"
    assert session.scalars(select(Consent)).one().withdrawn_at
    told = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (told.name, told.facts) == ("application_withdrawn", {"reason": "later"})
    with pytest.raises(NotOpenToThis):
        applications.withdraw(session, draft, by=account)


def test_a_stale_save_carries_both_versions(session: Session, account: Account, draft: Application) -> None:
    first = sections.save(session, draft.id, "travel", raw={"visited": ["FR"]}, answers=None, seq=0, by=account)
    opened_with = first.seq
    sections.save(session, draft.id, "travel", raw={"visited": ["IT"]}, answers=None, seq=opened_with, by=account)
    with pytest.raises(ChangedMeanwhile) as clash:
        sections.save(session, draft.id, "travel", raw={"visited": ["JP"]}, answers=None, seq=opened_with, by=account)
    assert (clash.value.theirs, clash.value.yours) == ({"visited": ["IT"]}, {"visited": ["JP"]})
    again = {"visited": ["IT"]}
    assert sections.save(session, draft.id, "travel", raw=again, answers=None, seq=opened_with, by=account).raw == again


def test_a_section_is_kept_as_it_was_opened_or_judged(session: Session, account: Account, draft: Application) -> None:
    _same, drafts = applications.own_with_sections(session, account, draft.reference)

    def kept(visited: str, seq: int, by: Account = account) -> int:
        raw = {"visited": [visited]}
        return sections.save_opened(session, drafts, draft, "travel", raw=raw, answers=None, seq=seq, by=by).seq

    assert [kept("FR", 0), kept("IT", 1)] == [1, 2]
    assert drafts["travel"].raw == {"visited": ["IT"]} == sections.drafts_of(session, draft)["travel"].raw
    sections.save(session, draft.id, "travel", raw={"visited": ["DE"]}, answers=None, seq=2, by=account)
    with pytest.raises(ChangedMeanwhile) as clash:
        kept("JP", 2)
    assert clash.value.theirs == {"visited": ["DE"]}
    assert kept("DE", 2) == 4  # the same words: nothing is lost
    with pytest.raises(NotOpenToThis):
        kept("ES", 4, by=make_account(session, "stranger@example.org"))


def test_a_wrong_entry_is_kept_and_keeps_the_task_open(session: Session, account: Account, draft: Application) -> None:
    good = ANSWERS["addresses"]["entries"][0]
    histories.put_entry(session, draft.id, "addresses", "a" * 16, typed={}, answers=good, by=account)
    assert states(session, draft)["addresses"] == TaskState.COMPLETED
    typed = {"street": ["1 Elm"], "since-month": ["13"]}
    histories.put_entry(session, draft.id, "addresses", "d" * 16, typed=typed, answers=None, by=account)
    assert states(session, draft)["addresses"] == TaskState.IN_PROGRESS
    kept = sections.drafts_of(session, draft)["addresses"]
    assert [entry["typed"] for entry in histories.entries_of(kept)] == [typed, {}]
    histories.remove_entry(session, draft.id, "addresses", "d" * 16, by=account)
    assert states(session, draft)["addresses"] == TaskState.COMPLETED


def test_an_explanation_goes_when_its_months_are_covered(
    session: Session, account: Account, draft: Application
) -> None:
    this_month = Month.of(now().date())
    gap = Span(this_month.plus(-20), this_month.plus(-10))
    for name, first, last in (("e" * 16, this_month.plus(-90), gap.first.plus(-1)), ("f" * 16, gap.last.plus(1), None)):
        entry = {"from": str(first), "to": str(last) if last else None, **HOME}
        histories.put_entry(session, draft.id, "addresses", name, typed={}, answers=entry, by=account)
    assert states(session, draft)["addresses"] == TaskState.GAPS
    why = {"reason": "travelling", "text": ""}
    histories.explain(session, draft.id, "addresses", gap, typed={}, answers=why, by=account)
    assert states(session, draft)["addresses"] == TaskState.COMPLETED
    entry = {"from": str(gap.first), "to": str(gap.last), **HOME}
    histories.put_entry(session, draft.id, "addresses", "0" * 16, typed={}, answers=entry, by=account)
    assert histories.explanations_of(sections.drafts_of(session, draft)["addresses"]) == []
