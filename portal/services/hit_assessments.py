"""How long an officer's assessment of a hit holds: while both sides say what they said when it was made."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import LookoutEntry, LookoutHit, ScreeningRun
from portal.services import audit, lookout_lists
from portal.services.actors import SYSTEM

Sides = tuple[str, bytes]
"""The list, and what its entry says. The applicant's side is the version of the answers."""


def carry_over(session: Session, screening_run: ScreeningRun) -> None:
    """Give the hits of a new run the assessments of earlier runs on the same answers, where the entry is unchanged.

    An entry that its list only numbered anew is unchanged; one that says anything else has to be assessed again.
    """
    earlier = {_sides(hit): hit for hit in _assessed(session, screening_run)}
    query = select(LookoutHit).where(LookoutHit.run_id == screening_run.id, LookoutHit.state == "open")
    for hit in session.scalars(query).all():
        if (before := earlier.get(_sides(hit))) is not None:
            hit.assessment = before.assessment  # first: sealing reads the person, which flushes
            hit.state, hit.evidence = before.state, list(before.evidence)
            hit.assessed_by, hit.assessed_at = before.assessed_by, before.assessed_at
            hit.confirmed_by, hit.confirmed_at = before.confirmed_by, before.confirmed_at
            audit.record(session, "hit:carry_over", hit, by=SYSTEM, state=hit.state)
    session.flush()


def _assessed(session: Session, screening_run: ScreeningRun) -> list[LookoutHit]:
    query = (
        select(LookoutHit)
        .join(LookoutHit.run)
        .where(
            ScreeningRun.application_id == screening_run.application_id,
            ScreeningRun.agency == screening_run.agency,
            ScreeningRun.version_number == screening_run.version_number,
            ScreeningRun.id != screening_run.id,
            LookoutHit.state != "open",
        )
        .order_by(LookoutHit.assessed_at)
    )
    return list(session.scalars(query))


def _sides(hit: LookoutHit) -> Sides:
    return sides(hit.entry)


def sides(entry: LookoutEntry) -> Sides:
    """The list's side of a hit on `entry`."""
    return sides_in(str(entry.version.list_id), entry)


def sides_in(list_id: str, entry: LookoutEntry) -> Sides:
    """The list's side of a hit on `entry`, where it is known which list the entry stands on."""
    return list_id, lookout_lists.content_hash(lookout_lists.row_of(entry))
