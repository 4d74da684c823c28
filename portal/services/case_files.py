"""What an officer may read of an application under review: its history, and the names of colleagues."""

from __future__ import annotations

import uuid

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.models import Event, Officer, Review


def history(session: Session, review: Review) -> list[Event]:
    """What happened to the application, the newest first; of the other agency nothing, as its timeline is its own."""
    query = select(Event).where(
        Event.application_id == review.application_id,
        or_(Event.agency.is_(None), Event.agency == review.agency),
    )
    return list(session.scalars(query.order_by(Event.id.desc())))


def officer_names(session: Session, officer_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of officers, to show who wrote or holds something."""
    query = select(Officer).where(Officer.id.in_(officer_ids))
    return {officer.id: officer.name or "" for officer in session.scalars(query)}
