"""Background work on documents: checking what came in, forgetting what was taken back, sweeping the store."""

from __future__ import annotations

import logging
import uuid

from portal.db import Database
from portal.jobs.app import every, job
from portal.services import document_readings, documents, files, inspection

log = logging.getLogger(__name__)


@job("check_document")
def check_document(database: Database, *, document_id: str) -> None:
    """Check one document. The child process works while no transaction is open."""
    with database.transaction() as session:
        document = documents.find(session, uuid.UUID(document_id))
        content = documents.begin_check(session, document) if document else None
        limits = documents.limits_of(session)
        is_read = document is not None and document_readings.is_wanted(document)
    if content is None:
        return
    drawing = inspection.examine(content, limits, is_read=is_read)
    with database.transaction() as session:
        document = documents.find(session, uuid.UUID(document_id))
        if document is not None:
            documents.finish_check(session, document, drawing, is_read=is_read)


@job("discard_document")
def discard_document(database: Database, *, document_id: str) -> None:
    """Forget the bytes of a document that was taken back."""
    with database.transaction() as session:
        document = documents.find(session, uuid.UUID(document_id))
        if document is not None:
            documents.discard(document)


@every("*/10 * * * *")
def check_what_waits(database: Database) -> None:
    """Queue again the checks that were given up or lost; say so where many documents wait."""
    with database.transaction() as session:
        count = documents.check_what_waits(session)
    if count:
        log.warning("%s documents have waited for their check for more than ten minutes", count)


@every("37 * * * *")
def sweep_files(database: Database) -> None:
    """Remove files whose rows never came."""
    with database.transaction() as session:
        files.sweep(session)
