"""The single writer of statuses: checks the lifecycle table, writes history and audit, queues what follows."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.clock import now
from portal.domain import registry
from portal.domain.errors import ChangedMeanwhile, NotOpenToThis
from portal.domain.lifecycle import Transition, transition
from portal.domain.permissions import Permission
from portal.i18n import Lazy as _l
from portal.models import Application, Event, Interview, Review
from portal.services import audit, notifications
from portal.services.actors import SYSTEM, Actor, roles_of, signature

CHANGED = _l("This application has changed since you opened it.")
TOO_LATE = _l("This is not possible any more. Open the page again to see where things stand.")

Thing = Application | Review | Interview


def perform(session: Session, thing: Thing, action: str, *, by: Actor, facts: dict[str, Any] | None = None) -> Event:
    """Take `action` on an application, a review or an interview, with all that follows from it.

    Writes the status, one Event (with `facts`, nothing personal), one audit row, and the message that the lifecycle
    names. Raises NotOpenToThis when the status does not allow it, ChangedMeanwhile when somebody was faster, and
    PermissionError where `by` is not of those who take this action: a page that lets them is wrong.
    """
    line = transition(thing.__tablename__, action)
    _check_permission(line, by)
    _move(thing, line)
    try:
        session.flush()
    except StaleDataError as error:
        raise ChangedMeanwhile(CHANGED) from error
    event = _tell(session, thing, line, by, facts or {})
    audit.record(session, f"{thing.__tablename__}:{action}", thing, by=by)
    if line.message:
        notifications.send(session, line.message, application_of(thing), facts=event.facts)
    return event


def note(session: Session, application: Application, name: str, *, by: Actor, agency: str | None = None) -> Event:
    """Write into the history something that changes no status."""
    return _write(session, application, name, by, agency, {})


def application_of(thing: Thing) -> Application:
    """The application that a review or an interview belongs to; an application itself."""
    return thing if isinstance(thing, Application) else thing.application


def _check_permission(line: Transition, by: Actor) -> None:
    """The portal itself takes every action, for what follows from something else."""
    is_for_all = by == SYSTEM or line.permission == Permission.SYSTEM
    if not is_for_all and line.permission not in registry.permissions_of(roles_of(by)):
        raise PermissionError(f"{line.action} is not for {by.audience}")


def _move(thing: Thing, line: Transition) -> None:
    column = "status" if isinstance(thing, Application) else "state"
    if getattr(thing, column) not in line.sources:
        raise NotOpenToThis(TOO_LATE)
    setattr(thing, column, str(line.target))
    if isinstance(thing, Application):
        thing.changed_at = now()


def _tell(session: Session, thing: Thing, line: Transition, by: Actor, facts: dict[str, Any]) -> Event:
    agency = thing.agency if isinstance(thing, Review) else None
    return _write(session, application_of(thing), line.event, by, agency, facts)


def _write(
    session: Session, application: Application, name: str, by: Actor, agency: str | None, facts: dict[str, Any]
) -> Event:
    who = signature(by)
    event = Event(
        application_id=application.id,
        name=name,
        at=now(),
        agency=agency,
        actor_kind=who.kind,
        actor_id=who.id,
        facts=facts,
    )
    session.add(event)
    return event
