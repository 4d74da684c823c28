"""A file on its way in: what is known of it before anything is kept, and what is said where nothing can be."""

from __future__ import annotations

import errno
import hashlib
import io
from dataclasses import dataclass
from typing import BinaryIO

from portal.adapters import imaging
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l

STORE_FULL = _l("We cannot keep files right now. What you sent before is safe. Try again in a few minutes.")

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a disk says that has no room for us."""


@dataclass(frozen=True)
class Upload:
    """A file as it came in: the name that its sender gave it, and its bytes. Neither is believed."""

    name: str
    stream: BinaryIO

    def size(self) -> int:
        """How many bytes it has."""
        return self.stream.seek(0, io.SEEK_END)

    def head(self) -> bytes:
        """Its first bytes, by which its type is told."""
        self.stream.seek(0)
        return self.stream.read(imaging.HEAD)

    def checksum(self) -> bytes:
        """SHA-256 of all of it, read piece by piece."""
        self.stream.seek(0)
        return hashlib.file_digest(self.stream, "sha256").digest()  # type: ignore[arg-type]

    def rewound(self) -> BinaryIO:
        """The bytes from the start."""
        self.stream.seek(0)
        return self.stream


class StoreUnavailable(RuleViolation):
    """The file store can keep nothing: the disk is full (`is_full`), or away."""

    def __init__(self, message: _l, *, is_full: bool) -> None:
        super().__init__(message)
        self.is_full = is_full


def is_full(error: BaseException) -> bool:
    """Whether it says that a disk has no room left."""
    return isinstance(error, OSError) and error.errno in FULL
