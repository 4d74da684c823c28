"""Taking over in an emergency: at once, with an alarm to everybody who watches, and in the weekly report."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.models import AuditEntry, Officer, OutgoingMessage
from portal.services import break_glass, reviews, unusual_looking
from tests.interviewing import officer
from tests.reviewing import held, paid


def _with_role(session: Session, agency: str, role: str) -> Officer:
    made = officer(session, agency)
    made.roles = [role]
    return made


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
