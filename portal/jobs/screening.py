"""The job that screens an application, for each agency in a transaction of its own."""

from __future__ import annotations

import uuid

from portal.db import Database
from portal.domain import AGENCIES
from portal.jobs.app import every, job
from portal.models import Application
from portal.services import member_screening, screening


class ScreeningFailed(Exception):
    """A run failed and is kept as failed; the queue tries again later."""


@job("screen_application")
def screen_application(database: Database, application_id: str) -> None:
    """Screen for both agencies. What is finished is left alone, so that it may run twice."""
    states = [_screen(database, uuid.UUID(application_id), agency) for agency in AGENCIES]
    if any(state != "finished" for state in states):
        raise ScreeningFailed(application_id)


def _screen(database: Database, application_id: uuid.UUID, agency: str) -> str:
    with database.transaction() as session:
        return screening.run(session, session.get_one(Application, application_id), agency).state


@job("screen_behind")
def screen_behind(database: Database) -> None:
    """After a list was published: queue every open application that was not screened against it, and the members."""
    with database.transaction() as session:
        screening.request_behind(session)
        for agency in AGENCIES:
            member_screening.begin_behind(session, agency)


@every("41 2 * * *")
def screen_who_is_behind(database: Database) -> None:
    """The same each night, whatever became of the jobs of the day."""
    screen_behind(database)


@every("7 4 * * 0")
def audit_the_screening(database: Database) -> None:
    """Each Sunday: search everybody in full, which must find what stands."""
    with database.transaction() as session:
        for agency in AGENCIES:
            member_screening.begin_audit(session, agency)
