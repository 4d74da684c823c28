"""Sealing the audit trail: the rows that are final, in the order of their numbers, chained and signed.

A number is drawn before its transaction commits, so a smaller one may still come. Whoever writes a row locks the
table (ROW EXCLUSIVE, until the end of the transaction) before drawing its number. So the sealer notes the highest
number, then who holds that lock, and waits for these alone: afterwards every row up to the number is there or never
will be. New writers are not held up, and transactions that do not write to the trail are not waited for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.adapters import sealing
from portal.clock import now
from portal.domain.audit_chain import BEGINNING, Statement, head_after, leaf
from portal.models import AuditEntry, AuditSeal
from portal.services import audit_rows

BLOCK = 10_000
"""Rows in a seal at most."""
PATIENCE = 3.0
"""Seconds to wait for those who are writing; after that the next round tries again."""
STEP = 0.02

VERIFIED = "audit:verify"

_LOCK = 0x5EA1
_WRITERS = text(
    """
    select virtualtransaction from pg_locks
     where locktype = 'relation' and relation = 'audit_entry'::regclass and mode = 'RowExclusiveLock' and granted
       and database = (select oid from pg_database where datname = current_database())
    """
)


@dataclass(frozen=True)
class State:
    """How far the trail is sealed: the newest seal's number and time, and what waits to be sealed."""

    number: int
    sealed_at: datetime | None
    last_id: int
    waiting: int
    waiting_since: datetime | None


def seal(session: Session, *, size: int = BLOCK, patience: float = PATIENCE) -> int:
    """Seal the next rows that are final, at most `size`; returns how many. Commit after each call.

    Returns 0 where there is nothing to do, another sealer is at work, or a writer keeps us waiting.
    Raises NoSigningKey.
    """
    key_id = sealing.key_id()
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    before = newest(session)
    after = before.last_id if before else 0
    until = _final(session, after, patience)
    if until is None:
        return 0
    rows = audit_rows.block(session, after=after, until=until, size=size)
    if rows:
        session.add(_sealed(before, rows, key_id))
        session.flush()
    return len(rows)


def newest(session: Session) -> AuditSeal | None:
    """The newest seal."""
    return session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()


def state(session: Session) -> State:
    """How far the trail is sealed."""
    columns = (AuditSeal.number, AuditSeal.at, AuditSeal.last_id)
    row = session.execute(select(*columns).order_by(AuditSeal.number.desc()).limit(1)).first()
    number, at, last_id = row or (0, None, 0)
    waiting = select(func.count(), func.min(AuditEntry.at)).where(AuditEntry.id > last_id)
    return State(number, at, last_id, *session.execute(waiting).one())


def last_verification(session: Session) -> AuditEntry | None:
    """What the worker wrote down when it last verified the whole trail: when, and whether it was sound."""
    query = select(AuditEntry).where(AuditEntry.action == VERIFIED).order_by(AuditEntry.id.desc())
    return session.scalars(query.limit(1)).first()


def _final(session: Session, after: int, patience: float) -> int | None:
    """The highest number below which nothing more can come; None where there is nothing new, or a writer is slow."""
    highest = session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.id > after))
    if highest is None:
        return None
    writers = _writing(session)
    end = time.monotonic() + patience
    while writers & _writing(session):
        if time.monotonic() > end:
            return None
        time.sleep(STEP)
    return highest


def _writing(session: Session) -> set[str]:
    return set(session.scalars(_WRITERS))


def _sealed(before: AuditSeal | None, rows: list[tuple[int, bytes]], key_id: str) -> AuditSeal:
    leaves = b"".join(leaf(number, content_hash) for number, content_hash in rows)
    previous = before.head if before else BEGINNING
    statement = Statement(
        number=before.number + 1 if before else 1,
        at=now(),
        first_id=rows[0][0],
        last_id=rows[-1][0],
        rows=len(rows),
        previous=previous,
        head=head_after(previous, leaves),
        key_id=key_id,
    )
    return AuditSeal(
        number=statement.number,
        at=statement.at,
        first_id=statement.first_id,
        last_id=statement.last_id,
        leaves=leaves,
        previous=previous,
        head=statement.head,
        key_id=key_id,
        signature=sealing.sign(statement.as_bytes()),
    )
