"""Mailed links that open one thing for one use: signed, so that a forged one never reaches the database."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, NotOpenToThis
from portal.i18n import Lazy as _l
from portal.models import Account, GuardianConsent, Helper, Person, PersonLink
from portal.models.encryption import keyring

LASTS = {
    "consent": timedelta(days=30),
    "manage": timedelta(days=365 * 3),
    "own_account": timedelta(days=30),
    "tie": timedelta(days=14),
    "help": timedelta(days=14),
}
"""How long a link opens something, by its purpose."""
SIGNED = "person_link"
USED = _l("This link was used already. A link works once. If you did not use it, tell whoever sent it to you.")
EXPIRED = _l("This link has ended. Ask whoever sent it to you for a new one.")


def make(
    session: Session,
    purpose: str,
    *,
    account: Account,
    person: Person,
    consent: GuardianConsent | None = None,
    helper: Helper | None = None,
) -> str:
    """A new link for `purpose`; earlier ones for the same thing end. Gives its token, which is stored nowhere."""
    end(session, purpose, person=person, consent=consent, helper=helper)
    nonce = secrets.token_urlsafe(24)
    token = f"{nonce}.{_signature(keyring().blind_index(SIGNED, f'{purpose} {nonce}'))}"
    session.add(
        PersonLink(
            purpose=purpose,
            token_hash=_hash(token),
            account=account,
            person=person,
            consent=consent,
            helper=helper,
            expires_at=now() + LASTS[purpose],
        )
    )
    session.flush()
    return token


def end(
    session: Session,
    purpose: str,
    *,
    person: Person,
    consent: GuardianConsent | None = None,
    helper: Helper | None = None,
) -> None:
    """No link for this thing opens anything any more."""
    same = PersonLink.consent_id == consent.id if consent else PersonLink.consent_id.is_(None)
    named = PersonLink.helper_id == helper.id if helper else PersonLink.helper_id.is_(None)
    mine = (
        PersonLink.purpose == purpose, PersonLink.person_id == person.id, same, named, PersonLink.used_at.is_(None)
    )  # fmt: skip
    session.execute(update(PersonLink).where(*mine, PersonLink.expires_at > now()).values(expires_at=now()))


def is_signed(purpose: str, token: str) -> bool:
    """Whether the portal made this token for this purpose: no look into the database."""
    nonce, _dot, signature = token.partition(".")
    known = (_signature(index) for index in keyring().blind_indexes(SIGNED, f"{purpose} {nonce}"))
    return any(hmac.compare_digest(signature.encode(), one.encode()) for one in known)


def find(session: Session, purpose: str, token: str, *, lock: bool = False) -> PersonLink:
    """The link behind a token, used or not. Raises NotFound for a forged one, NotOpenToThis for one that has ended."""
    if not is_signed(purpose, token):
        raise NotFound
    query = select(PersonLink).where(PersonLink.purpose == purpose, PersonLink.token_hash == _hash(token))
    link = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if link is None:
        raise NotFound
    if link.used_at is None and link.expires_at <= now():
        raise NotOpenToThis(EXPIRED)
    return link


def use(session: Session, purpose: str, token: str) -> PersonLink:
    """Use a link up. Raises NotFound, and NotOpenToThis for one that was used or has ended."""
    link = find(session, purpose, token, lock=True)
    if link.used_at is not None:
        raise NotOpenToThis(USED)
    link.used_at = now()
    session.flush()
    return link


def _signature(index: bytes) -> str:
    return index.hex()[:32]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
