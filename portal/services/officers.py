"""Officers of the two agencies: invited, let in, sent away. Each agency sees and manages its own people only."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.clock import now
from portal.domain.competences import COMPETENCES
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.passwords import trouble_with
from portal.domain.permissions import Role
from portal.i18n import Lazy as _l
from portal.models import Officer, OfficerInvitation, SignIn
from portal.models.accounts import email_index, email_indexes
from portal.services import audit, hand_overs, officer_links, passkeys, role_grants, sign_ins
from portal.services.actors import SYSTEM, Actor
from portal.services.passkeys import Claimed

ALREADY_HERE = _l("An officer with this email address is in the list already")
NOT_THIS_ADDRESS = _l("This email address cannot be invited. Use another one.")
NOT_ONESELF = _l("You cannot end your own access. Ask another administrator.")
NOT_OWN_PASSKEYS = _l("You cannot replace your own passkeys. Ask another administrator.")
NO_ACCESS = _l("This officer has no access that could be renewed")
NO_NUMBER = _l("Enter the staff number")
ONE_EACH = _l("An officer with this staff number has a sign-in already. One person has one.")
TWO_AT_LEAST = _l("Name two administrators or more, each with their own address")
ALREADY_BEGUN = _l("This agency has an administrator already")


def of_agency(session: Session, agency: str) -> list[Officer]:
    """The officers of one agency, by name."""
    officers = session.scalars(select(Officer).where(Officer.agency == agency)).all()
    return sorted(officers, key=lambda officer: (officer.name or "").casefold())


def last_sign_ins(session: Session, agency: str) -> dict[uuid.UUID, datetime]:
    """When each officer of an agency signed in last; who never did is not in it."""
    query = select(SignIn.officer_id, func.max(SignIn.created_at)).join(Officer, Officer.id == SignIn.officer_id)
    rows = session.execute(query.where(Officer.agency == agency).group_by(SignIn.officer_id))
    return {officer_id: at for officer_id, at in rows if officer_id is not None}


def colleague(session: Session, officer_id: uuid.UUID, *, by: Officer) -> Officer:
    """An officer of one's own agency; the look is recorded. Raises NotFound for anybody else."""
    officer = session.get(Officer, officer_id)
    if officer is None or officer.agency != by.agency:
        raise NotFound
    audit.record(session, "officer:view", officer, by=by)
    return officer


def invite(
    session: Session,
    *,
    name: str,
    email: str,
    roles: Sequence[str],
    language: str,
    staff_number: str,
    by: Officer,
) -> Officer:
    """Propose that somebody joins one's own agency with these roles; the link goes out when another administrator
    grants them. Invited again before they came: with the same roles, they get a new link; with others, it waits anew.

    Raises RuleViolation for an address or a staff number that has a sign-in already, for no number at all, and for
    roles that are none.
    """
    number = canonical(staff_number)
    if not number:
        raise RuleViolation(NO_NUMBER)
    officer = _prepared(session, by.agency, name=name, email=email, language=language)
    if _with_staff_number(session, by.agency, number) not in (None, officer):
        raise RuleViolation(ONE_EACH)
    officer.staff_number = number
    session.flush()
    audit.record(session, "officer:invite", officer, by=by, roles=", ".join(sorted(roles)))
    if officer.roles and sorted(set(roles)) == sorted(officer.roles):
        officer_links.send(session, officer, by)
    else:
        role_grants.propose(session, officer, roles, by=by)
    return officer


def canonical(staff_number: str) -> str:
    """A staff number as it is compared: "a-17", "A 17" and "Ａ１７" are all A17, and so one person's."""
    known = unicodedata.normalize("NFKC", staff_number).upper()
    return "".join(sign for sign in known if sign.isascii() and sign.isalnum())


def bootstrap(session: Session, agency: str, people: Sequence[tuple[str, str]]) -> list[tuple[Officer, str]]:
    """Invite the first administrators of an agency, two at least: (name, address) each.

    Gives each officer with the token of their link. Raises RuleViolation when the agency has an administrator.
    """
    named = {email.casefold() for name, email in people if name and "@" in email}
    if len(named) < max(2, len(people)):
        raise RuleViolation(TWO_AT_LEAST)
    if any(officer.activated_at and "administrator" in officer.roles for officer in of_agency(session, agency)):
        raise RuleViolation(ALREADY_BEGUN)
    return [_begin_with(session, agency, name, email) for name, email in people]


def _begin_with(session: Session, agency: str, name: str, email: str) -> tuple[Officer, str]:
    officer = _prepared(session, agency, name=name, email=email, language="en")
    session.execute(select(func.give_first_roles(officer.id)))
    session.refresh(officer)
    audit.record(session, "officer:invite", officer, by=SYSTEM, roles="administrator")
    return officer, officer_links.send(session, officer, SYSTEM)


