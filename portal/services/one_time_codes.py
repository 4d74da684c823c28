"""Codes on paper or in a file: ten characters that nobody guesses, written so that nobody misreads them."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from portal.domain.references import ALPHABET, MISREAD

LENGTH = 10


def new() -> str:
    """A new random code, such as "7K2M9-QX4TD"."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def hash_of(kind: str, holder_id: uuid.UUID, code: str) -> bytes:
    """What is kept of a code, however it was typed: slow to try, bound to kind and holder."""
    plain = "".join(code.split()).replace("-", "").upper().translate(MISREAD)
    salt = f"{kind}|{holder_id}".encode()
    return hashlib.scrypt(plain.encode(errors="replace"), salt=salt, n=2**13, r=8, p=1, dklen=32)
