"""Officers who looked at applications in an unusual way, by four plain rules, for their agency's supervisors.

Opened applications without holding them, at odd hours, or many without doing anything in them; or took one over in an
emergency, which is always told. The counts from which
a supervisor is told are the programme setting `unusual_looking`. A count proves nothing: it says where to ask.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, any_, func, literal, or_, select
from sqlalchemy.orm import Session

from portal.models import AuditEntry, EnrolmentCentre, Officer
from portal.services import audit, notifications, programme
from portal.services.actors import SYSTEM
from portal.services.break_glass import BROKEN
from portal.services.viewings import ASSIGNED, EMERGENCY, GIVEN, SECOND

SETTING = "unusual_looking"
OPENED = "application:view"
WEEK = timedelta(days=7)
REPORTED = "looking:report"


@dataclass(frozen=True)
class Looking:
    """What one officer did in a week, and the rules (by name) that it meets."""

    officer_id: uuid.UUID
    without_assignment: int
    odd_hours: int
    opened: int
    acted: int
    broke_glass: int
    rules: tuple[str, ...]


def last_week(day: date) -> date:
    """The Monday of the last whole week before `day`."""
    return day - timedelta(days=day.weekday()) - WEEK


def unusual(session: Session, agency: str, monday: date) -> list[Looking]:
    """Whose looking met a rule in the week that begins on `monday`, the highest counts first."""
    limits = limits_of(session, monday)
    found = [_judged(row, limits) for row in session.execute(_counts(agency, monday, limits))]
    found.sort(key=lambda one: (len(one.rules), one.without_assignment, one.opened), reverse=True)
    return [one for one in found if one.rules]


def limits_of(session: Session, on: date) -> dict[str, Any]:
    """The setting that holds on a day."""
    limits: dict[str, Any] = programme.setting(session, SETTING, on)
    return limits


def report(session: Session, agency: str, monday: date) -> int:
    """Tell each supervisor of the agency how many officers there are to ask about; returns the number told.

    Told once for each week, however often the job runs.
    """
    if _is_reported(session, agency, monday):
        return 0
    count = len(unusual(session, agency, monday))
    readers = _supervisors(session, agency)
    for reader in readers:
        facts = {"officers": count, "week_on": monday.isoformat()}
        notifications.send(session, "officer_looking_report", to=reader, facts=facts)
    audit.record(session, REPORTED, "officer", agency=agency, by=SYSTEM, week=monday.isoformat(), officers=count)
    return len(readers)


def _counts(agency: str, monday: date, limits: dict[str, Any]) -> Any:
    start = datetime.combine(monday, time(), UTC)
    is_opened = AuditEntry.action == OPENED
    # A look says which kind of reason there was; a row without a kind counts as one without an assignment.
    is_alien = func.coalesce(AuditEntry.facts["kind"].astext, "").not_in((ASSIGNED, SECOND, EMERGENCY))
    zone = func.coalesce(EnrolmentCentre.zone, limits["zone"])
    hour = func.extract("hour", func.timezone(zone, AuditEntry.at))
    is_odd = or_(hour >= limits["odd_from_hour"], hour < limits["odd_until_hour"])
    is_act = and_(AuditEntry.action.not_like("%:view"), AuditEntry.action.not_in((GIVEN, "interview:list")))
    applications = func.count(AuditEntry.application_id.distinct())
    return (
        select(
            AuditEntry.actor_id,
            applications.filter(is_opened, is_alien),
            func.count().filter(is_opened, is_odd),
            applications.filter(is_opened),
            applications.filter(is_act),
            applications.filter(AuditEntry.action == BROKEN),
        )
        .join(Officer, Officer.id == AuditEntry.actor_id)
        .outerjoin(EnrolmentCentre, EnrolmentCentre.id == Officer.centre_id)
        .where(Officer.agency == agency, AuditEntry.at >= start, AuditEntry.at < start + WEEK)
        .group_by(AuditEntry.actor_id)
    )


def _judged(row: Any, limits: dict[str, Any]) -> Looking:
    officer_id, without_assignment, odd_hours, opened, acted, broke_glass = row
    rules = {
        "broke_glass": broke_glass > 0,
        "without_assignment": without_assignment >= limits["without_assignment"],
        "odd_hours": odd_hours >= limits["odd_hours"],
        "opened": opened >= limits["opened"] and acted * 100 < opened * limits["acted_percent"],
    }
    met = tuple(name for name, is_met in rules.items() if is_met)
    return Looking(officer_id, without_assignment, odd_hours, opened, acted, broke_glass, met)


def _is_reported(session: Session, agency: str, monday: date) -> bool:
    query = select(AuditEntry.id).where(
        AuditEntry.action == REPORTED,
        AuditEntry.agency == agency,
        AuditEntry.facts["week"].astext == monday.isoformat(),
    )
    return session.scalars(query.limit(1)).first() is not None


def _supervisors(session: Session, agency: str) -> Sequence[Officer]:
    query = select(Officer).where(
        Officer.agency == agency,
        literal("supervisor") == any_(Officer.roles),
        Officer.activated_at.is_not(None),
        Officer.disabled_at.is_(None),
    )
    return session.scalars(query).all()
