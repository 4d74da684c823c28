"""Exports of the audit trail are deleted when their day is over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import now, telling
from portal.db import view_as
from portal.models import AuditExportPart
from portal.services import audit_exports, retention
from portal.services.audit_search import Criteria
from tests import interviewing


def test_what_is_over_is_deleted(session: Session) -> None:
    by = interviewing.officer(session, "CA", roles=["auditor"])
    view_as(session, "CA")
    export = audit_exports.ask(session, Criteria(), by)
    assert audit_exports.make_part(session, export.id) is False
    (line,) = (line for line in retention.LINES if line.name == "audit_exports")
    assert retention.purge_batch(session, line).count == 0
    with telling(now() + timedelta(days=1, minutes=1)):
        done = retention.purge_batch(session, line)
    assert (done.count, len(done.files), audit_exports.state(export)) == (1, 1, "over")
    assert session.scalars(select(AuditExportPart)).all() == []
