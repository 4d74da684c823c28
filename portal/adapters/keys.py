"""Keys: a ring of master keys wraps each owner's key, the owner's key seals fields and files; blind indexes are HMACs.

One master key is current and wraps what is new; the others still open. Formats:
a wrapped key is `version (1 byte) + id of the master key (4) + nonce (12) + AES-256-GCM ciphertext`,
a value sealed under an owner's key is `version 1 + nonce + ciphertext` (the owner has one key, whose wrapping carries
the id), a value sealed for a purpose is `version 2 + id of the master key + nonce + ciphertext`.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
NAMED = b"\x02"
"""The version of what is sealed for a purpose: it names its master key. Version 1 did not."""
NONCE = 12
KEY_ID = 4
HEAD = 1 + KEY_ID


class KeyMissing(LookupError):
    """A key that is needed is not in the ring. Says its id."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"the master key {key_id.hex()} is not here")
        self.key_id = key_id


class MasterKey:
    """One master key under its id, with the keys of purposes that are derived from it."""

    def __init__(self, raw: bytes) -> None:
        self.id = hashlib.sha256(b"passage master key id" + raw).digest()[:KEY_ID]
        self.cipher = AESGCM(raw)
        self._root = hmac.digest(raw, b"passage purpose keys", "sha256")

    def for_purpose(self, purpose: str) -> AESGCM:
        """The key of a purpose, which opens no person's own fields."""
        return AESGCM(hmac.digest(self._root, purpose.encode(), "sha256"))


class IndexKey:
    """One index key under its id."""

    def __init__(self, raw: bytes) -> None:
        self.id = hashlib.sha256(b"passage index key id" + raw).digest()[:KEY_ID]
        self._raw = raw

    def index(self, purpose: str, value: str) -> bytes:
        """An HMAC by which an encrypted value is found by equality, for one purpose only."""
        return hmac.digest(self._raw, f"{purpose}|{value}".encode(), "sha256")


class Keyring:
    """Seals and opens under its keys. Raises cryptography's InvalidTag for what was sealed for somewhere else."""

    def __init__(self, master_keys: Sequence[bytes], index_keys: Sequence[bytes]) -> None:
        masters = [MasterKey(raw) for raw in master_keys]
        indexes = [IndexKey(raw) for raw in index_keys]
        self._masters = {master.id: master for master in masters}
        self._master, self._index = masters[0], indexes[0]
        self._indexes = {index.id: index for index in indexes}
        self._unwrapped = functools.lru_cache(maxsize=2048)(self._unwrap)

    @property
    def key_ids(self) -> dict[str, list[bytes]]:
        """The ids of the keys that are here, by kind; the current one first."""
        return {"master": list(self._masters), "index": list(self._indexes)}

    # Owners' keys

    def new_wrapped_key(self, owner: str) -> bytes:
        """A new random key for `owner`, wrapped by the current master key and bound to the owner."""
        return self._wrap(os.urandom(32), owner)

    def rewrapped(self, wrapped_key: bytes, owner: str) -> bytes:
        """The same key, wrapped by the current master key: all that it sealed still opens."""
        return self._wrap(self._raw(wrapped_key, owner), owner)

    def check(self, wrapped_key: bytes, owner: str) -> None:
        """Raises KeyMissing or InvalidTag for a wrapped key that does not open."""
        self._raw(wrapped_key, owner)

    def _wrap(self, raw: bytes, owner: str) -> bytes:
        nonce = os.urandom(NONCE)
        wrapped = self._master.cipher.encrypt(nonce, raw, f"key|{owner}".encode())
        return VERSION + self._master.id + nonce + wrapped

    def _raw(self, wrapped_key: bytes, owner: str) -> bytes:
        if wrapped_key[:1] != VERSION:
            raise LookupError("wrapped by a version that is not known here")
        nonce, wrapped = wrapped_key[HEAD : HEAD + NONCE], wrapped_key[HEAD + NONCE :]
        return self._master_named(wrapped_key[1:HEAD]).cipher.decrypt(nonce, wrapped, f"key|{owner}".encode())

    def _unwrap(self, wrapped_key: bytes, owner: str) -> AESGCM:
        return AESGCM(self._raw(wrapped_key, owner))

    def _master_named(self, key_id: bytes) -> MasterKey:
        if key_id not in self._masters:
            raise KeyMissing(key_id)
        return self._masters[key_id]

    # Values of owners

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

    # Values for a purpose

    def seal_for(self, purpose: str, owner: str, plain: bytes) -> bytes:
        """`plain` encrypted under the key of a purpose, which opens no person's own fields; bound to the owner."""
        nonce = os.urandom(NONCE)
        cipher = self._master.for_purpose(purpose)
        return NAMED + self._master.id + nonce + cipher.encrypt(nonce, plain, f"{purpose}|{owner}".encode())

    def open_for(self, purpose: str, owner: str, sealed: bytes) -> bytes:
        """What was sealed for a purpose. Raises InvalidTag when purpose, owner or bytes differ."""
        head = HEAD if sealed[:1] == NAMED else 1
        nonce, body, bound = sealed[head : head + NONCE], sealed[head + NONCE :], f"{purpose}|{owner}".encode()
        *others, last = self._masters_of(sealed)
        for master in others:
            with contextlib.suppress(InvalidTag):
                return master.for_purpose(purpose).decrypt(nonce, body, bound)
        return last.for_purpose(purpose).decrypt(nonce, body, bound)

    def _masters_of(self, sealed: bytes) -> list[MasterKey]:
        """The master key that a value sealed for a purpose names; version 1 named none, so any may have sealed it."""
        if sealed[:1] == NAMED:
            return [self._master_named(sealed[1:HEAD])]
        if sealed[:1] != VERSION:
            raise LookupError("sealed by a version that is not known here")
        return list(self._masters.values())

    # Blind indexes

    def blind_index(self, purpose: str, value: str) -> bytes:
        """The blind index of a value, under the current index key."""
        return self._index.index(purpose, value)

    def blind_indexes(self, purpose: str, value: str) -> list[bytes]:
        """The blind index of a value under each index key, the current one first: by these it is looked for."""
        return [key.index(purpose, value) for key in self._indexes.values()]