def _prepared(session: Session, agency: str, *, name: str, email: str, language: str) -> Officer:
    officer = _invited_before(session, agency, email)
    if officer is None:
        officer = Officer(email=email, email_index=email_index(email), agency=agency, roles=[], language=language)
        session.add(officer)
    officer.name, officer.language = name, language
    session.flush()
    return officer


def _with_staff_number(session: Session, agency: str, staff_number: str) -> Officer | None:
    query = select(Officer).where(
        Officer.agency == agency, Officer.staff_number == staff_number, Officer.disabled_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def _invited_before(session: Session, agency: str, email: str) -> Officer | None:
    officer = _find(session, email)
    if officer is None:
        return None
    if officer.agency != agency:
        raise RuleViolation(NOT_THIS_ADDRESS)
    if officer.activated_at is not None or officer.disabled_at is not None:
        raise RuleViolation(ALREADY_HERE)
    return officer


def accept_with_passkey(session: Session, token: str, claimed: Claimed | None, *, answer: str, name: str) -> Officer:
    """Keep the invited officer's passkey and use up the link. Raises NotFound, or RuleViolation for the passkey."""
    invitation = officer_links.open_invitation(session, token)
    passkeys.finish_registration(session, invitation.officer, claimed, answer=answer, name=name)
    return _activate(session, invitation)


def accept_invitation(session: Session, token: str, *, password: str) -> Officer:
    """Set the invited officer's password and use up the link: the demonstration's way, which production never offers.

    Raises NotFound, or RuleViolation for the password.
    """
    invitation = officer_links.open_invitation(session, token)
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
    return _begin_anew(session, officer, by=by)


def rescue_administrator(session: Session, email: str) -> str:
    """What `replace_passkeys` does, by the operator, for an administrator whom no colleague can help.

    Gives the link's token, which goes to their work address only. Raises RuleViolation where no administrator who has
    access has this address.
    """
    officer = _find(session, email)
    if officer is None or Role.ADMINISTRATOR not in officer.roles:
        raise RuleViolation(NO_ACCESS)
    return _begin_anew(session, officer, by=SYSTEM)


def _begin_anew(session: Session, officer: Officer, *, by: Actor) -> str:
    if officer.disabled_at is not None or officer.activated_at is None:
        raise RuleViolation(NO_ACCESS)
    for passkey in passkeys.of(session, officer):
        audit.record(session, "passkey:remove", passkey, by=by)
        session.delete(passkey)
    officer.password_hash = None
    sign_ins.end_all(session, officer, by=by)
    audit.record(session, "officer:replace_passkeys", officer, by=by)
    return officer_links.send(session, officer, by)


def check_password(session: Session, email: str, password: str) -> Officer | None:
    """The officer who signs in to the demonstration with this address and password. Takes as long when it is None."""
    officer = _find(session, email)
    good = passwords.verify(officer.password_hash if officer else None, password)
    if officer is None or not good or officer.disabled_at is not None or officer.activated_at is None:
        return None
    return officer


def change(
    session: Session,
    officer: Officer,
    *,
    centre_id: uuid.UUID | None,
    languages: Sequence[str],
    competences: Sequence[str] = (),
    by: Officer,
) -> None:
    """Note where an officer works, in which languages they hold interviews, and for what they were trained.

    Raises NotFound outside one's agency.
    """
    if officer.agency != by.agency:
        raise NotFound
    officer.centre_id, officer.languages = centre_id, sorted(languages)
    officer.competences = sorted(set(competences) & set(COMPETENCES))
    audit.record(session, "officer:change", officer, by=by, competences=", ".join(officer.competences))


def disable(session: Session, officer: Officer, *, by: Officer, successor: Officer | None = None) -> None:
    """End an officer's access, sessions and open links at once; what they hold goes to `successor`.

    Raises RuleViolation for oneself, and where something is held and nobody named takes it over.
    """
    if officer.agency != by.agency:
        raise NotFound
    if officer.id == by.id:
        raise RuleViolation(NOT_ONESELF)
    hand_overs.hand_over(session, officer, successor, by=by)
    officer.disabled_at = now()
    officer_links.end(session, officer)
    role_grants.drop(session, officer, by=by)
    sign_ins.end_all(session, officer, by=by)
    audit.record(session, "officer:disable", officer, by=by)


def _find(session: Session, email: str) -> Officer | None:
    return session.scalars(select(Officer).where(Officer.email_index.in_(email_indexes(email)))).first()
