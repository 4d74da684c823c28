"""Recovery codes: ten, each of which works once in place of a device. New ones replace the old."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.clock import now
from portal.models import Account, Officer, RecoveryCode
from portal.services import audit, one_time_codes

Holder = Account | Officer

HOW_MANY = 10


def left(session: Session, person: Holder) -> int:
    """How many codes still work."""
    return len(_unused(session, person))


def renew(session: Session, person: Holder) -> list[str]:
    """Ten new codes; those before stop working. Their text stays readable until `mark_saved`."""
    session.execute(delete(RecoveryCode).where(_column(person) == person.id))
    codes = [one_time_codes.new() for _ in range(HOW_MANY)]
    session.add_all(
        RecoveryCode(
            account=person if isinstance(person, Account) else None,
            officer=person if isinstance(person, Officer) else None,
            number=number,
            code_hash=one_time_codes.hash_of("recovery_code", person.id, code),
            code=code,
        )
        for number, code in enumerate(codes, 1)
    )
    session.flush()
    audit.record(session, "recovery_code:renew", person, by=person)
    return codes


def unsaved(session: Session, person: Holder) -> list[str]:
    """The codes that their holder has not yet said to have saved; empty afterwards."""
    return [row.code for row in _unused(session, person) if row.code is not None]


def mark_saved(session: Session, person: Holder) -> None:
    """The holder has saved the codes: their text is forgotten."""
    session.execute(update(RecoveryCode).where(_column(person) == person.id).values(_code=None))
    audit.record(session, "recovery_code:save", person, by=person)


def use(session: Session, person: Holder, code: str) -> bool:
    """Whether this is a code of the person that was never used. Uses it up."""
    taken = session.execute(
        update(RecoveryCode)
        .where(
            _column(person) == person.id,
            RecoveryCode.code_hash == one_time_codes.hash_of("recovery_code", person.id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now(), _code=None)
        .returning(RecoveryCode.id)
    ).one_or_none()
    if taken is None:
        return False
    audit.record(session, "recovery_code:use", person, by=person)
    return True


def _unused(session: Session, person: Holder) -> list[RecoveryCode]:
    query = select(RecoveryCode).where(_column(person) == person.id, RecoveryCode.used_at.is_(None))
    return list(session.scalars(query.order_by(RecoveryCode.number)))


def _column(person: Holder) -> InstrumentedAttribute[uuid.UUID | None]:
    return RecoveryCode.account_id if isinstance(person, Account) else RecoveryCode.officer_id
