"""Background work on what is kept for a while only."""

from __future__ import annotations

from portal.db import Database
from portal.jobs.app import every
from portal.services import draft_warnings, housekeeping


@every("23 * * * *")
def forget_old(database: Database) -> None:
    """Delete the effects of forms, tries and codes that no rule looks at any more."""
    with database.transaction() as session:
        housekeeping.forget_old(session)


@every("50 13 * * *")
def warn_of_drafts(database: Database) -> None:
    """Tell whoever left an application unfinished how long it is kept: in the daytime of both countries."""
    with database.transaction() as session:
        draft_warnings.send_due(session)
