"""Where the keys come from at start: the environment, a file, or AWS KMS. They stay in memory and nowhere else."""

from __future__ import annotations

from pydantic import SecretStr

from portal.adapters import key_service
from portal.adapters.keys import Keyring
from portal.config import Settings, read_key


class NoKeys(Exception):
    """The keys could not be had. Says why, in one line, without any key."""


def keyring(settings: Settings) -> Keyring:
    """The ring of this process. Raises NoKeys."""
    return Keyring(_keys(settings, "master"), _keys(settings, "index"))


def _keys(settings: Settings, kind: str) -> list[bytes]:
    if wrapped := getattr(settings, f"kms_{kind}_keys"):
        return _from_service(settings, kind, wrapped.split())
    return [_read(written, settings, kind) for written in _written(settings, kind)]


def _written(settings: Settings, kind: str) -> list[str]:
    path = getattr(settings, f"{kind}_key_file")
    if path is None:
        given: list[SecretStr | None] = [getattr(settings, f"{kind}_key"), getattr(settings, f"old_{kind}_keys")]
        return [written for one in given if one for written in one.get_secret_value().split()]
    try:
        lines: list[str] = path.read_text().split()
    except OSError as error:
        raise NoKeys(f"PASSAGE_{kind.upper()}_KEY_FILE cannot be read: {error.strerror}") from None
    if not lines:
        raise NoKeys(f"PASSAGE_{kind.upper()}_KEY_FILE holds no key")
    return lines


def _read(written: str, settings: Settings, kind: str) -> bytes:
    try:
        return read_key(written)
    except ValueError as error:
        raise NoKeys(f"PASSAGE_{kind.upper()}_KEY_FILE: a key in it {error}") from None


def _from_service(settings: Settings, kind: str, wrapped: list[str]) -> list[bytes]:
    service = key_service.KeyService(settings.kms_endpoint)
    try:
        return [service.unwrap(one, kind) for one in wrapped]
    except key_service.Refused as error:
        raise NoKeys(f"PASSAGE_KMS_{kind.upper()}_KEYS: {error}") from None
