"""The sealed audit trail as mathematics: the canonical form of a row, leaves, heads, and what a seal states.

A seal covers a block of rows in the order of their numbers. It holds a leaf for each row (the row's number and the
SHA-256 of its canonical JSON) and a head, in which all leaves of this seal and of all before it are chained.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NUMBER_SIZE = 8
HASH_SIZE = 32
LEAF_SIZE = NUMBER_SIZE + HASH_SIZE
BEGINNING = hashlib.sha256(b"passage audit trail 1").digest()
"""The head before the first seal."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True)
class Statement:
    """What a seal states and the sealing key signs."""

    number: int
    at: datetime
    first_id: int
    last_id: int
    rows: int
    previous: bytes
    head: bytes
    key_id: str

    def as_json(self) -> dict[str, Any]:
        """The statement as it stands in an anchor."""
        return {
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(),
            "first_id": self.first_id,
            "last_id": self.last_id,
            "rows": self.rows,
            "previous": self.previous.hex(),
            "head": self.head.hex(),
            "key_id": self.key_id,
        }

    def as_bytes(self) -> bytes:
        """The bytes that are signed."""
        return b"passage audit seal 1\n" + _encode(self.as_json()).encode()

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Statement:
        """Read an anchor's statement. Raises KeyError, TypeError or ValueError where it is none."""
        return cls(
            number=int(told["number"]),
            at=datetime.fromisoformat(told["at"]),
            first_id=int(told["first_id"]),
            last_id=int(told["last_id"]),
            rows=int(told["rows"]),
            previous=bytes.fromhex(told["previous"]),
            head=bytes.fromhex(told["head"]),
            key_id=str(told["key_id"]),
        )


def row_hash(content: Iterable[Any]) -> bytes:
    """The hash of a row's content: all its columns but the number, in the table's order, as canonical JSON."""
    return hashlib.sha256(_encode(list(content)).encode()).digest()


def leaf(number: int, content_hash: bytes) -> bytes:
    """A row as its seal keeps it."""
    return number.to_bytes(NUMBER_SIZE, "big") + content_hash


def leaves_of(written: bytes) -> Iterator[tuple[int, bytes]]:
    """The rows of a seal: number and hash. Raises ValueError where the bytes are not leaves."""
    if len(written) % LEAF_SIZE:
        raise ValueError("not a whole number of leaves")
    for start in range(0, len(written), LEAF_SIZE):
        yield (
            int.from_bytes(written[start : start + NUMBER_SIZE], "big"),
            written[start + NUMBER_SIZE : start + LEAF_SIZE],
        )


def head_after(previous: bytes, leaves: bytes) -> bytes:
    """The chain's head after these leaves, each chained with what came before it."""
    head = previous
    for start in range(0, len(leaves), LEAF_SIZE):
        head = hashlib.sha256(head + leaves[start : start + LEAF_SIZE]).digest()
    return head
