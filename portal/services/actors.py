"""Who acts: a traveller's account, an officer, or the portal itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.permissions import Role
from portal.models import Account, Officer


@dataclass(frozen=True)
class System:
    """The portal itself, for what follows from something else."""

    audience: str = "system"
    agency: None = None
    id: None = None


SYSTEM = System()

Actor = Account | Officer | System


def roles_of(by: Actor) -> Sequence[str]:
    """What `by` is; the portal itself is nothing of all that."""
    if isinstance(by, Officer):
        return by.roles
    return (Role.APPLICANT,) if isinstance(by, Account) else ()


@dataclass(frozen=True)
class Signature:
    """An actor as history and audit trail write it."""

    kind: str
    id: uuid.UUID | None
    agency: str | None


def signature(by: Actor) -> Signature:
    """How `by` is written down: kind, identifier, and an officer's agency."""
    kind = {"traveller": "applicant"}.get(by.audience, by.audience)
    return Signature(kind, by.id, by.agency)
