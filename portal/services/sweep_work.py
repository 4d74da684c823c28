"""What is done with each part of a sweep, by its kind."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import ScreeningSweep, SweepPart
from portal.services import dry_runs, member_screening, screening_alarms, sweeps

Work = Callable[[Session, ScreeningSweep, SweepPart], Counter[str]]

WORK: dict[str, Work] = {
    "dry_run": dry_runs.count,
    "members": member_screening.catch_up,
    "audit": member_screening.check,
}


def do(session: Session, part_id: uuid.UUID) -> None:
    """Do one part, in the session's transaction; what is done, or was stopped, is left alone."""
    part = sweeps.take(session, part_id)
    if part is None:
        return
    sweep = part.sweep
    finished = sweeps.finish(session, part, WORK[sweep.kind](session, sweep, part))
    if finished.ended_at and finished.kind == "members":
        member_screening.go_on(session, finished)
    if finished.ended_at and finished.kind == "audit":
        screening_alarms.raise_if_different(session, finished)


def do_all(session: Session, sweep: ScreeningSweep) -> None:
    """Do every part at once, where nobody wants to wait for workers."""
    query = select(SweepPart.id).where(SweepPart.sweep_id == sweep.id).order_by(SweepPart.number)
    for part_id in session.scalars(query).all():
        do(session, part_id)
