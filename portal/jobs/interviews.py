"""Background work for interviews: places freed when a hold expires, times released at each centre's hour."""

from __future__ import annotations

from portal.clock import now
from portal.db import Database
from portal.jobs.app import every
from portal.services import centres, offers, places, releases, reminders, replacements, slots


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


@every("* * * * *")
def release_times(database: Database) -> None:
    """Make the slots of the centres whose release is due, one centre a transaction; the waiting list is asked first."""
    with database.transaction() as session:
        known = list(releases.due(session, centres.all_centres(session)))
    for centre_id in known:
        with database.transaction() as session:
            (centre,) = centres.some(session, [centre_id])
            first_on = slots.last_day(session, centre)
            if slots.generate(session, [centre]):
                offers.offer_released(session, centre, first_on)
