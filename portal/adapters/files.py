"""The file store: files under random keys, in a folder or in a bucket that speaks S3. It sees ciphertext only."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from portal.adapters.file_bucket import Bucket
from portal.adapters.file_folder import Folder
from portal.config import Settings

KEY = re.compile(r"[0-9a-f]{32}")


class Store(Protocol):
    """Where files are kept: each whole, or not at all."""

    def put(self, key: str, parts: Iterable[bytes]) -> None: ...
    def get(self, key: str) -> bytes: ...
    def exists(self, key: str) -> bool: ...
    def delete(self, key: str) -> None: ...
    def all_keys(self) -> Iterator[tuple[str, datetime]]: ...
    def delete_unfinished(self, before: datetime) -> None: ...
    def free(self) -> int: ...


_store: Store | None = None


def configure(settings: Settings) -> None:
    """Use the folder that the settings name, or the bucket."""
    global _store
    if settings.files_bucket:
        _store = Bucket(settings.files_bucket, settings.files_endpoint, KEY)
    else:
        _store = Folder(settings.files, KEY)


def new_key() -> str:
    """A random key. Keys are made here and nowhere else, so no name that a person chose becomes a path."""
    return secrets.token_hex(16)


def put(key: str, parts: Iterable[bytes]) -> None:
    """Keep the parts, one after another, under `key` for good. Raises OSError where that fails."""
    _ours().put(_checked(key), parts)


def get(key: str) -> bytes:
    """What was kept under `key`. Raises FileNotFoundError where nothing is."""
    return _ours().get(_checked(key))


def exists(key: str) -> bool:
    """Whether something is kept under `key`."""
    return _ours().exists(_checked(key))


def delete(key: str) -> None:
    """Forget what is kept under `key`; nothing happens where nothing is."""
    _ours().delete(_checked(key))


def all_keys() -> Iterator[tuple[str, datetime]]:
    """Every key with the time of its writing."""
    return _ours().all_keys()


def delete_unfinished(before: datetime) -> None:
    """Remove what was left half written before that time."""
    _ours().delete_unfinished(before)


def free() -> int:
    """Bytes that can still be written. Raises OSError where the store is away."""
    return _ours().free()


def path_of(key: str) -> Path:
    """Where `key` is kept, if that is a folder. Raises ValueError for what is no key."""
    store = _ours()
    if not isinstance(store, Folder):
        raise TypeError("files are kept in a bucket here")
    return store.path_of(_checked(key))


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError("not a key of the file store")
    return key


def _ours() -> Store:
    if _store is None:
        raise RuntimeError("the file store was not configured")
    return _store
