"""Printed sheets of single-use codes, posted or handed over at a centre: a second step for those without a device."""

from __future__ import annotations

import uuid

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.clock import now
from portal.domain.errors import NotOpenToThis
from portal.domain.references import new_reference
from portal.i18n import Lazy as _l
from portal.models import Account, Officer, PrintedSheet, SheetCode
from portal.services import audit, one_time_codes, sign_in_news
from portal.services.actors import Actor

Holder = Account | Officer

HOW_MANY = 20
POST, CENTRE = "post", "centre"


def of(session: Session, person: Holder) -> list[PrintedSheet]:
    """The sheets of `person` that were not ended, the newest first."""
    query = select(PrintedSheet).where(_column(person) == person.id, PrintedSheet.ended_at.is_(None))
    return list(session.scalars(query.order_by(PrintedSheet.created_at.desc())))


def request(session: Session, person: Holder, *, delivery: str) -> PrintedSheet:
    """Ask for a sheet, by post or at a centre. A request that was not yet printed is replaced."""
    for sheet in of(session, person):
        if sheet.printed_at is None:
            sheet.ended_at = now()
    sheet = PrintedSheet(
        account=person if isinstance(person, Account) else None,
        officer=person if isinstance(person, Officer) else None,
        reference=f"S{new_reference()[1:]}",
        delivery=delivery,
    )
    session.add(sheet)
    session.flush()
    audit.record(session, "printed_sheet:request", sheet, by=person, delivery=delivery)
    return sheet


def waiting(session: Session) -> list[PrintedSheet]:
    """The sheets that were asked for and not yet printed, the oldest first."""
    query = select(PrintedSheet).where(PrintedSheet.printed_at.is_(None), PrintedSheet.ended_at.is_(None))
    return list(session.scalars(query.order_by(PrintedSheet.created_at)))


def by_reference(session: Session, reference: str) -> PrintedSheet | None:
    """The sheet with this reference."""
    query = select(PrintedSheet).where(PrintedSheet.reference == reference.strip().upper())
    return session.scalars(query).one_or_none()


def print(session: Session, sheet: PrintedSheet, *, by: Actor) -> list[str]:
    """The codes to print on the sheet, in order, told this once. Sheets before it stop working."""
    if sheet.printed_at is not None or sheet.ended_at is not None:
        raise NotOpenToThis(_l("This sheet was printed already, or another one took its place."))
    for other in of(session, sheet.holder):
        if other.id != sheet.id:
            other.ended_at = now()
    codes = [one_time_codes.new() for _ in range(HOW_MANY)]
    session.add_all(
        SheetCode(sheet=sheet, number=number, code_hash=_hash_of(sheet.holder, code))
        for number, code in enumerate(codes, 1)
    )
    sheet.printed_at = now()
    sheet.printed_by = by.id if isinstance(by, Officer) else None
    session.flush()
    audit.record(session, "printed_sheet:print", sheet, by=by)
    sign_in_news.tell(session, sheet.holder, "sheet_printed")
    return codes


def left(session: Session, person: Holder) -> int:
    """How many codes on the person's sheets still work."""
    return session.scalar(select(func.count()).select_from(SheetCode).where(*_usable(person))) or 0


def use(session: Session, person: Holder, code: str) -> bool:
    """Whether this is a code on a sheet of the person that was never used. Uses it up."""
    taken = session.execute(
        update(SheetCode)
        .where(*_usable(person), SheetCode.code_hash == _hash_of(person, code))
        .values(used_at=now())
        .returning(SheetCode.sheet_id)
    ).one_or_none()
    if taken is None:
        return False
    audit.record(session, "printed_sheet:use", session.get_one(PrintedSheet, taken[0]), by=person)
    return True


def end(session: Session, sheet: PrintedSheet) -> None:
    """None of the sheet's codes works any more."""
    sheet.ended_at = now()
    session.execute(delete(SheetCode).where(SheetCode.sheet_id == sheet.id))
    audit.record(session, "printed_sheet:end", sheet, by=sheet.holder)


def _usable(person: Holder) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    mine = select(PrintedSheet.id).where(_column(person) == person.id, PrintedSheet.ended_at.is_(None))
    return SheetCode.sheet_id.in_(mine), SheetCode.used_at.is_(None)


def _hash_of(person: Holder, code: str) -> bytes:
    return one_time_codes.hash_of("sheet_code", person.id, code)


def _column(person: Holder) -> InstrumentedAttribute[uuid.UUID | None]:
    return PrintedSheet.account_id if isinstance(person, Account) else PrintedSheet.officer_id
