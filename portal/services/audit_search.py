"""The audit trail for an auditor: the own agency's rows and the shared ones, by who, what, whom and when."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, false, or_, select
from sqlalchemy.orm import Session

from portal.domain.facts import Fact
from portal.domain.registry import ever_known, viewer_of
from portal.models import Account, AccountPerson, Application, AuditEntry, Officer
from portal.models.accounts import email_indexes
from portal.services import audit

PAGE = 50
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that a spreadsheet would take for a formula."""
COLUMNS = (
    "number", "at", "actor_kind", "actor", "actor_id", "agency", "action", "subject_kind", "subject_id", "reference",
    "reason", "facts", "request",
)  # fmt: skip


@dataclass(frozen=True)
class Criteria:
    """What is looked for. An empty one finds everything that the auditor may see."""

    actor: uuid.UUID | None = None
    """An officer of the own agency, or a traveller's account."""
    action: str = ""
    """`thing:verb`, or the beginning of it."""
    reference: str = ""
    """An application's."""
    person: uuid.UUID | None = None
    """The account whose applications the rows are about."""
    since: date | None = None
    until: date | None = None
    whose: str = ""
    """own, shared, or both where nothing is said."""


@dataclass(frozen=True)
class Line:
    """A row as it is shown: with its officer's name and its application's reference."""

    entry: AuditEntry
    actor: str
    reference: str


@dataclass(frozen=True)
class Page:
    """One page, the newest row first, and where its neighbours begin."""

    lines: Sequence[Line]
    newer: int | None
    older: int | None


def page(
    session: Session, criteria: Criteria, by: Officer, *, before: int | None = None, after: int | None = None
) -> Page:
    """A page of what is found, older than `before` or newer than `after`. The search is itself recorded."""
    query = found(session, criteria, by)
    if after is not None:
        rows = list(session.scalars(query.where(AuditEntry.id > after).order_by(AuditEntry.id).limit(PAGE + 1)))
        shown = rows[:PAGE][::-1]
        has_newer, has_older = len(rows) > PAGE, True
    else:
        query = query.where(AuditEntry.id < before) if before is not None else query
        rows = list(session.scalars(query.order_by(AuditEntry.id.desc()).limit(PAGE + 1)))
        shown = rows[:PAGE]
        has_newer, has_older = before is not None, len(rows) > PAGE
    _record(session, "audit:search", criteria, len(shown), by)
    return Page(
        list(_lines(session, shown)),
        newer=shown[0].id if shown and has_newer else None,
        older=shown[-1].id if shown and has_older else None,
    )


def cells(session: Session, rows: Sequence[AuditEntry]) -> Iterator[list[str]]:
    """The rows as an export writes them, each cell harmless, in the order of COLUMNS."""
    return ([harmless(cell) for cell in _cells(line)] for line in _lines(session, rows))


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def _cells(line: Line) -> Iterable[object]:
    entry = line.entry
    facts = json.dumps(entry.facts, ensure_ascii=False, sort_keys=True)
    return (
        entry.id, entry.at.isoformat(), entry.actor_kind, line.actor, entry.actor_id, entry.agency, entry.action,
        entry.subject_kind, entry.subject_id, line.reference, entry.reason, facts, entry.request_id,
    )  # fmt: skip


def visible(by: Officer) -> Any:
    """Which rows this auditor may see: the own agency's, and those that are no agency's."""
    viewer = viewer_of(by.roles) if "auditor" not in by.roles else viewer_of(["auditor"])
    own = AuditEntry.agency == by.agency if ever_known(viewer, Fact.OWN_AUDIT_TRAIL) else false()
    shared = AuditEntry.agency.is_(None) if ever_known(viewer, Fact.SHARED_AUDIT_TRAIL) else false()
    return or_(own, shared)


def found(session: Session, criteria: Criteria, by: Officer) -> Select[AuditEntry]:
    """Everything that this search finds for this auditor, in no order."""
    return select(AuditEntry).where(visible(by), *_conditions(session, criteria, by))


def _conditions(session: Session, criteria: Criteria, by: Officer) -> Iterator[Any]:
    if criteria.action:
        yield AuditEntry.action.startswith(criteria.action, autoescape=True)
    if criteria.actor:
        yield AuditEntry.actor_id == criteria.actor
    if criteria.reference:
        yield AuditEntry.application_id.in_(
            session.scalars(select(Application.id).where(Application.reference == criteria.reference)).all()
        )
    if criteria.person:
        yield AuditEntry.application_id.in_(_applications_of(session, criteria.person))
    if criteria.since:
        yield AuditEntry.at >= _midnight(criteria.since)
    if criteria.until:
        yield AuditEntry.at < _midnight(criteria.until + timedelta(days=1))
    if criteria.whose:
        yield AuditEntry.agency.is_(None) if criteria.whose == "shared" else AuditEntry.agency == by.agency


def actor_with(session: Session, email: str, by: Officer) -> uuid.UUID | None:
    """Whose sign-in has this address: an officer of the auditor's own agency, or a traveller."""
    query = select(Officer.id).where(Officer.email_index.in_(email_indexes(email)), Officer.agency == by.agency)
    return session.scalars(query).first() or account_with(session, email)


def account_with(session: Session, email: str) -> uuid.UUID | None:
    """The traveller's account with this address."""
    return session.scalars(select(Account.id).where(Account.email_index.in_(email_indexes(email)))).first()


def name_of(session: Session, actor: uuid.UUID | None, by: Officer) -> str | None:
    """The name of an officer of the own agency; None for anybody else."""
    found = session.get(Officer, actor) if actor else None
    return found.name if found and found.agency == by.agency else None


def _applications_of(session: Session, account: uuid.UUID) -> Sequence[uuid.UUID]:
    query = (
        select(Application.id)
        .join(AccountPerson, AccountPerson.person_id == Application.person_id)
        .where(AccountPerson.account_id == account)
    )
    return session.scalars(query).all()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _lines(session: Session, rows: Sequence[AuditEntry]) -> Iterator[Line]:
    officers = {row.actor_id for row in rows if row.actor_kind == "officer" and row.actor_id}
    names = {one.id: one.name or "" for one in session.scalars(select(Officer).where(Officer.id.in_(officers)))}
    applications = {row.application_id for row in rows if row.application_id}
    told = select(Application.id, Application.reference).where(Application.id.in_(applications))
    references: dict[uuid.UUID, str] = dict(session.execute(told).all())
    for row in rows:
        actor = names.get(row.actor_id, "") if row.actor_id else ""
        yield Line(row, actor, references.get(row.application_id, "") if row.application_id else "")


def as_facts(criteria: Criteria) -> dict[str, Any]:
    """The search as the trail itself notes it; `action` is the row's own."""
    asked = {name: str(value) for name, value in asdict(criteria).items() if value}
    return {("wanted" if name == "action" else name): value for name, value in asked.items()}


def _record(session: Session, action: str, criteria: Criteria, rows: int, by: Officer) -> None:
    audit.record(session, action, "audit_entry", by=by, rows=rows, **as_facts(criteria))
