"""What is kept for a while only: effects of forms, tries, codes. A stranger can write them, and must fill no disk."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.clock import now
from portal.models import Attempt, EmailCode, FormEffect

EFFECTS_KEPT = timedelta(days=7)
"""Nobody’s session lasts as long, and its forms do not outlive it."""
TRIES_KEPT = timedelta(days=2)
"""Longer than the longest window in which tries are counted."""
CODES_KEPT = timedelta(days=2)


def forget_old(session: Session) -> None:
    """Delete what no rule looks at any more."""
    session.execute(delete(FormEffect).where(FormEffect.at < now() - EFFECTS_KEPT))
    session.execute(delete(Attempt).where(Attempt.at < now() - TRIES_KEPT))
    session.execute(delete(EmailCode).where(EmailCode.expires_at < now() - CODES_KEPT))
