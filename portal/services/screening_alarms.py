"""The alarm when the weekly audit finds other hits than the deltas left: supervisors are told."""

from __future__ import annotations

import logging

from sqlalchemy import any_, literal, select
from sqlalchemy.orm import Session

from portal.models import Officer, ScreeningSweep
from portal.services import audit, notifications, sweeps
from portal.services.actors import SYSTEM

log = logging.getLogger(__name__)


def raise_if_different(session: Session, sweep: ScreeningSweep) -> bool:
    """Tell the agency's supervisors of an audit that differs; whether it did. The mail says no more than that."""
    different = sweeps.progress(session, sweep).counts.get("different", 0)
    if not different:
        return False
    log.critical("the audit of the screening differs from the deltas for %s people", different)
    audit.record(session, "screening:alarm", sweep, by=SYSTEM, different=different)
    query = select(Officer).where(
        Officer.agency == sweep.agency,
        literal("supervisor") == any_(Officer.roles),
        Officer.activated_at.is_not(None),
        Officer.disabled_at.is_(None),
    )
    for reader in session.scalars(query):
        notifications.send(session, "screening_alarm", to=reader)
    return True
