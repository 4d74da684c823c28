"""Forms that took effect: a form that is sent twice finds its first effect."""

from __future__ import annotations

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import FormEffect


def find(session: Session, owner: bytes, form_key: str) -> FormEffect | None:
    """The effect that this sending had already. A second sending waits here until the first has ended."""
    lock = int.from_bytes(hashlib.sha256(owner + form_key.encode()).digest()[:8], signed=True)
    session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": lock})
    return session.get(FormEffect, (owner, form_key))


def remember(session: Session, owner: bytes, form_key: str, *, body_hash: bytes, location: str) -> None:
    """Note that this sending took effect and where it led."""
    session.add(FormEffect(owner=owner, form_key=form_key, body_hash=body_hash, location=location, at=now()))
