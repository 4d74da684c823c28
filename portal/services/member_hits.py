"""Hits of members: a task for officers of the agency. Nothing about the membership changes before one has looked."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from portal.clock import today
from portal.domain.errors import NotFound
from portal.models import LookoutHit, Membership, Officer, ScreeningRun
from portal.services import audit, sweeps

REASON = "hit of a member"
"""Why an officer looks, as the trail says it: the hit itself is the reason."""


def waiting(session: Session, agency: str, limit: int = 200) -> list[LookoutHit]:
    """The hits of members that no officer of the agency has assessed, the closest first."""
    query = select(LookoutHit).join(LookoutHit.run).where(*_conditions(agency))
    return list(session.scalars(query.order_by(LookoutHit.score.desc(), LookoutHit.id).limit(limit)))


def count(session: Session, agency: str) -> int:
    """How many hits of members wait for an officer of the agency."""
    query = select(func.count()).select_from(LookoutHit).join(LookoutHit.run).where(*_conditions(agency))
    return session.scalar(query) or 0


def _conditions(agency: str) -> tuple[ColumnElement[bool], ...]:
    lasts = (
        Membership.application_id == LookoutHit.application_id,
        Membership.state.in_(sweeps.MEMBER_STATES),
        Membership.valid_until >= today(),
    )
    is_open = LookoutHit.state == "open"
    return LookoutHit.agency == agency, is_open, ScreeningRun.is_newest.is_(True), exists().where(*lasts)


def find(session: Session, hit_id: uuid.UUID, *, agency: str) -> tuple[LookoutHit, Membership]:
    """A hit of a member, and the membership. Raises NotFound for a hit of the other agency, or of somebody else."""
    hit = session.get(LookoutHit, hit_id)
    if hit is None or hit.agency != agency:
        raise NotFound(hit_id)
    query = select(Membership).where(Membership.application_id == hit.application_id)
    membership = session.scalars(query).one_or_none()
    if membership is None:
        raise NotFound(hit_id)
    return hit, membership


def look(session: Session, hit: LookoutHit, *, by: Officer) -> None:
    """Write down that the officer looked at a member's hit."""
    audit.record(session, "hit:view", hit.application, reason=REASON, by=by, kind="member_hit")
