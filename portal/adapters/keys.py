"""Keys: a master key wraps each owner's key, the owner's key seals fields and files; blind indexes are HMACs.

A sealed value is `version (1 byte) + nonce (12) + AES-256-GCM ciphertext`; a wrapped key carries the master key's id
as well, so that two master keys can live side by side during a rotation.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.config import Settings

VERSION = b"\x01"
NONCE = 12
KEY_ID = 4


class Keyring:
    """Seals and opens under one master key. Raises cryptography's InvalidTag for what was sealed for somewhere else."""

    def __init__(self, master_key: bytes, index_key: bytes) -> None:
        self._master = AESGCM(master_key)
        self._master_id = hashlib.sha256(b"passage master key id" + master_key).digest()[:KEY_ID]
        self._index_key = index_key
        self._unwrapped = functools.lru_cache(maxsize=2048)(self._unwrap)
        self._purpose_root = hmac.digest(master_key, b"passage purpose keys", "sha256")

    @classmethod
    def from_settings(cls, settings: Settings) -> Keyring:
        return cls(
            base64.b64decode(settings.master_key.get_secret_value()),
            base64.b64decode(settings.index_key.get_secret_value()),
        )

    def new_wrapped_key(self, owner: str) -> bytes:
        """A new random key for `owner`, wrapped by the master key and bound to the owner."""
        nonce = os.urandom(NONCE)
        wrapped = self._master.encrypt(nonce, os.urandom(32), f"key|{owner}".encode())
        return VERSION + self._master_id + nonce + wrapped

    def _unwrap(self, wrapped_key: bytes, owner: str) -> AESGCM:
        head = 1 + KEY_ID
        if wrapped_key[:1] != VERSION or wrapped_key[1:head] != self._master_id:
            raise LookupError("this key was wrapped by a master key that is not here")
        nonce, wrapped = wrapped_key[head : head + NONCE], wrapped_key[head + NONCE :]
        return AESGCM(self._master.decrypt(nonce, wrapped, f"key|{owner}".encode()))

    def seal(self, wrapped_key: bytes, owner: str, field: str, plain: bytes) -> bytes:
        """`plain` encrypted under the owner's key and bound to owner and field."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._unwrapped(wrapped_key, owner).encrypt(nonce, plain, f"{owner}|{field}".encode())

    def open(self, wrapped_key: bytes, owner: str, field: str, sealed: bytes) -> bytes:
        """What was sealed. Raises InvalidTag when owner, field or bytes differ."""
        if sealed[:1] != VERSION:
            raise LookupError("sealed by a version that is not known here")
        nonce, body = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        return self._unwrapped(wrapped_key, owner).decrypt(nonce, body, f"{owner}|{field}".encode())

    def seal_for(self, purpose: str, owner: str, plain: bytes) -> bytes:
        """`plain` encrypted under the key of a purpose, which opens no person's own fields; bound to the owner."""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._purpose_key(purpose).encrypt(nonce, plain, f"{purpose}|{owner}".encode())

    def open_for(self, purpose: str, owner: str, sealed: bytes) -> bytes:
        """What was sealed for a purpose. Raises InvalidTag when purpose, owner or bytes differ."""
        if sealed[:1] != VERSION:
            raise LookupError("sealed by a version that is not known here")
        nonce, body = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        return self._purpose_key(purpose).decrypt(nonce, body, f"{purpose}|{owner}".encode())

    def _purpose_key(self, purpose: str) -> AESGCM:
        return AESGCM(hmac.digest(self._purpose_root, purpose.encode(), "sha256"))

    def blind_index(self, purpose: str, value: str) -> bytes:
        """An HMAC by which an encrypted value is found by equality, for one purpose only."""
        return hmac.digest(self._index_key, f"{purpose}|{value}".encode(), "sha256")
