"""Roles of officers: one administrator proposes them, another one of the same agency grants them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import NotFound, RuleViolation
from portal.domain.permissions import OFFICER_ROLES, Role
from portal.i18n import Lazy as _l
from portal.models import Officer, RoleGrant
from portal.services import audit, notifications, officer_links, passkeys, sign_in_news, sign_ins

LASTS = timedelta(days=14)
DECLINED_SHOWN = timedelta(days=30)
"""For how long the list of officers shows the proposer what was declined."""
DECIDING = (Role.OFFICER, Role.SUPERVISOR)
"""Who decides on applications has a staff number: one person has one sign-in."""

NOT_FOR_ONESELF = _l("You cannot propose roles for yourself. Ask another administrator.")
SAME_AS_NOW = _l("The officer has these roles already")
NO_SUCH_ROLE = _l("Choose at least one of the roles in the list")
ANOTHER_PERSON = _l("Another administrator has to grant this: you proposed it.")
NOT_ONES_OWN = _l("You cannot grant roles to yourself. Ask another administrator.")
SAY_WHY = _l("Write why you decline")
NOT_NOW = _l("Whoever proposed this is not an administrator any more. Decline it, and propose it yourself.")
NEEDS_NUMBER = _l("Who decides on applications needs a staff number, and this colleague has none. Invite them with it.")
OVER = _l("This proposal is over. Somebody settled it, or it waited for too long.")


def propose(session: Session, officer: Officer, roles: Sequence[str], *, by: Officer) -> RoleGrant:
    """Propose that `officer` has exactly these roles; a proposal that waited is replaced.

    Raises NotFound outside one's agency; RuleViolation for oneself, for unknown roles, for what is so already,
    and for who has no staff number and would decide.
    """
    if officer.agency != by.agency:
        raise NotFound
    if officer.id == by.id:
        raise RuleViolation(NOT_FOR_ONESELF)
    wanted = sorted(set(roles))
    if not wanted or not set(wanted) <= set(OFFICER_ROLES):
        raise RuleViolation(NO_SUCH_ROLE)
    if wanted == sorted(officer.roles) and officer.disabled_at is None:
        raise RuleViolation(SAME_AS_NOW)
    if officer.staff_number is None and set(wanted) & set(DECIDING):
        raise RuleViolation(NEEDS_NUMBER)
    if waiting := open_for(session, officer):
        _settle(waiting, "replaced", by)
        session.flush()
    grant = RoleGrant(
        officer_id=officer.id,
        agency=officer.agency,
        roles=wanted,
        proposed_by=by.id,
        proposed_at=now(),
        expires_at=now() + LASTS,
    )
    session.add(grant)
    session.flush()
    audit.record(session, "role_grant:propose", officer, by=by, roles=", ".join(wanted))
    return grant


def waiting(session: Session, agency: str) -> list[RoleGrant]:
    """The proposals of an agency that wait for another administrator, the oldest first."""
    query = select(RoleGrant).where(
        RoleGrant.agency == agency, RoleGrant.settled_at.is_(None), RoleGrant.expires_at > now()
    )
    return list(session.scalars(query.order_by(RoleGrant.proposed_at)))


def open_for(session: Session, officer: Officer) -> RoleGrant | None:
    """The proposal that waits for this officer, also one that waited for too long."""
    query = select(RoleGrant).where(RoleGrant.officer_id == officer.id, RoleGrant.settled_at.is_(None))
    return session.scalars(query).one_or_none()


def find(session: Session, grant_id: uuid.UUID, *, by: Officer) -> RoleGrant:
    """A proposal of one's own agency. Raises NotFound for any other."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None or grant.agency != by.agency:
        raise NotFound
    return grant


def grant(session: Session, grant: RoleGrant, *, by: Officer) -> None:
    """Give the officer the roles. Every session of theirs ends, and they are told; who is new gets the link.

    Raises NotFound outside one's agency; RuleViolation for the proposer, the officer, a proposal that is over,
    and one by somebody who is no administrator any more.
    """
    _take(session, grant, by)
    if by.id == grant.proposed_by:
        raise RuleViolation(ANOTHER_PERSON)
    if by.id == grant.officer_id:
        raise RuleViolation(NOT_ONES_OWN)
    officer = session.get_one(Officer, grant.officer_id, with_for_update=True)
    if not _is_administrator(session.get_one(Officer, grant.proposed_by)):
        raise RuleViolation(NOT_NOW)
    comes_back, officer.disabled_at = officer.disabled_at is not None, None
    _settle(grant, "granted", by)
    session.flush()
    session.execute(select(func.give_roles(grant.id)))  # the database gives them, or refuses: nothing else can
    session.refresh(officer)
    audit.record(session, "role_grant:grant", officer, by=by, roles=", ".join(grant.roles))
    sign_ins.end_all(session, officer, by=by)
    if comes_back or officer.activated_at is None:
        _begin_anew(session, officer, by)
    else:
        sign_in_news.tell(session, officer, "roles_changed")


def decline(session: Session, grant: RoleGrant, why: str = "", *, by: Officer) -> None:
    """Leave the officer's roles as they are, and tell the proposer, who reads why. Who proposed may take it back alone.

    Raises RuleViolation where a colleague's proposal is declined without a reason; otherwise as `grant` does.
    """
    _take(session, grant, by)
    is_own = grant.proposed_by == by.id
    if not why and not is_own:
        raise RuleViolation(SAY_WHY)
    grant.declined_because = why or None  # first: sealing reads the officer, which flushes
    _settle(grant, "declined", by)
    audit.record(session, "role_grant:decline", grant.officer, by=by, roles=", ".join(grant.roles))
    if not is_own and grant.proposer.disabled_at is None:
        notifications.send(session, "officer_grant_declined", to=grant.proposer)


def declined_of(session: Session, by: Officer) -> list[RoleGrant]:
    """One's own proposals that a colleague declined in the last DECLINED_SHOWN, the newest first."""
    query = select(RoleGrant).where(
        RoleGrant.proposed_by == by.id,
        RoleGrant.outcome == "declined",
        RoleGrant.settled_by != by.id,
        RoleGrant.settled_at > now() - DECLINED_SHOWN,
    )
    return list(session.scalars(query.order_by(RoleGrant.settled_at.desc())))


def drop(session: Session, officer: Officer, *, by: Officer) -> None:
    """Their access ends: whatever was proposed for them is over too."""
    if proposal := open_for(session, officer):
        _settle(proposal, "declined", by)
        audit.record(session, "role_grant:decline", officer, by=by, roles=", ".join(proposal.roles))


def _begin_anew(session: Session, officer: Officer, by: Officer) -> None:
    for passkey in passkeys.of(session, officer):
        audit.record(session, "passkey:remove", passkey, by=by)
        session.delete(passkey)
    officer.password_hash = None
    officer_links.send(session, officer, by)


def _take(session: Session, grant: RoleGrant, by: Officer) -> None:
    session.flush()  # what was settled a moment ago counts
    session.refresh(grant, with_for_update=True)
    if grant.agency != by.agency:
        raise NotFound
    if grant.settled_at is not None or grant.expires_at <= now():
        raise RuleViolation(OVER)


def _is_administrator(officer: Officer) -> bool:
    return Role.ADMINISTRATOR in officer.roles and officer.activated_at is not None and officer.disabled_at is None


def _settle(grant: RoleGrant, outcome: str, by: Officer) -> None:
    grant.outcome, grant.settled_by, grant.settled_at = outcome, by.id, now()
