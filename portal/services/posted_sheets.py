"""Printed sheets that go by post: who waits for one, to which address, and the paper that is put into the envelope."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import addresses
from portal.domain.answers import full_name
from portal.domain.errors import NotOpenToThis
from portal.i18n import Lazy as _l
from portal.i18n import speaking
from portal.models import Account, AccountPerson, Application, Officer, PrintedSheet
from portal.services import audit, reviews, sheets

NO_ADDRESS = _l("No application of yours that was sent says where you live. Choose an enrolment centre.")
OVER = _l("This sheet was printed already, or another one took its place.")


def waiting(session: Session) -> list[PrintedSheet]:
    """The sheets that were asked for by post and not yet printed, the oldest first."""
    return [sheet for sheet in sheets.waiting(session) if _is_open(sheet)]


def find(session: Session, sheet_id: uuid.UUID) -> PrintedSheet:
    """The sheet that waits for the post, locked until the end of the transaction. Raises NotOpenToThis."""
    sheet = session.get(PrintedSheet, sheet_id, with_for_update=True)
    if sheet is None or not _is_open(sheet):
        raise NotOpenToThis(OVER)
    return sheet


def envelope_of(session: Session, account: Account) -> list[str]:
    """What stands on the envelope, line by line, in the language of the account; nothing where no address is known.

    It is the address in the newest application that was sent for the account's own person.
    """
    query = (
        select(Application)
        .join(AccountPerson, AccountPerson.person_id == Application.person_id)
        .where(
            Application.account_id == account.id,
            AccountPerson.account_id == account.id,
            AccountPerson.role == "self",
            Application.submitted_at.is_not(None),
        )
        .order_by(Application.submitted_at.desc())
        .limit(1)
    )
    application = session.scalars(query).first()
    identity = reviews.answers_of(session, application).get("identity") if application else None
    if not identity or not addresses.street_line(identity):
        return []
    with speaking(account.language):
        return addresses.envelope(full_name(identity), identity)


def look(session: Session, sheet: PrintedSheet, *, by: Officer) -> list[str]:
    """The envelope, for the officer who prints; the look is written down."""
    audit.record(session, "printed_sheet:view", sheet, by=by)
    return envelope_of(session, _holder(sheet))


def print_sheet(session: Session, sheet: PrintedSheet, *, by: Officer) -> list[str]:
    """The codes for the paper, told this once; the holder is told by mail. Raises NotOpenToThis without an address."""
    if not envelope_of(session, _holder(sheet)):
        raise NotOpenToThis(NO_ADDRESS)
    return sheets.print(session, sheet, by=by)


def _holder(sheet: PrintedSheet) -> Account:
    if sheet.account is None:
        raise NotOpenToThis(OVER)
    return sheet.account


def _is_open(sheet: PrintedSheet) -> bool:
    account = sheet.account
    has_holder = account is not None and account.closed_at is None and account.disabled_at is None
    return has_holder and sheet.delivery == sheets.POST and sheet.printed_at is None and sheet.ended_at is None
