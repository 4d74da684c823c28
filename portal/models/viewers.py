"""For whom a transaction reads: the setting that the database's row-level security goes by (migration rows_by_viewer).

An agency (CA, US), a traveller (the account's id), a helper at work (`as_helper`), JOINT for what the portal itself
puts together or does for both agencies, or NOBODY: then no row of an application or a person is found, and only what
the doors need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

from portal.models.statements import Statement

if TYPE_CHECKING:
    from portal.models.accounts import Account, Officer

NOBODY, JOINT = "", "joint"

_SET = Statement("select set_config('app.viewer', :viewer, true)")

VIEWING = "set_config('app.viewer', coalesce(officer.agency, sign_in.account_id::text, ''), true)"
"""The same setting as a column of the statement that finds a session; who executes it notes it in `session.info`."""


def as_whom(person: Account | Officer) -> str:
    """The viewer that a signed-in person is: an officer's agency, a traveller's account."""
    return person.agency or str(person.id)


def as_helper(account: Account) -> str:
    """The viewer that an account is while it fills in what somebody named it for (migration `helpers`)."""
    return f"helper:{account.id}"


def view_as(session: Session, viewer: str) -> None:
    """Read from here on as `viewer`, in this transaction and later ones."""
    session.flush()
    session.info["viewer"] = viewer
    if session.in_transaction():
        _SET.execute(session, {"viewer": viewer})


@contextmanager
def viewing_as(session: Session, viewer: str) -> Iterator[None]:
    """Read as `viewer` inside the block, and as before after it."""
    before = viewer_of(session)
    view_as(session, viewer)
    try:
        yield
    finally:
        session.info["viewer"] = before  # also where the transaction failed and takes no more statements
        view_as(session, before)


def viewer_of(session: Session) -> str:
    """For whom the session reads now."""
    viewer: str = session.info.get("viewer", NOBODY)
    return viewer


@event.listens_for(Session, "after_begin")
def _say_who_reads(session: Session, transaction: object, connection: Connection) -> None:
    if viewer := session.info.get("viewer"):
        _SET.on(connection, {"viewer": viewer})
