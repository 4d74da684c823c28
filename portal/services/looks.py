"""Who looked at an application, for its applicant: agency, kind of reason, day. No names, nothing of look-out work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Application, AuditEntry
from portal.services.viewings import ASSIGNED, SECOND

KINDS = {
    ("application:view", ASSIGNED): "review",
    ("application:view", SECOND): "review",
    ("identity:view", ASSIGNED): "review",
    ("identity:view", SECOND): "review",
    ("document:view", ASSIGNED): "documents",
    ("document:view", SECOND): "documents",
    ("application:view", "question"): "question",
    ("document:view", "question"): "question",
    ("application:view", "cover"): "cover",
    ("document:view", "cover"): "cover",
    ("application:view", "emergency"): "emergency",
    ("identity:view", "emergency"): "emergency",
    ("document:view", "emergency"): "emergency",
    ("application:view", "other"): "other",
    ("document:view", "other"): "other",
    ("interview:view", ""): "interview",
    ("interview:list", ""): "interview",
}
"""What the applicant is told of, by action and kind of reason; whatever is not named here is left out.

Look-out work, investigations and the pages of a proposed refusal are not named. Supervisors' views are left out by
the role in the row. A second officer's look is a review's: it must not tell of a proposal.
"""


@dataclass(frozen=True)
class Look:
    """A day on which an agency looked at the application for one kind of reason, however often and by how many."""

    day: date
    agency: str
    kind: str


def at(session: Session, application: Application) -> list[Look]:
    """The looks at the application that its applicant may know of, the newest first."""
    kind = AuditEntry.facts["kind"].astext
    query = select(AuditEntry.at, AuditEntry.agency, AuditEntry.action, kind).where(
        AuditEntry.application_id == application.id,
        AuditEntry.actor_kind == "officer",
        AuditEntry.action.in_({action for action, _kind in KINDS}),
        AuditEntry.facts["role"].astext.is_(None),
    )
    looks = {
        Look(moment.date(), agency, KINDS[action, why or ""])
        for moment, agency, action, why in session.execute(query)
        if agency and (action, why or "") in KINDS
    }
    return sorted(looks, key=lambda look: (look.day, look.agency, look.kind), reverse=True)
