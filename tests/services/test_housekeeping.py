"""What is kept for a while only goes when its time has come, and not before."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import now
from portal.db import Database
from portal.jobs.housekeeping import forget_old
from portal.models import Attempt, EmailCode, FormEffect
from portal.services import retention
from portal.services.limits import LIMITS
from tests.interviewing import account

MINUTE = timedelta(minutes=1)


def test_what_is_old_is_forgotten(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        holder = account(session)
        effects, tries, codes = (_kept(session, name) for name in ("form_effects", "attempts", "codes"))
        for late in (MINUTE, -MINUTE):
            at = now() - late
            session.add(FormEffect(owner=b"o", form_key=f"key{at}", body_hash=b"", location="/", at=at - effects))
            session.add(Attempt(action="sign_in", key=b"k", at=at - tries))
            code = EmailCode(account=holder, purpose="reset", code_hash=f"{at}".encode(), expires_at=at - codes)
            session.add(code)
    forget_old(worker_database)
    with worker_database.transaction() as session:
        for model in (FormEffect, Attempt, EmailCode):
            assert session.scalar(select(func.count()).select_from(model)) == 1, model


def _kept(session: Session, name: str) -> timedelta:
    return timedelta(days=retention.days(session, name))


def test_tries_are_kept_as_long_as_they_count(session: Session) -> None:
    assert max(limit.window for limit in LIMITS.values()) < _kept(session, "attempts")
