"""The demonstration in place of a phone: what the authenticator apps of accounts made here show now."""

from __future__ import annotations

from pyotp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.cast import TRAVELLERS
from portal.clock import now
from portal.models import Account, AuthenticatorApp

MOST = 10


def newest(session: Session) -> list[tuple[str, str]]:
    """(address, code) of the apps that strangers set up here or are setting up, the newest first."""
    query = select(AuthenticatorApp).join(Account, AuthenticatorApp.account_id == Account.id)
    apps = session.scalars(query.order_by(AuthenticatorApp.created_at.desc()).limit(MOST + len(TRAVELLERS)))
    known = {traveller.email for traveller in TRAVELLERS}
    shown = [(app.holder.email or "", TOTP(app.secret or "").at(now())) for app in apps]
    return [row for row in shown if row[0] not in known][:MOST]
