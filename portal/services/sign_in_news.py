"""Word to somebody that the ways to sign in to their account changed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.clock import today
from portal.models import Account, Officer
from portal.services import notifications


def tell(session: Session, person: Account | Officer, what: str, *, device: str | None = None) -> None:
    """Write to the holder: `what` is one of those in `emails/_sign_in_change`."""
    event = "sign_in_settings_changed" if isinstance(person, Account) else "officer_sign_in_changed"
    facts = {"what": what, "device": device, "changed_on": today().isoformat()}
    notifications.send(session, event, to=person, facts=facts)
