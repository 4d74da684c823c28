"""Verifying the audit trail: each row against its seal, each seal against the chain, its signature and the anchors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import sealing
from portal.clock import now
from portal.domain.audit_chain import BEGINNING, Statement, head_after, leaves_of
from portal.models import AuditSeal
from portal.services import audit_rows, audit_seals

SEALED_WITHIN = timedelta(hours=1)
"""Rows that wait longer mean that the sealing has stopped, or that seals were removed."""

Row = tuple[int, bytes]
NO_ROW: Row = (0, b"")
BEFORE_ALL = -(2**63)


class Broken(Exception):
    """What is wrong with the trail, first of all."""


@dataclass(frozen=True)
class Sound:
    """A trail in which nothing is wrong: how much was compared."""

    seals: int
    rows: int
    waiting: int
    head: bytes


@dataclass(frozen=True)
class Anchor:
    """A head that was kept outside: its statement and signature, and where it was kept."""

    name: str
    statement: Statement
    signature: bytes


def read_anchor(name: str, text: str) -> Anchor:
    """Read an anchor's text. Raises Broken where it is none."""
    try:
        told = json.loads(text)
        return Anchor(name, Statement.from_json(told), bytes.fromhex(told["signature"]))
    except (KeyError, TypeError, ValueError):
        raise Broken(f"{name} is not an anchor") from None


def verify(session: Session, anchors: Sequence[Anchor] = ()) -> Sound:
    """Compare everything. Raises Broken that names the first bad row or seal, or the tail that was cut."""
    _check_signatures(anchors)
    newest = audit_seals.state(session).number  # read before the rows: whatever it covers is among them
    with closing(audit_rows.hashes(session, after=BEFORE_ALL)) as rows:
        sound = _walk(session, newest, rows, anchors)
    _check_sealing(session)
    return sound


def _walk(session: Session, newest: int, rows: Iterator[Row], anchors: Sequence[Anchor]) -> Sound:
    """Go along seals and rows together."""
    number, head, last_id, count = 0, BEGINNING, 0, 0
    row = next(rows, NO_ROW)
    for seal in _seals(session, newest):
        _check_chain(seal, number, head, last_id)
        row = _compare(session, seal, row, rows)
        number, head, last_id = seal.number, seal.head, seal.last_id
        count += seal.statement.rows
        _check_anchors(anchors, seal.statement)
    _check_tail(anchors, number, last_id)
    waiting = (0 if row is NO_ROW else 1) + sum(1 for _ in rows)
    return Sound(number, count, waiting, head)


def _seals(session: Session, newest: int) -> Iterator[AuditSeal]:
    """Every seal in order, one in memory at a time."""
    after = 0
    query = select(AuditSeal).where(AuditSeal.number <= newest).order_by(AuditSeal.number).limit(1)
    while seal := session.scalars(query.where(AuditSeal.number > after)).first():
        after = seal.number
        yield seal
        session.expunge(seal)


def _check_chain(seal: AuditSeal, number: int, head: bytes, last_id: int) -> None:
    name = f"seal {seal.number} (rows {seal.first_id} to {seal.last_id})"
    if seal.number != number + 1:
        raise Broken(f"seal {number + 1} is missing: rows {last_id + 1} to {seal.first_id - 1} are without their seal")
    statement = seal.statement
    if not sealing.is_signed(statement.as_bytes(), seal.signature, seal.key_id):
        raise Broken(f"{name} is not signed by a sealing key that is believed here (its key is {seal.key_id})")
    if seal.previous != head or seal.first_id <= last_id:
        raise Broken(f"{name} does not follow the seal before it")
    if head_after(head, seal.leaves) != seal.head:
        raise Broken(f"{name} was changed: its rows do not lead to its head")


def _compare(session: Session, seal: AuditSeal, row: Row, rows: Iterator[Row]) -> Row:
    """Compare a seal's leaves with the rows that come; returns the first row after them."""
    for number, content_hash in leaves_of(seal.leaves):
        if row[0] != number:
            if row is NO_ROW or row[0] > number:
                raise Broken(f"row {number} was deleted{_moved(rows, row, content_hash)}")
            raise Broken(f"row {row[0]} was inserted after the sealing")
        if row[1] != content_hash:
            raise Broken(_changed(session, number, row[1]))
        row = next(rows, NO_ROW)
    if row is not NO_ROW and row[0] <= seal.last_id:
        raise Broken(f"row {row[0]} was inserted after the sealing")
    return row


def _moved(rows: Iterator[Row], row: Row, content_hash: bytes) -> str:
    """Whether what a missing row said stands a little further on, under another number."""
    for number, found in [row, *islice(rows, 1000)]:
        if found == content_hash:
            return f": what it said stands now in row {number}"
    return ""


def _changed(session: Session, number: int, found: bytes) -> str:
    """Tell an edited row from one that changed places with another."""
    for seal in _seals(session, audit_rows.NO_END):
        for other, content_hash in leaves_of(seal.leaves):
            if content_hash == found and other != number:
                return f"row {number} was reordered: it says what row {other} said"
    return f"row {number} was edited"


def _check_signatures(anchors: Sequence[Anchor]) -> None:
    for anchor in anchors:
        if not sealing.is_signed(anchor.statement.as_bytes(), anchor.signature, anchor.statement.key_id):
            raise Broken(f"the anchor {anchor.name} is not signed by a sealing key that is believed here")


def _check_anchors(anchors: Sequence[Anchor], statement: Statement) -> None:
    for anchor in anchors:
        if anchor.statement.number == statement.number and anchor.statement != statement:
            raise Broken(
                f"the trail was rewritten at or before row {statement.last_id}: "
                f"seal {statement.number} is not the one in the anchor {anchor.name}"
            )


def _check_tail(anchors: Sequence[Anchor], number: int, last_id: int) -> None:
    for anchor in anchors:
        if anchor.statement.number > number:
            raise Broken(
                f"the tail is cut: the anchor {anchor.name} knows seal {anchor.statement.number}, up to row "
                f"{anchor.statement.last_id}; the trail ends with seal {number}, row {last_id}"
            )


def _check_sealing(session: Session) -> None:
    state = audit_seals.state(session)
    if state.waiting_since and state.waiting_since < now() - SEALED_WITHIN:
        raise Broken(
            f"row {state.last_id + 1} and later ones are without a seal since {state.waiting_since.isoformat()}: "
            "the sealing has stopped, or seals were removed"
        )
