"""Files of a person: sealed under the person's own key before they reach the store, opened when they come back."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import files
from portal.clock import now
from portal.models import DataExport, Document, DocumentPage, Letter
from portal.models.encryption import Erased, KeyOwner, keyring

log = logging.getLogger(__name__)

ORPHAN_AFTER = timedelta(hours=24)
"""A file whose row has not come by then never will: its transaction failed."""


def keep(owner: KeyOwner, content: bytes) -> str:
    """Seal `content` under the owner's key, keep it, and return its new key.

    Written and on the disk before the row that names it, so that no row ever names a file that is not there.
    Raises OSError where the store cannot keep it.
    """
    key = files.new_key()
    files.put(key, keyring().seal(_key_of(owner), str(owner.id), _bound_to(key), content))
    return key


def read(owner: KeyOwner, key: str) -> bytes:
    """What was kept under `key` for `owner`. Raises InvalidTag for anybody else's file."""
    return keyring().open(_key_of(owner), str(owner.id), _bound_to(key), files.get(key))


def discard(key: str) -> None:
    """Forget what is kept under `key`, once no row needs it any more."""
    files.delete(key)


def sweep(session: Session) -> int:
    """Remove old files that no row needs; returns how many. Reports rows whose file is missing."""
    before = now() - ORPHAN_AFTER
    files.delete_unfinished(before)
    old = [key for key, written_at in files.all_keys() if written_at < before]
    named = _named(session)
    for key in named:
        if not files.exists(key):
            log.error("a row names the file %s, which is not in the store", key)
    unnamed = [key for key in old if key not in named]
    for key in unnamed:
        files.delete(key)
    return len(unnamed)


def _named(session: Session) -> set[str]:
    kept = Document.removed_at.is_(None)
    queries = (
        select(Document.file_key).where(kept),
        select(DocumentPage.file_key).join(Document).where(kept),
        select(Letter.file_key).where(Letter.file_key.is_not(None)),
        select(DataExport.file_key).where(DataExport.file_key.is_not(None)),
    )
    return {key for query in queries for key in session.scalars(query) if key}


def _key_of(owner: KeyOwner) -> bytes:
    if owner.wrapped_key is None:
        raise Erased("file")
    return owner.wrapped_key


def _bound_to(key: str) -> str:
    return f"file.{key}"
