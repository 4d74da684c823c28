"""Taking over in an emergency: at once, with an alarm to everybody who watches, and in the weekly report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.clock import now, telling, today
from portal.db import view_as
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import AuditEntry, Event, Officer, OutgoingMessage, Review
from portal.services import (
    break_glass,
    emergencies,
    information_requests,
    looks,
    reviews,
    unusual_looking,
    viewings,
)
from tests import servers
from tests.interviewing import officer
from tests.reviewing import held, paid


def _with_role(session: Session, agency: str, role: str) -> Officer:
    return officer(session, agency, roles=[role])


def test_whoever_takes_over_is_seen_by_all_who_watch(session: Session) -> None:
    holder, by = officer(session, "CA"), officer(session, "CA")
    supervisor, auditor = _with_role(session, "CA", "supervisor"), _with_role(session, "CA", "auditor")
    officer(session, "CA")
    _with_role(session, "US", "supervisor")
    review = held(session, paid(session), holder)
    break_glass.take_over(session, review, "The traveller is at the border now.", by=by)
    assert reviews.holds(review, by)
    alarms = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "break_glass_alarm")).all()
    assert {alarm.officer_id for alarm in alarms} == {holder.id, supervisor.id, auditor.id}
    assert {tuple(alarm.facts.items()) for alarm in alarms} == {(("ends_in", review.application.reference[-4:]),)}
    row = session.scalars(select(AuditEntry).where(AuditEntry.action == break_glass.BROKEN)).one()
    assert (row.actor_id, row.reason) == (by.id, "The traveller is at the border now.")


def test_the_weekly_report_names_it_each_time(session: Session) -> None:
    by = officer(session, "CA")
    review = held(session, paid(session), officer(session, "CA"))
    break_glass.take_over(session, review, "The traveller is at the border now.", by=by)
    session.flush()
    monday = unusual_looking.last_week(today()) + unusual_looking.WEEK
    (found,) = unusual_looking.unusual(session, "CA", monday)
    assert (found.officer_id, found.rules) == (by.id, ("broke_glass",))


def test_there_is_no_way_without_an_emergency(session: Session) -> None:
    holder, by, stranger = officer(session, "CA"), officer(session, "CA"), officer(session, "US")
    review = held(session, paid(session), holder)
    with pytest.raises(RuleViolation):
        break_glass.take_over(session, review, "", by=by)
    with pytest.raises(NotFound):
        break_glass.take_over(session, review, "An emergency", by=stranger)
    with pytest.raises(NotOpenToThis):
        break_glass.take_over(session, review, "An emergency", by=holder)
    reviews.give_back(session, review, holder)
    with pytest.raises(NotOpenToThis):
        break_glass.take_over(session, review, "An emergency", by=by)


def test_who_proposed_a_refusal_still_cannot_confirm_it(session: Session) -> None:
    holder, by = officer(session, "CA"), officer(session, "CA")
    review = held(session, paid(session), holder)
    reviews.propose_refusal(session, review, reason="untrue_information", note="A note.", by=holder)
    break_glass.take_over(session, review, "An emergency", by=by)
    break_glass.take_over(session, review, "Another one", by=holder)
    with pytest.raises(RuleViolation):
        reviews.confirm_refusal(session, review, holder)


HOURS = 4


def _taken_over(session: Session) -> tuple[Review, Officer, Officer]:
    """A review that was taken over in an emergency: with who held it and who did it."""
    holder, by = officer(session, "CA"), officer(session, "CA")
    review = held(session, paid(session), holder)
    break_glass.take_over(session, review, "The traveller is at the border now.", by=by)
    return review, holder, by


def _end_what_is_due(session: Session) -> int:
    due = break_glass.due(session)
    for access_id in due:
        break_glass.end_due(session, access_id)
    return len(due)


def _history(session: Session, review: Review) -> list[str]:
    query = select(Event.name).where(Event.application_id == review.application_id, Event.agency == "CA")
    return list(session.scalars(query.order_by(Event.id)))


def test_it_ends_by_itself_and_the_colleague_has_it_back(session: Session) -> None:
    review, holder, by = _taken_over(session)
    assert _end_what_is_due(session) == 0
    later = now() + timedelta(hours=HOURS, minutes=1)
    with telling(later):
        assert not reviews.holds(review, by), "held after its time, before any job ran"
        with pytest.raises(NotOpenToThis):
            reviews.hold(session, review, by)
        assert _end_what_is_due(session) == 1 and _end_what_is_due(session) == 0
        assert reviews.holds(review, holder) and review.held_until is None
        assert viewings.why(session, review, by) is None
    assert _history(session, review)[-2:] == ["emergency_begun", "emergency_ended"]


def test_where_the_colleague_is_gone_it_waits_for_anybody(session: Session) -> None:
    review, holder, by = _taken_over(session)
    holder.disabled_at = now()
    break_glass.end(session, review, by=by)
    assert (review.state, review.officer_id) == ("waiting", None)


@pytest.mark.parametrize("settle", ["answer", "send_back"])
def test_nothing_is_lost_where_it_cannot_wait_at_once(session: Session, settle: str) -> None:
    holder, by = officer(session, "CA"), officer(session, "CA")
    review = held(session, paid(session), holder)
    if settle == "answer":
        question = information_requests.ask(session, review, question="Which year?", wants_document=False, by=holder)
    else:
        reviews.propose_refusal(session, review, reason="untrue_information", note="A note.", by=holder)
    break_glass.take_over(session, review, "An emergency", by=by)
    holder.disabled_at = now()
    break_glass.end(session, review, by=by)
    assert review.officer_id is None and review.state != "waiting"
    if settle == "answer":
        information_requests.answer(session, question, text="2011.", by=review.application.account)
    else:
        reviews.send_back(session, review, note="Ask first.", by=by)
    assert review.state == "waiting"


def test_who_finished_it_looks_no_longer_than_the_emergency(session: Session) -> None:
    review, _holder, by = _taken_over(session)
    reviews.propose_refusal(session, review, reason="untrue_information", note="A note.", by=by)
    reviews.confirm_refusal(session, review, officer(session, "CA"))
    with telling(now() + timedelta(minutes=5)):
        assert _end_what_is_due(session) == 1
    with telling(now() + timedelta(minutes=6)):
        assert viewings.why(session, review, by) is None


def test_in_an_emergency_it_is_ended_not_given_back(session: Session) -> None:
    review, holder, by = _taken_over(session)
    with pytest.raises(NotOpenToThis):
        reviews.give_back(session, review, by)
    with pytest.raises(NotOpenToThis):
        break_glass.end(session, review, by=holder)
    break_glass.end(session, review, by=by)
    assert reviews.holds(review, holder)
    with pytest.raises(NotOpenToThis):
        break_glass.end(session, review, by=by)


def test_a_second_person_judges_it_once_and_afterwards(session: Session) -> None:
    review, _holder, by = _taken_over(session)
    judge, stranger = _with_role(session, "CA", "supervisor"), _with_role(session, "US", "supervisor")
    access = break_glass.open_of(session, review)
    assert access is not None
    with pytest.raises(NotOpenToThis):
        emergencies.judge(session, access, "justified", "I asked.", by=judge)
    reviews.add_note(session, review, "Called the bridge.", by)
    break_glass.end(session, review, by=by)
    assert {"review:break_glass", "note:add"} <= {deed.action for deed in emergencies.deeds(session, access)}
    with pytest.raises(NotFound):
        emergencies.judge(session, access, "justified", "I asked.", by=stranger)
    for verdict, why in (("justified", ""), ("fine", "I asked.")):
        with pytest.raises(RuleViolation):
            emergencies.judge(session, access, verdict, why, by=judge)
    with servers.as_owner(session):
        by.roles = ["officer", "supervisor"]
    with pytest.raises(RuleViolation):
        emergencies.judge(session, access, "justified", "I asked.", by=by)
    emergencies.judge(session, access, "not_justified", "Nobody was at the border.", by=judge)
    assert access.judgement == "Nobody was at the border."
    with pytest.raises(NotOpenToThis):
        emergencies.judge(session, access, "justified", "I asked.", by=judge)


@pytest.mark.parametrize("judge", ["officer_id", "(select id from officer where agency = 'US' limit 1)"])
def test_the_database_refuses_who_did_it_and_who_is_of_the_other_agency(session: Session, judge: str) -> None:
    review, _holder, by = _taken_over(session)
    officer(session, "US")
    break_glass.end(session, review, by=by)
    settle = f"update emergency_access set verdict = 'justified', judged_at = now() + '1 day', judged_by = {judge}"
    with pytest.raises(IntegrityError, match="judged_by"), session.begin_nested():
        session.execute(text(settle))


def test_whoever_may_judge_is_reminded_until_it_is_done(session: Session) -> None:
    review, _holder, by = _taken_over(session)
    judge, auditor = _with_role(session, "CA", "supervisor"), _with_role(session, "CA", "auditor")
    with servers.as_owner(session):
        by.roles = ["officer", "supervisor"]
    access = break_glass.open_of(session, review)
    assert access is not None
    monday = unusual_looking.last_week(today())
    break_glass.end(session, review, by=by)
    assert emergencies.remind(session, "CA", monday) == 2
    assert emergencies.remind(session, "CA", monday) == 0, "twice in a week"
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "officer_emergencies_waiting")).all()
    assert {message.officer_id for message in told} == {judge.id, auditor.id}
    emergencies.judge(session, access, "justified", "I asked.", by=judge)
    assert emergencies.remind(session, "CA", monday + unusual_looking.WEEK) == 0


def test_the_applicant_reads_of_an_emergency(session: Session) -> None:
    review, _holder, by = _taken_over(session)
    viewings.record(session, review, "application", by)
    view_as(session, str(review.application.account_id))
    (look,) = looks.at(session, review.application)
    assert (look.agency, look.kind) == ("CA", "emergency")
