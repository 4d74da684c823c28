"""A look at somebody’s data leaves its row also where the page that showed it answers with an error.

Such a page keeps nothing else; without this an officer could look unseen by sending a form that is refused.
"""

from __future__ import annotations

from flask import Flask, Response, g

from portal.services import audit


def _keep(response: Response) -> Response:
    session = g.get("session")
    if session is not None and not g.get("is_committed") and audit.record_looks_again(session):
        session.commit()
    return response


def init_app(app: Flask) -> None:
    """Must come before the database, so as to run after its commit or rollback."""
    app.after_request(_keep)
