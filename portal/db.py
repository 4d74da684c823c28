"""The engine, one session per request, and the commit rule: a request commits once, when it succeeds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, g
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from portal import migrate
from portal.clock import now
from portal.models.viewers import NOBODY, viewer_of
from portal.models.viewers import view_as as view_as  # for those who open a transaction and then say for whom
from portal.services import keys

Unavailable = OperationalError
"""The database does not answer."""

Broken = SQLAlchemyError
"""The database does not answer, or not as it should."""

Stale = StaleDataError
"""Somebody else changed the row since it was read."""

CLOCK_TOLERANCE = timedelta(seconds=5)
TRUSTED_FOR = 1.0
"""Seconds of rest after which a connection may have died with its server."""


def engine_for(url: str, **options: Any) -> Engine:
    """An engine that notices a restarted server. `url` may say postgres:// or postgresql://.

    Its errors do not repeat what was asked or written (`hide_parameters`), for they end up in logs.
    """
    if url.startswith("postgres://"):
        url = "postgresql" + url.removeprefix("postgres")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg" + url.removeprefix("postgresql")
    engine = create_engine(url, hide_parameters=True, pool_size=10, max_overflow=10, **options)
    _test_after_rest(engine)
    return engine


def _test_after_rest(engine: Engine) -> None:
    """Test a connection before use when it has rested. Testing it each time would cost as much as a query does."""

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["given_back"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def test(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("given_back", time.monotonic()) > TRUSTED_FOR:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error


class Database:
    """The engine and the sessions made from it, which read as `viewer` until they are told otherwise."""

    def __init__(self, url: str, viewer: str = NOBODY) -> None:
        self.engine = engine_for(url)
        self.new_session = sessionmaker(self.engine, expire_on_commit=False, info={"viewer": viewer})

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()

    @contextmanager
    def transaction(self, viewer: str | None = None) -> Iterator[Session]:
        """A session of its own that commits at the end: for jobs, commands, attempts and drafts."""
        with self.new_session() as session, session.begin():
            if viewer:
                session.info["viewer"] = viewer  # said to the database as the transaction begins there
            yield session

    def troubles(self) -> list[str]:
        """What keeps the database from being fit: "database", "migrations", "keys", "clock"; or nothing."""
        try:
            with self.engine.connect() as connection:
                current = migrate.is_current(connection)
                lacks_keys = current and bool(keys.missing(connection))
                skew = abs(connection.execute(text("select clock_timestamp()")).scalar_one() - now())
        except SQLAlchemyError:
            return ["database"]
        troubles = {"migrations": not current, "keys": lacks_keys, "clock": skew > CLOCK_TOLERANCE}
        return [name for name, is_there in troubles.items() if is_there]

    def is_demonstration(self) -> bool:
        """Whether the demonstration filled it: an invented centre tells. False where the database does not answer."""
        try:
            with self.engine.connect() as connection:
                return bool(connection.scalar(text("select exists (select from enrolment_centre where is_invented)")))
        except SQLAlchemyError:
            return False


def database() -> Database:
    """The application's database."""
    found: Database = current_app.extensions["database"]
    return found


def current_session() -> Session:
    """The one session of this request, made when first asked for."""
    if "session" not in g:
        g.session = database().new_session()
    session: Session = g.session
    return session


def keep_now() -> None:
    """Commit what this request has done so far, whatever becomes of it: for drafts.

    Only where it has done nothing yet that has to wait for its success. What follows is another transaction.
    """
    current_session().commit()


@contextmanager
def separate_session() -> Iterator[Session]:
    """A short transaction of its own inside a request, for what is kept even when the request fails.

    Two things only: attempts and drafts (rulings, section 1). It reads as the request's own session does.
    """
    with database().transaction(viewer_of(current_session())) as session:
        yield session


def _finish(response: Response) -> Response:
    session: Session | None = g.get("session")
    if session is not None:
        if response.status_code < 400 and g.get("csrf_ok", True):
            session.commit()
            g.is_committed = True
        else:
            _undo(session)
    return response


def _undo(session: Session) -> None:
    """Roll back and keep what was prepared. A page that refuses a form ends so; in a rush there are thousands of them.

    The driver's own way to roll back forgets every prepared statement, so that each is planned anew.
    """
    try:
        if session.in_transaction() and session.is_active:
            wire = session.connection().connection.driver_connection.pgconn  # type: ignore[union-attr]
            if wire.transaction_status == TransactionStatus.INTRANS:
                wire.exec_(b"rollback")
    except SQLAlchemyError:
        pass  # the connection is lost, and what was not committed with it
    session.rollback()


def _close(error: BaseException | None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()


def init_app(app: Flask, database: Database) -> None:
    """Give the application its database and the commit rule."""
    app.extensions["database"] = database
    app.after_request(_finish)
    app.teardown_appcontext(_close)
