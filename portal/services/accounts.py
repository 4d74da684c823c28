"""Travellers' accounts: making one, proving an address, choosing and changing a password, language of messages.

Whatever an address is to us (unknown, unconfirmed, known, disabled), what the caller gets is the same: who asks
learns nothing; only the address's owner does, by mail. A code proves an address and nothing else; it works once, for
ten minutes, and only for the browser that asked for it (`nonce`), so that nobody guesses at another's code.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.domain.passwords import trouble_with
from portal.i18n import Lazy as _l
from portal.models import Account, EmailCode, SignIn
from portal.models.accounts import email_index, email_indexes
from portal.models.encryption import keyring
from portal.services import audit, notifications, sign_ins

CODE_LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=30)
SIGN_UP, RESET, RECOVER = "sign_up", "reset", "recover"

WRONG_PASSWORD = _l("The current password is not right")


def sign_up(session: Session, email: str, *, language: str, nonce: str) -> None:
    """Send a code to a new or unfinished account's address; tell the holder of a finished one that it exists."""
    account = find(session, *email_indexes(email)) or _create(session, email, language)
    if account is not None and not is_finished(account):
        account.language = language
    prove_address(session, account, purpose=SIGN_UP, nonce=nonce)


def _create(session: Session, email: str, language: str) -> Account | None:
    account = Account(email=email, email_index=email_index(email), language=language)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        return find(session, *email_indexes(email))  # another request was faster
    audit.record(session, "account:create", account, by=account)
    return account


def find(session: Session, *indexes: bytes) -> Account | None:
    """The account whose address has one of these blind indexes: one for each index key that is live."""
    query = select(Account).where(Account.email_index.in_(indexes)).order_by(Account.created_at)
    return session.scalars(query).first()


def is_finished(account: Account) -> bool:
    """Whether its holder has chosen how to sign in."""
    return account.password_hash is not None or account.enrolled_at is not None


def prove_address(session: Session, account: Account | None, *, purpose: str, nonce: str) -> None:
    """Send what this account's address should receive: a code, word that the account exists, or nothing."""
    if account is None or account.disabled_at is not None:
        return
    if purpose == SIGN_UP and is_finished(account):
        notifications.send(session, "account_exists", to=account)
        return
    _send_code(session, account, purpose=purpose, nonce=nonce)


def _send_code(session: Session, account: Account, *, purpose: str, nonce: str) -> None:
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        EmailCode(
            account=account,
            purpose=purpose,
            code_hash=_code_hash(purpose, nonce, code),
            expires_at=now() + CODE_LASTS,
        )
    )
    notifications.send(session, "email_code", to=account, secrets={"code": code})


def _code_hash(purpose: str, nonce: str, code: str) -> bytes:
    return keyring().blind_index("email_code", f"{purpose}|{nonce}|{code}")


def confirm(session: Session, *indexes: bytes, purpose: str, nonce: str, code: str) -> EmailCode | None:
    """Use up a code; the address is proved, and a password may be chosen for half an hour. None for a wrong code."""
    query = (
        select(EmailCode)
        .join(EmailCode.account)
        .where(
            Account.email_index.in_(indexes),
            Account.disabled_at.is_(None),
            EmailCode.code_hash == _code_hash(purpose, nonce, code),
            EmailCode.used_at.is_(None),
            EmailCode.expires_at > now(),
        )
        .with_for_update(of=EmailCode)
    )
    proof = session.scalars(query).first()
    if proof is None:
        return None
    proof.used_at, proof.expires_at = now(), now() + PROOF_LASTS
    proof.account.email_confirmed_at = proof.account.email_confirmed_at or now()
    audit.record(session, "account:prove_address", proof.account, by=proof.account)
    return proof


def open_proof(session: Session, proof_id: uuid.UUID) -> EmailCode | None:
    """The proof of an address by which a password may still be chosen."""
    query = (
        select(EmailCode)
        .join(EmailCode.account)
        .where(
            EmailCode.id == proof_id,
            EmailCode.used_at.is_not(None),
            EmailCode.expires_at > now(),
            Account.disabled_at.is_(None),
        )
        .with_for_update(of=EmailCode)
    )
    return session.scalars(query).one_or_none()


def choose_password(session: Session, proof: EmailCode, password: str) -> Account:
    """Set the first password, or a new one for a forgotten one, which ends every session. Uses up the proof.

    Raises RuleViolation with what is wrong with the password.
    """
    account = proof.account
    is_first = account.enrolled_at is None and account.password_hash is None
    _set_password(account, password)
    end_proof(proof)
    audit.record(session, "account:choose_password", account, by=account)
    if not is_first:
        sign_ins.end_all(session, account, by=account)
        notifications.send(session, "password_changed", to=account)
    session.flush()
    return account


def end_proof(proof: EmailCode) -> None:
    """What the address was proved for is done."""
    proof.expires_at = now()


def mark_enrolled(session: Session, account: Account) -> None:
    """There is a whole way in now."""
    account.enrolled_at = account.enrolled_at or now()
    audit.record(session, "account:enrol", account, by=account)


def is_password(account: Account, password: str) -> bool:
    """Whether this is the account’s password."""
    return passwords.verify(account.password_hash, password)


def check_password(session: Session, email: str, password: str) -> Account | None:
    """The account that opens with this address and password. Takes as long when it is None."""
    account = find(session, *email_indexes(email))
    good = passwords.verify(account.password_hash if account else None, password)
    if account is None or not good or account.disabled_at is not None:
        return None
    if passwords.is_outdated(account.password_hash or ""):
        account.password_hash = passwords.hash(password)
    return account


def change_password(session: Session, account: Account, *, present: str, new: str, here: SignIn) -> None:
    """Change the password and end every session but `here`. Raises RuleViolation."""
    if not passwords.verify(account.password_hash, present):
        raise RuleViolation(WRONG_PASSWORD)
    _set_password(account, new)
    sign_ins.end_all(session, account, except_for=here, by=account)
    notifications.send(session, "password_changed", to=account)
    audit.record(session, "account:change_password", account, by=account)


def change_language(session: Session, account: Account, language: str) -> None:
    """Write to the account's holder in `language` from now on."""
    account.language = language
    audit.record(session, "account:change_language", account, by=account, language=language)


def _set_password(account: Account, password: str) -> None:
    if trouble := trouble_with(password, email=account.email or ""):
        raise RuleViolation(trouble)
    account.password_hash = passwords.hash(password)
