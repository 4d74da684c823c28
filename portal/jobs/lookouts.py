"""The jobs of look-out lists: reading what was brought, and the parts of a sweep, shared by all workers."""

from __future__ import annotations

import uuid

from portal.db import Database
from portal.jobs.app import job
from portal.services import list_publishing, sweep_work


@job("read_lookout_list")
def read_lookout_list(database: Database, version_id: str) -> None:
    """Read a version in one transaction: whoever is killed meanwhile leaves it waiting, and nothing half read."""
    with database.transaction() as session:
        list_publishing.read(session, uuid.UUID(version_id))


@job("sweep_part")
def sweep_part(database: Database, part_id: str) -> None:
    """Do one part of a sweep in one transaction, so that it may run twice and is counted once."""
    with database.transaction() as session:
        sweep_work.do(session, uuid.UUID(part_id))
