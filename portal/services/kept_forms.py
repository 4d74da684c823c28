"""What somebody typed, kept while they prove who they are: sealed, for ten minutes, opened once and by nobody else."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import Account, KeptForm, Officer

KEPT_FOR = timedelta(minutes=10)
LARGEST = 200_000
"""Characters of one form, far beyond what the longest page takes."""
MOST = 10
"""Forms kept for one person at a time."""

Typed = dict[str, list[str]]


def keep(session: Session, owner: Account | Officer, path: str, typed: Mapping[str, Sequence[str]]) -> str | None:
    """Keep what was typed on the page at `path`; gives the token. None for more than a form can hold."""
    body = {"path": path, "typed": {name: list(values) for name, values in typed.items()}}
    if len(json.dumps(body)) > LARGEST:
        return None
    _make_room(session, owner)
    token = secrets.token_urlsafe(32)
    kept = KeptForm(token_hash=_hash(token), expires_at=now() + KEPT_FOR)
    kept.account = owner if isinstance(owner, Account) else None
    kept.officer = owner if isinstance(owner, Officer) else None
    kept.body = body
    session.add(kept)
    session.flush()
    return token


def open_once(session: Session, owner: Account | Officer, token: str, path: str) -> Typed | None:
    """What was typed on this page, for whoever typed it; gone afterwards."""
    kept = _find(session, owner, token)
    if kept is None or not kept.body or kept.body["path"] != path:
        return None
    typed: Typed = kept.body["typed"]
    session.delete(kept)
    return typed


def forget_old(session: Session) -> None:
    """Delete what can no longer be opened."""
    session.execute(delete(KeptForm).where(KeptForm.expires_at < now()))


def _make_room(session: Session, owner: Account | Officer) -> None:
    newest = select(KeptForm.id).where(_of(owner)).order_by(KeptForm.expires_at.desc()).limit(MOST - 1)
    session.execute(delete(KeptForm).where(_of(owner), KeptForm.id.not_in(newest)))


def _find(session: Session, owner: Account | Officer, token: str) -> KeptForm | None:
    query = select(KeptForm).where(_of(owner), KeptForm.token_hash == _hash(token), KeptForm.expires_at > now())
    return session.scalars(query.with_for_update()).one_or_none()


def _of(owner: Account | Officer) -> ColumnElement[bool]:
    return (KeptForm.account_id if isinstance(owner, Account) else KeptForm.officer_id) == owner.id


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
