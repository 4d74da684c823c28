"""What is kept for a while only: effects of forms, tries, codes. A stranger can write them, and must fill no disk."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.models import Attempt, EmailCode, FormEffect, HalfSignIn, PasskeyChallenge, ProviderQuestion
from portal.services import kept_forms, retention


def forget_old(session: Session) -> None:
    """Delete what no rule looks at any more, after the times of the retention schedule."""
    effects, tries, codes = (retention.before(session, name) for name in ("form_effects", "attempts", "codes"))
    session.execute(delete(FormEffect).where(FormEffect.at < effects))
    session.execute(delete(Attempt).where(Attempt.at < tries))
    session.execute(delete(EmailCode).where(EmailCode.expires_at < codes))
    session.execute(delete(HalfSignIn).where(HalfSignIn.expires_at < codes))
    session.execute(delete(ProviderQuestion).where(ProviderQuestion.expires_at < codes))
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < codes))
    kept_forms.forget_old(session)
