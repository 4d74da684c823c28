"""Forms that took effect: a form that is sent twice finds its first effect."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.clock import now
from portal.models.statements import Statement

_LOCK = Statement("select pg_advisory_xact_lock(:lock)")
_FIND = Statement("select body_hash, location from form_effect where owner = :owner and form_key = :form_key")
_REMEMBER = Statement(
    "insert into form_effect (owner, form_key, body_hash, location, at)"
    " values (:owner, :form_key, :body_hash, :location, :at)"
)


@dataclass(frozen=True)
class Effect:
    """What a form that was sent had as its effect: a hash of what it said, and where its answer led."""

    body_hash: bytes
    location: str


def find(session: Session, owner: bytes, form_key: str) -> Effect | None:
    """The effect that this sending had already. A second sending waits here until the first has ended."""
    lock = int.from_bytes(hashlib.sha256(owner + form_key.encode()).digest()[:8], signed=True)
    _LOCK.execute(session, {"lock": lock})
    found = _FIND.first(session, {"owner": owner, "form_key": form_key})
    return Effect(*found) if found else None


def remember(session: Session, owner: bytes, form_key: str, *, body_hash: bytes, location: str) -> None:
    """Note that this sending took effect and where it led."""
    values = {"owner": owner, "form_key": form_key, "body_hash": body_hash, "location": location, "at": now()}
    _REMEMBER.execute(session, values)
