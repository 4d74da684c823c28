"""The file store: a folder of files under random keys, written whole or not at all. It sees ciphertext only."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from portal.config import Settings

KEY = re.compile(r"[0-9a-f]{32}")
UNFINISHED = ".unfinished"

_folder: Path | None = None


def configure(settings: Settings) -> None:
    """Use the folder that the settings name; made where it is missing, closed to everybody else."""
    global _folder
    _folder = settings.files
    _folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def new_key() -> str:
    """A random key. Keys are made here and nowhere else, so no name that a person chose becomes a path."""
    return secrets.token_hex(16)


def put(key: str, content: bytes) -> None:
    """Keep `content` under `key` for good: on the disk before this returns. Raises OSError where that fails."""
    path = path_of(key)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = path.with_name(f"{key}{UNFINISHED}")
    try:
        _write(unfinished, content)
        unfinished.rename(path)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _sync_folder(path.parent)


def get(key: str) -> bytes:
    """What was kept under `key`. Raises FileNotFoundError where nothing is."""
    return path_of(key).read_bytes()


def exists(key: str) -> bool:
    """Whether something is kept under `key`."""
    return path_of(key).is_file()


def delete(key: str) -> None:
    """Forget what is kept under `key`; nothing happens where nothing is."""
    path_of(key).unlink(missing_ok=True)


def all_keys() -> Iterator[tuple[str, datetime]]:
    """Every key with the time of its writing."""
    for path in _root().glob("??/*"):
        if KEY.fullmatch(path.name):
            yield path.name, _written_at(path)


def delete_unfinished(before: datetime) -> None:
    """Remove what was left half written before that time."""
    for path in _root().glob(f"??/*{UNFINISHED}"):
        if _written_at(path) < before:
            path.unlink(missing_ok=True)


def path_of(key: str) -> Path:
    """Where `key` is kept. Raises ValueError for what is no key."""
    if not KEY.fullmatch(key):
        raise ValueError("not a key of the file store")
    return _root() / key[:2] / key


def _root() -> Path:
    if _folder is None:
        raise RuntimeError("the file store was not configured")
    return _folder


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written_at(path: Path) -> datetime:
    with contextlib.suppress(FileNotFoundError):  # removed meanwhile
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return datetime.now(UTC)
