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
from dataclasses import asdict, dataclass

from flask import session

from portal.db import current_session
from portal.models import EmailCode
from portal.models.accounts import email_index
from portal.services import accounts

STEADY_SECONDS = 0.2


@dataclass(frozen=True)
class Asked:
    """A code was asked for."""

    index: str
    purpose: str
    nonce: str
    hint: str


def index_of(email: str) -> str:
    """The blind index of an address, as the cookie and the limits know it."""
    return email_index(email).hex()


def ask(email: str, purpose: str) -> Asked:
    """Begin to prove an address in this browser; a code sent before no longer counts here."""
    asked = Asked(index_of(email), purpose, secrets.token_urlsafe(16), _hint_of(email))
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
