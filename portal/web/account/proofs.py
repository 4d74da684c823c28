"""What a browser holds while an address is being proved: which address, for what, and which code is its own.

The address itself stays out of the cookie: its blind index is there, and a hint of it that the page can show.
Everything is the same for an address that has an account and for one that has none.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from flask import session

from portal.db import current_session
from portal.models import EmailCode
from portal.models.accounts import email_index, email_indexes
from portal.services import accounts

STEADY_SECONDS = 0.2


@dataclass(frozen=True)
class Asked:
    """A code was asked for."""

    index: str
    purpose: str
    nonce: str
    hint: str
    older: list[str] = field(default_factory=list)
    """Under the other index keys, while two are live."""

    @property
    def indexes(self) -> list[bytes]:
        """The blind indexes by which the address is looked for."""
        return [bytes.fromhex(index) for index in (self.index, *self.older)]


def index_of(email: str) -> str:
    """The blind index of an address, as the cookie and the limits know it."""
    return email_index(email).hex()


def ask(email: str, purpose: str) -> Asked:
    """Begin to prove an address in this browser; a code sent before no longer counts here."""
    current, *older = [index.hex() for index in email_indexes(email)]
    asked = Asked(current, purpose, secrets.token_urlsafe(16), _hint_of(email), older)
    session["asked"] = asdict(asked)
    return asked


def asked() -> Asked | None:
    """What this browser is proving, if anything."""
    kept = session.get("asked")
    return Asked(**kept) if isinstance(kept, dict) else None


def keep(proof: EmailCode) -> None:
    """The address is proved: a password may be chosen in this browser."""
    session.pop("asked", None)
    session["proof"] = str(proof.id)


def kept() -> EmailCode | None:
    """The proof that this browser holds, while it lasts."""
    proof = session.get("proof")
    return accounts.open_proof(current_session(), uuid.UUID(proof)) if isinstance(proof, str) else None


@contextmanager
def steadily() -> Iterator[None]:
    """Take as long whatever is found, so that time tells nothing about an address."""
    begun = time.monotonic()
    yield
    time.sleep(max(0.0, STEADY_SECONDS - (time.monotonic() - begun)))


def _hint_of(email: str) -> str:
    name, _at, host = email.rpartition("@")
    return f"{name[:2]}•••@{host}"
