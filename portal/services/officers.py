"""Officers of the two agencies: invited, let in, sent away. Each agency sees and manages its own people only."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.passwords import trouble_with
from portal.i18n import Lazy as _l
from portal.models import Officer, OfficerInvitation
from portal.models.accounts import email_index, email_indexes
from portal.services import audit, notifications, passkeys, sign_ins
from portal.services.actors import SYSTEM, Actor
from portal.services.passkeys import Claimed

INVITATION_LASTS = timedelta(hours=72)

ALREADY_HERE = _l("An officer with this email address is in the list already")
NOT_THIS_ADDRESS = _l("This email address cannot be invited. Use another one.")
NOT_ONESELF = _l("You cannot end your own access. Ask another administrator.")
NOT_OWN_PASSKEYS = _l("You cannot replace your own passkeys. Ask another administrator.")
NO_ACCESS = _l("This officer has no access that could be renewed")
TWO_AT_LEAST = _l("Name two administrators or more, each with their own address")
ALREADY_BEGUN = _l("This agency has an administrator already")


def of_agency(session: Session, agency: str) -> list[Officer]:
    """The officers of one agency, by name."""
    officers = session.scalars(select(Officer).where(Officer.agency == agency)).all()
    return sorted(officers, key=lambda officer: (officer.name or "").casefold())


def colleague(session: Session, officer_id: uuid.UUID, *, by: Officer) -> Officer:
    """An officer of one's own agency; the look is recorded. Raises NotFound for anybody else."""
    officer = session.get(Officer, officer_id)
    if officer is None or officer.agency != by.agency:
        raise NotFound
    audit.record(session, "officer:view", officer, by=by)
    return officer


def invite(session: Session, *, name: str, email: str, roles: Sequence[str], language: str, by: Officer) -> Officer:
    """Invite somebody into one's own agency by mail; invited again before they came, they get a new link.

    Raises RuleViolation for an address that has a sign-in already.
    """
    officer, _ = _invite(session, by.agency, name=name, email=email, roles=roles, language=language, by=by)
    return officer


def bootstrap(session: Session, agency: str, people: Sequence[tuple[str, str]]) -> list[tuple[Officer, str]]:
    """Invite the first administrators of an agency, two at least: (name, address) each.

    Gives each officer with the token of their link. Raises RuleViolation when the agency has an administrator.
    """
    named = {email.casefold() for name, email in people if name and "@" in email}
    if len(named) < max(2, len(people)):
        raise RuleViolation(TWO_AT_LEAST)
    if any(officer.activated_at and "administrator" in officer.roles for officer in of_agency(session, agency)):
        raise RuleViolation(ALREADY_BEGUN)
    return [
        _invite(session, agency, name=name, email=email, roles=["administrator"], language="en", by=SYSTEM)
        for name, email in people
    ]


def _invite(
    session: Session, agency: str, *, name: str, email: str, roles: Sequence[str], language: str, by: Actor
) -> tuple[Officer, str]:
    officer = _invited_before(session, agency, email)
    if officer is None:
        officer = Officer(email=email, email_index=email_index(email), agency=agency, roles=[], language=language)
        session.add(officer)
    officer.name, officer.roles, officer.language = name, sorted(roles), language
    session.flush()
    token = _new_link(session, officer, by)
    audit.record(session, "officer:invite", officer, by=by, roles=", ".join(officer.roles))
    notifications.send(session, "officer_invited", to=officer, facts={"agency": agency}, secrets={"token": token})
    return officer, token


def _invited_before(session: Session, agency: str, email: str) -> Officer | None:
    officer = _find(session, email)
    if officer is None:
        return None
    if officer.agency != agency:
        raise RuleViolation(NOT_THIS_ADDRESS)
    if officer.activated_at is not None or officer.disabled_at is not None:
        raise RuleViolation(ALREADY_HERE)
    return officer


def _new_link(session: Session, officer: Officer, by: Actor) -> str:
    _end_invitations(session, officer)
    token = secrets.token_urlsafe(32)
    session.add(
        OfficerInvitation(
            officer=officer, invited_by=by.id, token_hash=_hash(token), expires_at=now() + INVITATION_LASTS
        )
    )
    return token


