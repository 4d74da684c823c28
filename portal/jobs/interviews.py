"""Background work for interviews: places freed when a hold expires, slots made ahead every day."""

from __future__ import annotations

from portal.clock import now
from portal.db import Database
from portal.jobs.app import every
from portal.services import centres, places, slots


@every("* * * * *")
def sweep_holds(database: Database) -> None:
    """Free the places of expired holds. Nothing waits for it: a claim ignores them anyway."""
    with database.transaction() as session:
        places.sweep(session, now=now())


@every("40 2 * * *")
def make_slots(database: Database) -> None:
    """Make the slots of the day that has come within reach, one centre a transaction."""
    with database.transaction() as session:
        known = centres.all_centres(session)
    for centre in known:
        with database.transaction() as session:
            slots.generate(session, [centre])
