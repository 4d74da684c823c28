"""Passkeys of travellers and officers: making one, and showing one to sign in or to confirm who is there.

First a challenge is begun for one purpose in one browser (`binding`); when the answer comes, the challenge is claimed,
once and whatever becomes of the answer; then the answer is checked against it.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.adapters import passkeys
from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, Officer, Passkey, PasskeyChallenge
from portal.services import audit
from portal.services.actors import SYSTEM

Holder = Account | Officer

CHALLENGE_LASTS = timedelta(minutes=5)
REGISTER, SIGN_IN, STEP_UP = "register", "sign_in", "step_up"
MOST = 10
"""Passkeys of one person."""

NOT_MADE = _l("The passkey could not be set up. Try again.")
TOO_MANY = _l("You have as many passkeys as an account can have. Remove one first.")


@dataclass(frozen=True)
class Claimed:
    """A challenge that was used up, and what it was for."""

    challenge: bytes
    purpose: str
    holder_id: uuid.UUID | None


def of(session: Session, person: Holder) -> list[Passkey]:
    """The passkeys of `person`, the oldest first."""
    column = Passkey.account_id if isinstance(person, Account) else Passkey.officer_id
    return list(session.scalars(select(Passkey).where(column == person.id).order_by(Passkey.created_at)))


def begin_registration(session: Session, person: Holder, *, binding: bytes) -> str:
    """Begin to make a passkey for `person`: what to ask the browser, as JSON."""
    challenge = _begin(session, REGISTER, binding, person.id)
    known = [passkey.credential_id for passkey in of(session, person)]
    return passkeys.registration_options(
        challenge,
        audience=person.audience,
        user_id=person.id.bytes,
        user_name=person.email or "Passage",
        known=known,
    )


def begin_sign_in(
    session: Session, *, audience: str, binding: bytes, purpose: str = SIGN_IN, person: Holder | None = None
) -> str:
    """Begin to ask for a passkey, as JSON. Without `person` any passkey will do, so that nobody learns who has one."""
    challenge = _begin(session, purpose, binding, person.id if person else None)
    allowed = [passkey.credential_id for passkey in of(session, person)] if person else []
    return passkeys.sign_in_options(challenge, audience=audience, allowed=allowed)


def claim(session: Session, *, binding: bytes, purpose: str) -> Claimed | None:
    """Use up the last challenge of this browser for this purpose. In a transaction that is kept, whatever follows."""
    wanted = (
        select(PasskeyChallenge.id)
        .where(PasskeyChallenge.binding == binding, PasskeyChallenge.purpose == purpose)
        .order_by(PasskeyChallenge.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    taken = session.execute(
        update(PasskeyChallenge)
        .where(PasskeyChallenge.id == wanted, PasskeyChallenge.used_at.is_(None), PasskeyChallenge.expires_at > now())
        .values(used_at=now())
        .returning(PasskeyChallenge.challenge, PasskeyChallenge.purpose, PasskeyChallenge.holder_id)
    ).one_or_none()
    return Claimed(*taken) if taken else None


def finish_registration(
    session: Session, person: Holder, claimed: Claimed | None, *, answer: str, name: str
) -> Passkey:
    """Keep the new passkey of `person`. Raises RuleViolation for an answer that is not genuine."""
    if claimed is None or claimed.purpose != REGISTER or claimed.holder_id != person.id:
        raise RuleViolation(NOT_MADE)
    if len(of(session, person)) >= MOST:
        raise RuleViolation(TOO_MANY)
    try:
        made = passkeys.verify_registration(answer, claimed.challenge, audience=person.audience)
    except passkeys.Refused as error:
        raise RuleViolation(NOT_MADE) from error
    if _with_credential(session, made.credential_id) is not None:
        raise RuleViolation(NOT_MADE)
    passkey = Passkey(
        account=person if isinstance(person, Account) else None,
        officer=person if isinstance(person, Officer) else None,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        name=name,
    )
    session.add(passkey)
    session.flush()
    audit.record(session, "passkey:add", passkey, by=person)
    return passkey


def finish_sign_in(
    session: Session, claimed: Claimed | None, *, answer: str, audience: str, purpose: str = SIGN_IN
) -> Passkey | None:
    """The passkey that answered, with its holder. None, recorded, for any answer that does not open this door."""
    if claimed is None or claimed.purpose != purpose:
        return None
    try:
        passkey = _with_credential(session, passkeys.credential_of(answer))
        if passkey is None or not _may_answer(passkey, claimed, audience):
            return None
        passkey.sign_count = passkeys.verify_sign_in(
            answer,
            claimed.challenge,
            audience=audience,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
        )
    except passkeys.Refused:
        return None
    passkey.used_at = now()
    audit.record(session, "passkey:use", passkey, by=passkey.holder, purpose=purpose)
    return passkey


def rename(session: Session, passkey: Passkey, name: str) -> None:
    """Call a passkey by another name."""
    passkey.name = name
    audit.record(session, "passkey:rename", passkey, by=passkey.holder)


def record_refusal(session: Session, purpose: str, audience: str) -> None:
    """Write down that a passkey's answer was refused. In a transaction that is kept."""
    audit.record(session, "passkey:refuse", "passkey", by=SYSTEM, purpose=purpose, audience=audience)


def _may_answer(passkey: Passkey, claimed: Claimed, audience: str) -> bool:
    holder = passkey.holder
    is_asked = claimed.holder_id is None or claimed.holder_id == holder.id
    return is_asked and holder.audience == audience and holder.disabled_at is None


def _with_credential(session: Session, credential_id: bytes) -> Passkey | None:
    query = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    return session.scalars(query).one_or_none()


def _begin(session: Session, purpose: str, binding: bytes, holder_id: uuid.UUID | None) -> bytes:
    challenge = secrets.token_bytes(32)
    session.add(
        PasskeyChallenge(
            challenge=challenge,
            purpose=purpose,
            binding=binding,
            holder_id=holder_id,
            expires_at=now() + CHALLENGE_LASTS,
        )
    )
    session.flush()
    return challenge
