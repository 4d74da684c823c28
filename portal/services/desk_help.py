"""Help at a centre's desk, by the reference that a traveller shows: a sheet of codes printed, a recovery confirmed.

An officer of either agency gives it. They see of the traveller what a document is compared with, and nothing else.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import references
from portal.domain.errors import NotOpenToThis, RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, AccountPerson, Officer, Person, PrintedSheet, RecoveryRequest
from portal.services import audit, recovery, sheets

Waiting = PrintedSheet | RecoveryRequest

FOR_SHEET = ("passport", "resident_card", "driving_licence")
FOR_RECOVERY = ("passport", "resident_card")
"""What may be shown (`interviews.DOCUMENTS`): who recovers an account gets all of it, by a stronger one."""

OVER = _l("This request is over. The traveller can ask again.")
NAMELESS = _l("This account has no name yet that a document could be compared with. It cannot be recovered at a desk.")


def find(session: Session, typed: str) -> Waiting | None:
    """The request that waits for a desk and has this reference, however it was typed."""
    plain = typed.strip()
    reference = references.normalised(f"P{plain[1:]}")
    if reference is None:
        return None
    reference = f"{plain[0].upper()}{reference[1:]}"
    sheet = session.scalars(select(PrintedSheet).where(PrintedSheet.reference == reference)).one_or_none()
    asked = session.scalars(select(RecoveryRequest).where(RecoveryRequest.reference == reference)).one_or_none()
    return _if_open(sheet or asked)


def waiting(session: Session, waiting_id: uuid.UUID) -> Waiting | None:
    """The request with this id, while it waits for a desk. It is locked until the end of the transaction."""
    sheet = session.get(PrintedSheet, waiting_id, with_for_update=True)
    return _if_open(sheet or session.get(RecoveryRequest, waiting_id, with_for_update=True))


def kinds(found: Waiting) -> tuple[str, ...]:
    """The documents by which the traveller may show who they are."""
    return FOR_SHEET if isinstance(found, PrintedSheet) else FOR_RECOVERY


def look(session: Session, found: Waiting, *, by: Officer) -> str:
    """Given names and initial of the family name, "" where no application told them yet. The look is written down."""
    audit.record(session, f"{found.__tablename__}:view", found, by=by)
    person = _person(session, found)
    parts = (person.given_names, f"{person.family_name[0]}." if person.family_name else None) if person else ()
    return " ".join(part for part in parts if part)


def print_sheet(session: Session, sheet: PrintedSheet, *, document: str, by: Officer) -> list[str]:
    """The codes to hand over to the traveller, whose document the officer has seen. Told this once."""
    _check(session, sheet, document, by)
    return sheets.print(session, sheet, by=by)


def confirm(session: Session, request: RecoveryRequest, *, document: str, by: Officer) -> None:
    """The officer has seen the traveller and their document: they go on at once. Raises RuleViolation."""
    if _person(session, request) is None:
        raise RuleViolation(NAMELESS)
    _check(session, request, document, by)
    recovery.confirm_in_person(session, request.reference, by=by)


def _check(session: Session, found: Waiting, document: str, by: Officer) -> None:
    if document not in kinds(found):
        raise NotOpenToThis(OVER)
    audit.record(session, f"{found.__tablename__}:check_identity", found, by=by, document=document)


def _if_open(found: Waiting | None) -> Waiting | None:
    if found is None or found.account is None or found.account.closed_at or found.account.disabled_at:
        return None
    if isinstance(found, PrintedSheet):
        return found if found.printed_at is None and found.ended_at is None else None
    is_over = found.confirmed_by or found.cancelled_at or found.completed_at
    return found if found.way == recovery.CENTRE and not is_over else None


def _person(session: Session, found: Waiting) -> Person | None:
    account: Account | None = found.account
    query = select(Person).join(AccountPerson).where(
        AccountPerson.account == account, AccountPerson.role == "self", AccountPerson.until.is_(None)
    )  # fmt: skip
    person = session.scalars(query).one_or_none()
    return person if person is not None and person.full_name else None
