"""Background work on what is kept for a while only."""

from __future__ import annotations

from portal.db import Database
from portal.jobs.app import every
from portal.services import housekeeping


@every("23 * * * *")
def forget_old(database: Database) -> None:
    """Delete the effects of forms, tries and codes that no rule looks at any more."""
    with database.transaction() as session:
        housekeeping.forget_old(session)
