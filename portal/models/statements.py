"""Statements that are asked so often that the way to the driver is kept short: written as SQL, compiled once.

Through SQLAlchemy a small statement costs five times the processor time that the driver takes for it. What is here runs
in the session's own transaction and on its connection, and fails with the same errors. Nothing is flushed before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast

import psycopg
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.dialects.postgresql import psycopg as dialects
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.attributes import instance_state, set_committed_value

from portal.models.base import Base, UTCDateTime

Row = tuple[Any, ...]
Entity = TypeVar("Entity", bound=Base)

_DIALECT = dialects.dialect()  # type: ignore[no-untyped-call]


class Statement:
    """SQL with parameters written as `:name`; values that it does not name are let by."""

    def __init__(self, sql: str) -> None:
        self.sql = str(text(sql).compile(dialect=_DIALECT))

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Row]:
        """All rows that it gives."""
        return self._executed(session, values).fetchall()

    def first(self, session: Session, values: Mapping[str, Any]) -> Row | None:
        """The only row that it gives, or None."""
        return self._executed(session, values).fetchone()

    def value(self, session: Session, values: Mapping[str, Any]) -> Any:
        """The first column of its only row, or None."""
        row = self.first(session, values)
        return row[0] if row else None

    def execute(self, session: Session, values: Mapping[str, Any]) -> None:
        """Execute it for what it does; it gives no row."""
        self._executed(session, values)

    def _executed(self, session: Session, values: Mapping[str, Any]) -> psycopg.Cursor[Row]:
        # The connection of the session's transaction, as `_note_connection` left it.
        return self.on(session.info.get("connection") or session.connection(), values)

    def on(self, connection: Connection, values: Mapping[str, Any]) -> psycopg.Cursor[Row]:
        """Execute it on a connection."""
        cursor: psycopg.Cursor[Row] = connection.info.get("cursor") or _kept_cursor(connection)
        try:
            return cursor.execute(self.sql, values, prepare=True)
        except psycopg.Error as error:
            is_lost = cursor.connection.closed
            if is_lost:
                connection.invalidate(error)
            raise DBAPIError.instance(
                self.sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=is_lost
            ) from error


@event.listens_for(Session, "after_begin")
def _note_connection(session: Session, _transaction: object, connection: Connection) -> None:
    """Asking the session for its connection takes as long as a statement does, so it is asked once a transaction."""
    session.info["connection"] = connection


@event.listens_for(Session, "after_transaction_create")
def _ask_again(session: Session, transaction: SessionTransaction) -> None:
    # A savepoint is set when the session is next asked for its connection, and not before.
    if transaction.nested:
        session.info.pop("connection", None)


@event.listens_for(Session, "after_transaction_end")
def _forget_connection(session: Session, _transaction: object) -> None:
    session.info.pop("connection", None)


def _kept_cursor(connection: Connection) -> Any:
    cursor = connection.info["cursor"] = connection.connection.cursor()
    return cursor


class Whole(Generic[Entity]):
    """Every column of a table in a statement, and the entity that a row of them makes: as if it had been loaded.

    The attributes `without` are left out, and loaded when they are asked for.
    """

    def __init__(self, entity: type[Entity], *, without: Sequence[str] = ()) -> None:
        mapper = inspect(entity)
        self.without = without
        self.entity = entity
        self.mapper = mapper
        columns = {one.key: one.columns[0] for one in mapper.column_attrs if one.key not in without}
        self.names = list(columns)
        self.sql = ", ".join(f"{entity.__tablename__}.{column.name}" for column in columns.values())
        self.id_at = self.names.index("id")
        self.moments = [at for at, column in enumerate(columns.values()) if isinstance(column.type, UTCDateTime)]

    def __len__(self) -> int:
        return len(self.names)

    def made(
        self, session: Session, row: Sequence[Any], *, anew: bool = False, **related: Base | None
    ) -> Entity | None:
        """The entity with these columns and related entities; None where an outer join found none.

        As with every query, what the session knows already stays as it is, but not where `anew`.
        """
        if row[self.id_at] is None:
            return None
        key = (self.entity, (row[self.id_at],), None)  # as the mapper writes identity keys
        known = session.identity_map.get(key)
        if known is not None:
            for name, value in (*zip(self.names, self._in_utc(row), strict=True), *related.items()) if anew else ():
                set_committed_value(known, name, value)
            return known
        made = cast(Entity, self.mapper.class_manager.new_instance())
        state = instance_state(made)
        state.dict.update(zip(self.names, self._in_utc(row), strict=True))
        state.key, state.session_id = key, session.hash_key
        session.identity_map.add(state)
        if self.without:
            state._expire_attributes(state.dict, self.without)  # else they would read as None
        for name, other in related.items():
            set_committed_value(made, name, other)
        return made

    def _in_utc(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for at in self.moments:
            moment: datetime | None = values[at]
            values[at] = moment and moment.astimezone(UTC)
        return values


def parts(row: Row, *wholes: Whole[Any]) -> Iterable[Row]:
    """The columns of each of `wholes` in a row that begins with them in that order."""
    begins = 0
    for whole in wholes:
        yield row[begins : begins + len(whole)]
        begins += len(whole)
