"""Making the PDFs of letters."""

from __future__ import annotations

import uuid

from portal.db import Database
from portal.jobs.app import job
from portal.services import letters


@job("make_letter")
def make_letter(database: Database, letter_id: str) -> None:
    """Make the PDF of one letter."""
    with database.transaction() as session:
        letters.make(session, uuid.UUID(letter_id))
