"""The file store as a folder of this machine: written whole or not at all, closed to everybody else."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

UNFINISHED = ".unfinished"


class Folder:
    """Files under `root`, in folders by the first two letters of their keys."""

    def __init__(self, root: Path, pattern: re.Pattern[str]) -> None:
        self.root = root
        self.pattern = pattern
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, key: str, parts: Iterable[bytes]) -> None:
        """Keep it for good: on the disk before this returns. Raises OSError where that fails."""
        path = self.path_of(key)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = path.with_name(f"{key}{UNFINISHED}")
        try:
            _write(unfinished, parts)
            unfinished.rename(path)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
        _sync_folder(path.parent)

    def get(self, key: str) -> bytes:
        """What was kept. Raises FileNotFoundError where nothing is."""
        return self.path_of(key).read_bytes()

    def exists(self, key: str) -> bool:
        """Whether something is kept."""
        return self.path_of(key).is_file()

    def delete(self, key: str) -> None:
        """Forget it; nothing happens where nothing is."""
        self.path_of(key).unlink(missing_ok=True)

    def all_keys(self) -> Iterator[tuple[str, datetime]]:
        """Every key with the time of its writing."""
        for path in self.root.glob("??/*"):
            if self.pattern.fullmatch(path.name):
                yield path.name, _written_at(path)

    def delete_unfinished(self, before: datetime) -> None:
        """Remove what was left half written before that time."""
        for path in self.root.glob(f"??/*{UNFINISHED}"):
            if _written_at(path) < before:
                path.unlink(missing_ok=True)

    def free(self) -> int:
        """Bytes that can still be written."""
        stat = os.statvfs(self.root)
        return stat.f_bavail * stat.f_frsize

    def path_of(self, key: str) -> Path:
        """Where it is kept."""
        return self.root / key[:2] / key


def _write(path: Path, parts: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for part in parts:
            file.write(part)
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