def _end_invitations(session: Session, officer: Officer) -> None:
    mine = (OfficerInvitation.officer_id == officer.id, OfficerInvitation.used_at.is_(None))
    session.execute(update(OfficerInvitation).where(*mine).values(expires_at=now()))


def open_invitation(session: Session, token: str) -> OfficerInvitation:
    """The invitation behind a link, for use. Raises NotFound when it was used, has expired, or never was."""
    query = (
        select(OfficerInvitation)
        .join(OfficerInvitation.officer)
        .where(
            OfficerInvitation.token_hash == _hash(token),
            OfficerInvitation.used_at.is_(None),
            OfficerInvitation.expires_at > now(),
            Officer.disabled_at.is_(None),
        )
        .with_for_update(of=OfficerInvitation)
    )
    invitation = session.scalars(query).one_or_none()
    if invitation is None:
        raise NotFound
    return invitation


def accept_with_passkey(session: Session, token: str, claimed: Claimed | None, *, answer: str, name: str) -> Officer:
    """Keep the invited officer's passkey and use up the link. Raises NotFound, or RuleViolation for the passkey."""
    invitation = open_invitation(session, token)
    passkeys.finish_registration(session, invitation.officer, claimed, answer=answer, name=name)
    return _activate(session, invitation)


def accept_invitation(session: Session, token: str, *, password: str) -> Officer:
    """Set the invited officer's password and use up the link: the demonstration's way, which production never offers.

    Raises NotFound, or RuleViolation for the password.
    """
    invitation = open_invitation(session, token)
    officer = invitation.officer
    if trouble := trouble_with(password, email=officer.email or ""):
        raise RuleViolation(trouble)
    officer.password_hash = passwords.hash(password)
    return _activate(session, invitation)


def _activate(session: Session, invitation: OfficerInvitation) -> Officer:
    officer = invitation.officer
    invitation.used_at = now()
    officer.activated_at = officer.activated_at or now()
    audit.record(session, "officer:activate", officer, by=officer)
    session.flush()
    return officer


def replace_passkeys(session: Session, officer: Officer, *, by: Officer) -> str:
    """An officer lost their passkeys: those end at once, with every session, and a new link goes to their address.

    Gives the link's token. Raises NotFound outside one's agency, RuleViolation for oneself and for who has no access.
    """
    if officer.agency != by.agency:
        raise NotFound
    if officer.id == by.id:
        raise RuleViolation(NOT_OWN_PASSKEYS)
    if officer.disabled_at is not None or officer.activated_at is None:
        raise RuleViolation(NO_ACCESS)
    for passkey in passkeys.of(session, officer):
        audit.record(session, "passkey:remove", passkey, by=by)
        session.delete(passkey)
    officer.password_hash = None
    sign_ins.end_all(session, officer, by=by)
    token = _new_link(session, officer, by)
    audit.record(session, "officer:replace_passkeys", officer, by=by)
    notifications.send(
        session, "officer_invited", to=officer, facts={"agency": officer.agency}, secrets={"token": token}
    )
    return token


def check_password(session: Session, email: str, password: str) -> Officer | None:
    """The officer who signs in to the demonstration with this address and password. Takes as long when it is None."""
    officer = _find(session, email)
    good = passwords.verify(officer.password_hash if officer else None, password)
    if officer is None or not good or officer.disabled_at is not None or officer.activated_at is None:
        return None
    return officer


def disable(session: Session, officer: Officer, *, by: Officer) -> None:
    """End an officer's access, sessions and open links at once. Raises RuleViolation for oneself."""
    if officer.agency != by.agency:
        raise NotFound
    if officer.id == by.id:
        raise RuleViolation(NOT_ONESELF)
    officer.disabled_at = now()
    _end_invitations(session, officer)
    sign_ins.end_all(session, officer, by=by)
    audit.record(session, "officer:disable", officer, by=by)


def _find(session: Session, email: str) -> Officer | None:
    return session.scalars(select(Officer).where(Officer.email_index.in_(email_indexes(email)))).first()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
