"""The key that signs the audit trail's seals (Ed25519), the keys that are believed, and the folder of anchors."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.config import Settings


class NoSigningKey(Exception):
    """This process was given no key to sign seals with."""


@dataclass
class _Given:
    """What the settings gave."""

    signing_key: Ed25519PrivateKey | None = None
    believed: dict[str, Ed25519PublicKey] = field(default_factory=dict)
    database_url: str | None = None
    folder: Path | None = None
    address: str | None = None


_given = _Given()


def configure(settings: Settings) -> None:
    """Take keys, folder and addresses from the settings."""
    global _given
    seed = settings.audit_signing_key
    url = settings.sealer_database_url
    _given = _Given(
        Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed.get_secret_value())) if seed else None,
        database_url=url.get_secret_value() if url else None,
        folder=settings.audit_anchor,
        address=settings.audit_anchor_email,
    )
    for written in settings.audit_public_keys.split():
        believe(written)
    if _given.signing_key:
        believe(public_key())


def believe(written: str) -> None:
    """Believe signatures of this public key (base64). Raises ValueError where it is none."""
    raw = base64.b64decode(written, validate=True)
    _given.believed[_id_of(raw)] = Ed25519PublicKey.from_public_bytes(raw)


def public_key() -> str:
    """The public half of the signing key, in base64. Raises NoSigningKey."""
    return base64.b64encode(_raw_public_key()).decode()


def key_id() -> str:
    """The short name of the signing key. Raises NoSigningKey."""
    return _id_of(_raw_public_key())


def sign(statement: bytes) -> bytes:
    """Sign. Raises NoSigningKey."""
    if _given.signing_key is None:
        raise NoSigningKey
    return _given.signing_key.sign(statement)


def is_signed(statement: bytes, signature: bytes, key: str) -> bool:
    """Whether the key of this short name signed the statement, and is one that we believe."""
    known = _given.believed.get(key)
    if known is None:
        return False
    try:
        known.verify(signature, statement)
    except InvalidSignature:
        return False
    return True


def can_verify() -> bool:
    """Whether any key is believed here."""
    return bool(_given.believed)


def database_url() -> str | None:
    """Where the sealer signs in to the database, if this process is to seal."""
    return _given.database_url


def anchor_address() -> str | None:
    """To whom the daily head goes."""
    return _given.address


def anchor_folder() -> Path | None:
    """Where the daily head is written."""
    return _given.folder


def keep_anchor(name: str, text: str) -> None:
    """Write an anchor, whole or not at all; one that is there stays as it is. Without a folder does nothing."""
    if _given.folder is None or (_given.folder / name).exists():
        return
    _given.folder.mkdir(parents=True, exist_ok=True)
    unfinished = _given.folder / f"{name}.unfinished"
    with unfinished.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(_given.folder / name)


def _raw_public_key() -> bytes:
    if _given.signing_key is None:
        raise NoSigningKey
    return _given.signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _id_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]
