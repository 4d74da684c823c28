"""Sign-in elsewhere (OpenID Connect): asking a provider who is there, and whom of ours it knows."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.adapters import identity_providers
from portal.adapters.identity_providers import NATIONAL, Identity, Provider, Refused, Unreachable
from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, LinkedIdentity, Officer, ProviderQuestion
from portal.models.accounts import email_indexes
from portal.models.encryption import keyring
from portal.services import audit, sign_in_news
from portal.services.actors import SYSTEM

__all__ = ["Refused", "Unreachable"]

LASTS = timedelta(minutes=10)
FRESH_FOR = timedelta(minutes=5)
"""How long ago a factor may have been shown at the provider to count as shown again."""
SIGN_IN, LINK, PROVE = "sign_in", "link", "prove"
Holder = Account | Officer

TAKEN = _l("This sign-in belongs to another account already")


@dataclass(frozen=True)
class Asked:
    """A question that was put to a provider and is used up now."""

    state: str
    provider: str
    purpose: str
    holder_id: uuid.UUID | None


def provider_for(key: str) -> Provider | None:
    """The provider of this name (`national`, or an agency's), where the settings name one."""
    return identity_providers.provider(key)


def ask(
    session: Session, provider: Provider, *, purpose: str, binding: bytes, back_to: str, language: str,
    holder: Holder | None = None,
) -> str:  # fmt: skip
    """Put a question to the provider for the browser with this binding: where to send it. Raises Unreachable."""
    state = secrets.token_urlsafe(32)
    nonce, verifier = _secrets_of(state)
    address = identity_providers.address_of_question(
        provider, state=state, nonce=nonce, verifier=verifier, back_to=back_to, language=language,
        again=purpose == PROVE,
    )  # fmt: skip
    session.add(
        ProviderQuestion(
            state_hash=_hash(state),
            provider=provider.key,
            purpose=purpose,
            binding=binding,
            holder_id=holder.id if holder else None,
            expires_at=now() + LASTS,
        )
    )
    session.flush()
    return address


def claim(session: Session, state: str, *, provider: Provider, binding: bytes) -> Asked | None:
    """Use up the question with this state: None, recorded, for one of another browser, provider or time, or used
    before. In a transaction that is kept, whatever follows."""
    taken = session.execute(
        update(ProviderQuestion)
        .where(
            ProviderQuestion.state_hash == _hash(state),
            ProviderQuestion.provider == provider.key,
            ProviderQuestion.binding == binding,
            ProviderQuestion.used_at.is_(None),
            ProviderQuestion.expires_at > now(),
        )
        .values(used_at=now())
        .returning(ProviderQuestion.purpose, ProviderQuestion.holder_id)
    ).one_or_none()
    if taken is None:
        record_refusal(session, provider, "state")
        return None
    return Asked(state, provider.key, *taken)


def answer(provider: Provider, asked: Asked, *, code: str, said_issuer: str | None, back_to: str) -> Identity:
    """Who the provider says is there. Raises Refused or Unreachable."""
    nonce, verifier = _secrets_of(asked.state)
    return identity_providers.who_is_there(
        provider, code=code, said_issuer=said_issuer, nonce=nonce, verifier=verifier, back_to=back_to
    )


def record_refusal(session: Session, provider: Provider, why: str) -> None:
    """Write down an answer that opens nothing. In a transaction that is kept."""
    audit.record(session, "identity:refuse", "linked_identity", by=SYSTEM, provider=provider.key, why=why)


def holder_of(session: Session, identity: Identity) -> Holder | None:
    """The account or officer whom the provider knows under this name, where they may come in.

    An agency's directory may bring in its own officers for the first time by the address it has proved: those who were
    invited, and those who came in by another way so far. Nobody else is matched by an address.
    """
    known = _linked(session, identity)
    holder = known.holder if known else _officer_with_address(session, identity)
    if holder is None or holder.disabled_at is not None or not _is_of(identity, holder):
        return None
    if isinstance(holder, Officer) and not holder.roles:  # nobody has granted what was proposed yet
        return None
    if known is None:
        known = _link(session, holder, identity)
    known.used_at = now()
    if isinstance(holder, Officer) and holder.activated_at is None:
        holder.activated_at = now()
        audit.record(session, "officer:activate", holder, by=holder)
    audit.record(session, "identity:use", known, by=holder, provider=identity.provider)
    return holder


def link(session: Session, account: Account, identity: Identity) -> LinkedIdentity:
    """Let `account` be opened by this identity too, and tell its holder. Raises RuleViolation when it is another's."""
    known = _linked(session, identity)
    if known is not None:
        if known.holder.id != account.id:
            raise RuleViolation(TAKEN)
        return known
    if present := of(session, account):
        unlink(session, present)
        session.flush()
    linked = _link(session, account, identity)
    sign_in_news.tell(session, account, "identity_linked")
    return linked


def of(session: Session, account: Account) -> LinkedIdentity | None:
    """The national sign-in that opens this account."""
    return session.scalars(select(LinkedIdentity).where(LinkedIdentity.account_id == account.id)).one_or_none()


def has_directory(session: Session, officer: Officer) -> bool:
    """Whether this officer comes in by the agency's directory, and it is there."""
    if identity_providers.provider(officer.agency) is None:
        return False
    query = select(LinkedIdentity.id).where(LinkedIdentity.officer_id == officer.id)
    return session.scalars(query).first() is not None


def unlink(session: Session, linked: LinkedIdentity) -> None:
    """The identity opens the account no more; its holder is told."""
    holder = linked.holder
    audit.record(session, "identity:unlink", linked, by=holder, provider=linked.provider)
    session.delete(linked)
    sign_in_news.tell(session, holder, "identity_unlinked")


def is_fresh(identity: Identity) -> bool:
    """Whether a factor was shown at the provider just now."""
    return identity.proved_at is not None and now().timestamp() - identity.proved_at <= FRESH_FOR.total_seconds()


def _is_of(identity: Identity, holder: Holder) -> bool:
    return holder.agency == (None if identity.provider == NATIONAL else identity.provider)


def _officer_with_address(session: Session, identity: Identity) -> Officer | None:
    if identity.provider == NATIONAL or identity.email is None:
        return None
    query = select(Officer).where(
        Officer.email_index.in_(email_indexes(identity.email)), Officer.agency == identity.provider
    )
    officer = session.scalars(query).first()
    if officer is None or has_directory(session, officer):  # the directory knows this officer under another name
        return None
    return officer


def _link(session: Session, holder: Holder, identity: Identity) -> LinkedIdentity:
    linked = LinkedIdentity(
        account=holder if isinstance(holder, Account) else None,
        officer=holder if isinstance(holder, Officer) else None,
        provider=identity.provider,
        subject_hash=_subject(identity),
    )
    session.add(linked)
    session.flush()
    audit.record(session, "identity:link", linked, by=holder, provider=identity.provider)
    return linked


def _linked(session: Session, identity: Identity) -> LinkedIdentity | None:
    query = select(LinkedIdentity).where(LinkedIdentity.subject_hash == _subject(identity)).with_for_update()
    return session.scalars(query).one_or_none()


def _subject(identity: Identity) -> bytes:
    return hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).digest()


def _secrets_of(state: str) -> tuple[str, str]:
    """Nonce and code verifier of a question: made from its state by our key, so that neither is kept anywhere."""
    return keyring().blind_index("provider_nonce", state).hex(), keyring().blind_index("provider_code", state).hex()


def _hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()
