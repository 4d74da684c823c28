"""Which keys the database needs, how much rests under each, and whether everything opens."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection, LargeBinary, case, delete, func, select
from sqlalchemy.orm import Session

from portal.models import Account, KeyUse, Officer, Person, PersonIndex, ScreeningProfile
from portal.models.encryption import Sealed, keyring
from portal.services.screening import PURPOSE

OWNERS: tuple[type[Any], ...] = (Account, Officer, Person)
ADDRESSED: tuple[type[Any], ...] = (Account, Officer)
READ_AT_ONCE = 1000
FIRST = uuid.UUID(int=0)
NAMES_ITS_KEY = b"\x02"
"""The version of a value sealed for a purpose that carries the id of its master key (`portal.adapters.keys`)."""


def wrapped_by(owner: type[Any]) -> Any:
    """The id of the master key that wrapped an owner's key, in SQL."""
    return _part(owner.wrapped_key, 2, 4)


def profile_sealed_by() -> Any:
    """The id of the master key from which a profile's key is derived, in SQL; empty where the block names none."""
    block = ScreeningProfile.block
    return case((_part(block, 1, 1) == NAMES_ITS_KEY, _part(block, 2, 4)), else_=b"")


def _part(column: Any, first: int, length: int) -> Any:
    return func.substring(column, first, length, type_=LargeBinary)


@dataclass(frozen=True)
class Holding:
    """How many rows of a table rest under a key."""

    kind: str
    key_id: str
    table: str
    count: int


def missing(connection: Connection) -> list[tuple[str, str]]:
    """Kind and id of each key that the database needs and this process does not have. One read of a tiny table."""
    if connection.scalar(select(func.to_regclass(KeyUse.__tablename__))) is None:
        return []  # not migrated yet
    here = keyring().key_ids
    used = connection.execute(select(KeyUse.kind, KeyUse.key_id).order_by(KeyUse.kind, KeyUse.key_id))
    return [(kind, key_id.hex()) for kind, key_id in used if key_id not in here[kind]]


def holdings(session: Session) -> list[Holding]:
    """What rests under which key. Reads every row that carries a key's id: for operators, not for pages."""
    return [
        Holding(kind, key_id.hex(), table.__tablename__, count)
        for kind, table, carried in _carriers()
        for key_id, count in session.execute(
            select(carried, func.count()).select_from(table).where(carried.is_not(None)).group_by(carried)
        )
    ]


def left(session: Session, kind: str) -> int:
    """How many rows rest under other keys of a kind than the current one."""
    current = keyring().key_ids[kind][0]
    return sum(
        session.scalar(select(func.count()).select_from(table).where(carried != current)) or 0
        for of_kind, table, carried in _carriers()
        if of_kind == kind
    )


def retire(session: Session, kind: str) -> list[str]:
    """Take the keys of a kind off the list of those needed, where nothing rests under them any more; gives their ids.

    Whoever still writes under such a key holds its row until the commit (migration 0015): we wait, then count.
    """
    current = keyring().key_ids[kind][0]
    older = select(KeyUse).where(KeyUse.kind == kind, KeyUse.key_id != current).with_for_update()
    gone = [row.key_id for row in session.scalars(older).all() if not _is_carried(session, kind, row.key_id)]
    session.execute(delete(KeyUse).where(KeyUse.kind == kind, KeyUse.key_id.in_(gone)))
    return [key_id.hex() for key_id in gone]


def _is_carried(session: Session, kind: str, key_id: bytes) -> bool:
    return any(
        session.execute(select(1).select_from(table).where(carried == key_id).limit(1)).first()
        for of_kind, table, carried in _carriers()
        if of_kind == kind
    )


def _carriers() -> list[tuple[str, type[Any], Any]]:
    """Kind of key, table, and the id of the key that a row carries."""
    return [
        *[("master", owner, wrapped_by(owner)) for owner in OWNERS],
        ("master", ScreeningProfile, profile_sealed_by()),
        *[("index", addressed, addressed.email_index_key_id) for addressed in ADDRESSED],
        ("index", PersonIndex, PersonIndex.key_id),
    ]


@dataclass(frozen=True)
class Checked:
    """A batch that was tried: how many rows of which table, and what did not open, in words."""

    table: str
    count: int
    troubles: list[str]


def verify(session: Session, *, sample: int | None = None) -> Iterator[Checked]:
    """Unwrap every owner's key and open one field under it, then every profile; of each table `sample` rows at most."""
    for owner in OWNERS:
        field = _first_sealed(owner)
        columns = (owner.id, owner.wrapped_key, getattr(owner, field.column))
        for rows in _batches(session, columns, owner.wrapped_key.is_not(None), sample):
            yield Checked(owner.__tablename__, len(rows), list(_owners_that_fail(owner, field, rows)))
    for rows in _batches(session, (ScreeningProfile.person_id, ScreeningProfile.block), None, sample):
        yield Checked("screening_profile", len(rows), list(_profiles_that_fail(rows)))


def _first_sealed(owner: type[Any]) -> Sealed[Any]:
    return next(value for value in vars(owner).values() if isinstance(value, Sealed))


def _batches(session: Session, columns: tuple[Any, ...], condition: Any, sample: int | None) -> Iterator[list[Any]]:
    """The rows by identifier; of a sample those after a random one, then those from the first on."""
    key, middle = columns[0], uuid.uuid4() if sample else FIRST
    query = select(*columns) if condition is None else select(*columns).where(condition)
    left = sample
    for after, part in ((middle, query), (FIRST, query.where(key <= middle))):
        while left is None or left > 0:
            step = part.where(key > after).order_by(key).limit(min(left or READ_AT_ONCE, READ_AT_ONCE))
            rows = list(session.execute(step))
            if not rows:
                break
            yield rows
            after, left = rows[-1][0], left - len(rows) if left is not None else None


def _owners_that_fail(owner: type[Any], field: Sealed[Any], rows: list[Any]) -> Iterator[str]:
    for key, wrapped, sealed in rows:
        bound = f"{owner.__tablename__}.{field.name}"
        try:
            keyring().check(wrapped, str(key))
            if sealed is not None:
                keyring().open(wrapped, str(key), bound, sealed)
        except (LookupError, InvalidTag) as error:
            yield f"{owner.__tablename__} {key}: {said(error)}"


def _profiles_that_fail(rows: list[Any]) -> Iterator[str]:
    for key, block in rows:
        try:
            keyring().open_for(PURPOSE, str(key), block)
        except (LookupError, InvalidTag) as error:
            yield f"screening_profile {key}: {said(error)}"


def said(error: Exception) -> str:
    """Why something does not open, in words."""
    return str(error) if isinstance(error, LookupError) else "sealed for somebody else, or damaged"
