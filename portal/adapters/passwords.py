"""Password hashes: argon2id, in OWASP's profile of 19 MiB and two passes."""

from __future__ import annotations

import functools
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash(password: str) -> str:
    """A salted hash of `password`, with its parameters inside."""
    return _hasher.hash(_normalised(password))


def verify(hashed: str | None, password: str) -> bool:
    """Whether `password` is the one that was hashed. Takes as long where there is no hash, and then says no."""
    try:
        _hasher.verify(hashed or _nobodys_hash(), _normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Whether the hash was made with parameters that are no longer ours."""
    return _hasher.check_needs_rehash(hashed)


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def _normalised(password: str) -> str:
    # The same password typed on two keyboards may differ in its code points.
    return unicodedata.normalize("NFKC", password)
