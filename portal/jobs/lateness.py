"""Each morning: whoever waits longer than nine in ten did is told so, once for each agency."""

from __future__ import annotations

from portal.db import Database
from portal.jobs.app import every
from portal.services import lateness


@every("23 14 * * *")
def tell_who_waits_longer_than_usual(database: Database) -> None:
    """At 14:23 UTC, in the morning on the continent."""
    with database.transaction() as session:
        lateness.tell(session)
