"""The weekly report: each rule by its threshold, told once, with counts only."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import telling
from portal.models import AuditEntry, Officer, OutgoingMessage
from portal.services import unusual_looking
from tests.interviewing import officer

MONDAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 17, 17, tzinfo=UTC)
NIGHT = datetime(2026, 11, 18, 5, tzinfo=UTC)
"""Midnight in Toronto."""


def _rows(session: Session, by: Officer, count: int, *, at: datetime = NOON, kind: str = "assigned",
          action: str = "application:view") -> None:  # fmt: skip
    session.add_all(
        AuditEntry(at=at, actor_kind="officer", actor_id=by.id, agency=by.agency, action=action, facts={"kind": kind},
                   subject_kind="application", application_id=uuid.uuid4())
        for _ in range(count)
    )  # fmt: skip
    session.flush()


def _rules(session: Session, by: Officer) -> tuple[str, ...]:
    found = {one.officer_id: one.rules for one in unusual_looking.unusual(session, by.agency, MONDAY)}
    return found.get(by.id, ())


def test_each_rule_begins_at_its_threshold(session: Session) -> None:
    by = officer(session, "CA")
    _rows(session, by, 4, kind="question")
    _rows(session, by, 2, at=NIGHT)
    _rows(session, by, 33)
    assert _rules(session, by) == ()
    _rows(session, by, 1, kind="other")
    assert _rules(session, by) == ("without_assignment", "opened")  # five, and forty opened without a deed
    _rows(session, by, 5, action="decision:record")
    assert _rules(session, by) == ("without_assignment",)
    _rows(session, by, 1, at=NIGHT)
    assert _rules(session, by) == ("without_assignment", "odd_hours")


def test_a_second_officers_look_and_other_weeks_do_not_count(session: Session) -> None:
    by = officer(session, "CA")
    _rows(session, by, 20, kind="second_officer")
    _rows(session, by, 20, kind="other", at=NOON + timedelta(days=7))
    _rows(session, by, 20, kind="other", at=NOON - timedelta(days=7))
    assert _rules(session, by) == ()


def test_the_other_agency_is_not_told(session: Session) -> None:
    by = officer(session, "US")
    _rows(session, by, 9, kind="other")
    assert unusual_looking.unusual(session, "CA", MONDAY) == []
    assert _rules(session, by) == ("without_assignment",)


def test_the_supervisors_are_told_once_with_counts_only(session: Session) -> None:
    by, chief, gone = (officer(session, "CA", roles=[role]) for role in ("officer", "supervisor", "supervisor"))
    gone.disabled_at = NOON
    for one in (by, chief, gone):
        one.activated_at = NOON
    _rows(session, by, 9, kind="other")
    with telling(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        assert unusual_looking.report(session, "CA", MONDAY) == 1
        assert unusual_looking.report(session, "CA", MONDAY) == 0
    row = session.scalars(select(OutgoingMessage).where(OutgoingMessage.event == "officer_looking_report")).one()
    assert row.officer == chief and row.facts == {"officers": 1, "week_on": "2026-11-16"}


def test_the_last_whole_week_begins_on_a_monday() -> None:
    assert {unusual_looking.last_week(date(2026, 11, day)) for day in range(23, 30)} == {MONDAY}
