"""Exports of the audit trail: an auditor asks, the worker writes part after part, the auditor fetches it in time."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters import queue
from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis
from portal.i18n import Lazy as _l
from portal.models import AuditEntry, AuditExport, AuditExportPart, Officer
from portal.services import audit, audit_search, files, retention
from portal.services.actors import SYSTEM
from portal.services.audit_search import Criteria

PART = 5_000
"""Rows in one part: some megabytes of text."""
SHOWN = 20
"""How many of one's own exports are listed."""
BYTE_ORDER_MARK = "\ufeff"
"""With it a spreadsheet reads accents as accents."""

ONE_AT_A_TIME = _l("Your last export is still being made. Ask again when it is ready.")


def of_officer(session: Session, by: Officer) -> Sequence[AuditExport]:
    """One's own last exports, the newest first. The look at them is recorded."""
    query = select(AuditExport).where(AuditExport.officer_id == by.id, AuditExport.agency == by.agency)
    found = session.scalars(query.order_by(AuditExport.asked_at.desc()).limit(SHOWN)).all()
    audit.record(session, "audit_export:list", "audit_export", by=by, rows=len(found))
    return found


def state(export: AuditExport) -> str:
    """waiting, ready, or over."""
    if export.made_at is None:
        return "waiting"
    is_over = export.forgotten_at is not None or export.until is None or export.until < now()
    return "over" if is_over else "ready"


def ask(session: Session, criteria: Criteria, by: Officer) -> AuditExport:
    """Ask for everything that this search finds now. Written into the trail with the search.

    Raises NotOpenToThis while the last export is being made.
    """
    export = AuditExport(
        officer_id=by.id,
        agency=by.agency,
        criteria=_written(criteria),
        newest=session.scalar(select(func.max(AuditEntry.id))) or 0,
        asked_at=now(),
        rows=0,
        size=0,
    )
    try:
        with session.begin_nested():
            session.add(export)
    except IntegrityError as error:
        raise NotOpenToThis(ONE_AT_A_TIME) from error
    audit.record(session, "audit:export", export, by=by, **audit_search.as_facts(criteria))
    queue.enqueue(session, "make_audit_export", export_id=str(export.id))
    return export


def make_part(session: Session, export_id: uuid.UUID) -> bool:
    """Write the next part; whether there is more to do. What was written before a crash is not written again."""
    export = session.get(AuditExport, export_id, with_for_update={"of": AuditExport})
    if export is None or export.made_at is not None:
        return False
    last = _last_part(session, export)
    rows = _rows(session, export, below=last.oldest if last else export.newest + 1)
    if rows or last is None:
        _keep(session, export, rows, number=last.number + 1 if last else 1)
    if len(rows) == PART:
        return True
    kept_for = timedelta(days=retention.days(session, "audit_exports"))
    export.made_at, export.until = now(), now() + kept_for
    audit.record(session, "audit_export:make", export, by=SYSTEM, rows=export.rows)
    return False


def _last_part(session: Session, export: AuditExport) -> AuditExportPart | None:
    query = select(AuditExportPart).where(AuditExportPart.export_id == export.id)
    return session.scalars(query.order_by(AuditExportPart.number.desc()).limit(1)).first()


def _rows(session: Session, export: AuditExport, *, below: int) -> Sequence[AuditEntry]:
    found = audit_search.found(session, _read(export.criteria), export.officer)
    return session.scalars(found.where(AuditEntry.id < below).order_by(AuditEntry.id.desc()).limit(PART)).all()


def _keep(session: Session, export: AuditExport, rows: Sequence[AuditEntry], *, number: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    if number == 1:
        text.write(BYTE_ORDER_MARK)
        writer.writerow(audit_search.COLUMNS)
    writer.writerows(audit_search.cells(session, rows))
    content = text.getvalue().encode()
    oldest = rows[-1].id if rows else 0
    part = AuditExportPart(
        export_id=export.id, number=number, oldest=oldest, file_key=files.keep(export.officer, content)
    )
    session.add(part)
    export.rows, export.size = export.rows + len(rows), export.size + len(content)
    session.flush()


def download(session: Session, export_id: uuid.UUID, by: Officer) -> Iterator[bytes]:
    """The export, part after part, for who asked for it; that it was fetched is written down first. Raises NotFound."""
    export = session.get(AuditExport, export_id)
    if export is None or (export.officer_id, export.agency) != (by.id, by.agency) or state(export) != "ready":
        raise NotFound(export_id)
    query = select(AuditExportPart.file_key).where(AuditExportPart.export_id == export.id)
    keys = session.scalars(query.order_by(AuditExportPart.number)).all()
    audit.record(session, "audit_export:download", export, by=by, rows=export.rows)
    return (files.read(by, key) for key in keys)


def _written(criteria: Criteria) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(criteria).items() if value}


def _read(written: dict[str, Any]) -> Criteria:
    kinds: dict[str, Any] = {
        "actor": uuid.UUID, "person": uuid.UUID, "since": date.fromisoformat, "until": date.fromisoformat,
    }  # fmt: skip
    return Criteria(**{name: kinds.get(name, str)(value) for name, value in written.items()})
