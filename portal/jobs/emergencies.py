"""Background work on emergency access: it ends by itself, and whoever may judge it is reminded."""

from __future__ import annotations

from portal.clock import today
from portal.db import Database
from portal.domain import AGENCIES
from portal.jobs.app import every
from portal.services import break_glass, emergencies, unusual_looking


@every("* * * * *")
def end_emergencies(database: Database) -> None:
    """Give back what was taken over and whose time is over, each in a transaction of its own."""
    with database.transaction() as session:
        due = break_glass.due(session)
    for access_id in due:
        with database.transaction() as session:
            break_glass.end_due(session, access_id)


@every("12 11 * * 1")
def remind_of_emergencies(database: Database) -> None:
    """On Mondays: tell the supervisors and auditors of each agency how many wait for their judgement."""
    for agency in AGENCIES:
        with database.transaction() as session:
            emergencies.remind(session, agency, unusual_looking.last_week(today()))
