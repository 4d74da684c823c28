"""Encrypted fields: a descriptor over a bytes column, sealed under its owner's own key.

The key adapter is given once, at start, by `use(keyring)`. What is sealed is bound to the owner, the table and the
field (rulings, section 1), so that a ciphertext moved elsewhere does not open.
"""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any, Generic, Protocol, TypeVar, overload

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Identified

T = TypeVar("T")


class Keyring(Protocol):
    """What models ask of the key adapter (`portal.adapters.keys`)."""

    @property
    def key_ids(self) -> dict[str, list[bytes]]: ...
    def new_wrapped_key(self, owner: str) -> bytes: ...
    def rewrapped(self, wrapped_key: bytes, owner: str) -> bytes: ...
    def check(self, wrapped_key: bytes, owner: str) -> None: ...
    def seal(self, wrapped_key: bytes, owner: str, field: str, plain: bytes) -> bytes: ...
    def open(self, wrapped_key: bytes, owner: str, field: str, sealed: bytes) -> bytes: ...
    def seal_for(self, purpose: str, owner: str, plain: bytes) -> bytes: ...
    def open_for(self, purpose: str, owner: str, sealed: bytes) -> bytes: ...
    def blind_index(self, purpose: str, value: str) -> bytes: ...
    def blind_indexes(self, purpose: str, value: str) -> list[bytes]: ...


_keyring: Keyring | None = None


def use(keyring: Keyring) -> None:
    """Give the models their key adapter."""
    global _keyring
    _keyring = keyring


def keyring() -> Keyring:
    """The key adapter. Raises RuntimeError before `use` was called."""
    if _keyring is None:
        raise RuntimeError("no key adapter was given: call portal.models.encryption.use first")
    return _keyring


class KeyOwner(Identified):
    """Somebody with an own key: erasing `wrapped_key` erases everything that was sealed under it."""

    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)

    def __init__(self, **values: Any) -> None:
        owner_id = values.pop("id", None) or uuid.uuid4()
        wrapped_key = values.pop("wrapped_key", None) or keyring().new_wrapped_key(str(owner_id))
        super().__init__(id=owner_id, wrapped_key=wrapped_key, **values)

    @property
    def key_owner(self) -> KeyOwner:
        return self


class Erased(Exception):
    """The owner's key is gone, and with it what was sealed."""


class Sealed(Generic[T]):
    """An encrypted field kept in the bytes column named `_<field>`.

    The row must offer `key_owner`, the KeyOwner under whose key it is sealed.
    Reading gives None where nothing is stored; raises Erased when the owner's key is gone.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.column = f"_{name}"

    @overload
    def __get__(self, row: None, owner: type) -> Sealed[T]: ...
    @overload
    def __get__(self, row: Any, owner: type) -> T | None: ...
    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if sealed is None:
            return None
        holder = row.key_owner
        if holder.wrapped_key is None:
            raise Erased(self.name)
        return self.load(keyring().open(holder.wrapped_key, str(holder.id), self._bound_to(row), sealed))

    def __set__(self, row: Any, value: T | None) -> None:
        if value is None:
            setattr(row, self.column, None)
            return
        holder = row.key_owner
        if holder.wrapped_key is None:
            raise Erased(self.name)
        setattr(
            row,
            self.column,
            keyring().seal(holder.wrapped_key, str(holder.id), self._bound_to(row), self.dump(value)),
        )

    def _bound_to(self, row: Any) -> str:
        return f"{row.__tablename__}.{self.name}"

    def dump(self, value: T) -> bytes:
        raise TypeError("use one of the kinds of sealed fields")

    def load(self, plain: bytes) -> T:
        raise TypeError("use one of the kinds of sealed fields")


class SealedText(Sealed[str]):
    """An encrypted text."""

    def dump(self, value: str) -> bytes:
        return value.encode()

    def load(self, plain: bytes) -> str:
        return plain.decode()


class SealedDate(Sealed[date]):
    """An encrypted date."""

    def dump(self, value: date) -> bytes:
        return value.isoformat().encode()

    def load(self, plain: bytes) -> date:
        return date.fromisoformat(plain.decode())


class SealedJSON(Sealed[dict[str, Any]]):
    """An encrypted JSON object."""

    def dump(self, value: dict[str, Any]) -> bytes:
        return json.dumps(value, ensure_ascii=False).encode()

    def load(self, plain: bytes) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(plain)
        return result


def sealed_column(name: str) -> Mapped[bytes | None]:
    """The bytes column that stands behind the sealed field `name`."""
    return mapped_column(name, LargeBinary)
