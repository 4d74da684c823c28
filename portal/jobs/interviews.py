"""Background work for interviews: places freed when a hold expires, slots made ahead every day."""

from __future__ import annotations

from portal.clock import now
from portal.db import Database
from portal.jobs.app import every
from portal.services import centres, offers, places, reminders, replacements, slots


@every("* * * * *")
def sweep_holds(database: Database) -> None:
    """Free the places of expired holds. Nothing waits for it: a claim ignores them anyway."""
    with database.transaction() as session:
        places.sweep(session, now=now())
        replacements.settle(session)


@every("* * * * *")
def settle_offers(database: Database) -> None:
    """Pass on the places that were offered and not taken in time."""
    with database.transaction() as session:
        offers.settle_expired(session)


@every("20 * * * *")
def send_reminders(database: Database) -> None:
    """Remind of interviews that are near, and of last days that are."""
    with database.transaction() as session:
        reminders.send(session)


@every("40 2 * * *")
def make_slots(database: Database) -> None:
    """Make the slots that have come within reach, one centre a transaction; the waiting list is asked first."""
    with database.transaction() as session:
        known = centres.all_centres(session)
    for centre in known:
        with database.transaction() as session:
            first_on = slots.last_day(session, centre)
            if slots.generate(session, [centre]):
                offers.offer_released(session, centre, first_on)
