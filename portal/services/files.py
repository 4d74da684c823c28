"""Files of a person: sealed under the person's own key before they reach the store, opened when they come back."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import files, sealed_files
from portal.clock import now
from portal.models import AuditExportPart, DataExport, Document, DocumentPage, Letter
from portal.models.encryption import Erased, KeyOwner, keyring

log = logging.getLogger(__name__)

FORMAT = b"PF1"
"""How a file begins. Its wrapped key follows, after two bytes with the length of that."""
HEAD = len(FORMAT) + 2

ORPHAN_AFTER = timedelta(hours=24)
"""A file whose row has not come by then never will: its transaction failed."""


def keep(owner: KeyOwner, content: bytes | BinaryIO, *, of: uuid.UUID | None = None) -> str:
    """Seal `content` under a key of its own, keep it, and return the name by which it is found again.

    The file's key travels at its head, wrapped by the owner's key and bound to her, to the name and to `of`, the
    application that the file belongs to. Written and on the disk before the row that names it, so that no row ever
    names a file that is not there; a few hundred kilobytes at most are in memory. Raises OSError where the store fails.
    """
    key, own = files.new_key(), sealed_files.new_key()
    bound = _bound_to(key, of)
    head = keyring().seal(_key_of(owner), str(owner.id), bound, own)
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    files.put(key, _with_head(head, sealed_files.sealed(own, bound, stream)))
    return key


def read(owner: KeyOwner, key: str, *, of: uuid.UUID | None = None) -> bytes:
    """What was kept under `key` for `owner` and `of`. Raises InvalidTag for anybody else's file, or a changed one."""
    stored = files.get(key)
    if len(stored) < HEAD or stored[: len(FORMAT)] != FORMAT:
        raise InvalidTag
    end = HEAD + int.from_bytes(stored[len(FORMAT) : HEAD], "big")
    bound = _bound_to(key, of)
    own = keyring().open(_key_of(owner), str(owner.id), bound, stored[HEAD:end])
    return sealed_files.opened(own, bound, stored[end:])


def _with_head(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield FORMAT + len(head).to_bytes(2, "big") + head
    yield from pieces


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
        select(AuditExportPart.file_key),
    )
    return {key for query in queries for key in session.scalars(query) if key}


def _key_of(owner: KeyOwner) -> bytes:
    if owner.wrapped_key is None:
        raise Erased("file")
    return owner.wrapped_key


def _bound_to(key: str, of: uuid.UUID | None) -> str:
    return f"file.{key}.{of or ''}"
