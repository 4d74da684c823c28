"""For whom a transaction reads: the setting that the database's row-level security goes by."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, event, func, text
from sqlalchemy.orm import Session

_SET = text("select set_config('app.viewer', :viewer, true)")


def view_as(session: Session, viewer: str) -> None:
    """Read from here on as CA, US, applicant or joint (migration 0009), in this transaction and later ones."""
    session.flush()
    session.info["viewer"] = viewer
    if session.in_transaction():
        session.execute(_SET, {"viewer": viewer})


def viewing(viewer: ColumnElement[str]) -> ColumnElement[str]:
    """The same setting as a column of another statement; who executes it notes it in `session.info`."""
    return func.set_config("app.viewer", viewer, True)


def viewer_of(session: Session) -> str:
    """For whom the session reads now."""
    viewer: str = session.info.get("viewer", "applicant")
    return viewer


@event.listens_for(Session, "after_begin")
def _say_who_reads(session: Session, transaction: object, connection: Connection) -> None:
    if viewer := session.info.get("viewer"):
        connection.execute(_SET, {"viewer": viewer})
