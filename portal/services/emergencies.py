"""What a second person makes of an emergency access once it is over: justified or not, and why."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import any_, func, literal, or_, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import AuditEntry, EmergencyAccess, Officer
from portal.services import audit, break_glass, notifications
from portal.services.actors import SYSTEM

VERDICTS = ("justified", "not_justified")
MOST = 50
"""How many that were judged the list shows, the newest first."""
REMINDED = "emergency:remind"

ANOTHER_PERSON = _l("This was your own emergency access. A second person of your agency must judge it.")
NOT_OVER = _l("This emergency access is not over yet. Judge it when it has ended.")
JUDGED = _l("Somebody has judged this emergency access already.")
SAY_WHY = _l("Write why you say so")


@dataclass(frozen=True)
class Deed:
    """What the officer did during the emergency, as the audit trail has it: each kind once."""

    action: str
    count: int
    first: datetime
    last: datetime


def to_judge(session: Session, agency: str) -> Sequence[EmergencyAccess]:
    """The agency's emergencies that nobody has judged, those that still run among them; the oldest first."""
    query = select(EmergencyAccess).where(EmergencyAccess.agency == agency, EmergencyAccess.judged_at.is_(None))
    return session.scalars(query.order_by(EmergencyAccess.began_at)).all()


def judged(session: Session, agency: str) -> Sequence[EmergencyAccess]:
    """The agency's last MOST emergencies that were judged."""
    query = select(EmergencyAccess).where(EmergencyAccess.agency == agency, EmergencyAccess.judged_at.is_not(None))
    return session.scalars(query.order_by(EmergencyAccess.judged_at.desc()).limit(MOST)).all()


def find(session: Session, access_id: uuid.UUID, by: Officer) -> EmergencyAccess:
    """An emergency of the officer's own agency. Raises NotFound for any other."""
    access = session.get(EmergencyAccess, access_id)
    if access is None or access.agency != by.agency:
        raise NotFound(access_id)
    return access


def can_judge(access: EmergencyAccess, by: Officer) -> bool:
    """Whether this person may say now what it was: another person, after the end, once."""
    return access.officer_id != by.id and access.ended_at is not None and access.judged_at is None


def deeds(session: Session, access: EmergencyAccess) -> list[Deed]:
    """What the officer did with the application during the emergency, in the order in which it began."""
    first = func.min(AuditEntry.at)
    query = (
        select(AuditEntry.action, func.count(), first, func.max(AuditEntry.at))
        .where(
            AuditEntry.application_id == access.application_id,
            AuditEntry.actor_id == access.officer_id,
            AuditEntry.at >= access.began_at,
            AuditEntry.at <= (access.ended_at or now()),
        )
        .group_by(AuditEntry.action)
        .order_by(first)
    )
    return [Deed(*row) for row in session.execute(query)]


def judge(session: Session, access: EmergencyAccess, verdict: str, why: str, *, by: Officer) -> None:
    """Say whether it was justified, and why. Kept with the judge's name.

    Raises NotFound outside one's agency, RuleViolation for one's own emergency and without words, NotOpenToThis
    before its end and where it was judged already.
    """
    session.refresh(access, with_for_update={"of": EmergencyAccess})
    if access.agency != by.agency:
        raise NotFound(access.id)
    if access.officer_id == by.id:
        raise RuleViolation(ANOTHER_PERSON)
    if access.ended_at is None:
        raise NotOpenToThis(NOT_OVER)
    if access.judged_at is not None:
        raise NotOpenToThis(JUDGED)
    if verdict not in VERDICTS or not why:
        raise RuleViolation(SAY_WHY)
    access.judgement = why  # first: sealing reads the person, and the row must be whole by then or not begun
    access.verdict = verdict
    access.judged_by, access.judged_at = by.id, now()
    audit.record(session, "emergency:judge", access, by=by, verdict=verdict)
    session.flush()


def remind(session: Session, agency: str, monday: date) -> int:
    """Tell everybody who may judge how many wait for it; how many people were told. Once for each week."""
    if _is_reminded(session, agency, monday):
        return 0
    waiting = [access for access in to_judge(session, agency) if access.ended_at is not None]
    told = 0
    for reader in _judges(session, agency):
        count = sum(access.officer_id != reader.id for access in waiting)
        if count:
            notifications.send(session, "officer_emergencies_waiting", to=reader, facts={"count": count})
            told += 1
    week = monday.isoformat()
    audit.record(session, REMINDED, "emergency_access", agency=agency, by=SYSTEM, week=week, waiting=len(waiting))
    return told


def _is_reminded(session: Session, agency: str, monday: date) -> bool:
    query = select(AuditEntry.id).where(
        AuditEntry.action == REMINDED,
        AuditEntry.agency == agency,
        AuditEntry.facts["week"].astext == monday.isoformat(),
    )
    return session.scalars(query.limit(1)).first() is not None


def _judges(session: Session, agency: str) -> Sequence[Officer]:
    query = select(Officer).where(
        Officer.agency == agency,
        Officer.activated_at.is_not(None),
        Officer.disabled_at.is_(None),
        or_(*(literal(role) == any_(Officer.roles) for role in break_glass.OVERSEERS)),
    )
    return session.scalars(query).all()
