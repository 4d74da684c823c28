"""Background work on the audit trail: sealing it, keeping its head outside, verifying it, the supervisors' report."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from portal.adapters import mailer, sealing
from portal.clock import today
from portal.db import Database
from portal.domain import AGENCIES
from portal.jobs.app import every, job
from portal.services import audit, audit_anchors, audit_checks, audit_exports, audit_seals, unusual_looking
from portal.services.actors import SYSTEM

log = logging.getLogger(__name__)


@every("* * * * * */5")
def seal_audit_trail(database: Database) -> None:
    """Seal what is final, as the sealer's own role. Does nothing in a worker that was not told to seal."""
    if url := sealing.database_url():
        seal_all(url)


def seal_all(url: str) -> int:
    """Seal block after block until nothing is left; returns how many rows."""
    sealer = Database(url)
    count = 0
    try:
        while True:
            with sealer.transaction() as session:
                done = audit_seals.seal(session)
            if not done:
                return count
            count += done
    finally:
        sealer.engine.dispose()


@every("*/10 * * * *")
def anchor_audit_trail(database: Database) -> None:
    """Once a day: write the newest head to the folder of anchors and send it to the address of anchors."""
    day = today()
    with database.transaction() as session:
        seal = None if audit_anchors.is_anchored(session, day) else audit_seals.newest(session)
    if seal is None or not (sealing.anchor_folder() or sealing.anchor_address()):
        return
    sealing.keep_anchor(audit_anchors.name_of(day), audit_anchors.text_of(seal))
    if email := audit_anchors.message(seal, day):
        mailer.deliver(email)
    with database.transaction() as session:
        audit_anchors.note(session, seal, day)


@every("50 2 * * *")
def verify_audit_trail(database: Database) -> None:
    """Every night: verify the whole trail, with the anchors of the folder, and write down the result."""
    if not sealing.can_verify():
        return
    folder = sealing.anchor_folder()
    files = sorted(folder.glob("*.json")) if folder and folder.is_dir() else []
    with database.transaction() as session:
        try:
            anchors = [audit_checks.read_anchor(file.name, file.read_text()) for file in files]
            sound = audit_checks.verify(session, anchors)
        except audit_checks.Broken as broken:
            log.error("the audit trail is not sound: %s", broken)
            facts: dict[str, Any] = {"sound": False, "found": str(broken)}
        else:
            facts = {"sound": True, "seals": sound.seals, "rows": sound.rows}
        audit.record(session, audit_seals.VERIFIED, "audit_seal", by=SYSTEM, **facts)


@job("make_audit_export")
def make_audit_export(database: Database, export_id: str) -> None:
    """Write an export that an auditor asked for, each part in a transaction of its own."""
    is_more = True
    while is_more:
        with database.transaction() as session:
            is_more = audit_exports.make_part(session, uuid.UUID(export_id))


@every("10 11 * * 1")
def report_unusual_looking(database: Database) -> None:
    """On Mondays: tell the supervisors of each agency whose looking was unusual last week."""
    for agency in AGENCIES:
        with database.transaction() as session:
            unusual_looking.report(session, agency, unusual_looking.last_week(today()))
