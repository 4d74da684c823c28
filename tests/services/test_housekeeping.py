"""What is kept for a while only goes when its time has come, and not before."""

from datetime import timedelta

from sqlalchemy import func, select

from portal.clock import now
from portal.db import Database
from portal.jobs.housekeeping import forget_old
from portal.models import Attempt, EmailCode, FormEffect
from portal.services.housekeeping import CODES_KEPT, EFFECTS_KEPT, TRIES_KEPT
from portal.services.limits import LIMITS
from tests.interviewing import account

MINUTE = timedelta(minutes=1)


def test_what_is_old_is_forgotten(worker_database: Database) -> None:
    with worker_database.transaction() as session:
        holder = account(session)
        for late in (MINUTE, -MINUTE):
            at = now() - late
            session.add(FormEffect(owner=b"o", form_key=f"key{at}", body_hash=b"", location="/", at=at - EFFECTS_KEPT))
            session.add(Attempt(action="sign_in", key=b"k", at=at - TRIES_KEPT))
            code = EmailCode(account=holder, purpose="reset", code_hash=f"{at}".encode(), expires_at=at - CODES_KEPT)
            session.add(code)
    forget_old(worker_database)
    with worker_database.transaction() as session:
        for model in (FormEffect, Attempt, EmailCode):
            assert session.scalar(select(func.count()).select_from(model)) == 1, model


def test_tries_are_kept_as_long_as_they_count() -> None:
    assert max(limit.window for limit in LIMITS.values()) < TRIES_KEPT
