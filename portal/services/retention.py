"""How long what is kept: one schedule, its times in the programme's settings, and what goes when its time has come.

Each line finds what is due and forgets a batch of it; a legal hold takes a person, with accounts and files, out of
every line that concerns people. Only the worker purges: it alone sees the holds of both agencies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, false, func, or_, select, update
from sqlalchemy.orm import Session

from portal.clock import now, today
from portal.domain.lifecycle import OPEN_STATUSES, Status
from portal.models import (
    Account,
    Application,
    Attempt,
    AuditExport,
    AuditExportPart,
    CorrectionRequest,
    DataExport,
    Document,
    EmailChange,
    EmailCode,
    FormEffect,
    Membership,
    OutgoingMessage,
    Person,
    RetentionReport,
    SignIn,
)
from portal.services import draft_warnings, erasure, legal_holds, programme, transitions
from portal.services.actors import SYSTEM

BATCH = 100

Ids = Sequence[Any]


@dataclass(frozen=True)
class Line:
    """One line of the schedule. `forget` takes what it was given out of what is due, and names files to discard."""

    name: str
    due: Callable[[Session], Select[Any]]
    forget: Callable[[Session, Ids], list[str]]


@dataclass(frozen=True)
class Forgotten:
    """What one batch forgot, and the files to discard once that is committed."""

    count: int
    files: list[str]


def days(session: Session, name: str) -> int:
    """How many days a line's things are kept today."""
    return int(programme.setting(session, f"retention_{name}", today())["days"])


def before(session: Session, name: str) -> datetime:
    """What is older than this is due."""
    return now() - timedelta(days=days(session, name))


def plan(session: Session) -> dict[str, int]:
    """How much of each line is due now; nothing is changed."""
    return {
        line.name: session.scalar(select(func.count()).select_from(line.due(session).subquery())) or 0 for line in LINES
    }


def purge_batch(session: Session, line: Line) -> Forgotten:
    """Forget some of what is due of one line."""
    chosen = [tuple(row) if len(row) > 1 else row[0] for row in session.execute(line.due(session).limit(BATCH))]
    return Forgotten(len(chosen), line.forget(session, chosen) if chosen else [])


def write_report(session: Session, counts: dict[str, int]) -> None:
    """Keep the numbers of one run, for `portal retention report`."""
    session.add(RetentionReport(at=now(), counts=counts))


def reports(session: Session, most: int = 10) -> list[RetentionReport]:
    """The newest reports first."""
    return list(session.scalars(select(RetentionReport).order_by(RetentionReport.id.desc()).limit(most)))


def kept_until(session: Session, application: Application) -> date:
    """The last day on which a closed application is kept, where no hold and no later application keeps it longer."""
    last = application.changed_at.date() + timedelta(days=days(session, _line_of(application)))
    query = select(func.max(Membership.valid_until)).where(Membership.person_id == application.person_id)
    ends = session.scalar(query)
    return max(last, ends + timedelta(days=days(session, "memberships"))) if ends else last


def _line_of(application: Application) -> str:
    return "withdrawn_applications" if application.status == Status.WITHDRAWN else "closed_applications"


def _exports(session: Session) -> Select[Any]:
    return select(DataExport.id).where(DataExport.until < now(), DataExport.file_key.is_not(None))


def _forget_exports(session: Session, ids: Ids) -> list[str]:
    keys = []
    for export in session.scalars(select(DataExport).where(DataExport.id.in_(ids))):
        keys += [export.file_key] if export.file_key else []
        export.file_key, export.forgotten_at = None, now()
    return keys


def _audit_exports(session: Session) -> Select[Any]:
    return select(AuditExport.id).where(AuditExport.until < now(), AuditExport.forgotten_at.is_(None))


def _forget_audit_exports(session: Session, ids: Ids) -> list[str]:
    gone = delete(AuditExportPart).where(AuditExportPart.export_id.in_(ids)).returning(AuditExportPart.file_key)
    keys = list(session.scalars(gone))
    session.execute(update(AuditExport).where(AuditExport.id.in_(ids)).values(forgotten_at=now()))
    return keys


def _refused_documents(session: Session) -> Select[Any]:
    return (
        select(Document.id)
        .join(Application, Application.id == Document.application_id)
        .where(
            Document.state == "refused",
            Document.removed_at.is_(None),
            Document.checked_at < before(session, "refused_documents"),
            Application.person_id.not_in(legal_holds.held_people()),
        )
    )


def _past_documents(session: Session) -> Select[Any]:
    """Documents whose kind has a shorter time than the person: so many days after the application ended."""
    times: dict[str, int] = programme.setting(session, "retention_documents", today())
    due = [and_(Document.kind == kind, Application.changed_at < now() - timedelta(days=d)) for kind, d in times.items()]
    return (
        select(Document.id)
        .join(Application, Application.id == Document.application_id)
        .where(
            or_(false(), *due),
            Document.removed_at.is_(None),
            Application.status.not_in([*OPEN_STATUSES, Status.DRAFT]),
            Application.person_id.not_in(legal_holds.held_people()),
        )
    )


def _forget_documents(session: Session, ids: Ids) -> list[str]:
    return erasure.forget_documents(session.scalars(select(Document).where(Document.id.in_(ids))).all())


