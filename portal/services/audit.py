"""The audit trail: who looked at or changed what, written in the same transaction."""

from __future__ import annotations

import json
import uuid
from contextvars import ContextVar
from typing import Any

from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import Officer
from portal.models.statements import Statement
from portal.services.actors import Actor, signature

_TYPES = {
    "at": "timestamptz", "actor_kind": "text", "actor_id": "uuid", "agency": "text", "action": "text",
    "subject_kind": "text", "subject_id": "uuid", "application_id": "uuid", "facts": "jsonb", "request_id": "text",
}  # fmt: skip

# Written at once and without the unit of work, which would cost a page as much again. Nothing asks for the number.
_ADD = Statement(
    f"insert into audit_entry ({', '.join(_TYPES)}, reason) "  # noqa: S608
    f"values ({', '.join(f'cast(:{name} as {kind})' for name, kind in _TYPES.items())}, :reason)"
)

LOOKS = (":view", ":list")
"""What such an action writes down is that somebody looked."""

current_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def record(
    session: Session,
    action: str,
    subject: object,
    *,
    application_id: uuid.UUID | None = None,
    reason: str | None = None,
    agency: str | None = None,
    by: Actor,
    **facts: str | int | bool | None,
) -> None:
    """Write one row. `action` is `thing:verb`; `facts` carry identifiers and counts, never personal data.

    A row is its officer's agency's; what nobody's officer did to an agency's own thing is that agency's too.
    """
    row = _row(action, subject, by, facts, agency) | {"reason": reason}
    row["application_id"] = application_id or row["application_id"]
    row["facts"] = json.dumps(row["facts"])
    _ADD.execute(session, row)
    if action.endswith(LOOKS):
        session.info.setdefault("looks", []).append(row)


def in_sql(cause: str) -> str:
    """The row as a part of another statement, written where that statement's `cause` returns one; see `values`."""
    columns = ", ".join(_TYPES)
    given = ", ".join(f"cast(:audit_{name} as {kind})" for name, kind in _TYPES.items())
    return f"noted as (insert into audit_entry ({columns}) select {given} from {cause})"  # noqa: S608


def values(action: str, subject: object, *, by: Actor, **facts: str | int | bool | None) -> dict[str, Any]:
    """What such a statement is given."""
    row = _row(action, subject, by, facts)
    row["facts"] = json.dumps(row["facts"])
    return {f"audit_{name}": value for name, value in row.items()}


def _row(
    action: str, subject: object, by: Actor, facts: dict[str, str | int | bool | None], agency: str | None = None
) -> dict[str, Any]:
    who = signature(by)
    return {
        "at": now(),
        "actor_kind": who.kind,
        "actor_id": who.id,
        "agency": who.agency or agency or getattr(subject, "agency", None),
        "action": action,
        "subject_kind": str(getattr(subject, "__tablename__", subject)),
        "subject_id": getattr(subject, "id", None),
        "application_id": _application_of(subject),
        "facts": facts | _role(by),
        "request_id": current_request_id.get(),
    }


def record_looks_again(session: Session) -> bool:
    """Write the looks of a transaction that was rolled back: the page was shown all the same. False for none."""
    looks = session.info.pop("looks", [])
    for look in looks:
        _ADD.execute(session, look)
    return bool(looks)


def _role(by: Actor) -> dict[str, str]:
    # Supervisors' views are told apart for ever: roles change (rulings, section 2).
    return {"role": "supervisor"} if isinstance(by, Officer) and "supervisor" in by.roles else {}


def _application_of(subject: object) -> uuid.UUID | None:
    if getattr(subject, "__tablename__", None) == "application":
        return subject.id  # type: ignore[attr-defined, no-any-return]
    found: uuid.UUID | None = getattr(subject, "application_id", None)
    return found
