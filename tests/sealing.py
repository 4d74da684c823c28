"""Stories about the sealed audit trail: rows written by the web, a sealer of its own role, somebody with all power."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

from portal.adapters import sealing
from portal.config import Settings
from portal.db import Database
from portal.services import audit, audit_checks, audit_seals
from portal.services.actors import SYSTEM


def key(name: str = "signing key of the tests") -> str:
    """A signing key that is always the same."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def sign_with(settings: Settings, **other: object) -> None:
    """Configure the adapter with the tests' key, or with what `other` says."""
    told = {"PASSAGE_AUDIT_SIGNING_KEY": key(), **other}
    values = settings.model_dump(exclude_unset=True)
    sealing.configure(Settings.model_validate({**values, **told}))


def write(database: Database, count: int = 1, **facts: str | int) -> None:
    """Write rows as the web does, one transaction each."""
    for number in range(count):
        with database.transaction() as session:
            audit.record(session, "test:write", "test", by=SYSTEM, reason="été", number=number, **facts)


def seal(sealer: Database, size: int = audit_seals.BLOCK, patience: float = 0.1) -> int:
    """One seal."""
    with sealer.transaction() as session:
        return audit_seals.seal(session, size=size, patience=patience)


def found(database: Database, *anchors: audit_checks.Anchor) -> str:
    """What `verify` says is wrong; "" where nothing is."""
    with database.transaction() as session:
        try:
            audit_checks.verify(session, anchors)
        except audit_checks.Broken as broken:
            return str(broken)
    return ""


@contextmanager
def almighty(url: str) -> Iterator[Connection]:
    """A superuser whom no trigger stops."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))
        yield connection
    engine.dispose()


COPY = """
    insert into audit_entry overriding system value
    select :id, at, actor_kind, actor_id, agency, action, subject_kind, :subject, application_id, reason, facts,
           request_id
      from audit_entry where id = :like
"""


SWAP = """
    update audit_entry one set (at, subject_id, reason, facts) = (select at, subject_id, reason, facts
      from (select * from audit_entry) other where other.id = case one.id when :a then :b else :a end)
     where one.id in (:a, :b)
"""


def swap(connection: Connection, first: int, second: int) -> None:
    """Let two rows change places: each says what the other said."""
    connection.execute(text(SWAP), {"a": first, "b": second})


def insert(connection: Connection, number: int, like: int) -> None:
    """A row under a number of one's choice."""
    connection.execute(text(COPY), {"id": number, "like": like, "subject": uuid.uuid4()})