def _drafts(session: Session) -> Select[Any]:
    """Drafts nobody has touched for long, and whose holders were warned before."""
    if not programme.setting(session, "retention_drafts", today())["purges"]:
        return select(Application.id).where(false())
    last = now() - timedelta(days=programme.setting(session, "drafts", today())["days"])
    return select(Application.id).where(
        Application.status == Status.DRAFT,
        Application.changed_at < last,
        draft_warnings.was_warned(),
        Application.person_id.not_in(legal_holds.held_people()),
    )


def _forget_drafts(session: Session, ids: Ids) -> list[str]:
    keys = []
    for draft in session.scalars(select(Application).where(Application.id.in_(ids))):
        transitions.perform(session, draft, "lapse", by=SYSTEM)
        keys += erasure.clear_application(session, draft)
    return keys


def _people(session: Session) -> Select[Any]:
    """People of whom every application is closed and past its time, no membership lasts, and nothing is asked."""
    mine = Application.person_id == Person.id
    end = today() - timedelta(days=days(session, "memberships"))
    keeps = or_(Application.status.in_(OPEN_STATUSES), _is_kept(session, "withdrawn", is_withdrawn=True),
                _is_kept(session, "closed", is_withdrawn=False))  # fmt: skip
    return select(Person.id).where(
        Person.wrapped_key.is_not(None),
        Person.id.not_in(legal_holds.held_people()),
        exists(select(Application.id).where(mine)),
        ~exists(select(Application.id).where(mine, keeps)),
        ~exists(select(Membership.id).where(Membership.person_id == Person.id, Membership.valid_until >= end)),
        ~exists(
            select(CorrectionRequest.id).join(Application).where(mine, CorrectionRequest.outcome.is_(None)),
        ),
    )


def _is_kept(session: Session, kind: str, *, is_withdrawn: bool) -> ColumnElement[bool]:
    status = Application.status == Status.WITHDRAWN if is_withdrawn else Application.status != Status.WITHDRAWN
    return and_(status, Application.changed_at >= before(session, f"{kind}_applications"))


def _erase_people(session: Session, ids: Ids) -> list[str]:
    people = session.scalars(select(Person).where(Person.id.in_(ids)).with_for_update()).all()
    return [key for person in people for key in erasure.erase_person(session, person)]


def _accounts(session: Session) -> Select[Any]:
    to_send = (OutgoingMessage.account_id == Account.id, OutgoingMessage.sent_at.is_(None),
               OutgoingMessage.failed_at.is_(None))  # fmt: skip
    return select(Account.id).where(
        Account.closed_at < before(session, "closed_accounts"),
        Account.wrapped_key.is_not(None),
        Account.id.not_in(legal_holds.held_accounts()),
        ~exists(select(OutgoingMessage.id).where(*to_send)),
    )


def _forget_accounts(session: Session, ids: Ids) -> list[str]:
    closed = session.scalars(select(Account).where(Account.id.in_(ids)).with_for_update()).all()
    return [key for account in closed for key in erasure.forget_account(session, account)]


def _messages(session: Session) -> Select[Any]:
    return select(OutgoingMessage.id).where(
        OutgoingMessage.created_at < before(session, "messages"),
        or_(OutgoingMessage.sent_at.is_not(None), OutgoingMessage.failed_at.is_not(None)),
        _is_not_held(OutgoingMessage.account_id),
    )


def _sign_ins(session: Session) -> Select[Any]:
    return select(SignIn.id).where(
        SignIn.created_at < before(session, "sign_ins"), _is_not_held(SignIn.account_id)
    )  # fmt: skip


def _email_changes(session: Session) -> Select[Any]:
    return select(EmailChange.id).where(
        EmailChange.ended_at < before(session, "email_changes"), _is_not_held(EmailChange.account_id)
    )


def _is_not_held(account_id: Any) -> ColumnElement[bool]:
    return or_(account_id.is_(None), account_id.not_in(legal_holds.held_accounts()))


def _form_effects(session: Session) -> Any:
    return select(FormEffect.owner, FormEffect.form_key).where(FormEffect.at < before(session, "form_effects"))


def _forget_form_effects(session: Session, ids: Ids) -> list[str]:
    for owner, form_key in ids:
        session.execute(delete(FormEffect).where(FormEffect.owner == owner, FormEffect.form_key == form_key))
    return []


def _attempts(session: Session) -> Select[Any]:
    return select(Attempt.id).where(Attempt.at < before(session, "attempts"))


def _codes(session: Session) -> Select[Any]:
    return select(EmailCode.id).where(EmailCode.expires_at < before(session, "codes"))


def _deleting(model: Any) -> Callable[[Session, Ids], list[str]]:
    def forget(session: Session, ids: Ids) -> list[str]:
        session.execute(delete(model).where(model.id.in_(ids)))
        return []

    return forget


LINES = (
    Line("exports", _exports, _forget_exports),
    Line("audit_exports", _audit_exports, _forget_audit_exports),
    Line("refused_documents", _refused_documents, _forget_documents),
    Line("documents", _past_documents, _forget_documents),
    Line("drafts", _drafts, _forget_drafts),
    Line("people", _people, _erase_people),
    Line("closed_accounts", _accounts, _forget_accounts),
    Line("messages", _messages, _deleting(OutgoingMessage)),
    Line("sign_ins", _sign_ins, _deleting(SignIn)),
    Line("email_changes", _email_changes, _deleting(EmailChange)),
    Line("form_effects", _form_effects, _forget_form_effects),
    Line("attempts", _attempts, _deleting(Attempt)),
    Line("codes", _codes, _deleting(EmailCode)),
)
