"""Authenticator apps: a secret shared once, then codes of six digits, each of which works once."""

from __future__ import annotations

import hmac
from datetime import timedelta

import pyotp
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from portal.clock import now
from portal.domain.errors import RuleViolation
from portal.i18n import Lazy as _l
from portal.models import Account, AuthenticatorApp, Officer
from portal.services import audit

Holder = Account | Officer

STEP = 30
DRIFT = (0, -1, 1)
"""Steps by which a phone's clock may differ."""
BEGUN_FOR = timedelta(hours=1)
MOST = 3
"""Apps of one person."""

WRONG_CODE = _l("This code is not right. Wait for the next code in the app, then enter that one.")
TOO_MANY = _l("You have as many authenticator apps as an account can have. Remove one first.")


def of(session: Session, person: Holder) -> list[AuthenticatorApp]:
    """The apps of `person` that count, the oldest first."""
    query = select(AuthenticatorApp).where(_is_of(person), AuthenticatorApp.confirmed_at.is_not(None))
    return list(session.scalars(query.order_by(AuthenticatorApp.created_at)))


def begun(session: Session, person: Holder) -> AuthenticatorApp | None:
    """The app that the person is adding, of the last hour, and that does not count yet."""
    query = select(AuthenticatorApp).where(
        _is_of(person), AuthenticatorApp.confirmed_at.is_(None), AuthenticatorApp.created_at > now() - BEGUN_FOR
    )
    return session.scalars(query.order_by(AuthenticatorApp.created_at.desc())).first()


def begin(session: Session, person: Holder, *, secret: str | None = None) -> AuthenticatorApp:
    """Begin to add an app: the one begun before and not confirmed, or a new secret. Counts once it is confirmed."""
    before = begun(session, person)
    if before is not None and secret is None:
        return before
    app = AuthenticatorApp(
        account=person if isinstance(person, Account) else None,
        officer=person if isinstance(person, Officer) else None,
        secret=secret or pyotp.random_base32(),
    )
    session.add(app)
    session.flush()
    return app


def address(app: AuthenticatorApp) -> str:
    """The `otpauth` address by which an app takes the secret over."""
    return pyotp.TOTP(app.secret or "").provisioning_uri(name=app.holder.email or "", issuer_name="Passage")


def confirm(session: Session, app: AuthenticatorApp, code: str) -> None:
    """The app shows the right codes: it counts from now on. Raises RuleViolation for a wrong code."""
    if len(of(session, app.holder)) >= MOST:
        raise RuleViolation(TOO_MANY)
    if not _use(session, app, code):
        raise RuleViolation(WRONG_CODE)
    app.confirmed_at = now()
    audit.record(session, "authenticator_app:add", app, by=app.holder)


def check(session: Session, person: Holder, code: str) -> bool:
    """Whether one of the person's apps shows this code now, and it was not used before. Uses it up."""
    for app in of(session, person):
        if _use(session, app, code):
            audit.record(session, "authenticator_app:use", app, by=person)
            return True
    return False


def _use(session: Session, app: AuthenticatorApp, code: str) -> bool:
    step = _step_of(app, code)
    if step is None:
        return False
    # Guarded, so that of two requests with the same code one is refused.
    never_seen = or_(AuthenticatorApp.last_step.is_(None), AuthenticatorApp.last_step < step)
    taken = session.execute(
        update(AuthenticatorApp)
        .where(AuthenticatorApp.id == app.id, never_seen)
        .values(last_step=step, used_at=now())
        .returning(AuthenticatorApp.id)
    )
    return taken.one_or_none() is not None


def _step_of(app: AuthenticatorApp, code: str) -> int | None:
    """The step whose code this is, as far as clocks may differ. Takes as long for a wrong one."""
    totp, present = pyotp.TOTP(app.secret or ""), int(now().timestamp()) // STEP
    found = [step for step in (present + drift for drift in DRIFT)
             if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())]  # fmt: skip
    return found[0] if found else None


def _is_of(person: Holder) -> ColumnElement[bool]:
    column = AuthenticatorApp.account_id if isinstance(person, Account) else AuthenticatorApp.officer_id
    return column == person.id
