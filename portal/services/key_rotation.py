"""Rotation: what rests under an earlier key is brought under the current one, in small transactions.

Progress is in the data: each row carries the id of its key. A batch locks its rows and passes over those that somebody
else has locked, so that any number of workers share the work, and one that is killed leaves it to the others.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.models import Application, ApplicationVersion, Person, PersonIndex, ScreeningProfile
from portal.models.accounts import email_index
from portal.models.encryption import keyring
from portal.services import person_indexes
from portal.services.keys import ADDRESSED, FIRST, OWNERS, profile_sealed_by, said, wrapped_by
from portal.services.screening import PURPOSE

BATCH = 500


@dataclass
class Step:
    """One batch: the last identifier that it saw (None at the end of the table), what it changed, what it could not."""

    last: uuid.UUID | None = None
    changed: int = 0
    troubles: list[str] = field(default_factory=list)


Batch = Callable[[Session, uuid.UUID], Step]


def _current(kind: str) -> bytes:
    return keyring().key_ids[kind][0]


def _owners(owner: type[Any]) -> Batch:
    def rewrap(session: Session, after: uuid.UUID) -> Step:
        return _renew(
            session,
            after,
            (owner.id, owner.wrapped_key),
            wrapped_by(owner) != _current("master"),
            lambda key, wrapped: keyring().rewrapped(wrapped, key),
        )

    return rewrap


def _profiles(session: Session, after: uuid.UUID) -> Step:
    """Seals the profiles anew under the screening key that the current master key gives."""
    return _renew(
        session,
        after,
        (ScreeningProfile.person_id, ScreeningProfile.block),
        profile_sealed_by() != _current("master"),
        lambda key, block: keyring().seal_for(PURPOSE, key, keyring().open_for(PURPOSE, key, block)),
    )


def _renew(
    session: Session, after: uuid.UUID, columns: tuple[Any, Any], is_old: Any, renew: Callable[[str, bytes], bytes]
) -> Step:
    key, value = columns
    query = select(key, value).where(key > after, value.is_not(None), is_old).order_by(key).limit(BATCH)
    rows = session.execute(query.with_for_update(skip_locked=True, key_share=True)).all()
    step, renewed = Step(rows[-1][0] if rows else None), []
    for identifier, old in rows:
        try:
            renewed.append({"which": identifier, "new": renew(str(identifier), old)})
        except (LookupError, InvalidTag) as error:
            step.troubles.append(f"{key.class_.__tablename__} {identifier}: {said(error)}")
    if renewed:
        table = key.class_.__table__
        statement = update(table).where(table.c[key.name] == bindparam("which")).values({value.name: bindparam("new")})
        session.connection().execute(statement, renewed)
    step.changed = len(renewed)
    return step


def _addresses(addressed: type[Any]) -> Batch:
    def reindex(session: Session, after: uuid.UUID) -> Step:
        is_old = addressed.email_index_key_id != _current("index")
        query = select(addressed).where(addressed.id > after, is_old).order_by(addressed.id).limit(BATCH)
        rows = session.scalars(query.with_for_update(skip_locked=True, key_share=True)).all()
        step = Step(rows[-1].id if rows else None)
        for row in rows:
            trouble = _reindexed(session, row)
            step.troubles += [trouble] if trouble else []
            step.changed += not trouble
        return step

    return reindex


def _reindexed(session: Session, row: Any) -> str | None:
    try:
        with session.begin_nested():
            email = row.email if row.wrapped_key is not None else None
            # Who has no address any more is found by none.
            row.email_index = email_index(email) if email else os.urandom(32)
    except IntegrityError:
        return f"{row.__tablename__} {row.id}: another one has the same address"
    except (LookupError, InvalidTag) as error:
        return f"{row.__tablename__} {row.id}: {said(error)}"
    return None


def _people(session: Session, after: uuid.UUID) -> Step:
    """Writes the search index anew of everybody who has sent answers and is not found under the current key."""
    sent = exists().where(ApplicationVersion.application_id == Application.id, Application.person_id == Person.id)
    is_found = exists().where(PersonIndex.person_id == Person.id, PersonIndex.key_id == _current("index"))
    query = select(Person).where(Person.id > after, Person.wrapped_key.is_not(None), sent, ~is_found)
    query = query.order_by(Person.id).limit(BATCH)
    people = session.scalars(query.with_for_update(skip_locked=True, key_share=True)).all()
    step = Step(people[-1].id if people else None)
    for person in people:
        try:
            step.changed += person_indexes.rewrite(session, person)
        except (LookupError, InvalidTag) as error:
            step.troubles.append(f"person {person.id}: {said(error)}")
    return step


BATCHES: dict[str, dict[str, Batch]] = {
    "master": {owner.__tablename__: _owners(owner) for owner in OWNERS} | {"screening_profile": _profiles},
    "index": {addressed.__tablename__: _addresses(addressed) for addressed in ADDRESSED} | {"person_index": _people},
}
"""For each kind of key, the tables whose rows carry its id. Each batch begins after an identifier; `FIRST` is none."""

__all__ = ["BATCH", "BATCHES", "FIRST", "Step"]
