"""A file sealed piece by piece under a key of its own, so that no more than one piece is ever in memory.

Each piece is bound to what the file belongs to, to its place in the file, and to whether it is the last one: pieces
cannot change places, be left out, be cut off at the end, or be taken over from another file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY = 32  # bytes
PIECE = 256 * 1024  # bytes before they are sealed
TAG = 16  # bytes that a sealed piece is longer


def new_key() -> bytes:
    """A random key, for one file and nothing else: that is why the pieces' numbers may serve as nonces."""
    return os.urandom(KEY)


def sealed(key: bytes, bound_to: str, content: BinaryIO) -> Iterator[bytes]:
    """The sealed pieces of what `content` holds from where it stands; at least one, so that nothing has an end too."""
    cipher, number, piece = AESGCM(key), 0, content.read(PIECE)
    while True:
        following = content.read(PIECE) if len(piece) == PIECE else b""
        yield cipher.encrypt(_nonce(number), piece, _place(bound_to, number, is_last=not following))
        if not following:
            return
        number, piece = number + 1, following


def opened(key: bytes, bound_to: str, content: bytes) -> bytes:
    """What was sealed. Raises InvalidTag where anything differs."""
    if len(content) < TAG:
        raise InvalidTag
    cipher, step = AESGCM(key), PIECE + TAG
    starts = range(0, len(content), step)
    pieces = memoryview(content)
    return b"".join(
        cipher.decrypt(
            _nonce(number), pieces[start : start + step], _place(bound_to, number, is_last=number == len(starts) - 1)
        )
        for number, start in enumerate(starts)
    )


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _place(bound_to: str, number: int, *, is_last: bool) -> bytes:
    return f"{bound_to}|{number}|{'last' if is_last else 'more'}".encode()
