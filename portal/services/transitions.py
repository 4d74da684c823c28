"""The single writer of statuses: checks the lifecycle table, writes history and audit, queues what follows."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
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
from portal.models.statements import Statement
from portal.services import audit, notifications
from portal.services.actors import SYSTEM, Actor, roles_of, signature

CHANGED = _l("This application has changed since you opened it.")
TOO_LATE = _l("This is not possible any more. Open the page again to see where things stand.")

Thing = Application | Review | Interview


@dataclass(frozen=True)
class Changed:
    """What is written down of a thing whose status changes."""

    __tablename__: str
    id: uuid.UUID
    application_id: uuid.UUID
    account_id: uuid.UUID
    agency: str | None = None

    @classmethod
    def of(cls, thing: Thing) -> Changed:
        """The same of a thing that was loaded."""
        application = application_of(thing)
        agency = thing.agency if isinstance(thing, Review) else None
        return cls(thing.__tablename__, thing.id, application.id, application.account_id, agency)


def _follows(cause: str) -> str:
    """The parts of a statement that write history, trail and message where its `cause` returns a row."""
    return f"""
        told as (
            insert into event (application_id, name, at, agency, actor_kind, actor_id, facts)
            select cast(:application as uuid), cast(:event as text), cast(:audit_at as timestamptz),
                   cast(:agency as text), cast(:audit_actor_kind as text), cast(:audit_actor_id as uuid),
                   cast(:facts as jsonb)
            from {cause}
        ), {audit.in_sql(cause)}, sent as (
            insert into outgoing_message
                (id, event, account_id, application_id, language, facts, created_at, due_at, attempts)
            select cast(:message_id as uuid), cast(:message as text), account.id, cast(:application as uuid),
                   account.language, cast(:message_facts as jsonb), cast(:audit_at as timestamptz),
                   cast(:audit_at as timestamptz), 0
            from {cause}, account where account.id = :account and cast(:message as text) is not null
        )
    """  # noqa: S608  # no part of it comes from outside


_FOLLOWS = Statement(f"with cause as (select), {_follows('cause')} select from cause")


def perform(session: Session, thing: Thing, action: str, *, by: Actor, facts: dict[str, Any] | None = None) -> None:
    """Take `action` on an application, a review or an interview, with all that follows from it.

    Writes the status, one Event (with `facts`, nothing personal), one audit row, and the message that the lifecycle
    names. Raises NotOpenToThis when the status does not allow it, ChangedMeanwhile when somebody was faster, and
    PermissionError where `by` is not of those who take this action: a page that lets them is wrong.
    """
    line = transition(thing.__tablename__, action)
    given = values(line, Changed.of(thing), by=by, facts=facts or {})
    _move(thing, line)
    try:
        session.flush()
    except StaleDataError as error:
        raise ChangedMeanwhile(CHANGED) from error
    _FOLLOWS.execute(session, given)


def in_sql(kind: str, cause: str) -> str:
    """The change of a status and all that follows from it as parts of another statement; see `values`.

    They take effect where that statement's `cause` returns a row.
    """
    moved = f"""
        moved as (
            update {kind} set state = :target, revision = revision + 1
            from {cause} where {kind}.id = :{kind} and {kind}.state = any(:sources)
        )
    """  # noqa: S608
    return f"{moved}, {_follows(cause)}"


def values(line: Transition, thing: Changed, *, by: Actor, facts: dict[str, Any]) -> dict[str, Any]:
    """What such a statement is given for `line` of the lifecycle of `thing`. Raises PermissionError, as `perform`."""
    _check_permission(line, by)
    message = notifications.MESSAGES[line.message] if line.message else None
    told = {name: facts[name] for name in message.facts if name in facts} if message else {}
    return {
        "target": str(line.target),
        "sources": [str(source) for source in line.sources],
        "application": thing.application_id,
        "account": thing.account_id,
        "event": line.event,
        "agency": thing.agency,
        "facts": json.dumps(facts),
        "message": message and message.event,
        "message_id": uuid.uuid4(),
        "message_facts": json.dumps(told),
        **audit.values(f"{thing.__tablename__}:{line.action}", thing, by=by),
    }


def note(
    session: Session,
    application: Application,
    name: str,
    *,
    by: Actor,
    agency: str | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write into the history something that changes no status; `facts` hold nothing personal."""
    who = signature(by)
    session.add(
        Event(
            application_id=application.id, name=name, at=now(), agency=agency, actor_kind=who.kind, actor_id=who.id,
            facts=facts or {},
        )
    )  # fmt: skip


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
