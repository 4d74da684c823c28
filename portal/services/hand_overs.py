"""Work that an officer who leaves still holds: a colleague of the same agency takes it over."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.errors import RuleViolation
from portal.domain.permissions import Permission
from portal.domain.registry import permissions_of
from portal.i18n import Lazy as _l
from portal.models import Officer, Review
from portal.services import adjudication, audit, reviews

NAME_A_COLLEAGUE = _l("Choose who takes over the applications that this officer holds")


def held(session: Session, officer: Officer) -> list[Review]:
    """The open reviews that this officer holds, the oldest first."""
    query = select(Review).where(Review.officer_id == officer.id, Review.state.in_(adjudication.HELD_REVIEW_STATES))
    return list(session.scalars(query.order_by(Review.opened_at)))


def colleagues(session: Session, officer: Officer) -> list[Officer]:
    """Who could take over: active officers of the same agency who review."""
    query = select(Officer).where(
        Officer.agency == officer.agency,
        Officer.id != officer.id,
        Officer.activated_at.is_not(None),
        Officer.disabled_at.is_(None),
    )
    able = [one for one in session.scalars(query) if Permission.REVIEW_WORK in permissions_of(one.roles)]
    return sorted(able, key=lambda one: (one.name or "").casefold())


def hand_over(session: Session, officer: Officer, to: Officer | None, *, by: Officer) -> int:
    """Give everything that `officer` holds to `to`; how many reviews that were.

    Raises RuleViolation where there is something to hand over, and nobody named who could take it.
    """
    held_now = held(session, officer)
    if held_now and (to is None or to not in colleagues(session, officer)):
        raise RuleViolation(NAME_A_COLLEAGUE)
    for review in held_now:
        assert to is not None
        adjudication.lock(session, review.application)
        session.refresh(review)
        if review.officer_id == officer.id and review.state in adjudication.HELD_REVIEW_STATES:
            reviews.assign(review, to.id)
            audit.record(session, "review:hand_over", review.application, by=by, agency=review.agency)
    return len(held_now)
